"""What is done about a part: what cannot be is refused where it stands."""

import pytest

LIFE = "lifetime: {weibull: {mean: 18 months, shape: 2}}"


def with_pump(text, life=LIFE):
    return [(LIFE, f"{life}\n    {text}")]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (with_pump("replace_at: 1 y\n    replace_every: 1 y"),
         "parts.pump: expected either 'replace_at' or 'replace_every', got both"),
        (with_pump("replace_at: 0 d"), "parts.pump.replace_at: expected a duration > 0, got '0 d'"),
        (with_pump("after_failure: as_bad_as_old\n    replace_at: 1 y", "lifetime: 9 months"),
         "parts.pump: expected a weibull or exponential lifetime beside 'after_failure: "
         "as_bad_as_old', whose failure rate goes on after a repair, got another one"),
        (with_pump("after_failure: minimal"),
         "parts.pump.after_failure: expected one of as_good_as_new, as_bad_as_old, got 'minimal'"),
        ([(LIFE, "lifetime: {modes: [9 months]}")],
         "parts.pump.lifetime.modes: expected 2 to 8 ways to fail, got 1"),
        ([(LIFE, "lifetime: {modes: [9 months, {weibull: {mean: 2 y}}]}")],
         "parts.pump.lifetime.modes.1.weibull: expected either 'shape' or 'cv', got neither"),
        ([(LIFE, "lifetime: {}")], "parts.pump.lifetime: expected exactly one of exponential, "
         "weibull, gamma, lognormal, fixed, modes, got none"),
    ],
)  # fmt: skip
def test_upkeep_that_cannot_be_is_refused(case, change, problem):
    (line,) = case.problems(replace=change)
    assert line.partition(": ")[2] == problem


def test_what_is_as_bad_as_old_for_ever_needs_machines_of_known_age(case):
    lines = case.problems(replace=with_pump("after_failure: as_bad_as_old"))
    assert [line.partition(": ")[2] for line in lines] == [
        f"fleets.{i}.machine: expected ages, age_distribution or delivered for machines with "
        "'pump', got none; it is as bad as old after each failure and never replaced"
        for i in (0, 1)
    ]
    case.read(replace=with_pump("after_failure: as_bad_as_old\n    replace_every: 3 y"))


def test_modes_are_read_and_written(case):
    modes = (
        "{modes: [{weibull: {mean: 20 years, shape: 0.5}}, {weibull: {mean: 4 years, cv: 0.2}}]}"
    )
    read = case.read(replace=[(LIFE, f"lifetime: {modes}")])
    life = read.parts["pump"].lifetime.distribution
    assert [mode.mean for mode in life.modes] == [7300, 1460]
    assert read.model_validate(read.to_tree()) == read
