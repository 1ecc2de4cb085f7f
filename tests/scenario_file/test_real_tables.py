"""Real exports, where they are: drafted, read, and counted against the files themselves."""

import csv
from pathlib import Path

import pytest

from partsim.scenario_file.draft import draft_scenario
from partsim.scenario_file.reading import scenario_of_text

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def drafted(tmp_path):
    """Give a function: tables below the data folder to the drafted scenario and its notes."""

    def read(**tables):
        paths = {key: DATA / name for key, name in tables.items()}
        for path in paths.values():
            if not path.exists():
                pytest.skip(f"no {path.relative_to(DATA)} beside the repository")
        text, notes = draft_scenario(paths, None, tmp_path / "scenario.yaml")
        scenario, _ = scenario_of_text(text, str(tmp_path / "scenario.yaml"))
        rows = list(csv.DictReader(paths["parts"].read_text(encoding="utf-8").splitlines()))
        return scenario, notes, rows

    return read


def test_refinery_spares_keep_ids_prices_lead_times_and_todays_levels(drafted):
    items = "oil_parts/items.csv"
    scenario, notes, rows = drafted(parts=items, today=items)
    priced = [row for row in rows if float(row["unit_price"] or 0) > 0]
    assert scenario.part_ids == tuple(row["part_id"] for row in priced)
    assert scenario.prices.tolist() == [float(row["unit_price"]) for row in priced]
    assert sum(note.count("396 rows dropped") for note in notes) == 2
    for row, stock in zip(priced, scenario.today.stock, strict=True):
        supplier = scenario.suppliers[scenario.parts[row["part_id"]].supplier]
        days = int(row["lead_time_days"]) or 60  # zero: not kept, the assumed 60 days
        assert supplier.lead_time.distribution.mean == days
        assert (stock.base_stock, stock.on_hand) == (
            int(row["max_stock"]),
            int(row["stock_on_hand"]),
        )


def test_manufacturer_items_have_costs_in_euro_and_weeks(drafted):
    scenario, _, rows = drafted(parts="man_parts/items.csv")
    assert scenario.prices.tolist() == [float(row["unit_cost_eur"]) for row in rows]
    suppliers = {scenario.suppliers[p.supplier].lead_time.distribution.mean / 7
                 for p in scenario.parts.values()}  # fmt: skip
    assert suppliers == {float(row["lead_time_weeks"]) for row in rows}


def test_the_abc_items_are_read(drafted):
    scenario, _, rows = drafted(parts="abc47/items.csv")
    assert scenario.part_ids == tuple(row["item_id"] for row in rows)
    assert scenario.prices.tolist() == [float(row["average_unit_cost_usd"]) for row in rows]
