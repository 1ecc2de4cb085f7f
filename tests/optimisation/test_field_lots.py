"""Lots at field depots: exact where the lumps cancel or the centre never lacks, rough elsewhere."""

import numpy as np
import pytest
from scipy.stats import t as student

from partsim import evaluate, next_units, simulate
from partsim.demand.estimation import estimate_demand
from partsim.optimisation.certified_plans import build_model
from partsim.optimisation.pool import OptionPool
from tests.builders import plan, scenario
from tests.optimisation.test_against_brute_force import two_echelons
from tests.optimisation.test_rows import within

FILL, PROMISE, FIELD_BACKORDERS = (-0.104, 0.049), (-0.062, 0.03), (-0.28, 0.33)
CENTRE_BACKORDERS = (-0.18, 0.41)
"""Worst of what the formula says less the simulation's mean, over `drawn(0)` to `drawn(29)`; other
draws are tested. Of backorders at the centre a share."""


def network(depots):
    """Poisson demand of one part at field depots, half a unit a day at each."""
    names = [f"field{j}" for j in range(len(depots))]
    fleet = {"machine": "mixer", "customers": "road", "count": 10}
    return scenario(
        ageing="calendar",
        parts={"pump": {"lifetime": {"exponential": {"mean": "20 d"}}}},
        depots={name: {"supplied_by": "centre", "transport_time": time}
                for name, time in zip(names, depots, strict=True)},
        fleets=[fleet | {"depot": depot} for depot in names],
        simulation={"years": 30, "warm_up": "400 d", "replications": 20, "seed": 3},
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


def drawn(seed):
    """One to four fields under a centre of some stock: demand, times, lots and levels by chance."""
    random = np.random.default_rng([20261122, seed])
    fields = int(random.integers(1, 5))
    counts = random.integers(2, 21, fields)
    rate = 10 ** random.uniform(-0.7, 0.5) / counts.sum() * fields  # of one machine
    mean, cv = 10 ** random.uniform(0.7, 1.6), random.choice([0.0, 0.3, 0.6, 1.0])
    names = [f"field{j}" for j in range(fields)]
    served = names + ["centre"] * int(random.random() < 0.3)
    counts = [*counts, *random.integers(2, 11, len(served) - fields)]
    demand = rate * sum(counts)
    moves = random.uniform(1, 5, fields)
    lots = [int(random.choice([1, 1, *random.integers(2, 21, 2)])), *random.integers(1, 21, fields)]
    spread = np.sqrt(demand * mean * np.mean(lots[1:]))
    centre = demand * mean + random.uniform(-1.5, 1.5) * spread + lots[0] / 2
    levels = [max(round(centre), lots[0] - 1)]
    for moving, lot in zip(rate * np.array(counts[:fields]) * moves, lots[1:], strict=True):
        above = round(moving + random.uniform(-1, 2) * np.sqrt(moving + 1))
        levels.append(int(lot - 1 + max(0, above)))
    case = scenario(
        ageing="calendar",
        parts={"pump": {"lifetime": {"exponential": {"mean": f"{1 / rate} d"}}}},
        suppliers={"plant": {"lead_time": {"gamma": {"mean": f"{mean} d", "cv": cv}} if cv
                             else f"{mean} d"}},
        depots={name: {"supplied_by": "centre", "transport_time": f"{time} d"}
                for name, time in zip(names, moves, strict=True)},
        fleets=[{"machine": "mixer", "customers": "road", "count": int(count), "depot": depot}
                for depot, count in zip(served, counts, strict=True)],
        simulation={"years": 10_000 / demand / 365, "warm_up": "400 d", "replications": 20,
                    "seed": seed},
    )  # fmt: skip
    return case, levels, lots


def near(row, name, value, error, share=1.0):
    """Tell whether a value is off the 99.9 % interval of 20 replications by the error at most."""
    wider = student.ppf(0.9995, 19) / student.ppf(0.975, 19)
    middle, half = row[name], wider * (row[f"{name}_high"] - row[f"{name}_low"]) / 2
    return middle - half + error[0] * share <= value <= middle + half + error[1] * share


@pytest.mark.parametrize(
    "seed", [30, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(31, 36))]
)
def test_it_is_near_the_simulation_between_them(seed):
    formula, played = both(*drawn(seed))
    for d, (cell, seen) in enumerate(
        zip(formula.cells.to_dict("records"), played.cells.to_dict("records"), strict=True)
    ):
        owed = cell["expected_backorders"]
        if d:
            assert near(seen, "fill_rate", cell["fill_rate"], FILL)
            assert near(seen, "backorders", owed, FIELD_BACKORDERS)
        else:
            assert near(seen, "backorders", owed, CENTRE_BACKORDERS, seen["backorders"])
    promise = played.promises.rename(columns={"share_simulated": "share"}).iloc[0]
    assert near(promise, "share", formula.promises["share_modelled"][0], PROMISE)


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
