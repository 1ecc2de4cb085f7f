"""Files to text: every way in which a file is no readable text, said in one sentence."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from partsim.errors import InputError, Problem

MOST_BYTES = 64 * 2**20


def read_bytes(path: Path) -> bytes:
    """
    Read a file of at most 64 MB.

    Raises
    ------
    InputError
        If there is no such file, or it is a folder, unreadable or too large.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(Problem(_unreadable(path, error), file=file)) from None
    if len(content) > MOST_BYTES:
        raise InputError(Problem("expected a file of at most 64 MB, got a larger one", file=file))
    return content


def read_text(path: Path) -> str:
    r"""
    Read a UTF-8 text file, with or without byte order mark.

    Parameters
    ----------
    path : Path
        File of at most 64 MB.

    Returns
    -------
    str
        The text, with line ends as ``\n``.

    Raises
    ------
    InputError
        If there is no such file, or it is a folder, unreadable, too large, binary or not UTF-8.

    Examples
    --------
    >>> read_text(Path("no/such/file.yaml"))
    Traceback (most recent call last):
    partsim.errors.InputError: no/such/file.yaml: expected a file, there is none of this name
    """
    file = str(path)
    content = read_bytes(path)
    if b"\0" in content:
        raise InputError(Problem("expected UTF-8 text, got a binary (or UTF-16) file", file=file))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = place_of_byte(content, error.start)
        message = (
            f"expected UTF-8 text, got the byte {content[error.start]:#04x}; "
            "save the file as UTF-8 (a table: as 'CSV UTF-8')"
        )
        raise InputError(Problem(message, file=file, line=line, column=column)) from None
    return one_line_end(text)


def one_line_end(text: str) -> str:
    """Write the line ends of every system as one."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def place_of_byte(content: bytes, at: int) -> tuple[int, int]:
    """Give line and column of a byte, counted from 1."""
    return content.count(b"\n", 0, at) + 1, at - content.rfind(b"\n", 0, at)


def _unreadable(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, IsADirectoryError):
        return "expected a file, got a folder"
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        folder = path.parent
        names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
        close = get_close_matches(path.name, names, n=1)
        hint = f"; did you mean '{folder / close[0]}'?" if close else ""
        return f"expected a file, there is none of this name{hint}"
    if isinstance(error, PermissionError):
        return "expected a file that can be read, got one without permission"
    return f"expected a file that can be read, got: {error}"
