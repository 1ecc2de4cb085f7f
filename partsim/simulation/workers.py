"""Worker processes: each plays one replication at a time, and none is missed when it dies."""

from __future__ import annotations

import multiprocessing
import signal
import traceback
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from partsim.errors import EngineFailed

Result = TypeVar("Result")
MOST_TRIES = 3
"""Times that a task may take its process with it before the run is given up."""


def play_in_workers(
    task: Callable[[int], Result], numbers: Sequence[int], jobs: int
) -> Generator[tuple[int, Result], None, None]:
    """
    Do a task for each number in processes of this machine.

    A process that dies, such as one that the system kills for its memory, costs its own task
    only: that is given to a new process.

    Parameters
    ----------
    task : callable
        Can be pickled, as its results can.
    numbers : sequence of int
        What to do it for.
    jobs : int
        Processes, 1 or more.

    Yields
    ------
    (int, object)
        Each number with its result, as they are finished.

    Raises
    ------
    EngineFailed
        If a task's process dies every time.
    """
    waiting, tries = deque(numbers), Counter[int]()
    workers: list[_Worker[Result]] = []
    try:
        for _ in range(jobs):
            workers.append(_Worker(task))
        while waiting or any(worker.number is not None for worker in workers):
            for worker in workers:
                if worker.number is None and waiting:
                    worker.start(waiting.popleft())
            for worker in _ready(workers):
                number = worker.number
                assert number is not None  # it has been at something
                try:
                    result = worker.result()
                except EOFError:
                    tries[number] += 1
                    _give_up_after(tries[number], number, worker.end())
                    waiting.appendleft(number)
                    workers[workers.index(worker)] = _Worker(task)
                else:
                    if waiting:
                        worker.start(waiting.popleft())
                    yield number, result
    finally:
        for worker in workers:
            worker.end()


def _ready(workers: Sequence[_Worker[Result]]) -> list[_Worker[Result]]:
    """Wait until some workers have a result, or have died at it."""
    busy = [worker for worker in workers if worker.number is not None]
    ready = wait([worker.connection for worker in busy])
    return [worker for worker in busy if worker.connection in ready]


def _give_up_after(tries: int, number: int, exit_code: int | None) -> None:
    if tries == MOST_TRIES:
        raise EngineFailed(
            f"replication {number}: the process that played it ended {tries} times, the last time "
            f"with exit status {exit_code}; where memory is short, try fewer jobs"
        )


class _Worker(Generic[Result]):
    """One process, and the number of the task that it does now."""

    def __init__(self, task: Callable[[int], Result]) -> None:
        self.number: int | None = None
        self.connection, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_work, args=(theirs, task), daemon=True)
        self._process.start()
        theirs.close()  # the process has its own: when that is closed, ours ends

    def start(self, number: int) -> None:
        """Give it a task."""
        self.number = number
        with suppress(OSError):  # if it has died, the end of its connection will tell
            self.connection.send(number)

    def result(self) -> Result:
        """Take what it has done; EOFError if it has died."""
        try:
            done, result = self.connection.recv()
        except OSError:
            raise EOFError from None
        self.number = None
        if not done:
            raise result
        return result

    def end(self) -> int | None:
        """End the process at once; give its exit status."""
        self._process.kill()
        self._process.join()
        self.connection.close()
        return self._process.exitcode


def _work(connection: Connection, task: Callable[[int], Any]) -> None:
    """Do tasks until nobody asks any more, or the parent is gone."""
    # Ctrl-C ends a worker at once and without a word; the parent reports it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is a process of its own
    with suppress(EOFError, ConnectionError):
        # The connection alone would not tell: a forked process holds the parent's end too.
        while parent.sentinel not in wait([connection, parent.sentinel]):
            connection.send(_do(task, connection.recv()))


def _do(task: Callable[[int], Any], number: int) -> tuple[bool, Any]:
    """Give whether it is done, and the result, or the error with where it came from."""
    try:
        return True, task(number)
    except Exception as error:  # any error is the parent's to raise
        error.add_note(traceback.format_exc())
        return False, error
