"""Least backorders for a budget: against enumeration, and against least cost for that service."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from partsim.optimisation.large_scale import choose_levels
from partsim.optimisation.service_levels import choose_service
from partsim.optimisation.stock_problem import StockProblem
from partsim.optimisation.stock_targets import StockTargets


def problem(parts, depots, seed, central, money):
    """Parts of two families whose prices have nothing to do with their holding costs."""
    random = np.random.default_rng(seed)
    price = np.exp(random.normal(3, 1, parts))
    return StockProblem(
        holding_cost=np.exp(random.normal(4, 1, parts)),
        demand_rate=np.exp(random.normal(-3.5, 1, (parts, depots))),
        lead_time=random.choice([7.0, 14.0, 30.0], parts),
        transport_time=random.choice([1.0, 2.0, 5.0], depots) if central else None,
        family=np.arange(parts) % 2,
        tier_share=np.ones((1, 2, depots)),
        depot_wait=np.full(depots, np.inf),
        tier_wait=np.array([np.inf]),
        targets=StockTargets(unit_price=price, budget=money * float(price.sum())),
    )


def weighted(given, weight, central_level, level):
    return float((weight[given.family] * given.exact_backorders(central_level, level)).sum())


def plans(given, most, most_central):
    """Money and backorders of all levels of each part, by family."""
    P, D = given.demand_rate.shape
    combos = np.array(list(product(range(most_central + 1), *[range(most + 1)] * D)))
    for p in range(P):
        alone = replace(
            given,
            targets=StockTargets(),
            **{
                name: np.repeat(getattr(given, name)[[p]], len(combos), axis=0)
                for name in ("holding_cost", "demand_rate", "lead_time", "family")
            },
        )
        owed = alone.exact_backorders(combos[:, 0], combos[:, 1:])
        yield given.targets.unit_price[p] * combos.sum(axis=1), owed, given.family[p]


@pytest.mark.parametrize("central", [False, True], ids=["depots alone", "central depot"])
@pytest.mark.parametrize("seed", range(6))
def test_no_levels_within_the_budget_have_fewer_backorders(seed, central):
    given = problem(2, 2, seed, central, money=4.0)
    weight = np.random.default_rng(seed).uniform(0.5, 2.0, (2, 2))
    chosen = choose_service(given, weight, gap=0.0)
    top = int(chosen.level.max()) + 3
    (money, owed, f), (more, others, g) = plans(given, top, 8 * central)
    total = (owed @ weight[f])[:, None] + others @ weight[g]
    within = money[:, None] + more <= given.targets.budget * (1 + 1e-12)
    best = total[within].min()
    assert chosen.backorders == pytest.approx(best, rel=3e-6)
    assert chosen.lower_bound <= best * (1 + 1e-9)
    assert chosen.gap <= 3e-6
    expected = weighted(given, weight, chosen.central_level, chosen.level)
    assert chosen.backorders == pytest.approx(expected, rel=1e-9)
    units = chosen.level.sum(axis=1) + chosen.central_level
    assert chosen.spent == pytest.approx(given.targets.unit_price @ units)
    assert chosen.spent <= given.targets.budget * (1 + 1e-9)


def test_the_same_service_costs_as_much_the_other_way_round():
    given = problem(400, 3, 9, central=False, money=6.0)
    total = given.demand_rate.sum()
    chosen = choose_service(given, np.full((2, 3), 1 / total), gap=1e-4)
    assert chosen.gap <= 1e-4
    cheap = replace(given, holding_cost=given.targets.unit_price, targets=StockTargets())

    def least_money(wait):
        return choose_levels(replace(cheap, tier_wait=np.array([wait])), gap=1e-5)

    # the mean wait found needs nearly all the money, one below the bound more than there is
    enough = least_money(chosen.backorders)
    assert enough.lower_bound <= given.targets.budget * (1 + 1e-9)
    assert enough.cost >= given.targets.budget * 0.999
    assert least_money(chosen.lower_bound * (1 - 1e-9)).cost >= given.targets.budget * (1 - 1e-6)


def test_prices_say_what_more_money_saves():
    given = problem(2_000, 3, 5, central=False, money=6.0)
    chosen = choose_service(given, gap=1e-6)
    (row,) = chosen.rows
    assert (row.name, row.unit) == ("budget", "money")
    assert row.value == pytest.approx(chosen.spent)
    more = replace(given.targets, budget=1.01 * given.targets.budget)
    saved = chosen.lower_bound - choose_service(replace(given, targets=more), gap=1e-6).lower_bound
    expected = row.price * 0.01 * given.targets.budget
    assert 0.9 * expected <= saved <= expected * (1 + 1e-6)


def test_other_targets_are_kept_beside_the_budget():
    given = problem(300, 3, 7, central=False, money=6.0)
    free = choose_service(given)
    owed = given.exact_backorders(free.central_level, free.level)
    waits = owed.sum(axis=0) / given.demand_rate.sum(axis=0)
    worst = int(waits.argmax())
    asked = np.full(3, np.inf)
    asked[worst] = 0.8 * waits[worst]
    kept = choose_service(replace(given, depot_wait=asked))
    names = [row.name for row in kept.rows]
    assert names == [f"wait at depot {worst}", "budget"]
    assert kept.rows[0].slack >= 0
    assert kept.rows[0].price > 0
    assert kept.backorders > free.backorders


@pytest.mark.parametrize(
    ("change", "weight", "message"),
    [
        ({"targets": StockTargets()}, None, "targets: expected a budget and the money that a unit"),
        ({}, np.ones(2), r"weight: expected shape \(2, 2\), got \(2,\)"),
        ({}, -np.ones((2, 2)), "weight: expected finite numbers >= 0"),
        ({}, np.zeros((2, 2)), "weight: expected some above 0"),
        (
            {"targets": StockTargets(unit_price=np.array([1.0, 0.0]), budget=2.0)},
            None,
            "unit_price: expected finite numbers > 0, got 0",
        ),
    ],
)
def test_what_cannot_be_meant_is_named(change, weight, message):
    with pytest.raises(ValueError, match=message):
        choose_service(replace(problem(2, 2, 1, False, 4.0), **change), weight)


def test_targets_that_the_budget_cannot_keep_are_named():
    given = problem(4, 2, 3, False, money=0.5)
    hopeless = replace(given, tier_wait=np.array([0.01]))
    with pytest.raises(ValueError, match="wait of tier 0, budget: expected limits that some stock"):
        choose_service(hopeless)
