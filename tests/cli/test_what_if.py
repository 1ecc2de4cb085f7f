"""`partsim compare` and `partsim sweep`: tables, folder, choice, and sentences."""

import json
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture
def other(case):
    text = case.read_text(encoding="utf-8").replace("lead_time: 30 d", "lead_time: 90 d")
    Path("other.yaml").write_text(text, encoding="utf-8")
    return Path("other.yaml")


def test_compare_writes_a_folder_and_prints_the_tables(case, other, partsim):
    status, out, _ = partsim("compare", case, other, "-o", "found", "--quiet")
    assert status == 0
    assert out.splitlines()[-1].endswith("compare.html")
    assert [line.split()[0] for line in out.splitlines()[1:3]] == ["case", "other"]
    names = {path.name for path in Path("found").iterdir()}
    assert names == {"compare.html", "compare.json", "compare.csv", "plans.csv", "promises.csv",
                     "picture_1.svg", "stock_1.csv", "stock_2.csv", "manifest.json"}  # fmt: skip
    inputs = json.loads(Path("found/manifest.json").read_text(encoding="utf-8"))["inputs"]
    assert [row["file"] for row in inputs] == ["case.yaml", "other.yaml"]
    assert any(line.split()[0:5] == ["other", "gold", "wait", "for", "parts"]
               for line in out.splitlines())  # fmt: skip
    differences = json.loads(Path("found/compare.json").read_text("utf-8"))["differences"]
    measured = {(row["measure"], row["group"]) for row in differences}
    assert {("satisfaction", "tier"), ("fill_rate", "depot"), ("availability", "fleet")} <= measured
    assert pd.read_csv("found/plans.csv")["case"].tolist() == ["case", "other"]


def test_today_is_what_the_plan_is_compared_with(case, partsim, partsim_json):
    norms = "today={norms: {pump: 1 per 10 machines}}"
    status, found = partsim_json("compare", case, "--today", "--set", norms)
    assert status == 0
    assert [row["case"] for row in found["plans"]] == ["today's stock", "case"]
    assert found["plans"][0]["gap"] is None
    status, _, err = partsim("compare", case, "--today")
    assert (status, "expected 'today' in case.yaml, with norms or stock" in err) == (2, True)


def test_what_cannot_be_compared_is_a_sentence(case, other, partsim):
    for arguments, sentence in (
        ((case,), "expected two files or more, or one with --today"),
        ((case, case), "expected each file once, got case.yaml twice"),
    ):
        status, _, err = partsim("compare", *arguments)
        assert (status, sentence in err) == (2, True)
    text = other.read_text(encoding="utf-8").replace("currency: CNY", "currency: EUR")
    other.write_text(text, encoding="utf-8")
    status, _, err = partsim("compare", case, other, "-o", "found", "--quiet")
    assert (status, "expected one currency, got CNY in case, EUR in other" in err) == (2, True)
    assert not Path("found").exists()


def test_sweep_plays_every_combination_and_chooses(case, partsim_json):
    vary = ("--vary", "tiers.gold.promise.share=50 %, 90 %",
            "--vary", "parts.pump.price=30 k, 60 k; parts.主密封.price=200, 400")  # fmt: skip
    status, found = partsim_json("sweep", case, *vary, "-o", "found")
    assert status == 0
    costs = {row["case"]: row["simulated_cost"] for row in found["plans"]}
    assert list(costs)[:2] == ["as it is", "promise.share=50 %, pump.price=30 k; 主密封.price=200"]
    assert len(costs) == 5
    as_it_is = costs["promise.share=90 %, pump.price=60 k; 主密封.price=400"]
    assert costs["as it is"] == as_it_is
    verdicts = {row["case"]: row["kept"] for row in found["plans"]}
    assert len(found["choices"]) == 2  # nobody chooses a price
    for price, choice in zip(("30 k", "60 k"), found["choices"], strict=True):
        cases = [case for case in costs if f"pump.price={price};" in case]
        kept = [case for case in cases if verdicts[case] == "yes"]
        assert choice["case"] == min(kept, key=costs.get, default="")
        assert f"with pump.price={price}; 主密封.price=" in found["choice"]
    chosen = [choice for choice in found["choices"] if choice["case"]]
    assert chosen[0]["values"]["parts.pump.price; parts.主密封.price"] == "30 k; 200"
    written = json.loads(Path("found/compare.json").read_text(encoding="utf-8"))
    assert written["choices"] == found["choices"]
    assert Path("found/picture_2.svg").exists()


def test_what_nobody_chooses_is_not_called_a_choice_and_what_one_decides_is(case, partsim):
    loose = ("--set", "tiers.gold.promise.share=50 %", "--quiet")
    _, out, _ = partsim("sweep", case, *loose, "--vary", "parts.pump.price=30 k, 60 k")
    (line,) = [line for line in out.splitlines() if "choice" in line]
    assert "no choice, for nobody chooses these values; keeping everything costs" in line
    _, out, _ = partsim("sweep", case, *loose, "--vary", "tiers.gold.promise.share=40 %, 60 %")
    assert "\ncheapest that keeps everything: promise.share=40 %; the next, as it is" in out


def test_every_wrong_value_is_told_at_once(case, partsim):
    status, _, err = partsim("sweep", case, "--vary", "parts.pump.price=1, much",
                             "--vary", "parts.pmp.price=1")  # fmt: skip
    assert status == 2
    assert "parts.pump.price=much" in err
    assert "did you mean 'pump'?" in err
    assert err.rstrip().endswith("2 problems")


def test_what_is_no_sweep_is_a_sentence(case, partsim):
    vary = ("--vary", "parts.pump.price=1 k")
    for arguments, sentence in (
        (("--vary", "parts.pump.price"), "'--vary': expected KEY=VALUE, VALUE"),
        ((*vary, *vary), "'--vary': expected one or more keys, each once"),
        ((*vary, "--satisfaction", "much"), "'--satisfaction': expected a percentage"),
        (("--vary", "simulation.most_replications=9"), "expected a key that changes the answer"),
    ):
        status, _, err = partsim("sweep", case, *arguments)
        assert (status, sentence in err) == (2, True)
