# ruff: noqa: E501 - problem lines are quoted whole
"""Base scenarios: what wins, what is replaced whole, and where problems stand."""

import pytest

from partsim.scenario_file import bases
from partsim.scenario_file.reading import input_files
from partsim.scenario_file.template import init_text

PARTS = (
    "part,price,lifetime,mean_life,supplier\npump,60 k,exponential,18 months,importer\n"
    "seal,400,exponential,8 months,plant\n"
)


@pytest.fixture
def base(case):
    """Write the template as base.yaml, changed if wanted; and further files."""

    def write(*replace, **files):
        text = init_text()
        for old, new in replace:
            assert old in text
            text = text.replace(old, new)
        (case.folder / "base.yaml").write_text(text)
        for name, content in files.items():
            (case.folder / f"{name}.yaml").write_text(content)

    return write


@pytest.fixture
def tabled(case, base):
    """A base whose parts are a table."""
    (case.folder / "parts.csv").write_text(PARTS)
    text = init_text()
    own = text[text.index("parts: ") : text.index("suppliers: ")]
    base((own, "parts: {table: parts.csv}\n"))


def test_a_base_alone_is_the_scenario(case, base):
    base()
    assert case.read(text="extends: base.yaml\n") == case.read()


def test_mappings_are_joined_and_values_replaced(case, base):
    base()
    text = "extends: base.yaml\nparts: {pump: {price: 5}, bolt: {price: 1, lifetime: 9 d, supplier: plant}}\n"
    parts = case.read(text=text).parts
    assert {part: entry.price for part, entry in parts.items()} == {
        "pump": 5,
        "seal": 400,
        "bolt": 1,
    }
    assert parts["pump"].supplier == "importer"


def test_lists_are_replaced_whole(case, base):
    base()
    text = "extends: base.yaml\nfleets: [{machine: machine, depot: north, customers: others, count: 2}]\ntiers: {gold: {customers: [others]}, basic: {customers: [key_accounts]}}\n"
    problems = case.problems(text=text)
    assert problems == [
        "case.yaml:3:46: tiers.basic.customers: expected a tier with at least one fleet or demand, "
        "got none; a promise to nobody cannot be planned for"
    ]


@pytest.mark.parametrize(
    ("lifetime", "name"),
    [("{exponential: {mean: 9 d}}", "exponential"), ("{weibull: {mean: 9 d, cv: 0.5}}", "weibull"),
     ("9 d", "fixed")],
)  # fmt: skip
def test_a_distribution_is_replaced_whole(case, base, lifetime, name):
    base()
    text = f"extends: base.yaml\nparts: {{pump: {{lifetime: {lifetime}}}}}\n"
    law = case.read(text=text).parts["pump"].lifetime
    assert list(law.model_dump(exclude_none=True)) == [name]
    assert law.distribution.mean == 9


def test_of_several_bases_the_later_wins_and_the_scenario_over_all(case, base):
    base(one="costs: {order: 1, holding: 1 % per year}", two="costs: {order: 2}")
    text = "extends: [base.yaml, one.yaml, two.yaml]\nsimulation: {seed: 9}\n"
    scenario = case.read(text=text)
    assert scenario.costs.order == 2
    assert scenario.costs.holding == pytest.approx(0.01 / 365)
    assert (scenario.simulation.seed, scenario.simulation.replications) == (9, 5)


def test_bases_have_bases_relative_to_their_own_folder(case, base):
    base()
    (case.folder / "sub").mkdir()
    (case.folder / "sub" / "middle.yaml").write_text("extends: ../base.yaml\ncosts: {order: 3}\n")
    assert case.read(text="extends: sub/middle.yaml\n").costs.order == 3
    files = [path.name for path in input_files(case.folder / "case.yaml")]
    assert files == ["case.yaml", "base.yaml", "middle.yaml"]


def test_two_bases_may_share_one(case, base):
    base(one="extends: base.yaml\ncosts: {order: 1}", two="extends: base.yaml\nname: Two")
    scenario = case.read(text="extends: [one.yaml, two.yaml]\n")
    assert scenario.name == "Two"
    assert scenario.costs.order == 50  # base.yaml stands once more in front of two.yaml


def test_a_cycle_of_bases_is_refused(case, base):
    base(("partsim: 1", "extends: case.yaml\npartsim: 1"))
    assert case.problems(text="extends: base.yaml\n") == [
        "base.yaml:4:10: extends: expected bases without a cycle, got case.yaml <- base.yaml <- case.yaml"
    ]
    assert case.problems(text="extends: case.yaml\n") == [
        "case.yaml:1:10: extends: expected bases without a cycle, got case.yaml <- case.yaml"
    ]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("no.yaml", "case.yaml:1:10: extends: no.yaml: expected a file, there is none of this name"),
        ("[]", "case.yaml:1:10: extends: expected the name of a base scenario or a list of them, got a list"),
        ("3", "case.yaml:1:10: extends: expected the name of a base scenario or a list of them, got 3"),
        ("empty.yaml", "case.yaml:1:10: extends: empty.yaml: expected a mapping of keys such as 'parts:', got an empty file; `partsim init` writes a scenario to start from"),
        ("broken.yaml", "broken.yaml:2:1: expected valid YAML, got an error"),
    ],
)  # fmt: skip
def test_a_base_that_cannot_be_is_a_sentence(case, base, value, problem):
    base(empty="", broken="a: [")
    (first,) = case.problems(text=f"extends: {value}\n")
    assert first.startswith(problem)


def test_bases_cannot_multiply_without_end(case, base, monkeypatch):
    monkeypatch.setattr(bases, "MOST_FILES", 3)
    base(one="extends: [base.yaml, base.yaml]", two="extends: [one.yaml, one.yaml]")
    assert "expected at most 3 bases, got more" in case.problems(text="extends: two.yaml\n")[0]


def test_problems_stand_in_the_file_that_has_the_value(case, base):
    base(("price: 60 k", "price: -60 k"), ("order: 50", "oder: 50"))
    text = "extends: base.yaml\nparts: {pump: {difficulty: hard}}\n"
    assert [line.partition(": expected")[0] for line in case.problems(text=text)] == [
        "case.yaml:2:28: parts.pump.difficulty",
        "base.yaml:10:12: parts.pump.price",
        "base.yaml:49:33: costs.oder: unknown key 'oder'; did you mean 'order'?",
    ]


def test_what_the_scenario_replaces_is_no_problem_any_more(case, base):
    base(("price: 60 k", "price: -60 k"))
    parts = case.read(text="extends: base.yaml\nparts: {pump: {price: 6}}\n").parts
    assert parts["pump"].price == 6


def test_a_change_on_the_command_line_comes_last(case, base):
    base()
    scenario = case.read("costs.order=7", text="extends: base.yaml\ncosts: {order: 6}\n")
    assert scenario.costs.order == 7
    assert case.problems("extends=x.yaml", text="extends: base.yaml\n") == [
        "--set extends=x.yaml: expected the base in the file itself, got it as a change"
    ]


def test_entries_of_a_bases_table_can_be_changed(case, tabled):
    parts = case.read(text="extends: base.yaml\nparts: {seal: {price: 5}}\n").parts
    assert {part: entry.price for part, entry in parts.items()} == {"pump": 60_000, "seal": 5}
    assert parts["seal"].supplier == "plant"
    (problem,) = case.problems(text="extends: base.yaml\nparts: {seal: {price: -5}}\n")
    assert problem.startswith("case.yaml:2:23: parts.seal.price")


def test_a_table_replaces_a_bases_table_and_its_options(case, tabled):
    (case.folder / "other.csv").write_text(PARTS.replace("400", "7"))
    (case.folder / "middle.yaml").write_text("extends: base.yaml\nparts: {seal: {price: 5}}\n")
    text = "extends: middle.yaml\nparts: {table: other.csv}\n"
    assert case.read(text=text).parts["seal"].price == 7


def test_a_lost_table_is_the_one_problem_even_if_entries_are_changed(case, tabled):
    (case.folder / "parts.csv").unlink()
    (problem,) = case.problems(text="extends: base.yaml\nparts: {seal: {price: 5}}\n")
    assert "parts.csv: expected a file" in problem
