"""A scenario is one line in a notebook, however many parts it has."""

from tests.builders import scenario


def test_a_scenario_shows_its_name_and_counts():
    case = scenario()
    assert repr(case) == str(case)
    assert repr(case).startswith(f"Scenario({case.name!r}, {len(case.parts)} parts, ")
    assert len(repr(case)) < 120


def test_a_changed_copy_works_out_anew_what_follows():
    case = scenario()
    assert case.tier_ids == ("everyone",)
    other = case.model_copy(update={"tiers": {"new": case.tiers["everyone"]}})
    assert (case.tier_ids, other.tier_ids) == (("everyone",), ("new",))
