"""Why a part has its grade, and what change would move it to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from partsim.grading.cuts import place
from partsim.grading.facts import CRITICALITIES, DIFFICULTIES, PartFacts, facts_of
from partsim.grading.letters import second_letters
from partsim.grading.rules import RULES
from partsim.grading.scoring import grade_parts, nearest_allowed
from partsim.model.plan import Grading
from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
GradeOf = Callable[[PartFacts], Ints]

FARTHEST = np.log(1000.0)
"""Changes by more than a factor of 1000 are not looked for."""
HALVINGS = 40
MOST_NAMED = 3
"""Criteria that the explanation names."""
AMOUNTS = {"price": "price", "life": "mean life", "lead_time": "lead time"}
BETWEEN = "time between units"
"""What the life of a part is where customers order it."""
CHOICES: dict[str, tuple[str, ...]] = {
    "outsourced": ("not outsourced", "outsourced"),
    "difficulty": tuple(f"difficulty {word}" for word in DIFFICULTIES),
    "criticality": CRITICALITIES,
}


def explain_grades(scenario: Scenario, grading: Grading) -> Grading:
    """
    Add to each part's grade its second letters, what made it, and what would move it.

    What made it are the criteria in which the part differs most from the mean of all parts, by
    their weight. What would move it is the smallest change, by its factor, of one amount (price,
    mean life, lead time), and the smallest step of one choice (supplier, difficulty,
    criticality); the other parts, the cuts and the rules for some parts stay as they are. With
    the rule free the plan decides, and what is told is which grade the scores would give.

    Parameters
    ----------
    scenario : Scenario
        The question.
    grading : Grading
        By `grade_parts`; with the rule free at the grades of a plan.

    Returns
    -------
    Grading
        With `letters`, `made_by` and `moves`.

    Examples
    --------
    >>> from partsim import grade_parts, read_scenario
    >>> case = read_scenario("scenarios/first_steps.yaml")
    >>> explain_grades(case, grade_parts(case)).made_by[0]
    'price 60,000, mean life 548 d, outsourced'
    """
    facts = facts_of(scenario)
    letters = second_letters(scenario, facts)
    if scenario.grading.rule == "free":
        whose = f"the rule {scenario.grading.scored_by}"
        texts = tuple(
            f"cheapest with the stock; {whose} says {other}" if other != grade
            else f"cheapest with the stock, and by {whose}"
            for grade, other in zip(grading.grades, grade_parts(scenario).grades, strict=True)
        )  # fmt: skip
        moves = ("no score: the cheapest plan decides",) * len(texts)
        return replace(grading, letters=letters, made_by=texts, moves=moves)
    return replace(
        grading,
        letters=letters,
        made_by=_made_by(scenario, facts, grading),
        moves=_moves(scenario, facts, grading),
    )


def _made_by(scenario: Scenario, facts: PartFacts, grading: Grading) -> tuple[str, ...]:
    rules = scenario.grading
    weights = rules.criteria_weights if rules.scored_by == "weights" else {}
    names = list(grading.criteria)
    values = np.array([grading.criteria[name] for name in names])
    weight = np.array([weights.get(name, 0.0 if weights else 1.0) for name in names])
    apart = np.abs(values - values.mean(axis=1, keepdims=True)) * weight[:, None]
    order = np.argsort(-apart, axis=0, kind="stable")
    by_rule = _ruled_parts(scenario)
    texts = []
    for p, name in enumerate(grading.part_ids):
        first = [k for k in order[:MOST_NAMED, p] if apart[k, p] > 1e-12]
        text = ", ".join(_in_words(facts, names[k], p) for k in first)
        if grading.grades[p] != grading.by_score[p]:
            text = f"rule for {by_rule[name]}, else {grading.by_score[p]}"
        texts.append(text or "like all others")
    return tuple(texts)


def _ruled_parts(scenario: Scenario) -> dict[str, str]:
    """Say which condition limits the grades of a part."""
    ruled = scenario.ruled_parts()
    return {scenario.part_ids[p]: str(rule.where) for rule, p in ruled if rule.grades is not None}


def _in_words(facts: PartFacts, criterion: str, p: int) -> str:
    if criterion in CHOICES:
        return CHOICES[criterion][int(getattr(facts, criterion)[p])]
    if criterion == "wear":
        return _amount(_word(facts, "life", p), facts.life[p])
    if criterion in AMOUNTS:
        return _amount(AMOUNTS[criterion], getattr(facts, criterion)[p])
    return f"{criterion} {_number(getattr(facts, criterion)[p])} per year"


def _word(facts: PartFacts, fact: str, p: int) -> str:
    return BETWEEN if fact == "life" and facts.ordered[p] else AMOUNTS[fact]


def _amount(word: str, value: float) -> str:
    return f"{word} {_number(value)}{'' if word == 'price' else ' d'}"


def _number(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.10g}"


@dataclass(frozen=True, eq=False)
class _Change:
    """A change of one amount for each part: its logarithm, to what, and the grade it gives."""

    step: Floats
    text: list[str]


def _moves(scenario: Scenario, facts: PartFacts, grading: Grading) -> tuple[str, ...]:
    grade_of = _graded(scenario, facts, grading)
    names = scenario.grade_ids
    amounts = [_amount_change(grade_of, facts, fact, way, names)
               for fact in AMOUNTS for way in (FARTHEST, -FARTHEST)]  # fmt: skip
    choices = [_choice_change(grade_of, facts, fact, names) for fact in CHOICES]
    fixed, by_rule = scenario.allowed_grades.sum(axis=1) == 1, _ruled_parts(scenario)
    texts = []
    for p, part in enumerate(grading.part_ids):
        found = [min(group, key=lambda change: change.step[p]) for group in (amounts, choices)]
        possible = [change.text[p] for change in found if np.isfinite(change.step[p])]
        if fixed[p] and part in by_rule:
            possible = [f"only without the rule for {by_rule[part]}"]
        texts.append("; ".join(possible) or "no single change")
    return tuple(texts)


def _graded(scenario: Scenario, facts: PartFacts, grading: Grading) -> GradeOf:
    """Give the grades of facts, each part among the others as they are."""
    score = RULES[scenario.grading.scored_by](facts, scenario.grading)
    cuts = [grading.cuts[grade] for grade in scenario.grade_ids[:-1]]
    allowed = scenario.allowed_grades
    return lambda changed: nearest_allowed(place(score(changed).scores, cuts), allowed)


def _with(facts: PartFacts, fact: str, values: Floats | Ints) -> PartFacts:
    return replace(facts, **cast("Any", {fact: values}))


def _amount_change(
    grade_of: GradeOf, facts: PartFacts, fact: str, farthest: float, names: tuple[str, ...]
) -> _Change:
    """Find the least factor that gives another grade, by halving its logarithm."""
    value, now = getattr(facts, fact), grade_of(facts)
    near, far = np.zeros(len(value)), np.full(len(value), farthest)
    moved = grade_of(_with(facts, fact, value * np.exp(far))) != now
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        same = grade_of(_with(facts, fact, value * np.exp(middle))) == now
        near, far = np.where(same, middle, near), np.where(same, far, middle)
    limits = np.array([_outward(x, farthest) for x in value * np.exp(far)])
    grade = grade_of(_with(facts, fact, limits))
    word, unit = ("above" if farthest > 0 else "below"), ("" if fact == "price" else " d")
    text = [f"{names[g]} if {_word(facts, fact, p)} {word} {_number(limit)}{unit}"
            for p, (g, limit) in enumerate(zip(grade, limits, strict=True))]  # fmt: skip
    return _Change(np.where(moved & (grade != now), np.abs(far), np.inf), text)


def _outward(value: float, direction: float) -> float:
    """Round to three digits away from where the part stands, so that the sentence is true."""
    if value <= 0:
        return value
    unit = 10.0 ** (np.floor(np.log10(value)) - 2)
    return float((np.ceil if direction > 0 else np.floor)(value / unit) * unit)


def _choice_change(
    grade_of: GradeOf, facts: PartFacts, fact: str, names: tuple[str, ...]
) -> _Change:
    value, now = getattr(facts, fact), grade_of(facts)
    step, text = np.full(len(value), np.inf), [""] * len(value)
    for other, word in enumerate(CHOICES[fact]):
        grade = grade_of(_with(facts, fact, np.full_like(value, other)))
        distance = np.abs(other - value)
        for p in np.flatnonzero((grade != now) & (distance < step)):
            step[p], text[p] = distance[p], f"{names[grade[p]]} if {word}"
    return _Change(step, text)
