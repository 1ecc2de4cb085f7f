# ruff: noqa: E501 - problem lines are quoted whole
"""Tables of depots, machines, lead times and lots: what their rows become."""

import pytest

from partsim.scenario_file.reading import table_notes
from partsim.scenario_file.template import init_text

DEPOTS = (
    "depot,supplied_by,transport_time,travel_time\ncentral,suppliers,,\nnorth,central,3 d,5 h\n"
)


def with_depots(case, table):
    (case.folder / "depots.csv").write_text(table)
    head, _, rest = init_text().partition("depots: ")
    return f"{head}depots: {{table: depots.csv}}\n{rest[rest.index('machines:') :]}"


def test_depots_come_from_a_table(case):
    depots = case.read(text=with_depots(case, DEPOTS)).depots
    assert list(depots) == ["central", "north"]
    assert depots["north"].transport_time == 3
    assert depots["north"].travel_time.distribution.mean == pytest.approx(5 / 24)
    assert depots["central"].travel_time is None


def test_each_depot_has_one_row(case):
    problems = case.problems(text=with_depots(case, DEPOTS + "north,central,4 d,\n,central,,\n"))
    assert problems == [
        "depots.csv:4:1: depots: expected a name of its own in each row, got 'north' also in line 3",
        "depots.csv:5:1: depots: expected a name of its own in each row, got nothing",
    ]


def with_machines(case, table, options=""):
    (case.folder / "bom.csv").write_text(table)
    return [("machines:\n", f"machines: {{table: bom.csv{options}}}\n"),
            ("  machine: {positions: {pump: 1, seal: 2}}", "")]  # fmt: skip


def test_machines_come_from_a_table_of_their_parts(case):
    table = "machine,part,count\nmachine,pump,1\nmachine,seal,2\n"
    assert case.read(replace=with_machines(case, table)) == case.read()


def test_a_part_stands_once_in_a_machine(case):
    table = "machine,part,count\nmachine,pump,1\nmachine,pump,2\nmachine,seel,x\n"
    assert case.problems(replace=with_machines(case, table)) == [
        "bom.csv:3:9: machines.machine.positions: expected each part of a machine once, got 'pump' again",
        "bom.csv:4:14: machines.machine.positions.seel: expected a whole number, got 'x'",
    ]


def test_rows_of_unknown_parts_are_dropped_if_wanted(case):
    table = "machine,part,count\nmachine,pump,1\nmachine,other,2\n"
    replace = with_machines(case, table)
    assert "got 'other'" in case.problems(replace=replace)[0]
    scenario = case.read(replace=with_machines(case, table, ", drop_unknown: [part]"))
    assert scenario.machines["machine"].positions == {"pump": 1}
    notes = table_notes(case.folder / "case.yaml")
    assert notes[-1].endswith("1 row dropped: part not in the scenario (row 3)")


def with_lead_times(case, rows):
    (case.folder / "parts.csv").write_text(
        f"part,price,lifetime,mean_life,supplier,lead_time\n{rows}"
    )
    head, _, rest = init_text().partition("parts: ")
    return f"{head}parts: {{table: parts.csv}}\n{rest[rest.index('suppliers: ') :]}"


def test_a_part_with_a_lead_time_has_its_supplier_but_for_that(case):
    rows = (
        "pump,60 k,exponential,18 months,importer,44 d\nseal,5,exponential,8 months,importer,44 d\n"
    )
    scenario = case.read(text=with_lead_times(case, rows))
    assert {part.supplier for part in scenario.parts.values()} == {"importer 44 d"}
    own, general = scenario.suppliers["importer 44 d"], scenario.suppliers["importer"]
    assert own.lead_time.model_dump() == {
        **general.lead_time.model_dump(),
        "gamma": {"mean": 44, "cv": 0.5, "shape": None},
    }
    assert own.kind == general.kind
    assert general.lead_time.distribution.mean == 60


@pytest.mark.parametrize("cell", ["", "0", "0 d", "0.0 weeks"])
def test_no_lead_time_or_zero_means_the_suppliers(case, cell):
    rows = f"pump,60 k,exponential,18 months,importer,{cell}\nseal,5,exponential,8 months,plant,\n"
    scenario = case.read(text=with_lead_times(case, rows))
    assert scenario.parts["pump"].supplier == "importer"
    assert list(scenario.suppliers) == ["importer", "plant"]


def test_a_fixed_lead_time_stays_fixed(case):
    rows = "pump,60 k,exponential,18 months,importer,44 d\nseal,5,exponential,8 months,plant,9 d\n"
    text = with_lead_times(case, rows).replace("{gamma: {mean: 60 d, cv: 0.5}}", "60 d")
    text = text.replace("{gamma: {mean: 14 d, cv: 0.3}}", "{fixed: 14 d}")
    suppliers = case.read(text=text).suppliers
    assert suppliers["importer 44 d"].lead_time.fixed == 44
    assert suppliers["plant 9 d"].lead_time.fixed == 9


def test_a_wrong_lead_time_is_said_at_its_cell(case):
    rows = "pump,60 k,exponential,18 months,importer,44\nseal,5,exponential,8 months,nobody,9 d\n"
    problems = case.problems(text=with_lead_times(case, rows))
    assert [line.partition(": expected")[0] for line in problems] == [
        "parts.csv:2:42: suppliers.importer 44.lead_time.gamma.mean",
        "parts.csv:3:29: parts.seal.supplier",
    ]


def with_today(case, rows):
    (case.folder / "stock.csv").write_text(f"part,depot,base_stock,on_hand,reorder_point\n{rows}")
    return [("costs:", "today: {table: stock.csv}\ncosts:")]


@pytest.mark.parametrize(("point", "lot"), [("4", 6), ("9", 1), ("10", 1), ("12", 1), ("", 1)])
def test_an_order_at_the_reorder_point_fills_up_to_the_base_stock(case, point, lot):
    scenario = case.read(replace=with_today(case, f"pump,central,10,3,{point}\n"))
    assert scenario.today.stock[0].order_quantity == lot


def test_a_reorder_point_of_a_field_depot_is_not_used_and_noted(case):
    scenario = case.read(replace=with_today(case, "pump,north,10,3,4\n"))
    assert scenario.today.stock[0].order_quantity == 1
    notes = table_notes(case.folder / "case.yaml")
    assert "reorder_point is not used at depots that another depot supplies (row 2)" in notes[-1]


def test_a_reorder_point_that_is_no_whole_number_is_a_problem(case):
    assert case.problems(replace=with_today(case, "pump,central,10,3,x\n")) == [
        "stock.csv:2:19: today.stock: expected whole numbers, got 'x' and base_stock '10'"
    ]


LOCATIONS = "part,depot,storage_location,base_stock,on_hand,on_order\n"


def with_locations(case, rows):
    (case.folder / "stock.csv").write_text(LOCATIONS + rows)
    return [("costs:", "today: {table: stock.csv}\ncosts:")]


def test_stock_at_several_storage_locations_is_the_depots(case):
    rows = "pump,central,0001,10,3,\npump,north,0001,2,1,\npump,central,0002,10,4,5\n"
    stock = case.read(replace=with_locations(case, rows)).today.stock
    assert [(s.depot, s.base_stock, s.on_hand, s.on_order) for s in stock] == [
        ("central", 10, 7, 5),
        ("north", 2, 1, 0),
    ]
    notes = table_notes(case.folder / "case.yaml")
    assert "2 rows of storage locations added up, depot by depot" in notes[-1]


def test_storage_locations_that_disagree_about_the_depot_are_a_problem(case):
    rows = "pump,central,0001,10,3,\npump,central,0002,12,4,\n"
    assert case.problems(replace=with_locations(case, rows)) == [
        "stock.csv:3:19: today.stock: expected the base_stock of the whole depot, the same at each "
        "storage location, got '12' beside '10'"
    ]


def test_a_wrong_count_at_a_storage_location_is_said_at_its_cell(case):
    rows = "pump,central,0001,10,3,\npump,central,0002,10,x,\n"
    problems = case.problems(replace=with_locations(case, rows))
    assert [line.partition(": expected")[0] for line in problems] == [
        "stock.csv:3:22: today.stock.0.on_hand"
    ]


@pytest.mark.parametrize("second", ["0001", ""])
def test_rows_that_storage_locations_do_not_tell_apart_are_not_added_up(case, second):
    rows = f"pump,central,0001,10,3,\npump,central,{second},10,4,\n"
    (problem,) = case.problems(replace=with_locations(case, rows))
    assert "pump" in problem
