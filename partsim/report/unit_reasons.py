"""Next best units in words: what each buys for its money."""

from __future__ import annotations

import pandas as pd

from partsim.report.tables import rows_of
from partsim.report.wording import money, target_value

_NAMES = {"promises": "calls that keep their promise", "backorders": "machines that wait"}
_BETTER = {"share": "points", "hours": "hours less", "units": "machines less"}


def unit_reasons(units: pd.DataFrame, measure: str, unit: str, currency: str) -> list[str]:
    """
    Say why each unit is next: the most service for its price.

    Parameters
    ----------
    units : DataFrame
        By `partsim.optimisation.next_units.next_units`.
    measure : str
        What it was asked to better.
    unit : 'share', 'units' or 'hours'
        Of the measure.
    currency : str
        Of all money.

    Returns
    -------
    list of str
        One for each row.

    Examples
    --------
    >>> row = {"price": 400.0, "gain": 0.002, "gain_per_1000": 0.005, "value": 0.952,
    ...        "cost_per_year": 80.0}
    >>> print(*unit_reasons(pd.DataFrame([row]), "promise of gold", "share", "CNY"))
    promise of gold: 95.00 % to 95.20 %, 0.5 points for each 1,000 CNY; costs 80 CNY per year
    """
    return [
        f"{_NAMES.get(measure, measure)}: {_change(row.value, row.gain, unit)}, "
        f"{_worth(row.gain_per_1000, unit)} for each 1,000 {currency}; "
        f"{'costs' if row.cost_per_year >= 0 else 'saves'} {money(abs(row.cost_per_year))} "
        f"{currency} per year"
        for row in rows_of(units)
    ]


def _change(value: float, gain: float, unit: str) -> str:
    before = value - gain if unit == "share" else value + gain
    if unit == "units":
        return f"{before:.4g} to {value:.4g}"
    return f"{target_value(before, unit)} to {target_value(value, unit)}"


def _worth(gain: float, unit: str) -> str:
    amount = gain * 100 if unit == "share" else gain
    number = f"{amount:,.0f}" if amount >= 100 else f"{amount:.2g}"
    return f"{number} {_BETTER[unit]}"
