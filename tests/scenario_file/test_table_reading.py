# ruff: noqa: E501 - problem lines are quoted whole
"""How tables are read: sheets, headers, headings, numbers, prices, rows that are dropped."""

import pytest

from partsim.scenario_file.reading import input_files, table_notes
from partsim.scenario_file.template import init_text
from tests.tables.workbooks import Raw, write_workbook

LIFE = "lifetime: exponential, mean_life: 24 months, supplier: plant"
ROWS = [["Part No.", "Unit price", "Colour"], [12345, 1260.5, "red"], ["0012346", 7, None]]


@pytest.fixture
def parts_of(case):
    """Give a function: what stands beside 'table', and the file, to the case as a text."""
    head, _, rest = init_text().partition("parts: ")
    tail = rest[rest.index("suppliers: ") :].replace("{pump: 1, seal: 2}", "{'0012346': 1}")

    def text(options, content=None, name="parts.csv"):
        if isinstance(content, list):
            write_workbook(case.folder / name, Cover=[["Parts"]], Parts=content)
        elif content is not None:
            data = content if isinstance(content, bytes) else content.encode()
            (case.folder / name).write_bytes(data)
        return f"{head}parts: {{table: {name}, {options}}}\n{tail}"

    return text


def prices(scenario):
    return {part: entry.price for part, entry in scenario.parts.items()}


def test_a_workbook_is_a_table_with_ids_as_text(case, parts_of):
    text = parts_of(f"sheet: Parts, columns: english, defaults: {{{LIFE}}}", ROWS, "parts.xlsx")
    assert prices(case.read(text=text)) == {"12345": 1260.5, "0012346": 7}
    assert [note.replace(f"{case.folder}/", "") for note in table_notes(case.folder / "case.yaml")] == [
        "parts.xlsx: sheet 'Parts', header in row 1, 2 rows below the header",
        "parts.xlsx: columns that are not read: Colour",
    ]  # fmt: skip
    files = [path.name for path in input_files(case.folder / "case.yaml")]
    assert files == ["case.yaml", "parts.xlsx"]


def test_problems_in_a_workbook_name_file_sheet_and_cell_all_at_once(case, parts_of):
    rows = [*ROWS, ["X", -5], ["Y", Raw('t="e"|<v>#N/A</v>')], ["X", 1], [None, 3, "blue"]]
    text = parts_of(f"sheet: Parts, columns: english, defaults: {{{LIFE}}}", rows, "parts.xlsx")
    assert case.problems(text=text) == [
        "parts.xlsx!Parts!B4: parts.X.price: expected money > 0, got '-5'",
        "parts.xlsx!Parts!B5: expected a value, got #N/A",
        "parts.xlsx!Parts!A6: parts: expected a part number of its own in each row, got 'X' also in line 4",
        "parts.xlsx!Parts!A7: parts: expected a part number of its own in each row, got nothing",
    ]


def test_problems_of_one_workbook_come_sheet_by_sheet(case):
    write_workbook(
        case.folder / "book.xlsx",
        Fleets=[["machine", "depot", "customers", "count"], ["machine", "north", "others", 3],
                ["machine", "central", "key_accounts", 0]],
        Parts=[["part", "price"], ["pump", -1], ["seal", 1], ["x", 0]],
    )  # fmt: skip
    head, _, rest = init_text().partition("parts: ")
    middle, _, tail = rest[rest.index("suppliers: ") :].partition("fleets: ")
    text = (
        f"{head}parts: {{table: book.xlsx, sheet: Parts, defaults: {{{LIFE}}}}}\n{middle}"
        f"fleets: {{table: book.xlsx}}\n{tail[tail.index('tiers:') :]}"
    )
    assert [line.partition(": ")[0] for line in case.problems(text=text)] == [
        "book.xlsx!Fleets!D3", "book.xlsx!Parts!B2", "book.xlsx!Parts!B4"
    ]  # fmt: skip


def test_own_headings_units_and_header_row(case, parts_of):
    content = 'Spares of "north\n\nCode;EK;Life;Colour\n0012346;60;18;red\n'
    options = (
        "header_row: 3, columns: {part: Code, price: EK, mean_life: life}, "
        f"units: {{price: k, mean_life: months}}, defaults: {{{LIFE}}}"
    )
    part = case.read(text=parts_of(options, content)).parts["0012346"]
    assert part.price == 60_000
    assert part.lifetime.distribution.mean == pytest.approx(1.5 * 365)


def test_a_heading_that_is_not_there_is_a_problem(case, parts_of):
    options = f"columns: {{part: Code, shape: Form}}, defaults: {{price: 5, {LIFE}}}"
    assert case.problems(text=parts_of(options, "Code;EK\n0012346;60\n")) == [
        "parts.csv:1:1: expected a column headed 'Form', got only Code, EK"
    ]


@pytest.mark.parametrize(
    ("decimal", "cell", "price"),
    [("point", "1,260.50", 1260.5), ("comma", "1.260,50", 1260.5), ("comma", "1260,5", 1260.5),
     ("point", "¥1260.50", 1260.5), ("point", "1 260.5", 1260.5)],
)  # fmt: skip
def test_prices_are_read_under_the_decimal_mark(case, parts_of, decimal, cell, price):
    options = f"decimal: {decimal}, defaults: {{{LIFE}}}"
    assert prices(case.read(text=parts_of(options, f"part;price\n0012346;{cell}\n"))) == {
        "0012346": price
    }


def test_a_decimal_comma_that_nobody_spoke_of_is_one_problem(case, parts_of):
    text = parts_of(f"defaults: {{{LIFE}}}", "part;price\n0012346;7,5\n")
    assert case.problems(text=text) == [
        "parts.csv:2:9: expected a number, got '7,5'; if ',' is the decimal mark, "
        "write 'decimal: comma' beside 'table'"
    ]


def test_a_trailing_minus_is_a_minus(case, parts_of):
    text = parts_of(f"defaults: {{{LIFE}}}", "part;price\n0012346;7.5-\n")
    assert "expected money > 0, got '-7.5'" in case.problems(text=text)[0]


def test_marks_that_may_be_thousands_or_decimals_are_noted(case, parts_of):
    content = "part;price\n0012346;12,000\n"
    case.read(text=parts_of(f"defaults: {{{LIFE}}}", content))
    notes = table_notes(case.folder / "case.yaml")
    assert "',' in numbers such as '12,000' is read as mark of thousands" in notes[1]
    case.read(text=parts_of(f"defaults: {{{LIFE}}}", content + "X;1.5\n"))
    assert len(table_notes(case.folder / "case.yaml")) == 1


def test_sap_prices_are_the_one_that_holds_per_price_unit(case, parts_of):
    content = (
        "MATNR\tVERPR\tSTPRS\tVPRSV\tPEINH\n"
        "0012346\t1.234,50\t1,00\tV\t100\n"
        "B\t1,00\t2.000,00\tS\t\n"
        "C\t1,00\t3,00\tS\t10\n"
    )
    text = parts_of(
        f"columns: sap, decimal: comma, defaults: {{{LIFE}}}", content.encode("utf-16"), "mara.xls"
    )
    assert prices(case.read(text=text)) == {"0012346": 12.345, "B": 2000, "C": 0.3}
    notes = [note.partition(": ")[2] for note in table_notes(case.folder / "case.yaml")]
    assert notes == [
        "UTF-16 text, tab between cells, header in row 1, 3 rows below the header",
        "1 price without price_unit, taken as the price of one unit (row 3)",
    ]


@pytest.mark.parametrize("unit", ["0", "-10", "x"])
def test_a_price_unit_that_is_no_count_is_a_problem(case, parts_of, unit):
    text = parts_of(f"defaults: {{{LIFE}}}", f"part;price;price_unit\n0012346;5;{unit}\n")
    assert case.problems(text=text) == [
        f"parts.csv:2:11: expected a number of units > 0 such as 1 or 100, got '{unit}'"
    ]


def test_chinese_headings_in_gb18030(case, parts_of):
    content = "物料编码,物料名称,单价\n0012346,主油泵,12.5\n合计,,12.5\n".encode("gb18030")
    text = parts_of(f"columns: chinese, defaults: {{{LIFE}}}", content)
    assert case.read(text=text).parts["0012346"].name == "主油泵"
    notes = [note.partition(": ")[2] for note in table_notes(case.folder / "case.yaml")]
    assert notes[0].startswith("GB18030 text, ',' between cells")
    assert notes[1] == "1 row dropped: totals (row 3)"


def test_a_western_table_names_its_encoding(case, parts_of):
    options = f"encoding: cp1252, columns: {{part: Stück, price: Größe}}, defaults: {{{LIFE}}}"
    text = parts_of(options, "Stück;Größe\n0012346;5\n".encode("cp1252"))
    assert prices(case.read(text=text)) == {"0012346": 5}


def test_rows_are_dropped_for_a_reason_and_counted(case, parts_of):
    content = (
        "Part No.|Price|Vendor\n0012346|5|plant\nPart No.|Price|Vendor\nA||plant\nB|0.00|plant\n"
        "Grand total:|5|\n0012346|5|plant\n"
    )
    options = f"columns: english, drop_without: [price], defaults: {{{LIFE}}}"
    assert prices(case.read(text=parts_of(options, content))) == {"0012346": 5}
    notes = [note.partition(": ")[2] for note in table_notes(case.folder / "case.yaml")]
    assert notes[1:] == [
        "1 row dropped: the header once more (row 3)",
        "1 row dropped: totals (row 6)",
        "2 rows dropped: no price (row 4, 5)",
        "1 row dropped: the same row again (row 7)",
    ]


def test_without_headings_of_another_system_a_repeated_part_is_a_problem(case, parts_of):
    text = parts_of(f"defaults: {{{LIFE}}}", "part;price\n0012346;5\n0012346;5\n")
    assert "got '0012346' also in line 2" in case.problems(text=text)[0]


def test_a_supplier_called_total_is_no_totals_row(case, parts_of):
    text = parts_of("defaults: {lifetime: exponential, mean_life: 24 months}",
                    "part;price;supplier\n0012346;5;plant\nX;7;Total\n")  # fmt: skip
    text = text.replace("  plant: {", "  Total: {kind: own, lead_time: 3 d}\n  plant: {")
    assert list(case.read(text=text).parts) == ["0012346", "X"]


def test_defaults_fill_empty_cells_only(case, parts_of):
    content = "part;price;mean_life\n0012346;5;6 months\nX;5;\n"
    parts = case.read(text=parts_of(f"defaults: {{{LIFE}}}", content)).parts
    assert [part.lifetime.distribution.mean for part in parts.values()] == [182.5, 730]


def test_a_share_of_one_becomes_a_percentage(case, parts_of):
    options = f"units: {{customer_held: share}}, defaults: {{{LIFE}}}"
    text = parts_of(options, "part;price;customer_held\n0012346;5;0.3\n")
    assert case.read(text=text).parts["0012346"].customer_held == 0.3


def test_columns_without_heading_and_text_are_not_there(case, parts_of):
    text = parts_of(f"defaults: {{{LIFE}}}", "part;price;;\n0012346;5;;\n")
    assert prices(case.read(text=text)) == {"0012346": 5}
    text = parts_of(f"defaults: {{{LIFE}}}", "part;price;\n0012346;5;x\n")
    assert "parts.csv:1:12: unknown column ''" in case.problems(text=text)[0]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("columns: oracle", "case.yaml:8:36: parts.columns: expected english, sap, chinese, or headings by column such as {part: Part No.}, got 'oracle'"),
        ("columns: {prise: EK}", "case.yaml:8:37: parts.columns.prise: unknown column 'prise'; did you mean 'price'?"),
        ("units: {mean_life: fortnights}", "case.yaml:8:46: parts.units.mean_life: expected one of min, h, d, weeks, months, years, %, share, k, M, per day, per week, per month, per year, got 'fortnights'"),
        ("defaults: {colour: red}", "case.yaml:8:38: parts.defaults.colour: unknown column 'colour'; known are part, price, "),
        ("header_row: 0", "case.yaml:8:39: parts.header_row: expected a whole number >= 1, got 0"),
        ("header_row: 2", "parts.csv:2:1: expected the names of columns in row 2, got nothing"),
        ("header_row: 9", "case.yaml:8:16: parts.table: parts.csv: expected a table with a header, got nothing"),
        ("shet: Parts", "case.yaml:8:27: parts.shet: expected no 'shet' beside 'table', got both; did you mean 'sheet'?"),
        ("sheet: Parts", "case.yaml:8:16: parts.table: parts.csv: expected a workbook with a sheet 'Parts', got a text file"),
        ("decimal: ;", "case.yaml:8:36: parts.decimal: expected one of point, comma, got ';'"),
        ("drop_without: [prices]", "case.yaml:8:42: parts.drop_without.0: unknown column 'prices'; did you mean 'price'?"),
        ("columns: sap", "parts.csv:1:1: expected a column 'lifetime', got only part, price"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_are_a_sentence(case, parts_of, options, problem):
    problems = case.problems(text=parts_of(options, "part;price\n\n0012346;5\n"))
    assert any(line.startswith(problem) for line in problems), problems


def test_other_spreadsheets_are_refused_in_a_sentence(case, parts_of):
    text = parts_of(f"defaults: {{{LIFE}}}", b"", "parts.ods")
    assert case.problems(text=text)[0].endswith(
        "parts.ods: expected a .csv, .xlsx or .xls table, got .ods; save it as .xlsx"
    )


def test_numbers_of_a_workbook_are_numbers_whatever_its_texts_use(case, parts_of):
    rows = [["part", "price"], ["0012346", 1.234], ["X", "1.234,5"]]
    text = parts_of(f"sheet: Parts, decimal: comma, defaults: {{{LIFE}}}", rows, "parts.xlsx")
    assert prices(case.read(text=text)) == {"0012346": 1.234, "X": 1234.5}
