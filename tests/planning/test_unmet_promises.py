"""Promises that are not kept: the causes add up, and the right one binds."""

import pytest

from partsim import run, simulate
from partsim.model.unmet import unmet_promises
from partsim.report.plain_text import run_text
from tests.builders import plan, scenario

SERVICE = {"diagnosis_time": "1 h", "travel_time": "2 h", "repair_time": "7 h"}


def busy(**changes):
    """Give 40 machines that fail every 20 days and may wait 24 hours."""
    case = {
        "parts": {"pump": {"lifetime": {"exponential": {"mean": "20 d"}}}},
        "fleets": [{"machine": "mixer", "depot": "centre", "customers": "road", "count": 40}],
        "service": SERVICE,
        "simulation": {"years": 3, "replications": 6},
    }
    return scenario(**(case | changes))


@pytest.mark.parametrize(
    ("changes", "units", "binds"),
    [
        ({}, 20, "stock"),
        ({"technicians": {"all": {"depots": ["centre"], "number": 1}}}, 90, "technicians"),
        ({"service": SERVICE | {"travel_time": "30 h"}}, 90, "travel and repair"),
    ],
)
def test_what_binds_is_what_was_made_scarce(changes, units, binds):
    case = busy(**changes)
    outcome = simulate(case, plan(case, units))
    (row,) = unmet_promises(outcome).to_dict("records")
    late = row["late_for_parts"] + row["late_for_technicians"] + row["late_anyway"]
    assert late == pytest.approx(1 - row["share_simulated"], abs=1e-12)
    assert row["share_best"] == pytest.approx(row["share_simulated"] + row["late_for_parts"])
    assert row["binds"] == binds


def test_kept_promises_are_not_listed():
    case = busy()
    assert unmet_promises(simulate(case, plan(case, 90))).empty


def test_the_text_and_the_summary_say_what_binds_and_what_would_mend_it():
    result = run(busy(technicians={"all": {"depots": ["centre"], "number": 1}}))
    (fact,) = result.summary["unmet_promises"]
    assert fact["binds"] == "technicians"
    text = run_text(result)
    assert "technicians bind" in text
    assert "no stock keeps it" in text
    assert "more technicians or longer shifts would mend it" in text


def test_no_stock_is_advised_for_an_overloaded_supplier():
    """Two units a day, 20 days of work on each order, one place: the queue grows all the time."""
    result = run(busy(suppliers={"plant": {"capacity": 1}}))
    (fact,) = result.summary["unmet_promises"]
    assert fact["binds"] == "suppliers or shops"
    text = run_text(result)
    assert "overload: supplier plant has 1 place for orders" in text
    assert "overloaded and no stock keeps it for long: relieve the supplier or shop" in text
    assert "more stock would mend it" not in text
    assert "can be promised within" not in text


def test_of_a_promise_without_a_call_no_shares_are_said():
    idle = {"pump": {"lifetime": {"exponential": {"mean": "900 years"}}}}
    text = run_text(run(busy(parts=idle, simulation={"years": 0.01, "replications": 2})))
    said = "promise of everyone open: no call came; more replications or years would tell"
    assert said in text.splitlines()
    assert "late for parts" not in text
