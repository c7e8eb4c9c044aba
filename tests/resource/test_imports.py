"""Tables from outside."""

import base64
import io
import os
from pathlib import Path

import pytest
import xlsxwriter

from contracts.errors import Invalid
from contracts.resource import NeedCreated, OfferPublished, ProviderRegistered
from services.resource.service import ResourceService
from tests.support import Caller, call, database, published, rows

HEADING = "标题,社区,类别,数量,单位,电话,人群"


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


def send(url, text, filename="list.csv", caller=None, **options):
    content = text if isinstance(text, bytes) else text.encode()
    arguments = {"filename": filename, "content": base64.b64encode(content).decode(), **options}
    return call(ResourceService, url, "import_file", **({"caller": caller} if caller else {}), **sealed(arguments))


def sealed(arguments):
    from chassis.privacy import Keyring, seal_fields
    from contracts.calls.resource.lists import NewImport
    from tests.support import DATA_KEYS

    return seal_fields(Keyring(DATA_KEYS), NewImport, arguments)


def test_every_row_becomes_a_need_or_is_reported_with_its_line_and_reason(url):
    report = send(
        url,
        f"{HEADING}\n轮椅,江头社区,康复辅具,1,部,13800138000,残疾\n大米,吕厝,粮油,五袋,袋,,\n"
        f"陪诊,火星社区,陪诊,1,次,,\n送餐,蔡塘社区,送餐服务,30,份,12,独居老人\n",
    )

    assert (report["rows"], report["created"]) == (4, 1)
    assert [(p["line"], p["column"], p["slug"]) for p in report["rejected"]] == [
        (3, "数量", "Not a valid integer."),
        (4, "社区", "unknown_community"),
        (5, "电话", "invalid_phone"),
    ]
    (created,) = published(url, NeedCreated)
    assert (created.event.title, created.event.community, created.event.category) == ("轮椅", "jiangtou", "goods.aids")
    assert created.event.target_group == "disabled"


def test_a_phone_number_is_kept_sealed_and_is_in_no_event(url):
    send(url, f"{HEADING}\n轮椅,江头社区,康复辅具,1,部,13800138000,\n")

    assert rows(url, "SELECT contact_phone LIKE 't1:%' AS sealed FROM clients") == [{"sealed": True}]
    assert "13800138000" not in str(rows(url, "SELECT body FROM outbox") + rows(url, "SELECT result FROM commands"))


def test_offers_bring_their_providers_once(url):
    table = "提供方,提供方类型,标题,社区,类别,数量,单位\n好邻居超市,爱心商家,大米,吕厝社区,食品,10,袋\n好邻居超市,爱心商家,牛奶,吕厝社区,食品,9,箱\n"

    send(url, table)
    send(url, table)

    assert len(published(url, ProviderRegistered)) == 1
    assert len(published(url, OfferPublished)) == 4


def test_an_excel_workbook_imports_the_same_way_and_formulas_stay_text(url):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet()
    for r, row in enumerate([HEADING.split(","), ["=1+1 轮椅", "江头社区", "轮椅", 3, "部", "13800138000", ""]]):
        for c, value in enumerate(row):
            sheet.write_string(r, c, value) if isinstance(value, str) else sheet.write_number(r, c, value)
    book.close()

    assert send(url, buffer.getvalue(), "list.xlsx")["created"] == 1
    (created,) = published(url, NeedCreated)
    assert (created.event.title, created.event.quantity) == ("=1+1 轮椅", 3)


def test_a_list_saved_by_chinese_excel_is_read(url):
    assert send(url, f"{HEADING}\n轮椅,江头社区,康复辅具,1,部,,\n".encode("gb18030"))["created"] == 1


def test_another_list_needs_a_mapping_and_no_code(url):
    mapping = 'kind = "needs"\n[fields]\ntitle = "{想要}"\ncommunity = {value = "houpu"}\n'
    mapping += 'category = {column = "想要", default = "other.unsorted"}\nquantity = {value = 2}\nunit = {value = "个"}\n'

    report = send(url, "想要\n书包\n奇怪的东西\n", mapping=mapping)

    assert report["created"] == 2
    assert [(n["line"], n["slug"]) for n in report["notes"]] == [(2, "category_suggested"), (3, "category_unclear")]
    assert report["notes"][0]["suggested"]["name"] == "文具书籍"


@pytest.mark.parametrize(
    "content, options, slug",
    [
        ("", {}, "empty_file"),
        (HEADING, {}, "empty_file"),
        ("a,b\n1,2\n", {}, "no_mapping_fits"),
        (b"PK\x03\x04broken", {}, "unreadable_file"),
        (b"\xff\xfe\x00\x00\x81", {}, "unreadable_file"),
        ("a\n1\n", {"mapping": "not toml ["}, "bad_mapping"),
        ("a\n1\n", {"mapping": 'kind = "people"\n[fields]\n'}, "bad_mapping"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_whole(url, content, options, slug):
    with pytest.raises(Invalid) as refusal:
        send(url, content, **options)

    assert refusal.value.slug == slug
    assert published(url) == []


def test_staff_of_one_community_cannot_bring_in_needs_of_another(url):
    grid_worker = Caller("g", ("community_staff",), ("jiangtou",))
    report = send(url, f"{HEADING}\n轮椅,吕厝社区,轮椅,1,部,,\n轮椅,江头社区,轮椅,1,部,,\n", caller=grid_worker)

    assert report["created"] == 1
    assert [p["slug"] for p in report["rejected"]] == ["community_forbidden"]


def test_real_needs_are_all_taken_and_nearly_all_get_a_category(url):
    if "JINLIN_REAL_LISTS" not in os.environ:
        pytest.skip("JINLIN_REAL_LISTS does not name the folder with the wuhan2020 lists")
    lists = Path(os.environ["JINLIN_REAL_LISTS"])
    needs, offers = (send(url, (lists / name).read_bytes(), name) for name in ("needs.csv", "offers.csv"))

    assert (needs["created"], needs["rejected"]) == (875, [])
    assert (offers["created"], offers["rejected"]) == (24, [])
    unsorted = [row["title"] for row in rows(url, "SELECT title FROM needs WHERE category = 'other.unsorted'")]
    print(len(unsorted), sorted({t.split("（")[0] for t in unsorted}))
    assert len(unsorted) < 60
