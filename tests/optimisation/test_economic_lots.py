"""Lots from suppliers: the cheapest multiple of a pack, and no less than is delivered."""

import numpy as np
import pytest

from partsim import optimise, simulate
from partsim.model.checks import find_contradictions
from partsim.optimisation.economic_lots import whole_packs
from tests.builders import scenario, scenario_tree


def lot_of(order=50, part=None, **changes):
    cheap = {"pump": {"price": 20} | (part or {})}
    return optimise(scenario(parts=cheap, costs={"order": order}, **changes))


@pytest.mark.parametrize("pack", [2, 7, 10, 64])
def test_the_multiple_is_the_cheapest_of_all(pack):
    for best in (0.3, 3.0, 9.9, 14.1, 14.2, 33.0, 100.0):
        multiples = np.arange(1, 400) * pack
        cheapest = multiples[(best / multiples + multiples / best).argmin()]
        assert whole_packs(np.array(best), np.array(pack)) == cheapest


def test_lots_are_whole_packs_near_the_economic_lot():
    free = lot_of().order_quantity.item()
    assert free == 30  # sqrt(2 * 36.5 * 50 / 4) is 30.2
    assert lot_of(part={"order_multiple": 8}).order_quantity.item() == 32
    assert lot_of(part={"order_multiple": 25}).order_quantity.item() == 25


def test_lots_are_no_smaller_than_the_supplier_delivers():
    assert lot_of(order=0, part={"min_order": 5}).order_quantity.item() == 5
    both = lot_of(order=0, part={"min_order": 5, "order_multiple": 4})
    assert both.order_quantity.item() == 8
    assert both.base_stock.item() >= 7
    assert lot_of(part={"min_order": 100}).order_quantity.item() == 100


def test_one_unit_at_a_time_is_as_if_nothing_were_said():
    plain, said = lot_of(), lot_of(part={"min_order": 1, "order_multiple": 1})
    assert said.base_stock.tolist() == plain.base_stock.tolist()
    assert said.order_quantity.tolist() == plain.order_quantity.tolist()


def test_what_is_not_demanded_or_comes_from_a_depot_has_no_lots():
    idle = {"price": 5, "lifetime": "9 d", "supplier": "plant", "min_order": 12}
    case = scenario(
        parts={"pump": {"min_order": 6}, "idle": idle},
        depots={"north": {"supplied_by": "centre", "transport_time": "1 d"}},
        fleets=[{"machine": "mixer", "depot": "north", "customers": "road", "count": 10}],
    )
    assert optimise(case).order_quantity.tolist() == [[6, 1], [1, 1]]


def test_the_simulation_orders_so():
    case = scenario(parts={"pump": {"min_order": 6}}, costs={"order": 10})
    found = optimise(case)
    outcome = simulate(case, found)
    ordered = 6 * outcome.costs.set_index("cost")["per_year"]["ordering"] / 10
    # What was demanded but not ordered at either end of the two years is less than a lot.
    assert ordered == pytest.approx(outcome.cells["demand_per_year"][0], abs=6 / 2)


def test_limits_make_fewer_packs_but_not_part_of_one():
    limit = {"part": "pump", "depot": "centre", "max": 20}
    tight = lot_of(part={"order_multiple": 8}, limits=[limit])
    assert tight.order_quantity.item() == 16
    assert tight.base_stock.item() <= 20


def test_a_limit_that_no_order_fits_is_refused():
    tree = scenario_tree(
        parts={"pump": {"min_order": 5, "order_multiple": 4}},
        limits=[{"part": "pump", "depot": "centre", "max": 6}],
    )
    ((path, message),) = find_contradictions(tree)
    assert path == ("limits", 0, "max")
    assert message.startswith("expected at least 7 where the supplier delivers 8 units or more")
    tree["limits"][0]["max"] = 7
    assert find_contradictions(tree) == []
