"""Availability of fleets: closed forms, jobs followed one by one, fleets played out."""

import heapq
from itertools import combinations, product

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.sparse import linalg

from partsim.analytic.availability import (
    at_least_running,
    job_availability,
    job_response,
    job_waiting_time,
    product_availability,
)
from partsim.analytic.counts import count_table
from partsim.analytic.finite_source import machine_repair
from tests.simulation.test_against_theory import agree

# Rates of three types of job, the units each needs, lead times and levels of the parts
MIXED = ([0.1, 0.06, 0.05], [[1, 0, 0], [1, 1, 1], [0, 2, 1]], [20.0, 8.0, 30.0], [3, 2, 5])


def backorders(rate, units, lead_time, level):
    """Expected backorders of each part, its demand taken as Poisson, as the product needs them."""
    mean = np.asarray(rate) @ np.asarray(units) * lead_time
    return np.array([count_table(x, x, S).backorders[S] for x, S in zip(mean, level, strict=True)])


def test_a_machine_runs_if_each_of_its_positions_is_filled():
    # Two of part A and one of B in each of 4 machines; one A and one B are missing somewhere
    got = float(product_availability([1.0, 1.0], [2, 1], 4))
    assert got == pytest.approx((7 / 8) ** 2 * 3 / 4, rel=1e-15)
    first_runs = [a // 2 != 0 and b != 0 for a, b in product(range(8), range(4))]
    assert abs(got - np.mean(first_runs)) <= 0.02  # the product lets two holes be one
    assert product_availability([[0.0, 0.0], [8.0, 0.0]], [2, 1], [4, 4]).tolist() == [1.0, 0.0]


def test_machines_that_run_are_counted_over_all_places_of_the_holes():
    # Three machines with two units of A and one of B; 0 to 4 and 0 to 2 calls wait
    laws = np.array([[0.4, 0.2, 0.1, 0.1, 0.2], [0.5, 0.2, 0.3, 0.0, 0.0]])
    expected = np.zeros(4)
    for a, b in product(range(5), range(3)):
        places = list(product(combinations(range(6), a), combinations(range(3), b)))
        running = [3 - len({i // 2 for i in holes} | set(more)) for holes, more in places]
        expected += laws[0, a] * laws[1, b] * np.bincount(running, minlength=4) / len(places)
    expected = np.cumsum(expected[::-1])[::-1]
    got = at_least_running([laws, laws[:, [2, 1, 0, 3, 4]]], [2, 1], 3)
    np.testing.assert_allclose(got[0], expected, atol=1e-14)
    assert got.shape == (2, 4)


def test_the_mean_of_the_machines_that_run_is_the_product():
    laws = stats.poisson.pmf(np.arange(12), [[0.3], [1.1], [0.0]])
    laws[:, -1] += 1 - laws.sum(axis=1)
    running = at_least_running(laws, [1, 1, 1], 15)[1:].sum()
    product_of_parts = product_availability(laws @ np.arange(12), [1, 1, 1], 15)
    assert running == pytest.approx(15 * float(product_of_parts), rel=1e-13)


def test_one_part_of_a_closed_fleet_has_its_own_law():
    loop = machine_repair(8, 2, 3, mean_life=20.0, repair_time=6.0)
    got = at_least_running(waiting(loop.probability, 2)[None], [1], 8)
    np.testing.assert_allclose(got, loop.at_least_running, atol=1e-13)


def waiting(law, spares):
    """Law of the backorders of a law of the units in resupply."""
    return np.bincount(np.maximum(np.arange(law.size) - spares, 0), law)


def closed_fleet(N, load, spares):
    """P(at least k run): machines that stand fail no more, any part may be short."""
    most = [range(S + N + 1) for S in spares]
    states = np.array([n for n in product(*most) if standing(np.array(n), spares) <= N])
    where = {tuple(n): i for i, n in enumerate(states)}
    down = standing(states, spares)
    moves = []
    for i, n in enumerate(states):
        for k, unit in enumerate(np.eye(len(load), dtype=int)):
            for to, rate in ((n + unit, (N - down[i]) * load[k]), (n - unit, n[k])):
                if rate > 0:
                    moves += [(where[tuple(to)], i, rate), (i, i, -rate)]
    rows, columns, rates = zip(*moves, strict=True)
    balance = sparse.csr_matrix((rates, (rows, columns))).tolil()
    balance[0] = 1.0
    p = linalg.spsolve(balance.tocsc(), np.eye(1, len(states))[0])
    return np.array([p[down <= N - k].sum() for k in range(N + 1)])


def standing(units, spares):
    return np.maximum(units - np.asarray(spares), 0).sum(axis=-1)


def test_the_law_of_the_machines_that_run_errs_as_the_notes_say():
    fleets = [
        (5, [0.1, 0.1], [0, 0]),
        (5, [0.1, 0.1], [1, 1]),
        (5, [0.1, 0.3], [1, 2]),
        (5, [0.02] * 3, [0, 1, 0]),
        (5, [0.1] * 3, [1, 1, 1]),
        (10, [0.1, 0.1], [2, 2]),
        (10, [0.05] * 3, [1, 1, 1]),
        (10, [0.3, 0.3], [3, 3]),
        (20, [0.05, 0.1], [2, 3]),
    ]
    ratios = {"closed": [], "open": [], "binomial": []}
    for N, load, spares in fleets:
        risk = 1 - closed_fleet(N, load, spares)[[N, N - 1, N - 2]]
        pairs = list(zip(load, spares, strict=True))
        closed = [waiting(machine_repair(N, S, N + S, 1.0, x).probability, S) for x, S in pairs]
        count = np.arange(N + 40)
        poisson = [waiting(stats.poisson.pmf(count, N * x), S) for x, S in pairs]
        for name, laws in (("closed", closed), ("open", poisson)):
            table = np.array([np.pad(law, (0, N + 40 - law.size)) for law in laws])
            got = at_least_running(table, np.ones(len(load)), N)[[N, N - 1, N - 2]]
            ratios[name].append((1 - got) / risk)
        EBO = [law @ np.arange(law.size) for law in poisson]
        up = float(product_availability(EBO, np.ones(len(load)), N))
        ratios["binomial"].append(stats.binom.sf([0, 1, 2], N, 1 - up) / risk)
    for name, least, most in (
        ("closed", (1.0, 1.01, 1.03), (1.05, 1.1, 1.21)),
        ("open", (1.01, 1.1, 1.2), (1.12, 1.44, 2.4)),
        ("binomial", (1.0, 0.49, 0.15), (1.5, 1.4, 1.5)),
    ):
        assert (np.min(ratios[name], axis=0) >= least).all(), name
        assert (np.max(ratios[name], axis=0) <= most).all(), name


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"backorder_law": [[0.5, 0.4]]}, "backorder_law: expected rows whose sum is 1, got one"),
        ({"backorder_law": [[1.5, -0.5]]}, "backorder_law: expected finite numbers >= 0, got -0.5"),
        ({"positions": [0]}, "positions: expected whole numbers >= 1, got 0"),
        ({"positions": [1, 1]}, "expected shapes that broadcast"),
        ({"machines": 2.5}, "machines: expected whole numbers, got 2.5"),
        ({"machines": 0}, "machines: expected finite numbers > 0, got 0"),
    ],
)
def test_wrong_laws_of_backorders_are_refused_by_name_and_value(changed, message):
    right = {"backorder_law": [[0.5, 0.5], [1.0, 0.0], [1.0, 0.0]], "positions": [1, 1, 1]}
    with pytest.raises(ValueError, match=message):
        at_least_running(**({"machines": 4} | right | changed))


def test_more_calls_than_positions_stop_all_machines_and_none_stop_none():
    assert at_least_running([[0.2, 0.0, 0.0, 0.8]], [1], 2).tolist() == pytest.approx([1, 0.2, 0.2])
    assert at_least_running([[1.0]], [3], 2).tolist() == [1, 1, 1]
    assert at_least_running([[0.3, 0.7]], [1], 1).tolist() == pytest.approx([1, 0.3])


def test_jobs_of_one_part_each_are_stock_points_of_their_own():
    rate, L, S = np.array([0.2, 0.7, 6.0]), np.array([10.0, 4.0, 10.0]), np.array([2, 0, 62])
    got = job_waiting_time(rate, np.eye(3), L, S)
    np.testing.assert_allclose(got * rate, backorders(rate, np.eye(3), L, S), rtol=1e-10)
    fill = stats.poisson.cdf(S - 1, rate * L)
    np.testing.assert_allclose(job_response(0.0, rate, np.eye(3), L, S), fill, rtol=1e-12)


def test_parts_always_needed_together_are_one_part():
    alone = job_waiting_time([0.2], [[1]], [12.0], [2])
    together = job_waiting_time([0.2], [[1, 1, 1]], [12.0] * 3, [2, 2, 2])
    np.testing.assert_allclose(together, alone, rtol=1e-12)
    np.testing.assert_allclose(
        job_waiting_time([0.2], [[3]], [12.0], [7]), alone, rtol=1e-12
    )  # lots of three: 7 units are two jobs


def test_a_shelf_too_small_for_one_job_makes_it_wait_the_lead_time():
    response = job_response([0.0, 7.9, 8.0], [0.1], [[2, 1]], [8.0, 3.0], [1, 40])
    assert response[:, 0].tolist() == [0.0, 0.0, 1.0]
    assert job_waiting_time([0.1], [[2, 1]], [8.0, 3.0], [1, 40])[0] == pytest.approx(8.0)


def enumerated(window, job):
    """P(W <= window) by enumerating how many jobs of each type fell into each age segment."""
    rate, units, L, S = (np.asarray(x) for x in MIXED)
    asked = (units[job] > 0) & (window < L)
    ends = np.unique(L[window < L])
    segments = zip([window, *ends], ends, strict=False)
    cells = []
    for (begin, end), k in product(segments, range(3)):
        used = units[k] * (end <= L) * asked
        if used.any():  # others do not matter, however many
            cells.append((used, rate[k] * (end - begin)))
    total = 0.0
    for counts in product(range(5), repeat=len(cells)):
        demand = sum(n * used for n, (used, _) in zip(counts, cells, strict=True))
        if (demand + units[job] <= S)[asked].all():
            means = [mean for _, mean in cells]
            total += np.prod(stats.poisson.pmf(counts, means))
    return total


@pytest.mark.parametrize("window", [8.0, 15.0, 25.0])
def test_the_response_of_jobs_equals_enumeration(window):
    # More than 4 jobs of a type in a segment would need more than any shelf has.
    got = job_response(window, *MIXED)
    assert got[1] == pytest.approx(enumerated(window, 1), rel=1e-12)


def follow(seed):
    """Waits of jobs by type, each unit taking the one ordered S units before it."""
    random, n = np.random.default_rng(seed), 30_000
    rate, units, L, S = (np.asarray(x) for x in MIXED)
    t = np.cumsum(random.exponential(1 / rate.sum(), n))
    kind = random.choice(3, size=n, p=rate / rate.sum())
    done = t.copy()
    for i in range(3):
        need = units[kind, i]
        job = np.repeat(np.arange(n), need)
        ordered = np.concatenate([np.full(S[i], -np.inf), t[job] + L[i]])[: job.size]
        np.maximum.at(done, job, ordered)
    wait, kind = (done - t)[n // 10 :], kind[n // 10 :]
    return [wait[kind == k] for k in range(3)]


def test_jobs_followed_one_by_one_agree():
    played = [follow(seed) for seed in range(60)]
    mean = job_waiting_time(*MIXED)
    windows = np.array([0.0, 5.0, 12.0, 22.0])
    kept = job_response(windows, *MIXED)
    for k in range(3):
        assert agree(mean[k], [waits[k].mean() for waits in played]), k
        for window, share in zip(windows, kept[:, k], strict=True):
            assert agree(share, [(waits[k] <= window).mean() for waits in played]), (k, window)


def play_fleet(seed, machines, rate, units, lead_time, level, jobs=20_000):
    """Availability of a fleet in which machines that wait do not fail, event by event."""
    random, rate = np.random.default_rng(seed), np.asarray(rate)
    lives = random.exponential(machines / rate.sum(), jobs + machines)
    kinds = random.choice(len(rate), size=jobs, p=rate / rate.sum())
    failures = [(life, machine) for machine, life in enumerate(lives[:machines])]
    heapq.heapify(failures)
    received = [[-np.inf] * S for S in level]
    waited = 0.0
    for kind, life in zip(kinds, lives[machines:], strict=True):
        t, machine = failures[0]
        done = t
        for i, need in enumerate(units[kind]):
            for _ in range(need):
                received[i].append(t + lead_time[i])
                done = max(done, received[i][len(received[i]) - 1 - level[i]])
        waited += done - t
        heapq.heapreplace(failures, (done + life, machine))
    return 1 - waited / (machines * t)


# machines, jobs; unavailability by the product over the true one, at least and at most
FLEETS = {
    "one part each": (20, [0.1] * 3, np.eye(3, dtype=int), [20] * 3, [3] * 3, (1.0, 1.2)),
    "three at once": (20, [0.1], [[1, 1, 1]], [20] * 3, [3] * 3, (2.9, 3.4)),
    "six at once": (20, [0.1], [[1] * 6], [20] * 6, [2] * 6, (5.7, 6.3)),
    "mixed": (20, *MIXED, (1.2, 1.4)),
    "one machine": (1, [0.02], [[1, 1]], [20, 10], [0, 1], (1.4, 1.5)),
}


@pytest.mark.parametrize("fleet", FLEETS)
def test_availability_errs_as_the_notes_say(fleet):
    machines, *jobs, (least, most) = FLEETS[fleet]
    played = [play_fleet(seed, machines, *jobs) for seed in range(8)]
    half = stats.t.ppf(0.9995, 7) * stats.sem(played)
    low, high = 1 - np.mean(played) - half, 1 - np.mean(played) + half
    assert low <= 1 - job_availability(machines, *jobs) <= 1.1 * high
    EBO = backorders(*jobs)
    by_product = 1 - float(product_availability(EBO, np.ones(len(EBO)), machines))
    assert least * low <= by_product <= most * high


def test_a_single_machine_that_always_waits_is_exact():
    # Up for 50 days, then 20 for the part without a shelf
    assert job_availability(*FLEETS["one machine"][:-1]) == pytest.approx(50 / 70, rel=1e-12)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rate": [-0.1]}, "rate: expected finite numbers >= 0, got -0.1"),
        ({"units": [[1, 0.5]]}, "units: expected whole numbers >= 0, got 0.5"),
        ({"level": [1, -1]}, "level: expected whole numbers >= 0, got -1"),
        ({"lead_time": [1, np.nan]}, "lead_time: expected finite numbers >= 0, got nan"),
        ({"level": [1]}, r"expected shapes \(job,\), \(job, part\), \(part,\), \(part,\), got"),
        ({"machines": 0}, "machines: expected"),
    ],
)
def test_wrong_jobs_are_refused_by_name_and_value(changed, message):
    right = {"machines": 5, "rate": [0.1], "units": [[1, 1]], "lead_time": [9, 9], "level": [1, 1]}
    with pytest.raises(ValueError, match=message):
        job_availability(**(right | changed))


def test_wrong_fleets_are_refused_by_name_and_value():
    with pytest.raises(ValueError, match="positions: expected whole numbers >= 1, got 0"):
        product_availability([1.0], [0], 5)
    with pytest.raises(ValueError, match="expected shapes that broadcast"):
        product_availability([1.0, 2.0, 3.0], [1, 1], 5)
    assert float(product_availability([9.0], [1], 5)) == 0.0
