"""Text of tables in the encodings that spreadsheets and ERP systems write, told apart by bytes."""

from __future__ import annotations

import codecs
from typing import Literal, get_args

from partsim.errors import InputError, Problem
from partsim.tables.text_files import one_line_end, place_of_byte

Encoding = Literal[
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5", "shift_jis",
    "cp1250", "cp1251", "cp1252",
]  # fmt: skip
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def decode_table(content: bytes, file: str, encoding: Encoding | None) -> tuple[str, str]:
    r"""
    Decode the text of a table.

    Parameters
    ----------
    content : bytes
        The whole file.
    file : str
        Its name in problems.
    encoding : str or None
        None tells UTF-8, UTF-16 with byte order mark, and GB18030 (with GBK and GB2312) apart.

    Returns
    -------
    text, encoding : str
        Line ends are ``\n``; the encoding that was used, for people.

    Raises
    ------
    InputError
        If it is no text in the encoding, or in none of those that are told apart.

    Notes
    -----
    Almost any Western text decodes as GB18030, into characters that nobody writes. It is
    refused unless nine in ten of its characters are among the 6,763 common ones of GB2312.

    Examples
    --------
    >>> decode_table("物料编码".encode("gbk"), "parts.csv", None)
    ('物料编码', 'GB18030')
    """
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    name = encoding or marked or _guess(content, file)
    try:
        text = content.decode("utf-8-sig" if name == "utf-8" else name)
    except UnicodeDecodeError as error:
        at = "" if name.startswith("utf-16") else f"the byte {content[error.start]:#04x}"
        place = place_of_byte(content, error.start) if at else (0, 0)
        message = f"expected {name.upper()} text, got {at or 'something else'}"
        raise InputError(Problem(message, "", file, *place)) from None
    if "\0" in text:
        hint = ", ".join(ENCODINGS)
        message = f"expected {name.upper()} text, got NUL characters; encodings are {hint}"
        raise InputError(Problem(message, file=file))
    return one_line_end(text.removeprefix("\ufeff")), name.upper()


def _guess(content: bytes, file: str) -> str:
    if b"\0" in content:
        message = (
            "expected UTF-8 text, got a binary (or UTF-16) file; "
            "UTF-16 without byte order mark needs 'encoding: utf-16-le'"
        )
        raise InputError(Problem(message, file=file))
    try:
        content.decode()
    except UnicodeDecodeError as error:
        if _is_chinese(content):
            return "gb18030"
        byte, place = content[error.start], place_of_byte(content, error.start)
        message = (
            f"expected UTF-8, UTF-16 or GB18030 text, got the byte {byte:#04x}; save the table "
            "as 'CSV UTF-8', or name its encoding, such as 'encoding: cp1252'"
        )
        raise InputError(Problem(message, "", file, *place)) from None
    return "utf-8"


def _is_chinese(content: bytes) -> bool:
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    foreign = [character for character in text if character > "\x7f"]
    known = "".join(foreign).encode("gb2312", errors="ignore")
    # Rows 16 to 55 of GB 2312 are its 3,755 common characters. Two accented letters of Western
    # text make a rare one: "Größe" in cp1252 would read "Gr鲞e".
    common = sum(0xB0 <= byte <= 0xD7 for byte in known[::2])
    return len(known) / 2 >= 0.9 * len(foreign) and common >= 0.5 * len(foreign)
