"""Picture of fitted lives: the probability plot of reliability engineers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter
from numpy.typing import ArrayLike, NDArray

from partsim.report.drawing import BLUE, GREY, INK, figure_of, in_house_style

_TICKS = np.array([0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 0.9, 0.99])
_HIGHEST = 0.999


@in_house_style
def plot_weibull(
    time: ArrayLike,
    share: ArrayLike,
    survival: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    title: str,
    ax: Axes | None = None,
) -> Figure:
    """
    Plot lives on Weibull paper, with the distribution fitted to them.

    A Weibull distribution is a straight line whose slope is its shape; others bend.

    Parameters
    ----------
    time, share : array_like of float
        Points by `partsim.history.goodness.plotting_positions`: failure times [days] and the
        share failed by then. Shares of 0 and 1 cannot be drawn and are left out.
    survival : callable
        P(X > t) of the fitted distribution, on arrays of days.
    title : str
        What was found.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        Age [days, logarithmic] on the x axis, share failed [%, Weibull scale] on the y axis.
    """
    t, p = np.asarray(time, float), np.asarray(share, float)
    inside = (p > 0) & (p < _HIGHEST)
    t, p = t[inside], p[inside]
    figure, ax = figure_of(7.5, 4.8, ax)
    ages = np.geomspace(t.min() / 2, t.max() * 2, 200)
    failed = 1 - np.asarray(survival(ages))
    drawn = (failed > p.min() / 3) & (failed < _HIGHEST)
    ax.plot(ages[drawn], _height(failed[drawn]), color=INK, linewidth=1.5, label="fitted")
    ax.plot(t, _height(p), "o", color=BLUE, markersize=5, label="failures")
    ax.axhline(float(_height(np.array(0.1))), color=GREY, linewidth=1, linestyle="--",
               label="one in ten has failed")  # fmt: skip
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda days, _: f"{days:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_locator(FixedLocator(list(_height(_TICKS))))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{-np.expm1(-np.exp(y)) * 100:.3g} %"))
    ax.grid()
    ax.set_xlabel("Age [d]")
    ax.set_ylabel("Share failed")
    ax.set_title(title)
    ax.legend(loc="lower right")
    return figure


def _height(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the height of a share on Weibull paper."""
    return np.log(-np.log1p(-share))
