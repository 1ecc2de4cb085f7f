"""Small Excel workbooks, written by hand so that the tests need no library for it."""

from xml.sax.saxutils import escape
from zipfile import ZipFile

from partsim.tables.cells import column_letters

_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


class Raw(str):
    """XML inside a cell as it stands, with the attributes of the cell before `|`."""


def write_workbook(path, **sheets):
    """Write sheets, each a list of rows of None, numbers, texts and Raw."""
    ids = {name: i for i, name in enumerate(sheets, start=1)}
    listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="rId{i}"/>' for n, i in ids.items())
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in ids.values()
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="application/vnd.'
        'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for i in ids.values()
    )
    with ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" '
            'ContentType="application/xml"/><Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main'
            f'+xml"/>{types}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {_NS} xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        )
        for name, i in ids.items():
            archive.writestr(f"xl/worksheets/sheet{i}.xml", _sheet(sheets[name]))


def _sheet(rows):
    body = ""
    for r, row in enumerate(rows, start=1):
        cells = [_cell(f"{column_letters(c)}{r}", value) for c, value in enumerate(row, start=1)]
        body += f'<row r="{r}">{"".join(cells)}</row>'
    return f"<worksheet {_NS}><sheetData>{body}</sheetData></worksheet>"


def _cell(at, value):
    if value is None:
        return ""
    if isinstance(value, Raw):
        attributes, _, inside = value.partition("|")
        place = "" if "r=" in attributes else f'r="{at}"'
        return f"<c {place} {attributes}>{inside}</c>"
    if isinstance(value, str):
        return f'<c r="{at}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{at}"><v>{value!r}</v></c>'
