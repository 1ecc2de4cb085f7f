"""Base scenarios: `extends: base.yaml` puts a scenario's keys over those of another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from partsim.errors import InputError, Problem
from partsim.model.durations import LifetimeSpec
from partsim.model.units import show
from partsim.scenario_file.table_forms import TABLE_FORMS
from partsim.scenario_file.yaml_nodes import Document, Path, problem_at, read_yaml
from partsim.tables.cells import Place
from partsim.tables.text_files import read_text

MOST_FILES = 100
"""Base scenarios that a scenario may have, so that bases of bases cannot multiply without end."""


def read_with_bases(text: str, file: str) -> tuple[Document, list[Document]]:
    """
    Read a scenario and the bases that it extends.

    Parameters
    ----------
    text : str
        YAML of the scenario.
    file : str
        Its name; the names of bases are relative to the file that names them.

    Returns
    -------
    document : Document
        The bases in their order, the scenario's own keys over them.
    patches : list of Document
        Changes to what tables say; to be merged after the tables are read.

    Raises
    ------
    InputError
        If a file does not parse or is no mapping, or a base is missing or extends itself.
    """
    layers = _layers(text, file, ())
    if len(layers) == 1:
        return layers[0], []
    files = list(dict.fromkeys([file, *(layer.files[0] for layer in layers)]))
    result = Document({}, values={(): Place(file, 1, 1)}, files=files)
    patches: list[Document] = []
    for layer in layers:
        late = _split(layer, result, patches)
        merge(result, layer)
        patches += late
    return result, patches


def merge(document: Document, over: Document) -> None:
    """
    Put one document over another: mappings are joined, every other value is replaced.

    Parameters
    ----------
    document : Document
        Changed in place, with places, problems and lost branches of both. A distribution, and
        a mapping that names a table, is one value.
    over : Document
        Wins wherever both have a value.
    """
    replaced = set(_merge_below(document.tree, over.tree, ()))
    for mine, theirs in ((document.keys, over.keys), (document.values, over.values)):
        mine.update({path: at for path, at in theirs.items() if _is_below(path, replaced)})
    document.problems += over.problems
    document.lost |= over.lost


def _merge_below(mine: Any, theirs: Any, path: Path) -> Iterator[Path]:  # noqa: ANN401
    """Merge two mappings; give the paths of all values that were replaced."""
    for key, value in theirs.items():
        if _joins(mine.get(key), value):
            yield from _merge_below(mine[key], value, (*path, key))
        else:
            mine[key] = value
            yield (*path, key)


def _is_below(path: Path, tops: set[Path]) -> bool:
    return any(path[:length] in tops for length in range(1, len(path) + 1))


def _joins(mine: object, theirs: object) -> bool:
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        return False
    laws = set(LifetimeSpec.model_fields)
    one_value = any(node and set(node) <= laws for node in (mine, theirs))
    return not one_value and not _names_table(mine) and not _names_table(theirs)


def _split(layer: Document, below: Document, patches: list[Document]) -> list[Document]:
    """Take out of a layer what changes entries of a base's table, unless it has a table itself."""
    late = []
    for key in [key for key in TABLE_FORMS if key in layer.tree]:
        if not _names_table(below.tree.get(key)):
            continue
        if isinstance(layer.tree[key], dict) and not _names_table(layer.tree[key]):
            late.append(Document({key: layer.tree.pop(key)}, layer.keys, layer.values))
        else:
            patches[:] = [patch for patch in patches if key not in patch.tree]
    return late


def _names_table(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("table"), str)


def _layers(text: str, file: str, chain: tuple[str, ...]) -> list[Document]:
    """Give a file's bases, their bases before them, and the file itself last."""
    document = read_yaml(text, file)
    if not isinstance(document.tree, dict):
        got = "an empty file" if document.tree == "" else show(document.tree)
        hint = "; `partsim init` writes a scenario to start from"
        message = f"expected a mapping of keys such as 'parts:', got {got}{hint}"
        raise InputError(*document.problems, Problem(message, file=file))
    chain = (*chain, str(FilePath(file).resolve()))
    layers: list[Document] = []
    for place, name in _names(document):
        base = FilePath(file).parent / name
        if str(base.resolve()) in chain:
            links = [FilePath(link).name for link in chain[chain.index(str(base.resolve())) :]]
            message = f"expected bases without a cycle, got {' <- '.join([*links, base.name])}"
            raise InputError(problem_at(place, ("extends",), message))
        try:
            layers += _layers(read_text(base), str(base), chain)
        except InputError as error:
            raise InputError(
                *(
                    problem if problem.line else problem_at(place, ("extends",), str(problem))
                    for problem in error.problems
                )
            ) from None
        if len(layers) > MOST_FILES:
            message = f"expected at most {MOST_FILES} bases, got more"
            raise InputError(problem_at(place, ("extends",), message))
    return [*layers, document]


def _names(document: Document) -> list[tuple[Place, str]]:
    """Take `extends` out of a tree."""
    if "extends" not in document.tree:
        return []
    value = document.tree.pop("extends")
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        message = f"expected the name of a base scenario or a list of them, got {show(value)}"
        raise InputError(problem_at(document.values["extends",], ("extends",), message))
    places = [document.values.get(("extends", i), document.values["extends",])
              for i in range(len(names))]  # fmt: skip
    return list(zip(places, names, strict=True))
