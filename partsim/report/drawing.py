"""What all figures share: colours, fonts for Chinese names, and SVG of the same bytes."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, wraps
from io import StringIO
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from partsim.model.outcome import Kept

# Okabe and Ito's palette, told apart by colour-blind readers.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#00795A", "#C04A00", "#8A8F98"
SERIES = (BLUE, RED, GREEN, "#CC79A7", ORANGE, "#56B4E9", "#4D4D4D")
_DARK_TO_PALE = ("#0B4F8A", "#3579AF", "#5FA3D3", "#93B9D4", "#C4CCD6")
VERDICT_MARK: dict[Kept, tuple[str, str]] = {"yes": (GREEN, "o"), "no": (RED, "X"),
                                             "open": ("#A36A00", "D")}  # fmt: skip
INK = "#1B2430"

CJK_FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Microsoft YaHei", "SimHei",
    "PingFang SC", "Hiragino Sans GB", "WenQuanYi Micro Hei", "Droid Sans Fallback",
)  # fmt: skip
_CJK_FILES = ("notosanscjk", "sourcehansans", "msyh", "simhei", "wqymicrohei", "droidsansfallback")

P = ParamSpec("P")


@lru_cache(maxsize=1)
def cjk_family() -> str | None:
    """Find a font with Chinese characters; None if this machine has none."""
    known = set(font_manager.get_font_names())
    if not known & set(CJK_FAMILIES):
        # The list of fonts is a cache: one installed later is not in it.
        for path in font_manager.findSystemFonts():
            if Path(path).name.lower().replace("-", "").startswith(_CJK_FILES):
                font_manager.fontManager.addfont(path)
        known = set(font_manager.get_font_names())
    return next((family for family in CJK_FAMILIES if family in known), None)


@contextmanager
def house_style() -> Iterator[None]:
    """Set the style of the figures for a while; the caller's own settings come back after."""
    family = cjk_family()
    style: dict[Any, object] = {
        "font.family": ["DejaVu Sans", *([family] if family else [])],
        "font.size": 10,
        "text.parse_math": False,  # a $ in a part's name is a $
        "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
        "axes.edgecolor": "#B6BDC7",
        "axes.spines.top": False, "axes.spines.right": False,
        "axes.titlelocation": "left", "axes.titlesize": 12, "axes.titleweight": "bold",
        "axes.titlepad": 12,
        "axes.grid": False, "grid.color": "#E3E7EC", "axes.axisbelow": True,
        "xtick.major.size": 0, "ytick.major.size": 0,
        "legend.frameon": False,
        "svg.fonttype": "none",  # text stays text: the browser finds the font for a name
        "svg.hashsalt": "partsim",
    }  # fmt: skip
    fonts = logging.getLogger("matplotlib.font_manager")
    level = fonts.level
    with mpl.rc_context(style), warnings.catch_warnings():
        # Without a font for a name, one warning for each character would not help anybody;
        # nor would one for each weight that a Chinese font has not.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        fonts.setLevel(logging.ERROR)
        try:
            yield
        finally:
            fonts.setLevel(level)


class Picture(Figure):
    """A figure that a notebook shows without any set-up."""

    def _repr_svg_(self) -> str:
        return svg_text(self)


def grade_colours(grades: Sequence[str]) -> dict[str, str]:
    """
    Give each grade a colour: dark for the strictest, pale for the freest.

    Examples
    --------
    >>> grade_colours(["A", "B", "C"])
    {'A': '#0B4F8A', 'B': '#5FA3D3', 'C': '#C4CCD6'}
    """
    step = (len(_DARK_TO_PALE) - 1) / max(len(grades) - 1, 1)
    return {grade: _DARK_TO_PALE[round(i * step)] for i, grade in enumerate(grades)}


def figure_of(width: float, height: float, ax: Axes | None) -> tuple[Figure, Axes]:
    """Give axes to draw on, the caller's or new ones in a figure of `width` x `height` inches."""
    if ax is not None:
        figure = ax.get_figure(root=True)
        assert figure is not None  # axes that were taken out of their figure cannot be drawn on
        return figure, ax
    figure = Picture(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def in_house_style(plot: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw a figure in the style of the house."""

    @wraps(plot)
    def styled(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with house_style():
            return plot(*args, **kwargs)

    return styled


@contextmanager
def _own_canvas(figure: Figure) -> Iterator[FigureCanvasSVG]:
    """
    Give a figure a canvas for SVG for a while.

    `Figure.savefig` draws once more before, for layouts that another canvas found.
    """
    canvas, dpi = figure.canvas, figure.dpi
    try:
        yield FigureCanvasSVG(figure)
    finally:
        figure.set_canvas(canvas)
        figure.dpi = dpi


def svg_text(figure: Figure) -> str:
    """
    Write a figure as SVG: no date, no random names, nothing fetched from elsewhere.

    Parameters
    ----------
    figure : Figure
        Any figure.

    Returns
    -------
    str
        A whole SVG document, the same bytes for the same figure.

    Examples
    --------
    >>> svg_text(Figure(figsize=(1, 1)))[:54]
    '<?xml version="1.0" encoding="utf-8" standalone="no"?>'
    """
    stream = StringIO()
    with house_style(), _own_canvas(figure) as canvas:
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        canvas.print_svg(stream, metadata=nothing)  # type: ignore[no-untyped-call]
    fallbacks = ", ".join(f"'{family}'" for family in ("DejaVu Sans", *CJK_FAMILIES))
    families = f"font-family: {fallbacks}, sans-serif"
    return re.sub(r"font-family: [^;\"]*", families, stream.getvalue())


def inline_svg(svg: str, prefix: str, label: str) -> str:
    """
    Make an SVG document part of a page: ids of its own, a label for screen readers.

    Parameters
    ----------
    svg : str
        SVG document by `svg_text`.
    prefix : str
        Put before every id, so that two pictures of a page cannot meet.
    label : str
        What the picture shows; must not need escaping.

    Returns
    -------
    str
        An svg element.

    Examples
    --------
    >>> inline_svg('<!DOCTYPE x><svg width="9pt" height="9pt" a="b"><g id="c"/></svg>', "p", "Cost")
    '<svg role="img" aria-label="Cost" width="9pt" a="b"><g id="p-c"/></svg>'
    """
    element = svg[svg.index("<svg") :].rstrip()
    element = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", element, count=1)
    element = re.sub(r'\bid="', f'id="{prefix}-', element)
    element = re.sub(r'href="#', f'href="#{prefix}-', element)
    element = re.sub(r"url\(#", f"url(#{prefix}-", element)
    return element.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
