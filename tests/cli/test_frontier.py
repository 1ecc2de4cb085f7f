"""`partsim frontier`: a folder that is whole or not there, a table, the right status."""

import json
from pathlib import Path

import pandas as pd
import pytest


def test_a_folder_with_tables_and_a_picture_and_a_table_on_stdout(case, partsim):
    status, out, _ = partsim("frontier", case, "--points", 3, "-o", "found", "--quiet")
    assert status == 0
    assert out.splitlines()[-1].split() == ["written", "found"]
    assert len(out.splitlines()) == 5
    table = pd.read_csv("found/frontier.csv")
    assert table["cost"].is_monotonic_increasing
    assert Path("found/frontier.svg").read_text(encoding="utf-8").startswith("<?xml")
    units = pd.read_csv("found/next_units.csv")
    assert {"part", "investment"} <= set(units.columns)
    assert units["reason"].str.match("calls that keep their promise: .* for each 1,000 CNY; ").all()
    assert "<h1>Two parts 测试 frontier</h1>" in Path("found/frontier.html").read_text("utf-8")
    assert json.loads(Path("found/manifest.json").read_text("utf-8"))["seed"] == 1


def test_json_has_every_point(case, partsim_json):
    status, found = partsim_json("frontier", case, "--target", "promise of gold", "--points", 2)
    assert status == 0
    assert found["unit"] == "share"
    assert len(found["points"]) == 2
    assert Path(found["folder"]).is_dir()


def test_points_are_played_out_beside_their_formulas(case, partsim, partsim_json):
    options = ("--points", 3, "--quiet", "--simulate", 2, "--seed", 7)
    status, out, _ = partsim("frontier", case, *options, "-o", "found")
    assert status == 0
    assert out.splitlines()[5].split("  ")[0] == "all promises"
    table = pd.read_csv("found/frontier_simulated.csv")
    assert table["point"].tolist() == [1, 1, 3, 3]
    again = partsim_json("frontier", case, *options, "-o", "again")[1]["simulated"]
    assert [row["simulated"] for row in again] == pytest.approx(table["simulated"].tolist())
    other = partsim_json("frontier", case, *options[:-1], 8, "-o", "other")[1]["simulated"]
    assert [row["simulated"] for row in other] != pytest.approx(table["simulated"].tolist())


def test_every_point_is_played_where_no_number_is_typed(case, partsim_json):
    status, found = partsim_json("frontier", case, "--points", 3, "--simulate")
    assert (status, {row["point"] for row in found["simulated"]}) == (0, {1, 2, 3})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--seed", 7), "--seed, --replications and --resume are for --simulate: add --simulate"),
        (("--resume", "kept"), "--resume are for --simulate: add --simulate"),
        (("--simulate", 0), "expected a number from 1 to 100, got 0"),
        (("--simulate", "some"), "expected 'all' or a whole number, got 'some'"),
    ],
)
def test_options_of_the_simulation_that_are_wrong_are_refused(case, partsim, options, sentence):
    status, _, err = partsim("frontier", case, *options)
    assert status == 2
    assert sentence in err
    assert not Path("runs").exists()


def test_nothing_is_overwritten(case, partsim):
    Path("found").mkdir()
    status, _, err = partsim("frontier", case, "--points", 1, "-o", "found")
    assert status == 2
    assert "exists already" in err
    assert not list(Path("found").iterdir())


def test_an_unknown_target_is_refused_with_those_there_are(case, partsim):
    status, _, err = partsim("frontier", case, "--target", "speed")
    assert status == 2
    assert (
        "Invalid value for '--target': expected one of 'all promises', 'promise of gold', " in err
    )
    assert "'availability of machine', 'budget', got 'speed'" in err
    status, _, err = partsim("frontier", case, "--target", "budget")
    assert (status, "expected --values for 'budget'" in err) == (2, True)
    assert not Path("runs").exists()


def test_values_are_written_as_in_the_scenario(case, partsim_json):
    for number, (target, values, read) in enumerate(
        [
            ("availability of machine", "95 %, 97 %", [0.95, 0.97]),
            ("waiting time at depot", "1 d, 6 h", [24, 6]),
            ("budget", "2 M, 900 k", [2e6, 9e5]),
            ("all promises", "1, 0.5", [1, 0.5]),
        ]
    ):
        options = ("--target", target, "--values", values, "-o", f"found{number}")
        status, found = partsim_json("frontier", case, *options)
        assert status == 0
        assert [point["target"] for point in found["points"]] == read


def test_values_that_are_none_are_refused(case, partsim):
    for values, sentence in (
        ("0.95", "percentage such as '95 %'"),
        ("100 %", "below 100 %, got 100 %"),
    ):
        options = ("--target", "availability of machine", "--values", values)
        status, _, err = partsim("frontier", case, *options)
        assert status == 2
        assert "Invalid value for '--values': " in err
        assert sentence in err


def test_best_service_says_what_a_budget_buys_and_writes_the_stock(case, partsim, partsim_json):
    options = ("--budget", "500 k", "--measure", "availability of machine")
    status, out, _ = partsim("best-service", case, *options, "-o", "stock.csv")
    assert status == 0
    assert out.splitlines()[-1].split() == ["written", "stock.csv"]
    assert "no plan within the budget does better" in out
    status, found = partsim_json("best-service", case, *options)
    assert found["value"] <= found["bound"] < 1
    assert found["spent"] <= found["budget"] == 5e5
    table = pd.read_csv("stock.csv")
    assert table["base_stock"].tolist() == [row["base_stock"] for row in found["stock"]]


def test_best_service_refuses_what_it_cannot_do(case, partsim):
    for options, sentence in (
        (("--budget", "much"), "'--budget': expected an amount of money such as"),
        (("--budget", "1", "--money", "cost"), "'--budget': expected at least "),
        (("--budget", "1 k", "--measure", "x"), "'--measure': expected one of backorders, "),
    ):
        status, _, err = partsim("best-service", case, *options)
        assert status == 2
        assert sentence in err


def test_where_no_point_is_reached_the_targets_in_the_way_are_named(case, partsim):
    arguments = ("--points", 1, "-o", "found", "--quiet", "--set", "optimisation.budget=500")
    status, _, err = partsim("frontier", case, *arguments, "--set", "grading.grades.A="
                             "{approval_time: 7 d, min_fill_rate: 90 %}")  # fmt: skip
    assert status == 3
    assert "not reached: budget: target 500, the best that can be reached" in err
