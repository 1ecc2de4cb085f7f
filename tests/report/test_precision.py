"""Whether a precision was reached, and how far it was missed."""

import pytest

from partsim.report.precision import precision_sentence
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario


@pytest.fixture(scope="module")
def outcome():
    case = scenario()
    return simulate(case, plan(case, 3), replications=10)


def test_the_widest_interval_decides(outcome):
    row = outcome.promises.iloc[0]
    half = (row["share_high"] - row["share_low"]) / 2
    known = f"every promise's share is known within {100 * half:.2g} % to each side"
    assert precision_sentence(outcome, half * 1.001) == f"reached after 10 replications: {known}"
    missed = precision_sentence(outcome, half / 10)
    asked = f"{10 * half:.2g} % was asked for"
    assert missed.startswith(f"not reached in 10 replications, the most allowed: {known}, {asked};")


def test_without_calls_nothing_is_known():
    case = scenario(parts={"pump": {"lifetime": {"fixed": "1000000 years"}}})
    outcome = simulate(case, plan(case, 1), replications=2)
    assert (
        precision_sentence(outcome, 0.1)
        == "not reached in 2 replications, the most allowed: no call of everyone came"
    )
    assert outcome.precision(0.1)["precision"]["reached"] is False
    assert outcome.precision(None) == {}
