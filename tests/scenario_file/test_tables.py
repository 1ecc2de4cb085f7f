# ruff: noqa: E501 - problem lines are quoted whole
import pytest

from partsim.scenario_file.template import init_text

PARTS = """\
part;name;price;lifetime;mean_life;shape;cv;supplier;difficulty;customer_held
0012346;"Pump; main";60 k;weibull;18 months;2;;importer;high;
NO;;400;exponential;8 months;;;plant;;30 %
1E5;;7;fixed;30 d;;;plant;low;
~;;7;gamma;30 d;;0.5;plant;low;
"""
FLEETS = "machine,depot,customers,count\nmachine,central,key_accounts,25\nmachine,north,others,15\n"
STOCK = "depot,part,base_stock,on_hand,on_order\ncentral,pump,3,2,1\nnorth,seal,5,0,\n"


@pytest.fixture
def with_parts(case):
    head, _, rest = init_text().partition("parts: ")
    tail = rest[rest.index("suppliers: ") :]
    tail = tail.replace("{pump: 1, seal: 2}", "{0012346: 1, NO: 2, 1E5: 1, ~: 1}")
    (case.folder / "parts.csv").write_text(PARTS)
    return f"{head}parts: {{table: parts.csv}}\n{tail}"


def test_parts_come_from_a_table_with_ids_as_written(case, with_parts):
    parts = case.read(text=with_parts).parts
    assert list(parts) == ["0012346", "NO", "1E5", "~"]
    assert parts["0012346"].name == "Pump; main"
    assert (parts["NO"].difficulty, parts["NO"].customer_held) == ("medium", 0.3)
    lives = [part.lifetime.model_dump(exclude_none=True) for part in parts.values()]
    assert lives[2:] == [{"fixed": 30}, {"gamma": {"mean": 30, "cv": 0.5}}]


def test_the_header_is_read_in_any_case_and_empty_rows_are_not_there(case, with_parts):
    header, _, rows = PARTS.partition("\n")
    (case.folder / "parts.csv").write_text(f"{header.upper()}\n;;;;;;;;;\n{rows}")
    assert len(case.read(text=with_parts).parts) == 4


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_do_not_matter(case, with_parts, end):
    table = PARTS.replace("30 %", '"30 %"').replace("\n", end)
    (case.folder / "parts.csv").write_bytes(table.encode())
    assert case.read(text=with_parts).parts["NO"].customer_held == 0.3


def test_a_change_reaches_into_a_table(case, with_parts):
    assert case.read("parts.NO.price=401", text=with_parts).parts["NO"].price == 401
    problems = case.problems("parts.NO.price=-1", text=with_parts)
    assert problems == ["--set parts.NO.price=-1: parts.NO.price: expected money > 0, got -1"]


def test_a_change_names_another_table(case, with_parts, monkeypatch):
    monkeypatch.chdir(case.folder)
    (case.folder / "other.csv").write_text(PARTS.replace(";400;", ";500;"))
    assert case.read("parts.table=other.csv", text=with_parts).parts["NO"].price == 500


def test_fleets_and_today_come_from_tables(case):
    (case.folder / "fleets.csv").write_text(FLEETS)
    (case.folder / "stock.csv").write_text("\ufeff" + STOCK)
    replace = [
        ("fleets:  ", "fleets: {table: fleets.csv} #"),
        ("  - {machine: machine, depot: central, customers: key_accounts, count: 25}\n", ""),
        ("  - {machine: machine, depot: north, customers: others, count: 15}\n", ""),
        ("costs:", "today: {table: stock.csv, norms: {pump: 1 per machine}}\ncosts:"),
    ]
    changed = case.read(replace=replace)
    assert changed.fleets == case.read().fleets
    assert [(row.part, row.on_hand, row.on_order) for row in changed.today.stock] == [
        ("pump", 2, 1),
        ("seal", 0, 0),
    ]


def test_problems_stand_at_their_cells(case, with_parts):
    bad = PARTS.replace("60 k", "-60 k").replace(";8 months", ";8").replace("30 %", "30")
    (case.folder / "parts.csv").write_text(bad)
    assert [line.split(": expected")[0] for line in case.problems(text=with_parts)] == [
        "parts.csv:2:22: parts.0012346.price",
        "parts.csv:3:21: parts.NO.lifetime.exponential.mean",
        "parts.csv:3:32: parts.NO.customer_held",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "case.yaml:8:16: parts.table: parts.csv: expected a table with a header, got nothing"),
        ('part;"price\n', "parts.csv:1:6: expected a quotation mark at both ends of the cell, got one half"),
        ("part;part\n", "parts.csv:1:6: expected each column once, got 'part' twice"),
        (PARTS.replace("name", "colour"), "parts.csv:1:6: unknown column 'colour'; known are part, price, "
         "lifetime, mean_life, supplier, shape, cv, difficulty, criticality, customer_held, group, volume, "
         "name, lead_time, price_unit, moving_price, standard_price, price_control"),
        (PARTS.replace("1E5", "NO"), "parts.csv:4:1: parts: expected a part number of its own in each row, "
         "got 'NO' also in line 3"),
        (PARTS.replace("7;fixed", "7,5;1;fixed"), "parts.csv:4:1: expected 10 cells as in the header, got 11; "
         "quote a cell with a comma in it"),
    ],
)  # fmt: skip
def test_a_bad_table_is_a_sentence(case, with_parts, content, problem):
    (case.folder / "parts.csv").write_text(content)
    assert problem in case.problems(text=with_parts)


def test_a_table_without_rows_has_no_parts(case, with_parts):
    (case.folder / "parts.csv").write_text(PARTS.partition("\n")[0])
    problems = case.problems(text=with_parts)
    assert problems == ["case.yaml:8:16: parts: expected at least one entry, got none"]


def test_an_apostrophe_that_protects_from_spreadsheets_is_dropped(case, with_parts):
    (case.folder / "parts.csv").write_text(PARTS.replace("~;;", "'-7;'plain;"))
    part = case.read(text=with_parts.replace("~: 1", "-7: 1")).parts["-7"]
    assert part.name == "'plain"
