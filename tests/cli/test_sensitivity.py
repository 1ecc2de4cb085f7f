"""`partsim sensitivity`: table, sentences, folder."""

import re
from pathlib import Path

import pandas as pd


def test_a_folder_with_table_and_picture_and_what_matters_most(case, partsim):
    status, out, _ = partsim("sensitivity", case, "--by", "10 %", "-o", "found", "--quiet")
    assert status == 0
    lines = out.splitlines()
    assert lines[-1] == f"report: {Path('found', 'sensitivity.html')}"
    table = pd.read_csv("found/sensitivity.csv")
    widest = table.loc[table["cost_change"].abs().idxmax(), "assumption"]
    assert f"cost: {widest} matter most; 10 % " in lines[-3]
    weakest = table.loc[table["margin"].idxmin()]
    kept = f"keeps {weakest['share_simulated'] * 100:.1f} % of {weakest['share_promised']:.1%}"
    assert f"promises: {weakest['assumption']} matter most; 10 % " in lines[-2]
    assert kept.removesuffix("%") in lines[-2]
    names = {path.name for path in Path("found").iterdir()}
    assert names == {"sensitivity.csv", "sensitivity.json", "stock.csv", "tornado.svg",
                     "sensitivity.html", "manifest.json"}  # fmt: skip
    page = Path("found/sensitivity.html").read_text("utf-8")
    assert "<h1>Two parts 测试 sensitivity</h1>" in page
    assert "<svg" in page
    for line in lines[-3:-1]:
        assert f'<p class="headline">{line[:1].upper()}{line[1:]}.</p>' in page
    assert page.count("<tr>") == 1 + len(table)


def test_json_has_every_row(case, partsim_json):
    status, found = partsim_json("sensitivity", case)
    assert (status, found["by"], len(found["findings"])) == (0, 0.2, 2)
    assert {row["factor"] for row in found["assumptions"]} == {0.8, 1.2}


def test_a_share_that_is_none_is_refused(case, partsim):
    for share in ("0.2", "100 %", "0 %"):
        status, _, err = partsim("sensitivity", case, "--by", share)
        assert (status, "Invalid value for '--by': expected a" in err) == (2, True)


def test_names_are_shown_as_text_and_nothing_is_fetched(case, partsim):
    text = case.read_text("utf-8").replace("Two parts", "<script>alert(1)</script>")
    case.write_text(text, encoding="utf-8")
    assert partsim("sensitivity", case, "-o", "found", "--quiet")[0] == 0
    page = Path("found/sensitivity.html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=.https?:", page)
