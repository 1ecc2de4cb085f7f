"""Ages and days of delivery, in the file and in tables of fleets."""

import pytest

FLEETS = """  - {machine: machine, depot: central, customers: key_accounts, count: 25}
  - {machine: machine, depot: north, customers: others, count: 15}
"""
FIRST = "count: 25}"
HEADER = "machine,depot,customers,count,delivered,retire_at\n"
START = [("simulation: {", "simulation: {start_date: 2026-01-01, ")]


def with_first(text):
    return [(FIRST, f"count: 25, {text}}}")]


@pytest.fixture
def from_table(case):
    """Read fleets from the rows of a table."""

    def read(rows, *, ask=case.read):
        (case.folder / "fleets.csv").write_text(HEADER + rows)
        replace = [(FLEETS, ""), ("fleets:  ", "fleets: {table: fleets.csv} #"), *START]
        return ask(replace=replace)

    return read


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("ages: new", [0] * 25),
        ("ages: 2 years", [730] * 25),
        ("ages: [1 d, 2 d]", [1] * 13 + [2] * 12),
        ("ages: [1 d, 2 d, 3 d, 4 d, 5 d]", [1] * 5 + [2] * 5 + [3] * 5 + [4] * 5 + [5] * 5),
        ("age_distribution: 30 d", [30] * 25),
    ],
)
def test_ages_are_written_in_words_singly_or_as_a_list(case, text, ages):
    base = case.read(replace=with_first(text)).installed_bases[0]
    assert (-base.delivered).tolist() == ages


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ages: old", "ages: expected a duration such as '30 d', got 'old'"),
        ("ages: [1 year, 9 years], retire_at: 3 years",
         "expected ages below retire_at (1095 d), got 3285 d"),
        ("retire_at: 3 years",
         "expected ages, age_distribution or delivered beside retire_at, got none of them; "
         "machines whose age nobody knows never reach it"),
        ("ages: new, age_distribution: 3 d",
         "expected one of ages, age_distribution, got 2 of them"),
        ("delivered: {2025-01-01: 20}", "expected count 20, as many as delivered, got 25"),
        ("delivered: {2025-1-1: 25}", "expected a date such as 2026-01-31, got '2025-1-1'"),
        ("retires_on: 2025-02-29", "expected a date such as 2026-01-31, got '2025-02-29'"),
        ("deliveries_per_year: -1", "deliveries_per_year: expected a number >= 0, got -1"),
    ],
)  # fmt: skip
def test_ages_that_cannot_be_are_refused_in_a_sentence(case, text, problem):
    (line,) = case.problems(replace=with_first(text) + START)
    assert line.endswith(problem)
    assert "fleets.0" in line


def test_dates_need_the_day_of_the_start(case):
    problems = case.problems(replace=with_first("delivered: {2025-01-01: 25}"))
    (line,) = problems
    assert line.endswith(
        "fleets.0.delivered: expected simulation.start_date beside dates, got none; "
        "write for example 'start_date: 2026-01-01'"
    )


def test_a_fleet_that_has_gone_before_the_measured_years_is_refused(case):
    gone = [("count: 15", "retires_on: 2026-02-28, count: 15")]
    lines = case.problems(replace=with_first("retires_on: 2026-01-31") + gone + START)
    text = (case.folder / "case.yaml").read_text().splitlines()
    for fleet, line in enumerate(lines):
        place, _, sentence = line.partition(": ")
        assert sentence.startswith(f"fleets.{fleet}: expected machines in the measured years")
        assert "retires_on: 2026-0" + "12"[fleet] in text[int(place.split(":")[1]) - 1]
    assert len(lines) == 2


def test_rows_that_differ_in_the_day_of_delivery_are_one_fleet(from_table):
    old = "machine,central,key_accounts,{},{},10 years\n"
    rows = old.format(2, "2020-05-01") + old.format(3, "2026-08-01") + old.format(4, "2020-05-01")
    read = from_table(rows + "machine,north,others,1,,\nmachine,north,others,1,,\n")
    assert [fleet.count for fleet in read.fleets] == [9, 1, 1]
    assert read.fleets[0].delivered == {"2020-05-01": 6, "2026-08-01": 3}
    assert read.fleets[0].retire_at == 3650
    assert read.model_validate(read.to_tree()) == read


def test_a_wrong_count_of_a_delivery_stands_at_its_cell(case, from_table):
    rows = "machine,central,key_accounts,two,2020-05-01,\nmachine,north,others,1,,\n"
    (line,) = from_table(rows, ask=case.problems)
    assert line == "fleets.csv:2:30: fleets.0.count: expected a whole number >= 1, got 'two'"
