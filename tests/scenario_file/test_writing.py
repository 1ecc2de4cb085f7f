import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partsim.model import units
from partsim.model.scenario import Scenario
from partsim.scenario_file.reading import read_scenario
from partsim.scenario_file.template import init_text
from partsim.scenario_file.writing import write_scenario_text
from partsim.scenario_file.yaml_nodes import read_yaml

NUMBERS = st.floats(min_value=0, max_value=1e6, allow_nan=False)


@given(NUMBERS, st.sampled_from([*units.DAYS, *units.SPELLINGS]))
def test_a_duration_reads_back_as_the_same_days(number, unit):
    days = units.parse_duration(f"{number!r} {unit}")
    assert units.parse_duration(units.format_duration(days)) == days


@given(st.floats(min_value=0, max_value=100, allow_nan=False))
def test_a_share_reads_back_as_the_same_share(percent):
    share = units.parse_share(f"{percent!r} %")
    assert units.parse_share(units.format_share(share)) == share


@given(NUMBERS, st.sampled_from(["year", "months", "40 d", "h"]))
def test_a_rate_reads_back_as_the_same_rate(number, base):
    rate = units.parse_rate_per_day(f"{number!r} % per {base}")
    assert units.parse_rate_per_day(units.format_rate_per_day(rate)) == rate


@given(st.floats(min_value=-1e9, max_value=1e9), st.sampled_from(["", "k", "M"]))
def test_money_is_the_number_times_its_multiple(number, multiple):
    factor = {"": 1, "k": 1e3, "M": 1e6}[multiple]
    assert units.parse_money(f"{number!r} {multiple}") == number * factor


@given(st.text(max_size=12))
def test_no_text_breaks_a_unit(text):
    for parse in (units.parse_duration, units.parse_money, units.parse_share,
                  units.parse_rate_per_day, units.parse_rate_per_machine):  # fmt: skip
        with contextlib.suppress(ValueError):
            assert math.isfinite(parse(text))


def test_a_number_too_large_for_a_float_is_refused():
    with pytest.raises(ValueError, match="expected a rate"):
        units.parse_rate_per_day("1e999 per d")


def renamed(part, name):
    tree = read_yaml(init_text(), "init").tree
    tree["parts"] = {part: tree["parts"]["pump"] | {"name": name}}
    tree["machines"]["machine"]["positions"] = {part: 1}
    return Scenario.model_validate(tree)


@given(st.text(min_size=1).filter(str.strip), st.text())
def test_any_name_is_written_so_that_it_reads_back(part, name):
    # Control characters and half characters cannot stand in a YAML file as they are.
    part, name = (text.encode("utf-8", "replace").decode() for text in (part, name))
    scenario = renamed(part, name)
    document = read_yaml(write_scenario_text(scenario), "written")
    assert Scenario.model_validate(document.tree) == scenario


@pytest.mark.parametrize(
    "part", ["0012346", "NO", "1E5", "12:30", "~", "null", "<<", "=", "a: b", "#"]
)
def test_odd_part_numbers_are_quoted(part):
    scenario = renamed(part, part)
    document = read_yaml(write_scenario_text(scenario), "written")
    assert not document.problems
    assert type(document.tree["parts"][part]["name"]) is str
    assert Scenario.model_validate(document.tree) == scenario


def test_a_written_file_reads_back_equal(case):
    scenario = case.read("optimisation.budget=1 M", "today.norms.pump=1 per 3 machines")
    file = case.folder / "resolved.yaml"
    file.write_text(write_scenario_text(scenario))
    assert read_scenario(file) == scenario
