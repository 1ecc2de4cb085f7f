"""The page of an answer to a what-if question: sentences, pictures, tables, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
from markupsafe import Markup

from partsim.report.drawing import inline_svg

Table = tuple[str, str, Sequence[str], Sequence[Sequence[str]]]
"""Heading, note, heads and rows."""


def answer_page(
    *,
    title: str,
    intro: str,
    headlines: Sequence[str],
    pictures: Mapping[str, str],
    tables: Sequence[Table],
    rests_on: str,
    manifest: Mapping[str, Any],
) -> str:
    """
    Write one page that needs no network.

    Parameters
    ----------
    title, intro : str
        What was asked.
    headlines : sequence of str
        The answer in sentences without their full stops; may be empty.
    pictures : mapping of str to str
        SVG documents by what they show.
    tables : sequence of Table
        Cells are texts.
    rests_on : str
        What to know before believing it.
    manifest : mapping
        By `partsim.report.folder.manifest`.

    Returns
    -------
    str
        HTML; all texts are escaped.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("partsim.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawn = [
        Markup(inline_svg(svg, f"picture{number}", label))
        for number, (label, svg) in enumerate(pictures.items())
    ]
    return environment.get_template("answer.html.j2").render(
        title=title, intro=intro, headlines=headlines, pictures=drawn, tables=tables,
        rests_on=rests_on, manifest=manifest,
    )  # fmt: skip
