"""The other commands: result on stdout, everything else on stderr, the right status."""

import json
from pathlib import Path

import pandas as pd
import pytest

from partsim.cli.program import TASKS
from partsim.cli.program import partsim as program

OUT_OF_REACH = "tiers.gold.promise={within: 8 h, share: 95 %}"  # the way alone often takes longer


@pytest.fixture
def stock(case, partsim):
    partsim("optimise", case, "-o", "stock.csv")
    return Path("stock.csv")


def test_check_says_what_it_found(case, partsim):
    status, out, err = partsim("check", case)
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "case.yaml: no problems",
        "2 parts, 1 supplier, 1 depot, 1 fleet, 20 machines, 1 tier",
        "gold: 90 % of calls within 24 h",
    ]


def test_check_json_counts_and_has_no_problems(case, partsim_json):
    status, found = partsim_json("check", case)
    assert status == 0
    assert found["problems"] == []
    assert found["machines"] == 20


def test_problems_are_on_stderr_all_at_once_with_status_2(case, partsim):
    changes = ("--set", "parts.pump.price=-5", "--set", "costs.holding=often")
    status, out, err = partsim("check", case, *changes)
    assert (status, out) == (2, "")
    assert "parts.pump.price: expected money > 0, got -5" in err
    assert err.splitlines()[-1] == "2 problems"


def test_check_refuses_a_limit_below_what_a_grade_asks_for_at_its_line(case, partsim):
    rows = "limits:\n  - {part: 主密封, depot: depot}\n  - {part: pump, depot: depot, max: 0}\n"
    case.write_text(case.read_text(encoding="utf-8") + rows, encoding="utf-8")
    assert partsim("check", case)[0] == 0
    floor = "grading.grades.A.min_fill_rate=90 %"
    status, _, err = partsim("check", case, "--set", floor)
    line = len(case.read_text(encoding="utf-8").splitlines())
    sentence = "expected a max of pump at depot that can keep the min_fill_rate of its grade (90 %)"
    assert status == 2
    assert err.startswith(f"case.yaml:{line}:37: limits.1.max: {sentence}, got 0")
    status, _, err = partsim("check", case, "--set", floor, "--set", "limits.1.max=1")
    assert (status, err.startswith("--set limits.1.max=1: limits.1.max: expected")) == (2, True)
    assert partsim("check", case, "--set", floor, "--set", "limits.1.max=9")[0] == 0


@pytest.mark.parametrize("command", ["check", "run", "optimise"])
def test_problems_as_json_are_one_object_with_their_places(case, partsim_json, command):
    case.write_text(case.read_text(encoding="utf-8").replace("price: 400", "price: -400"))
    status, found = partsim_json(command, case)
    assert status == 2
    (problem,) = found["problems"]
    assert problem.keys() == {"file", "line", "column", "path", "message"}
    assert (problem["file"], problem["line"]) == ("case.yaml", 6)
    assert problem["path"] == "parts.主密封.price"


def test_bad_usage_as_json_is_one_object_too(case, partsim_json):
    status, found = partsim_json("run", case, "--jobs", "0")
    assert status == 2
    assert "expected a number from 1 to 1024, got 0" in found["problems"][0]["message"]


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--jobs", "0", "expected a number from 1 to 1024, got 0"),
        ("--jobs", "-2", "expected a number from 1 to 1024, got -2"),
        ("--seed", "-1", "expected a number from 0 to"),
        ("--seed", "1.5", "expected a whole number, got '1.5'"),
        ("--replications", "1", "expected a number from 2 to 100000, got 1"),
    ],
)
def test_numbers_out_of_range_are_refused_in_a_sentence(case, partsim, option, value, sentence):
    status, out, err = partsim("run", case, option, value)
    assert (status, out) == (2, "")
    assert f"Invalid value for '{option}': {sentence}" in err


@pytest.mark.parametrize("arguments", [["nonsense"], ["run"], ["check", "a", "b"], []])
def test_bad_usage_is_status_2(partsim, arguments):
    status, out, err = partsim(*arguments)
    assert (status, out) == (2, "")
    assert "Usage: partsim" in err


def test_the_list_of_commands_has_each_once_in_one_whole_line(partsim):
    status, out, _ = partsim("--help")
    lines = out.splitlines()
    assert status == 0
    assert max(map(len, lines)) <= 80
    commands = [command for task in TASKS.values() for command in task]
    assert len({command.name for command in commands}) == len(commands) == len(program.commands)
    for task in TASKS.values():
        for command, what in task.items():
            assert [line.split(None, 1) for line in lines].count([command.name, what]) == 1
            assert partsim(command.name, "--help")[0] == 0


@pytest.mark.parametrize("name", ["none.yaml", ".", "empty.yaml", "binary.yaml"])
def test_a_file_that_is_no_scenario_is_a_sentence(case, partsim, name):
    Path("empty.yaml").write_text("")
    Path("binary.yaml").write_bytes(b"\x00\xff\x00")
    status, out, err = partsim("run", name)
    assert (status, out) == (2, "")
    assert err.startswith(f"{name}:")
    assert len(err.splitlines()) == 1


def test_optimise_prints_the_stock_table_and_its_proof_beside_it(case, partsim):
    status, out, err = partsim("optimise", case, "--quiet")
    assert status == 0
    assert out.splitlines()[0] == "part,depot,grade,base_stock,reorder_point,order_quantity"
    assert "lower bound" in err


def test_optimise_writes_a_file_that_simulate_and_evaluate_read(case, partsim, stock):
    for command in (["simulate", "--quiet"], ["evaluate"]):
        status, out, err = partsim(*command, case, "--plan", stock)
        assert (status, err) == (0, "")
        assert "gold" in out
        assert "CNY per year" in out


def test_optimise_never_overwrites(case, partsim, stock):
    before = stock.read_bytes()
    status, _, err = partsim("optimise", case, "-o", stock)
    assert status == 2
    assert "exists already" in err
    assert stock.read_bytes() == before


def test_optimise_out_of_reach_is_status_3_and_json_names_the_row(case, partsim_json):
    status, found = partsim_json("optimise", case, "--set", OUT_OF_REACH)
    assert status == 3
    (missed,) = [row for row in found["rows"] if not row["reached"]]
    assert missed["row"] == "promise of gold"
    assert missed["best"] < missed["target"]


@pytest.mark.parametrize("command", ["simulate", "evaluate"])
def test_json_of_a_given_plan_has_promises_and_cost(case, partsim_json, stock, command):
    status, found = partsim_json(command, case, "--plan", stock)
    assert status == 0
    assert found["promises"][0]["tier"] == "gold"
    assert found["plan_cost"] == pytest.approx(sum(row["per_year"] for row in found["costs"]))


def test_the_simulated_cost_comes_with_its_interval(case, partsim, partsim_json, stock):
    _, found = partsim_json("simulate", case, "--plan", stock)
    low, high = (f"{found[f'plan_cost_{end}']:,.0f}" for end in ("low", "high"))
    _, out, _ = partsim("simulate", case, "--plan", stock, "--quiet")
    assert out.endswith(f" CNY per year simulated (95 % interval {low} to {high})\n")


def test_lots_at_a_field_depot_are_evaluated_and_simulated(case, partsim, stock):
    field = "depots.field={supplied_by: depot, transport_time: 1 d}"
    rows = stock.read_text(encoding="utf-8") + "pump,field,A,4,0,4\n主密封,field,C,4,0,4\n"
    stock.write_text(rows, encoding="utf-8")
    status, out, _ = partsim("evaluate", case, "--plan", stock, "--set", field)
    assert status == 0
    assert "per year by formula" in out
    assert partsim("simulate", case, "--plan", stock, "--set", field, "--quiet")[0] == 0


def test_a_plan_for_other_parts_is_a_sentence(case, partsim, stock):
    stock.write_text(stock.read_text(encoding="utf-8").replace("pump", "pomp"), encoding="utf-8")
    status, out, err = partsim("evaluate", case, "--plan", stock)
    assert (status, out) == (2, "")
    assert "did you mean 'pump'" in err


def test_schema_is_json_and_can_be_written(case, partsim):
    status, out, _ = partsim("schema")
    assert status == 0
    assert json.loads(out)["title"] == "Scenario"
    assert partsim("schema", "-o", "s.json")[0] == 0
    assert json.loads(Path("s.json").read_text(encoding="utf-8")) == json.loads(out)


def test_init_writes_a_scenario_that_checks_and_never_overwrites(case, partsim):
    assert partsim("init")[:2] == (0, "wrote scenario.yaml\nnext: partsim run scenario.yaml\n")
    assert partsim("check", "scenario.yaml")[0] == 0
    assert partsim("init")[0] == 2


@pytest.mark.parametrize("command", ["optimise", "run", "frontier"])
def test_a_time_limit_gives_the_best_plan_so_far_with_its_gap_in_words(case, partsim, command):
    """The search must not wait for a plan that keeps the wait: the time is over at once."""
    options = ("--time-limit", "1e-9", "-o", "out", "--quiet")
    status, out, err = partsim(command, case, *options)
    assert (status, err) == (0, "")
    assert "the time limit ended the search" in out
    assert Path("out").exists()


def test_json_says_why_the_search_ended_and_how_long_it_took(case, partsim_json):
    _, free = partsim_json("optimise", case)
    _, short = partsim_json("optimise", case, "--time-limit", "1e-9")
    assert (free["status"], short["status"]) == ("optimal within gap", "time limit")
    assert short["lower_bound"] <= free["lower_bound"] <= free["plan_cost"] <= short["plan_cost"]
    assert short["gap"] > free["gap"]
    assert free["seconds"] > 0


def test_a_run_within_a_time_limit_writes_it_into_summary_and_page(case, partsim):
    partsim("run", case, "--time-limit", "1e-9", "-o", "out", "--quiet")
    summary = json.loads(Path("out/summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "time limit"
    assert "the time limit ended the search" in Path("out/report.html").read_text("utf-8")


def test_what_the_time_did_not_suffice_for_is_not_called_out_of_reach(case, partsim):
    """Out of reach is out of reach with a budget only, so a short search cannot know."""
    budget = ("--set", "optimisation.budget=70000")
    status, _, err = partsim("optimise", case, *budget, "--time-limit", "1e-9")
    assert status == 3
    assert "not reached: " in err
    assert "; the time limit ended the search" in err
    assert "the best that can be reached" not in err


@pytest.mark.parametrize("limit", ["0", "-1", "soon", "nan"])
def test_a_time_limit_that_is_none_is_refused(case, partsim, limit):
    status, _, err = partsim("optimise", case, "--time-limit", limit)
    assert status == 2
    assert f"expected a number > 0, got '{limit}'" in err


def test_simulate_writes_every_event_of_the_first_replication(case, partsim, stock):
    command = ["simulate", case, "--plan", stock, "--quiet", "--trace", "events.csv"]
    status, _, err = partsim(*command)
    assert (status, err) == (0, "wrote events.csv\n")
    heading, *events = Path("events.csv").read_text(encoding="utf-8-sig").splitlines()
    assert heading == "day,event,part,depot,fleet,machine,group"
    assert any(",receipt,主密封,depot," in event for event in events)
    status, out, err = partsim(*command)
    assert (status, out) == (2, "")  # before anything is played
    assert "exists already" in err


def test_simulate_writes_the_times_of_every_call_of_the_first_replication(case, partsim, stock):
    command = ["simulate", case, "--plan", stock, "--quiet", "--calls", "calls.csv"]
    status, _, err = partsim(*command)
    assert (status, err) == (0, "wrote calls.csv\n")
    calls = pd.read_csv("calls.csv")
    assert set(calls["kept"]) <= {"yes", "no"}
    assert len(calls) > 100
    status, out, err = partsim(*command)
    assert (status, out) == (2, "")  # before anything is played
    assert "exists already" in err


@pytest.mark.parametrize("option", ["--calls", "--trace"])
def test_parquet_without_what_writes_it_is_refused_at_once(
    case, partsim, stock, option, monkeypatch
):
    monkeypatch.setattr("partsim.report.table_file.find_spec", lambda name: None)
    status, out, err = partsim("simulate", case, "--plan", stock, option, "table.parquet")
    assert (status, out) == (2, "")
    assert "table.parquet: expected pyarrow" in err
    assert "pip install 'partsim[parquet]'" in err


def test_a_scheduler_without_its_engine_is_bad_usage(case, partsim, stock):
    status, _, err = partsim("simulate", case, "--plan", stock, "--scheduler", "tcp://here:1")
    assert status == 2
    assert "add --engine dask" in err
