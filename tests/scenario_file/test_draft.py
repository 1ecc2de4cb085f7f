"""Scenarios drafted from tables: they read, and every assumption says so."""

import re

import pytest

from partsim.errors import InputError
from partsim.scenario_file.draft import draft_scenario
from partsim.scenario_file.draft_branches import has_rates
from partsim.scenario_file.reading import scenario_of_text
from tests.tables.workbooks import write_workbook

PARTS = [
    ["Stock list of 1 March"],
    [],
    ["Part No.", "Description", "Unit price (CNY)", "Lead time (days)", "Vendor", "Colour"],
    [12345, "Pump", 1260.5, 44, "Acme", "red"],
    ["0012346", "Seal 密封", 7, 14, "Plant: 2", None],
    ["X-9", "No price", None, 3, "Acme", None],
    [None, "Total", 1267.5],
]
DEPOTS = [["Depot", "Supplied by", "Transport time"], ["hub"], ["north", "hub", 3]]
FLEETS = [["Depot", "Customer", "Machines"], ["north", "road", 30], ["hub", "rail", 10]]


@pytest.fixture
def draft(tmp_path):
    """Give a function: tables, as texts or sheets, to the drafted scenario, its text and notes."""

    def make(columns=None, **tables):
        paths = {}
        for key, content in tables.items():
            paths[key] = tmp_path / f"{key}.csv"
            if isinstance(content, list):
                write_workbook(paths[key], Cover=[["x"]], Data=content)
            else:
                paths[key].write_bytes(content.encode())
        text, notes = draft_scenario(paths, columns, tmp_path / "scenario.yaml")
        scenario, _ = scenario_of_text(text, str(tmp_path / "scenario.yaml"))
        return scenario, text, [note.replace(f"{tmp_path}/", "") for note in notes]

    return make


def assumed(text):
    return {line.split(":")[0].strip() for line in text.splitlines() if "# assumed" in line}


def test_parts_alone_make_a_scenario(draft):
    scenario, text, notes = draft(parts="part;price\n0012346;5\nNO;7\n")
    assert scenario.part_ids == ("0012346", "NO")
    assert scenario.machines["machine"].positions == {"0012346": 1, "NO": 1}
    assert scenario.fleets[0].count == 20
    assert "table: parts.csv" in text
    assert notes == ["parts.csv: UTF-8 text, ';' between cells, header in row 1, "
                     "2 rows below the header"]  # fmt: skip


def test_sheet_header_headings_and_units_are_found(draft):
    scenario, text, notes = draft(parts=PARTS, depots=DEPOTS, fleets=FLEETS)
    assert scenario.part_ids == ("12345", "0012346")
    assert scenario.parts["0012346"].supplier == "Plant: 2 14 d"
    assert scenario.depots["north"].transport_time == 3
    assert scenario.depots["hub"].supplied_by == "suppliers"
    assert [fleet.count for fleet in scenario.fleets] == [30, 10]
    assert scenario.tiers["everybody"].customers == ("road", "rail")
    for line in ("  columns: english", "  sheet: 'Data'", "  header_row: 3"):
        assert line in text.splitlines()
    assert "parts.csv: 1 row dropped: totals (row 7)" in notes
    assert "parts.csv: 1 row dropped: no price (row 6)" in notes


def test_every_value_that_no_table_says_is_marked(draft):
    _, text, _ = draft(parts=PARTS, depots=DEPOTS, fleets=FLEETS)
    said = {"partsim", "name", "table", "columns", "sheet", "header_row"}
    headings = {"parts", "suppliers", "depots", "fleets", "tiers", "service", "grading", "grades",
                "machines", "machine", "units", "defaults"}  # fmt: skip
    keys = {
        line.split(":")[0].strip()
        for line in text.splitlines()
        if re.match(r" *[\w\"]", line) and ":" in line and not re.search(r"\d: 1,", line)
    }
    assert assumed(text) >= keys - said - headings
    assert not assumed(text) & said


def test_sap_tables_of_parts_and_stock_are_one_file(draft):
    table = (
        "Material\tPlant\tStandard price\tMoving price\tPrice control\tPrice unit\t"
        "Planned Deliv. Time\tMaximum stock level\tReorder Point\tUnrestricted\n"
        "004711\t1000\t0,00\t1.234,50\tV\t100\t14\t10,000\t4,000\t12,000\n"
        "004712\t1000\t2.000,00\t1.900,00\tS\t1\t0\t2,000\t1,000\t3,000\n"
        "004713\t1000\t0,00\t0,00\tS\t1\t0\t\t\t1,000-\n"
        "*\t\t\t3.134,50\n"
    )
    scenario, text, _ = draft(parts=table, today=table)
    assert {part: entry.price for part, entry in scenario.parts.items()} == {
        "004711": 12.345,
        "004712": 2000,
    }
    assert text.count("columns: sap") == text.count("decimal: comma") == 2
    assert [(row.base_stock, row.order_quantity, row.on_hand) for row in scenario.today.stock] == [
        (10, 6, 12),
        (2, 1, 3),
    ]
    assert scenario.depot_ids == ("1000",)


def test_the_decimal_mark_is_assumed_where_no_number_tells(draft):
    _, text, notes = draft(parts="part;price\nA;1,200\n")
    assert "decimal: point" in text
    assert "decimal" in assumed(text)
    assert "if ',' is the decimal mark, write 'decimal: comma'" in notes[1]


def test_numbers_of_a_workbook_tell_no_decimal_mark(draft):
    rows = [["part", "price", "life"], ["A", 1.5, "1.234,5"], ["B", 2.25, "7,5"]]
    scenario, text, _ = draft(parts=rows)
    assert "  decimal: comma" in text.splitlines()
    assert scenario.prices.tolist() == [1.5, 2.25]


def test_machines_of_several_types_have_their_own_parts(draft):
    scenario, _, notes = draft(
        parts="part;price\nA;5\nB;7\n",
        machines="Model;Part No.;Qty per machine\nM1;A;2\nM2;B;1\nM2;C;1\n",
    )
    assert scenario.machines["M1"].positions == {"A": 2}
    assert [fleet.machine for fleet in scenario.fleets] == ["M1", "M2"]
    assert "machines.csv: 1 row dropped: part not in the scenario (row 4)" in notes


def test_types_of_machines_that_only_fleets_name_have_one_of_each_part(draft):
    scenario, _, _ = draft(parts="part;price\nA;5\n", fleets="Model;Count\nM1;2\nM2;3\n")
    assert {name: m.positions for name, m in scenario.machines.items()} == {
        "M1": {"A": 1},
        "M2": {"A": 1},
    }


def test_stock_without_a_maximum_is_not_used_and_said(draft):
    scenario, _, notes = draft(parts="part;price\nA;5\n", today="part;on hand\nA;5\n")
    assert scenario.today is None
    assert notes[0].endswith("not used, it has no column for base_stock (today's maximum)")


def test_shares_and_lives_without_units_are_assumed(draft):
    scenario, text, _ = draft(parts="part;price;MTBF;customer held\nA;5;8760;0.3\n")
    assert scenario.parts["A"].lifetime.distribution.mean == pytest.approx(365)
    assert scenario.parts["A"].customer_held == 0.3
    assert {"mean_life", "customer_held"} <= assumed(text)


@pytest.mark.parametrize(
    "name", ["NO", "~", "12:30", "a: b", "- x", "'q'", "a,b", "{x}", "#1", '"']
)
def test_awkward_names_are_quoted(draft, name):
    cell = '"' + name.replace('"', '""') + '"'
    table = f"part;price;supplier\n{cell};5;{cell}\n"
    scenario, _, _ = draft(
        parts=table, fleets=f"model;depot;customer;count\n{cell};{cell};{cell};2\n"
    )
    assert scenario.part_ids == scenario.depot_ids == (name,)
    assert scenario.fleets[0].machine == scenario.fleets[0].customers == name


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("colour;size\nred;5\n", "parts.csv: expected a heading for 'part' (such as part, part no, "
         "MATNR, 物料编码) in the first 20 rows, got colour, size"),
        ("price;vendor\n5;Acme\n", "parts.csv: expected a heading for 'part'"),
        ("", "parts.csv: expected a heading for 'part'"),
        ("part;price\n", "parts.csv: expected rows below the header, got none"),
        ("part;price\nA;-5\nB;x\n", "parts.csv:2:3: parts.A.price: expected money > 0, got '-5'"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_are_a_sentence(draft, table, problem):
    with pytest.raises(InputError) as caught:
        draft(parts=table)
    assert problem in str(caught.value)


def test_an_encoding_that_cannot_be_told_apart_is_given_and_kept(tmp_path):
    parts, target = tmp_path / "parts.csv", tmp_path / "scenario.yaml"
    parts.write_bytes("part;name;price\nA;Größe;5\n".encode("cp1252"))
    with pytest.raises(InputError, match="encoding"):
        draft_scenario({"parts": parts}, None, target)
    text, notes = draft_scenario({"parts": parts}, None, target, "cp1252")
    scenario, _ = scenario_of_text(text, str(target))
    assert scenario.parts["A"].name == "Größe"
    assert "CP1252 text" in notes[0]


def test_an_encoding_of_tables_does_not_concern_workbooks(tmp_path):
    book, target = tmp_path / "parts.xlsx", tmp_path / "scenario.yaml"
    write_workbook(book, Data=[["part", "price"], ["A", 5]])
    text, _ = draft_scenario({"parts": book}, None, target, "cp1252")
    assert "encoding" not in text


RATES = "part,demand_per_year,variance_ratio,pattern\n0012346,12.5,3.5,lumpy\nother,4,1,smooth\n"


def test_demand_makes_a_scenario_without_machines(draft):
    scenario, text, notes = draft(parts=PARTS, demand=RATES)
    assert not scenario.fleets
    assert not scenario.machines
    rows = [(row.part, round(row.rate * 365, 6), row.variance_to_mean) for row in scenario.demand]
    assert rows == [("0012346", 12.5, 3.5), ("12345", 0, 1)]
    assert scenario.counters == (("central", "all"),)
    assert not {"lifetime", "fleets", "phone_fix"} & assumed(text)
    assert "demand.csv: 1 row dropped: part not in the scenario (row 3)" in notes


def test_demand_stands_at_the_depots_and_with_the_customers_of_its_table(draft):
    rows = "part;warehouse;customer;usage\n12345;north;farms;3\n0012346;hub;;2 per week\n"
    scenario, text, _ = draft(parts=PARTS, depots=DEPOTS, demand=rows)
    assert scenario.counters == (("north", "farms"), ("hub", "all"))
    assert scenario.tiers["everybody"].customers == ("farms", "all")
    assert [round(row.rate * 365, 6) for row in scenario.demand] == [3, round(730 / 7, 6)]
    assert {"rate", "customers"} <= assumed(text)


def test_lives_beside_demand_need_machines(draft):
    parts = "part,price,mean_life (months),lifetime\npump,900,20,exponential\nfilter,5,,\n"
    scenario, text, _ = draft(parts=parts, demand="part,usage per year\nfilter,12\n")
    assert scenario.machines["machine"].positions == {"pump": 1}
    assert scenario.demand_parts.tolist() == [False, True]
    assert "phone_fix" in assumed(text)


@pytest.mark.parametrize(
    ("content", "has"),
    [
        (RATES, True),
        ("part,2025-01-01,2025-02-01\nA,1,2\n", False),
        ("part,date,quantity\n", False),
    ],
)
def test_rates_are_told_from_a_history(tmp_path, content, has):
    (tmp_path / "d.csv").write_text(content)
    assert has_rates(tmp_path / "d.csv", None) is has
    assert not has_rates(tmp_path / "none.csv", None)
