"""Plans of inspections and seasons: names that do not exist, and what would never come."""

import pytest

PLANS = ("fleets:", "inspections: {plan: {every: 6 months}, once: {ages: [1 month]}}\nfleets:")
SUMMER = "seasons: {summer: [0, 0, 0, 1, 2, 2, 2, 2, 2, 1, 0, 0]}\nfleets:"
FIRST = "count: 25}"


def by_first(text):
    return (FIRST, f"count: 25, {text}}}")


@pytest.mark.parametrize(
    ("replace", "problem"),
    [
        ([PLANS, by_first("inspection: plane")],
         "fleets.0.inspection: expected the name of an entry of inspections (plan, once), "
         "got 'plane'; did you mean 'plan'?"),
        ([PLANS, by_first("inspection: once")],
         "fleets.0.machine: expected ages, age_distribution or delivered for inspections by age "
         "('once'), got none; they would never come"),
        ([("fleets:", "inspections: {plan: {finds: 50 %}}\nfleets:")],
         "inspections.plan: expected ages, every or months, got none of them"),
        ([("fleets:", "inspections: {plan: {months: [13]}}\nfleets:")],
         "inspections.plan.months.0: expected a whole number <= 12, got 13"),
        ([("fleets:", "seasons: {dry: [1, 2]}\nfleets:")],
         "seasons.dry: expected 12 numbers, one for each month and not all zero, got 2 numbers"),
        ([("fleets:", "seasons: {dry: [0,0,0,0,0,0,0,0,0,0,0,0]}\nfleets:")],
         "seasons.dry: expected 12 numbers, one for each month and not all zero, got zeros"),
        ([("fleets:", SUMMER), ("north:", "north: {supplied_by: central, season: winter} #")],
         "depots.north.season: expected the name of an entry of seasons (summer), got 'winter'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_where_it_stands(case, replace, problem):
    (line,) = case.problems(replace=replace)
    assert line.partition(": ")[2] == problem


def test_a_fleet_takes_its_own_plan_or_its_machines(case):
    read = case.read(
        replace=[PLANS, by_first("inspection: once, ages: new"),
                 ("machine: {positions", "machine: {inspection: plan, positions")]
    )  # fmt: skip
    plans = [read.inspection_of(fleet) for fleet in range(len(read.fleets))]
    assert [plan.every for plan in plans] == [None, 182.5]
    assert read.model_validate(read.to_tree()) == read
