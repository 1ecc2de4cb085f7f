"""Field types of a scenario: text with units outside, plain numbers inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from partsim.model import units

RATE_PATTERN = r"^.+ per .+$"
UNITS_PATTERN = r"^[^%]+ per [^%]+$"
MONEY_RATE_PATTERN = r"^[^%]+ per [a-z]+\s*$"
NORM_PATTERN = r"^.+ per .*machines?\s*$"


def _text(value: object) -> str:
    """Take a text as written, also where it looks like a number."""
    raw = getattr(value, "raw", value)
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise ValueError(f"expected a text, got {units.show(value)}")
    return str(raw).strip()


def _name(value: object) -> str:
    """Take an id as written: 0012346, NO and 1E5 are part numbers."""
    raw = getattr(value, "raw", value)
    if isinstance(raw, bool) or not isinstance(raw, str | int) or not str(raw).strip():
        raise ValueError(f"expected a name, got {units.show(value)}")
    return str(raw).strip()


def _positive(parse: Callable[[object], float], what: str) -> Callable[[object], float]:
    def parse_positive(value: object) -> float:
        number = parse(value)
        if number <= 0:
            raise ValueError(f"expected {what} > 0, got {units.show(value)}")
        return number

    return parse_positive


def _not_negative(parse: Callable[[object], float], what: str) -> Callable[[object], float]:
    def parse_not_negative(value: object) -> float:
        number = parse(value)
        if number < 0:
            raise ValueError(f"expected {what} >= 0, got {units.show(value)}")
        return number

    return parse_not_negative


def _below_all(value: object) -> float:
    share = units.parse_share(value)
    if share == 1:
        raise ValueError(f"expected a share below 100 %, got {units.show(value)}")
    return share


def _schema(pattern: str, example: str, *, number: bool = False) -> Any:  # noqa: ANN401
    text: dict[str, Any] = {"type": "string", "pattern": pattern, "examples": [example]}
    return WithJsonSchema({"anyOf": [{"type": "number"}, text]} if number else text)


Name = Annotated[
    str,
    BeforeValidator(_name),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1}, {"type": "number"}]}),
]
Text = Annotated[
    str,
    BeforeValidator(_text),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}]}),
]

Day = Annotated[
    str,
    BeforeValidator(units.parse_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-01-01"]}),
]
YesNo = Annotated[
    bool,
    # The reader gives it as text, editors as a boolean.
    WithJsonSchema({"type": ["boolean", "string"], "enum": [True, False, "true", "false"]}),
]

Duration = Annotated[
    float,
    BeforeValidator(units.parse_duration),
    PlainSerializer(units.format_duration, when_used="json"),
    _schema(units.DURATION_PATTERN, "30 d"),
]
PositiveDuration = Annotated[
    float,
    BeforeValidator(_positive(units.parse_duration, "a duration")),
    PlainSerializer(units.format_duration, when_used="json"),
    _schema(units.DURATION_PATTERN, "30 d"),
]
Money = Annotated[
    float,
    BeforeValidator(_not_negative(units.parse_money, "money")),
    _schema(units.MONEY_PATTERN, "100 k", number=True),
]
PositiveMoney = Annotated[
    float,
    BeforeValidator(_positive(units.parse_money, "money")),
    _schema(units.MONEY_PATTERN, "100 k", number=True),
]
Share = Annotated[
    float,
    BeforeValidator(units.parse_share),
    PlainSerializer(units.format_share, when_used="json"),
    _schema(units.SHARE_PATTERN, "95 %"),
]
PositiveShare = Annotated[
    float,
    BeforeValidator(_positive(units.parse_share, "a share")),
    PlainSerializer(units.format_share, when_used="json"),
    _schema(units.SHARE_PATTERN, "1 %"),
]
ShareBelowAll = Annotated[
    float,
    BeforeValidator(_below_all),
    PlainSerializer(units.format_share, when_used="json"),
    _schema(units.SHARE_PATTERN, "95 %"),
]
MoneyPerDay = Annotated[
    float,
    BeforeValidator(units.parse_money_per_day),
    PlainSerializer(lambda money: f"{money!r} per d", when_used="json"),
    _schema(MONEY_RATE_PATTERN, "4000 per day"),
]
RatePerDay = Annotated[
    float,
    BeforeValidator(units.parse_rate_per_day),
    PlainSerializer(units.format_rate_per_day, when_used="json"),
    _schema(RATE_PATTERN, "20 % per year"),
]
UnitsPerDay = Annotated[
    float,
    BeforeValidator(units.parse_units_per_day),
    Field(le=1e6),
    PlainSerializer(units.format_units_per_time, when_used="json"),
    _schema(UNITS_PATTERN, "12 per year"),
]
RatePerMachine = Annotated[
    float,
    BeforeValidator(units.parse_rate_per_machine),
    Field(le=1000),
    PlainSerializer(lambda rate: f"{rate!r} per machine", when_used="json"),
    _schema(NORM_PATTERN, "1 per 40 machines"),
]
