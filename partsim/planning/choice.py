"""Choose among cases that were played out: the cheapest that keeps what it promises."""

from __future__ import annotations

from partsim.model.what_if import Choice, Comparison
from partsim.simulation.comparison import compare


def cheapest_kept(comparison: Comparison, satisfaction: float | None = None) -> Choice:
    """
    Choose the cheapest case, as simulated, that keeps every promise with confidence.

    Parameters
    ----------
    comparison : Comparison
        By `partsim.planning.what_if.compare_cases`.
    satisfaction : float, optional
        Least mean satisfaction of every tier, from -1 to 1, reached by the low end of its
        interval.

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
    missed = {case: _missed(comparison, case, satisfaction) for case in comparison.answers}
    costs = comparison.plans.set_index("case")["simulated_cost"]
    good = sorted((case for case in missed if not missed[case]), key=lambda case: costs[case])
    if not good:
        return Choice(in_the_way=min(missed.values(), key=len))
    best = comparison.answers[good[0]]
    others = [case for case in good if comparison.answers[case] is not best]
    if not others:
        return Choice(good[0])
    pair = {"it": best.outcome, "next": comparison.answers[others[0]].outcome}
    table = compare(pair).set_index("name").loc["plan_cost"]
    ends = table[["difference", "difference_low", "difference_high"]].to_numpy(float).tolist()
    return Choice(good[0], others[0], *ends)


def _missed(comparison: Comparison, case: str, satisfaction: float | None) -> tuple[str, ...]:
    """Name what a case does not keep with confidence."""
    table = comparison.promises[comparison.promises["case"] == case]
    words = [f"promise of {tier}" for tier in table.loc[table["kept"] != "yes", "tier"]]
    if satisfaction is not None:
        low = table["satisfaction_low"] < satisfaction
        words += [f"satisfaction of {tier}" for tier in table.loc[low, "tier"]]
    return tuple(words)
