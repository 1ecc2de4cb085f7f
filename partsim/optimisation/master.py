"""Column generation: a small PuLP master finds the prices of the targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.pool import CLOSE, OptionPool, Pick
from partsim.optimisation.solver import Program

Floats = NDArray[np.float64]

_BLOCKS = 24
"""Parts are shared out to this many blocks; a column is what one block does at some prices."""
_ROUNDS = 60
_ENOUGH = 1e-4
"""Relative distance between the master's value and the bound at which the prices are right."""
_SMOOTHING = 0.4
"""Weight of the best prices so far in the next ones, against swinging."""


@dataclass(frozen=True, eq=False)
class Prices:
    """
    Prices of the targets with what they prove.

    Attributes
    ----------
    prices : ndarray of float, shape (row,)
        Money per year for one unit of each row.
    bound : float
        No plan costs less [money per year], fixed costs left out.
    value : float
        The master's optimum, where parts may mix their options.
    rounds : int
        Masters solved.
    """

    prices: Floats
    bound: float
    value: float
    rounds: int


def find_prices(pool: OptionPool, limit: Floats, penalty: Floats) -> Prices:
    """
    Maximise the Lagrangian bound by Dantzig-Wolfe decomposition.

    Parameters
    ----------
    pool : OptionPool
        Options; grows.
    limit : ndarray of float, shape (row,)
        Limits, the constants of the rows taken off.
    penalty : ndarray of float, shape (row,)
        Price at which a row may be broken [money per year and unit]; keeps the master feasible.

    Returns
    -------
    Prices
        ``bound`` holds for any prices, so also if the rounds ran out.

    References
    ----------
    .. [1] G. B. Dantzig and P. Wolfe, Decomposition principle for linear programs, Operations
       Research 8 (1960) 101-111.
    .. [2] P. Wentges, Weighted Dantzig-Wolfe decomposition for linear mixed-integer
       programming, International Transactions in Operational Research 4 (1997) 151-162.
    """
    columns = [_columns(pool.price(penalty * scale, np.inf).picks) for scale in _LADDER]
    best = Prices(np.zeros(len(limit)), -np.inf, np.inf, 0)
    distance, value = 0.1, np.inf
    for rounds in range(1, _ROUNDS + 1):
        last, (value, prices) = value, solve_master(columns, limit, penalty)
        if rounds > 1:
            prices = _SMOOTHING * best.prices + (1 - _SMOOTHING) * prices
        # Levels are looked at closely only as far as the prices have settled.
        priced = pool.price(prices, max(0.1 * distance, CLOSE))
        bound = priced.bound - float(prices @ limit)
        if bound > best.bound:
            best = Prices(prices, bound, value, rounds)
        best = Prices(best.prices, best.bound, value, rounds)
        settled = distance <= 10 * CLOSE and last - value <= 1e-7 * abs(value)
        distance = (value - best.bound) / max(abs(value), 1e-9)
        if distance <= _ENOUGH or settled:
            break
        columns.append(_columns(priced.picks))
    return best


_LADDER = np.append(0.0, 4.0 ** -np.arange(9, -1, -1))
"""Prices of the first columns as shares of the penalties: from no stock to plenty."""


def _columns(picks: list[Pick]) -> tuple[Floats, Floats]:
    """Add up picks by block: cost of shape (block,), use of shape (block, row)."""
    block = np.arange(len(picks)) % _BLOCKS
    blocks = min(len(picks), _BLOCKS)
    use = np.zeros((blocks, len(picks[0].use)))
    np.add.at(use, block, np.array([pick.use for pick in picks]))
    cost = np.bincount(block, [pick.cost for pick in picks], blocks).astype(float)
    return cost, use


def solve_master(
    columns: list[tuple[Floats, Floats]],
    limit: Floats,
    penalty: Floats,
    reward: Floats | None = None,
) -> tuple[float, Floats]:
    """
    Mix columns at least cost; give the value and the prices of the rows.

    A row is broken at the penalty, which no price exceeds; what it leaves free may have a reward,
    which no price falls below.
    """
    program = Program("master")
    cost = np.array([column[0] for column in columns])  # (column, block)
    use = np.array([column[1] for column in columns])  # (column, block, row)
    C, B, K = use.shape
    weight = [[program.variable(f"w{c}_{b}", 0.0, None) for b in range(B)] for c in range(C)]
    broken = [program.variable(f"broken{k}", 0.0, None) for k in range(K)]
    spared = [program.variable(f"spared{k}", 0.0, None) for k in range(K * (reward is not None))]
    scale = np.maximum(np.abs(limit), 1e-6)  # rows near 1, whatever their unit
    rows = []
    for k in range(K):
        terms = [
            (weight[c][b], use[c, b, k] / scale[k])
            for c in range(C)
            for b in range(B)
            if use[c, b, k]
        ]
        terms.append((broken[k], -1.0))
        if spared:
            terms.append((spared[k], 1.0))
        rows.append(program.at_most(terms, limit[k] / scale[k], f"row{k}"))
    for b in range(B):
        program.equal([(weight[c][b], 1.0) for c in range(C)], 1.0, f"block{b}")
    objective = [(weight[c][b], cost[c, b]) for c in range(C) for b in range(B)]
    objective += [(broken[k], penalty[k] * scale[k]) for k in range(K)]
    if reward is not None:
        objective += [(spared[k], -reward[k] * scale[k]) for k in range(K)]
    solution = program.minimise(objective)
    prices = np.array([max(-program.dual(row), 0.0) for row in rows]) / scale
    return solution.objective, np.minimum(prices, penalty)
