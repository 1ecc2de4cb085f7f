"""Laws that hold whatever is done about machines, on random small scenarios."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from partsim.simulation.replication import build, play
from tests.builders import plan, scenario

# No call of these comes on a day of retirement, where rounding would decide.
SMOOTH = st.sampled_from([
    {"lifetime": {"weibull": {"mean": "40 d", "shape": 3}}},
    {"lifetime": {"gamma": {"mean": "30 d", "shape": 0.5}}, "replace_at": "50 d"},
    {"lifetime": {"weibull": {"mean": "60 d", "shape": 2}}, "replace_every": "45 d"},
    {"lifetime": {"weibull": {"mean": "60 d", "shape": 2}}, "replace_every": "30 d",
     "after_failure": "as_bad_as_old"},
])  # fmt: skip
LIVES = SMOOTH | st.sampled_from([
    {"lifetime": "25 d", "replace_at": "25 d"},
    {"lifetime": "20 d"},
    {"lifetime": {"modes": ["70 d", {"weibull": {"mean": "90 d", "shape": 0.7}}]}},
])  # fmt: skip
FLEETS = st.sampled_from([
    {},
    {"ages": "new", "deliveries_per_year": 30},
    {"ages": ["10 d", "200 d"], "retire_at": "260 d"},
    {"age_distribution": {"exponential": {"mean": "90 d"}}, "retires_on": "2026-07-31"},
    {"delivered": {"2025-09-01": 2, "2026-02-15": 1}, "retire_at": "180 d"},
])  # fmt: skip
PLANS = st.sampled_from([
    None,
    {"every": "20 d", "finds": "60 %", "warning": "15 d"},
    {"months": [2, 6], "every": "61 d"},
    {"ages": ["30 d", "120 d"], "every": "1 y", "finds": "30 %"},
])  # fmt: skip
SEASONS = st.sampled_from([None, [0, 0, 1, 2, 2, 1, 1, 1, 2, 2, 0, 0], [1] * 12])
CASES = st.fixed_dictionaries({
    "lives": st.tuples(LIVES, LIVES), "fleet": FLEETS, "plan": PLANS, "season": SEASONS,
    "ageing": st.sampled_from(["operating", "calendar"]), "stock": st.integers(0, 6),
    "repair": st.sampled_from(["0 d", "5 d", {"lognormal": {"mean": "2 d", "cv": 1}}]),
})  # fmt: skip


def question(lives, fleet, plan, season, ageing, stock, repair):
    names = ("pump", "pipe")
    machine = {"positions": {"pump": 1, "pipe": 2}}
    depot, changes = {"supplied_by": "suppliers"}, {}
    if plan:
        machine["inspection"], changes["inspections"] = "plan", {"plan": plan}
    if season:
        depot["season"], changes["seasons"] = "season", {"season": season}
    entry = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 3}
    return scenario(
        parts={n: {"price": 1, "supplier": "plant"} | life
               for n, life in zip(names, lives, strict=True)},
        machines={"mixer": machine}, depots={"centre": depot}, fleets=[entry | fleet],
        ageing=ageing, service={"repair_time": repair},
        simulation={"years": 0.5, "warm_up": "40 d", "start_date": "2026-01-01"},
        **changes,
    )  # fmt: skip


@given(CASES, st.integers(0, 99))
@settings(max_examples=60)
def test_machines_are_there_in_one_state_at_a_time_and_calls_are_conserved(drawn, seed):
    case = question(**drawn)
    decision = plan(case, drawn["stock"])
    network = build(case, decision, seed=seed, replication=0)
    network.run()
    (log,), (base,) = network.logs, case.installed_bases
    assert network.clock.unfinished == 0
    machine = np.array(log.machine, np.int64)
    began, response = np.array(log.began), np.array(log.response)
    assert np.all(response >= 0)
    assert np.all(began >= np.maximum(base.delivered, 0.0)[machine] - 1e-9)
    assert np.all(began < base.retires[machine])
    if drawn["ageing"] == "operating":
        for number in range(len(base)):
            mine = np.flatnonzero(machine == number)
            order = mine[np.argsort(began[mine], kind="stable")]
            assert np.all(began[order][1:] >= (began + response)[order][:-1] - 1e-9)
    record = play(case, decision, seed, 0)
    # Without diagnosis a part is asked for at once: every unit is of a failure or planned.
    kept = [case.part_ids.index(part) for part in network.prevention[0].planned]
    done = (record.failures + record.planned).sum(axis=0)
    assert record.requests[0].sum(axis=1)[kept].tolist() == done[kept].tolist()
    if len(kept) == len(case.parts):
        assert record.failures.sum() == len(record.responses[0])
    assert 0 <= record.availability[0] <= 1 + 1e-12


@given(CASES, st.tuples(SMOOTH, SMOOTH), st.integers(0, 99))
@settings(max_examples=15)
def test_a_season_that_is_none_changes_nothing(drawn, lives, seed):
    drawn = drawn | {"plan": None, "lives": lives}
    plain, flat = (question(**drawn | {"season": season}) for season in (None, [1] * 12))
    logs = []
    for case in (plain, flat):
        # With stock for all: else blocks and receipts of one day would tie, and rounding decide.
        network = build(case, plan(case, 999), seed=seed, replication=0)
        network.run()
        # Calls of one instant may be written down in another order: working times are sums.
        calls = zip(network.logs[0].machine, np.round(network.logs[0].began, 6), strict=True)
        logs.append(sorted(calls))
    assert len(logs[0]) == len(logs[1])
    times = [[time for _, time in log] for log in logs]
    np.testing.assert_allclose(times[0], times[1], atol=1e-5)
