"""What stands beside `table` in a drafted scenario: found in the table, or assumed and said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partsim.errors import InputError
from partsim.scenario_file.header_search import find_header
from partsim.scenario_file.table_forms import TABLE_FORMS
from partsim.tables.encodings import Encoding
from partsim.tables.headings import Dictionary
from partsim.tables.number_texts import plain_number
from partsim.tables.table_rows import decimal_of, read_numbers, read_prices
from partsim.tables.tables import Table, read_rows, read_table

_LEAST = {"parts": "part", "depots": "depot", "machines": "part", "fleets": "count",
          "today": "part", "demand": "rate"}  # fmt: skip
_UNITS = {"lead_time": "d", "mean_life": "h", "transport_time": "d", "travel_time": "h",
          "max_waiting_time": "h", "customer_held": "%", "rate": "per year"}  # fmt: skip
_MONTHS_PER_PART, _LEAST_MONTHS = 2, 24
"""Mean life that gives a machine with one of each part six failures a year, or fewer."""


@dataclass(frozen=True)
class Branch:
    """
    A branch of a drafted scenario.

    Attributes
    ----------
    key : str
        Its key, such as parts.
    lines : tuple of str
        YAML below the table's name; none if the table is not used.
    note : str
        Why it is not used.
    """

    key: str
    lines: tuple[str, ...]
    note: str = ""


def table_branch(
    key: str,
    path: Path,
    columns: Dictionary | None,
    names: Mapping[str, Any],
    encoding: Encoding | None = None,
) -> Branch:
    """
    Find how to read a table, and assume what it does not say.

    Parameters
    ----------
    key : str
        parts, depots, machines, fleets, today or demand.
    path : Path
        CSV file or workbook.
    columns : str or None
        Dictionary of headings, or None to find one.
    names : mapping
        What the tables before this one said: a scenario's tree.
    encoding : str or None
        Encoding of a CSV file; None tells those apart that can be.

    Returns
    -------
    Branch
        The table of today's stock is not used if it has no column for base_stock.

    Raises
    ------
    InputError
        If the file cannot be read, or has no header with the one column that must be there.
    """
    form = TABLE_FORMS[key]
    options = find_header(path, form, _LEAST[key], columns, encoding)
    mark, sure = decimal_of(read_rows(path, options)[0][1:])
    decimal = "comma" if mark == "," else "point"
    options = options.model_copy(update={"decimal": decimal})
    table = read_table(path, options, form.columns)
    read_numbers(table, form.numbers, options)
    read_prices(table)
    if key == "today" and "base_stock" not in table.header:
        note = f"{path}: not used, it has no column for base_stock (today's maximum)"
        return Branch(key, (), note)
    lines = [f"  columns: {options.columns}"]
    if options.encoding is not None:
        lines.append(f"  encoding: {options.encoding}")
    if options.sheet is not None:
        lines.append(f"  sheet: '{options.sheet.replace(chr(39), 2 * chr(39))}'")
    if options.header_row is not None:
        lines.append(f"  header_row: {options.header_row}")
    if not sure:
        lines.append(assumed(f"  decimal: {decimal}"))
    elif decimal == "comma":
        lines.append("  decimal: comma")
    lines += _units(table)
    lines += _defaults(key, table, names)
    without = [column for column in ("price", "base_stock") if _lacks(key, table, column)]
    if without:
        why = "rows without it are left out"
        lines.append(assumed(f"  drop_without: [{', '.join(without)}]", why))
    there = "part, depot" if "depots" in names else "part"
    unknown = {"machines": "part", "today": there, "demand": there}
    if key in unknown:
        lines.append(assumed(f"  drop_unknown: [{unknown[key]}]"))
    return Branch(key, tuple(lines))


def has_rates(path: Path, columns: Dictionary | None, encoding: Encoding | None = None) -> bool:
    """
    Tell whether a table has rates of demand, and is not a history of it.

    Parameters
    ----------
    path : Path
        CSV file or workbook; one that cannot be read has none.
    columns, encoding
        As for `table_branch`.

    Returns
    -------
    bool
        Whether one of its first rows has a heading for the rate.
    """
    try:
        find_header(path, TABLE_FORMS["demand"], _LEAST["demand"], columns, encoding)
    except InputError:
        return False
    return True


def _texts(table: Table, column: str) -> list[str]:
    return [row[column].text if column in row else "" for row in table.rows]


def _units(table: Table) -> list[str]:
    units = {}
    for column, unit in _UNITS.items():
        numbers = [read for text in _texts(table, column) if (read := plain_number(text))]
        bare = [float(number) for number, written in numbers if not written]
        if column in table.header and bare:
            units[column] = "share" if column == "customer_held" and max(bare) <= 1 else unit
    return (
        [
            "  units:",
            *(assumed(f"    {c}: {u if u.isalpha() else repr(u)}") for c, u in units.items()),
        ]
        if units
        else []
    )


def _defaults(key: str, table: Table, names: Mapping[str, Any]) -> list[str]:
    lacking = {column: value for column, value in _values(key, table, names).items()
               if column not in table.header or "" in _texts(table, column)}  # fmt: skip
    lines = [assumed(f"    {column}: {value}") for column, value in lacking.items()]
    return ["  defaults:", *lines] if lines else []


def _values(key: str, table: Table, names: Mapping[str, Any]) -> dict[str, str]:
    """Give what is assumed where a table says nothing."""
    months = max(_LEAST_MONTHS, _MONTHS_PER_PART * len(table.rows))
    roots = [name for name, depot in names.get("depots", {}).items()
             if depot["supplied_by"] == "suppliers"]  # fmt: skip
    stock = names.get("today", {}).get("stock", [])
    roots = roots or [row["depot"] for row in stock[:1]]
    depot = f'"{roots[0]}"' if roots else "central"
    machine = f'"{next(iter(names["machines"]))}"' if names.get("machines") else "machine"
    values: dict[str, dict[str, str]] = {
        "parts": {"lifetime": "exponential", "mean_life": f"{months} months",
                  "supplier": "supplier"},
        "depots": {"supplied_by": "suppliers"},
        "machines": {"machine": "machine", "count": "1"},
        "fleets": {"machine": machine, "depot": depot, "customers": "all", "count": "1"},
        "today": {"depot": depot, "on_hand": "0"},
        "demand": {"depot": depot, "customers": "all"},
    }  # fmt: skip
    if "demand" in names:
        del values["parts"]["lifetime"], values["parts"]["mean_life"]
    if "price" not in table.header:
        values["parts"]["price"] = "100"
    return values[key]


def _lacks(key: str, table: Table, column: str) -> bool:
    if column not in table.header or column not in TABLE_FORMS[key].required:
        return False
    texts = _texts(table, column)
    zero = [column == "price" and (read := plain_number(text)) is not None and not float(read[0])
            for text in texts]  # fmt: skip
    return "" in texts or any(zero)


def assumed(line: str, why: str = "") -> str:
    """Mark a line as assumed."""
    return f"{line:<47} # assumed{': ' if why else ''}{why}"
