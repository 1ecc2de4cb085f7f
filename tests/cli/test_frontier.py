"""`partsim frontier`: a folder that is whole or not there, a table, the right status."""

from pathlib import Path

import pandas as pd


def test_a_folder_with_tables_and_a_picture_and_a_table_on_stdout(case, partsim):
    status, out, _ = partsim("frontier", case, "--points", 3, "-o", "found", "--quiet")
    assert status == 0
    assert out.splitlines()[-1].split() == ["written", "found"]
    assert len(out.splitlines()) == 5
    table = pd.read_csv("found/frontier.csv")
    assert table["cost"].is_monotonic_increasing
    assert Path("found/frontier.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert {"part", "investment"} <= set(pd.read_csv("found/next_units.csv").columns)


def test_json_has_every_point(case, partsim_json):
    status, found = partsim_json("frontier", case, "--target", "promise of gold", "--points", 2)
    assert status == 0
    assert found["unit"] == "share"
    assert len(found["points"]) == 2
    assert Path(found["folder"]).is_dir()


def test_nothing_is_overwritten(case, partsim):
    Path("found").mkdir()
    status, _, err = partsim("frontier", case, "--points", 1, "-o", "found")
    assert status == 2
    assert "exists already" in err
    assert not list(Path("found").iterdir())


def test_an_unknown_target_is_refused_with_those_there_are(case, partsim):
    for target in ("speed", "budget"):
        status, _, err = partsim("frontier", case, "--target", target)
        assert status == 2
        assert "Invalid value for '--target': expected one of 'all promises', " in err
        assert "'promise of gold', 'waiting time at depot', got" in err
        assert f"got '{target}'" in err
    assert not Path("runs").exists()


def test_where_no_point_is_reached_the_targets_in_the_way_are_named(case, partsim):
    arguments = ("--points", 1, "-o", "found", "--quiet", "--set", "optimisation.budget=500")
    status, _, err = partsim("frontier", case, *arguments, "--set", "grading.grades.A="
                             "{approval_time: 7 d, min_fill_rate: 90 %}")  # fmt: skip
    assert status == 3
    assert "not reached: budget: target 500, the best that can be reached" in err
