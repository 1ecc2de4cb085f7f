"""What varies, read from a line, and every combination of it."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from partsim.scenario_file import circumstances
from partsim.scenario_file.circumstances import nobody_chooses
from partsim.scenario_file.sweeps import grid, read_axis, short_names


def test_commas_and_semicolons_in_brackets_and_quotes_belong_to_a_value():
    axis = read_axis("a.b={x: {mean: 1, cv: [2, 3]}}, 'one; two, three' ; c=1,2")
    assert axis.keys == ("a.b", "c")
    assert axis.steps == (("{x: {mean: 1, cv: [2, 3]}}", "1"), ("'one; two, three'", "2"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected KEY=VALUE, VALUE such as"),
        ("a", "got 'a'"),
        ("=1", "got '=1'"),
        ("a=1,,2", "got 'a=1,,2'"),
        ("a=1; ", "got ' '"),
        ("a=1; a=2", "expected each key once, got 'a' twice"),
        ("a=1, 2; b=3", "expected equally many values .*, got 2 for a and 1 for b"),
        ("simulation.seed=1, 2", "all cases are played with the random numbers"),
        ("a=1, 2; simulation.replications=5, 9", "got 'simulation.replications': all cases"),
        ("a={x: 1", "expected } to close what is open"),
        ("a='x", "expected ' to close what is open"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_axis(text)


def test_combinations_are_all_and_each_once():
    axes = [read_axis("a=1,2,3"), read_axis("b=1,2"), read_axis("c=1,2; d=3,4")]
    assert len(set(grid(axes))) == len(grid(axes)) == 12


def test_what_is_no_grid_is_refused():
    many = ",".join(map(str, range(23)))
    for axes, sentence in (
        ([], "got nothing to vary"),
        ([read_axis("a=1"), read_axis("a=2")], "each once, got 'a' twice"),
        ([read_axis(f"a={many}"), read_axis(f"b={many}")], "at most 500 scenarios, got 529"),
    ):
        with pytest.raises(ValueError, match=sentence):
            grid(axes)


def test_short_names_tell_keys_apart():
    keys = ["a.x.price", "b.x.price", "x.price", "seed"]
    short = short_names(keys)
    assert len(set(short.values())) == len(keys)
    assert short["a.x.price"] == "a.x.price"


def test_every_pattern_of_what_nobody_chooses_is_about_a_key_that_there_is():
    text = (Path(__file__).parents[2] / "docs" / "scenario_format.md").read_text(encoding="utf-8")
    keys = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    for pattern in circumstances._GIVEN:
        assert any(fnmatchcase(key, pattern) for key in keys), pattern
    assert not any(nobody_chooses(key) for key in keys if key.startswith(("plans", "limits")))
    assert nobody_chooses("parts.0012.5.price")  # part numbers may have dots
