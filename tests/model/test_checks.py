"""Targets that nobody would notice are refused."""

from partsim.model.checks import find_contradictions
from tests.builders import scenario_tree

TREE = {
    "depots": {
        "works": {"supplied_by": "suppliers", "min_fill_rate": "90 %", "max_waiting_time": "2 h"},
        "port": {"supplied_by": "works", "min_fill_rate": "90 %"},
    },
    "machines": {"crane": {"min_availability": "95 %"}, "loader": {"min_availability": "95 %"}},
}


def test_targets_of_depots_and_machines_without_a_fleet_are_refused():
    fleets = [{"machine": "crane", "depot": "port", "customers": "all", "count": 1}]
    expected = "expected it at a depot with a fleet or demand (port), got 'works'"
    tree = TREE | {"fleets": fleets, "service": {"travel_time": "1 h"}}
    assert find_contradictions(tree) == [
        (("depots", "works", "max_waiting_time"), expected),
        (("depots", "works", "min_fill_rate"), expected),
        (("machines", "loader", "min_availability"),
         "expected it at a machine with a fleet (crane), got 'loader'"),
    ]  # fmt: skip


def test_without_fleets_the_missing_branch_is_the_one_problem():
    assert [path for path, _ in find_contradictions(TREE)] == [("fleets",)]


def test_a_group_may_not_have_the_name_of_a_tier():
    tree = scenario_tree(parts={"pump": {"group": "everyone"}}, groups={"everyone": {}})
    assert find_contradictions(tree) == [
        (("groups", "everyone"), "expected a name that no tier has, got 'everyone'")
    ]


def test_a_precision_needs_replications_to_be_reached_with():
    tree = scenario_tree(simulation={"precision": "1 %", "replications": 10})
    sentence = (
        "expected simulation.replications above 10 beside it, as the most that may be played, "
        "got 10; type such as replications: 200"
    )
    assert find_contradictions(tree) == [(("simulation", "precision"), sentence)]
    del tree["simulation"]["replications"]
    assert find_contradictions(tree) == [(("simulation", "precision"), sentence)]
    assert (
        find_contradictions(scenario_tree(simulation={"precision": "1 %", "replications": 11}))
        == []
    )


def test_one_rule_says_how_many_replications_are_enough():
    rules = {"precision": "1 %", "replications": 11, "most_replications": 40}
    ((path, message),) = find_contradictions(scenario_tree(simulation=rules))
    assert path == ("simulation", "most_replications")
    assert message.startswith("expected most_replications or precision, got both")
    del rules["precision"]
    assert find_contradictions(scenario_tree(simulation=rules)) == []
