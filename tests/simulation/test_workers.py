"""Worker processes: what a dead one costs, and what its parent hears of errors."""

import os
import signal
import time
from functools import partial

import pytest

from partsim.errors import EngineFailed
from partsim.simulation.workers import MOST_TRIES, play_in_workers

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals are of POSIX")


def square(number, folder, deaths=1):
    """Square a number; number 3 kills its process so many times."""
    tries = len(list(folder.glob(f"{number}.*")))
    (folder / f"{number}.{tries}").touch()
    if number == 3 and tries < deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_worker_costs_its_own_task_only(tmp_path, jobs):
    results = dict(play_in_workers(partial(square, folder=tmp_path), range(8), jobs))
    assert results == {n: n**2 for n in range(8)}
    done = sorted(path.name for path in tmp_path.iterdir())
    assert done == sorted([*(f"{n}.0" for n in range(8)), "3.1"])


def test_a_task_that_kills_every_process_is_given_up_with_a_sentence(tmp_path):
    task = partial(square, folder=tmp_path, deaths=99)
    with pytest.raises(EngineFailed, match=r"replication 3: .* 3 times.* exit status -9"):
        list(play_in_workers(task, range(8), 2))
    assert len(list(tmp_path.glob("3.*"))) == MOST_TRIES


def fail(number):
    raise RuntimeError(f"no unit {number}")


def test_an_error_of_a_task_is_the_parents_with_the_place_it_came_from():
    with pytest.raises(RuntimeError, match="no unit 4") as caught:
        list(play_in_workers(fail, [4], 1))
    assert "in fail" in "".join(caught.value.__notes__)


def sleep(number):
    time.sleep(3600 * number)
    return os.getpid()


def test_closed_early_no_worker_goes_on():
    played = play_in_workers(sleep, [0, 1, 1], 2)
    _, pid = next(played)
    began = time.monotonic()
    played.close()
    assert time.monotonic() - began < 600
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
