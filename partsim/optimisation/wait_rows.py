"""Rows of a `StockProblem`: what backorders and late calls use of each limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Targets(Protocol):
    """What a `StockProblem` says of its targets."""

    @property
    def family_rate(self) -> Floats: ...  # noqa: D102
    @property
    def tier_share(self) -> Floats: ...  # noqa: D102
    @property
    def depot_wait(self) -> Floats: ...  # noqa: D102
    @property
    def tier_wait(self) -> Floats: ...  # noqa: D102
    @property
    def tolerable_wait(self) -> Floats | None: ...  # noqa: D102
    @property
    def kept_share(self) -> Floats | None: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class WaitRows:
    """
    Rows that are kept if their use is at most 1, linear in backorders and late calls.

    Attributes
    ----------
    names : tuple of str
        What the rows are called.
    owed : ndarray of float, shape (row, family, depot)
        Use of one expected backorder.
    window : ndarray of float, shape (window,)
        Waits [days] after which a call is late: the tolerable waits of all tiers with a promise.
    late : ndarray of float, shape (row, family, depot, window)
        Use of one late call per day.
    always : ndarray of float, shape (row,)
        Use by calls that are late whatever is stocked.
    """

    names: tuple[str, ...]
    owed: Floats
    window: Floats
    late: Floats
    always: Floats

    def use(self, owed: Floats, late: Floats) -> Floats:
        """Give the use of every row, by backorders and late calls as in `owed` and `late`."""
        return np.asarray(
            self.always
            + np.einsum("kfd,fd->k", self.owed, owed)
            + np.einsum("kfdw,fdw->k", self.late, late)
        )

    def use_by_depot(self, owed: Floats, late: Floats) -> Floats:
        """Give what each depot adds, shape (depot, row); `always` is left out."""
        return np.asarray(
            np.einsum("kfd,fd->dk", self.owed, owed) + np.einsum("kfdw,fdw->dk", self.late, late)
        )


def wait_rows(problem: Targets) -> WaitRows:
    """
    Write the targets of a problem as rows; one without demand is no row.

    Examples
    --------
    >>> from partsim.optimisation.stock_problem import StockProblem
    >>> problem = StockProblem.single_tier([100.0, 2.0], [[0.1], [1.0]], [20.0, 10.0], wait=0.5)
    >>> rows = wait_rows(problem)
    >>> rows.names, rows.owed.round(3).tolist()
    (('wait of tier 0',), [[[1.818]]])
    """
    rate = problem.family_rate
    found = [*_depots(problem, rate), *_tiers(problem, rate)]
    names = [name for name, _ in found]
    owed = [weight for _, weight in found]
    promised = list(_promises(problem, rate))
    window = np.concatenate([np.zeros(0), *(kept for _, _, kept, _ in promised)])
    late = np.zeros((len(found) + len(promised), *rate.shape, len(window)))
    always, at = np.zeros(len(late)), 0
    for k, (name, weight, kept, lost) in enumerate(promised, len(found)):
        names.append(name)
        late[k, ..., at : at + len(kept)] = weight[..., None]
        always[k], at = lost, at + len(kept)
    weights = np.zeros((len(late), *rate.shape))
    weights[: len(owed)] = np.array(owed).reshape(-1, *rate.shape)
    return WaitRows(tuple(names), weights, window, late, always)


def _depots(problem: Targets, rate: Floats) -> Iterator[tuple[str, Floats]]:
    for d in np.flatnonzero(np.isfinite(problem.depot_wait)):
        total = rate[:, d].sum() * problem.depot_wait[d]
        if total > 0:
            weight = np.zeros_like(rate)
            weight[:, d] = 1 / total
            yield f"wait at depot {d}", weight


def _tiers(problem: Targets, rate: Floats) -> Iterator[tuple[str, Floats]]:
    for t in np.flatnonzero(np.isfinite(problem.tier_wait)):
        total = (problem.tier_share[t] * rate).sum() * problem.tier_wait[t]
        if total > 0:
            yield f"wait of tier {t}", problem.tier_share[t] / total


def _promises(problem: Targets, rate: Floats) -> Iterator[tuple[str, Floats, Floats, float]]:
    """Give name, use of a late call per day in one slice, slices, use by calls always late."""
    if problem.tolerable_wait is None or problem.kept_share is None:
        return
    for t in np.flatnonzero(np.asarray(problem.kept_share) > 0):
        calls = (problem.tier_share[t] * rate).sum()
        slices, allowed = problem.tolerable_wait[t], 1 - problem.kept_share[t]
        kept = slices[slices >= 0]
        if calls > 0:
            weight = problem.tier_share[t] / (calls * allowed * len(slices))
            yield f"promise of tier {t}", weight, kept, (1 - len(kept) / len(slices)) / allowed
