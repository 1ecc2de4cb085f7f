"""Lots at field depots: exact where the lumps cancel or the centre never lacks, near elsewhere."""

import numpy as np
import pytest

from partsim import evaluate, next_units, simulate
from partsim.demand.estimation import estimate_demand
from partsim.optimisation.certified_plans import build_model
from partsim.optimisation.pool import OptionPool
from tests.builders import plan, scenario
from tests.optimisation.test_against_brute_force import two_echelons
from tests.optimisation.test_rows import within

GAMMA = {"gamma": {"mean": "20 d", "cv": 0.5}}
FILL_ERROR, TOO_FEW, TOO_MANY, TOO_LOW, TOO_HIGH = 0.045, 0.2, 0.45, 0.035, 0.01
"""As the docs say: fill rates either way, backorders as a share, promises too low or too high."""


def network(depots, *, rate=0.5, lead="20 d", years=30, own=0):
    """Poisson demand of one part at field depots, and some at the centre."""
    names = [f"field{j}" for j in range(len(depots))]
    fleet = {"machine": "mixer", "customers": "road", "count": 10}
    return scenario(
        ageing="calendar",
        parts={"pump": {"lifetime": {"exponential": {"mean": f"{10 / rate} d"}}}},
        suppliers={"plant": {"lead_time": lead}},
        depots={name: {"supplied_by": "centre", "transport_time": time}
                for name, time in zip(names, depots, strict=True)},
        fleets=[fleet | {"depot": depot} for depot in names + ["centre"] * own],
        simulation={"years": years, "warm_up": "400 d", "replications": 20, "seed": 3},
    )  # fmt: skip


def both(case, levels, lots):
    given = plan(case, np.array([levels]), np.array([lots]))
    return evaluate(case, given), simulate(case, given)


@pytest.mark.parametrize(
    ("centre", "levels"), [(0, [12, 14]), (60, [6, 7])], ids=["nothing", "plenty"]
)
def test_it_is_the_simulation_where_the_centre_keeps_nothing_or_plenty(centre, levels):
    """Without central stock the field waits the lead time for what it had to order by then."""
    formula, played = both(network(["2 d", "3 d"]), [centre, *levels], [1, 6, 4])
    for d in (1, 2):
        cell, seen = formula.cells.iloc[d], played.cells.iloc[d]
        assert within(seen, "fill_rate", cell.fill_rate, 20)
        assert within(seen, "backorders", cell.expected_backorders, 20)
        assert within(seen, "on_hand", cell.on_hand, 20)
    promise = played.promises.rename(columns={"share_simulated": "share"}).iloc[0]
    assert within(promise, "share", formula.promises["share_modelled"][0], 20)
    holding = formula.costs.set_index("cost")["per_year"]["holding"]
    assert within(played.costs.iloc[0], "per_year", holding, 20)


CASES = {
    "constant": (["2 d", "3 d"], {}, [16, 7, 7], [1, 6, 6]),
    "gamma": (["2 d", "3 d"], {"lead": GAMMA}, [16, 7, 7], [1, 6, 6]),
    "lots above too": (["2 d", "3 d"], {"lead": GAMMA}, [24, 7, 7], [10, 6, 6]),
    "five fields": (["2 d"] * 5, {"rate": 0.2}, [16, *[5] * 5], [1, *[5] * 5]),
    "one for one beside": (["2 d", "2 d"], {}, [16, 7, 6], [1, 6, 1]),
    "fast": (["2 d", "2 d"], {"rate": 3.0, "lead": "15 d", "years": 8}, [80, 40, 40], [1, 40, 40]),
    "the centre serves": (["2 d", "3 d"], {"own": 1}, [20, 7, 7], [1, 6, 6]),
}


@pytest.mark.parametrize(
    "name", [name if name == "gamma" else pytest.param(name, marks=pytest.mark.slow)
             for name in CASES]
)  # fmt: skip
def test_it_is_near_the_simulation_between_them(name):
    depots, options, levels, lots = CASES[name]
    formula, played = both(network(depots, **options), levels, lots)
    for d in range(len(levels)):
        cell, seen = formula.cells.iloc[d], played.cells.iloc[d]
        assert cell.expected_backorders <= seen.backorders_high * (1 + TOO_MANY)
        assert cell.expected_backorders >= seen.backorders_low * (1 - TOO_FEW)
        if d:
            assert cell.fill_rate - FILL_ERROR <= seen.fill_rate_high
            assert cell.fill_rate + FILL_ERROR >= seen.fill_rate_low
    promise, share = played.promises.iloc[0], formula.promises["share_modelled"][0]
    assert promise.share_low - TOO_LOW <= share <= promise.share_high + TOO_HIGH


def test_lumps_make_the_centre_wait_longer():
    case = network(["2 d"] * 2)
    smooth, lumpy = (
        evaluate(case, plan(case, np.array([[18, 9, 9]]), np.array([[1, lot, lot]])))
        for lot in (1, 9)
    )
    assert lumpy.cells["expected_backorders"][0] > smooth.cells["expected_backorders"][0]


def with_lots():
    case = two_echelons(4, least_fill="60 %")
    lots = np.array([[1, 3, 2], [2, 1, 4]])
    model = build_model(case, estimate_demand(case), ("C",) * 2, lot=lots)
    return case, lots, model


def test_no_level_is_chosen_below_what_a_lot_needs_and_options_add_up():
    case, lots, model = with_lots()
    pool = OptionPool(model)
    for price in (0.0, 1e3, 1e6):
        picks = pool.price(np.full(len(model.targets.limit), price)).picks
        stock = np.array([(pick.central_level, *pick.levels) for pick in picks])
        assert (stock >= lots - 1).all()
        cost = sum(pick.cost for pick in picks) + sum(model.fixed_costs.values())
        found = evaluate(case, plan(case, stock, lots))
        assert found.plan_cost == pytest.approx(cost, rel=1e-12)


def test_the_next_unit_is_worth_what_evaluate_says():
    case, lots, _ = with_lots()
    given = plan(case, lots + 1, lots)
    (row,) = next_units(case, given, most=1).to_dict("records")
    levels = given.base_stock.copy()
    levels[case.part_ids.index(row["part"]), case.depot_ids.index(row["depot"])] += 1
    before, after = (
        evaluate(case, plan(case, stock, lots)).promises for stock in (given.base_stock, levels)
    )
    calls = before["calls_per_year"]
    gain = ((after["share_modelled"] - before["share_modelled"]) * calls).sum() / calls.sum()
    assert row["gain"] == pytest.approx(gain, rel=1e-9)


def test_todays_lots_may_be_at_any_depot():
    row = {"part": "pump", "depot": "field0", "base_stock": 5, "on_hand": 2, "order_quantity": 4}
    case = network(["2 d"])
    case = case.model_validate(case.to_tree() | {"today": {"stock": [row]}})
    assert case.today.stock[0].order_quantity == 4
