"""Demand without lifetimes in a scenario file: rows, tables, and what fit-demand writes."""

import numpy as np
import pytest

from partsim.grading.facts import facts_of
from partsim.grading.letters import second_letters
from partsim.model.depot_demand import Counter
from partsim.model.ordered_units import ordered_units
from partsim.model.scenario import Scenario
from partsim.scenario_file.reading import table_notes

TEXT = """
partsim: 1
currency: CNY
parts:
  valve: {price: 60 k, supplier: importer}
  hose: {price: 90, supplier: importer}
suppliers:
  importer: {kind: outsourced, lead_time: {gamma: {mean: 60 d, cv: 0.5}}}
depots:
  central: {supplied_by: suppliers}
  north: {supplied_by: central, transport_time: 2 d}
DEMAND
tiers:
  gold: {customers: [mines, ports], promise: {within: 24 h, share: 92 %}}
  basic: {customers: [farms], promise: {within: 3 d, share: 80 %}}
grading:
  weights: {price: 1}
  cuts: {A: 0.6, B: 0.3}
  grades: {A: {approval_time: 7 d}, B: {}, C: {}}
costs: {holding: 20 % per year}
"""
ROWS = """
demand:
  - {part: valve, depot: north, customers: mines, rate: 365 per year}
  - {part: valve, depot: north, customers: ports, rate: 3 per d, variance_to_mean: 5}
  - {part: valve, depot: central, customers: farms, rate: 7 per week, variance_to_mean: 2}
  - {part: hose, depot: north, customers: farms, rate: 0 per year}
"""
TABLE = "part,depot,customers,demand_per_year,pattern,variance_ratio\n"
OPTIONS = (
    "demand: {table: demand.csv, columns: english, defaults: {customers: farms, depot: north}}"
)


@pytest.fixture
def read(case):
    """The scenario with a branch `demand`, and what is wrong with it."""
    case.demand = lambda branch: case.read(text=TEXT.replace("DEMAND", branch))
    case.wrong = lambda branch: case.problems(text=TEXT.replace("DEMAND", branch))
    return case


def test_rows_become_rates_by_tier_and_the_variance_of_all(read):
    scenario = read.demand(ROWS)
    orders = ordered_units(scenario)
    assert orders.rate == pytest.approx(np.array([[[0, 1], [4, 0]], [[0, 0], [0, 0]]]))
    # Independent orders: variances add up.
    assert orders.ratio == pytest.approx(np.array([[2, (1 * 1 + 3 * 5) / 4], [1, 1]]))


def test_counters_call_beside_the_fleets(read):
    scenario = read.demand(ROWS)
    north, central = ("north", "mines"), ("central", "farms")
    assert scenario.counters == (north, ("north", "ports"), central, ("north", "farms"))
    assert scenario.counters[0] == Counter(depot="north", customers="mines")
    assert scenario.caller_tiers == ("gold", "gold", "basic", "basic")
    assert scenario.caller_depots == ("north", "north", "central", "north")
    assert scenario.demand_parts.all()
    assert not scenario.fleets


def test_an_order_has_nothing_but_the_wait(read):
    scenario = read.demand(ROWS)
    assert scenario.patience("valve", "north", "gold") == 1.0


def test_the_scenario_reads_back_as_it_was_written(read):
    scenario = read.demand(ROWS)
    assert Scenario.model_validate(scenario.to_tree()) == scenario
    assert scenario.to_tree()["demand"][0]["rate"] == "365 per year"


def test_what_is_ordered_is_graded_by_its_rate(read):
    facts = facts_of(read.demand(ROWS))
    assert facts.use == pytest.approx([5 * 365, 0])
    assert np.isfinite(facts.wear).all()
    assert second_letters(read.demand(ROWS), facts) == ("EX", "EZ")


def test_the_table_of_fit_demand_is_taken_as_it_is(read):
    (read.folder / "demand.csv").write_text(
        TABLE + "valve,,mines,12,smooth,1.5\nhose,central,,6,,\n"
    )
    scenario = read.demand(OPTIONS)
    assert [row.rate * 365 for row in scenario.demand] == pytest.approx([12, 6])
    assert [row.variance_to_mean for row in scenario.demand] == [1.5, 1]
    assert [row.counter for row in scenario.demand] == [("north", "mines"), ("central", "farms")]


@pytest.mark.parametrize(
    ("heading", "unit", "rate"),
    [
        ("Rate (per month)", "", 12 * 12 / 365),
        ("usage per week", "", 12 / 7),
        ("rate", "units: {rate: per day}", 12),
        ("rate", "units: {rate: per year}", 12 / 365),
    ],
)
def test_the_unit_of_a_rate_stands_in_the_heading_or_beside_the_table(read, heading, unit, rate):
    rows = f"part,depot,customers,{heading}\nvalve,north,mines,12\nhose,north,farms,12\n"
    (read.folder / "demand.csv").write_text(rows)
    scenario = read.demand("demand: {table: demand.csv, columns: english, " + unit + "}")
    assert scenario.demand[0].rate == pytest.approx(rate)


def test_a_rate_without_a_unit_is_refused_in_its_cell(read):
    (read.folder / "demand.csv").write_text(
        "part,depot,customers,rate\nvalve,north,mines,12\nhose,north,farms,3 per year\n"
    )
    assert read.wrong("demand: {table: demand.csv}") == [
        "demand.csv:2:19: demand.0.rate: expected a rate such as '12 per year', got '12'"
    ]


def test_a_table_that_is_not_there_is_the_one_problem(read):
    problems = read.wrong("demand: {table: demand.csv}")
    assert len(problems) == 1
    assert "demand.csv: expected a file, there is none of this name" in problems[0]


def test_parts_of_a_table_need_no_life_where_there_is_demand(read):
    (read.folder / "parts.csv").write_text(
        "part,price,supplier\nvalve,60 k,importer\nhose,90,importer\n"
    )
    parts = "parts: {table: parts.csv}\nold:\n  valve"
    text = TEXT.replace("parts:\n  valve", parts).replace("old:\n  valve: {price: 60 k, supplier: importer}\n  hose: {price: 90, supplier: importer}\n", "")  # fmt: skip  # noqa: E501
    assert read.read(text=text.replace("DEMAND", ROWS)).demand_parts.all()
    problems = read.problems(text=text.replace("DEMAND", ""))
    assert "parts.csv:1:1: expected a column 'lifetime', got only part, price, supplier" in problems


def test_parts_that_the_records_do_not_name_are_ordered_by_nobody_and_noted(read):
    (read.folder / "demand.csv").write_text("part,depot,customers,rate\nhose,north,farms,3 per d\n")
    text = TEXT.replace("DEMAND", "demand: {table: demand.csv}").replace(
        "[mines, ports]", "[farms]"
    )
    text = text.replace("  basic: {customers: [farms], promise: {within: 3 d, share: 80 %}}\n", "")
    scenario = read.read(text=text)
    rows = [(row.part, row.depot, row.rate) for row in scenario.demand]
    assert rows == [("hose", "north", 3), ("valve", "north", 0)]
    notes = "\n".join(table_notes(read.folder / "case.yaml"))
    assert "no row for 1 of the parts without a lifetime, taken as ordered by nobody (val" in notes


def test_a_tier_whose_customers_order_nothing_is_refused(read):
    rows = ROWS.replace("7 per week", "0 per week")
    assert read.wrong(rows) == [
        "case.yaml:21:11: tiers.basic.customers: expected a tier with at least one fleet or "
        "demand, got none; a promise to nobody cannot be planned for"
    ]


def test_plans_leave_tiers_to_those_who_order(case):
    row = "demand: [{part: bolt, depot: north, customers: farms, rate: 3 per year}]\n"
    bolt = ("  seal:", "  bolt: {price: 5, supplier: plant}\n  seal:")
    tier = "  farmers: {customers: [farms], promise: {within: 3 d, share: 80 %}}\n"
    farms, plan = ("  gold:", f"{tier}  gold:"), "plans: [{customers: [others], tier: basic}]\n"
    replace = [bolt, farms, ("fleets:", f"{row}{plan}fleets:")]
    assert case.read(replace=replace).caller_tiers[-1] == "farmers"
    nothing = row.replace("3 per year", "0 per year")
    (problem,) = case.problems(replace=[bolt, farms, ("fleets:", f"{nothing}{plan}fleets:")])
    assert "tiers.farmers: expected a tier that the plans leave at least one fleet, g" in problem


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("5}", "0.5}"), "expected a number >= 1, got 0.5"),
        (("5}", "1e5}"), "expected a number <= 10,000, got 1e5"),
        (("3 per d", "3 %"), "expected a rate of units such as '12 per year', got '3 %'"),
        (("3 per d", "1e7 per d"), "expected a number <= 1,000,000, got '1e7 per d'"),
        (("hose, depot: north, customers: farms", "valve, depot: central, customers: farms"),
         "expected one row for each part, depot and customers, got valve at central for farms"),
        (("hose,", "tube,"), "expected the name of a part (valve, hose), got 'tube'"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_a_sentence(read, change, problem):
    assert any(problem in line for line in read.wrong(ROWS.replace(*change)))
