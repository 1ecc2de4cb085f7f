"""Tables as files of their own."""

import pandas as pd
import pytest

from partsim.errors import InputError
from partsim.report.table_file import refuse_unwritable, write_table

TABLE = pd.DataFrame({"part": ["0012", "=1+1"], "day": [0.1 + 0.2, 2.0], "visits": [1, 0]})


def test_a_name_that_is_not_parquet_gets_csv_that_is_safe_in_spreadsheets(tmp_path):
    path = tmp_path / "calls.csv"
    refuse_unwritable(path)
    write_table(path, TABLE)
    assert path.read_text(encoding="utf-8-sig") == "part,day,visits\n0012,0.3,1\n'=1+1,2,0\n"


def test_parquet_keeps_texts_and_numbers_as_they_are(tmp_path):
    pytest.importorskip("pyarrow", reason="pyarrow (extra 'parquet') is not installed")
    path = tmp_path / "new" / "calls.Parquet"
    refuse_unwritable(path)
    write_table(path, TABLE)
    pd.testing.assert_frame_equal(pd.read_parquet(path), TABLE, check_dtype=False)
    assert [file.name for file in path.parent.iterdir()] == ["calls.Parquet"]


def test_what_is_there_is_never_overwritten(tmp_path):
    path = tmp_path / "calls.parquet"
    path.write_text("mine")
    for refuse in (refuse_unwritable, lambda path: write_table(path.with_suffix(".csv"), TABLE)):
        path.with_suffix(".csv").write_text("mine")
        with pytest.raises(InputError, match="exists already"):
            refuse(path)
    assert path.read_text() == path.with_suffix(".csv").read_text() == "mine"
