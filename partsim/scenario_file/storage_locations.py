"""Storage locations of one depot: their stock is the depot's stock."""

from __future__ import annotations

from partsim.scenario_file.yaml_nodes import Document, problem_at
from partsim.tables.tables import Row, Table

_ADDED = ("on_hand", "on_order")


def add_storage_locations(document: Document, table: Table) -> list[Row]:
    """
    Add up rows of today's stock that name one part and depot at several storage locations.

    Levels belong to the depot: they stand in one of the rows, or are the same in all.

    Parameters
    ----------
    document : Document
        Gets the problems: counts that are no whole numbers, levels that differ.
    table : Table
        Today's stock; gets a note that says how many rows were added up.

    Returns
    -------
    list of dict of str to Cell
        One row for each part and depot; rows that are not told apart by their storage
        locations stay as they are.
    """
    cells: dict[tuple[str, str], list[Row]] = {}
    for row in table.rows:
        cells.setdefault((row["part"].text, row["depot"].text), []).append(row)
    rows: list[Row] = []
    added = 0
    for group in cells.values():
        places = {row["storage_location"].text for row in group if "storage_location" in row}
        if len(group) == 1 or len(places - {""}) < len(group):
            rows += group
        else:
            rows.append(_sum(document, group))
            added += len(group)
    if added:
        file = table.start.file
        table.notes.append(f"{file}: {added} rows of storage locations added up, depot by depot")
    return rows


def _sum(document: Document, group: list[Row]) -> Row:
    total = dict(group[0])
    for column in total.keys() - {"storage_location"}:
        filled = [row[column] for row in group if row[column].text]
        if not filled:
            continue
        if column in _ADDED:
            units = [_units(cell.text) for cell in filled]
            # A wrong count is named by the scenario's own check.
            wrong = [cell for cell, count in zip(filled, units, strict=True) if count is None]
            text = str(sum(count or 0 for count in units))
            total[column] = wrong[0] if wrong else filled[0]._replace(text=text)
            continue
        total[column] = filled[0]
        for cell in filled[1:]:
            if cell.text != filled[0].text:
                message = (
                    f"expected the {column} of the whole depot, the same at each storage location, "
                    f"got '{cell.text}' beside '{filled[0].text}'"
                )
                document.problems.append(problem_at(cell.place, ("today", "stock"), message))
    return total


def _units(text: str) -> int | None:
    """Read a whole number, as spreadsheets write it; None for any other text."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number >= 0 and number.is_integer() else None
