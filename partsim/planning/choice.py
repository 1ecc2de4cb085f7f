"""Choose among cases that were played out: the cheapest that keeps what it promises."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from partsim.model.what_if import Choice, Comparison
from partsim.simulation.comparison import compare


def cheapest_kept(
    comparison: Comparison,
    satisfaction: float | None = None,
    among: Collection[str] | None = None,
) -> Choice:
    """
    Choose the cheapest case, as simulated, that keeps every promise with confidence.

    Parameters
    ----------
    comparison : Comparison
        By `partsim.planning.what_if.compare_cases`.
    satisfaction : float, optional
        Least mean satisfaction of every tier, from -1 to 1, reached by the low end of its
        interval.
    among : collection of str, optional
        Cases to choose from; all if not given.

    Returns
    -------
    Choice
        The case, the next one and the difference.

    Raises
    ------
    ValueError
        If `satisfaction` is not from -1 to 1.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> from partsim.planning.what_if import Case, compare_cases
    >>> file, short = "scenarios/first_steps.yaml", ["simulation.years=2"]
    >>> promise = "tiers.everybody.promise.share"
    >>> cases = {v: Case(read_scenario(file, [*short, f"{promise}={v}"])) for v in ("60 %", "80 %")}
    >>> cheapest_kept(compare_cases(cases)).case
    '60 %'
    """
    if satisfaction is not None and not -1 <= satisfaction <= 1:
        raise ValueError(f"satisfaction: expected a number from -1 to 1, got {satisfaction}")
    cases = comparison.answers if among is None else among
    missed = {case: _missed(comparison, case, satisfaction) for case in cases}
    costs = comparison.plans.set_index("case")["simulated_cost"]
    good = sorted((case for case in missed if not missed[case]), key=lambda case: costs[case])
    if not good:
        return Choice(in_the_way=min(missed.values(), key=len))
    best = comparison.answers[good[0]]
    others = [case for case in good if comparison.answers[case] is not best]
    if not others:
        return Choice(good[0])
    pair = {"it": best.outcome, "next": comparison.answers[others[0]].outcome}
    whole = compare(pair).query("measure == 'cost' and name == 'plan_cost'")
    ends = whole[["difference", "difference_low", "difference_high"]].to_numpy(float)[0].tolist()
    return Choice(good[0], others[0], *ends)


def choices(
    comparison: Comparison,
    given: Mapping[str, tuple[str, ...]],
    satisfaction: float | None = None,
) -> tuple[Choice, ...]:
    """
    Choose once for every set of values that nobody chooses.

    Parameters
    ----------
    comparison : Comparison
        By `partsim.planning.what_if.compare_cases`.
    given : mapping of str to tuple of str
        By case, the values that nobody chooses there. Cases without an entry are left out.
    satisfaction : float, optional
        As for `cheapest_kept`.

    Returns
    -------
    tuple of Choice
        One for each tuple of values, in the order in which they come.

    Raises
    ------
    ValueError
        If `satisfaction` is not from -1 to 1.
    """
    found = []
    for values in dict.fromkeys(given.values()):
        among = [case for case in given if given[case] == values]
        found.append(replace(cheapest_kept(comparison, satisfaction, among), given=values))
    return tuple(found)


def _missed(comparison: Comparison, case: str, satisfaction: float | None) -> tuple[str, ...]:
    """Name what a case does not keep with confidence."""
    table = comparison.promises[comparison.promises["case"] == case]
    words = [f"promise of {tier}" for tier in table.loc[table["kept"] != "yes", "tier"]]
    if satisfaction is not None:
        low = table["satisfaction_low"] < satisfaction
        words += [f"satisfaction of {tier}" for tier in table.loc[low, "tier"]]
    return tuple(words)
