"""Rows of a `StockProblem`: what backorders, late calls and stock use of each limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.stock_targets import StockTargets

Floats = NDArray[np.float64]


class Asked(Protocol):
    """What a `StockProblem` says of its parts and targets."""

    @property
    def holding_cost(self) -> Floats: ...  # noqa: D102
    @property
    def family(self) -> NDArray[np.int64]: ...  # noqa: D102
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
    @property
    def targets(self) -> StockTargets: ...  # noqa: D102
    @property
    def family_rate(self) -> Floats: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class StockRows:
    """
    Rows that are kept if their use is at most 1, linear in backorders, late calls and stock.

    Attributes
    ----------
    names : tuple of str
        What the rows are called.
    units : tuple of str
        What their limits are in: ``days``, ``share`` of calls, ``money`` or ``room``.
    limit : ndarray of float, shape (row,)
        What is asked for: a mean wait, a share of calls that is kept, money or room.
    owed : ndarray of float, shape (row, family, depot)
        Use of one expected backorder.
    window : ndarray of float, shape (window,)
        Waits [days] after which a call is late: the tolerable waits of all tiers with a promise,
        and 0 for fill rates.
    late : ndarray of float, shape (row, family, depot, window)
        Use of one late call per day.
    always : ndarray of float, shape (row,)
        Use by calls that are late whatever is stocked.
    amount : ndarray of float, shape (quantity, part)
        What a unit of stock is counted by: holding cost, and money and room where limited.
    stock : ndarray of float, shape (row, quantity, depot)
        Use of so much stock at each depot, a central one last.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    limit: Floats
    owed: Floats
    window: Floats
    late: Floats
    always: Floats
    amount: Floats
    stock: Floats

    @property
    def limits_stock(self) -> bool:
        """Whether stock itself uses any row."""
        return bool(self.stock.any())

    def within(self, limit: Floats, margin: float) -> Floats:
        """
        Leave a share of the limits free for rounding, and as much beyond limits of stock.

        Levels that take all the money or room there is, to the last unit, keep their limit.
        """
        of_stock = self.stock.any(axis=(1, 2))
        return np.asarray(limit * np.where(of_stock, 1 + margin, 1 - margin))

    def use(self, owed: Floats, late: Floats, stock: Floats) -> Floats:
        """
        Give the use of every row.

        Parameters
        ----------
        owed : ndarray of float, shape (family, depot)
            Expected backorders.
        late : ndarray of float, shape (family, depot, window)
            Late calls per day.
        stock : ndarray of float, shape (quantity, depot + 1)
            Stock by each count, that of a central depot last.

        Returns
        -------
        ndarray of float, shape (row,)
        """
        return np.asarray(
            self.always
            + np.einsum("kfd,fd->k", self.owed, owed)
            + np.einsum("kfdw,fdw->k", self.late, late)
            + np.einsum("kqd,qd->k", self.stock, stock)
        )

    def use_by_depot(self, owed: Floats, late: Floats, stock: Floats) -> Floats:
        """Give what each depot adds, shape (depot, row), without `always` and a central depot."""
        return np.asarray(
            np.einsum("kfd,fd->dk", self.owed, owed)
            + np.einsum("kfdw,fdw->dk", self.late, late)
            + np.einsum("kqd,qd->dk", self.stock[..., :-1], stock)
        )

    def unit_prices(self, prices: Floats, owed_cost: Floats) -> tuple[Floats, Floats, Floats]:
        """
        Give what the prices of the rows make single things cost.

        Parameters
        ----------
        prices : ndarray of float, shape (row,)
            Money for all that a row allows.
        owed_cost : ndarray of float, shape (family, depot)
            Money for a backorder beside the rows.

        Returns
        -------
        stock : ndarray of float, shape (quantity, depot + 1)
            Money for each count of stock, holding cost among them; at a central depot last.
        owed : ndarray of float, shape (family, depot)
            Money for a backorder.
        late : ndarray of float, shape (family, depot, window)
            Money for a late call per day.
        """
        stock = np.einsum("k,kqd->qd", prices, self.stock)
        stock[0] += 1.0
        owed = owed_cost + np.einsum("k,kfd->fd", prices, self.owed)
        return stock, owed, np.einsum("k,kfdw->fdw", prices, self.late)

    def values(self, use: Floats) -> Floats:
        """Say in the rows' own units what a use means."""
        shares = np.array([unit == "share" for unit in self.units], bool)
        return np.where(shares, 1 - use * (1 - self.limit), use * self.limit)

    def worth(self, prices: Floats) -> Floats:
        """Turn money for all that a row allows into money for one unit of its limit."""
        shares = np.array([unit == "share" for unit in self.units], bool)
        return np.asarray(prices / np.where(shares, 1 - self.limit, self.limit))


@dataclass(frozen=True, eq=False)
class _Row:
    """One row, and what one backorder, late call or count of stock uses."""

    name: str
    unit: str
    limit: float
    owed: Floats | float = 0.0
    windows: Floats = field(default_factory=lambda: np.zeros(0))
    late: Floats | float = 0.0
    always: float = 0.0
    quantity: int = 0
    stock: Floats | float = 0.0


def stock_rows(problem: Asked) -> StockRows:
    """
    Write the targets of a problem as rows; one without demand is no row.

    Examples
    --------
    >>> from partsim.optimisation.stock_problem import StockProblem
    >>> problem = StockProblem.single_tier([100.0, 2.0], [[0.1], [1.0]], [20.0, 10.0], wait=0.5)
    >>> rows = stock_rows(problem)
    >>> rows.names, rows.owed.round(3).tolist()
    (('wait of tier 0',), [[[1.818]]])
    """
    rate, targets = problem.family_rate, problem.targets
    found = [*_depots(problem, rate), *_tiers(problem, rate), *_promises(problem, rate)]
    found += [*_fill_rates(problem, rate), *_stock(problem)]
    window = list(dict.fromkeys(wait for row in found for wait in row.windows))
    counts = [problem.holding_cost, targets.unit_price, targets.volume]
    none = np.zeros(len(problem.family))
    amount = [none if count is None else count for count in counts]
    owed = np.zeros((len(found), *rate.shape))
    late = np.zeros((*owed.shape, len(window)))
    stock = np.zeros((len(found), len(amount), rate.shape[1] + 1))
    for k, row in enumerate(found):
        owed[k] = row.owed
        for wait in row.windows:
            late[k, ..., window.index(wait)] += row.late
        stock[k, row.quantity] = row.stock
    used = np.append(0, [q for q in range(1, len(amount)) if stock[:, q].any()]).astype(int)
    return StockRows(
        names=tuple(row.name for row in found),
        units=tuple(row.unit for row in found),
        limit=np.array([row.limit for row in found]),
        owed=owed,
        window=np.array(window, float),
        late=late,
        always=np.array([row.always for row in found], float),
        amount=np.array([amount[q] for q in used], float),
        stock=stock[:, used],
    )


def _depots(problem: Asked, rate: Floats) -> Iterator[_Row]:
    for d in np.flatnonzero(np.isfinite(problem.depot_wait)):
        wait = float(problem.depot_wait[d])
        total = rate[:, d].sum() * wait
        if total > 0:
            weight = np.zeros_like(rate)
            weight[:, d] = 1 / total
            yield _Row(f"wait at depot {d}", "days", wait, owed=weight)


def _tiers(problem: Asked, rate: Floats) -> Iterator[_Row]:
    for t in np.flatnonzero(np.isfinite(problem.tier_wait)):
        wait = float(problem.tier_wait[t])
        total = (problem.tier_share[t] * rate).sum() * wait
        if total > 0:
            yield _Row(f"wait of tier {t}", "days", wait, owed=problem.tier_share[t] / total)


def _promises(problem: Asked, rate: Floats) -> Iterator[_Row]:
    if problem.tolerable_wait is None or problem.kept_share is None:
        return
    for t in np.flatnonzero(np.asarray(problem.kept_share) > 0):
        calls = (problem.tier_share[t] * rate).sum()
        slices, share = problem.tolerable_wait[t], float(problem.kept_share[t])
        kept = slices[slices >= 0]
        if calls > 0:
            weight = problem.tier_share[t] / (calls * (1 - share) * len(slices))
            always = (1 - len(kept) / len(slices)) / (1 - share)
            name = f"promise of tier {t}"
            yield _Row(name, "share", share, windows=kept, late=weight, always=always)


def _fill_rates(problem: Asked, rate: Floats) -> Iterator[_Row]:
    """Give rows of calls that must not wait at all."""
    for what, i, share in problem.targets.fill_rates():
        weight = np.zeros_like(rate)
        if what == "depot":
            weight[:, i] = 1.0
        elif what == "family":
            weight[i] = 1.0
        else:
            weight = problem.tier_share[i]
        calls = (weight * rate).sum()
        if calls > 0:
            name = f"fill rate {_OF[what]} {i}"
            late = weight / (calls * (1 - share))
            yield _Row(name, "share", share, windows=np.zeros(1), late=late)


_OF = {"depot": "at depot", "tier": "of tier", "family": "of family"}


def _stock(problem: Asked) -> Iterator[_Row]:
    """Give rows of money and room."""
    targets, depots = problem.targets, problem.family_rate.shape[1]
    if np.isfinite(targets.budget):
        everywhere = np.full(depots + 1, 1 / targets.budget)
        yield _Row("budget", "money", targets.budget, quantity=1, stock=everywhere)
    for d in np.flatnonzero(np.isfinite(targets.room)):
        central = d == len(targets.room) - 1
        room, at = float(targets.room[d]), np.zeros(depots + 1)
        at[-1 if central else d] = 1 / room
        name = "storage at the central depot" if central else f"storage at depot {d}"
        yield _Row(name, "room", room, quantity=2, stock=at)
