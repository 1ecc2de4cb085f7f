"""The page: opens offline, escapes everything, and tells the verdict first."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from partsim.model.beyond_formulas import BEYOND
from partsim.report.page import PICTURES, page_text, write_report
from partsim.report.page_tables import page_tables
from partsim.report.plain_text import run_text
from partsim.report.wording import weighed_by


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.text, self.tags, self.attributes, self.words = text, [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="session")
def folder(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    facts = {"partsim": "0.1.0", "python": "3.11", "command": "partsim run <b>", "seed": 1,
             "started": "2026-01-01T00:00:00Z", "scenario_sha256": "ab",
             "inputs": [{"file": "a & b.yaml", "sha256": "cd"}]}  # fmt: skip
    assert write_report(run, folder, manifest=facts) == folder / "report.html"
    return folder


@pytest.fixture(scope="session")
def page(folder):
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_nothing_on_the_page_is_fetched_from_elsewhere(page):
    fetching = {"src", "href", "xlink:href", "srcset", "action", "data", "poster"}
    assert all(value.startswith("#") for name, value in page.attributes if name in fetching)
    assert all(match == "#" for match in re.findall(r"url\(['\"]?(.)", page.text))
    assert "@import" not in page.text
    assert not {"link", "iframe", "object", "base", "img"} & set(page.tags)


def test_ids_on_the_page_are_unique_and_references_meet(page):
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    references = {value[1:] for name, value in page.attributes if name.endswith("href")}
    references |= set(re.findall(r"url\(#([^)]+)\)", page.text))
    assert references <= set(ids)


def test_every_figure_of_the_service_says_its_interval_to_who_points_at_it(page):
    titles = [value for name, value in page.attributes if name == "title"]
    # Of 93 and 7 % of the calls, in three tiers, 2 % to each side.
    assert titles.count("95 % interval: 91.1 % to 94.8 %") == 3
    assert titles.count("95 % interval: 6.8 % to 7.1 %") == 3


def test_shares_of_the_supply_are_in_per_cent_and_other_figures_in_their_unit(run):
    rows = [("use of the repair shop", "bench", "share", 0.25, 0.2, 0.3),
            ("time in the repair shop", "bench", "days", 0.25, 0.2, 0.3)]  # fmt: skip
    supply = pd.DataFrame(rows, columns=run.outcome.supply.columns)
    table = page_tables(replace(run, outcome=replace(run.outcome, supply=supply)))["supply"]
    shown = [[text for text, _ in row] for row in table["rows"]]
    assert [row[2:] for row in shown] == [["25.00", "20.00", "30.00", "%"],
                                          ["0.25", "0.20", "0.30", "days"]]  # fmt: skip
    assert supply["value"].tolist() == [0.25, 0.25]


def test_what_only_the_simulation_knows_is_said_once_above_the_list(run, monkeypatch):
    monkeypatch.setattr("partsim.report.page.beyond_formulas", lambda _: [f"{BEYOND}<seasons>"])
    text = page_text(run, dict.fromkeys(PICTURES, "<svg></svg>"))
    assert "<li>&lt;seasons&gt;</li>" in text
    assert BEYOND not in text


def test_a_hostile_name_stays_text(page):
    assert page.tags.count("script") == 1
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "partsim run &lt;b&gt;" in page.text


def test_the_page_declares_its_character_set_and_language(page):
    assert ("charset", "utf-8") in page.attributes
    assert ("lang", "en") in page.attributes


def test_the_verdict_comes_before_all_other_tables(page):
    text = page.text
    first = text.index("<table")
    assert text.index("Is each promise kept?") < first < text.index("Today's stock and this plan")
    assert re.findall(r'class="chip (\w+)"', text) == ["yes", "open", "no", "open"]  # a target


def test_an_open_promise_does_not_look_reached_by_rounding(build, tmp_path):
    nearly = build(tiers=1, offsets=(0.0059,), hostile=False)  # 94.99 % to 96.19 %
    text = write_report(nearly, tmp_path).read_text(encoding="utf-8")
    assert "94.9 % to 96.1 %" in text
    assert 'class="chip open"' in text


def test_the_page_tells_cost_bound_gap_and_what_was_not_reached(page):
    for words in ("237,500", "236,400", "0.47 %", "promise of tier_2: target 90.00 %, the best "
                  "that can be reached is 88.50 %"):  # fmt: skip
        assert words in page.text


def test_a_run_without_today_and_without_misses_has_no_such_sections(build, tmp_path):
    good = build(today=False, missed=False, offsets=(0.01,), hostile=False)
    text = write_report(good, tmp_path).read_text(encoding="utf-8")
    assert "All 3 promises are kept" in text
    for heading in ("Today's stock", "What to order", "What could not be reached"):
        assert heading not in text
    assert not (tmp_path / "orders.csv").exists()


def test_the_page_of_many_parts_stays_below_500_rows(build, tmp_path):
    many = build(parts=100, depots=13, hostile=False)
    page = Page(write_report(many, tmp_path).read_text(encoding="utf-8"))
    assert page.tags.count("tr") <= 500
    assert "The first 220 of 1,300 rows; stock.csv beside this page has all." in page.text


def test_tables_pictures_and_summary_stand_beside_the_page(folder):
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    tables = ("stock", "parts", "promises", "orders", "depots", "tier_depots", "fleets", "costs",
              "rounds", "service", "target_rounds", "targets")  # fmt: skip
    assert names == {"report.html", "summary.json", "plan.xlsx",
                     *(f"{table}.csv" for table in tables),
                     *(f"figures/{picture}.svg" for picture in PICTURES)}  # fmt: skip


def test_summary_json_is_the_runs_summary(folder, run):
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary.keys() == run.summary.keys()
    assert summary["promises"][2]["kept"] == "no"
    assert summary["plan_cost"] == 237_500
    worth = {"tier_0": 31.2, "tier_1": 18.4, "tier_2": 31.2}
    assert summary["simulation"] == {
        "replications": 10, "seed": 1, "control_variates": True, "worth_replications": worth,
    }  # fmt: skip


def test_the_page_says_what_control_variates_are_worth_and_nothing_without_them(
    page, build, tmp_path
):
    assert "(control variates): of the promises they tell as much as 18 to 31 that" in page.text
    even = build(tiers=1)
    even.outcome.promises["worth_replications"] = 10.2
    assert weighed_by(even.outcome).endswith("drawn in them (control variates)")
    alike = build()
    alike.outcome.weights["weight"] = 1.0
    text = write_report(alike, tmp_path).read_text(encoding="utf-8")
    assert "control variates" not in text
    assert "10 independent repetitions from fresh random numbers. Kept" in text


def test_the_same_run_gives_the_same_bytes(build, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_report(build(), tmp_path / name)
    for path in (tmp_path / "a").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_the_page_says_what_binds_a_promise_that_is_not_kept(page):
    assert "Promises that are not kept" in page.words
    assert any(
        "3.0 % of calls are late for parts, 2.0 % for technicians, 1.0 % for travel" in words
        for words in page.words
    )


def test_the_page_tells_the_other_targets_too(page):
    row = ("waiting time at depot_01", "at most 12 h", "11 h", "11.4 h", "10.6 h to 12.2 h", "open")
    assert "Other targets" in page.words
    place = page.words.index(row[0])
    assert tuple(page.words[place : place + 6]) == row


def test_page_and_terminal_tell_the_interval_of_the_simulated_cost(page, run):
    for outcome in (run.today.outcome, run.outcome):
        low, high = (f"{end:,.0f}" for end in (outcome.plan_cost_low, outcome.plan_cost_high))
        assert f"{low} to {high}" in page.words
        assert f" (95 % interval {low} to {high})" in run_text(run)
    words = f"{run.outcome.plan_cost:,.0f} simulated (95 % interval {low} to {high})"
    assert any(each.endswith(words) for each in page.words)
    unknown = replace(run.outcome, plan_cost_low=np.nan, plan_cost_high=np.nan)
    words = run_text(replace(run, outcome=unknown, today=None))
    assert f"simulated    {run.outcome.plan_cost:,.0f} CNY per year\n" in words


def test_page_and_terminal_tell_how_other_targets_were_corrected(page, run):
    words = ("2", "waiting time at depot_01", "9.5 h", "11 h", "11.4 h", "kept", "this plan")
    assert any(tuple(page.words[i : i + 7]) == words for i in range(len(page.words)))
    assert "judges these and corrects what the optimiser aims at" in page.text
    assert any(tuple(re.split(" {2,}", line)) == words for line in run_text(run).splitlines())


def test_the_section_service_has_a_row_for_each_tier_and_no_technicians_where_there_are_none(
    page, run
):
    for name in run.scenario.tier_ids:
        assert name in page.text
    for words in ("Fixed in one visit", "93.0 %", "7.0 %", "-0.25", "6.5 h"):
        assert words in page.text
    assert "Wait for somebody" not in page.text
