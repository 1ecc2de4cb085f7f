"""Numbers as spreadsheets and ERP systems write them, to numbers as a scenario writes them."""

from __future__ import annotations

import re
from decimal import Decimal as Exact
from decimal import DecimalException
from typing import Literal

DecimalMark = Literal[".", ","]
_GROUPS = {".": r",'’ \u00a0\u202f", ",": r".'’ \u00a0\u202f"}


def _pattern(decimal: str) -> re.Pattern[str]:
    grouped = rf"\d{{1,3}}(?:(?P<mark>[{_GROUPS[decimal]}])\d{{3}}(?:(?P=mark)\d{{3}})*)"
    return re.compile(
        rf"(?P<sign>[-+−]?)\s*[¥￥$€£]?\s*(?P<whole>{grouped}|\d*)"
        rf"(?:{re.escape(decimal)}(?P<part>\d*))?(?P<power>[eE][-+]?\d{{1,3}})?"
        r"(?P<minus>-?)\s*(?P<unit>[^\d\s.,+-].*)?",
        re.ASCII,
    )


_PATTERNS = {mark: _pattern(mark) for mark in (".", ",")}


def plain_number(text: str, decimal: DecimalMark = ".") -> tuple[str, str] | None:
    """
    Read a number with decimal comma, thousands separators, currency sign or trailing minus.

    Parameters
    ----------
    text : str
        Such as ``1,200.50``, ``1.200,50``, ``12.50-``, ``¥ 1 200`` or ``60 k``.
    decimal : str
        The decimal mark, point or comma; the other one may separate groups of three digits.

    Returns
    -------
    number, unit : str, or None
        The number as Python writes it, with its digits as they were; what stands behind it.
        None if the text is no number under this decimal mark.

    Examples
    --------
    >>> plain_number("1.234,50-", ","), plain_number("1,200 k"), plain_number("7,5")
    (('-1234.50', ''), ('1200', 'k'), None)
    """
    match = _PATTERNS[decimal].fullmatch(text.strip())
    if match is None or not (match["whole"] or match["part"]):
        return None
    if match["minus"] and match["sign"]:
        return None
    sign = "-" if match["minus"] or match["sign"] in ("-", "−") else ""
    whole = re.sub(r"\D", "", match["whole"])
    part = f".{match['part']}" if match["part"] else ""
    return f"{sign}{whole or '0'}{part}{match['power'] or ''}", match["unit"] or ""


def divided(number: str, by: str) -> str | None:
    """
    Divide a price by the units it is for, in decimal digits.

    Examples
    --------
    >>> divided("1234.5", "100"), divided("1", "0")
    ('12.345', None)
    """
    try:
        count = Exact(by)
        return f"{(Exact(number) / count).normalize():f}" if count > 0 else None
    except DecimalException:
        return None


def shortened(number: str) -> str:
    """
    Drop zeros that only say how exactly a number was written.

    Examples
    --------
    >>> shortened("12.000"), shortened("12.50"), shortened("120")
    ('12', '12.5', '120')
    """
    plain = "." in number and "e" not in number.lower()
    return number.rstrip("0").rstrip(".") if plain else number
