"""A scenario is one line in a notebook, however many parts it has."""

from tests.builders import scenario


def test_a_scenario_shows_its_name_and_counts():
    case = scenario()
    assert repr(case) == str(case)
    assert repr(case).startswith(f"Scenario({case.name!r}, {len(case.parts)} parts, ")
    assert len(repr(case)) < 120
