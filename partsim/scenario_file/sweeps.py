"""Sweeps: which changes make the scenarios of a what-if, from lines such as `key=1, 2, 3`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from partsim.scenario_file.circumstances import nobody_chooses

MOST_SCENARIOS = 500
"""Of one sweep: more would be a typing error, or a job for a script."""
_THE_SAME = ("simulation.seed", "simulation.replications", "simulation.most_replications",
             "simulation.precision")  # fmt: skip
"""Keys that are the same for all cases, so that each failure happens to all of them."""
_CLOSES = {"{": "}", "[": "]", "(": ")"}


@dataclass(frozen=True)
class Axis:
    """
    Keys that change together.

    Attributes
    ----------
    keys : tuple of str
        As ``--set`` takes them.
    steps : tuple of tuple of str
        One for each step: a value for each key.
    """

    keys: tuple[str, ...]
    steps: tuple[tuple[str, ...], ...]

    @property
    def given(self) -> bool:
        """Whether nobody chooses any of the keys."""
        return all(nobody_chooses(key) for key in self.keys)

    def label(self, step: int, short: Mapping[str, str]) -> str:
        """Write one step with the keys' short names."""
        pairs = zip(self.keys, self.steps[step], strict=True)
        return "; ".join(f"{short[key]}={value}" for key, value in pairs)

    def changes(self, step: int) -> list[str]:
        """Give the changes of one step, as ``--set`` takes them."""
        return [f"{key}={value}" for key, value in zip(self.keys, self.steps[step], strict=True)]


def read_axis(text: str) -> Axis:
    """
    Read what varies: ``key=value, value``, and more keys that go with it after semicolons.

    Commas and semicolons within braces, brackets and quotes belong to a value.

    Parameters
    ----------
    text : str
        One or more ``key=values`` with equally many values.

    Returns
    -------
    Axis
        Keys and steps.

    Raises
    ------
    ValueError
        If a key, an equals sign or a value is missing, a key comes twice or is the same for all
        cases, a bracket or a quote is not closed, or keys have different numbers of values.

    Examples
    --------
    >>> read_axis("parts.pump.price=50 k, 60 k; parts.seal.price=400, 500").changes(1)
    ['parts.pump.price=60 k', 'parts.seal.price=500']
    >>> len(read_axis("suppliers.plant.lead_time={gamma: {mean: 9 d, cv: 1}}, 14 d").steps)
    2
    """
    values: dict[str, list[str]] = {}
    for part in _split(text, ";"):
        key, equals, listed = part.partition("=")
        key = key.strip()
        values_of = [value.strip() for value in _split(listed, ",")]
        if not (key and equals and all(values_of)):
            raise ValueError(
                f"expected KEY=VALUE, VALUE such as parts.pump.price=50 k, 60 k, got '{part}'"
            )
        if key in _THE_SAME:
            raise ValueError(
                f"expected a key that changes the answer, got '{key}': all cases are played with "
                "the random numbers and the replications of the first; for another draw give the "
                "whole sweep another --seed or --replications"
            )
        if key in values:
            raise ValueError(f"expected each key once, got '{key}' twice")
        values[key] = values_of
    counts = {key: len(given) for key, given in values.items()}
    if len(set(counts.values())) > 1:
        got = " and ".join(f"{count} for {key}" for key, count in counts.items())
        raise ValueError(f"expected equally many values of keys that change together, got {got}")
    return Axis(tuple(values), tuple(zip(*values.values(), strict=True)))


def grid(axes: Sequence[Axis]) -> list[tuple[int, ...]]:
    """
    Give every combination of the steps of all axes, the last axis fastest.

    Raises
    ------
    ValueError
        If there is no axis, a key is in two, or there are more than 500 combinations.

    Examples
    --------
    >>> grid([read_axis("a=1, 2"), read_axis("b=3, 4; c=5, 6")])
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    keys = [key for axis in axes for key in axis.keys]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if not axes or twice:
        got = f"'{twice[0]}' twice" if twice else "nothing to vary"
        raise ValueError(f"expected one or more keys, each once, got {got}")
    sizes = [len(axis.steps) for axis in axes]
    if prod(sizes) > MOST_SCENARIOS:
        raise ValueError(f"expected at most {MOST_SCENARIOS} scenarios, got {prod(sizes):,}")
    return list(product(*map(range, sizes)))


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """
    Shorten keys to their last words, two or as many as tell them apart.

    Examples
    --------
    >>> short_names(["parts.pump.price", "tiers.gold.promise.share", "tiers.basic.promise.share"])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'parts.pump.price': 'pump.price', 'tiers.gold.promise.share': 'gold.promise.share',
     'tiers.basic.promise.share': 'basic.promise.share'}
    """
    words = [tuple(key.split(".")) for key in keys]

    def ending(own: tuple[str, ...]) -> tuple[str, ...]:
        sizes = range(2, len(own) + 1)
        alone = (n for n in sizes if sum(other[-n:] == own[-n:] for other in words) == 1)
        return own[-next(alone, len(own)) :]

    return {key: ".".join(ending(own)) for key, own in zip(keys, words, strict=True)}


def _split(text: str, separator: str) -> list[str]:
    """Split a text where a separator is in no bracket and no quotes."""
    parts, open_ones, quote = [""], list[str](), ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in _CLOSES:
            open_ones.append(_CLOSES[letter])
        elif open_ones and letter == open_ones[-1]:
            open_ones.pop()
        elif letter == separator and not open_ones:
            parts.append("")
            continue
        parts[-1] += letter
    if quote or open_ones:
        raise ValueError(f"expected {quote or open_ones[-1]} to close what is open, got '{text}'")
    return parts
