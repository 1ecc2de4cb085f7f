"""Targets that are no promise: what the simulation makes of them, and beside the formulas."""

import numpy as np
import pytest

from partsim import evaluate, run, simulate
from partsim.analytic.reserved_stock import reserved_emergency
from partsim.simulation.call_log import SUMS
from partsim.simulation.statistics import Sample
from partsim.simulation.target_tables import target_measures, target_table
from tests.builders import merge, plan, scenario
from tests.simulation.agreement import agree, records


def two_tiers(**changes):
    """Give two parts, two depots and two tiers, with a target of every kind."""
    tree = {
        "parts": {
            "pump": {"group": "big", "lifetime": {"exponential": {"mean": "60 d"}}},
            "seal": {"price": 50, "lifetime": {"exponential": {"mean": "30 d"}},
                     "supplier": "plant", "group": "small"},
        },
        "depots": {"centre": {"max_waiting_time": "30 h", "min_fill_rate": "70 %"},
                   "north": {"supplied_by": "centre", "transport_time": "2 d",
                             "min_fill_rate": "99.999 %"}},
        "groups": {"big": {"min_fill_rate": "80 %"}, "small": {"min_fill_rate": "60 %"}},
        "machines": {"mixer": {"positions": {"pump": 1, "seal": 2}, "min_availability": "80 %"},
                     "crane": {"positions": {"seal": 1}, "min_availability": "80 %"}},
        "fleets": [
            {"machine": "mixer", "depot": "centre", "customers": "road", "count": 8},
            {"machine": "mixer", "depot": "north", "customers": "road", "count": 6},
            {"machine": "crane", "depot": "north", "customers": "rail", "count": 9},
        ],
        "tiers": {
            "everyone": {"max_waiting_time": "48 h"},
            "gold": {"customers": ["rail"], "promise": {"within": "24 h", "share": "50 %"},
                     "min_fill_rate": "80 %", "priority": 1},
        },
        "service": {"diagnosis_time": "1 h", "travel_time": "4 h", "repair_time": "2 h"},
        "ageing": "calendar",
    }  # fmt: skip
    return scenario(**merge(tree, changes))


@pytest.fixture(scope="module")
def case():
    return two_tiers()


@pytest.fixture(scope="module")
def stock(case):
    return plan(case, [[9, 4], [45, 4]])


@pytest.fixture(scope="module")
def played(case, stock):
    return records(case, stock, 40)


def rows(case, played):
    measured = target_measures(case, played)
    return target_table(case, measured, played, Sample.alike(len(played))).set_index("row")


def test_every_target_has_a_row_by_the_name_that_the_plan_gives_it(case):
    result = run(case, replications=2)
    found = result.targets
    assert found["row"].tolist() == [
        "waiting time at centre", "fill rate at centre", "fill rate at north",
        "waiting time of everyone", "fill rate of gold", "fill rate of big", "fill rate of small",
        "availability of mixer", "availability of crane",
    ]  # fmt: skip
    assert (found["kept"] != "").all()
    assert result.summary["targets"][0]["row"] == "waiting time at centre"


def test_rows_are_what_the_records_hold(case, stock, played):
    found = rows(case, played)
    asked = sum(record.requests[0] for record in played)
    met = sum(record.from_shelf[0] for record in played)
    waited = sum(record.waited[0] for record in played)
    assert found.loc["waiting time at centre", "simulated"] == pytest.approx(
        24 * waited[:, 0].sum() / asked[:, 0].sum()
    )
    assert found.loc["fill rate at north", "simulated"] == pytest.approx(
        met[:, 1].sum() / asked[:, 1].sum()
    )
    assert found.loc["fill rate of big", "simulated"] == pytest.approx(
        met[0].sum() / asked[0].sum()
    )
    # Gold is cranes, 9 of the 21 seals at north; its fill rate is that of seals there.
    assert found.loc["fill rate of gold", "simulated"] == pytest.approx(met[1, 1] / asked[1, 1])
    everyone = waited[:, 0].sum() + waited[0, 1] + waited[1, 1] * 12 / 21
    demand = asked[:, 0].sum() + asked[0, 1] + asked[1, 1] * 12 / 21
    assert found.loc["waiting time of everyone", "simulated"] == pytest.approx(
        24 * everyone / demand
    )
    up = sum((record.availability[:2] @ [8, 6]) / 14 for record in played) / len(played)
    assert found.loc["availability of mixer", "simulated"] == pytest.approx(up)


def test_verdicts_look_at_the_right_end(case, played):
    found = rows(case, played)
    assert found.loc["fill rate at north", "kept"] == "no"
    assert found.loc["fill rate of small", "kept"] == "yes"
    loose, tight = (
        rows(two_tiers(depots={"centre": {"max_waiting_time": limit}}), played)
        for limit in ("900 h", "1 min")
    )
    assert loose.loc["waiting time at centre", "kept"] == "yes"
    assert tight.loc["waiting time at centre", "kept"] == "no"


def test_what_tiers_wait_is_counted_where_they_are_served_by_rank(stock):
    ranked = two_tiers(
        depots={"centre": {"allocation": "priority"}}, service={"diagnosis_time": "0 d"},
        tiers={"everyone": {"priority": 2, "min_fill_rate": "50 %"},
               "gold": {"max_waiting_time": "48 h", "reserved_stock": 1}},
    )  # fmt: skip
    played = records(ranked, stock, 20)
    found = rows(ranked, played)["simulated"]
    calls, waits = (SUMS.index(name) for name in ("calls", "part_wait"))
    for tier in ("everyone", "gold"):
        mine = [i for i, phase in enumerate(ranked.phases) if phase.tier == tier]
        # Every call asks for one unit at once, so its wait is that of the log.
        asked, waited = (sum(r.service[mine, of].sum() for r in played) for of in (calls, waits))
        assert found[f"waiting time of {tier}"] == pytest.approx(24 * waited / asked, rel=1e-9)
    assert found["waiting time of gold"] < 0.7 * found["waiting time of everyone"]
    assert found["fill rate of gold"] > found["fill rate of everyone"]
    for record in played:
        assert record.tiers[:, 0].sum() == record.requests[0].sum()
        assert record.tiers[:, 2].sum() == pytest.approx(record.waited[0].sum(), rel=1e-9)


def test_fill_rates_of_tiers_with_reserved_stock_are_those_of_the_exact_formula():
    tiers = {"everyone": {"reserved_stock": 2, "min_fill_rate": "50 %"},
             "last": {"customers": ["rail"], "promise": {"within": "1 d", "share": "90 %"},
                      "priority": 2, "min_fill_rate": "50 %"}}  # fmt: skip
    fleets = [{"machine": "mixer", "depot": "centre", "customers": customers, "count": count}
              for customers, count in (("road", 4), ("rail", 12))]  # fmt: skip
    case = scenario(
        ageing="calendar", tiers=tiers, fleets=fleets, emergency={"outside": {"time": "2 d"}},
        suppliers={"plant": {"lead_time": {"exponential": {"mean": "20 d"}}}},
        simulation={"years": 10, "warm_up": "1 year"},
    )  # fmt: skip
    exact = reserved_emergency([0.04, 0.12], 20.0, 4, [0, 2]).fill_rate
    played = records(case, plan(case, 4))
    for t, tier in enumerate(("everyone", "last")):
        asked, met = (np.array([r.tiers[t, of] for r in played]) for of in (0, 1))
        assert agree(exact[t], met, asked)
        assert rows(case, played)["simulated"][f"fill rate of {tier}"] == pytest.approx(
            met.sum() / asked.sum()
        )


def test_the_formulas_agree_where_they_are_exact():
    """Poisson demand at one depot that suppliers deliver to, no finite source."""
    one = scenario(
        ageing="calendar",
        depots={"centre": {"max_waiting_time": "48 h", "min_fill_rate": "50 %"}},
        simulation={"years": 20},
    )
    stock = plan(one, 3)
    formula = evaluate(one, stock).depots.iloc[0]
    played = records(one, stock)
    waited = [24 * record.waited[0].sum() for record in played]
    met = [record.from_shelf[0].sum() for record in played]
    asked = [record.requests[0].sum() for record in played]
    found = rows(one, played)["simulated"]
    assert found["waiting time at centre"] == pytest.approx(sum(waited) / sum(asked))
    assert agree(formula["waiting_time_hours"], waited, asked)
    assert agree(formula["fill_rate"], met, asked)


def test_a_scenario_without_such_targets_has_none():
    case = scenario()
    assert simulate(case, plan(case, 2), replications=2).targets.empty
    assert run(case, replications=2).targets.empty
