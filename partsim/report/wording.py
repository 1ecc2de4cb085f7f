"""How numbers and verdicts are written for people, the same in figures, page and tables."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, isfinite

from partsim.model.grading_price import GradingPrice
from partsim.model.outcome import Kept, Outcome
from partsim.model.plan import Certificate, Plan

VERDICT: dict[Kept, str] = {"yes": "kept", "no": "broken", "open": "open"}
COSTS = {
    "holding": "Holding",
    "ordering": "Ordering",
    "approval": "Approval",
    "control_loss": "Control loss",
    "counting": "Counting",
    "downtime": "Machines that wait",
    "planned_replacement": "Planned replacements",
    "inspection": "Inspections",
    "recovery": "Recovery of broken promises",
    "emergency": "Emergency shipments",
    "lateral": "Lateral transshipments",
    "repair": "Repairs of parts",
    "second_source": "Surcharge of second sources",
    "consignment": "Stock at customers",
    "in_repair": "Used units until repaired",
    "internal_ordering": "Orders between depots",
    "lent": "Parts taken along",
    "purchases": "Units bought",
}


def cost_name(kind: str) -> str:
    """
    Name a kind of cost.

    Examples
    --------
    >>> cost_name("lent"), cost_name("customs_duty")
    ('Parts taken along', 'Customs duty')
    """
    return COSTS.get(kind, kind.replace("_", " ").capitalize())


PEOPLE = ("orders per day", "parts")
"""Units of what the people behind a grade can manage."""


def money(amount: float) -> str:
    """
    Write an amount in whole units of the currency, small ones with hundredths.

    Examples
    --------
    >>> money(237500.4), money(0.4), money(0), money(float("nan"))
    ('237,500', '0.40', '0', '-')
    """
    if not isfinite(amount):
        return "-"
    return f"{amount:,.0f}" if abs(amount) >= 10 or not amount else f"{amount:.2f}"


def short_money(amount: float) -> str:
    """
    Write an amount with three digits, for axes and titles.

    Examples
    --------
    >>> short_money(1234567), short_money(60_000), short_money(850)
    ('1.23 M', '60 k', '850')
    """
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if abs(amount) >= size:
            return f"{float(f'{amount / size:.3g}'):,g}{unit}"
    return f"{amount:.3g}"


def percent(share: float) -> str:
    """
    Write a share with one decimal.

    Examples
    --------
    >>> percent(0.9543), percent(float("nan"))
    ('95.4 %', '-')
    """
    return f"{share * 100:.1f} %" if isfinite(share) else "-"


def percent_down(share: float) -> str:
    """
    Write a share rounded down, for the ends of intervals.

    So the text of an end reaches a promise of whole tenths of a per cent only if the end does,
    and the verdict can be seen from the interval.

    Examples
    --------
    >>> percent_down(0.90999), percent_down(0.29)
    ('90.9 %', '29.0 %')
    """
    return percent(floor(share * 1000 + 1e-9) / 1000) if isfinite(share) else "-"


def interval(low: float, high: float) -> str:
    """
    Write an interval of shares.

    Examples
    --------
    >>> interval(0.9096, 0.9175)
    '90.9 % to 91.7 %'
    """
    return f"{percent_down(low)} to {percent_down(high)}"


def hours(time: float) -> str:
    """
    Write hours, with a decimal where they are few.

    Examples
    --------
    >>> hours(24), hours(3.14159), hours(1234.5), hours(1 / 60), hours(float("nan"))
    ('24 h', '3.1 h', '1,234 h', '0.017 h', '-')
    """
    if not isfinite(time):
        return "-"
    if time >= 100 or time == round(time):
        return f"{time:,.0f} h"
    return (f"{time:.1f}" if time >= 1 else f"{time:.2g}") + " h"


def target_value(value: float, unit: str) -> str:
    """
    Write the value of a plan's target in its unit: share, hours, volume, money, or in words.

    Shares have two decimals, rounded down: one that misses its target is seen to do so.

    Examples
    --------
    >>> target_value(0.95999, "share"), target_value(12, "hours"), target_value(5e5, "money")
    ('95.99 %', '12 h', '500,000')
    >>> target_value(0.21345, "orders per day")
    '0.213 orders per day'
    """
    if unit == "share":
        return f"{floor(value * 1e4 + 1e-7) / 100:.2f} %"
    if unit in PEOPLE:
        return f"{value:,.3g} {unit}" if value < 100 else f"{value:,.0f} {unit}"
    return hours(value) if unit == "hours" else money(value)


def target_interval(low: float, high: float, unit: str) -> str:
    """
    Write the interval of a target that is no promise; a dash where nothing was simulated.

    Examples
    --------
    >>> target_interval(11.09, 14.08, "hours"), target_interval(0.9059, 0.9175, "share")
    ('11.1 h to 14.1 h', '90.59 % to 91.75 %')
    """
    if not isfinite(low):
        return "-"
    return f"{target_value(low, unit)} to {target_value(high, unit)}"


def wanted(target: float, unit: str) -> str:
    """
    Say what a target wants.

    Examples
    --------
    >>> wanted(0.9, "share"), wanted(14, "hours")
    ('at least 90.00 %', 'at most 14 h')
    """
    return f"{'at least' if unit == 'share' else 'at most'} {target_value(target, unit)}"


def target_verdict(kept: str, *, reached: bool) -> str:
    """
    Give the verdict of the simulation, or where it has none that of the formulas.

    Examples
    --------
    >>> target_verdict("open", reached=True), target_verdict("", reached=True)
    ('open', 'kept, by formula')
    """
    if kept in VERDICT:
        return VERDICT[kept]
    return "kept, by formula" if reached else "broken, by formula"


def out_of_time(proof: Certificate) -> str:
    """
    Say what is known of a plan whose search a time limit ended.

    Examples
    --------
    >>> out_of_time(Certificate(103.0, 100.0, (), 2.5))
    'the time limit ended the search: the best plan so far, at most 3.00 % dearer than the cheapest'
    """
    known = f"at most {proof.gap:.2%}".replace("%", " %") + " dearer than the cheapest"
    if not isfinite(proof.gap):
        known = "and no bound above 0 yet for the cheapest"
    return f"the time limit ended the search: the best plan so far, {known}"


def price_of_grading(price: GradingPrice, currency: str) -> str:
    """
    Say what the grades of a plan cost over the cheapest grades and over none.

    Parameters
    ----------
    price : GradingPrice
        By `partsim.optimisation.grading_comparison`.
    currency : str
        Currency of the scenario.

    Returns
    -------
    str
        A sentence without its full stop.

    Examples
    --------
    >>> from partsim.model.grading_price import Graded
    >>> plan, free = Graded("rule value", 120.0, ("A", "C")), Graded("free", 105.0, ("C", "C"))
    >>> price = GradingPrice(plan, free, (), Graded("a decision for every part", 100.0))
    >>> price_of_grading(price, "CNY")
    'other grades of 1 part save 15 CNY per year (12.5 %), nothing saves more than 20 (16.7 %)'
    """
    plan, free, least = price.plan, price.free, price.every_part.cost
    if plan.missed:
        return f"the plan misses {', '.join(plan.missed)}; free grades cost {money(free.cost)}"
    most = f"more than {money(plan.cost - least)} ({percent(1 - least / plan.cost)})"
    saved, parts = plan.cost - free.cost, price.moved(free)
    if not parts or saved <= 0:
        return f"no cheaper grades were found; nothing at all saves {most}"
    which = f"other grades of {parts:,} part{'s' if parts > 1 else ''} save"
    share = percent(saved / plan.cost)
    return f"{which} {money(saved)} {currency} per year ({share}), nothing saves {most}"


def short_name(name: str, longest: int = 24) -> str:
    """
    Cut a name to a length that fits a label, on one line.

    Examples
    --------
    >>> short_name("a part with quite a long name")
    'a part with quite a l...'
    """
    text = "".join(c if c.isprintable() else " " for c in name)
    return text if len(text) <= longest else text[: longest - 3] + "..."


def verdict_sentence(kept: Iterable[str]) -> str:
    """
    Sum the verdicts up.

    Examples
    --------
    >>> verdict_sentence(["yes", "yes"]), verdict_sentence(["yes", "no", "open"])
    ('All 2 promises are kept', '1 of 3 promises is kept, 1 broken, 1 open')
    """
    verdicts = list(kept)
    good, total = verdicts.count("yes"), len(verdicts)
    if good == total:
        return "The promise is kept" if total == 1 else f"All {total} promises are kept"
    counts = [(VERDICT[word], verdicts.count(word)) for word in ("no", "open")]
    rest = "".join(f", {count} {word}" for word, count in counts if count)
    if total == 1:
        return f"The promise is {rest.split()[-1]}"
    return f"{good} of {total} promises {'is' if good == 1 else 'are'} kept{rest}"


def simulated_cost(outcome: Outcome, unit: str) -> str:
    """Write the simulated cost in a unit, and how exactly it is known."""
    return f"{money(outcome.plan_cost)} {unit}{cost_interval(outcome)}"


def cost_interval(outcome: Outcome) -> str:
    """Say how exactly the simulated cost is known, behind it; empty where nobody knows."""
    return f" (95 % interval {cost_ends(outcome)})" if isfinite(outcome.plan_cost_low) else ""


def cost_ends(outcome: Outcome) -> str:
    """Give the 95 % interval of the simulated cost; a dash where nobody knows."""
    low, high = outcome.plan_cost_low, outcome.plan_cost_high
    return f"{money(low)} to {money(high)}" if isfinite(low) else "-"


def weighed_by(outcome: Outcome) -> str:
    """Say what control variates are worth, as the end of a sentence; empty without them."""
    if not outcome.controlled:
        return ""
    weighed = ", weighed by the lead times that were drawn in them (control variates)"
    worth = worth_text(outcome)
    if worth == str(outcome.replications):
        return weighed
    return f"{weighed}: of the promises they tell as much as {worth} that count alike"


def worth_text(outcome: Outcome) -> str:
    """Say how many replications without control variates would know the promises as exactly."""
    worth = outcome.promises["worth_replications"].dropna()
    ends = sorted({round(end) for end in (worth.min(), worth.max())}) if len(worth) else []
    return " to ".join(map(str, ends)) or str(outcome.replications)


def prices_of(plan: Plan, currency: str) -> list[str]:
    """Say what a little more of each target costs or saves, the targets that bind only."""
    rows = plan.certificate.rows if plan.certificate else ()
    return [sentence for row in rows if (sentence := row.price_in_words(currency))]
