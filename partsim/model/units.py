"""Quantities with units as people write them: the border between text and days, money, shares.

A year is 365 days, a month a twelfth of it, hours are calendar hours.
"""

from __future__ import annotations

import re

DAYS = {
    "min": 1 / 1440,
    "h": 1 / 24,
    "d": 1.0,
    "weeks": 7.0,
    "months": 365 / 12,
    "years": 365.0,
}
_SPELLINGS = {
    "minute": "min", "minutes": "min", "hour": "h", "hours": "h", "day": "d", "days": "d",
    "wk": "weeks", "week": "weeks", "month": "months", "y": "years", "year": "years",
}  # fmt: skip
_MULTIPLES = {"": 1.0, "k": 1e3, "M": 1e6}
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"

DURATION_PATTERN = rf"^\s*{_NUMBER}\s*({'|'.join([*DAYS, *_SPELLINGS])})\s*$"
MONEY_PATTERN = rf"^\s*{_NUMBER}\s*[kM]?\s*$"
SHARE_PATTERN = rf"^\s*{_NUMBER}\s*%\s*$"


def _split(value: object, example: str, what: str) -> tuple[float, str]:
    """Split '<number> <unit>' and complain in one sentence if it is not that."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"expected {what} such as '{example}', got {_show(value)}")
    match = re.match(rf"^\s*({_NUMBER})\s*(.*?)\s*$", str(value))
    if match is None:
        raise ValueError(f"expected {what} such as '{example}', got {_show(value)}")
    return float(match[1]), match[2]


def _show(value: object) -> str:
    """Show a value in a message, short."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


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
        If the unit is missing or unknown, or the number negative.

    Examples
    --------
    >>> parse_duration("36 h")
    1.5
    """
    number, unit = _split(value, "30 d", "a duration")
    unit = _SPELLINGS.get(unit, unit)
    units = ", ".join(DAYS)
    if not unit:
        raise ValueError(f"expected a duration with a unit ({units}), got {_show(value)}; "
                         f"write for example '{value} d'")  # fmt: skip
    if unit not in DAYS:
        raise ValueError(f"expected a duration in {units}, got {_show(value)}")
    if number < 0:
        raise ValueError(f"expected a duration >= 0, got {_show(value)}")
    return number * DAYS[unit]


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
        Units of the currency.

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
    if unit not in _MULTIPLES:
        raise ValueError(f"expected an amount such as 1260, '100 k' or '1.2 M' "
                         f"(in the scenario's one currency), got {_show(value)}")  # fmt: skip
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
        raise ValueError(f"expected a percentage such as '95 %', got {_show(value)}")
    if not 0 <= number <= 100:
        raise ValueError(f"expected a percentage from 0 % to 100 %, got {_show(value)}")
    return number / 100


def parse_rate(value: object) -> float:
    """
    Read a rate: 'per' a time, or 'per' a number of machines.

    Parameters
    ----------
    value : object
        Text such as '20 % per year' or '1 per 40 machines'.

    Returns
    -------
    float
        Per day, or per machine.

    Raises
    ------
    ValueError
        If it is not a rate.

    Examples
    --------
    >>> parse_rate("73 % per year"), parse_rate("1 per 40 machines")
    (0.002, 0.025)
    """
    text = str(value)
    amount, per, base = text.partition(" per ")
    if not per:
        raise ValueError("expected a rate such as '20 % per year' or '1 per 40 machines', "
                         f"got {_show(value)}")  # fmt: skip
    number, unit = _split(amount, "20 %", "a rate")
    if unit not in ("", "%") or number < 0:
        raise ValueError(f"expected a rate >= 0 such as '20 % per year', got {_show(value)}")
    number = number / 100 if unit == "%" else number
    machines = re.match(r"^\s*(\d+)?\s*machines?\s*$", base)
    if machines:
        return number / max(int(machines[1] or 1), 1)
    count = re.match(rf"^\s*({_NUMBER})?\s*([a-z]+)\s*$", base)
    unit = _SPELLINGS.get(count[2], count[2]) if count else ""
    if count is None or unit not in DAYS:
        raise ValueError(f"expected a rate per {', '.join(DAYS)} or per N machines, "
                         f"got {_show(value)}")  # fmt: skip
    return number / (float(count[1] or 1) * DAYS[unit])


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
    Write a share as a percentage that reads back as the same share.

    Examples
    --------
    >>> format_share(0.95)
    '95 %'
    """
    for digits in range(0, 17):
        text = f"{share * 100:.{digits}f} %"
        if parse_share(text) == share:
            break
    return text


def format_rate_per_day(rate: float) -> str:
    """
    Write a rate per day.

    Examples
    --------
    >>> format_rate_per_day(0.002)
    '0.002 per d'
    """
    return f"{rate!r} per d"
