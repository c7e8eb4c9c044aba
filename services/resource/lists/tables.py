"""Tables as people keep them, and the mapping files that say what their columns mean. No I/O but reading mappings.

A mapping is TOML::

    name = "needs"                       # shown in the report
    kind = "needs"                       # or "offers", "providers"
    recognise = ["标题", "社区"]          # a table with these columns is of this sort

    [fields]                             # a field of the call: where it comes from
    title = "{物资}（{需求单位}）"         # text with columns in it
    details = ["规格：{规格}", …]         # parts; one whose columns are empty is left out
    serves = { column = "可服务社区", many = true }   # a cell with several, 、 between them
    quantity = { column = "数量", default = 1, unknown = ["1"], note = "quantity_unknown" }
    urgency = { column = "紧急程度", words = { "紧急" = 3 } }
    unit = { value = "件" }

    [provider]                           # offers only: who offers, found by name or made
"""

import csv
import io
import re
import tomllib
import zipfile
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from contracts.calls.resource.needs import NewNeed
from contracts.calls.resource.offers import NewOffer
from contracts.calls.resource.providers import NewProvider
from contracts.errors import Invalid
from contracts.fields import STATION_TIME
from services.resource.lists import timetables
from services.resource.search.domain import words_of
from services.resource.words.domain import Vocabulary

SCHEMAS = {"needs": NewNeed, "offers": NewOffer, "providers": NewProvider}
FOLDER = Path(__file__).parent / "mappings"
MOST_ROWS = 50_000
MOST_LINES = 2_000_000  # Excel has half as many
MOST_COLUMNS = 200
MOMENTS = ("starts_at", "ends_at")
DAYS = ("expires_on", "birth_date")
LIKELY = 30  # of 100; with less a category is not guessed
MOST_UNPACKED = 150_000_000  # bytes; a small file may unpack to more than there is memory
_BETWEEN = re.compile(r"[、,，;；/\s]+")
_GUARDED = re.compile(r"'[=+\-@\t\r]")
_COLUMN = re.compile(r"\{([^{}]+)\}")


def read_table(filename: str, content: bytes) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the heading, and (line, {column: text}) of each row that is not empty; the heading is line 1.

    Raises Invalid where the file cannot be read, has no rows, or has too many.
    """
    rows = _workbook_rows(content) if content[:2] in (b"PK", b"\xd0\xcf") else _csv_rows(content)
    heading = next(rows, None)
    columns = [text.strip() for text in heading or []]
    if not any(columns) or len(columns) > MOST_COLUMNS:
        raise Invalid("empty_file" if not any(columns) else "unreadable_file", "file")
    table = []
    for line, row in enumerate(rows, start=2):
        cells = {name: text.strip() for name, text in zip(columns, row, strict=False) if name}
        if any(cells.values()):
            table.append((line, cells))
        if len(table) > MOST_ROWS:
            raise Invalid("too_many_rows", "file", most=MOST_ROWS)
        if line > MOST_LINES:
            raise Invalid("too_many_rows", "file", most=MOST_ROWS)
    if not table:
        raise Invalid("empty_file", "file")
    return columns, table


def choose_mapping(columns, kind: str | None, text: str | None) -> dict:
    """Return the mapping that was given, or the one of our own that recognises the most of these columns."""
    if text:
        try:
            found = [_checked(tomllib.loads(text))]
        except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
            raise Invalid("bad_mapping", "mapping") from error
    else:
        found = sorted(_own_mappings(), key=lambda mapping: -len(mapping["recognise"]))
    for mapping in found:
        if set(mapping["recognise"]) <= set(columns) and kind in (None, mapping["kind"]):
            return mapping
    raise Invalid("no_mapping_fits", "file")


def fill(fields: dict, cells: dict[str, str], words) -> tuple[dict, list[tuple[str, str | None, str]]]:
    """Return the call's data that a row gives, and notes (field, column, slug) on what was supposed.

    `words` turns what people write in a community or category column into codes.
    """
    data, notes = {}, []
    for name, rule in fields.items():
        if isinstance(rule, str):
            value, column = _COLUMN.sub(lambda match: cells.get(match[1], ""), rule), _first_column(rule)
        elif isinstance(rule, list):
            parts = [part for part in rule if all(cells.get(c) for c in _COLUMN.findall(part))]
            value = "；".join(_COLUMN.sub(lambda match: cells[match[1]], part) for part in parts)
            column = None
        else:
            value, column = rule.get("value", cells.get(rule.get("column", ""), "")), rule.get("column")
            if rule.get("many"):
                data |= _several(name, rule, value, words)
                continue
            value = rule.get("words", {}).get(value, value)
            unclear = value == "" or str(value) in rule.get("unknown", ())
            if name in words and value != "":
                found = words[name](value)
                unclear, value = found is None, found or value
            if unclear and "default" in rule:
                value = rule["default"]
            if rule.get("note") and (unclear or "value" in rule):
                notes.append((name, column, rule["note"]))
            elif unclear and name == "category" and "default" in rule:
                notes.append((name, column, "category_unclear"))
        if value != "":
            data[name] = _typed(name, value)
    return data, notes


def _several(name: str, rule: dict, text: str, words) -> dict:
    """Return a field that takes a list, from what people write side by side in a cell; nothing for an empty one."""
    parts = [part for part in _BETWEEN.split(text) if part]
    known = rule.get("words", {})
    find = words.get(name, lambda part: None)
    return {name: [known.get(part) or find(part) or part for part in parts]} if parts else {}


def column_of(fields: dict, name: str) -> str | None:
    """Return the column that a field comes from, for pointing at a mistake."""
    rule = fields.get(name)
    if isinstance(rule, str):
        return _first_column(rule)
    return rule.get("column") if isinstance(rule, dict) else None


def category_finder(categories: list[dict]):
    """Return a function from people's words to (category's code or none, suggestion or none).

    By code and by name nothing has to be supposed; else it is what the words may mean: code, name, confidence.
    """
    exact = {word: each["code"] for each in categories if each["parent"] for word in (each["code"], each["name"])}
    vocabulary = Vocabulary(categories)

    @cache
    def find(text):
        if text in exact:
            return exact[text], None
        best = vocabulary.suggest(text, words_of(text))[:1]
        if not best or best[0]["confidence"] < LIKELY:
            return None, None
        return best[0]["code"], {name: best[0][name] for name in ("code", "name", "confidence")}

    return find


def _csv_rows(content: bytes):
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid("unreadable_file", "file")
    if "\0" in text:
        raise Invalid("unreadable_file", "file")
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            # Our own exports, and Excel itself, put a quotation mark before what would be taken for a formula.
            yield [cell[1:] if _GUARDED.match(cell) else cell for cell in row]
    except csv.Error as error:
        raise Invalid("unreadable_file", "file") from error


def _workbook_rows(content: bytes):
    if content[:2] == b"PK":
        _check_size(content)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise Invalid("unreadable_file", "file") from error
    for row in rows:
        yield [_cell_text(cell) for cell in row]


def _check_size(content: bytes):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Invalid("unreadable_file", "file") from error
    if unpacked > MOST_UNPACKED:
        raise Invalid("too_many_rows", "file", most=MOST_ROWS)


def _cell_text(cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return "" if isinstance(cell, timedelta) else str(cell)


def _typed(name, value):
    """Return a cell's text as the call wants it, or as it is where it cannot be understood: the schema then says why."""
    if name in ("quantity", "urgency") and isinstance(value, str):
        plain = value.replace(",", "").replace("，", "")
        return int(plain) if re.fullmatch(r"\d{1,12}", plain, re.ASCII) else value
    if name in timetables.READERS and isinstance(value, str):
        return timetables.read(name, value)
    if name in (*MOMENTS, *DAYS) and isinstance(value, str):
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y年%m月%d日"):
            try:
                moment = datetime.strptime(value, form).replace(tzinfo=STATION_TIME)
            except ValueError:
                continue
            if name in DAYS:
                return moment.date().isoformat()
            # A day named as the end is meant whole.
            whole_day = name == "ends_at" and "H" not in form
            return (moment + timedelta(days=1) if whole_day else moment).isoformat()
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def _first_column(rule: str) -> str | None:
    found = _COLUMN.findall(rule)
    return found[0] if found else None


def _checked(mapping: dict) -> dict:
    if mapping["kind"] not in SCHEMAS or (mapping["kind"] == "offers" and "name" not in mapping["provider"]):
        raise KeyError("kind")
    rules = [*mapping["fields"].values(), *mapping.get("provider", {}).values()]
    if not all(isinstance(rule, (str, list, dict)) for rule in rules):
        raise TypeError("a field's rule is text, a list of texts or a table")
    return {"name": str(mapping.get("name", "given")), "recognise": list(mapping.get("recognise", ())), **mapping}


@cache
def _own_mappings() -> tuple[dict, ...]:
    return tuple(_taken(_checked(tomllib.loads(path.read_text()))) for path in sorted(FOLDER.glob("*.toml")))


def _taken(mapping: dict) -> dict:
    """Return one of our own mappings with the fields that the call takes."""
    known = SCHEMAS[mapping["kind"]]().fields
    return mapping | {"fields": {name: rule for name, rule in mapping["fields"].items() if name in known}}


def own_mapping(kind: str) -> dict:
    """Return the mapping of the station's own lists of a kind: the one that is named as the kind is."""
    return next(mapping for mapping in _own_mappings() if mapping["name"] == kind)
