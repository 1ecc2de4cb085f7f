"""Real records, from the data sets beside the repository, read and fitted as a planner would."""

import pytest

from partsim.history import RepairClock, fit_lead_times, fit_lifetimes

COMPONENTS = {"machine": "machine_id", "part": "component", "date": "datetime",
              "event": "is_failure"}  # fmt: skip


def test_failures_that_were_recorded_from_2015_only_look_like_a_trend_before(real):
    path = real("azure_pdm/maint.csv")
    naive = fit_lifetimes(path, COMPONENTS, clock=RepairClock(end="2016-01-01"))
    clock = RepairClock(begin="2015-01-01", end="2016-01-01")
    careful = fit_lifetimes(path, COMPONENTS, clock=clock)
    assert all(any("TREND" in remark for remark in item.remarks) for item in naive.items)
    assert not any("TREND" in remark for item in careful.items for remark in item.remarks)
    for before, after in zip(naive.items, careful.items, strict=True):
        assert before.fits[0].distribution.mean > 1.2 * after.fits[0].distribution.mean


def test_engines_of_city_buses_wear_out(real, table):
    buses = real("bus_engines/buses.csv").read_text(encoding="utf-8").splitlines()
    rows = []
    for bus in (dict(zip(buses[0].split(","), line.split(","), strict=True)) for line in buses[1:]):
        ends = [bus["first_replacement_odometer"], bus["second_replacement_odometer"]]
        rows += [
            f"{bus['bus_id']},0,start",
            *(f"{bus['bus_id']},{at},failure" for at in ends if at),
        ]
        rows.append(f"{bus['bus_id']},{bus['last_odometer']},end")
    path = table("\n".join(["machine,usage,event", *rows]))
    (item,) = fit_lifetimes(path, clock=RepairClock(usage_per_day=100), family="weibull").items
    assert item.fits[0].distribution.shape > 2
    assert item.shape_interval[0] > 1.5


def test_excavator_orders_become_lives_of_every_part(real):
    columns = {"machine": "asset", "part": "major_system", "event": "order_type"}
    codes = {"PM01": "failure", "PM02": "preventive", "PM06": "ignore", "PM13": "ignore"}
    path = real("excavators/work_orders.csv")
    found = fit_lifetimes(path, columns, codes, family="weibull")
    bucket = next(item for item in found.items if item.name == "Bucket")
    low, high = bucket.shape_interval
    assert bucket.failures > 100
    assert 0.5 < low < high < 1  # a whole system seen from outside: no wear-out
    assert any("records without a part left out" in note for note in found.notes)


def test_vendors_of_a_supply_programme_deliver_across_each_other(real):
    path = real("leadtimes_scms/deliveries.csv")
    columns = {"supplier": "vendor", "ordered": "po_sent", "promised": "scheduled_delivery"}
    found = fit_lead_times(path, columns, early="drop")
    assert "2 rows delivered before the order left out" in found.notes
    largest = max(found.items, key=lambda item: item.failures)
    assert sum(item.lives for item in found.items) == pytest.approx(2717)
    assert any("crossing seen" in remark for remark in largest.remarks)
    assert 60 < largest.fits[0].distribution.mean < 200


def test_disks_that_entered_late_have_the_exposure_of_their_records_only(real, table):
    """A constant rate is failures over the time under observation, whatever came before it."""
    header, *lines = real("hdd_backblaze/drives.csv").read_text(encoding="utf-8").splitlines()
    drives = [line for line in lines if ",ST31500341AS," in line]
    cells = [line.split(",") for line in drives]
    seen = sum(float(row[4]) - float(row[3]) for row in cells) / 24
    columns = {"part": "model", "age": "exit_h", "entry_age": "entry_h", "event": "failed"}
    path = table("\n".join([header, *drives]))
    clock = RepairClock(usage_per_day=24)
    (item,) = fit_lifetimes(path, columns, clock=clock, family="exponential").items
    failures = sum(int(row[5]) for row in cells)
    assert item.fits[0].distribution.mean == pytest.approx(seen / failures, rel=1e-9)


def test_mining_machines_have_a_constant_rate(real):
    """Times between the events are in the table of the article itself, to add up by hand."""
    path = real("lhd_mining/events.csv")
    found = fit_lifetimes(
        path, {"usage": "time_h", "part": "machine"}, clock=RepairClock(usage_per_day=16)
    )
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    for item in found.items:
        hours = [float(row[2]) for row in rows if row[0] == item.name][1:]
        assert item.fits[0].family == "exponential"
        assert item.fits[0].distribution.mean == pytest.approx(sum(hours) / len(hours) / 16)
        assert not any("TREND" in remark for remark in item.remarks)
