"""The next best units: what `assess` says of each, one by one."""

import numpy as np
import pytest

from partsim import evaluate, optimise
from partsim.optimisation.next_units import next_units
from tests import builders
from tests.optimisation.test_against_brute_force import two_echelons
from tests.optimisation.test_optimiser import one_depot


def measured(case, plan, measure):
    """Give the measure and the cost of a plan by evaluation."""
    result = evaluate(case, plan)
    if measure == "promises":
        calls = result.promises["calls_per_year"]
        return (result.promises["share_modelled"] * calls).sum() / calls.sum(), result.plan_cost
    if measure.startswith("fill rate at "):
        depot = result.depots.set_index("depot").loc[measure.removeprefix("fill rate at ")]
        return depot["fill_rate"], result.plan_cost
    served = result.cells[result.cells["depot"] != "centre"]  # the centre serves no machines
    return -served["expected_backorders"].sum(), result.plan_cost


@pytest.mark.parametrize("measure", ["promises", "backorders", "fill rate at east"])
def test_each_unit_is_the_best_of_all_single_units_by_evaluation(measure):
    case = two_echelons(3)
    levels = np.array([[1, 0, 0], [1, 1, 0]])
    plan = builders.plan(case, levels)
    for row in next_units(case, plan, measure=measure, most=3).itertuples():
        before, cost = measured(case, builders.plan(case, levels), measure)
        worth = {}
        for p, d in np.ndindex(levels.shape):
            more = levels.copy()
            more[p, d] += 1
            after, its_cost = measured(case, builders.plan(case, more), measure)
            worth[p, d] = (after - before) / case.prices[p], after - before, its_cost - cost
        best = max(worth, key=worth.get)
        assert (row.part, row.depot) == (case.part_ids[best[0]], case.depot_ids[best[1]])
        assert (row.gain, row.cost_per_year) == pytest.approx(worth[best][1:], rel=1e-9)
        assert row.gain_per_1000 == pytest.approx(1000 * worth[best][0], rel=1e-9)
        levels[best] += 1
        assert row.base_stock == levels[best]
        sign = -1 if measure == "backorders" else 1
        assert row.value == pytest.approx(sign * measured(case, builders.plan(case, levels),
                                                          measure)[0], rel=1e-9)  # fmt: skip


def test_the_budget_line_adds_up_the_prices():
    case = two_echelons(1)
    table = next_units(case, optimise(case), most=6)
    assert table["investment"].tolist() == table["price"].cumsum().tolist()


def test_where_stock_is_plenty_nothing_is_listed():
    case = one_depot()
    assert next_units(case, builders.plan(case, 60)).empty


def test_the_scenarios_limits_are_kept():
    case = one_depot(limits=[{"part": "pump", "depot": "centre", "max": 3}])
    assert next_units(case, builders.plan(case, 2))["base_stock"].tolist() == [3]


def test_a_part_without_demand_and_lots_are_no_obstacle():
    case = one_depot(parts={"spare": {"price": 1, "lifetime": {"fixed": "9 d"},
                                      "supplier": "plant"}})  # fmt: skip
    plan = builders.plan(case, 2, order_quantity=2)
    assert set(next_units(case, plan, most=3)["part"]) == {"pump"}


def test_wrong_arguments_are_refused_in_a_sentence():
    case = one_depot()
    with pytest.raises(ValueError, match=r"most: expected whole numbers >= 1, got 0"):
        next_units(case, builders.plan(case, 1), most=0)
    with pytest.raises(ValueError, match="measure: expected one of backorders, promises"):
        next_units(case, builders.plan(case, 1), measure="speed")
