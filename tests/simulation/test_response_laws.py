"""The whole law of response times, and what is made of it, against one that is exact."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from partsim.simulation.call_log import SUMS
from partsim.simulation.replication import build, play
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario
from tests.simulation.agreement import agree

RATE, LEAD_TIME, STOCK, REPAIR, PHONE = 0.1, 20.0, 3, 2.0, 0.2
WITHIN, EXPECTED = 5.0, 4.0
REPLICATIONS = 100


def wait_beyond(t):
    """P(the wait for a part is longer): the units ordered before are not enough (Palm)."""
    late = stats.poisson.sf(STOCK - 1, RATE * np.maximum(LEAD_TIME - t, 0))
    return np.where(t < 0, 1.0, np.where(t < LEAD_TIME, late, 0.0))


def response_beyond(t):
    """P(the response is longer): nothing on the phone, else the wait and an exponential repair."""
    density = stats.expon(scale=REPAIR).pdf
    later, _ = integrate.quad(lambda x: density(x) * wait_beyond(t - x), 0, t, points=[t])
    return (1 - PHONE) * (later + np.exp(-t / REPAIR))


def above(least, most=60.0):
    """Mean of the response beyond one limit, up to another."""
    edges = sorted({least, most, *(e for e in (LEAD_TIME,) if least < e < most)})
    return sum(integrate.quad(response_beyond, a, b)[0] for a, b in pairwise(edges))


@pytest.fixture(scope="module")
def case():
    return scenario(
        ageing="calendar",
        service={"phone_fix": f"{PHONE:.0%}", "repair_time": {"exponential": {"mean": "2 d"}}},
        tiers={"everyone": {"promise": {"within": "5 d", "share": "80 %"}, "expected": "4 d"}},
        simulation={"years": 5, "warm_up": "100 d", "replications": REPLICATIONS},
    )


@pytest.fixture(scope="module")
def sums(case):
    """Sums over the calls of each replication, by name."""
    played = [play(case, plan(case, STOCK), 7, n).service[0] for n in range(REPLICATIONS)]
    return dict(zip(SUMS, np.transpose(played), strict=True))


def test_every_share_of_the_responses_is_that_of_the_exact_law(case):
    times = np.array([0.0, 0.5, 2.0, 5.0, 10.0, 18.0, 22.0])
    calls, kept = [], []
    for n in range(REPLICATIONS):
        network = build(case, plan(case, STOCK), seed=7, replication=n)
        network.run()
        log = network.logs[0]
        response = log.response[log.began >= network.clock.start]
        calls.append(len(response))
        kept.append((response[:, None] <= times).sum(axis=0))
    for number, t in enumerate(times):
        assert agree(1 - response_beyond(t), np.array(kept)[:, number], calls)


def test_the_promise_the_time_beyond_it_and_satisfaction_agree(sums):
    late = sum(sums[cause] for cause in ("late_for_parts", "late_for_technicians", "late_anyway"))
    assert agree(response_beyond(WITHIN), late, sums["calls"])
    assert agree(above(0.0), sums["response"], sums["calls"])
    assert agree(above(WITHIN), sums["beyond"], sums["calls"])
    # (expected - response) / expected, and -1 from twice the expected time on.
    satisfaction = 1 - above(0.0, 2 * EXPECTED) / EXPECTED
    assert agree(satisfaction, sums["satisfaction"], sums["calls"])


def test_late_calls_are_late_for_the_part_where_the_repair_alone_is_in_time(sums):
    alone = (1 - PHONE) * np.exp(-WITHIN / REPAIR)
    assert agree(alone, sums["late_anyway"], sums["calls"])
    assert agree(response_beyond(WITHIN) - alone, sums["late_for_parts"], sums["calls"])
    assert not sums["late_for_technicians"].any()


def test_the_tables_show_the_share_and_the_hours_that_the_law_has(case):
    row = simulate(case, plan(case, STOCK), seed=7).promises.iloc[0]
    wider = stats.norm.ppf(0.9995) / stats.norm.ppf(0.975)  # 99.9 % for 95 %

    def inside(name, expected, ends=None):
        value, low, high = row[name], *(row[f"{ends or name}_{end}"] for end in ("low", "high"))
        return value - wider * (value - low) <= expected <= value + wider * (high - value)

    assert inside("share_simulated", 1 - response_beyond(WITHIN), "share")
    assert inside("mean_response_hours", above(0.0) * 24)
    # The honest promise is the time that 80 % of the calls keep.
    honest = optimize.brentq(lambda t: response_beyond(t) - 0.2, 0, 30)
    assert inside("honest_hours", honest * 24)
    assert inside("promise_gap_hours", (honest - WITHIN) * 24)
