# ruff: noqa: E501 - problem lines are quoted whole
import pytest


def test_a_change_sets_a_value(case):
    changed = case.read("tiers.gold.promise.share=97 %", "simulation.seed=7", "fleets.1.count=5")
    assert changed.tiers["gold"].promise.share == 0.97
    assert (changed.simulation.seed, changed.fleets[1].count) == (7, 5)


def test_the_last_change_wins(case):
    assert case.read("simulation.seed=7", "simulation.seed=8").simulation.seed == 8


def test_a_change_makes_optional_keys_and_whole_entries(case):
    changed = case.read(
        "optimisation.budget=1.5 M",
        "today.norms.pump=1 per 40 machines",
        "depots.south={supplied_by: central, transport_time: 1 d}",
    )
    assert changed.optimisation.budget == 1.5e6
    assert changed.today.norms == {"pump": 1 / 40}
    assert changed.depot_ids == ("central", "north", "south")


def test_ids_in_a_change_stay_text(case):
    changed = case.read("suppliers.007={kind: own, lead_time: 3 d}", "parts.seal.supplier=007")
    assert changed.parts["seal"].supplier == "007"


def test_a_key_with_dots_is_found(case):
    replace = [("  seal:", "  A.1.x:"), ("seal: 2", "A.1.x: 2")]
    changed = case.read("parts.A.1.x.price=5", "today.norms.A.1.x=1 per machine", replace=replace)
    assert changed.parts["A.1.x"].price == 5
    assert changed.today.norms == {"A.1.x": 1}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("simulation.sed=7", "unknown key 'sed'; did you mean 'seed'?"),
        ("costs.emergency=7", "'emergency' is not yet supported"),
        ("parts.pmp.price=3", "expected the name of an entry of parts (pump, seal), got 'pmp'; "
                              "did you mean 'pump'?"),
        ("fleets.9.count=3", "expected an index of fleets from 0 to 1, got '9'"),
        ("fleets.x=3", "expected an index of fleets from 0 to 1, got 'x'"),
        ("parts.pump.price.x=3", "expected a mapping at parts.pump.price, got '60 k'"),
        ("seed", "expected key.path=value such as simulation.seed=7"),
        ("=3", "expected key.path=value such as simulation.seed=7"),
        ("parts.pump.price=[", "expected valid YAML, got an error while parsing a flow node: "
                               "did not find expected node content"),
        ("parts.pump.lifetime={fixed: 1 d, fixed: 2 d}", "expected each key once, got 'fixed' also in line 1"),
        ("today.norms.pump=5000 per 1 machines",
         "today.norms.pump: expected a number <= 1,000, got '5000 per 1 machines'"),
        ("today={stock: [{part: pump, depot: central, base_stock: 1000000000000, on_hand: 3}]}",
         "today.stock.0.base_stock: expected a whole number <= 1,000,000, got 1000000000000"),
        ("parts.pump.price=-5", "parts.pump.price: expected money > 0, got -5"),
        ("fleets.0={machine: machine, depot: central, customers: key_accounts, count: 0}",
         "fleets.0.count: expected a whole number >= 1, got 0"),
        ("parts.pump=", "parts.pump: expected a mapping of keys, got nothing"),
        ("parts.pump={price: 5}", "parts.pump.supplier: expected the key 'supplier' (who delivers it), "
                                  "got none"),
    ],
)  # fmt: skip
def test_a_bad_change_is_a_problem_of_the_command_line(case, change, problem):
    assert case.problems(change)[0] == f"--set {change}: {problem}"


def test_problems_of_the_file_come_before_those_of_the_changes(case):
    problems = case.problems("costs.order=-1", replace=[("60 k", "-60 k")])
    assert [problem.partition(":")[0] for problem in problems] == [
        "case.yaml",
        "--set costs.order=-1",
    ]
