"""Histories become rates and variances: choices, units, real parts, the command."""

import csv
import io

import numpy as np
import pytest

from partsim.history.demand_estimates import demand_rows, demand_table, fit_demand
from partsim.history.demand_records import DemandHistory, read_demand
from partsim.history.intermittent import croston, sba

SMOOTH, RARE, LUMPY = [2, 3, 2, 3, 2, 3], [0, 0, 2, 0, 0, 2], [0, 9, 0, 0, 1, 0]


def history(*rows, days=7.0):
    names = tuple(f"p{i}" for i in range(len(rows)))
    return DemandHistory(names, ("",) * len(rows), np.array(rows, float), days, ())


def test_the_pattern_chooses_the_forecast():
    found = demand_table(history(SMOOTH, RARE, LUMPY))
    assert list(found["pattern"]) == ["smooth", "intermittent", "lumpy"]
    assert list(found["method"]) == ["croston", "sba", "sba"]
    per_week = [croston(SMOOTH), sba(RARE), sba(LUMPY)]
    assert list(found["demand_per_year"]) == pytest.approx(np.array(per_week) * 365 / 7)
    assert list(found["variance_ratio"]) == pytest.approx([1, 1.6, 7.84])


def test_a_method_and_its_smoothing_can_be_given_or_chosen():
    found = demand_table(history(SMOOTH, RARE), method="tsb", smoothing=None)
    assert set(found["method"]) == {"tsb"}
    assert found["smoothing"].between(0.05, 0.5).all()
    mean = demand_table(history(SMOOTH, RARE), method="mean")
    assert list(mean["demand_per_year"]) == pytest.approx([2.5 * 365 / 7, 4 / 6 * 365 / 7])
    assert mean["smoothing"].isna().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"method": "best"}, "method: expected one of pattern"),
     ({"smoothing": 2.0}, "smoothing: expected weights")],
)  # fmt: skip
def test_wrong_choices_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        demand_table(history(SMOOTH), **options)


def test_parts_without_demand_are_left_out_and_counted(table):
    found = fit_demand(table("part,2024-01-01,2024-02-01\nA,1,0\nB,0,0\n"))
    assert list(found.table["part"]) == ["A"]
    assert found.notes == ("1 of 2 parts without demand left out",)


def test_the_depot_is_a_column_where_the_records_have_depots(table):
    long = table("part,depot,date,quantity\nA,north,2024-01-05,3\nA,north,2024-02-05,1\n")
    (row,) = demand_rows(fit_demand(long, method="mean")).to_dict("records")
    assert (row["part"], row["depot"], row["demand_per_year"]) == ("A", "north", pytest.approx(24))
    wide = table("part,2024-01-01,2024-02-01\nA,3,1\n")
    assert "depot" not in demand_rows(fit_demand(wide))


def test_the_rates_of_real_parts_are_near_their_means(real):
    # A forecast of the newest past is no mean, but over 1,337 parts it cannot be far off.
    path = real("carparts/demand.csv")
    found = fit_demand(path, {"part": "part_id"}).table
    means = np.nanmean(read_demand(path, {"part": "part_id"}).counts, axis=1).sum() * 12
    assert 0.7 < found["demand_per_year"].sum() / means < 1.3
    assert (found["variance_ratio"] >= 1).all()


def test_the_command_writes_a_table_and_says_what_it_left_out(table, tmp_path, capsys):
    from partsim.cli.program import status_of

    source = table("part,2024-01-01,2024-02-01,2024-03-01\n=A,1,0,\nB,0,0,0\n")
    assert status_of(["fit-demand", str(source), "--method", "mean"]) == 0
    out, err = capsys.readouterr()
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["part"], row["demand_per_year"]) == ("'=A", "6")
    assert "1 of 2 parts without demand left out" in err
    target = tmp_path / "demand.csv"
    assert status_of(["fit-demand", str(source), "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8-sig").startswith(
        "part,demand_per_year,variance_ratio,pattern"
    )
    assert status_of(["fit-demand", str(source), "--smoothing", "3"]) == 2
