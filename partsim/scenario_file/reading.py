"""Reading a scenario file, with its bases, its tables and the changes to it; and a plan for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from partsim.errors import InputError, Problem
from partsim.model.scenario import Scenario
from partsim.scenario_file.bases import merge, read_with_bases
from partsim.scenario_file.changes import change_tables, change_values
from partsim.scenario_file.expansion import expand_tables
from partsim.scenario_file.plan_table import read_plan as read_plan
from partsim.scenario_file.sentences import check_tree, in_file_order
from partsim.scenario_file.yaml_nodes import Document
from partsim.tables.cells import problem_in
from partsim.tables.text_files import read_text


def read_scenario(path: str | Path, changes: Sequence[str] = ()) -> Scenario:
    """
    Read a scenario file, its tables, and changes to it.

    Parameters
    ----------
    path : str or Path
        YAML file; docs/scenario_format.md has its keys and units.
    changes : sequence of str
        Such as ``tiers.gold.promise.share=97 %``, played after the file is read.

    Returns
    -------
    Scenario
        Complete and free of contradictions.

    Raises
    ------
    InputError
        With every problem of the file, its tables and the changes, in the order of the file.

    Examples
    --------
    >>> read_scenario("no/such/case.yaml")
    Traceback (most recent call last):
    partsim.errors.InputError: no/such/case.yaml: expected a file, there is none of this name
    """
    return scenario_of_text(read_text(Path(path)), str(path), changes)[0]


def scenario_of_text(
    text: str, file: str, changes: Sequence[str] = ()
) -> tuple[Scenario, list[str]]:
    """
    Make a scenario of the text of a file.

    Parameters
    ----------
    text : str
        YAML; it need not be written yet.
    file : str
        Name of the file: what it names is relative to it.
    changes : sequence of str
        As for `read_scenario`.

    Returns
    -------
    scenario : Scenario
        Complete and free of contradictions.
    notes : list of str
        How each table was read, and which of its rows were dropped and why.

    Raises
    ------
    InputError
        As `read_scenario`.
    """
    document = _expanded(text, file, changes)
    change_values(document, changes)
    scenario, problems = check_tree(document)
    problems = [*document.problems, *problems]
    if scenario is None or problems:
        raise InputError(*in_file_order(problems, document))
    return scenario, document.notes


def located(problems: Sequence[Problem], path: Path, changes: Sequence[str]) -> list[Problem]:
    """
    Give problems that were found in a scenario later the places that their keys have in its file.

    Parameters
    ----------
    problems : sequence of Problem
        Key paths as `Problem.path` has them; one that the file does not have stays without a line.
    path : Path
        YAML file of a scenario that `read_scenario` reads.
    changes : sequence of str
        As for `read_scenario`.

    Returns
    -------
    list of Problem
        In the order of the file.
    """
    document = _expanded(read_text(path), str(path), changes)
    change_values(document, changes)
    known = {".".join(map(str, keys)): place for keys, place in document.values.items()}
    found = [
        problem_in(known[problem.path], problem.message, problem.path)
        if problem.path in known
        else replace(problem, file=str(path))
        for problem in problems
    ]
    return [*in_file_order(found, document)]


def input_files(path: str | Path, changes: Sequence[str] = ()) -> list[Path]:
    """
    Name the files that a scenario is made of: its own, its bases, then its tables.

    Parameters
    ----------
    path : str or Path
        YAML file of a scenario that `read_scenario` reads.
    changes : sequence of str
        As for `read_scenario`; they may name other tables.

    Returns
    -------
    list of Path
        Each once, in the order of reading.
    """
    return [Path(file) for file in _expanded(read_text(Path(path)), str(path), changes).files]


def table_notes(path: str | Path, changes: Sequence[str] = ()) -> list[str]:
    """
    Say how the tables of a scenario were read, and which of their rows were dropped and why.

    Parameters
    ----------
    path : str or Path
        YAML file of a scenario that `read_scenario` reads.
    changes : sequence of str
        As for `read_scenario`; they may name other tables.

    Returns
    -------
    list of str
        One sentence each; none for a scenario without tables.
    """
    return _expanded(read_text(Path(path)), str(path), changes).notes


def _expanded(text: str, file: str, changes: Sequence[str]) -> Document:
    """Read the scenario, its bases and its tables; then what changes entries of their tables."""
    document, patches = read_with_bases(text, file)
    change_tables(document, changes)
    expand_tables(document)
    for patch in patches:
        if not document.lost & {(key,) for key in patch.tree}:
            merge(document, patch)
    return document
