"""Stock under policies: levels and backorders by scipy, own levels by `choose_levels`."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from partsim.optimisation.grade_choice import choose_grades
from partsim.optimisation.graded_stock import GradedStock, GradePolicy
from partsim.optimisation.large_scale import choose_levels
from partsim.optimisation.own_levels import choose_own_levels, fair_wait_prices
from partsim.optimisation.stock_problem import StockProblem
from partsim.optimisation.stock_targets import StockTargets

POLICIES = [
    GradePolicy("none", control_loss=0.02),
    GradePolicy("half", fill_rate=0.5),
    GradePolicy("most", fill_rate=0.97, approval_time=7, approval_cost=90),
    GradePolicy("priced", wait_price=3.0, approval_time=2, approval_cost=12, control_loss=0.01),
]


def stock_problem(parts, depots, seed, wait=0.7):
    random = np.random.default_rng(seed)
    share = random.dirichlet(np.full(2, 2.0), (2, depots))
    return StockProblem(
        holding_cost=np.exp(random.normal(4, 1.2, parts)),
        demand_rate=np.exp(random.normal(-3, 1, (parts, depots))),
        lead_time=random.choice([7.0, 14.0, 30.0, 60.0], parts),
        transport_time=None,
        family=random.integers(0, 2, parts),
        tier_share=np.ascontiguousarray(share.transpose(2, 0, 1)),
        depot_wait=random.uniform(wait, 3 * wait, depots),
        tier_wait=random.uniform(wait, 2 * wait, 2),
    )


def graded(parts=12, depots=3, seed=1, ratio=1.0, **more):
    random = np.random.default_rng(seed)
    given = {
        "price": np.exp(random.normal(6, 1, parts)),
        "variance_ratio": np.full(parts, ratio),
        "importance": random.uniform(0.5, 3, parts),
        "min_fill_rate": random.choice([0.0, 0.9], parts),
    }
    return GradedStock.plain(stock_problem(parts, depots, seed), **(given | more))


def law(mean, ratio):
    """Scipy's Poisson, or negative binomial of the same mean and variance."""
    return stats.poisson(mean) if ratio == 1 else stats.nbinom(mean / (ratio - 1), 1 / ratio)


@pytest.mark.parametrize("ratio", [1.0, 2.5])
def test_levels_are_the_least_that_meet_the_policy_by_scipy(ratio):
    stock = graded(ratio=ratio)
    given, table = stock.problem, stock.grade_problem(POLICIES, 2)
    for g, policy in enumerate(POLICIES):
        chosen = np.full(12, g)
        level = stock.levels(POLICIES, chosen)
        owed = np.empty(level.shape)
        for p, d in np.ndindex(level.shape):
            mean = given.demand_rate[p, d] * (given.lead_time[p] + policy.approval_time)
            X, floor = law(mean, ratio), max(policy.fill_rate, stock.min_fill_rate[p])
            # A unit more saves P(X > S) backorders all year.
            worth = 365 * policy.wait_price * stock.importance[p]
            S = 0
            while X.cdf(S - 1) < floor or X.sf(S) * worth > given.holding_cost[p]:
                S += 1
            assert level[p, d] == S
            owed[p, d] = np.maximum(np.arange(400) - S, 0) @ X.pmf(np.arange(400))
        units = given.demand_rate.sum(axis=1) * 365
        orders = units * (policy.approval_cost + policy.control_loss * stock.price)
        money = given.holding_cost * level.sum(axis=1) + orders
        np.testing.assert_allclose(table.cost[:, g], money, rtol=1e-12)
        weights = given.row_weights[:, given.family]
        use = (weights * owed).sum(axis=2)
        np.testing.assert_allclose(table.use[:, :, g], use, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize(("mean", "ratio"), [(650.0, 2.5), (224_000.0, 1.0)])
@pytest.mark.parametrize(
    "policy", [GradePolicy("f", fill_rate=1 - 1e-14), GradePolicy("w", 0, 1e30)]
)
def test_the_search_ends_where_rounding_hides_the_tail(mean, ratio, policy):
    # At 650 and 2.5 what is left of the tail is 1.05e-13, which no unit more makes less.
    problem = StockProblem.single_tier([1.0], [[mean]], [1.0], wait=1.0)
    stock = GradedStock.plain(problem, variance_ratio=np.array([ratio]))
    level = stock.levels([policy], np.array([0]))[0, 0]
    assert 5 < (level - mean) / np.sqrt(ratio * mean) < 15


def test_zero_demand_is_never_stocked_and_waits_for_nothing():
    problem = StockProblem.single_tier([1.0, 1.0], [[0.0], [1.0]], [9.0, 9.0], wait=1.0)
    stock = GradedStock.plain(problem)
    chosen = choose_grades(stock.grade_problem([GradePolicy("priced", wait_price=5.0)], 1))
    assert stock.levels([GradePolicy("priced", wait_price=5.0)], chosen.policy)[0, 0] == 0
    assert chosen.use[0] <= 1


@pytest.mark.parametrize("seed", [1, 2])
def test_own_levels_agree_with_the_engine_of_plain_levels(seed):
    problem = stock_problem(60, 3, seed)
    levels = choose_levels(problem)
    own, _ = choose_own_levels(GradedStock.plain(problem), [GradePolicy("any")])
    # Two bounds on the same optimum (one of prices, one that integers raise), and two choices.
    assert max(own.bound, levels.lower_bound) <= min(own.cost, levels.cost) * (1 + 1e-9)
    assert own.cost == pytest.approx(levels.cost, rel=5e-3)


def test_no_grades_cost_less_than_own_levels():
    stock = graded(parts=60)
    ways = POLICIES[1:]
    own, prices = choose_own_levels(stock, ways)
    free = choose_grades(stock.grade_problem(ways, 3))
    assert own.bound <= free.cost
    assert own.cost <= free.cost
    waits = fair_wait_prices(stock, prices, 5)
    assert (np.diff(waits) > 0).all()


def test_own_levels_keep_floors_and_forbidden_ways():
    stock = graded(parts=40, min_fill_rate=np.full(40, 0.95))
    quick, slow = POLICIES[1], POLICIES[2]
    either, _ = choose_own_levels(stock, [quick, slow])
    allowed = np.tile([False, True], (40, 1))
    only_slow, _ = choose_own_levels(stock, [quick, slow], allowed)
    assert only_slow.bound > either.cost
    alone, _ = choose_own_levels(stock, [slow])
    assert alone.cost == pytest.approx(only_slow.cost, rel=1e-9)
    # Floors of 95 % are already more service than the rows ask for.
    floor, _ = choose_own_levels(stock, [quick])
    roomy = replace(stock.problem, tier_wait=np.full(2, 1e6), depot_wait=np.full(3, np.inf))
    assert floor.cost >= choose_own_levels(replace(stock, problem=roomy), [quick])[0].bound


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"price": np.full(12, -1.0)}, "price: expected finite numbers >= 0"),
        ({"variance_ratio": np.zeros(12)}, "variance_ratio: expected finite numbers > 0"),
        ({"importance": np.ones(3)}, r"importance: expected shape \(12,\), got \(3,\)"),
        ({"min_fill_rate": np.ones(12)}, "min_fill_rate: expected numbers from 0 to below 1"),
    ],
)
def test_wrong_arrays_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        graded(**change)


def test_a_central_depot_is_refused():
    problem = StockProblem.single_tier([1.0], [[1.0]], [9.0], transport_time=[1.0], wait=1.0)
    with pytest.raises(ValueError, match="without a central one"):
        GradedStock.plain(problem)


def test_wrong_policies_are_named():
    with pytest.raises(ValueError, match="fill_rate: expected numbers from 0 to below 1"):
        GradePolicy("all", fill_rate=1.0)
    with pytest.raises(ValueError, match="approval_time"):
        GradePolicy("back", approval_time=-1.0)


def test_targets_other_than_mean_waits_are_refused():
    problem = StockProblem.single_tier([100.0, 2.0], [[0.1], [1.0]], [20.0, 10.0], wait=0.5)
    served = replace(problem, targets=StockTargets(tier_fill_rate=np.array([0.9])))
    with pytest.raises(ValueError, match="problem: expected mean waits alone, got other targets"):
        GradedStock.plain(served)
