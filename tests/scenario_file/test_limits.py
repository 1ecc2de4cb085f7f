"""Limits, groups and volumes from tables and from the file."""

import numpy as np

from partsim.model.scenario import NO_LIMIT
from partsim.scenario_file.template import init_text
from tests.builders import scenario

LIMITS = "part,depot,min,max\npump,north,2,\nseal,central,,0\n"


def test_limits_come_from_a_table_and_an_empty_cell_is_no_limit(case):
    (case.folder / "limits.csv").write_text(LIMITS)
    found = case.read(replace=[("costs:", "limits: {table: limits.csv}\ncosts:")])
    rows = [limit.model_dump() for limit in found.limits]
    assert rows == [
        {"part": "pump", "depot": "north", "min": 2, "max": None},
        {"part": "seal", "depot": "central", "min": 0, "max": 0},
    ]


def test_a_wrong_cell_of_limits_is_named_with_its_place(case):
    (case.folder / "limits.csv").write_text(LIMITS + "pump,south,3,1\n")
    problems = case.problems(replace=[("costs:", "limits: {table: limits.csv}\ncosts:")])
    assert [line.split(": expected")[0] for line in problems] == [
        "limits.csv:4:1: limits.2",
        "limits.csv:4:6: limits.2.depot",
    ]


def test_groups_and_volumes_come_from_the_table_of_parts(case):
    text = "part,price,lifetime,mean_life,supplier,group,volume\n"
    text += "pump,5,fixed,9 d,plant,wet,1.5\nseal,5,fixed,9 d,plant,,\n"
    (case.folder / "parts.csv").write_text(text)
    head, _, rest = init_text().partition("parts: ")
    groups = "groups: {wet: {min_fill_rate: 90 %}}\n"
    tail = rest[rest.index("suppliers: ") :]
    parts = case.read(text=f"{head}{groups}parts: {{table: parts.csv}}\n{tail}").parts
    assert [(part.group, part.volume) for part in parts.values()] == [("wet", 1.5), (None, 0.0)]


def test_limits_are_arrays_of_parts_and_depots():
    one = {"part": "pump", "depot": "attic"}
    case = scenario(depots={"attic": {"supplied_by": "centre"}}, limits=[one | {"min": 2}])
    assert np.array_equal(case.least_stock, [[0, 2]])
    assert np.array_equal(case.most_stock, [[NO_LIMIT, NO_LIMIT]])
    assert np.array_equal(scenario(limits=[]).most_stock, [[NO_LIMIT]])


def test_least_and_most_may_be_the_same():
    row = {"part": "pump", "depot": "centre", "min": 4, "max": 4}
    case = scenario(limits=[row])
    assert (case.least_stock, case.most_stock) == ([[4]], [[4]])
