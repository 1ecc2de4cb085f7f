"""What-if for people: text, page and pictures that are safe and the same each time."""

from dataclasses import replace

import pandas as pd
import pytest

from partsim.model.what_if import Case, Choice, Sweep
from partsim.planning.what_if import compare_cases
from partsim.report.differences import service_text
from partsim.report.drawing import svg_text
from partsim.report.sweep_choices import choice_text, sweep_summary, sweep_texts
from partsim.report.what_if_figures import plot_comparison, plot_sweep
from partsim.report.what_if_folder import comparison_text, write_comparison
from tests.builders import scenario

EVIL = "=<script>x"
COSTS = {"order": 50, "downtime": "100 per day"}
FACTS = {"partsim": "1", "python": "3", "command": "<b>", "seed": 1, "started": "now", "inputs": []}


@pytest.fixture(scope="module")
def found():
    cases = {
        name: Case(
            scenario(simulation={"years": 1, "replications": 2}, costs=COSTS | {"holding": rate})
        )
        for name, rate in ((EVIL, "10 % per year"), ("dear", "40 % per year"))
    }
    return compare_cases(cases)


def test_page_and_tables_escape_what_came_from_files(found, tmp_path):
    sweep = Sweep(pd.DataFrame({"case": ["dear"], "a": ["1"]}), (Choice("<u>"),))
    write_comparison(found, tmp_path, title="<i>t</i>", manifest=FACTS, sweep=sweep)
    page = (tmp_path / "compare.html").read_text(encoding="utf-8")
    for text in ("=<script>", "<i>t", "<b>", "<u>"):
        assert text not in page
    assert "=&lt;script&gt;x" in page
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "")
    assert pd.read_csv(tmp_path / "plans.csv")["case"].tolist() == [f"'{EVIL}", "dear"]


def test_the_text_has_the_difference_with_its_sign(found):
    line = comparison_text(found).splitlines()[2]
    difference = found.plans["difference"][1]
    assert difference > 0
    assert f"+{difference:,.0f}" in line


def test_what_differs_in_service_is_written_in_hours_and_points(found):
    lines = [line.split() for line in service_text(found).splitlines()]
    (row,) = (line for line in lines if "response" in line)
    of = found.differences.set_index(["measure", "group"]).loc[("response_hours", "tier")]
    numbers = [f"{of[end]:+.2f}" for end in ("difference", "difference_low", "difference_high")]
    assert row[-4:] == [*numbers, of["change"]]
    (row,) = (line for line in lines if "run" in line)
    of = found.differences.set_index(["measure", "group"]).loc[("availability", "tier")]
    assert row[-4] == f"{100 * of['difference']:+.2f}"
    assert "repair_hours" in found.differences["measure"].tolist()  # the same in both, so no row
    assert not any("repair" in line for line in lines)


def test_cases_that_do_not_differ_have_no_differences_in_service(found):
    none = found.differences.assign(difference_low=0.0, difference_high=0.0)
    assert service_text(replace(found, differences=none)) == ""


def test_pictures_have_the_same_bytes_each_time(found):
    points = pd.DataFrame({"case": [EVIL, "dear"], "a": ["1", "2"], "b": ["x", "x"]})
    for draw in (
        lambda: plot_comparison(found),
        lambda: plot_sweep(found, points, ["a"]),
        lambda: plot_sweep(found, points, ["a", "b"]),
    ):
        assert svg_text(draw()) == svg_text(draw())
    with pytest.raises(ValueError, match="expected one or two axes, got 3"):
        plot_sweep(found, points, ["a", "b", "a"])


def test_bars_of_a_case_add_to_its_cost(found):
    ax = plot_comparison(found).axes[0]
    ends = [bar.get_x() + bar.get_width() for bar in ax.patches if round(bar.get_y() + 0.3) == 1]
    assert max(ends) == pytest.approx(found.plans["simulated_cost"][1], rel=1e-9)


def test_an_uncertain_choice_says_so():
    text = choice_text(Choice("a", "b", 5.0, -1.0, 11.0), "EUR")
    assert text.endswith("(-1.00 to 11); longer simulations would tell them apart")
    assert choice_text(Choice("a"), "EUR") == "cheapest that keeps everything: a; no other does"


def swept(*choices, cases=(EVIL, "dear")):
    return Sweep(pd.DataFrame({"case": cases, "costs.holding": ["10 %", "40 %"][: len(cases)]}),
                 choices)  # fmt: skip


def test_where_nobody_chooses_the_values_nothing_is_called_a_choice(found):
    cheap, dear = (f"{cost:,.0f}" for cost in found.plans["simulated_cost"])
    of = {name: Choice(name, given=(f"rate={name}",)) for name in (EVIL, "dear")}
    (text,) = sweep_texts(swept(*of.values()), found)
    assert text == (
        "no choice, for nobody chooses these values; keeping everything costs "
        f"{cheap} CNY per year with {EVIL}, {dear} CNY per year with dear"
    )
    lost = Choice(in_the_way=("promise of everyone",), given=("rate=40 %",))
    (text,) = sweep_texts(swept(of[EVIL], lost), found)
    assert text.endswith(
        f"costs {cheap} CNY per year with {EVIL}; not everything is kept with rate=40 %"
    )
    (text,) = sweep_texts(swept(lost, lost), found)
    assert text.endswith("values; no case keeps everything with confidence")


def test_each_value_that_nobody_chooses_has_a_choice_of_its_own(found):
    one = Choice(EVIL, "dear", 5.0, 1.0, 9.0, given=("rate=1",))
    (text,) = sweep_texts(swept(one), found)
    assert text == (
        f"with rate=1, cheapest that keeps everything: {EVIL}; "
        "the next, dear, costs 5.00 CNY per year more (1.00 to 9.00)"
    )


def test_choices_are_values_in_json(found):
    sweep = swept(Choice("dear", EVIL, 5.0, -1.0, 11.0))
    (choice,) = sweep_summary(sweep, found)["choices"]
    assert choice["values"] == {"costs.holding": "40 %"}
    assert (choice["case"], choice["next_case"], choice["certain"]) == ("dear", EVIL, False)
    assert (choice["saving"], choice["saving_low"], choice["saving_high"]) == (5.0, -1.0, 11.0)
    assert sweep_summary(swept(Choice("as it is")), found)["choices"][0]["values"] == {}
