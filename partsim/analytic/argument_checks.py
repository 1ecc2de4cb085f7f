"""Checks of the arguments of formulas: what is wrong, by name, value and what is allowed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def non_negative(name: str, values: ArrayLike) -> Floats:
    """
    Give the values as floats, or say which is negative, infinite or not a number.

    Examples
    --------
    >>> non_negative("mean", [0, 2])
    array([0., 2.])
    >>> non_negative("mean", -1)
    Traceback (most recent call last):
    ValueError: mean: expected finite numbers >= 0, got -1.0
    """
    array = _numbers(name, values)
    return _refuse(name, array, ~((array >= 0) & np.isfinite(array)), "finite numbers >= 0")


def positive(name: str, values: ArrayLike) -> Floats:
    """
    Give the values as floats, or say which is not positive and finite.

    Examples
    --------
    >>> positive("rate", 2)
    array(2.)
    >>> positive("budget", "100 k")
    Traceback (most recent call last):
    ValueError: budget: expected numbers, got '100 k'
    """
    array = _numbers(name, values)
    return _refuse(name, array, ~((array > 0) & np.isfinite(array)), "finite numbers > 0")


def share(name: str, values: ArrayLike) -> Floats:
    """
    Give the values as floats, or say which is not in [0, 1).

    Examples
    --------
    >>> share("repeat", 0.5)
    array(0.5)
    """
    array = _numbers(name, values)
    return _refuse(name, array, ~((array >= 0) & (array < 1)), "numbers from 0 to below 1")


def fraction(name: str, values: ArrayLike) -> Floats:
    """
    Give the values as floats, or say which is not in [0, 1].

    Examples
    --------
    >>> fraction("share", 1)
    array(1.)
    """
    array = _numbers(name, values)
    return _refuse(name, array, ~((array >= 0) & (array <= 1)), "numbers from 0 to 1")


def whole(name: str, values: ArrayLike, at_least: float = -np.inf) -> Floats:
    """
    Give whole numbers as floats, or say which is not whole or too small.

    Examples
    --------
    >>> whole("level", [-1, 3])
    array([-1.,  3.])
    >>> whole("level", 2.5)
    Traceback (most recent call last):
    ValueError: level: expected whole numbers, got 2.5
    """
    array = _numbers(name, values)
    allowed = "whole numbers" + (f" >= {at_least:g}" if at_least > -np.inf else "")
    wrong = ~(np.isfinite(array) & (array == np.rint(array)) & (array >= at_least))
    return _refuse(name, array, wrong, allowed)


def probabilities(name: str, values: ArrayLike) -> Floats:
    """
    Give a distribution over 0, 1, 2, ..., or say why it is none.

    Examples
    --------
    >>> probabilities("demand", [0.5, 0.5])
    array([0.5, 0.5])
    """
    array = np.atleast_1d(non_negative(name, values))
    if array.ndim != 1 or abs(array.sum() - 1) > 1e-9:
        raise ValueError(
            f"{name}: expected one row of probabilities whose sum is 1, "
            f"got shape {array.shape} and sum {array.sum():g}"
        )
    return array


def together(**arrays: Floats) -> tuple[Floats, ...]:
    """
    Broadcast the arrays, or say whose shapes do not fit.

    Examples
    --------
    >>> together(mean=np.ones(2), level=np.ones(3))
    Traceback (most recent call last):
    ValueError: expected shapes that broadcast, got mean (2,), level (3,)
    """
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"expected shapes that broadcast, got {shapes}") from None


def _numbers(name: str, values: ArrayLike) -> Floats:
    try:
        return np.asarray(values, float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected numbers, got {values!r:.80}") from None


def _refuse(name: str, values: Floats, wrong: NDArray[np.bool_], allowed: str) -> Floats:
    if wrong.any():
        raise ValueError(f"{name}: expected {allowed}, got {values[wrong].flat[0]}")
    return values
