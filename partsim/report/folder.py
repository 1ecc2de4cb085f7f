"""Outputs that are whole or not there at all: run folders, single files, and the manifest."""

from __future__ import annotations

import errno
import os
import platform
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex
from typing import Any

import partsim
from partsim.errors import InputError, Problem
from partsim.report.tables import strict_json

_DEPENDENCIES = (
    "highspy", "jinja2", "matplotlib", "numba", "numpy", "pandas", "pulp", "pydantic",
    "python-calamine", "PyYAML", "scipy", "simpy", "xlsxwriter",
)  # fmt: skip
_OUTPUT_ERRORS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG,
    errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.EIO,
    errno.EINVAL, errno.ELOOP, errno.ENOENT,
}  # fmt: skip


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """Say in one sentence why an output cannot be written."""
    try:
        yield
    except OSError as error:
        if error.errno not in _OUTPUT_ERRORS:
            raise
        reason = (error.strerror or str(error)).lower()
        raise InputError(Problem(f"cannot be written: {reason}", file=str(path))) from error


def refuse_existing(path: Path) -> None:
    """Refuse an output that is there already, best before anything long begins."""
    if os.path.lexists(path):
        message = "exists already and is never overwritten; name a new place"
        raise InputError(Problem(message, file=str(path)))


def _hidden(path: Path) -> Path:
    return path.with_name(f".{path.name}.{token_hex(4)}.partial")


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """
    Fill a folder that appears under its name only when it is complete.

    The work is done in a hidden folder beside it. On any exception, Ctrl-C too, that folder
    is removed and nothing stands under the final name.

    Parameters
    ----------
    path : Path
        The final name; must not exist. Missing parents are made.

    Yields
    ------
    Path
        The hidden folder to write into.

    Raises
    ------
    InputError
        If the path exists, or cannot be written.
    """
    path = Path(path)
    with _sentences(path):
        refuse_existing(path)
        hidden = _hidden(path)
        try:
            hidden.mkdir(parents=True)  # inside, for a Ctrl-C that comes at once
            yield hidden
            refuse_existing(path)  # it may have come while we worked
            hidden.rename(path)
        finally:
            shutil.rmtree(hidden, ignore_errors=True)


def whole_file(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """
    Write a file that appears under its name only when it is complete.

    Parameters
    ----------
    path : Path
        The final name; must not exist. Missing parents are made.
    text : str
        The content.
    encoding : str
        ``utf-8-sig`` for a table that a spreadsheet opens.

    Raises
    ------
    InputError
        If the path exists, or cannot be written.
    """
    whole_bytes(path, text.encode(encoding))


def whole_bytes(path: Path, content: bytes) -> None:
    """Write a file as `whole_file` does, of any content."""
    path = Path(path)
    with _sentences(path):
        refuse_existing(path)
        hidden = _hidden(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            hidden.write_bytes(content)
            refuse_existing(path)
            hidden.rename(path)
        finally:
            hidden.unlink(missing_ok=True)


def slug(name: str) -> str:
    """
    Make a name that every file system takes: small ASCII letters, digits and hyphens.

    Examples
    --------
    >>> slug("Concrete pumps, national"), slug("混凝土泵车")
    ('concrete-pumps-national', 'run')
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:40].strip("-") or "run"


def default_folder(name: str, scenario_text: str, started: datetime) -> Path:
    """
    Name a run's folder after its time, its scenario and the scenario's hash.

    Parameters
    ----------
    name : str
        Name of the scenario.
    scenario_text : str
        The resolved scenario.
    started : datetime
        In UTC.

    Returns
    -------
    Path
        A path under ``runs`` that does not exist yet.

    Examples
    --------
    >>> default_folder("Pumps", "partsim: 1", datetime(2026, 11, 21, 19, 30, 5)).as_posix()
    'runs/20261121T193005Z_pumps_098860'
    """
    digest = sha256(scenario_text.encode()).hexdigest()[:6]
    base = f"{started:%Y%m%dT%H%M%SZ}_{slug(name)}_{digest}"
    path, number = Path("runs") / base, 1
    while os.path.lexists(path):
        number += 1
        path = Path("runs") / f"{base}_{number}"
    return path


def manifest(
    *,
    command: Sequence[str],
    seed: int,
    inputs: Sequence[Path],
    scenario_text: str,
    started: datetime,
) -> dict[str, Any]:
    """
    Collect the facts that make a run traceable; `write_manifest` adds the outputs.

    Parameters
    ----------
    command : sequence of str
        The command line.
    seed : int
        Seed of the random numbers.
    inputs : sequence of Path
        Files that were read.
    scenario_text : str
        The scenario with all its changes and tables resolved.
    started : datetime
        Start of the run, in UTC.

    Returns
    -------
    dict
        What JSON can hold: schema, partsim, python, platform, versions, command, seed,
        inputs with sha256, scenario_sha256, started.
    """
    return {
        "schema": "partsim/manifest/1",
        "partsim": partsim.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: version(name) for name in _DEPENDENCIES},
        "command": " ".join(command),
        "seed": seed,
        "inputs": [{"file": str(path), "sha256": _file_hash(path)} for path in inputs],
        "scenario_sha256": sha256(scenario_text.encode()).hexdigest(),
        "started": f"{started:%Y-%m-%dT%H:%M:%SZ}",
    }


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """
    Write ``manifest.json`` last: the facts, the CPU time and every other file with its hash.

    Parameters
    ----------
    folder : Path
        The run's folder with all other outputs in it.
    facts : mapping
        By `manifest`.

    Raises
    ------
    OSError
        If the folder cannot be read or written.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    outputs = [{"file": path.relative_to(folder).as_posix(), "sha256": _file_hash(path)}
               for path in files]  # fmt: skip
    times = os.times()
    seconds = times.user + times.system + times.children_user + times.children_system
    whole = {**facts, "cpu_seconds": round(seconds, 2), "outputs": outputs}
    (folder / "manifest.json").write_text(strict_json(whole) + "\n", encoding="utf-8")


def _file_hash(path: Path) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()
