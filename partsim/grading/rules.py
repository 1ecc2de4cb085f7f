"""Rules of grading by name: each turns facts of the parts into scores from 0 to 1.

A rule is fitted to all parts (their scale, the weights open to them) and then scores any facts:
the same parts', or one part's with another price, which is how grades are explained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.grading.economics import criteria_ratios, economic_scores
from partsim.grading.facts import PartFacts
from partsim.grading.favourable_weights import fit_ng, fit_r_model
from partsim.model.grading_rules import GradingRules

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scored:
    """
    Scores of parts.

    Attributes
    ----------
    scores : ndarray of float, shape (part,)
        0 to 1 for the parts that the rule was fitted to; greater is stricter.
    criteria : mapping of str to ndarray of float, shape (part,)
        What the score is made of, scaled from 0 to 1.
    """

    scores: Floats
    criteria: Mapping[str, Floats]


Scorer = Callable[[PartFacts], Scored]
Rule = Callable[[PartFacts, GradingRules], Scorer]
Scale = Callable[[Floats], Floats]

_ALWAYS = ("price", "wear", "outsourced", "difficulty")
"""Criteria of the rule weights that tables show also without a weight."""


def weights_rule(facts: PartFacts, rules: GradingRules) -> Scorer:
    """
    Score by the weighted mean of the criteria [1]_.

    References
    ----------
    .. [1] B. E. Flores and D. C. Whybark, Multiple criteria ABC analysis, International Journal
       of Operations and Production Management 6 (1986) 38-46.
    """
    price, wear = _between(np.log(facts.price)), _between(-np.log(facts.life))
    lead_time, weights = _between(facts.lead_time), rules.criteria_weights

    def score(facts: PartFacts) -> Scored:
        """Add the criteria up by their weights."""
        criteria = {
            "price": price(np.log(facts.price)),
            "wear": wear(-np.log(facts.life)),
            "outsourced": facts.outsourced,
            "difficulty": facts.difficulty / 2,
            "criticality": facts.criticality / 2,
            "lead_time": lead_time(facts.lead_time),
        }
        terms = (weights.get(name, 0.0) * values for name, values in criteria.items())
        shown = [name for name in criteria if name in _ALWAYS or weights.get(name, 0.0) > 0]
        return Scored(
            sum(terms, start=np.zeros(len(facts.price))), {name: criteria[name] for name in shown}
        )

    return score


def value_rule(facts: PartFacts, _rules: GradingRules) -> Scorer:
    """Score by annual usage value, as a share of the greatest."""
    value = _of_greatest(facts.value)
    price, use = _of_greatest(facts.price), _of_greatest(facts.use)
    return lambda facts: Scored(
        value(facts.value), {"price": price(facts.price), "use": use(facts.use)}
    )


def ng_rule(facts: PartFacts, rules: GradingRules) -> Scorer:
    """Score by Ng's rule over the criteria, the most important first."""
    table = facts.measures(rules.criteria)
    fitted, scales = fit_ng(table), [_between(column) for column in table.T]
    return _on_criteria(fitted, scales, rules.criteria)


def r_model_rule(facts: PartFacts, rules: GradingRules) -> Scorer:
    """Score by Ramanathan's rule over the criteria."""
    table = facts.measures(rules.criteria)
    fitted, scales = fit_r_model(table), [_of_greatest(column) for column in table.T]
    return _on_criteria(fitted, scales, rules.criteria)


def criteria_ratio_rule(facts: PartFacts, _rules: GradingRules) -> Scorer:
    """Score by criticality times use over holding cost times lot, as a share of the greatest."""
    ratio, use = _of_greatest(_ratios(facts)), _of_greatest(facts.use)
    price = _of_greatest(facts.price)
    return lambda facts: Scored(
        ratio(_ratios(facts)),
        {
            "criticality": facts.criticality_weight,
            "use": use(facts.use),
            "price": price(facts.price),
        },
    )


def economic_rule(facts: PartFacts, _rules: GradingRules) -> Scorer:
    """Score by the logarithm of weighted demand under way over holding cost."""
    logarithm = _between(_economic(facts))
    use, lead_time = _of_greatest(facts.use), _of_greatest(facts.lead_time)
    price = _of_greatest(facts.price)
    return lambda facts: Scored(
        logarithm(_economic(facts)),
        {
            "criticality": facts.criticality_weight,
            "difficulty": facts.difficulty_weight / 3,
            "use": use(facts.use),
            "lead_time": lead_time(facts.lead_time),
            "price": price(facts.price),
        },
    )


RULES: dict[str, Rule] = {
    "value": value_rule,
    "weights": weights_rule,
    "ng": ng_rule,
    "r_model": r_model_rule,
    "criteria_ratio": criteria_ratio_rule,
    "economic": economic_rule,
}
"""Every rule that a scenario may name."""


def _ratios(facts: PartFacts) -> Floats:
    # A unit that costs nothing to hold would have an infinite ratio.
    holding = np.maximum(facts.holding_cost, np.finfo(float).tiny)
    return criteria_ratios(facts.criticality_weight, facts.use, holding, facts.lot())


def _economic(facts: PartFacts) -> Floats:
    return economic_scores(
        facts.criticality_weight,
        facts.difficulty_weight,
        facts.use,
        facts.lead_time,
        # What a unit costs to hold ranks as its price does; holding may be free.
        facts.holding_cost if facts.holding_rate > 0 else facts.price,
    )


def _on_criteria(
    fitted: Callable[[Floats], Floats], scales: list[Scale], names: tuple[str, ...]
) -> Scorer:
    def score(facts: PartFacts) -> Scored:
        """Score by the model fitted to the criteria; they are shown from 0 to 1."""
        table = facts.measures(names)
        criteria = {
            name: scale(column) for name, scale, column in zip(names, scales, table.T, strict=True)
        }
        return Scored(fitted(table), criteria)

    return score


def _between(values: Floats) -> Scale:
    """Scale from 0 (least) to 1 (greatest); all 0 where there is no difference.

    Minus infinity (nothing to wait for) is 0, and the least finite value then stands above it.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.zeros_like
    # With parts at minus infinity, one step of the logarithm sets the others apart from them.
    least = float(finite.min()) - (len(finite) < len(values))
    spread = float(finite.max()) - least
    if spread <= 0:
        return np.zeros_like
    return lambda values: np.where(np.isfinite(values), (values - least) / spread, 0.0)


def _of_greatest(values: Floats) -> Scale:
    """Scale so that the greatest is 1; all 0 where all are."""
    greatest = float(values.max())
    return lambda values: values / greatest if greatest > 0 else np.zeros_like(values)
