"""`partsim init` from tables: a file that checks and runs, and options that cannot be."""

from pathlib import Path

import pytest


@pytest.fixture
def tables(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("parts.csv").write_text("part;price;vendor\n0012346;60;Acme\nNO;7;Acme\nTotal;67;\n")
    Path("stock.csv").write_text("part;max;min;stock\n0012346;3;1;2\nXX;3;1;2\n")


def test_init_from_tables_writes_a_scenario_that_runs(tables, partsim):
    status, out, err = partsim("init", "--parts", "parts.csv", "--stock", "stock.csv")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "wrote scenario.yaml",
        "parts.csv: UTF-8 text, ';' between cells, header in row 1, 3 rows below the header",
        "parts.csv: 1 row dropped: totals (row 4)",
        "stock.csv: UTF-8 text, ';' between cells, header in row 1, 2 rows below the header",
        "stock.csv: 1 row dropped: part not in the scenario (row 3)",
        "next: partsim run scenario.yaml",
    ]
    status, out, _ = partsim("check", "scenario.yaml")
    assert status == 0
    assert "parts.csv: 1 row dropped: totals (row 4)" in out
    assert partsim("run", "scenario.yaml", "--quiet", "-o", "out")[0] == 0
    assert Path("out/report.html").exists()


def test_a_history_of_demand_becomes_a_table_beside_the_scenario(tables, partsim):
    Path("history.csv").write_text("part,2025-01-01,2025-02-01,2025-03-01\nNO,0,6,0\nold,1,1,1\n")
    status, out, err = partsim("init", "--parts", "parts.csv", "--demand", "history.csv")
    assert (status, err) == (0, "")
    assert "scenario_demand.csv: demand by `partsim fit-demand history.csv`" in out
    assert "scenario_demand.csv: 1 row dropped: part not in the scenario (row 3)" in out
    assert partsim("fit-demand", "history.csv", "-o", "alone.csv")[0] == 0
    assert Path("alone.csv").read_bytes() == Path("scenario_demand.csv").read_bytes()
    status, out, _ = partsim("optimise", "scenario.yaml")
    assert status == 0
    assert "0012346,central,A,0," in out  # nobody orders it


def test_where_nothing_can_be_drafted_no_table_is_left(tables, partsim):
    Path("history.csv").write_text("part,2025-01-01,2025-02-01\nNO,0,6\n")
    Path("parts.csv").write_text("part;price\nNO;x\n")
    assert partsim("init", "--parts", "parts.csv", "--demand", "history.csv")[0] == 2
    assert sorted(path.name for path in Path().iterdir()) == [
        "history.csv", "parts.csv", "stock.csv"
    ]  # fmt: skip


def test_check_json_has_the_notes(tables, partsim, partsim_json):
    partsim("init", "--parts", "parts.csv")
    _, found = partsim_json("check", "scenario.yaml")
    assert len(found["notes"]) == 2


def test_the_scenario_may_stand_elsewhere(tables, partsim):
    Path("sub").mkdir()
    assert partsim("init", "sub/case.yaml", "--parts", "parts.csv", "--columns", "english")[0] == 0
    assert "table: ../parts.csv" in Path("sub/case.yaml").read_text().replace('"', "")
    assert partsim("check", "sub/case.yaml")[0] == 0


def test_init_from_tables_never_overwrites(tables, partsim):
    Path("scenario.yaml").write_text("mine")
    assert partsim("init", "--parts", "parts.csv")[0] == 2
    assert Path("scenario.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--stock", "stock.csv"], "expected --parts with the other tables, got none"),
        (["--parts", "none.csv"], "none.csv: expected a file, there is none of this name"),
        (["--parts", "parts.csv", "--columns", "oracle"], "'oracle' is not one of"),
        (["--parts", "parts.csv", "--columns", "sap"], "expected a heading for 'part'"),
    ],
)
def test_wrong_arguments_are_a_sentence_and_write_nothing(tables, partsim, arguments, sentence):
    if "sap" in arguments:
        Path("parts.csv").write_text("code;price\nA;5\n")
    status, out, err = partsim("init", *arguments)
    assert (status, out) == (2, "")
    assert sentence in err
    assert not Path("scenario.yaml").exists()


def test_a_table_without_rows_is_named_itself(tables, partsim):
    Path("parts.csv").write_text("part;price\n")
    status, _, err = partsim("init", "--parts", "parts.csv")
    assert (status, err) == (2, "parts.csv: expected rows below the header, got none\n")
