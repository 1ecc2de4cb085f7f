"""Levels that a part's grade allows: its least fill rate, and its price of waiting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.model.units import format_share
from partsim.optimisation.evaluation_model import RootNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def too_low_at_fields(root: RootNetwork, part: Ints, in_stock: Floats, backorders: Floats) -> Flags:
    """
    Tell which levels of the fields are below what the parts' grades ask for.

    Parameters
    ----------
    root : RootNetwork
        The network.
    part : ndarray of int, shape (option,)
        Parts.
    in_stock, backorders : ndarray of float, shape (option, field, level)
        Share of demand met from the shelf, and expected units owed.

    Returns
    -------
    ndarray of bool, shape (option, field, level)
        True where a level misses the least fill rate, or where one unit more saves more waiting,
        at the grade's price, than holding it costs.
    """
    model = root.model
    served = model.demand.depot_rate[part][:, root.fields, None] > 0
    saved = np.zeros_like(backorders)
    saved[..., :-1] = backorders[..., :-1] - backorders[..., 1:]
    worth = model.wait_prices[part][:, None, None] * saved
    short = in_stock < model.least_fill_rates[part][:, None, None]
    return np.asarray(served & (short | (worth > model.holding[part][:, None, None])))


def too_low_at_root(root: RootNetwork, part: Ints, level: Ints, ready: Floats) -> Flags:
    """
    Tell which levels of the root are below what the grades ask for its own customers.

    Parameters
    ----------
    root : RootNetwork
        The network.
    part, level : ndarray of int, shape (option,)
        Parts and the root's levels.
    ready : ndarray of float, shape (option,)
        Share of demand met from the shelf.

    Returns
    -------
    ndarray of bool, shape (option,)
        As `too_low_at_fields`; a unit there is held for all whom the root serves, so that its
        worth to its own customers alone is counted.
    """
    model = root.model
    more = np.minimum(level + 1, root.most[part] + 1)
    saved = [
        root.central[p][0][s, 0] - root.central[p][0][t, 0]
        for p, s, t in zip(part, level, more, strict=True)
    ]
    worth = model.wait_prices[part] * root.own_share[part] * np.array(saved)
    # Beyond the tables nothing waits any more, whatever the price.
    worth[(level >= root.most[part]) & ~root.limited[part]] = 0.0
    short = ready < model.least_fill_rates[part]
    return np.asarray((root.own_share[part] > 0) & (short | (worth > model.holding[part])))


def floor_text(root: RootNetwork, part: int) -> str:
    """Say what a part's grade asks for."""
    share, price = root.model.least_fill_rates[part], root.model.wait_prices[part] / 365
    asked = [f"min_fill_rate of its grade ({format_share(share)})"] if share or not price else []
    asked += [f"wait_price of its grade ({price:,.10g} per day)"] if price else []
    return " and the ".join(asked)
