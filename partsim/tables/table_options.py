"""How a table is to be read: what stands beside `table` in a scenario."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from partsim.model.durations import Frozen
from partsim.model.fields import Name, Text
from partsim.model.units import show
from partsim.tables.encodings import Encoding
from partsim.tables.headings import Dictionary
from partsim.tables.number_texts import DecimalMark

Unit = Literal[
    "min", "h", "d", "weeks", "months", "years", "%", "share", "k", "M",
    "per day", "per week", "per month", "per year",
]  # fmt: skip
TABLE_FILE_PATTERN = r"\.(csv|CSV|tsv|txt|xlsx|xlsm|xls)$"
_NAME = {"type": "string", "minLength": 1}


def _columns(value: object) -> object:
    if isinstance(value, dict):
        return {str(name): str(getattr(text, "raw", text)).strip() for name, text in value.items()}
    if value not in get_args(Dictionary):
        known = ", ".join(get_args(Dictionary))
        raise ValueError(
            f"expected {known}, or headings by column such as {{part: Part No.}}, got {show(value)}"
        )
    return value


class TableOptions(Frozen):
    """A table in a file, and how to read it."""

    table: Annotated[str, WithJsonSchema({"type": "string", "pattern": TABLE_FILE_PATTERN})]
    """CSV or Excel file, relative to this file."""
    sheet: Name | None = None
    """Sheet of a workbook; the first if not given."""
    header_row: int | None = Field(default=None, ge=1)
    """Row that the columns are named in; the first that is not empty if not given."""
    columns: Annotated[
        Any,
        BeforeValidator(_columns),
        WithJsonSchema(
            {
                "anyOf": [
                    {"enum": list(get_args(Dictionary))},
                    {"type": "object", "additionalProperties": _NAME},
                ]
            }
        ),
    ] = None
    """Dictionary of headings, or headings by column; then other columns are not read."""
    units: dict[Name, Unit] = Field(default_factory=dict)
    """Units by column, for numbers without one."""
    defaults: dict[Name, Text] = Field(default_factory=dict)
    """Values by column, for empty cells and for columns that are not there."""
    decimal: Literal["point", "comma"] = "point"
    """Decimal mark; the other one may separate thousands."""
    encoding: Encoding | None = None
    """Encoding of a CSV file, where it is none of those that are told apart."""
    drop_without: tuple[Name, ...] = ()
    """Columns: rows whose cell is empty (a price: or zero) are dropped and counted."""
    drop_unknown: tuple[Literal["part", "depot", "machine"], ...] = ()
    """Columns: rows that name what the scenario does not have are dropped and counted."""

    @property
    def decimal_mark(self) -> DecimalMark:
        """The decimal mark itself."""
        return "," if self.decimal == "comma" else "."
