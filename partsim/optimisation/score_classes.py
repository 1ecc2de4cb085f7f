"""Grades by a score: where to cut it and which policies to give, at least cost."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import non_negative
from partsim.optimisation.grade_choice import GradeChoice
from partsim.optimisation.grade_prices import Column, find_row_prices
from partsim.optimisation.grade_problem import GradeProblem
from partsim.optimisation.whole_choice import KEPT

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PLACES = 500
"""Places for cuts at most: more parts are taken together by neighbouring scores."""
_STEPS = 1.15 ** np.arange(-4, 40)
"""Times the best prices: what is cheapest at these starts the search."""
_STARTS = 3
_CHUNK = 4096
"""Changes whose rows are looked at together, the cheapest first."""
_FORBIDDEN = 1e4
"""Cost of what is not allowed, over the cost of everything."""


@dataclass(frozen=True)
class _Segments:
    """Grades along the score: where each ends, and its policy."""

    ends: tuple[int, ...]
    policies: tuple[int, ...]


def choose_cuts(problem: GradeProblem, score: Floats, gap: float = 1e-3) -> GradeChoice:
    """
    Choose cuts of a score and a policy for each grade at least cost so that all rows are kept.

    Parts of equal score have the same grade. Cheapest cuts at given prices of the rows come from
    a dynamic program over the sorted score, which also proves the bound; then two neighbouring
    grades and the cut between them are bettered together until no such change saves: the best
    there are for two grades, and nearly so for more.

    Parameters
    ----------
    problem : GradeProblem
        The arrays.
    score : ndarray of float, shape (part,)
        Parts are graded in the order of this.
    gap : float
        Relative distance from the best bound at which the prices are right.

    Returns
    -------
    GradeChoice
        Its bound holds over all cuts at up to 500 places of the score and all policies; these
        choices are few, so the gap may be some percent even where the cuts are the best.

    Raises
    ------
    ValueError
        If no cuts that were tried keep the rows, or scores are not finite numbers.

    Examples
    --------
    >>> problem = GradeProblem(cost=[[0, 5], [0, 1], [0, 2]], use=[[[2, 0], [2, 0], [2, 0]]],
    ...                        limit=[2.0], most_grades=2)
    >>> choose_cuts(problem, [3.0, 2.0, 1.0]).policy
    array([0, 1, 1])
    """
    start = time.process_time()
    non_negative("gap", gap)
    values = np.asarray(score, float)
    if values.shape != (len(problem.cost),) or not np.isfinite(values).all():
        raise ValueError(f"score: expected {len(problem.cost)} finite numbers, got {values}")
    place, line = _line(problem, values)
    found = find_row_prices(line.column, len(problem.limit), gap / 10)
    starts = [line.cheapest(found.prices * step) for step in _STEPS]
    # Dear enough for anything that keeps the rows at all.
    starts.append(line.cheapest(found.prices + 1e3 * line.scale))
    starts = sorted(dict.fromkeys(starts), key=line.worth)[:_STARTS]
    best = min((line.bettered(segments) for segments in starts), key=line.worth)
    if not line.kept(best):
        raise ValueError("limit: expected rows that some cuts of the score keep, got none tried")
    policy = line.policy_of_place(best)[place]
    cost = line.cost(best)
    return GradeChoice(
        policy=policy,
        cost=cost,
        lower_bound=min(found.bound, cost),
        use=problem.use[:, np.arange(len(policy)), policy].sum(axis=1),
        prices=found.prices / problem.limit,
        sets_visited=found.rounds,
        seconds=time.process_time() - start,
    )


def _line(problem: GradeProblem, score: Floats) -> tuple[Ints, _Line]:
    """Give the place of every part along the score, and sums up to every place."""
    distinct, rank = np.unique(-score, return_inverse=True)
    width = -(-len(distinct) // _PLACES)
    place = np.asarray(rank.reshape(-1) // width, np.int64)
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], np.arange(place.max() + 1))
    much = _FORBIDDEN * float(problem.cost.max(axis=1).sum() + 1.0)
    cost = np.where(problem.allowed, problem.cost, much)[order]
    use = problem.use[:, order] / problem.limit[:, None, None]
    return place, _Line(
        _sums(np.add.reduceat(cost, first, axis=0), 0),
        _sums(np.add.reduceat(use, first, axis=1), 1),
        problem.fixed_cost,
        problem.most_grades,
        much,
    )


def _sums(values: Floats, axis: int) -> Floats:
    zero = np.zeros_like(values.take([0], axis=axis))
    return np.concatenate([zero, np.cumsum(values, axis=axis)], axis=axis)


class _Line:
    """Parts along a score: cost and use of all before each place, by policy."""

    def __init__(
        self, cost: Floats, use: Floats, fixed: Floats, grades: int, forbidden: float
    ) -> None:
        self.costs, self.uses, self.fixed = cost, use, fixed
        self.grades, self.forbidden = grades, forbidden
        self.scale = forbidden / _FORBIDDEN

    def cost(self, segments: _Segments) -> float:
        """Give the cost of grades along the score."""
        total, begin = 0.0, 0
        for end, g in zip(segments.ends, segments.policies, strict=True):
            total += float(self.costs[end, g] - self.costs[begin, g] + self.fixed[g])
            begin = end
        return total

    def use(self, segments: _Segments) -> Floats:
        """Give their use of the rows, over the limits."""
        total, begin = np.zeros(len(self.uses)), 0
        for end, g in zip(segments.ends, segments.policies, strict=True):
            total += self.uses[:, end, g] - self.uses[:, begin, g]
            begin = end
        return total

    def kept(self, segments: _Segments) -> bool:
        """Tell whether the rows are kept and all is allowed."""
        fits = bool((self.use(segments) <= 1 + KEPT).all())
        return fits and self.cost(segments) < self.forbidden / 2

    def worth(self, segments: _Segments) -> float:
        """Give the cost, endless if the rows are not kept."""
        return self.cost(segments) if self.kept(segments) else np.inf

    def column(self, prices: Floats) -> Column:
        """Give cost and use of the cheapest grades at these prices, as one block."""
        segments = self.cheapest(prices)
        return np.array([self.cost(segments)]), self.use(segments)[None, :]

    def cheapest(self, prices: Floats) -> _Segments:
        """Find the cheapest cuts and policies by dynamic programming over the places."""
        rows, (places, policies) = len(prices), self.costs.shape
        sums = self.costs + (prices @ self.uses.reshape(rows, -1)).reshape(places, policies)
        index = np.arange(places)
        least, best = np.where(index == 0, 0.0, np.inf), np.inf
        back: list[tuple[Ints, Ints]] = []
        for grade in range(self.grades):
            start = least[:, None] - sums
            lowest = np.minimum.accumulate(start, axis=0)
            begin = np.maximum.accumulate(np.where(start <= lowest, index[:, None], 0), axis=0)
            total = sums + lowest + self.fixed
            policy = total.argmin(axis=1)
            least = total[index, policy]
            back.append((policy, begin[index, policy]))
            if least[-1] < best:
                best, used = float(least[-1]), grade + 1
        ends, chosen, end = [], [], places - 1
        for policy, begin in reversed(back[:used]):
            ends.append(int(end))
            chosen.append(int(policy[end]))
            end = begin[end]
        return _Segments(tuple(reversed(ends)), tuple(reversed(chosen)))

    def bettered(self, segments: _Segments) -> _Segments:
        """Better one grade, or two neighbours, with a cut between until nothing saves any more."""
        while True:
            windows = [(j, n) for n in (1, 2) for j in range(len(segments.ends) - n + 1)]
            best = min((self._changed(segments, *window) for window in windows), key=self.worth)
            if not self.worth(best) < self.worth(segments) * (1 - 1e-12):
                return segments
            segments = best

    def _changed(self, segments: _Segments, j: int, count: int) -> _Segments:
        """Put the cheapest two policies and cut, or one policy, in the place of some grades."""
        ends, policies = segments.ends, segments.policies
        begin, end = (0, *ends)[j], ends[j + count - 1]
        one_only = len(ends) - count + 2 > self.grades
        cuts = np.array([end]) if one_only else np.arange(begin, end + 1)
        first = self.costs[cuts] - self.costs[begin] + np.outer(cuts > begin, self.fixed)
        second = self.costs[end] - self.costs[cuts] + np.outer(cuts < end, self.fixed)
        total = first[:, :, None] + second[:, None, :]  # (cut, policy, policy)
        inside = _Segments((begin, *ends[j : j + count]), (0, *policies[j : j + count]))
        now = np.inf
        if self.kept(segments):
            now = self.cost(inside) - self.costs[begin, 0] - self.fixed[0]
        cheaper = np.flatnonzero(total < now)
        cheaper = cheaper[np.argsort(total.flat[cheaper], kind="stable")]
        apart = self.use(inside) - self.uses[:, begin, 0]
        room = 1 + KEPT - (self.use(segments) - apart)
        for chunk in np.array_split(cheaper, -(-len(cheaper) // _CHUNK) or 1):
            at, g, h = np.unravel_index(chunk, total.shape)
            used = self.uses[:, cuts[at], g] - self.uses[:, begin, g]
            used += self.uses[:, end, h] - self.uses[:, cuts[at], h]
            fits = (used <= room[:, None]).all(axis=0)
            if fits.any():
                i = int(fits.argmax())
                new = ((int(cuts[at[i]]), int(g[i])), (end, int(h[i])))
                return _joined(segments, j, count, new)
        return segments

    def policy_of_place(self, segments: _Segments) -> Ints:
        """Give the policy at every place."""
        begins = (0, *segments.ends[:-1])
        return np.repeat(segments.policies, np.subtract(segments.ends, begins))


def _joined(segments: _Segments, j: int, count: int, new: tuple[tuple[int, int], ...]) -> _Segments:
    """Put new grades in the place of some; those without parts fall away."""
    old = tuple(zip(segments.ends, segments.policies, strict=True))
    begin, ends, policies = 0, [], []
    for end, policy in old[:j] + new + old[j + count :]:
        if end > begin:
            ends.append(end)
            policies.append(policy)
            begin = end
    return _Segments(tuple(ends), tuple(policies))
