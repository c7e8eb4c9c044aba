"""Workbooks to be filled in: what they offer is live, and what is filled in comes in."""

import base64
import io
import re
import zipfile
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from chassis.privacy import Keyring, open_fields, seal_fields
from contracts.calls.resource import lists
from contracts.calls.resource.providers import PROVIDER_KINDS
from contracts.calls.resource.words import TARGET_GROUPS
from services.resource.lists.sheets import columns_of
from services.resource.lists.templates import NOTES, examples
from services.resource.service import ResourceService
from tests.support import DATA_KEYS, WORKER, Caller, call, database

OPERATOR = Caller("0190a000-0000-7000-8000-000000000006", ("operator",))
KEYRING = Keyring(DATA_KEYS)


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


def template(url, kind) -> bytes:
    made = call(ResourceService, url, "make_template", kind=kind)
    return base64.b64decode(open_fields(KEYRING, lists.FileView, made)["content"])


def sheets(content) -> dict[str, list]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def parts(content) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


@pytest.mark.parametrize("kind", lists.LIST_KINDS)
def test_every_column_has_a_note_and_a_place_in_the_guide(url, kind):
    content = template(url, kind)
    main, guide, _ = sheets(content).values()
    names = [column.name for column in columns_of(kind)]

    assert main == [names]
    assert set(names) <= set(NOTES)
    assert set(names) <= {str(row[0]).rstrip("*") for row in guide}
    inside = parts(content)
    assert inside["xl/comments1.xml"].count("<comment ") == len(names)
    assert 'state="frozen"' in inside["xl/worksheets/sheet1.xml"]


def test_the_choices_are_the_words_of_the_day(url):
    call(ResourceService, url, "create_community", OPERATOR, code="hubin", name="湖滨社区")
    call(ResourceService, url, "create_category", OPERATOR, code="skills.sewing", name="缝补", synonyms=[])
    content = template(url, "needs")
    lists_of_words = sheets(content)["词表"]
    offered = {column[0]: set(column[1:]) for column in zip(*lists_of_words, strict=True)}

    assert "湖滨社区" in offered["社区"]
    assert {"缝补", "康复辅具"} <= offered["类别"]
    assert "生活物资" not in offered["类别"]  # a group, which nothing is filed under
    assert {"低保", "独居老人"} <= offered["人群"]
    checks = re.findall(r"<formula1>(.*?)</formula1>", parts(content)["xl/worksheets/sheet1.xml"])
    assert len([check for check in checks if "词表" in check]) == len(offered.keys() - {""})


def test_every_group_and_kind_of_provider_has_a_word():
    groups = next(column for column in columns_of("needs") if column.field == "target_group")
    kinds = next(column for column in columns_of("providers") if column.field == "kind")

    assert set(groups.words.values()) == set(TARGET_GROUPS)
    assert set(kinds.words.values()) == set(PROVIDER_KINDS)


def test_phone_numbers_are_text_cells(url):
    inside = parts(template(url, "needs"))
    number = [column.name for column in columns_of("needs")].index("电话") + 1
    column = re.search(rf'<col min="{number}" max="{number}"[^>]*style="(\d+)"', inside["xl/worksheets/sheet1.xml"])
    style = re.findall(r"<xf [^>]*>", inside["xl/styles.xml"].partition("<cellXfs")[2])[int(column[1])]

    assert 'numFmtId="49"' in style  # text


@pytest.mark.parametrize("kind", lists.LIST_KINDS)
def test_the_example_of_the_guide_is_a_row_that_comes_in(url, kind):
    heading = [column.name for column in columns_of(kind)]
    cells = {"社区": "江头社区", "类别": "食品粮油", **{name: str(value) for name, value in examples(date.today()).items()}}
    row = [cells.get(name, "") for name in heading]
    content = base64.b64encode(",".join(heading).encode() + b"\n" + ",".join(row).encode()).decode()
    sealed = seal_fields(KEYRING, lists.NewImport, {"filename": "a.csv", "content": content})

    report = call(ResourceService, url, "import_file", caller=WORKER, **sealed)

    assert (report["kind"], report["created"], report["rejected"]) == (kind, 1, [])
