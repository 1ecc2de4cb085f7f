"""YAML text to a plain tree with places: YAML 1.2 scalars, ids as written, nothing executed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from partsim.errors import InputError, Problem
from partsim.tables.cells import Place, problem_in

Path = tuple[str | int, ...]

DEEPEST = 40
MOST_ALIASED = 100_000

# Resolved by hand: YAML 1.1 takes 0012346 for octal, NO for false and 12:30 for 750. Words such
# as null and true stay text (no key of a scenario wants them, and they may be part numbers).
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_PLAIN_TAGS = {None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))}
_HINTS = {
    "cannot start any token": "; indent with spaces, quote texts that begin with @ % `",
    "mapping values are not allowed": "; quote a text with ': ' in it, and check the indentation",
    "did not find expected key": "; check the indentation of this line and the one before",
}


class Whole(int):
    """A whole number that remembers how it was written."""

    raw: str


class Decimal(float):
    """A number that remembers how it was written."""

    raw: str


@dataclass
class Document:
    """
    A tree that is being read, with the places of its keys and values.

    Attributes
    ----------
    tree : object
        Mappings, lists, texts and numbers.
    keys, values : dict of path to Place
        Where each key and each value stands.
    problems : list of Problem
        Found so far.
    lost : set of path
        Branches that could not be read at all, and of which a problem speaks already.
    files : list of str
        Read so far: the scenario, its bases, its tables.
    notes : list of str
        What was decided about tables, and which of their rows were dropped.
    """

    tree: Any
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lost: set[Path] = field(default_factory=set)
    files: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def put(self, path: Path, value: object, place: Place) -> None:
        """Set the value at a path, below containers that exist."""
        node = self.tree
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value
        self.keys[path] = self.values[path] = place


def problem_at(place: Place, path: Path, message: str) -> Problem:
    """Make a problem of a place, a key path and a sentence."""
    return problem_in(place, message, ".".join(map(str, path)))


def read_yaml(text: str, file: str) -> Document:
    """
    Read YAML 1.2 text as a tree; nothing in it is executed.

    Parameters
    ----------
    text : str
        One YAML document.
    file : str
        Its name in problems.

    Returns
    -------
    Document
        With problems for duplicate keys, merge keys, tags and keys that are no plain text.

    Raises
    ------
    InputError
        If it does not parse, is nested more than 40 deep, or its aliases multiply.

    Examples
    --------
    >>> document = read_yaml("parts: {0012346: {price: 5}, NO: {price: 1E5}}", "case.yaml")
    >>> document.tree
    {'parts': {'0012346': {'price': 5}, 'NO': {'price': 100000.0}}}
    >>> document.values["parts", "NO", "price"]
    Place(file='case.yaml', line=1, column=42, sheet='')
    """
    events = _events(text, file)
    builder = _Builder(events, file)
    builder.document.tree = builder.value(0, (), 0)[0] if events else ""
    return builder.document


def _events(text: str, file: str) -> list[Any]:
    """List the events of one document; composing nodes would overflow the stack of deep ones."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events: list[Any] = []
    depth = documents = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            documents += isinstance(event, yaml.DocumentStartEvent)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST or documents > 1:
                limit = f"at most {DEEPEST} levels" if documents < 2 else "one YAML document"
                _stop(f"expected {limit}, got more", file, event.start_mark)
            if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                events.append(event)
    except yaml.MarkedYAMLError as error:
        problem = error.problem or "it does not parse"
        hint = next((hint for words, hint in _HINTS.items() if words in problem), "")
        context = f" {error.context}" if error.context else ""
        _stop(
            f"expected valid YAML, got an error{context}: {problem}{hint}", file, error.problem_mark
        )
    except yaml.YAMLError as error:
        before = text[: getattr(error, "position", 0)]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = "expected valid YAML, got a control character that no text may have"
        raise InputError(Problem(message, file=file, line=line, column=column)) from None
    return events


def _stop(message: str, file: str, mark: Any) -> NoReturn:  # noqa: ANN401
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    raise InputError(Problem(message, file=file, line=line, column=column)) from None


class _Builder:
    """Builds the tree of a list of events; an alias builds its anchor's node once more."""

    def __init__(self, events: list[Any], file: str) -> None:
        self.events = events
        self.file = file
        self.document = Document(None, files=[file])
        self.aliased = 0
        anchors: dict[str | None, int] = {}
        self.targets: dict[int, int | None] = {}
        for i, event in enumerate(events):
            if isinstance(event, yaml.AliasEvent):
                self.targets[i] = anchors.get(event.anchor)
            elif getattr(event, "anchor", None):
                anchors[event.anchor] = i

    def place(self, i: int) -> Place:
        """Say where event `i` begins."""
        mark = self.events[i].start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def complain(self, i: int, path: Path, message: str) -> None:
        """Note a problem at event `i`."""
        self.document.problems.append(problem_at(self.place(i), path, message))

    def lose(self, i: int, path: Path, message: str) -> None:
        """Note a problem at event `i`, of a branch that cannot be read."""
        self.complain(i, path, message)
        self.document.lost.add(path)

    def value(self, i: int, path: Path, depth: int) -> tuple[Any, int]:
        """Build the node that begins at event `i`; give it and the next event's index."""
        event = self.events[i]
        if isinstance(event, yaml.AliasEvent):
            return self.aliased_value(i, path, depth), i + 1
        self.document.values[path] = self.place(i)
        if event.tag not in _PLAIN_TAGS:
            self.lose(i, path, f"expected a plain value, got the tag {event.tag}")
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(i + 1, path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(i + 1, path, depth)
        return _scalar(event), i + 1

    def aliased_value(self, i: int, path: Path, depth: int) -> object:
        """Build the node of the anchor that the alias at event `i` names, once more."""
        target = self.targets[i]
        if target is None:
            self.lose(i, path, f"expected an anchor &{self.events[i].anchor} before its use")
            return ""
        known = len(self.document.values)
        if depth > DEEPEST:
            _stop(
                f"expected at most {DEEPEST} levels, got more", self.file, self.events[i].start_mark
            )
        value, _ = self.value(target, path, depth + 1)
        self.aliased += len(self.document.values) - known
        if self.aliased > MOST_ALIASED:
            limit = f"at most {MOST_ALIASED} values through aliases"
            _stop(f"expected {limit}, got more", self.file, self.events[i].start_mark)
        return value

    def mapping(self, i: int, path: Path, depth: int) -> tuple[dict[str, Any], int]:
        """Build the mapping whose first key is event `i`; give the next event's index too."""
        entries: dict[str, Any] = {}
        while not isinstance(self.events[i], yaml.MappingEndEvent):
            event = self.events[i]
            after = self.after(i)
            key = event.value.strip() if isinstance(event, yaml.ScalarEvent) else ""
            here = (*path, key)
            if not key:
                self.complain(i, path, "expected a plain text as key, got something else")
            elif key == "<<" and event.implicit[0]:
                self.lose(i, path, "merge keys (<<) are not supported; write the keys out")
            elif key in entries:
                first = self.document.keys[here].line
                self.complain(i, here, f"expected each key once, got '{key}' also in line {first}")
            else:
                self.document.keys[here] = self.place(i)
                entries[key], i = self.value(after, here, depth + 1)
                continue
            i = self.after(after)
        return entries, i + 1

    def sequence(self, i: int, path: Path, depth: int) -> tuple[list[Any], int]:
        """Build the list whose first entry is event `i`; give the next event's index too."""
        values: list[Any] = []
        while not isinstance(self.events[i], yaml.SequenceEndEvent):
            here = (*path, len(values))
            self.document.keys[here] = self.place(i)
            value, i = self.value(i, here, depth + 1)
            values.append(value)
        return values, i + 1

    def after(self, i: int) -> int:
        """Give the index after the node that begins at event `i`."""
        open_nodes = 0
        while True:
            open_nodes += isinstance(self.events[i], yaml.CollectionStartEvent)
            open_nodes -= isinstance(self.events[i], yaml.CollectionEndEvent)
            i += 1
            if open_nodes == 0:
                return i


def _scalar(event: Any) -> object:  # noqa: ANN401
    text: str = event.value
    if not event.implicit[0]:
        return text
    number: Whole | Decimal
    if _WHOLE.fullmatch(text):
        number = Whole(text)
    elif len(text) < 40 and _DECIMAL.fullmatch(text):
        number = Decimal(text)
    else:
        return text
    number.raw = text
    return number
