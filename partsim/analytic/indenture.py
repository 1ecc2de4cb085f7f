"""Indentures: modules of a machine that are repaired with parts of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import fraction, non_negative, together, whole
from partsim.analytic.depot_measures import DepotMeasures, measures_of_law, measures_of_moments
from partsim.analytic.exact_two_echelon import (
    add_counts,
    poisson_law,
    split_backorders,
    table_end,
)

Floats = NDArray[np.float64]


def module_mod_metric(
    repair_demand: ArrayLike,
    level: ArrayLike,
    part_demand: ArrayLike,
    part_level: ArrayLike,
    part_share: ArrayLike = 1.0,
) -> DepotMeasures:
    """
    Evaluate the stock of a module by MOD-METRIC: its repair waits the mean delay of its parts.

    Parameters
    ----------
    repair_demand : array_like of float, shape (...)
        Poisson failures of the module during its repair time, waits for parts apart [units].
    level : array_like of int, shape (...)
        Base stock level of the module [units], zero or more.
    part_demand : array_like of float, shape (..., part)
        Demand on each part during its own resupply time [units]; each failure of a module needs
        at most one part.
    part_level : array_like of int, shape (..., part)
        Base stock levels of the parts [units], zero or more.
    part_share : array_like of float, shape (..., part)
        Share of the demand on each part that is this module's, 0 to 1.

    Returns
    -------
    DepotMeasures
        Of the module; its backorders are machines that stand still for it.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, or shapes do not broadcast.

    Notes
    -----
    The mean is exact, the law too narrow. On a grid of 972 modules (1, 3 or 10 equal parts with
    a demand of 0.05 to 32, stock of a deviation about the mean, shares 1/4 and 1, module stock
    up to 3 deviations above), where backorders are 0.01 or more, 95 % of the modules have at
    most 59 % too few (worst 97 %); the median has 7 %.

    References
    ----------
    .. [1] J. A. Muckstadt, A model for a multi-item, multi-echelon, multi-indenture inventory
       system, Management Science 20 (1973) 472-481.

    Examples
    --------
    >>> cell = module_mod_metric(1.0, 2, [2.0, 0.5], [2, 1])
    >>> float(cell.pipeline.round(4)), float(cell.expected_backorders.round(4))
    (1.6479, 0.3499)
    """
    repair, S, moving, s, f = _arguments(repair_demand, level, part_demand, part_level, part_share)
    parts = measures_of_moments(moving, moving, s)
    mean = repair + (f * parts.expected_backorders).sum(axis=-1)
    return measures_of_moments(mean, mean, S)


def module_vari_metric(
    repair_demand: ArrayLike,
    level: ArrayLike,
    part_demand: ArrayLike,
    part_level: ArrayLike,
    part_share: ArrayLike = 1.0,
) -> DepotMeasures:
    """
    Evaluate the stock of a module by VARI-METRIC: mean and variance of the waits for its parts.

    Parameters
    ----------
    repair_demand, level, part_demand, part_level, part_share : array_like
        As in `module_mod_metric`.

    Returns
    -------
    DepotMeasures
        Of the module.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, or shapes do not broadcast.

    Notes
    -----
    Mean and variance are exact under the conditions of `module_exact`. On the grid of
    `module_mod_metric` the backorders of 95 % of the modules are within 6.3 %; the worst, at
    levels far above the mean, within 71 % for a single part that is all the module's and within
    21 % for shares of 1/4.

    References
    ----------
    .. [1] C. C. Sherbrooke, VARI-METRIC: improved approximations for multi-indenture,
       multi-echelon availability models, Operations Research 34 (1986) 311-319.

    Examples
    --------
    >>> cell = module_vari_metric(1.0, 2, [2.0, 0.5], [2, 1])
    >>> float(cell.pipeline_variance.round(4)), float(cell.expected_backorders.round(4))
    (2.0271, 0.4057)
    """
    repair, S, moving, s, f = _arguments(repair_demand, level, part_demand, part_level, part_share)
    parts = measures_of_moments(moving, moving, s)
    owed = f * parts.expected_backorders
    mean = repair + owed.sum(axis=-1)
    variance = repair + ((1 - f) * owed + f**2 * parts.backorder_variance).sum(axis=-1)
    return measures_of_moments(mean, variance, S)


def module_exact(
    repair_demand: ArrayLike,
    level: ArrayLike,
    part_demand: ArrayLike,
    part_level: ArrayLike,
    part_share: ArrayLike = 1.0,
) -> DepotMeasures:
    """
    Evaluate the stock of a module exactly: convolve the backorders of its parts.

    In repair are the failures of one repair time, Poisson, and those before that still waited
    for their part; parts fail independently, and of a part's backorders the module has a
    binomial share, as a field depot has of the centre's.

    Parameters
    ----------
    repair_demand, level, part_demand, part_level, part_share : array_like
        As in `module_mod_metric`.

    Returns
    -------
    DepotMeasures
        Of the module.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, or shapes do not broadcast.

    Notes
    -----
    Exact for Poisson failures, a constant repair time that begins with the part's arrival (or
    ends with its order), first come first served, and resupply times of parts that are constant
    or independent from order to order.

    References
    ----------
    .. [1] S. C. Graves, A multi-echelon inventory model for a repairable item with one-for-one
       replenishment, Management Science 31 (1985) 1247-1256; parts are read for depots.

    Examples
    --------
    >>> float(module_exact(1.0, 2, [2.0, 0.5], [2, 1]).expected_backorders.round(4))
    0.4066
    """
    repair, S, moving, s, f = _arguments(repair_demand, level, part_demand, part_level, part_share)
    most = table_end(S + s.sum(axis=-1), repair + moving.sum(axis=-1))
    law = poisson_law(repair, most)
    for j in range(moving.shape[-1]):
        waiting = split_backorders(
            poisson_law(moving[..., j], most), s[..., j].astype(np.int64), f[..., j]
        )
        law = add_counts(waiting, law)
    return measures_of_law(law, S.astype(np.int64))


def _arguments(
    repair_demand: ArrayLike,
    level: ArrayLike,
    part_demand: ArrayLike,
    part_level: ArrayLike,
    part_share: ArrayLike,
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Broadcast the module's arguments, and the parts' with one axis more."""
    repair, S, moving, s, f = together(
        repair_demand=non_negative("repair_demand", repair_demand)[..., None],
        level=whole("level", level, 0)[..., None],
        part_demand=np.atleast_1d(non_negative("part_demand", part_demand)),
        part_level=whole("part_level", part_level, 0),
        part_share=fraction("part_share", part_share),
    )
    if moving.shape[-1] == 0:
        raise ValueError("part_demand: expected one part or more, got none")
    return repair[..., 0], S[..., 0], moving, s, f
