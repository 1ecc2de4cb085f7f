"""`partsim run`: the whole folder, the last line, the status, whatever goes wrong."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from partsim.planning import pipeline

OUT_OF_REACH = "tiers.gold.promise={within: 8 h, share: 95 %}"  # the way alone often takes longer


def folder_of(out):
    return Path(re.search(r"report: (.*)", out.splitlines()[-1])[1]).parent


def test_run_prints_the_verdict_and_last_of_all_where_the_report_is(case, partsim):
    status, out, err = partsim("run", case)
    assert status == 0
    lines = out.splitlines()
    assert any(re.match(r"gold +24 h +90\.0 % .* (kept|open|broken)$", line) for line in lines)
    assert {"cost", "lower bound", "gap", "grades"} <= {line[:12].strip() for line in lines}
    assert folder_of(out).parent == Path("runs")
    assert re.fullmatch(r"\d{8}T\d{6}Z_two-parts_[0-9a-f]{6}", folder_of(out).name)
    assert "simulate" in err


def test_the_folder_of_a_run_is_complete_and_its_manifest_true(case, partsim):
    partsim("run", case, "-o", "out", "--quiet")
    names = {path.name for path in Path("out").iterdir()}
    assert {"manifest.json", "scenario.resolved.yaml", "summary.json", "stock.csv", "parts.csv",
            "promises.csv", "depots.csv", "tier_depots.csv", "fleets.csv", "costs.csv",
            "rounds.csv", "service.csv", "grading_price.csv", "figures", "report.html",
            "plan.xlsx", "series.csv"} == names  # fmt: skip
    written = json.loads(Path("out/manifest.json").read_text(encoding="utf-8"))
    assert [entry["file"] for entry in written["inputs"]] == ["case.yaml"]
    assert written["seed"] == 1
    assert len(written["outputs"]) == len(names) - 2 + 6  # all but itself; six figures


def test_the_manifest_has_the_inputs_as_they_were_read(case, partsim, monkeypatch):
    before, play = sha256(case.read_bytes()).hexdigest(), pipeline.run

    def run_while_the_file_is_removed(*arguments, **options):
        case.unlink()
        return play(*arguments, **options)

    monkeypatch.setattr(pipeline, "run", run_while_the_file_is_removed)
    assert partsim("run", case, "-o", "out", "--quiet")[0] == 0
    written = json.loads(Path("out/manifest.json").read_text(encoding="utf-8"))
    assert written["inputs"] == [{"file": "case.yaml", "sha256": before}]


def test_the_manifest_names_the_tables_of_the_scenario_too(case, partsim):
    Path("parts.csv").write_text(
        "part,price,lifetime,mean_life,shape,supplier\n"
        "pump,60 k,weibull,18 months,2,importer\n主密封,400,weibull,4 months,3,importer\n",
        encoding="utf-8")  # fmt: skip
    text = re.sub(r"parts:\n.*\n.*\n", "parts: {table: parts.csv}\n", case.read_text("utf-8"))
    case.write_text(text, encoding="utf-8")
    assert partsim("run", case, "-o", "out", "--quiet")[0] == 0
    written = json.loads(Path("out/manifest.json").read_text(encoding="utf-8"))
    assert [entry["file"] for entry in written["inputs"]] == ["case.yaml", "parts.csv"]


def test_json_is_one_object_and_nothing_else(case, partsim):
    status, out, _ = partsim("run", case, "-o", "out", "--json")
    summary = json.loads(out, parse_constant=pytest.fail)
    assert status == 0
    needed = {"plan_cost", "lower_bound", "gap", "promises", "grades", "seconds", "report"}
    assert needed <= summary.keys()
    assert set(summary["promises"][0]) == {
        "tier", "within_hours", "share_promised", "share_simulated", "share_low", "share_high",
        "kept",
    }  # fmt: skip


def test_the_same_seed_gives_the_same_stock_and_summary_for_any_jobs(case, partsim):
    for name, jobs in (("a", 1), ("b", 2)):
        partsim("run", case, "-o", name, "--seed", "5", "--jobs", jobs, "--quiet")
    assert Path("a/stock.csv").read_bytes() == Path("b/stock.csv").read_bytes()
    a, b = (json.loads(Path(name, "summary.json").read_text()) for name in "ab")
    assert a.pop("seconds").keys() == b.pop("seconds").keys()
    assert a == b


def test_seed_and_replications_are_in_the_resolved_scenario(case, partsim):
    partsim("run", case, "-o", "out", "--seed", "9", "--replications", "4", "--quiet")
    status, _, _ = partsim("run", "out/scenario.resolved.yaml", "-o", "again", "--quiet")
    assert status == 0
    assert "seed: 9" in Path("again/scenario.resolved.yaml").read_text(encoding="utf-8")
    assert Path("out/stock.csv").read_bytes() == Path("again/stock.csv").read_bytes()


def test_quiet_writes_nothing_to_stderr(case, partsim):
    assert partsim("run", case, "--quiet")[2] == ""


def test_a_target_out_of_reach_is_status_3_and_the_best_plan_is_written(case, partsim):
    status, out, err = partsim("run", case, "--quiet", "--set", OUT_OF_REACH)
    assert status == 3
    assert re.fullmatch(
        r"not reached: promise of gold: target 95\.00 %, the best .* is [\d.]+ %\n",
        err,
    )
    page = (folder_of(out) / "report.html").read_text(encoding="utf-8")
    assert "What could not be reached" in page
    rows = (folder_of(out) / "stock.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 3


def test_an_existing_folder_is_refused_before_any_work(case, partsim, monkeypatch):
    monkeypatch.setattr(pipeline, "run", pytest.fail)
    Path("out").mkdir()
    status, out, err = partsim("run", case, "-o", "out")
    assert (status, out) == (2, "")
    assert err == "out: exists already and is never overwritten; name a new place\n"


def test_an_interrupted_run_leaves_nothing_and_is_status_130(case, partsim, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "run", interrupted)
    status, out, err = partsim("run", case, "-o", "out")
    assert (status, out) == (130, "")
    assert "interrupted; nothing was written" in err
    assert sorted(path.name for path in Path().iterdir()) == ["case.yaml"]


def test_a_full_disk_is_a_sentence_and_status_2(case, partsim, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    status, out, err = partsim("run", case, "-o", "out", "--quiet")
    assert (status, out, err) == (2, "", "out: cannot be written: no space left on device\n")
    assert sorted(path.name for path in Path().iterdir()) == ["case.yaml"]


def test_baselines_are_played_out_when_asked_for(case, partsim):
    status, out, _ = partsim("run", case, "-o", "out", "--baselines", "--quiet")
    assert status == 0
    assert "one fill rate for all parts" in out
    lines = Path("out/baselines.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [
        "partsim", "one fill rate for all parts", "one fill rate for each value class"]  # fmt: skip


def test_a_precision_that_is_out_of_reach_is_said(case, partsim):
    asked = ["--set", "simulation.precision=0.01 %", "--replications", "11"]
    _, out, _ = partsim("run", case, "-o", "out", "--quiet", *asked)
    said = "not reached in 11 replications, the most allowed: every promise's share is known within"
    assert re.search(rf"^precision +{said} .*, 0\.01 % was asked for;", out, re.MULTILINE)
    status, _, err = partsim("simulate", case, "--plan", "out/stock.csv", *asked)
    assert status == 0
    assert f"precision: {said}" in err
    err = partsim("simulate", case, "--plan", "out/stock.csv", "--set",
                  "simulation.precision=40 %", "--replications", "11")[2]  # fmt: skip
    assert "precision: reached after 10 replications: " in err


def test_whether_a_precision_was_reached_stands_on_page_workbook_and_json(case, partsim):
    asked = ["--set", "simulation.precision=0.01 %", "--replications", "11"]
    partsim("run", case, "-o", "out", "--quiet", *asked)
    summary = json.loads(Path("out/summary.json").read_text(encoding="utf-8"))
    found = summary["simulation"]["precision"]
    widest = max(row["share_high"] - row["share_low"] for row in summary["promises"])
    assert found == {
        "asked": 0.0001, "known": pytest.approx(widest / 2, rel=1e-9), "reached": False,
    }  # fmt: skip
    said = "not reached in 11 replications, the most allowed: every promise"
    assert f"Precision {said}" in Path("out/report.html").read_text(encoding="utf-8")
    rows = CalamineWorkbook.from_path("out/plan.xlsx").get_sheet_by_name("Summary").to_python()
    assert dict(row[:2] for row in rows)["Precision"].startswith(said)
    out = partsim("simulate", case, "--plan", "out/stock.csv", "--json", "--set",
                  "simulation.precision=40 %", "--replications", "11")[1]  # fmt: skip
    played = json.loads(out)
    assert (played["replications"], played["precision"]["reached"]) == (10, True)
