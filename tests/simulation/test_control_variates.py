"""Control variates: weights against regression and SciPy, means of exactly 0, coverage."""

import numpy as np
import pytest
from scipy import optimize, stats

from partsim.simulation.comparison import Counted, compare, paired_interval
from partsim.simulation.control_variates import FEWEST_FOR_CONTROL, controlled
from partsim.simulation.replication import play
from partsim.simulation.response_times import ResponseTimes
from partsim.simulation.simulation import simulate
from partsim.simulation.statistics import Sample
from tests.builders import plan, scenario
from tests.simulation.agreement import agree
from tests.simulation.test_deliveries import EXPONENTIAL, GAMMA, RATE, open_case
from tests.simulation.test_simulate import case_with_all_features

N = 20


def drawn(seed=1, shape=()):
    """Give a control and outcomes that hang on it, calls among them."""
    random = np.random.default_rng(seed)
    control = random.gamma(2.0, size=N) - 2.0
    calls = random.poisson(60, (N, *shape)) + 1.0
    noise = random.normal(size=(N, *shape))
    return control, (0.1 * control.reshape(-1, *(1,) * len(shape)) + 3 + 0.2 * noise) * calls, calls


def regressed(control, outcome):
    """Give estimate and bounds of the mean of an outcome where the control is 0, by lstsq."""
    design = np.column_stack([np.ones(len(control)), control])
    found, squares, *_ = np.linalg.lstsq(design, outcome, rcond=None)
    spread = squares[0] / (len(control) - 2) * np.linalg.inv(design.T @ design)[0, 0]
    half = stats.t.ppf(0.975, len(control) - 2) * np.sqrt(spread)
    return found[0], found[0] - half, found[0] + half


def three(interval):
    return float(interval.value), float(interval.low), float(interval.high)


def test_a_mean_is_that_of_the_regression_where_the_control_is_zero():
    control, total, _ = drawn()
    assert three(controlled(control).mean(total)) == pytest.approx(
        regressed(control, total), rel=1e-12
    )


def test_a_ratio_is_that_of_two_regressions_and_varies_as_its_residuals_do():
    control, total, calls = drawn()
    ratio = regressed(control, total)[0] / regressed(control, calls)[0]
    _, low, high = regressed(control, (total - ratio * calls) / regressed(control, calls)[0])
    assert three(controlled(control).ratio(total, calls)) == pytest.approx(
        (ratio, ratio + low, ratio + high), rel=1e-12
    )


def test_many_quantities_at_once_are_each_alone():
    control, total, calls = drawn(shape=(2, 3))
    sample = controlled(control)
    together, alone = sample.ratio(total, calls), sample.ratio(total[:, 1, 2], calls[:, 1, 2])
    cell = (together.value[1, 2], together.low[1, 2], together.high[1, 2])
    assert cell == pytest.approx(three(alone), rel=1e-12)


def test_weights_make_the_control_zero_and_are_as_near_to_alike_as_they_can_be():
    random, odd = np.random.default_rng(4), 0
    for shift in np.linspace(-1.5, 1.5, 31):
        control = random.normal(shift, size=N)
        weights = controlled(control).weights
        assert weights.min() >= 0
        assert (weights.sum(), weights @ control) == pytest.approx((N, 0), abs=1e-9)
        # Least squares with the two sums at so large a weight that they hold to the tolerance.
        sums = 1e5 * np.array([np.ones(N), control])
        nearest, _ = optimize.nnls(np.vstack([np.eye(N), sums]), [*np.ones(N), 1e5 * N, 0])
        assert weights == pytest.approx(nearest, abs=1e-5)
        odd += weights.min() == 0
    assert odd > 5


def test_few_replications_and_controls_of_one_sign_leave_all_alike():
    control, *_ = drawn()
    few = FEWEST_FOR_CONTROL - 1
    for values in (control[:few], np.abs(control), np.zeros(N)):
        sample = controlled(values)
        assert not sample.controlled
        assert (sample.weights == 1).all()
    assert controlled(control[: few + 1]).controlled


def test_from_the_fewest_on_a_control_that_explains_nothing_costs_less_than_a_twentieth():
    n = np.arange(4, 40)
    width = stats.t.ppf(0.975, n - 2) / stats.t.ppf(0.975, n - 1) * np.sqrt((n - 2) / (n - 3))
    assert n[width < 1.05].min() == FEWEST_FOR_CONTROL


def test_weighted_values_have_the_quantiles_of_values_that_often():
    random = np.random.default_rng(3)
    often = random.integers(0, 4, N)
    sample = Sample(often * N / often.sum(), np.linspace(-1, 1, N))
    values = [random.exponential(size=30) for _ in range(N)]
    repeated = np.concatenate([np.tile(x, k) for x, k in zip(values, often, strict=True)])
    shares = np.array([0.0301, 0.4999, 0.9511])
    expected = np.quantile(repeated, shares, method="inverted_cdf")
    times = [ResponseTimes(np.sort(x), np.ones(30, np.int64), x.sum()) for x in values]
    assert sample.quantiles(times, shares).tolist() == expected.tolist()
    assert [sample.quantile(times, share)[0] for share in shares] == expected.tolist()


def test_an_interval_of_a_weighted_share_is_wilsons_of_fewer_trials():
    weights = np.array([1.5] * 10 + [0.5] * 10)
    sample = Sample(weights, np.zeros(N))
    interval = sample.share(np.full(N, 9), np.full(N, 10))
    trials = 200 / 1.25  # by Kish
    expected = stats.binomtest(144, int(trials)).proportion_ci(0.95, method="wilson")
    assert (interval.low, interval.high) == pytest.approx(tuple(expected), rel=1e-9)


def test_the_same_control_in_both_plans_is_one_regression_of_the_difference():
    control, total, _ = drawn()
    other = drawn(2)[1] + total
    sample, ones = controlled(control), np.ones(N)
    interval = paired_interval(Counted(total, ones, sample), Counted(other, ones, sample))
    assert three(interval) == pytest.approx(regressed(control, other - total), rel=1e-12)


def test_a_difference_with_a_control_for_each_plan_is_covered_as_often_as_it_says():
    random, covered = np.random.default_rng(6), 0
    shared = np.array([[1, 0.6, 0.7, 0.5], [0.6, 1, 0.4, 0.8], [0.7, 0.4, 1, 0.6],
                       [0.5, 0.8, 0.6, 1]])  # fmt: skip
    for _ in range(2000):
        base, other, of_base, of_other = random.multivariate_normal(np.zeros(4), shared, N).T
        pair = (
            Counted(x, np.ones(N), controlled(c)) for x, c in ((base, of_base), (other, of_other))
        )
        interval = paired_interval(*pair)
        covered += interval.low <= 0 <= interval.high
    low, high = stats.binomtest(covered, 2000).proportion_ci(0.999)
    assert low <= 0.95 <= high


LOCAL = {"kind": "own", "lead_time": EXPONENTIAL}
DISRUPTED = {"every": "60 d", "lasting": EXPONENTIAL}
APPROVED = {"approvers": 1, "approval_time": "9 d", "approval_work": "5 d"}
REPAIR = {"shop": "shop", "work_time": GAMMA, "condemned": "50 %"}


@pytest.mark.parametrize(
    ("plant", "changes", "lot"),
    [
        ({}, {}, 1),
        ({}, {"grading": {"grades": {"C": {"review_period": "14 d"}}}}, 3),
        ({}, {"grading": {"grades": {"C": {"ordering": "up_to"}}}}, 3),
        ({}, {"grading": {"grades": {"C": APPROVED}}}, 1),
        ({"sequential": True, "capacity": 3}, {}, 2),
        ({"disruptions": DISRUPTED}, {}, 2),
        (
            {"disruptions": DISRUPTED, "second_source": {"supplier": "local"}},
            {"suppliers": {"local": LOCAL}},
            1,
        ),
        (
            {"capacity": 3, "second_source": {"supplier": "local", "longer_than": "20 d"}},
            {"suppliers": {"local": LOCAL}},
            1,
        ),
        ({}, {"parts": {"pump": {"repair": REPAIR}}, "repair_shops": {"shop": {"servers": 2}}}, 1),
    ],
    ids=["plain", "reviews", "up to", "queue", "capacity", "disrupted", "second", "choice", "shop"],
)
def test_what_is_late_is_zero_on_average_however_it_is_ordered(plant, changes, lot):
    run = {"simulation": {"years": 1, "warm_up": "20 d"}}
    case = open_case(plant, **run, **changes)
    decision = plan(case, 4, lot)
    late = [play(case, decision, 5, n).lateness[0] for n in range(300)]
    assert np.std(late) > 10
    assert agree(0.0, late)


def exact_shelf(level):
    """Give fill rate and mean units on the shelf by Palm's theorem, for ten open machines."""
    on_order = stats.poisson(RATE * 20)
    below = np.arange(level)
    return on_order.cdf(level - 1), (level - below) @ on_order.pmf(below)


@pytest.mark.slow
def test_intervals_of_plans_played_out_hold_as_often_as_they_say():
    erratic = {"lead_time": {"gamma": {"mean": "20 d", "cv": 1.5}}}
    case = open_case(erratic, simulation={"years": 1, "warm_up": "400 d"})
    decision, n, series = plan(case, 3), FEWEST_FOR_CONTROL, 400
    played = [play(case, decision, 9, r) for r in range(n * series)]
    fill_rate, on_shelf = exact_shelf(3)
    covered, widths, away = np.zeros((2, 2)), np.zeros((2, 2)), []
    for k in range(series):
        some = played[n * k : n * (k + 1)]
        met, asked, on_hand = (
            np.array([getattr(r, name)[..., 0, 0].sum() for r in some])
            for name in ("from_shelf", "requests", "on_hand")
        )
        samples = controlled([r.lateness[0] for r in some]), Sample.alike(n)
        for i, sample in enumerate(samples):
            pair = (sample.ratio(met, asked), fill_rate), (sample.mean(on_hand), on_shelf)
            covered[i] += [interval.low <= true <= interval.high for interval, true in pair]
            widths[i] += [interval.width for interval, _ in pair]
        away.append(samples[0].mean(on_hand).value - on_shelf)
    for count in covered.ravel().astype(int):
        low, high = stats.binomtest(count, series).proportion_ci(0.999)
        assert low <= 0.95 <= high
    assert (widths[0] < [0.95, 0.8] * widths[1]).all()
    assert agree(0.0, away)


@pytest.fixture(scope="module")
def case():
    rules = {"replications": FEWEST_FOR_CONTROL + 1}
    case = case_with_all_features()
    return case.model_copy(update={"simulation": case.simulation.model_copy(update=rules)})


@pytest.fixture(scope="module")
def decision(case):
    return plan(case, [[8, 2]], [[4, 1]])


@pytest.fixture(scope="module")
def outcome(case, decision):
    return simulate(case, decision)


def test_anybody_can_reckon_shares_and_costs_again(outcome):
    weights = outcome.weights["weight"].to_numpy()
    assert outcome.controlled
    assert weights @ outcome.weights["late_money"] == pytest.approx(0, abs=1e-6)
    table = outcome.samples.assign(weight=weights[outcome.samples["replication"]])
    table[["total", "count"]] = table[["total", "count"]].mul(table["weight"], axis=0)
    sums = table.groupby(["measure", "name"])[["total", "count"]].sum()
    again = sums["total"] / sums["count"]
    promises, costs = outcome.promises.set_index("tier"), outcome.costs.set_index("cost")
    for found, expected in (
        (again["promise"], promises["share_simulated"]),
        (again["cost"], costs["per_year"]),
    ):
        assert found.to_dict() == pytest.approx(expected.to_dict(), rel=1e-12)


def test_counts_of_every_cell_are_weighed(case, decision, outcome):
    weights = outcome.weights["weight"].to_numpy()
    played = [play(case, decision, 1, n) for n in range(len(weights))]
    requests = np.array([record.requests.sum(axis=0).ravel() for record in played])
    found = outcome.cells["demand_per_year"].to_numpy()
    assert found == pytest.approx(weights @ requests / len(weights), rel=1e-12)  # one year


def test_tables_add_up(outcome):
    promises, places = outcome.promises.set_index("tier"), outcome.tier_depots.set_index("tier")
    calls = places["calls_per_year"]
    kept = (calls * places["share_simulated"]).groupby(level=0).sum()
    assert calls.groupby(level=0).sum().to_dict() == pytest.approx(
        promises["calls_per_year"].to_dict(), rel=1e-12
    )
    assert (kept / promises["calls_per_year"]).to_dict() == pytest.approx(
        promises["share_simulated"].to_dict(), rel=1e-12
    )
    groups = outcome.service.groupby("group")["calls_per_year"].sum()
    assert groups[["tier", "depot"]].to_numpy() == pytest.approx(
        promises["calls_per_year"].sum(), rel=1e-12
    )
    service = outcome.service.set_index(["group", "name"]).loc["tier"]
    assert service["promise_kept"].to_dict() == pytest.approx(
        promises["share_simulated"].to_dict(), rel=1e-12
    )
    demand = outcome.cells.groupby("depot")["demand_per_year"].sum()
    met = (outcome.cells["demand_per_year"] * outcome.cells["fill_rate"]).groupby(
        outcome.cells["depot"]
    )
    rows = outcome.depots.set_index("depot")["fill_rate"]
    # The centre also serves the north, which its own row leaves out.
    assert met.sum()["north"] / demand["north"] == pytest.approx(rows["north"], rel=1e-12)
    costs = outcome.samples.query("measure == 'cost'").groupby("replication")["total"].sum()
    whole = controlled(outcome.weights["late_money"]).mean(costs.to_numpy())
    ends = (outcome.plan_cost, outcome.plan_cost_low, outcome.plan_cost_high)
    assert ends == pytest.approx((whole.value, whole.low, whole.high), rel=1e-12)


def test_a_comparison_is_the_difference_of_the_tables(case, decision, outcome):
    other = simulate(case, plan(case, [[9, 3]], [[4, 1]]))
    rows = compare({"base": outcome, "other": other}).set_index(["measure", "name"])
    for side, one in (("base", outcome), ("value", other)):
        shares = one.promises.set_index("tier")["share_simulated"]
        costs = one.costs.set_index("cost")["per_year"]
        assert rows.loc["promise", side].to_dict() == pytest.approx(shares.to_dict(), rel=1e-12)
        found = rows.loc["cost", side].to_dict()
        expected = costs.to_dict() | {"plan_cost": costs.sum()}
        assert found == pytest.approx(expected, rel=1e-12)
    assert rows["difference"].to_numpy() == pytest.approx(rows["value"] - rows["base"], abs=1e-9)


def test_what_replications_are_worth_is_by_the_widths_of_the_table(outcome):
    samples = outcome.samples.set_index(["measure", "name"]).loc["promise"]
    for row in outcome.promises.itertuples():
        of = samples.loc[row.tier]
        alike = Sample.alike(outcome.replications).share(of["total"], of["count"])
        width = row.share_high - row.share_low
        assert row.worth_replications == pytest.approx(
            outcome.replications * (alike.width / width) ** 2, rel=1e-9
        )


def test_constant_lead_times_leave_every_replication_alike():
    case = scenario(
        simulation={"replications": N}, grading={"grades": {"C": {"approval_time": "1 d"}}}
    )
    outcome = simulate(case, plan(case, 2))
    assert not outcome.controlled
    assert (outcome.weights["late_money"] == 0).all()
    assert outcome.promises["worth_replications"].tolist() == [N]
    promise = outcome.samples[outcome.samples["measure"] == "promise"]
    share = promise["total"].sum() / promise["count"].sum()
    assert outcome.promises["share_simulated"].item() == share
