"""Old workbooks (.xls), read in a process of their own: a broken one may take all memory."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from typing import Any

from partsim.errors import InputError, Problem

MOST_MEMORY = 2**31
MOST_SECONDS = 60


@lru_cache(maxsize=1)
def old_sheets(content: bytes, file: str) -> dict[str, list[list[Any]]]:
    """
    Read every sheet of an .xls file.

    Parameters
    ----------
    content : bytes
        The whole file.
    file : str
        Its name in problems.

    Returns
    -------
    dict of str to list of list
        Texts, numbers and truth values by sheet, from cell A1 on. Do not change it.

    Raises
    ------
    InputError
        If the reader fails, or needs more than 60 s or (where the system can limit it) 2 GB.
    """
    command = [sys.executable, "-m", "partsim.tables.old_workbooks"]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=MOST_SECONDS, check=True
        )
        sheets: dict[str, list[list[Any]]] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        message = "expected an Excel workbook (.xls, no password), got one that cannot be read"
        raise InputError(Problem(f"{message}; save it as .xlsx", file=file)) from None
    return sheets


def _read_standard_input() -> None:
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    workbook = CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read()))
    sheets = {
        name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in workbook.sheet_names
    }
    sys.stdout.write(json.dumps(sheets, default=str))


if __name__ == "__main__":
    _read_standard_input()
