"""The record of calls: the times of good service, call by call, and their sums."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STAGES = ("answer", "diagnosis", "dispatch", "travel", "parts", "repair")
"""What a response time is made of, summed over the visits of a call."""
LATE = ("late_for_parts", "late_for_technicians", "late_anyway")
"""Why calls break their promise: without waits for parts they would keep it; without waits for
technicians either; not even then."""
SUMS = ("calls", *STAGES, "response", "beyond", "visited", "second_visits", "satisfaction",
        "part_wait", *LATE)  # fmt: skip
"""What is counted of each fleet."""
ROUNDING = 1e-9
"""Response times are sums: one that equals its promise but for rounding keeps it [days]."""
CallTimes = tuple[float, float, float, float, float, float, int, float]
"""`STAGES` of a call [days], how often somebody went to the machine, and how long the depot let
it wait for the part [days]: also while somebody is on the way."""
COLUMNS = ("machine", "part", "began", "response", *STAGES, "visits", "part_wait")
"""What is recorded of each call."""


_AS_BYTES = Struct(f"{len(COLUMNS)}d").pack
MOST_CALLS = 1024
"""Calls that are kept one by one where somebody counts them."""


class CallLog:
    """
    The calls of one fleet that began before the end of the window.

    All are kept, unless somebody counts them: then the log is handed over again and again.

    Parameters
    ----------
    machines : int
        In the fleet; none at a counter.
    rows : bytearray, optional
        Calls so far.

    Attributes
    ----------
    rows : bytearray
        `COLUMNS` of one call after another as floats: machine, part (its number in the scenario,
        -1 where the call was solved by phone), moment of the failure, and times [days].
    begun : list of int
        Calls so far of each machine, other than those solved by phone.
    counted_by : callable, optional
        Takes a full log.

    Examples
    --------
    >>> log = CallLog()
    >>> log.add(3, 0, 10.0, 1.5, (0.0, 0.5, 0.0, 0.75, 0.0, 0.25, 1, 0.0))
    >>> log.column("travel")
    array([0.75])
    """

    __slots__ = ("begun", "counted_by", "rows")

    def __init__(self, machines: int = 0, rows: bytearray | None = None) -> None:
        self.begun = [0] * machines
        self.rows = bytearray() if rows is None else rows
        self.counted_by: Callable[[CallLog], object] | None = None

    def add(self, machine: int, part: int, began: float, response: float, times: CallTimes) -> None:
        """Add one call that is over; its times add up to the response."""
        rows = self.rows
        rows += _AS_BYTES(machine, part, began, response, *times)
        if len(rows) == _FULL and self.counted_by:
            self.hand_over()

    def hand_over(self) -> None:
        """Let the calls so far be counted, and forget them."""
        assert self.counted_by is not None
        full, self.rows = CallLog(rows=self.rows), bytearray()
        full.begun = self.begun
        self.counted_by(full)

    @property
    def machine(self) -> NDArray[np.int64]:
        """Number of the machine in its fleet, call by call."""
        return self.column("machine").astype(np.int64)

    @property
    def began(self) -> Floats:
        """Moment of the failure [days], call by call."""
        return self.column("began")

    @property
    def response(self) -> Floats:
        """From the failure to the running machine [days], call by call."""
        return self.column("response")

    def those(self, chosen: NDArray[np.bool_]) -> CallLog:
        """Give the log of some of the calls."""
        return CallLog(rows=bytearray(self.table()[chosen].tobytes()))

    def column(self, name: str) -> Floats:
        """Give one of `COLUMNS` for every call."""
        # A copy, for nothing can be added to the rows as long as somebody looks into them.
        return self.table()[:, COLUMNS.index(name)].copy()

    def table(self) -> Floats:
        """Look at the rows, shape (call, column), before any more calls are added."""
        return np.frombuffer(self.rows).reshape(-1, len(COLUMNS))


_FULL = MOST_CALLS * len(COLUMNS) * 8
"""Length of a full log [bytes]."""


def counted(log: CallLog, start: float, within: float, expected: float) -> Floats:
    """
    Say what each call that began in the window adds to the sums.

    Parameters
    ----------
    log : CallLog
        The calls of one fleet.
    start : float
        First moment of the window [days].
    within, expected : float
        Response times promised to the fleet's customers and expected by them [days].

    Returns
    -------
    ndarray of float, shape (call, len(SUMS))
        1; time in each stage, of the response and beyond the promise [days]; whether it had a
        visit and more than one; its satisfaction, (expected - response) / expected but at least
        -1; the wait for a part from the depot [days]; and whether it breaks the promise, by the
        causes in `LATE`.
    """
    calls = log.table()
    calls = calls[calls[:, COLUMNS.index("began")] >= start]
    response, visits = calls[:, COLUMNS.index("response")], calls[:, COLUMNS.index("visits")]
    first = COLUMNS.index(STAGES[0])
    return np.column_stack(
        [
            np.ones(len(calls)),
            calls[:, first : first + len(STAGES)],
            response,
            np.maximum(response - within, 0.0),
            visits > 0,
            visits > 1,
            np.maximum(1 - response / expected, -1.0),
            calls[:, COLUMNS.index("part_wait")],
            *_late(calls, within),
        ]
    )


def _late(calls: Floats, within: float) -> tuple[Floats, Floats, Floats]:
    """Tell of each call which of `LATE` it is, as 0 and 1."""
    parts, technicians, response = (
        calls[:, COLUMNS.index(name)] for name in ("parts", "dispatch", "response")
    )
    late, without_parts, alone = (
        np.asarray(time > within + ROUNDING, float)
        for time in (response, response - parts, response - parts - technicians)
    )
    return late - without_parts, without_parts - alone, alone
