"""Words for counts and durations in notes and comments."""

from __future__ import annotations

_MANY = {"life": "lives", "delivery": "deliveries"}


def counted(number: float, noun: str) -> str:
    """
    Write a number with its noun.

    Examples
    --------
    >>> counted(1, "failure"), counted(2, "life"), counted(1234, "row")
    ('1 failure', '2 lives', '1,234 rows')
    """
    text = f"{number:,.15g}"
    return f"{text} {noun}" if number == 1 else f"{text} {_MANY.get(noun, noun + 's')}"


def in_days(days: float) -> str:
    """
    Show a duration in a comment, to four digits.

    Examples
    --------
    >>> in_days(12.3456), in_days(12810.0)
    ('12.35 d', '12810 d')
    """
    return f"{days:.0f} d" if 1000 <= days < 1e9 else f"{days:.4g} d"
