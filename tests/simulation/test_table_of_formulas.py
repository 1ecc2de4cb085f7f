"""The table of docs/methods.md that says which test holds which element of the simulation."""

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_test_that_the_table_names_exists():
    text = (HERE.parents[1] / "docs/methods.md").read_text(encoding="utf-8")
    table = text.split("## The simulation against formulas")[1].split("\n## ")[0]
    named = set(re.findall(r"`(test_\w+)`", table))
    there = {
        name
        for path in HERE.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 50
    assert sorted(named - there) == []
