"""`partsim price-of-grading` on tables: small ones, wrong ones, and real ones where they are."""

import json
import sys
from pathlib import Path

import pytest

from partsim.cli.program import status_of

DATA = Path(__file__).parents[3] / "shared" / "data"
PARTS = """part,price,demand_per_year,lead_time_days,criticality,grade
pump,500,36.5,20,vital,A
seal,10,365,10,desirable,C
board,150,109.5,5,essential,A
hose,40,0,5,,B
"""


@pytest.fixture
def table(tmp_path):
    def write(text=PARTS):
        path = tmp_path / "parts.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_rules_as_text_and_as_json(table, capsys):
    assert status_of(["price-of-grading", table(), "--wait", "all=0.5", "--grades", "2"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("4 parts; cost per year")
    assert "as in the file" in text
    assert status_of(["price-of-grading", table(), "--wait", "all=0.5", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rules = {(row["rule"], row["promise"]): row for row in found["rules"]}
    assert found["parts"] == 4
    assert {"free", "economic", "value", "ng", "as in the file"} <= {rule for rule, _ in rules}
    least = rules["every part", "nothing"]["cost"]
    assert all(row["cost"] >= least * (1 - 1e-9) for row in found["rules"])


def test_a_tighter_wait_for_vital_parts_costs_more(table, capsys):
    costs = []
    for vital in ("2", "0.01"):
        waits = ["--wait", "all=1", "--wait", f"vital={vital}", "--json"]
        assert status_of(["price-of-grading", table(), *waits]) == 0
        costs.append(json.loads(capsys.readouterr().out)["rules"][0]["cost"])
    assert costs[0] < costs[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("price", "cost"), "price"),
        (("500,36.5", "-5,36.5"), "a number >= 0"),
        (("500,36.5", "0,36.5"), "a number > 0"),
        (("500,36.5", "500,"), "empty"),
        (("vital", "urgent"), "vital, essential or desirable"),
    ],
)
def test_wrong_cells_are_named(table, capsys, change, words):
    assert status_of(["price-of-grading", table(PARTS.replace(*change, 1))]) == 2
    assert words in capsys.readouterr().err


def test_a_file_that_is_no_table_of_parts_is_a_sentence(table, capsys):
    assert status_of(["price-of-grading", table("partsim: 1\nname: x\n")]) == 2
    assert "expected a column 'part', got only partsim: 1" in capsys.readouterr().err


def test_wrong_waits_and_no_parts_are_refused(table, capsys):
    assert status_of(["price-of-grading", table(), "--wait", "some=1"]) == 2
    assert "got 'some'" in capsys.readouterr().err
    assert status_of(["price-of-grading", table(), "--wait", "all=0"]) == 2
    assert status_of(["price-of-grading", table(PARTS.split("\n")[0] + "\n")]) == 2
    assert "expected records below the header, got none" in capsys.readouterr().err


@pytest.mark.skipif(not DATA.exists(), reason="the real tables lie outside this repository")
@pytest.mark.parametrize(
    ("name", "waits"),
    [
        ("oil_parts", ["vital=1", "essential=2", "desirable=5"]),
        ("man_parts", ["all=1"]),
    ],
)
def test_real_tables_stand_in_the_docs_as_they_are(name, waits, tmp_path, capsys):
    root = Path(__file__).parents[2]
    sys.path.insert(0, str(root / "benchmarks"))
    try:
        from grading_tables import write_tables
    finally:
        sys.path.pop(0)
    write_tables(DATA, tmp_path)
    options = [word for wait in waits for word in ("--wait", wait)]
    assert status_of(["price-of-grading", str(tmp_path / f"{name}.csv"), *options]) == 0
    printed = _costs(capsys.readouterr().out)
    page = _costs((root / "docs" / "price_of_grading.md").read_text(encoding="utf-8"))
    # Every cost lies within a gap of 1e-3 of its optimum; cuts of a score may be local optima.
    for rule, costs in printed.items():
        assert any(costs[0] == pytest.approx(cost, rel=2e-3) for cost in page[rule])


def _costs(text):
    """Costs by rule and promise, as the command prints them."""
    costs = {}
    for line in text.splitlines():
        rule, promise, cost = line[:16].strip(), line[17:33].strip(), line[34:48].strip()
        if promise in ("nothing", "fill rate", "wait price"):
            costs.setdefault((rule, promise), []).append(float(cost.replace(",", "")))
    assert costs
    return costs
