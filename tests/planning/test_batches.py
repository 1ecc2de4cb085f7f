"""Replications on disk: whole or not there, of one question only; interrupted runs go on."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import partsim
from partsim.errors import InputError
from partsim.model.outcome import Interrupted
from partsim.planning import batches
from partsim.planning.batches import Batches, arrays_of, question_of, record_of
from partsim.planning.pipeline import run
from partsim.simulation.replication import play
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario
from tests.simulation.test_simulate import assert_same, case_with_all_features


@pytest.fixture(scope="module")
def case():
    return case_with_all_features()


@pytest.fixture(scope="module")
def decision(case):
    return plan(case, [[8, 2]], [[4, 1]])


def opened(folder, case, decision, seed=1):
    return Batches(folder, question_of(case, decision, seed))


def test_a_record_comes_back_from_disk_as_it_was(tmp_path, case, decision):
    record = play(case, decision, 1, 0)
    opened(tmp_path / "new", case, decision).keep(7, record)
    ((number, again),) = opened(tmp_path / "new", case, decision).finished().items()
    assert number == 7
    assert len(again.responses) == len(record.responses) > 1
    one, other = arrays_of(record), arrays_of(again)
    assert one.keys() == other.keys() >= {field.name for field in fields(record)} - {"responses"}
    for name in one:
        assert one[name].dtype == other[name].dtype
        np.testing.assert_array_equal(one[name], other[name])


def test_a_record_of_objects_is_refused_and_so_is_one_without_its_response_times(case, decision):
    record = play(case, decision, 1, 0)
    with pytest.raises(KeyError, match="responses/0/values"):
        record_of(arrays_of(replace(record, responses=())))
    with pytest.raises(TypeError, match="numbers only"):
        arrays_of(replace(record, orders=np.array([{}], object)))


def test_an_interrupted_simulation_goes_on_with_the_same_tables(tmp_path, case, decision):
    def interrupt(_stage, done, _total):
        if done == 3:
            raise KeyboardInterrupt

    folder = tmp_path / "kept"
    with pytest.raises(Interrupted):
        simulate(case, decision, store=opened(folder, case, decision), progress=interrupt)
    assert len(list(folder.glob("*.npz"))) == 3
    store = opened(folder, case, decision)
    assert_same(simulate(case, decision), simulate(case, decision, store=store))
    assert len(list(folder.glob("*.npz"))) == 4


def test_more_replications_go_on_from_fewer(tmp_path, case, decision):
    store = opened(tmp_path / "kept", case, decision)
    simulate(case, decision, replications=2, store=store)
    longer = scenario(**{"simulation": {"replications": 9}})
    assert question_of(longer, None, 1) == question_of(scenario(), None, 1)
    assert_same(simulate(case, decision), simulate(case, decision, store=store))


def test_another_scenario_plan_seed_or_version_is_refused_with_a_sentence(
    tmp_path, monkeypatch, case, decision
):
    folder = tmp_path / "kept"
    opened(folder, case, decision)
    dearer = case.model_copy(update={"currency": "EUR"})
    for other, sentence in (
        ((dearer, decision), "begun with another scenario; name a new folder"),
        ((case, plan(case, 3)), "begun with another plan; name"),
        ((case, plan(case, [[8, 2]], [[4, 1]], grades=("A",))), "begun with another plan; name"),
        ((case, decision, 5), "begun with seed 1, not 5; name"),
    ):
        with pytest.raises(InputError, match=sentence):
            opened(folder, *other)
    monkeypatch.setattr(batches.partsim, "__version__", "99")
    with pytest.raises(InputError, match=f"begun with partsim {partsim_version}, not 99"):
        opened(folder, case, decision)


partsim_version = partsim.__version__


def test_a_folder_of_other_things_and_a_damaged_file_are_refused(tmp_path, case, decision):
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(InputError, match="neither empty nor a folder of --resume"):
        opened(tmp_path, case, decision)
    with pytest.raises(InputError, match=r"holiday\.jpg: is a file, no folder of --resume"):
        opened(tmp_path / "holiday.jpg", case, decision)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "question.json").write_text("[]")
    with pytest.raises(InputError, match="neither empty nor a folder of --resume"):
        opened(tmp_path / "other", case, decision)
    store = opened(tmp_path / "kept", case, decision)
    store.keep(0, play(case, decision, 1, 0))
    path = tmp_path / "kept" / "replication-000000.npz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"replication-000000\.npz: is damaged .* delete it"):
        store.finished()


def test_a_record_of_a_version_that_counted_less_is_refused(tmp_path, case, decision):
    store = opened(tmp_path / "kept", case, decision)
    arrays = arrays_of(play(case, decision, 1, 0))
    del arrays["lateness"]
    np.savez(tmp_path / "kept" / "replication-000000.npz", **arrays)
    with pytest.raises(InputError, match=r"has no lateness: another version .* it; delete"):
        store.finished()


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch, case, decision):
    store = opened(tmp_path / "kept", case, decision)

    def full(path, content):
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="cannot be written: No space left on device"):
        store.keep(0, play(case, decision, 1, 0))
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["question.json"]


def test_a_whole_run_goes_on_and_another_scenario_is_refused(tmp_path):
    case, played = scenario(simulation={"replications": 3}), []

    def progress(stage, done, _total):
        if stage == "simulate":
            played.append(done)
            if len(played) == 4:
                raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        run(case, resume=tmp_path / "kept", progress=progress)
    kept = set((tmp_path / "kept").rglob("*.npz"))
    assert len(kept) == 4
    made = {path: path.stat().st_mtime_ns for path in kept}
    again = run(case, resume=tmp_path / "kept")
    assert {path: path.stat().st_mtime_ns for path in kept} == made
    assert_same(run(case).outcome, again.outcome)
    with pytest.raises(InputError, match="another scenario"):
        run(scenario(simulation={"replications": 3, "years": 3}), resume=tmp_path / "kept")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
def test_ctrl_c_on_the_command_line_shows_what_is_finished_and_goes_on(tmp_path):
    def command(*more):
        return [sys.executable, "-c", "from partsim.cli.program import main; main()", *more]

    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    case = str(Path("scenarios/first_steps.yaml").resolve())
    stock, kept = str(tmp_path / "stock.csv"), tmp_path / "kept"
    subprocess.run(
        command("optimise", case, "-o", stock), env=environment, check=True, capture_output=True
    )
    arguments = ["simulate", case, "--plan", stock, "--resume", str(kept), "--replications"]
    program = subprocess.Popen(
        command(*arguments, "100000"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # A third is kept only when the second is counted.
    while len(list(kept.glob("replication-*.npz"))) < 3 and program.poll() is None:
        time.sleep(0.001)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=600)
    assert program.returncode == 130
    assert "verdict" in out
    assert " of 100000 replications are finished; type the same command again" in err
