"""Whoever plays the replications, and whatever interrupts them: the same tables."""

import logging
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import Future
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

from partsim import read_scenario
from partsim.errors import EngineFailed
from partsim.model.outcome import Interrupted
from partsim.simulation import engines
from partsim.simulation.simulation import simulate
from tests.builders import plan
from tests.simulation.test_simulate import assert_same, case_with_all_features

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def case():
    return case_with_all_features()


@pytest.fixture(scope="module")
def decision(case):
    return plan(case, [[8, 2]], [[4, 1]])


@pytest.fixture(scope="module")
def outcome(case, decision):
    return simulate(case, decision)


class Backwards:
    """An engine that finishes the last replication first."""

    def play_all(self, play_one, numbers):
        for number in reversed(numbers):
            yield number, play_one(number)


def test_the_order_in_which_replications_finish_changes_nothing(case, decision, outcome):
    told = []
    again = simulate(
        case, decision, engine=Backwards(), progress=lambda *args: told.append(args[1])
    )
    assert_same(outcome, again)
    assert told == [1, 2, 3, 4]


class Shelf(dict):
    """A store in memory."""

    def finished(self):
        return dict(self)

    def keep(self, number, record):
        self[number] = record


class Counting:
    """An engine that remembers what it was asked for."""

    def play_all(self, play_one, numbers):
        self.asked = list(numbers)
        for number in numbers:
            yield number, play_one(number)


def test_what_is_stored_is_not_played_again(case, decision, outcome):
    store, engine = Shelf(), Counting()
    simulate(case, decision, replications=3, store=store)
    del store[1]
    assert_same(outcome, simulate(case, decision, store=store, engine=engine))
    assert engine.asked == [1, 3]
    assert sorted(store) == [0, 1, 2, 3]


def interrupt_after(done):
    def progress(_stage, now, _total):
        if now == done:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_leaves_what_is_finished_usable(case, decision, jobs):
    with pytest.raises(Interrupted, match="3 of 50 replications are finished") as caught:
        simulate(case, decision, replications=50, jobs=jobs, progress=interrupt_after(3))
    assert_same(caught.value.outcome, simulate(case, decision, replications=3))


def test_an_interrupt_says_what_was_finished_after_a_gap(case, decision):
    class Gap:
        def play_all(self, play_one, _numbers):
            for number in (0, 1, 3):
                yield number, play_one(number)
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="2 of 9 replications are finished and 1 after") as caught:
        simulate(case, decision, replications=9, engine=Gap())
    assert_same(caught.value.outcome, simulate(case, decision, replications=2))


def test_one_replication_is_no_outcome(case, decision):
    with pytest.raises(Interrupted) as caught:
        simulate(case, decision, progress=interrupt_after(1))
    assert (caught.value.finished, caught.value.outcome) == (1, None)


def test_dask_that_is_missing_is_a_sentence_that_says_what_to_type(monkeypatch, case, decision):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EngineFailed, match=r"type: pip install 'partsim\[dask\]'"):
        simulate(case, decision, engine=engines.Dask())


def failing_cluster(**_):
    """Fail as Dask does where the system gives no more files."""
    try:
        try:
            raise OSError(24, "Too many open files")
        except OSError:
            logging.getLogger("distributed.nanny").exception("Failed to start process")
            raise AssertionError("Status.init")  # noqa: B904
    except AssertionError as error:
        raise RuntimeError("Nanny failed to start.") from error


def test_a_dask_cluster_that_cannot_start_is_one_sentence(monkeypatch, caplog, case, decision):
    distributed = SimpleNamespace(Client=None, LocalCluster=failing_cluster)
    monkeypatch.setitem(sys.modules, "distributed", distributed)
    with pytest.raises(EngineFailed, match=r"could be started here: .*Too many open files"):
        simulate(case, decision, engine=engines.Dask())
    assert caplog.records == []
    logging.getLogger("distributed.nanny").error("heard again")
    assert len(caplog.records) == 1


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed", reason="needs the extra dask")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0"
    ) as cluster:
        yield cluster


def test_dask_gives_the_same_tables(case, decision, outcome, cluster):
    engine = engines.Dask(cluster.scheduler_address)
    assert_same(outcome, simulate(case, decision, engine=engine))


def test_dask_starts_workers_of_its_own_where_no_scheduler_is_named(case, decision, outcome):
    pytest.importorskip("distributed", reason="needs the extra dask")
    assert_same(outcome, simulate(case, decision, engine=engines.Dask(jobs=1)))


def test_a_killed_dask_worker_costs_nothing_but_time(case, decision, cluster):
    from distributed import Client

    with Client(cluster.scheduler_address) as client:
        pids = list(client.run(os.getpid).values())

    def kill_one(_stage, done, _total):
        if done == 2:
            os.kill(pids[0], signal.SIGKILL)

    engine = engines.Dask(cluster.scheduler_address)
    again = simulate(case, decision, replications=12, engine=engine, progress=kill_one)
    assert_same(simulate(case, decision, replications=12), again)


def die(_number):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_replication_that_kills_every_dask_worker_is_given_up_with_a_sentence(cluster):
    engine = engines.Dask(cluster.scheduler_address)
    with pytest.raises(EngineFailed, match="replication 1: every Dask worker that played it died"):
        list(engine.play_all(die, [1]))


def test_a_scheduler_that_goes_away_is_a_sentence():
    pytest.importorskip("distributed", reason="needs the extra dask")
    lost = Future()
    lost.cancel()
    with pytest.raises(EngineFailed, match="the Dask scheduler went away"):
        engines._result(lost, 1)


def test_a_worker_with_another_version_is_refused(monkeypatch, case, decision, cluster):
    monkeypatch.setattr(engines.partsim, "__version__", "99")
    with pytest.raises(EngineFailed, match=r"expected partsim 99, got .*install the same version"):
        simulate(case, decision, engine=engines.Dask(cluster.scheduler_address))


def test_a_scheduler_that_does_not_answer_is_a_sentence(monkeypatch, case, decision):
    pytest.importorskip("distributed", reason="needs the extra dask")
    monkeypatch.setattr(engines, "_PATIENCE", 1.0)
    with pytest.raises(EngineFailed, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9"):
        simulate(case, decision, engine=engines.Dask("tcp://127.0.0.1:9"))


def test_what_answers_and_is_no_scheduler_is_a_sentence(monkeypatch, case, decision):
    pytest.importorskip("distributed", reason="needs the extra dask")
    monkeypatch.setattr(engines, "_PATIENCE", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(EngineFailed, match=f"no Dask scheduler at {address}: .*"):
            simulate(case, decision, engine=engines.Dask(address))


def test_a_worker_without_partsim_is_refused(case, decision):
    distributed = pytest.importorskip("distributed", reason="needs the extra dask")
    with (
        distributed.LocalCluster(n_workers=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        client.run(lambda: sys.modules.update(partsim=None))
        with pytest.raises(EngineFailed, match="got none; install the same version"):
            simulate(case, decision, engine=engines.Dask(cluster.scheduler_address))


def digest_of_every_shipped_scenario(engine=None):
    """Play a month of every scenario that partsim ships; give a name to all tables."""
    digest = sha256()
    for path in sorted(SCENARIOS.glob("*.yaml")):
        case = read_scenario(path, ["simulation.years=0.08", "simulation.warm_up=0 d"])
        grades = (case.grade_ids[0],) * len(case.part_ids)
        outcome = simulate(case, plan(case, 2, grades=grades), replications=2, engine=engine)
        tables = [getattr(outcome, field.name) for field in fields(outcome)]
        for table in tables:
            text = table.to_csv() if hasattr(table, "to_csv") else repr(table)
            digest.update(text.encode())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def digest():
    return digest_of_every_shipped_scenario()


@pytest.mark.parametrize("engine", [engines.Processes(2), Backwards()])
def test_every_shipped_scenario_has_the_same_tables_whoever_plays_it(digest, engine):
    assert digest_of_every_shipped_scenario(engine) == digest


def test_every_shipped_scenario_has_the_same_tables_on_a_dask_cluster(digest, cluster):
    engine = engines.Dask(cluster.scheduler_address)
    assert digest_of_every_shipped_scenario(engine) == digest


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_hash_seed_of_the_interpreter_changes_nothing(digest, seed):
    code = "import tests.simulation.test_engines as t; print(t.digest_of_every_shipped_scenario())"
    paths = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": paths, "PYTHONHASHSEED": seed},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == f"{digest}\n"
