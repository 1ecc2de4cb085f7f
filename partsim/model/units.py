"""Quantities with units as people write them: the border between text and days, money, shares.

A year is 365 days, a month a twelfth of it, hours are calendar hours.
"""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches
from math import inf, isfinite

DAYS = {"min": 1 / 1440, "h": 1 / 24, "d": 1.0, "weeks": 7.0, "months": 365 / 12, "years": 365.0}
SPELLINGS = {
    "minute": "min", "minutes": "min", "hour": "h", "hours": "h", "day": "d", "days": "d",
    "wk": "weeks", "week": "weeks", "month": "months", "y": "years", "year": "years",
}  # fmt: skip
_MULTIPLES = {"": 1.0, "k": 1e3, "M": 1e6}
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"

DURATION_PATTERN = rf"^\s*{_NUMBER}\s*({'|'.join([*DAYS, *SPELLINGS])})\s*$"
MONEY_PATTERN = rf"^\s*{_NUMBER}\s*[kM]?\s*$"
SHARE_PATTERN = rf"^\s*{_NUMBER}\s*%\s*$"


def show(value: object) -> str:
    """
    Show a value in a message, short, a number as it was written.

    Examples
    --------
    >>> show("30"), show(30), show({"a": 1}), show("")
    ("'30'", '30', 'a mapping', 'nothing')
    """
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None or value == "":
        return "nothing"
    text = str(getattr(value, "raw", "")) or repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _split(value: object, example: str, what: str) -> tuple[float, str]:
    """Split '<number> <unit>' and complain in one sentence if it is not that."""
    if not isinstance(value, bool) and isinstance(value, str | int | float):
        match = re.match(rf"^\s*({_NUMBER})\s*(.*?)\s*$", str(value))
        if match and isfinite(float(match[1])):
            return float(match[1]), match[2]
    raise ValueError(f"expected {what} such as '{example}', got {show(value)}")


def _days(unit: str) -> float | None:
    return DAYS.get(SPELLINGS.get(unit, unit))


def parse_duration(value: object) -> float:
    """
    Read a duration such as '12 months' or '36 h'.

    Parameters
    ----------
    value : object
        Text with a unit: min, h, d, weeks, months or years (also singular).

    Returns
    -------
    float
        Days, zero or more.

    Raises
    ------
    ValueError
        If the unit is missing or unknown, or the number negative or above 1e9 days.

    Examples
    --------
    >>> parse_duration("36 h")
    1.5
    """
    number, unit = _split(value, "30 d", "a duration")
    units, days = ", ".join(DAYS), _days(unit)
    if not unit:
        raise ValueError(
            f"expected a duration with a unit ({units}), got {show(value)}; "
            f"write for example '{number:g} d'"
        )
    if days is None:
        close = get_close_matches(unit, [*DAYS, *SPELLINGS], n=1)
        hint = f"; did you mean '{number:g} {close[0]}'?" if close else ""
        raise ValueError(f"expected a duration in {units}, got {show(value)}{hint}")
    if not 0 <= number * days <= 1e9:
        raise ValueError(f"expected a duration >= 0 and at most 1e9 d, got {show(value)}")
    return number * days


def parse_day(value: object) -> str:
    """
    Read a date such as 2026-01-31.

    Parameters
    ----------
    value : object
        Text: year, month and day, as ISO 8601 writes them.

    Returns
    -------
    str
        The date as written.

    Raises
    ------
    ValueError
        If it is no day of the calendar in this form.

    Examples
    --------
    >>> parse_day("2026-01-31")
    '2026-01-31'
    """
    text = str(getattr(value, "raw", value)).strip()
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError:
        day = ""
    # Later versions of Python take other forms of ISO 8601, too.
    if day != text:
        raise ValueError(f"expected a date such as 2026-01-31, got {show(value)}")
    return day


def parse_money(value: object) -> float:
    """
    Read an amount of the scenario's one currency such as '100 k'.

    Parameters
    ----------
    value : object
        A number, or text with k (thousand) or M (million).

    Returns
    -------
    float
        Units of the currency, at most 1e15 from zero.

    Raises
    ------
    ValueError
        If it is not an amount.

    Examples
    --------
    >>> parse_money("100 k")
    100000.0
    """
    number, unit = _split(value, "100 k", "an amount of money")
    if unit not in _MULTIPLES or abs(number * _MULTIPLES[unit]) > 1e15:
        raise ValueError(
            "expected an amount such as 1260, '100 k' or '1.2 M' "
            f"(in the scenario's one currency), got {show(value)}"
        )
    return number * _MULTIPLES[unit]


def parse_share(value: object) -> float:
    """
    Read a percentage as a share.

    Parameters
    ----------
    value : object
        Text such as '95 %'.

    Returns
    -------
    float
        Share from 0 to 1.

    Raises
    ------
    ValueError
        If the per cent sign is missing or the share is outside 0 to 100 %.

    Examples
    --------
    >>> parse_share("95 %")
    0.95
    """
    number, unit = _split(value, "95 %", "a percentage")
    if unit != "%":
        raise ValueError(f"expected a percentage such as '95 %', got {show(value)}")
    if not 0 <= number <= 100:
        raise ValueError(f"expected a percentage from 0 % to 100 %, got {show(value)}")
    return number / 100


def _per(value: object, example: str) -> tuple[float, float, str]:
    """Split '<number> [%] per [<number>] <word>'."""
    amount, _, base = str(value).partition(" per ")
    match = re.match(rf"^\s*({_NUMBER})?\s*([a-z]+)\s*$", base)
    if match is None or (match[1] and not 0 < float(match[1]) < inf):
        raise ValueError(f"expected a rate such as '{example}', got {show(value)}")
    number, unit = _split(amount, example, "a rate")
    if unit not in ("", "%") or number < 0:
        raise ValueError(f"expected a rate >= 0 such as '{example}', got {show(value)}")
    return number / 100 if unit == "%" else number, float(match[1] or 1), match[2]


def parse_rate_per_day(value: object) -> float:
    """
    Read a rate per time, such as '20 % per year'.

    Parameters
    ----------
    value : object
        A number or percentage, 'per', and a time with a unit as in `parse_duration`.

    Returns
    -------
    float
        Per day, zero or more.

    Raises
    ------
    ValueError
        If it is not a rate per time.

    Examples
    --------
    >>> parse_rate_per_day("73 % per year")
    0.002
    """
    return _per_day(value, "20 % per year")


def _per_day(value: object, example: str) -> float:
    number, count, unit = _per(value, example)
    days = _days(unit)
    if days is None:
        raise ValueError(f"expected a rate per {', '.join(DAYS)}, got {show(value)}")
    return number / (count * days)


def parse_units_per_day(value: object) -> float:
    """
    Read a rate of units, such as '12 per year'.

    Parameters
    ----------
    value : object
        A number, 'per', and a time with a unit as in `parse_duration`.

    Returns
    -------
    float
        Per day, zero or more.

    Raises
    ------
    ValueError
        If it is not a rate of units.

    Examples
    --------
    >>> parse_units_per_day("73 per year"), parse_units_per_day("14 per 2 weeks")
    (0.2, 1.0)
    """
    if "%" in str(value):
        raise ValueError(f"expected a rate of units such as '12 per year', got {show(value)}")
    return _per_day(value, "12 per year")


def parse_money_per_day(value: object) -> float:
    """
    Read money per time, such as '4000 per day' or '4 k per d'.

    Parameters
    ----------
    value : object
        An amount as in `parse_money`, 'per', and a unit of time as in `parse_duration`.

    Returns
    -------
    float
        Money per day, zero or more.

    Raises
    ------
    ValueError
        If it is not money per time.

    Examples
    --------
    >>> parse_money_per_day("4 k per day"), parse_money_per_day("100 per h")
    (4000.0, 2400.0)
    """
    amount, _, base = str(value).partition(" per ")
    days = _days(base.strip())
    if days is None:
        raise ValueError(f"expected money per time such as '4000 per day', got {show(value)}")
    money = parse_money(amount)
    if money < 0:
        raise ValueError(f"expected money per time >= 0, got {show(value)}")
    return money / days


def parse_rate_per_machine(value: object) -> float:
    """
    Read a norm such as '1 per 40 machines'.

    Parameters
    ----------
    value : object
        A number, 'per', and a number of machines.

    Returns
    -------
    float
        Per machine, zero or more.

    Raises
    ------
    ValueError
        If it is not a rate per machines.

    Examples
    --------
    >>> parse_rate_per_machine("1 per 40 machines")
    0.025
    """
    number, count, unit = _per(value, "1 per 40 machines")
    if unit not in ("machine", "machines"):
        raise ValueError(f"expected a rate such as '1 per 40 machines', got {show(value)}")
    return number / count


def format_duration(days: float) -> str:
    """
    Write a duration so that `parse_duration` gives the same days back.

    Examples
    --------
    >>> format_duration(1.5), format_duration(365.0)
    ('36 h', '365 d')
    """
    exact = ["0 d" if days == 0 else f"{days!r} d"]
    for unit in DAYS:
        text = f"{days / DAYS[unit]:.6g} {unit}"
        if parse_duration(text) == days:
            exact.append(text)
    return min(reversed(exact), key=len) if days else exact[0]


def format_share(share: float) -> str:
    """
    Write a share as a percentage; one that was a percentage reads back as the same share.

    Examples
    --------
    >>> format_share(0.95), format_share(1.0)
    ('95 %', '100 %')
    """
    texts = [f"{share * 100:.{digits}g} %" for digits in range(1, 18)]
    right = (text for text in texts if "e+" not in text and parse_share(text) == share)
    return next(right, texts[-1])


def format_units_per_time(rate: float) -> str:
    """
    Write a rate of units, per year where that is exact.

    Examples
    --------
    >>> format_units_per_time(12 / 365), format_units_per_time(0.1234567)
    ('12 per year', '45.0616955 per year')
    """
    texts = (f"{rate * 365:.{digits}g} per year" for digits in range(1, 18))
    exact = (text for text in texts if parse_units_per_day(text) == rate)
    return next(exact, f"{rate!r} per d")


def format_rate_per_day(rate: float) -> str:
    """
    Write a rate, per year where that is exact.

    Examples
    --------
    >>> format_rate_per_day(0.2 / 365), format_rate_per_day(0.002)
    ('20 % per year', '73 % per year')
    """
    numbers = (f"{rate * 36500:.{digits}g}" for digits in range(1, 18))
    texts = (f"{number} % per year" for number in numbers if "e" not in number)
    return next((text for text in texts if parse_rate_per_day(text) == rate), f"{rate!r} per d")
