"""Changes from the command line: `--set a.b.c=value`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from partsim.errors import InputError, Problem
from partsim.model.tree_branches import unknown_name
from partsim.model.units import show
from partsim.scenario_file.schema import keys_at, schemas_at
from partsim.scenario_file.sentences import unknown_key
from partsim.scenario_file.yaml_nodes import Document, Path, read_yaml
from partsim.tables.cells import Place


def change_tables(document: Document, changes: Sequence[str]) -> None:
    """Play the changes that name a table; they come before the tables are read."""
    for change in changes:
        if _names_table(change):
            _play(document, change)


def change_values(document: Document, changes: Sequence[str]) -> None:
    """
    Play all other changes.

    Parameters
    ----------
    document : Document
        Changed in place; what cannot be played is a problem whose file is the change.
    changes : sequence of str
        Such as ``tiers.gold.promise.share=97 %``. The value is YAML; list entries go by index;
        an optional key that is missing is made.
    """
    for change in changes:
        lost = any(change.startswith(f"{path[0]}.") for path in document.lost if len(path) == 1)
        if not lost and not _names_table(change):
            _play(document, change)


def _names_table(change: str) -> bool:
    path, _, value = change.partition("=")
    return path.endswith(".table") or value.replace(" ", "").startswith("{table:")


def _play(document: Document, change: str) -> None:
    file = f"--set {change}"
    place = Place(file, 0, 0)
    target, equals, text = change.partition("=")
    try:
        if not equals or not target.strip():
            raise ValueError("expected key.path=value such as simulation.seed=7")
        if target.strip() == "extends":
            raise ValueError("expected the base in the file itself, got it as a change")
        path = _resolve(document, target.strip().split("."), place)
        value = read_yaml(text, file)
    except ValueError as error:
        document.problems.append(Problem(str(error), file=file))
    except InputError as error:
        document.problems += [Problem(p.message, file=file) for p in error.problems]
    else:
        document.problems += [Problem(p.message, file=file) for p in value.problems]
        for known in (document.keys, document.values):
            for stale in [old for old in known if old[: len(path)] == path]:
                del known[stale]
        document.put(path, value.tree, place)


def _resolve(document: Document, words: list[str], place: Place) -> Path:
    """Find the path that a change means; make optional mappings on the way."""
    path: Path = ()
    node: Any = document.tree
    while words:
        key: str | int
        if isinstance(node, list):
            key, count = _index(words[0], node, path), 1
        elif isinstance(node, dict):
            key, count = _key(words, node, path)
        else:
            raise ValueError(f"expected a mapping at {'.'.join(map(str, path))}, got {show(node)}")
        path, words = (*path, key), words[count:]
        if words and isinstance(node, dict) and key not in node:
            document.put(path, {}, place)
        if words:
            node = node[key]
    return path


def _index(word: str, node: list[Any], path: Path) -> int:
    if word.isdecimal() and int(word) < len(node):
        return int(word)
    where = ".".join(map(str, path))
    raise ValueError(f"expected an index of {where} from 0 to {len(node) - 1}, got '{word}'")


def _key(words: list[str], node: dict[str, Any], path: Path) -> tuple[str, int]:
    """Take as many words as make a key that is there: part numbers may have dots."""
    for count in range(len(words), 0, -1):
        if ".".join(words[:count]) in node:
            return ".".join(words[:count]), count
    known = keys_at(path)
    if words[0] in known:
        return words[0], 1
    named = [form for form in schemas_at(path) if "additionalProperties" in form]
    below = schemas_at((*path, words[0]))
    if known and not any(form["additionalProperties"] for form in named):
        raise ValueError(unknown_key((*path, words[0])))
    if len(words) > 1 and any("properties" in form for form in below):
        raise ValueError(unknown_name(words[0], node, f"an entry of {'.'.join(map(str, path))}"))
    return ".".join(words), len(words)
