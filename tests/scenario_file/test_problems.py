# ruff: noqa: E501 - problem lines are quoted whole
import copy
import re
from pathlib import Path

import pytest

from partsim.errors import InputError
from partsim.model.scenario import Scenario
from partsim.scenario_file.reading import read_scenario
from partsim.scenario_file.schema import scenario_schema
from partsim.scenario_file.sentences import NOT_YET, check_tree
from partsim.scenario_file.template import init_text
from partsim.scenario_file.yaml_nodes import Document, read_yaml

BAD = Path(__file__).parent / "bad"
JARGON = re.compile(r"Input should|value_error|type=|pydantic|https?:|\[key\]|Value error|\bdict\b|another value")  # fmt: skip
JUNK = ["", "~", "x", -1, 0, 1e300, float("nan"), float("inf"), 10**30, "9" * 400, [], [[]], ["x", {}],
        {}, {"x": {}}, {"low": 3}, "5 d", "0 d", "-3 %", "100 %", "1 per 0 machines",
        "20 % per 0 d", None, True]  # fmt: skip


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_bad_file_gives_exactly_these_lines(file):
    with pytest.raises(InputError) as caught:
        read_scenario(file)
    lines = str(caught.value).replace(f"{BAD}/", "") + "\n"
    assert lines == file.with_suffix(".txt").read_text()


def junk_cases():
    document = read_yaml(init_text(), "case")
    for path in [path for path in document.values if path]:
        for junk in JUNK:
            tree = copy.deepcopy(document.tree)
            node = tree
            for key in path[:-1]:
                node = node[key]
            node[path[-1]] = junk
            yield Document(tree, document.keys, document.values)


def test_junk_in_any_place_is_a_sentence_and_never_a_traceback():
    refused = 0
    for document in junk_cases():
        scenario, problems = check_tree(document)
        assert (scenario is None) == bool(problems)
        assert not [problem for problem in problems if JARGON.search(problem.message)]
        assert not [problem for problem in problems if not problem.line]
        refused += bool(problems)
    assert refused > 1000


def test_no_problem_is_said_twice():
    for file in BAD.glob("*.txt"):
        lines = file.read_text().splitlines()
        assert len(lines) == len(set(lines)), file.name


def test_what_is_not_yet_supported_is_no_key_of_the_model():
    definitions = {**scenario_schema()["$defs"], "Scenario": scenario_schema()}
    for kind, keys in NOT_YET.items():
        assert not set(keys.split()) & set(definitions[kind]["properties"]), kind


def test_a_problem_in_a_scenario_made_in_python_is_raised_too():
    tree = read_yaml(init_text(), "init").tree
    tree["fleets"][0]["depot"] = "nowhere"
    with pytest.raises(ValueError, match=r"fleets\.0\.depot: expected the name of a depot"):
        Scenario.model_validate(tree)
