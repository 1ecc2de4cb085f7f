"""The shipped scenarios are sound, and the case is the case of the mission."""

from pathlib import Path

import jsonschema
import pytest

from partsim.scenario_file.editor_schema import editor_schema
from partsim.scenario_file.reading import read_scenario
from partsim.scenario_file.writing import write_scenario_text
from partsim.scenario_file.yaml_nodes import read_yaml

FOLDER = Path(__file__).parents[1] / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def case():
    return read_scenario(FOLDER / "concrete_pump.yaml")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_scenario_reads_and_writes_and_fits_the_schema(file):
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n")
    jsonschema.validate(read_yaml(text, file.name).tree, editor_schema())
    scenario = read_scenario(file)
    assert scenario.model_validate(read_yaml(write_scenario_text(scenario), "").tree) == scenario


def test_every_scenario_is_in_the_list_the_smallest_first():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    listed = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    assert sorted(listed) == [file.name for file in FILES]
    read = [read_scenario(FOLDER / name) for name in listed]
    sizes = [len(scenario.fleets) + len(scenario.counters) for scenario in read]
    assert sizes == sorted(sizes)


def test_the_key_parts_are_those_of_the_case(case):
    keys = ["key_A", "key_B", "key_C"]
    assert [case.parts[key].price for key in keys] == [100_000, 60_000, 50_000]
    months = [case.parts[key].lifetime.distribution.mean * 12 / 365 for key in keys]
    assert months == pytest.approx([12, 18, 10], rel=1e-12)
    assert [case.is_outsourced(key) for key in keys] == [True, True, False]
    assert {case.parts[key].difficulty for key in keys} == {"high"}
    assert len(case.parts) == 9


def test_the_network_is_that_of_the_case(case):
    markets = [depot.market for depot in case.depots.values() if depot.market]
    counts = {market: markets.count(market) for market in markets}
    assert counts == {"mature": 1, "potential": 5, "to be developed": 4, "secondary": 1}
    assert list(case.parents) == [-1] + [0] * 11


def test_the_first_two_customer_groups_are_near_half_of_the_fleet(case):
    machines = sum(fleet.count for fleet in case.fleets)
    first = sum(f.count for f in case.fleets if f.customers in ("urban_construction", "railway"))
    assert 500 <= machines <= 800
    assert 0.45 <= first / machines <= 0.55


def test_a_machine_calls_eight_to_twelve_times_a_year(case):
    rate = {
        name: sum(
            n / case.parts[part].lifetime.distribution.mean for part, n in m.positions.items()
        )
        for name, m in case.machines.items()
    }
    machines = sum(fleet.count for fleet in case.fleets)
    calls = sum(f.count * rate[f.machine] for f in case.fleets) / (1 - case.service.phone_fix)
    assert 8 <= calls / machines * 365 <= 12
