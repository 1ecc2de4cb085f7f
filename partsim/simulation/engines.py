"""Engines: who plays the replications, this process, several on this machine, or a Dask cluster."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import partsim
from partsim.errors import EngineFailed
from partsim.simulation.replication import Record
from partsim.simulation.workers import play_in_workers

if TYPE_CHECKING:
    from distributed import Client, Future

PlayOne = Callable[[int], Record]
Played = Generator[tuple[int, Record], None, None]


class Engine(Protocol):
    """Who plays replications: the records are the same whoever does, only their order is not."""

    def play_all(self, play_one: PlayOne, numbers: Sequence[int]) -> Played:
        """
        Play replications.

        Parameters
        ----------
        play_one : callable
            Plays the replication of a number; can be sent to other processes.
        numbers : sequence of int
            Which to play.

        Yields
        ------
        (int, Record)
            Each number with its record, as they are finished. Closed early, nothing goes on.
        """


class ThisProcess:
    """One replication after another, here."""

    def play_all(self, play_one: PlayOne, numbers: Sequence[int]) -> Played:
        """Play replications in their order."""
        for number in numbers:
            yield number, play_one(number)


class Processes:
    """
    Processes on this machine, each with one replication at a time.

    Parameters
    ----------
    jobs : int
        Most processes.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def play_all(self, play_one: PlayOne, numbers: Sequence[int]) -> Played:
        """Play replications side by side; one whose process dies is played again."""
        return play_in_workers(play_one, numbers, min(self.jobs, len(numbers)))


class Dask:
    """
    A Dask cluster: one that runs already, or processes here that Dask looks after.

    Parameters
    ----------
    scheduler : str, optional
        Address of a scheduler, such as ``tcp://10.0.0.5:8786``; its workers need the same
        partsim. None: a cluster on this machine for as long as it takes.
    jobs : int
        Workers of a cluster on this machine.

    Raises
    ------
    EngineFailed
        On first use, if Dask is not installed, nobody answers at the address, or another
        version of partsim does; later, if the scheduler goes away, or all workers that play one
        replication die.
    """

    def __init__(self, scheduler: str | None = None, jobs: int = 1) -> None:
        self.scheduler = scheduler
        self.jobs = jobs

    def play_all(self, play_one: PlayOne, numbers: Sequence[int]) -> Played:
        """Play replications on the cluster; Dask gives those of a dead worker to another."""
        with self._client() as client:
            from distributed import as_completed

            # Not scattered: scattered data is lost with its worker, a task's own is not.
            futures = client.map(play_one, numbers, pure=False)
            number_of = dict(zip(futures, numbers, strict=True))
            del futures  # so that a record is dropped by the cluster when it is here
            try:
                for future in as_completed(list(number_of)):
                    number = number_of.pop(future)
                    yield number, _result(future, number)
            finally:
                client.cancel(list(number_of))

    @contextmanager
    def _client(self) -> Iterator[Client]:
        try:
            from distributed import Client, LocalCluster
        except ImportError:
            raise EngineFailed(
                "the engine dask needs Dask, which is not installed; "
                "type: pip install 'partsim[dask]'"
            ) from None
        if self.scheduler is None:
            try:
                with _without_logs():
                    here = LocalCluster(
                        n_workers=self.jobs, threads_per_worker=1, dashboard_address=":0"
                    )
            except (OSError, RuntimeError) as error:
                cause = _first_cause(error)
                raise EngineFailed(f"no Dask cluster could be started here: {cause}") from error
            with here as cluster, Client(cluster) as client:
                yield client
            return
        try:
            _greet(self.scheduler)
            client = Client(self.scheduler, timeout=_PATIENCE)
        except (OSError, ValueError) as error:
            reason = str(error) or "what answers there is none (the dashboard has another port)"
            raise EngineFailed(f"no Dask scheduler at {self.scheduler}: {reason}") from error
        with client:
            _check_workers(client, self.scheduler)
            yield client


@contextmanager
def _without_logs() -> Iterator[None]:
    """Keep the libraries from telling with a traceback what their error says anyway."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _first_cause(error: BaseException) -> BaseException:
    """Give the error behind an error such as 'Nanny failed to start'."""
    while (before := error.__cause__ or error.__context__) is not None:
        error = before
    return error


def _result(future: Future[Record], number: int) -> Record:
    """Take what the cluster has done."""
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        raise EngineFailed(
            f"replication {number}: every Dask worker that played it died; where memory is short, "
            "try fewer workers on each machine"
        ) from None
    except CancelledError:
        raise EngineFailed(
            "the Dask scheduler went away; with --resume FOLDER finished replications are kept"
        ) from None


_PATIENCE = 20.0
"""How long to wait for a scheduler or its first worker [s]."""


def _greet(scheduler: str) -> None:
    """See that a scheduler answers: Dask's client waits for one that never does."""
    from distributed.core import connect
    from distributed.security import Security

    async def greet() -> None:
        arguments = Security().get_connection_args("client")
        # Dask's own end of patience comes first where it has one: it says more.
        comm = await asyncio.wait_for(
            connect(scheduler, timeout=_PATIENCE, **arguments), 1.5 * _PATIENCE
        )
        comm.abort()

    # In a thread of its own: a notebook has a loop that runs already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, greet()).result()


def _check_workers(client: Client, scheduler: str) -> None:
    """Refuse workers that would play another model."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        raise EngineFailed(f"the Dask scheduler at {scheduler} has no workers") from None

    def installed() -> str:  # sent as it stands, not by its name: a worker may have no partsim
        try:
            import partsim
        except ImportError:
            return "none"
        return partsim.__version__

    versions: dict[str, Any] = client.run(installed)
    for worker, version in versions.items():
        if version != partsim.__version__:
            raise EngineFailed(
                f"Dask worker {worker}: expected partsim {partsim.__version__}, got {version}; "
                "install the same version on all workers"
            )
