"""Availability of fleets: closed forms, jobs followed one by one, fleets played out."""

import heapq
from itertools import product

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.availability import (
    job_availability,
    job_response,
    job_waiting_time,
    product_availability,
)
from partsim.analytic.counts import count_table
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
