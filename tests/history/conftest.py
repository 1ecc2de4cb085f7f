"""Tables of records in a file, and the real data sets beside the repository."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def table(tmp_path):
    """Give a function: text to the path of a CSV file."""

    def write(text, name="records.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def real():
    """Give a function: the path of a real table, or a skip that says what is missing."""

    def path_of(name):
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"real data set {name} is not beside this repository")
        return path

    return path_of
