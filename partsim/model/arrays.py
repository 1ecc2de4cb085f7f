"""Arrays that values keep: copied and made read-only; and the markup of a table."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pandas as pd


def frozen_floats(values: ArrayLike) -> NDArray[np.float64]:
    """Copy to a read-only array of float."""
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def frozen_counts(values: ArrayLike) -> NDArray[np.int64]:
    """Copy to a read-only array of int."""
    array = np.array(values, dtype=np.int64)
    array.flags.writeable = False
    return array


def table_markup(title: str, tables: dict[str, pd.DataFrame]) -> str:
    """Show tables in a notebook: a heading and folded tables, escaped, without any script."""
    parts = [f"<div><strong>{escape(title)}</strong>"]
    for i, (name, table) in enumerate(tables.items()):
        rows = table.head(30).to_html(index=False, border=0, float_format="{:.4g}".format)
        opened = " open" if i == 0 else ""
        parts.append(f"<details{opened}><summary>{escape(name)}</summary>{rows}</details>")
    return "".join(parts) + "</div>"
