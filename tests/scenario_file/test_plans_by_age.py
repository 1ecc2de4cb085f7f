"""Plans by age and warranty in a file: read, written back, and refused where nobody knows."""

import pytest

NEW = ("  gold:", "  new: {customers: [rail], promise: {within: 24 h, share: 90 %}}\n  gold:")
OLD = "count: 25, ages: 2 years}"
FIRST = "count: 25}"


def with_plan(plan, *more):
    return [NEW, ("fleets:  ", f"plans: [{plan}]\nfleets:  "), *more]


@pytest.mark.parametrize(
    ("replace", "problem"),
    [
        (with_plan("{older_than: 1 years, tier: new}"),
         "plans.0.older_than: expected ages, age_distribution or delivered of every fleet that the "
         "plan selects, got none of fleets.0; write for example 'ages: 3 years'"),
        (with_plan("{younger_than: 1 years, tier: new}", (FIRST, OLD)),
         "plans.0.younger_than: expected ages, age_distribution or delivered of every fleet that "
         "the plan selects, got none of fleets.1; write for example 'ages: 3 years'"),
        (with_plan("{warranty: in, tier: new}"),
         "plans.0.warranty: expected a warranty of the machines that the plan selects (machine), "
         "got none; write for example 'warranty: 12 months' there"),
        (with_plan("{older_than: 2 years, younger_than: 1 years, tier: new}"),
         "plans.0: expected older_than below younger_than, got 730 d and 365 d; two plans can "
         "select younger machines and older ones"),
        (with_plan("{warranty: out, tier: new}"),
         "plans.0.warranty: expected one of in, after, got 'out'"),
    ],
)  # fmt: skip
def test_plans_for_ages_that_nobody_knows_are_refused(case, replace, problem):
    problems = [line.partition(": ")[2] for line in case.problems(replace=replace)]
    assert problem in problems


def test_a_tier_whose_age_no_machine_reaches_is_refused(case):
    ages = [("count: 25}", OLD), ("count: 15}", "count: 15, ages: new}")]
    replace = with_plan("{older_than: 30 years, tier: new}", *ages)
    (problem,) = case.problems(replace=replace)
    assert "tiers.new: expected machines that the plans give this tier in the measured " in problem
    line = int(problem.split(":")[1])
    assert "new: {" in (case.folder / "case.yaml").read_text().splitlines()[line - 1]


def test_a_plan_for_an_empty_list_is_refused_and_not_taken_for_all(case):
    (problem,) = case.problems("plans=[{machines: [], depots: [north], tier: basic}]")
    assert problem.endswith("plans.0.machines: expected at least one entry, got none")


def test_a_tier_without_customers_needs_a_plan_that_gives_it(case):
    new = ("  gold:", "  new: {promise: {within: 24 h, share: 90 %}}\n  gold:")
    (problem,) = case.problems(replace=[new])
    assert "tiers.new: expected a tier with at least one fleet or demand, got none" in problem
    plan = ("fleets:  ", "plans: [{older_than: 5 years, tier: new}]\nfleets:  ")
    ages = [(FIRST, OLD), ("count: 15}", "count: 15, ages: 1 year}")]
    assert case.read(replace=[new, plan, *ages]).tiers["new"].customers == ()


def test_a_plan_by_age_is_written_back_as_it_was_read(case):
    ages = [("count: 25}", OLD), ("count: 15}", "count: 15, ages: new}")]
    read = case.read(replace=with_plan("{older_than: 4 years, tier: new}", *ages))
    assert read.plans[0].older_than == 4 * 365
    assert type(read).model_validate(read.to_tree()) == read
    assert [phase.tier for phase in read.phases if phase.fleet == 0] == ["gold", "new"]
