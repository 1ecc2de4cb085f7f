"""`partsim fit` and `partsim fit-lead-times`: YAML on stdout, problems on stderr."""

from pathlib import Path

import pytest
import yaml

from partsim.model.durations import DurationSpec

REPAIRS = """\
Equipment;Datum;Art
m1;01.01.2024;neu
m1;10.03.2024;PM01
m1;01.06.2024;PM01
m2;01.01.2024;neu
m2;20.04.2024;PM02
m2;30.06.2024;PM01
m2;02.09.2024;PM01
m1;04.09.2024;PM01
m1;01.12.2024;PM01
"""
OPTIONS = ("--columns", "machine=Equipment", "--columns", "date=Datum", "--columns", "event=Art",
           "--codes", "PM01=failure", "--codes", "PM02=preventive", "--codes", "neu=start",
           "--date-format", "%d.%m.%Y")  # fmt: skip
ORDERS = "supplier,ordered,delivered\n" + "".join(
    f"acme,2024-01-{day:02},2024-02-{day + extra:02}\n"
    for day, extra in ((1, 3), (5, 0), (7, 9), (9, 1), (12, 5), (15, 2))
)


@pytest.fixture
def repairs(case):
    Path("repairs.csv").write_text(REPAIRS, encoding="utf-8")
    return Path("repairs.csv")


def test_fit_prints_what_a_scenario_takes(repairs, partsim):
    status, out, err = partsim("fit", repairs, *OPTIONS, "--until", "31.12.2024")
    assert (status, err) == (0, "")
    lifetime = yaml.safe_load(out)["parts"]["part"]["lifetime"]
    assert DurationSpec.model_validate(lifetime).distribution.mean == pytest.approx(88, abs=20)
    assert "    # 6 failures in 9 lives\n" in out


def test_the_fitted_lifetime_runs_in_a_scenario(repairs, case, partsim):
    _, out, _ = partsim("fit", repairs, *OPTIONS, "--distribution", "weibull")
    mean = yaml.safe_load(out)["parts"]["part"]["lifetime"]["weibull"]["mean"]
    status, _, err = partsim("check", case, "--set", f"parts.pump.lifetime.weibull.mean={mean}")
    assert (status, err) == (0, "")


def test_fit_writes_a_file_once(repairs, partsim):
    status, out, _ = partsim("fit", repairs, *OPTIONS, "-o", "lives.yaml")
    assert (status, out) == (0, "wrote lives.yaml\n")
    assert yaml.safe_load(Path("lives.yaml").read_text(encoding="utf-8"))["parts"]
    assert partsim("fit", repairs, *OPTIONS, "-o", "lives.yaml")[0] == 2


def test_fit_as_json_is_one_object(repairs, partsim_json):
    status, found = partsim_json("fit", repairs, *OPTIONS)
    (part,) = found["parts"]
    assert status == 0
    assert part["ended"] == 6
    assert part["mean_low_days"] < part["mean_days"] < part["mean_high_days"]


def test_lead_times_print_what_a_scenario_takes(case, partsim):
    Path("orders.csv").write_text(ORDERS, encoding="utf-8")
    status, out, err = partsim("fit-lead-times", "orders.csv", "--until", "2024-03-01")
    assert (status, err) == (0, "")
    lead_time = yaml.safe_load(out)["suppliers"]["acme"]["lead_time"]
    assert DurationSpec.model_validate(lead_time).distribution.mean == pytest.approx(34, abs=2)


def test_problems_of_records_are_on_stderr_all_at_once(repairs, partsim):
    repairs.write_text(REPAIRS.replace("10.03.2024", "2024").replace("PM02", "PM03"), "utf-8")
    status, out, err = partsim("fit", repairs, *OPTIONS)
    assert (status, out) == (2, "")
    assert "repairs.csv:3:4: expected a date of the form %d.%m.%Y, got '2024'" in err
    assert "repairs.csv:6:15: expected one of PM01, PM02, neu, failure" in err
    assert err.splitlines()[-1] == "2 problems"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--columns", "machine", "expected NAME=VALUE, got 'machine'"),
        ("--columns", "=x", "expected NAME=VALUE, got '=x'"),
        ("--codes", "PM01=broken", "for 'PM01', got 'broken'"),
        ("--distribution", "normal", "'normal' is not one of"),
        ("--usage-per-day", "0", "expected a number > 0, got '0'"),
        ("--usage-per-day", "nan", "expected a number > 0, got 'nan'"),
        ("--usage-per-day", "much", "expected a number > 0, got 'much'"),
    ],
)
def test_wrong_options_are_refused_with_status_2(repairs, partsim, option, value, message):
    status, out, err = partsim("fit", repairs, option, value)
    assert (status, out) == (2, "")
    assert message in err


def test_plots_are_a_folder_with_a_picture_of_each_part(repairs, partsim):
    status, _, err = partsim("fit", repairs, *OPTIONS, "--plots", "plots")
    assert (status, err) == (0, "")
    (picture,) = Path("plots").iterdir()
    assert picture.name == "001_part.svg"
    assert "6 of 8 failed" in picture.read_text(encoding="utf-8")


def test_json_and_a_file_go_together(repairs, partsim_json):
    status, found = partsim_json("fit", repairs, *OPTIONS, "-o", "lives.yaml")
    assert status == 0
    assert found["parts"]
    assert "lifetime:" in Path("lives.yaml").read_text(encoding="utf-8")


def test_dates_of_another_form_and_folders_are_refused_with_what_to_type(repairs, partsim):
    repairs.write_text("machine,date\nm,10.03.2024\nm,12.03.2024\n", "utf-8")
    err = partsim("fit", repairs)[2]
    assert "2024-03-31, or --date-format, such as '%d.%m.%Y', got '10.03.2024'" in err
    status, _, err = partsim("fit", repairs, "--date-format", "%q")
    assert (status, err) == (2, "date-format: expected a form such as '%d.%m.%Y', got '%q'\n")
    assert "expected a file that can be read, got: a folder" in partsim("fit", repairs.parent)[2]
