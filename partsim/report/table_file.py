"""One table as a file: CSV for people, Parquet for programs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from partsim.errors import InputError, Problem
from partsim.report.folder import refuse_existing, whole_bytes, whole_file
from partsim.report.tables import csv_text

if TYPE_CHECKING:
    import pandas as pd


def refuse_unwritable(path: Path) -> None:
    """
    Refuse a table's file before the work is done.

    Parameters
    ----------
    path : Path
        Of the file to come: Parquet if it ends in ``.parquet``, else CSV.

    Raises
    ------
    InputError
        If it exists already, or if it is to be Parquet and pyarrow is not installed.
    """
    refuse_existing(path)
    if _is_parquet(path) and find_spec("pyarrow") is None:
        message = (
            "expected pyarrow, which writes Parquet, got none; "
            "type: pip install 'partsim[parquet]', or name a file that ends in .csv"
        )
        raise InputError(Problem(message, file=str(path)))


def write_table(path: Path, table: pd.DataFrame) -> None:
    """
    Write a table into a file that appears only when it is complete.

    Parameters
    ----------
    path : Path
        Parquet if it ends in ``.parquet``, else CSV that spreadsheets open; must not exist.
    table : DataFrame
        Its index is left out.

    Raises
    ------
    InputError
        If the path exists, or cannot be written.
    """
    if _is_parquet(path):
        whole_bytes(path, table.to_parquet(engine="pyarrow", index=False))
    else:
        whole_file(path, csv_text(table), encoding="utf-8-sig")


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"
