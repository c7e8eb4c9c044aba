"""What goes out as a table, without private data unless somebody says what for; and it can come in again."""

import base64
import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook

from chassis.privacy import Keyring, open_fields, seal_fields
from contracts.calls.resource import lists, needs, providers
from contracts.errors import Forbidden, Invalid
from contracts.resource import NeedChanged
from services.resource.service import ResourceService
from tests.support import DATA_KEYS, INDEX_KEY, OFFICE, WORKER, Caller, call, database, does, published, rows

KEYRING = Keyring(DATA_KEYS, INDEX_KEY)
GRID_WORKER = Caller("0190a000-0000-7000-8000-0000000000c1", ("community_staff",), ("jiangtou",))
LIMITED = Caller("0190a000-0000-7000-8000-0000000000c2", ("social_worker",), ("lvcuo",))
CONTACT = {"contact_name": "欧阳锋", "contact_phone": "13912345678", "contact_address": "江头东路 5 号"}
NEED = {"title": "轮椅一部", "community": "jiangtou", "category": "goods.aids", "quantity": 1, "unit": "部"}


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    schemas = {"create_need": needs.NewNeed, "create_provider": providers.NewProvider, "import_file": lists.NewImport}

    def ask(method, caller=WORKER, **arguments):
        return call(ResourceService, url, method, caller=caller, **seal_fields(KEYRING, schemas.get(method), arguments))

    return ask


@pytest.fixture
def export(ask):
    """Return a function that gives the rows of an export as dicts."""

    def export(method, caller=WORKER, format="csv", **filters):
        made = open_fields(KEYRING, lists.FileView, ask(method, caller, format=format, **filters))
        content = base64.b64decode(made["content"])
        table = read_csv(content) if format == "csv" else read_xlsx(content)
        assert made["rows"] == len(table) - 1
        return [dict(zip(table[0], row, strict=True)) for row in table[1:]]

    return export


def read_csv(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_needs_go_out_in_words_and_without_private_data(ask, export, format):
    ask(
        "create_need", **NEED, **CONTACT, target_group="elderly_alone", urgency=2, starts_at="2031-03-01T09:00:00+08:00"
    )

    (row,) = export("export_needs", format=format)

    assert (row["标题"], row["社区"], row["类别"], row["人群"], row["紧急程度"]) == (
        "轮椅一部", "江头社区", "康复辅具", "独居老人", "较急",
    )  # fmt: skip
    assert (row["开始时间"], str(row["数量"]).removesuffix(".0"), row["状态"]) == ("2031-03-01 09:00", "1", "进行中")
    assert not {"联系人", "电话", "地址", "说明"} & set(row)
    assert "欧阳锋" not in str(row)


def test_an_export_keeps_to_the_filters_and_to_the_communities_of_the_caller(ask, export):
    for community in ("jiangtou", "lvcuo"):
        for category in ("goods.aids", "goods.food"):
            ask("create_need", **NEED | {"community": community, "category": category})

    assert len(export("export_needs")) == 4
    assert [row["类别"] for row in export("export_needs", category="goods.food", community="lvcuo")] == ["食品粮油"]
    assert {row["社区"] for row in export("export_needs", GRID_WORKER)} == {"江头社区"}


def test_offers_go_out_with_their_providers(ask, export):
    provider = ask("create_provider", kind="merchant", name="好邻居超市", community="jiangtou", **CONTACT)["id"]
    facts = NEED | {"serves": ["jiangtou", "lvcuo"], "target_groups": ["disabled"], "provider_id": provider}
    ask("create_offer", **facts)

    (offer,) = export("export_offers")
    (row,) = export("export_providers")

    assert (offer["提供方"], offer["提供方类型"], offer["可服务社区"]) == (
        "好邻居超市",
        "爱心商家",
        "江头社区、吕厝社区",
    )
    assert offer["服务对象"] == "残疾"
    assert (row["名称"], row["提供方类型"]) == ("好邻居超市", "爱心商家")
    assert "电话" not in row


def test_what_has_a_timetable_goes_out_in_words_and_comes_in_with_other_words(ask, export):
    provider = ask("create_provider", kind="volunteer", name="王师傅", community="jiangtou")["id"]
    slots = [{"weekday": 2, "starts": "09:00", "ends": "11:00"}]
    made = ask("create_offer", **NEED | {"title": "修伞", "unit": "次"}, form="hours", slots=slots, provider_id=provider)

    (row,) = export("export_offers")
    assert (row["资源形式"], row["时间表"]) == ("技能或服务（按时段）", "周二 09:00-11:00")

    table = io.StringIO()
    writer = csv.DictWriter(table, row)
    writer.writeheader()
    writer.writerow(row | {"标题": "修伞补鞋"})
    ask("import_file", filename="表.csv", content=base64.b64encode(table.getvalue().encode()).decode())
    after = ask("get_offer", id=made["id"])
    assert (after["title"], after["form"], after["slots"]) == ("修伞补鞋", "hours", slots)


def test_private_data_go_out_with_a_purpose_and_on_record_for_each(url, ask, export):
    with_contact = ask("create_need", **NEED, **CONTACT, details="独居")
    ask("create_need", **NEED)

    found = export("export_needs_with_contacts", purpose="contact_for_service")

    row = next(row for row in found if row["编号"] == with_contact["id"])
    assert (row["联系人"], row["电话"], row["说明"]) == ("欧阳锋", "13912345678", "独居")
    records = rows(url, "SELECT subject_id::text AS id, purpose, revealed_by FROM reveals")
    assert records == [{"id": with_contact["id"], "purpose": "contact_for_service", "revealed_by": WORKER.id}]


def test_private_data_go_to_social_workers_and_the_office_only_and_of_their_communities(url, ask, export):
    ask("create_need", **NEED, **CONTACT)

    with pytest.raises(Forbidden, match="role_required"):
        ask("export_needs_with_contacts", GRID_WORKER, purpose="assessment")
    with pytest.raises(Invalid):
        ask("export_needs_with_contacts", purpose="curiosity")
    assert export("export_needs_with_contacts", LIMITED, purpose="assessment") == []
    assert rows(url, "SELECT id FROM reveals") == []
    assert len(export("export_needs_with_contacts", OFFICE, purpose="assessment")) == 1


def test_a_file_with_private_data_is_kept_sealed_for_a_repeated_request_and_only_for_an_hour(url, ask):
    ask("create_need", **NEED, **CONTACT)
    arguments = {"purpose": "assessment", "format": "csv"}
    call(ResourceService, url, "export_needs_with_contacts", key="again", **arguments)

    kept = "SELECT result ->> 'content' AS content FROM commands WHERE command LIKE 'export_%'"
    assert rows(url, kept)[0]["content"].startswith("t1:")
    does(ResourceService, url, "forget_exports", datetime.now(UTC) + timedelta(minutes=50))
    assert len(rows(url, kept)) == 1
    does(ResourceService, url, "forget_exports", datetime.now(UTC) + timedelta(minutes=70))
    assert rows(url, kept) == []


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("title", ["=1+1 轮椅", "+轮椅", "-轮椅", "@轮椅", '轮椅 <A> & "B" _x0041_'])
def test_what_looks_like_a_formula_goes_out_and_comes_in_as_text(url, ask, format, title):
    ask("create_need", **NEED | {"title": title})
    made = open_fields(KEYRING, lists.FileView, ask("export_needs", format=format))
    content = base64.b64decode(made["content"])

    if format == "csv":
        assert not read_csv(content)[1][1].startswith(("=", "+", "-", "@"))
    else:
        assert read_xlsx(content)[1][1] == title
    ask("import_file", filename=made["filename"], content=made["content"])
    assert rows(url, "SELECT outcome, title FROM import_rows") == [{"outcome": "unchanged", "title": title}]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_export_that_was_edited_comes_in_as_changes(url, ask, export, format):
    for number in range(3):
        ask(
            "create_need",
            **NEED | {"title": f"轮椅 {number}"},
            ends_at="2031-03-02T00:00:00+08:00",
            starts_at="2031-03-01T09:30:15+08:00",
        )
    table = export("export_needs", format=format)
    table[1] |= {"数量": "7", "社区": "吕厝社区"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]))
    writer.writeheader()
    writer.writerows({k: int(v) if isinstance(v, float) else v for k, v in row.items()} for row in table)

    ask("import_file", filename="a.csv", content=base64.b64encode(text.getvalue().encode()).decode())

    (event,) = [envelope.event for envelope in published(url, NeedChanged)]
    assert (event.need_id, event.quantity, event.community) == (table[1]["编号"], 7, "lvcuo")


def test_a_long_list_goes_out_whole(url, ask, export):
    lines = "\n".join(f"轮椅 {n} 号,江头社区,轮椅,1,部" for n in range(1201))
    content = base64.b64encode(f"标题,社区,类别,数量,单位\n{lines}".encode()).decode()
    ask("import_file", filename="a.csv", content=content)

    found = export("export_needs", format="xlsx")

    assert len({row["编号"] for row in found}) == len(found) == 1201
