"""partsim grades."""

from pathlib import Path


def test_each_part_is_explained_in_a_line(case, partsim):
    status, out, _ = partsim("grades", case)
    assert status == 0
    assert "by the rule weights" in out.splitlines()[0]
    assert "because of" in out.splitlines()[2]


def test_a_plan_adds_units_and_cost(case, partsim, partsim_json):
    partsim("optimise", case, "--quiet", "-o", "stock.csv")
    _, found = partsim_json("grades", case, "--plan", "stock.csv")
    assert found["rule"] == "weights"
    assert all(row["cost_per_year"] > 0 for row in found["grades"])
    _, evaluated = partsim_json("evaluate", case, "--plan", "stock.csv")
    shelves = sum(row["cost_per_year"] for row in found["grades"])
    assert 0 < shelves <= evaluated["plan_cost"]


def test_another_rule_can_be_tried_and_the_table_written_once(case, partsim):
    arguments = ("grades", case, "--set", "grading.rule=economic", "-o", "grades.csv")
    assert partsim(*arguments)[0] == 0
    assert Path("grades.csv").read_text("utf-8-sig").startswith("part,grade,letters,score,")
    assert partsim(*arguments)[0] == 2
