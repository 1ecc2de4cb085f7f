"""Points of a frontier, played out with the same random numbers beside their formulas."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from partsim import simulate
from partsim.errors import InputError
from partsim.optimisation.frontier import trace_frontier
from partsim.optimisation.named_targets import with_target
from partsim.planning.frontier import play_frontier
from partsim.simulation import simulation
from tests.builders import scenario


@pytest.fixture(scope="module")
def case():
    return scenario(
        service={"diagnosis_time": "1 h", "travel_time": "4 h", "repair_time": "2 h"},
        simulation={"years": 4, "replications": 4, "seed": 3},
        tiers={"everyone": {"promise": {"within": "24 h", "share": "80 %"}}},
    )


@pytest.fixture(scope="module")
def traced(case):
    machine = next(iter(case.machines))
    return trace_frontier(case, target=f"availability of {machine}", points=5)


def test_every_measure_is_that_of_the_plan_played_alone(case, traced):
    table = play_frontier(case, traced).simulated
    for number, point in enumerate(traced.points, start=1):
        outcome = simulate(with_target(case, traced.target, point.target), point.plan)
        rows = table[table["point"] == number].set_index("measure")
        assert rows.index.tolist() == ["cost", "promise of everyone", traced.target]
        assert rows.loc["cost", "simulated"] == pytest.approx(outcome.plan_cost, rel=1e-12)
        assert rows.loc["cost", "formula"] == point.plan.certificate.plan_cost
        promise, target = outcome.promises.iloc[0], outcome.targets.iloc[0]
        seen = rows.loc["promise of everyone"]
        names = ["share_promised", "share_simulated", "share_low", "share_high", "kept"]
        columns = ["wanted", "simulated", "simulated_low", "simulated_high", "kept"]
        assert seen[columns].tolist() == promise[names].tolist()
        assert (
            rows.loc[traced.target, columns].tolist() == target[["target", *columns[1:]]].tolist()
        )
        formula = {row.name: row.value for row in point.plan.certificate.rows}
        assert rows["formula"].iloc[1:].to_dict() == formula


def test_the_strictest_and_points_evenly_before_it_are_played(case, traced):
    for wanted, played in ((1, [5]), (2, [1, 5]), (3, [1, 3, 5]), (9, [1, 2, 3, 4, 5])):
        table = play_frontier(case, traced, points=wanted).simulated
        assert table["point"].drop_duplicates().tolist() == played
    with pytest.raises(ValueError, match="points"):
        play_frontier(case, traced, points=0)


def test_more_stock_for_the_same_failures_never_serves_worse(case, traced):
    """With other random numbers for each point the shares would jump up and down."""
    shares = play_frontier(case, traced).simulated.query("measure == 'promise of everyone'")
    stock = [point.plan.base_stock for point in traced.points]
    assert all((more >= less).all() for less, more in pairwise(stock))
    assert (np.diff(shares["simulated"]) >= 0).all()


def test_what_was_finished_is_not_played_again(case, traced, tmp_path, monkeypatch):
    first = play_frontier(case, traced, points=2, resume=tmp_path / "kept").simulated
    played, play = [], simulation.play
    monkeypatch.setattr(simulation, "play", lambda *x: (played.append(x[-1]), play(*x))[1])
    more = play_frontier(case, traced, points=3, resume=tmp_path / "kept").simulated
    assert played == [0, 1, 2, 3]  # of the point between
    pd.testing.assert_frame_equal(more[more["point"] != 3].reset_index(drop=True), first)
    pd.testing.assert_frame_equal(more, play_frontier(case, traced, points=3).simulated)
    with pytest.raises(InputError, match="seed 3, not 4"):
        play_frontier(seeded(case, 4), traced, resume=tmp_path / "kept")


def seeded(case, seed):
    rules = case.simulation.model_copy(update={"seed": seed})
    return case.model_copy(update={"simulation": rules})
