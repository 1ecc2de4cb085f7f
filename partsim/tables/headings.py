"""Headings that ERP systems and planners write above the columns of their tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Dictionary = Literal["english", "sap", "chinese"]

# One heading may stand for several columns: the table that is read takes the one it knows.
HEADINGS: dict[Dictionary, dict[str, str]] = {
    "english": {
        "part": "part no; part number; part id; part code; item; item id; item no; item number; "
                "item code; sku; material; material no; material number; p/n; product code",
        "name": "description; part name; item name; item description; nomenclature; depot name",
        "price": "unit price; unit cost; average unit cost; cost price; standard cost; cost",
        "price_unit": "price unit; price per; per",
        "supplier": "vendor; supplier name; vendor name; source of supply",
        "lead_time": "delivery time; replenishment lead time; procurement lead time",
        "mean_life": "mtbf; mttf; mtbur; mean time between failures; mean time to failure",
        "difficulty": "repair difficulty",
        "criticality": "ved; ved class",
        "depot": "warehouse; site; location; plant; stocking location; depot id",
        "supplied_by": "supplied from; replenished from; parent; parent depot",
        "transport_time": "transit time; transport",
        "travel_time": "travel",
        "machine": "machine type; equipment; equipment type; model; machine id",
        "customers": "customer; customer group; segment; customer segment",
        "count": "quantity; qty; number; machines; units; installed; quantity per machine; "
                 "qty per machine; number of machines; qpa",
        "rate": "demand; demand rate; usage; consumption",
        "variance_to_mean": "variance ratio; variance over mean; vmr",
        "base_stock": "max; max stock; maximum; maximum stock; order up to level; "
                      "stock level; maximum level",
        "reorder_point": "min; min stock; minimum; minimum stock; reorder level; rop",
        "order_quantity": "lot size; order qty; order lot",
        "on_hand": "stock on hand; quantity on hand; qty on hand; qoh; stock; current stock",
        "on_order": "open orders; quantity on order; qty on order; open order quantity",
        "storage_location": "bin; shelf; storage bin; sub-inventory",
    },
    "sap": {
        "part": "MATNR; Material; Material Number; Materialnummer",
        "name": "MAKTX; Material Description; Materialkurztext",
        "moving_price": "VERPR; Moving Price; Moving average price; "
                        "Gleitender Durchschnittspreis; Gleitender Preis",
        "standard_price": "STPRS; Standard Price; Standardpreis",
        "price_control": "VPRSV; Price Control; Preissteuerung",
        "price_unit": "PEINH; Price Unit; Preiseinheit",
        "supplier": "LIFNR; Vendor; Supplier; Lieferant",
        "lead_time": "PLIFZ; Planned Deliv. Time; Planned Delivery Time; Planlieferzeit",
        "depot": "WERKS; Plant; Werk",
        "base_stock": "MABST; Maximum Stock Level; Höchstbestand",
        "reorder_point": "MINBE; Reorder Point; Meldebestand",
        "order_quantity": "BSTFE; Fixed Lot Size; Feste Losgröße",
        "storage_location": "LGORT; Storage Location; Lagerort; Storage loc.",
        "on_hand": "LABST; Unrestricted; Unrestricted-use stock; Frei verwendbar",
    },
    "chinese": {
        "part": "物料编码; 物料编号; 物料代码; 料号; 存货编码; 备件编码; 配件编码; 图号",
        "name": "物料名称; 存货名称; 备件名称; 配件名称; 名称; 品名; 仓库名称",
        "price": "单价; 计划价; 计划单价; 采购单价; 成本单价; 参考成本",
        "price_unit": "价格单位",
        "supplier": "供应商; 供应商名称; 主要供应商; 供货单位",
        "lead_time": "采购提前期; 固定提前期; 提前期; 交货期; 供货周期",
        "mean_life": "平均寿命; 平均无故障时间; 平均故障间隔时间",
        "difficulty": "维修难度; 更换难度",
        "criticality": "关键性; 重要性",
        "depot": "仓库; 库存组织; 仓库编码; 备件库",
        "supplied_by": "上级仓库; 供货仓库",
        "transport_time": "运输时间; 运输天数",
        "travel_time": "路途时间",
        "machine": "机型; 设备型号; 设备类型; 产品型号",
        "customers": "客户; 客户类型; 客户群",
        "count": "数量; 台数; 单机数量; 单机用量; 保有量",
        "base_stock": "最高库存; 最大库存; 库存上限",
        "reorder_point": "再订货点; 订货点; 最低库存; 最小库存; 库存下限",
        "order_quantity": "订货批量; 固定批量; 采购批量",
        "on_hand": "现存量; 库存数量; 现有库存; 当前库存; 结存数量",
        "on_order": "在途数量; 在途量; 未交数量",
        "storage_location": "库位; 货位; 库存地点; 仓位",
    },
}  # fmt: skip
UNITS: dict[Dictionary, dict[str, str]] = {"english": {}, "sap": {"lead_time": "d"}, "chinese": {}}
"""Units that a system always means."""

TOTALS = {"total", "totals", "sum", "subtotal", "grand total", "summe", "gesamt", "合计", "总计",
          "小计", "共计", "*", "**", "***"}  # fmt: skip
_SUFFIXES = {
    "hours": "h", "hour": "h", "hrs": "h", "h": "h", "小时": "h", "时": "h",
    "days": "d", "day": "d", "d": "d", "天": "d", "日": "d",
    "weeks": "weeks", "week": "weeks", "周": "weeks",
    "months": "months", "month": "months", "月": "months", "个月": "months",
    "years": "years", "year": "years", "年": "years",
    "eur": "", "usd": "", "cny": "", "rmb": "", "gbp": "", "jpy": "", "chf": "", "元": "",
}  # fmt: skip
_PER = re.compile(r"(.+?)[\s_]*[\s_(\[（【]per[\s_]+(day|week|month|year)[)\]）】]?", re.IGNORECASE)
_UNIT = re.compile(r"(.+?)(?:[\s_]+|\s*[(\[（【/])([^\W_]+)\s*[)\]）】]?", re.DOTALL)
_BRACKET = re.compile(r"(.+?)\s*[(\[（【].*[)\]）】]", re.DOTALL)


def columns_of(
    headings: list[str], columns: Dictionary | Mapping[str, str] | None, known: tuple[str, ...]
) -> list[tuple[str, str]]:
    """
    Tell which column each heading of a table means.

    Parameters
    ----------
    headings : list of str
        As written; case, blanks and marks do not matter, units may stand behind.
    columns : str, mapping or None
        A dictionary's name, or headings by column; None takes the columns' own names only.
    known : tuple of str
        Columns that the table may have.

    Returns
    -------
    list of (column, unit)
        For each heading; where it means nothing the heading itself, in lower case, and no unit.

    Examples
    --------
    >>> columns_of(["MATNR", "Lead time (weeks)", "Colour"], "sap", ("part", "lead_time"))
    [('part', ''), ('lead_time', 'weeks'), ('colour', '')]
    """
    if columns is None:
        return [(heading.lower(), "") for heading in headings]
    own = [(name, name) for name in known]
    listed = own + _listed(columns) if isinstance(columns, str) else _listed(columns) + own
    units = UNITS[columns] if isinstance(columns, str) else {}
    found = [_meaning(heading, listed, known, units) for heading in headings]
    first: dict[str, int] = {}
    for rank, name, _ in found:
        first[name] = min(rank, first.get(name, rank))
    # Of two headings for one column, the one that the dictionary names first is read.
    return [
        (name, unit) if name and rank == first[name] else (heading.lower(), "")
        for heading, (rank, name, unit) in zip(headings, found, strict=True)
    ]


def _listed(columns: Dictionary | Mapping[str, str]) -> list[tuple[str, str]]:
    if not isinstance(columns, str):
        return list(columns.items())
    return [
        (name, heading) for name, text in HEADINGS[columns].items() for heading in text.split("; ")
    ]


def _meaning(
    heading: str, listed: list[tuple[str, str]], known: tuple[str, ...], units: dict[str, str]
) -> tuple[int, str, str]:
    """Give rank, column and unit; a unit may stand behind it, other brackets mean nothing."""
    texts = [(heading, "")]
    with_unit = _UNIT.fullmatch(heading.strip())
    if with_unit and with_unit[2].lower() in _SUFFIXES:
        texts.append((with_unit[1], _SUFFIXES[with_unit[2].lower()]))
    rate = _PER.fullmatch(heading.strip())
    if rate:
        texts.append((rate[1], f"per {rate[2].lower()}"))
    bracket = _BRACKET.fullmatch(heading.strip())
    if bracket:
        texts.append((bracket[1], ""))
    for text, unit in texts:
        for rank, (name, known_heading) in enumerate(listed):
            if name in known and bare(known_heading) == bare(text):
                return rank, name, unit or units.get(name, "")
    return 0, "", ""


def bare(heading: str) -> str:
    """Give a heading without case, blanks and marks: 'Part No.' is 'partno'."""
    return re.sub(r"[\W_]+", "", heading).casefold()
