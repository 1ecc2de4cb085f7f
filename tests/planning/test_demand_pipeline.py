"""Demand without lifetimes from the plan to the report, alone and beside machines."""

import pytest
from python_calamine import CalamineWorkbook

from partsim import evaluate, run
from partsim.model.scenario import Scenario
from partsim.report.page import PICTURES, page_text, write_report
from tests.builders import plan, scenario_tree
from tests.simulation.agreement import agree, records

FILTERS = {"part": "filter", "depot": "centre", "customers": "rail", "rate": "70 per year"}


def tree(ratio=4):
    """Give machines that wear pumps out, and customers who order filters at the same depot."""
    return scenario_tree(
        parts={"filter": {"price": 90, "supplier": "plant"}},
        demand=[FILTERS | {"variance_to_mean": ratio}],
        tiers={"shops": {"customers": ["rail"], "promise": {"within": "5 d", "share": "85 %"}}},
        today={"stock": [
            {"part": part, "depot": "centre", "base_stock": 5, "on_hand": 4, "on_order": 1}
            for part in ("pump", "filter")
        ]},
        simulation={"years": 5, "replications": 6},
    )  # fmt: skip


def without_machines(changes):
    for key in ("machines", "fleets", "service"):
        del changes[key]
    del changes["parts"]["pump"], changes["tiers"]["everyone"], changes["today"]["stock"][0]
    return changes


CASES = {"mixed": tree(), "alone": without_machines(tree())}


@pytest.fixture(scope="module", params=CASES)
def result(request):
    return run(Scenario.model_validate(CASES[request.param]))


def test_a_run_keeps_the_promises_of_orders(result):
    promises = result.promises.set_index("tier")
    assert promises.loc["shops", "kept"] == "yes"
    units = result.outcome.promises.set_index("tier")["calls_per_year"]
    assert units["shops"] == pytest.approx(70, rel=0.2)
    assert result.today is not None
    assert set(result.orders["part"]) == set(result.scenario.part_ids)


def test_the_page_says_who_orders_and_what_ends_a_call(result):
    page = page_text(result, dict.fromkeys(PICTURES, "<svg></svg>"))
    machines = bool(result.scenario.fleets)
    assert "orders of 1 customer group. Money" in page
    assert ("10 machines and orders" in page) is machines
    assert "Answered within" in page
    assert "Running within" not in page
    assert "Each unit that customers order counts as a call" in page
    assert ("until a technician is free" in page) is machines
    assert ">nan" not in page


def test_the_folder_and_the_workbook_are_whole(result, tmp_path):
    write_report(result, tmp_path)
    stock = CalamineWorkbook.from_path(tmp_path / "plan.xlsx").get_sheet_by_name("Stock")
    assert [row[0] for row in stock.to_python()[1:]] == list(result.scenario.part_ids)
    figure = (tmp_path / "figures" / "responses.svg").read_text(encoding="utf-8")
    assert "from the order to the unit" in figure
    assert (tmp_path / "fleets.csv").read_text(encoding="utf-8").count("\n") == 1 + len(
        result.scenario.fleets
    )


@pytest.mark.parametrize("ratio", [1, 4])
def test_formula_and_simulation_agree_on_one_depot(ratio):
    """Fixed lead times: the negative binomial law is exact, unit by unit."""
    changes = without_machines(tree(ratio))
    changes["simulation"] |= {"years": 10, "warm_up": "1 year"}
    case = Scenario.model_validate(changes)
    decision = plan(case, 6)
    performance = evaluate(case, decision)
    played = records(case, decision)
    units = [len(record.responses[0]) for record in played]
    kept = [record.responses[0].within(5) for record in played]
    assert agree(performance.promises["share_modelled"].item(), kept, units)
    met = [record.from_shelf[0].sum() for record in played]
    assert agree(performance.depots["fill_rate"].item(), met, units)
    waited = [record.waited[0].sum() for record in played]
    assert agree(performance.depots["waiting_time_hours"].item() / 24, waited, units)
