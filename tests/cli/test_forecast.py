"""`partsim forecast`: a table, JSON, and a folder that is whole or not there."""

from pathlib import Path

import pandas as pd
import pytest


def test_a_table_and_a_folder(case, partsim):
    status, out, _ = partsim("forecast", case, "--months", 3, "-o", "found")
    assert status == 0
    assert len(out.splitlines()) == 1 + 2 * 3 + 1
    table = pd.read_csv("found/forecast.csv")
    assert table["part"].tolist() == ["pump"] * 3 + ["主密封"] * 3
    assert ((table["low"] <= table["expected"]) & (table["expected"] <= table["high"])).all()
    assert pd.read_csv("found/machines.csv")["machines"].tolist() == [20] * 3
    # The part with the most demand comes first.
    assert "主密封" in Path("found/forecast_1.svg").read_text(encoding="utf-8")
    assert Path("found/forecast_2.svg").exists()


def test_json_and_a_wider_interval(case, partsim_json):
    found = [partsim_json("forecast", case, "--share", share)[1] for share in (50, 99)]
    assert found[1]["share"] == 0.99
    widths = [[row["high"] - row["low"] for row in one["demand"]] for one in found]
    assert all(narrow < wide for narrow, wide in zip(*widths, strict=True))
    assert len(found[0]["demand"]) == 24


def test_ages_change_what_is_expected(case, partsim_json):
    def seals(*more):
        rows = partsim_json("forecast", case, "--months", 6, *more)[1]["demand"]
        return [row["expected"] for row in rows if row["part"] == "主密封"]

    steady, new = seals(), seals("--set", "fleets.0.ages=new")
    assert steady == pytest.approx([steady[0]] * 6)
    assert new[0] < 0.1 * steady[0] < steady[0] < max(new)


def test_nothing_is_overwritten(case, partsim):
    Path("found").mkdir()
    status, _, err = partsim("forecast", case, "-o", "found")
    assert status == 2
    assert "exists already" in err
