"""The station's own tables: their columns, what stands in the cells, and the files that hold them."""

import csv
import dataclasses
import io
import re
import zipfile
from collections import Counter
from datetime import datetime
from itertools import chain
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from contracts.fields import STATION_TIME
from services.resource.lists import tables, timetables
from services.resource.private.domain import PRIVATE

SHEETS = {"needs": "需求", "offers": "资源", "providers": "提供方"}
WIDTHS = {"编号": 38, "标题": 26, "名称": 24, "提供方": 24, "地址": 30, "说明": 40, "条件": 30, "电话": 16, "开始时间": 18, "结束时间": 18}  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of our own tables: the field of the call, or of the provider beside an offer."""

    name: str
    field: str
    of_provider: bool
    words: dict[str, object]
    many: bool
    required: bool

    @property
    def private(self) -> bool:
        return self.field in PRIVATE

    def word(self, value) -> str:
        """Return what people call a value that has a word."""
        return next((word for word, meant in self.words.items() if meant == value), str(value))


def columns_of(kind: str) -> list[Column]:
    """Return the columns of the station's own table of a kind, in order; each once."""
    mapping, found = tables.own_mapping(kind), {}
    for part, of_provider in (("provider", True), ("fields", False)):
        for field, rule in mapping.get(part, {}).items():
            name = tables.column_of(mapping[part], field)
            words, many = (rule.get("words", {}), rule.get("many", False)) if isinstance(rule, dict) else ({}, False)
            if name and (
                not of_provider or name not in [tables.column_of(mapping["fields"], f) for f in mapping["fields"]]
            ):
                found[name] = Column(name, field, of_provider, words, many, name in mapping["recognise"])
    return list(found.values())


class Words:
    """The live communities and categories, by what people call them."""

    def __init__(self, communities: dict[str, str], categories: list[dict]):
        self.communities = communities
        items = [category for category in categories if category["parent"]]
        times = Counter(category["name"] for category in items)
        # A name that two categories share would be read as either.
        self.categories = {c["code"]: c["name"] if times[c["name"]] == 1 else c["code"] for c in items}

    def choices(self, column: Column) -> list[str]:
        """Return what may be chosen in a column; nothing where people write what they like."""
        if column.field in ("community", "serves"):
            return list(self.communities.values())
        return list(self.categories.values()) if column.field == "category" else list(column.words)

    def cell(self, column: Column, value) -> str | int:
        """Return what a cell shows of a value."""
        if value is None:
            return ""
        if column.field in timetables.WRITERS:
            return timetables.write(column.field, value)
        if isinstance(value, (list, tuple)):
            return "、".join(str(self.cell(column, each)) for each in value)
        if isinstance(value, datetime):
            local = value.astimezone(STATION_TIME)
            return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
        if column.field in ("community", "serves"):
            return self.communities.get(value, value)
        if column.field == "category":
            return self.categories.get(value, value)
        if column.words:
            return column.word(value)
        return value if isinstance(value, int) else str(value)


def as_csv(heading: list[str], rows) -> bytes:
    """Return a table as CSV that Excel opens as it is: UTF-8 with its mark, and nothing in it a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in chain([heading], rows):
        writer.writerow(["'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(sheet_name: str, heading: list[str], rows) -> bytes:
    """Return a table as a workbook, every text a text, whatever it looks like; rows are written as they come.

    xlsxwriter makes the workbook; the rows go straight into its sheet, because xlsxwriter would keep them all in
    memory, or on a disk where private data would lie open.
    """
    frame, made = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(frame, {"in_memory": True}) as book:
        bold, plain = (
            book.add_format({"bold": True, "bg_color": "#E8F1EC"}),
            book.add_format({"num_format": 49}),
        )  # text
        sheet = book.add_worksheet(sheet_name)
        sheet.freeze_panes(1, 0)
        for number, name in enumerate(heading):
            sheet.set_column(number, number, WIDTHS.get(name, 12))
            sheet.write_string(0, number, name, bold)
        sheet.write_blank(1, 0, None, plain)
    with zipfile.ZipFile(frame) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            if part.filename == "xl/worksheets/sheet1.xml":
                _write_rows(after, part.filename, before.read(part).decode(), rows, len(heading))
            else:
                after.writestr(part.filename, before.read(part))
    return made.getvalue()


def _write_rows(archive, name: str, xml: str, rows, width: int):
    head, row, tail = re.split(r'(<row r="2".*?</row>)', re.sub(r"<dimension [^>]*/>", "", xml), flags=re.DOTALL)
    style = re.search(r'<c r="A2" s="(\d+)"', row)[1]
    letters = [xl_col_to_name(number) for number in range(width)]
    with archive.open(name, "w") as sheet:
        sheet.write(head.encode())
        for number, cells in enumerate(rows, start=2):
            parts = [_cell(f"{at}{number}", style, cell) for at, cell in zip(letters, cells, strict=True) if cell != ""]
            sheet.write(f'<row r="{number}">{"".join(parts)}</row>'.encode())
        sheet.write(tail.encode())


def _cell(place: str, style: str, cell) -> str:
    if isinstance(cell, int):
        return f'<c r="{place}"><v>{cell}</v></c>'
    text = escape(_LOOKS_ESCAPED.sub("_x005F_", cell))
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
