"""A table is uploaded, previewed, applied as one transaction or not at all, and undone."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chassis import every
from chassis.privacy import Keyring, seal_fields
from contracts.calls.resource.clients import NewClient
from contracts.calls.resource.lists import NewImport
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.resource import (
    NeedChanged,
    NeedCreated,
    NeedWithdrawn,
    OfferPublished,
    OfferWithdrawn,
    ProviderRegistered,
    ProviderWithdrawn,
)
from services.resource.lists import imports
from services.resource.lists.checking import Checker
from services.resource.service import ResourceService
from tests.support import (
    DATA_KEYS,
    INDEX_KEY,
    OFFICE,
    WORKER,
    Caller,
    call,
    database,
    does,
    published,
    rows,
    service,
    transactions,
)

HEADING = "标题,社区,类别,数量,单位,电话"
NOW = datetime.now(UTC)
COLLEAGUE = Caller("0190a000-0000-7000-8000-0000000000c0", ("social_worker",))
GRID_WORKER = Caller("0190a000-0000-7000-8000-0000000000c1", ("community_staff",), ("jiangtou",))


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    return lambda method, caller=WORKER, **arguments: call(ResourceService, url, method, caller=caller, **arguments)


@pytest.fixture
def upload(url, ask):
    """Return a function that uploads lines and has them read; it returns the preview."""

    def upload(*lines, heading=HEADING, caller=WORKER, read=True, **options):
        content = base64.b64encode("\n".join([heading, *lines]).encode()).decode()
        sealed = seal_fields(Keyring(DATA_KEYS), NewImport, {"filename": "表.csv", "content": content, **options})
        made = ask("create_import", caller, **sealed)
        assert (made["state"], made["done"], made["total"]) == ("reading", 0, len(lines))
        if not read:
            return made
        does(ResourceService, url, "read_imports", NOW)
        return ask("get_import", caller, id=made["id"])

    return upload


@pytest.fixture
def said(ask):
    """Return a function that gives (line, outcome, first cell, first slug) of the rows of an import.

    What is said of a category that was supposed is left out.
    """

    def said(id, **filters):
        items = ask("list_import_rows", id=id, **filters)["items"]
        reasons = [[r for r in row["reasons"] if r["slug"] != "category_suggested"] for row in items]
        first = [each[0] if each else {"cell": None, "slug": None} for each in reasons]
        return [(row["line"], row["outcome"], r["cell"], r["slug"]) for row, r in zip(items, first, strict=True)]

    return said


def told(url, kind) -> list:
    return [envelope.event for envelope in published(url, kind)]


def test_a_preview_says_of_each_row_what_will_become_of_it_and_registers_nothing(url, upload, said):
    preview = upload(
        "轮椅,江头社区,轮椅,1,部,13800138000",
        "大米,吕厝社区,大米,五袋,袋,",
        "轮椅,江头社区,康复辅具,1,部,13900139000",
        " 轮 椅！,江头社区,康复辅具,2,部,",
        "陪诊,火星社区,陪诊,1,次,12",
    )

    assert (preview["state"], preview["done"], preview["total"]) == ("previewed", 5, 5)
    assert preview["outcomes"] == {"new": 2, "changed": 0, "unchanged": 0, "duplicate": 1, "wrong": 2}
    assert said(preview["id"]) == [
        (2, "new", None, None),
        (3, "wrong", "D3", "Not a valid integer."),
        (4, "new", None, None),  # another phone number is another person
        (5, "duplicate", "A5", "same_as_earlier_row"),
        (6, "wrong", "B6", "unknown_community"),
    ]
    assert published(url) == []
    assert rows(url, "SELECT count(*) AS n FROM needs") == [{"n": 0}]


def test_a_category_in_somebodys_own_words_is_suggested_with_its_confidence(ask, upload):
    preview = upload("轮椅,江头社区,轮椅,1,部,", "轮椅,江头社区,康复辅具,2,部,", "轮椅,江头社区,goods.aids,3,部,")

    first, *others = ask("list_import_rows", id=preview["id"])["items"]

    (reason,) = first["reasons"]
    assert (reason["column"], reason["cell"], reason["slug"]) == ("类别", "C2", "category_suggested")
    suggested = reason["suggested"]
    assert (suggested["code"], suggested["name"], suggested["confidence"] > 80) == ("goods.aids", "康复辅具", True)
    assert all("category_suggested" not in str(row) for row in others)


def test_a_child_in_a_list_waits_for_a_guardian(url, ask, upload, said):
    heading = f"{HEADING},来源,对象类型,出生日期,监护人,监护人电话"
    child = datetime.now(UTC).year - 5
    preview = upload(
        f"书包,江头社区,食品粮油,1,个,,网格员,个人,{child}/6/1,大明,13800000000",
        f"书包,江头社区,食品粮油,2,个,,,家庭,{child}-06-01,,",
        "书包,江头社区,食品粮油,3,个,,,,2015-02-30,,",
        "书包,江头社区,食品粮油,4,个,,,,,大明,12",
        "拐杖,江头社区,食品粮油,5,个,13911112222,热线,,1950-06-01,,",
        heading=heading,
    )

    assert said(preview["id"]) == [
        (2, "new", "I2", "guardian_consent_required"),
        (3, "wrong", "I3", "birth_of_persons_only"),
        (4, "wrong", "I4", "invalid_birth_date"),
        (5, "wrong", "K5", "invalid_phone"),
        (6, "new", None, None),
    ]
    ask("apply_import", id=preview["id"], skip_wrong=True)
    found = {need["quantity"]: need for need in ask("list_needs")["items"]}
    assert (found[1]["state"], found[1]["source"], found[5]["state"], found[5]["source"]) == (
        "draft", "grid_worker", "open", "hotline",
    )  # fmt: skip
    assert ask("get_client", id=found[1]["client_id"])["minor"] is True
    assert len(told(url, NeedCreated)) == 1


def test_what_was_uploaded_is_kept_sealed_and_goes_when_it_is_decided(url, ask, upload):
    preview = upload("轮椅,江头社区,轮椅,1,部,13800138000", "给 13700137000 送饭,江头社区,送餐,1,次,")
    kept = "SELECT content FROM import_batches UNION ALL SELECT r::text FROM import_rows AS r UNION ALL SELECT i::text FROM imports AS i"

    assert rows(url, "SELECT count(*) AS n FROM import_batches WHERE content LIKE 't1:%'") == [{"n": 1}]
    assert not any(number in str(rows(url, kept)) for number in ("13800138000", "13700137000"))

    ask("apply_import", id=preview["id"], skip_wrong=True)

    assert rows(url, "SELECT * FROM import_batches") == []


def test_applying_registers_what_is_new_with_its_events(url, ask, upload, said):
    preview = upload("轮椅,江头社区,轮椅,1,部,13800138000", "轮椅,江头社区,轮椅,1,部,", "大米,吕厝社区,大米,2,袋,")

    applied = ask("apply_import", id=preview["id"])

    assert applied["state"] == "applied"
    assert applied["results"] == {"created": 2, "changed": 0, "skipped": 1, "undone": 0, "left": 0}
    assert [event.title for event in told(url, NeedCreated)] == ["轮椅", "大米"]
    assert rows(url, "SELECT count(*) AS n FROM clients WHERE contact_phone LIKE 't1:%'") == [{"n": 1}]
    assert [line for line, *_ in said(preview["id"], became="skipped")] == [3]


def test_duplicates_are_taken_where_the_caller_says_so(url, ask, upload):
    preview = upload("轮椅,江头社区,轮椅,1,部,", "轮椅,江头社区,轮椅,1,部,")

    assert ask("apply_import", id=preview["id"], include_duplicates=True)["results"]["created"] == 2


def test_what_exists_is_a_duplicate_by_its_words_within_a_month_or_by_phone_and_title(url, ask, upload, said):
    ask("apply_import", id=upload("轮椅,江头社区,轮椅,1,部,13800138000", "大米,吕厝社区,大米,2,袋,")["id"])

    again = upload("轮椅。,江头社区,轮椅,1,部,", "轮椅,后埔社区,轮椅,1,部,138 0013 8000", "大米,吕岭社区,大米,2,袋,")

    assert [row[1:] for row in said(again["id"])] == [
        ("duplicate", "A2", "same_as_existing"),
        ("duplicate", "A3", "same_as_existing"),
        ("new", None, None),
    ]
    rows(url, "UPDATE needs SET created_at = created_at - interval '40 days'")
    assert upload("轮椅,江头社区,轮椅,1,部,")["outcomes"]["new"] == 1


def test_wrong_rows_hold_up_the_others_unless_they_are_left_out(url, ask, upload):
    preview = upload("轮椅,江头社区,轮椅,1,部,", "大米,火星社区,大米,2,袋,")

    with pytest.raises(Conflict) as refusal:
        ask("apply_import", id=preview["id"])

    assert (refusal.value.slug, refusal.value.facts) == ("import_has_wrong_rows", {"wrong": 1})
    assert published(url) == []
    assert ask("apply_import", id=preview["id"], skip_wrong=True)["results"]["created"] == 1


def test_a_row_with_a_number_of_ours_changes_what_it_names_and_nothing_else(url, ask, upload, said):
    ask("apply_import", id=upload("轮椅,江头社区,轮椅,1,部,13800138000", "大米,吕厝社区,大米,2,袋,")["id"])
    chair, rice = sorted(ask("list_needs")["items"], key=lambda need: need["id"])
    table = [f"{chair['id']},轮椅,江头社区,康复辅具,3,部", f"{rice['id']},大米,吕厝社区,食品粮油,2,袋"]
    table += ["0190a000-0000-7000-8000-00000000dead,床,江头社区,轮椅,1,张", "七号,床,江头社区,轮椅,1,张"]

    preview = upload(*table, heading="编号,标题,社区,类别,数量,单位")

    assert said(preview["id"]) == [
        (2, "changed", "E2", "will_change"),
        (3, "unchanged", None, None),
        (4, "wrong", "A4", "unknown_number"),
        (5, "wrong", "A5", "not_an_id"),
    ]
    applied = ask("apply_import", id=preview["id"], skip_wrong=True, include_changes=True)
    assert applied["results"] == {"created": 0, "changed": 1, "skipped": 3, "undone": 0, "left": 0}
    assert [(event.need_id, event.quantity) for event in told(url, NeedChanged)] == [(chair["id"], 3)]
    after = ask("get_need", id=chair["id"])
    assert after == {**chair, "quantity": 3, "version": 2}


def test_a_preview_that_was_overtaken_by_a_change_takes_nothing(url, ask, upload):
    ask("apply_import", id=upload("轮椅,江头社区,轮椅,1,部,")["id"])
    (need,) = ask("list_needs")["items"]
    preview = upload(
        ",大米,吕厝社区,大米,1,袋", f"{need['id']},轮椅,江头社区,轮椅,3,部", heading="编号,标题,社区,类别,数量,单位"
    )
    ask("change_need", id=need["id"], version=1, quantity=9)

    with pytest.raises(Conflict) as refusal:
        ask("apply_import", id=preview["id"], include_changes=True)

    assert (refusal.value.slug, refusal.value.facts) == ("import_is_outdated", {"line": 3})
    assert len(told(url, NeedCreated)) == 1
    assert ask("get_import", id=preview["id"])["state"] == "previewed"


def test_two_previews_of_one_table_register_it_once(url, ask, upload):
    previews = [upload("轮椅,江头社区,轮椅,1,部,", "大米,吕厝社区,大米,2,袋,")["id"] for _ in range(4)]

    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda id: ask("apply_import", id=id), previews))

    assert sorted(each["results"]["created"] for each in done) == [0, 0, 0, 2]
    assert len(told(url, NeedCreated)) == 2


def test_an_import_is_applied_once_whoever_is_quicker(url, ask, upload):
    preview = upload("轮椅,江头社区,轮椅,1,部,")

    def apply(_):
        try:
            return ask("apply_import", id=preview["id"])["state"]
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(apply, range(4))) == ["applied"] + ["import_already_decided"] * 3
    assert len(told(url, NeedCreated)) == 1


def test_an_import_is_undone_but_for_what_was_touched_since(url, ask, upload, said):
    ask("apply_import", id=upload("轮椅,江头社区,轮椅,1,部,", "拐杖,江头社区,拐杖,1,部,")["id"])
    stick, chair = ask("list_needs")["items"]
    heading = "编号,标题,社区,类别,数量,单位,结束时间"
    lines = [f"{x['id']},{x['title']},江头社区,康复辅具,5,部,2031-03-01" for x in (chair, stick)]
    preview = upload(*lines, ",大米,吕厝社区,大米,2,袋,", ",面条,吕厝社区,大米,2,袋,", heading=heading)
    ask("apply_import", id=preview["id"], include_changes=True)
    rice = next(need for need in ask("list_needs")["items"] if need["title"] == "大米")
    ask("change_need", id=stick["id"], version=2, quantity=7)
    ask("withdraw_need", id=rice["id"], reason="no_longer_needed")

    undone = ask("undo_import", id=preview["id"])

    assert undone["state"] == "undone"
    assert undone["results"] == {"created": 0, "changed": 0, "skipped": 0, "undone": 2, "left": 2}
    left = ask("list_import_rows", id=preview["id"], became="left")["items"]
    assert [(row["line"], row["reasons"][-1]["slug"]) for row in left] == [
        (3, "touched_since"),
        (4, "already_withdrawn"),
    ]
    again = ask("get_need", id=chair["id"])
    assert (again["quantity"], again["ends_at"], again["version"]) == (1, None, 3)
    assert ask("get_need", id=stick["id"])["quantity"] == 7
    assert told(url, NeedWithdrawn)[-1].reason == "entered_by_mistake"
    with pytest.raises(Conflict, match="import_not_applied"):
        ask("undo_import", id=preview["id"])


def test_what_an_import_registered_and_somebody_changed_since_is_left(url, ask, upload):
    preview = upload("轮椅,江头社区,轮椅,1,部,", "拐杖,江头社区,拐杖,1,部,")
    ask("apply_import", id=preview["id"])
    stick, chair = ask("list_needs")["items"]
    ask("change_need", id=stick["id"], version=1, quantity=7)

    undone = ask("undo_import", id=preview["id"])

    assert (undone["results"]["undone"], undone["results"]["left"]) == (1, 1)
    (left,) = ask("list_import_rows", id=preview["id"], became="left")["items"]
    assert (left["subject_id"], left["reasons"][-1]["slug"]) == (stick["id"], "touched_since")
    assert [ask("get_need", id=need["id"])["state"] for need in (stick, chair)] == ["open", "cancelled"]
    assert [event.need_id for event in told(url, NeedWithdrawn)] == [chair["id"]]


@pytest.mark.parametrize("attempt", range(4))
def test_an_import_that_is_undone_while_its_rows_are_changed_loses_no_change(url, ask, upload, attempt):
    preview = upload(*(f"轮椅{n},江头社区,轮椅,1,部," for n in range(6)))
    ask("apply_import", id=preview["id"])
    needs = ask("list_needs")["items"]

    def change(need):
        try:
            return ask("change_need", id=need["id"], version=1, quantity=7)["quantity"]
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(7) as threads:
        undoing = threads.submit(ask, "undo_import", id=preview["id"])
        said = list(threads.map(change, needs))
        undone = undoing.result()

    after = [ask("get_need", id=need["id"]) for need in needs]
    assert set(said) <= {7, "already_withdrawn", "stale_version"}
    assert [(need["state"], need["quantity"]) for need in after] == [
        ("open", 7) if word == 7 else ("cancelled", 1) for word in said
    ]
    assert (undone["results"]["undone"], undone["results"]["left"]) == (6 - said.count(7), said.count(7))
    assert len(told(url, NeedWithdrawn)) == 6 - said.count(7)


def test_an_import_is_undone_once_whoever_is_quicker(url, ask, upload):
    preview = upload("轮椅,江头社区,轮椅,1,部,", "拐杖,江头社区,拐杖,1,部,")
    ask("apply_import", id=preview["id"])

    def undo(_):
        try:
            return ask("undo_import", id=preview["id"])["state"]
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(undo, range(4))) == ["import_not_applied"] * 3 + ["undone"]
    assert len(told(url, NeedWithdrawn)) == 2


def test_a_long_import_is_undone_whole_with_every_event(url, ask, upload):
    preview = upload(*(f"轮椅 {n} 号,江头社区,轮椅,1,部," for n in range(1203)))
    ask("apply_import", id=preview["id"])
    (newest, *_) = ask("list_needs")["items"]
    ask("change_need", id=newest["id"], version=1, quantity=7)

    undone = ask("undo_import", id=preview["id"])

    assert (undone["results"]["undone"], undone["results"]["left"]) == (1202, 1)
    assert rows(url, "SELECT state, count(*) AS n FROM needs GROUP BY state ORDER BY state") == [
        {"state": "cancelled", "n": 1202},
        {"state": "open", "n": 1},
    ]
    assert len({event.need_id for event in told(url, NeedWithdrawn)} - {newest["id"]}) == 1202
    assert rows(url, "SELECT count(*) AS n FROM search_entries WHERE state = 'cancelled'") == [{"n": 1202}]


def test_offers_are_undone_with_the_providers_that_came_with_them(url, ask, upload):
    heading = "提供方,提供方类型,标题,社区,类别,数量,单位"
    preview = upload(
        "好邻居,爱心商家,大米,吕厝社区,食品,10,袋", "新邻居,爱心商家,大米,吕厝社区,食品,10,袋", heading=heading
    )
    assert preview["outcomes"]["new"] == 2
    ask("apply_import", id=preview["id"])
    ask("apply_import", id=upload("新邻居,爱心商家,面条,吕厝社区,食品,10,袋", heading=heading)["id"])
    assert len(told(url, ProviderRegistered)) == 2

    ask("undo_import", id=preview["id"])

    assert len(told(url, OfferWithdrawn)) == 2
    assert len(told(url, ProviderWithdrawn)) == 1  # the other has more to offer since
    assert len(told(url, OfferPublished)) == 3


def test_an_offer_is_checked_by_the_rules_of_its_form(url, ask, upload, said):
    heading = "提供方,标题,社区,类别,数量,单位,资源形式,周期,资金用途"
    preview = upload(
        "好邻居,助学金,江头社区,困难救助金,5000,元,资金,,",
        "好邻居,助学金,江头社区,困难救助金,5000,元,资金,,开学用品",
        "好邻居,牛奶,江头社区,食品,9,箱,实物（每期都有）,每周,",
        "好邻居,咨询,江头社区,法律咨询,,次,不限量,,",
        heading=heading,
    )

    assert [row[1:] for row in said(preview["id"])] == [
        ("wrong", "I2", "purpose_missing"), ("new", None, None), ("new", None, None), ("new", None, None),
    ]  # fmt: skip
    ask("apply_import", id=preview["id"], skip_wrong=True)
    assert [(e.form, e.period) for e in told(url, OfferPublished)] == [
        ("money", ""), ("goods_per_period", "week"), ("unlimited", ""),
    ]  # fmt: skip


def test_providers_come_in_by_a_list_of_their_own(url, ask, upload, said):
    heading = "名称,提供方类型,社区,电话"
    ask("apply_import", id=upload("好邻居,爱心商家,吕厝社区,0592-5551234", heading=heading)["id"])

    preview = upload(
        "好 邻居,企业,吕厝社区,", "好邻居,爱心商家,后埔社区,05925551234", "好邻居,企业,后埔社区,", heading=heading
    )

    assert [row[1] for row in said(preview["id"])] == ["duplicate", "duplicate", "duplicate"]
    assert said(preview["id"])[2][3] == "same_as_earlier_row"


def test_an_organisation_comes_in_whole_and_once(ask, upload, said):
    heading = "名称,提供方类型,社区,机构全称,统一社会信用代码,可服务社区,通知内容,通知方式,同意公开名称"
    line = "好邻居,企业,吕厝社区,厦门好邻居超市有限公司,91350200ma2xn8k317,江头社区、吕厝社区,认领、提醒,电话,是"
    ask("apply_import", id=upload(line, heading=heading)["id"])
    (provider,) = ask("list_providers")["items"]
    assert (provider["organisation_name"], provider["credit_code"]) == ("厦门好邻居超市有限公司", "91350200MA2XN8K317")
    assert (provider["serves"], provider["tell"], provider["tell_by"], provider["named"]) == (
        ["jiangtou", "lvcuo"], ["claims", "reminders"], ["phone"], True,
    )  # fmt: skip

    preview = upload(
        "新邻居,企业,吕厝社区,,91350200MA2XN8K317,,,,",
        "老邻居,企业,吕厝社区,,91350200MA2XN8K318,,,,",
        "老王,志愿者,吕厝社区,老王公司,,,,,",
        "江头公司,企业,吕厝社区,,911100001000024719,,,,",
        "江头公司二,企业,吕厝社区,,911100001000024719,,,,",
        heading=heading,
    )

    assert said(preview["id"]) == [
        (2, "wrong", "E2", "credit_code_taken"), (3, "wrong", "E3", "invalid_credit_code"),
        (4, "wrong", "D4", "not_an_organisation"), (5, "new", None, None), (6, "wrong", "E6", "credit_code_taken"),
    ]  # fmt: skip
    ask("create_provider", name="先登记的", kind="company", community="lvcuo", credit_code="911100001000024719")
    with pytest.raises(Conflict, match="credit_code_taken"):
        ask("apply_import", id=preview["id"], skip_wrong=True)


def test_goods_in_a_list_have_their_last_good_day(ask, upload):
    heading = "提供方,标题,社区,类别,数量,单位,有效期至"
    ask("apply_import", id=upload("好邻居,大米,江头社区,食品粮油,9,袋,2031/12/31", heading=heading)["id"])
    (offer,) = ask("list_offers")["items"]
    assert offer["expires_on"] == "2031-12-31"

    later = upload(f"{offer['id']},好邻居,大米,江头社区,食品粮油,9,袋,2032-01-31", heading="编号," + heading)
    ask("apply_import", id=later["id"], include_changes=True)
    assert ask("get_offer", id=offer["id"])["expires_on"] == "2032-01-31"
    ask("undo_import", id=later["id"])
    assert ask("get_offer", id=offer["id"])["expires_on"] == "2031-12-31"


def test_what_has_a_timetable_comes_in_and_changes_by_list(ask, upload):
    heading = "提供方,提供方类型,标题,社区,类别,数量,单位,资源形式,时间表,场次,停用日"
    preview = upload(
        "王师傅,志愿者,修伞,江头社区,居家服务,2,次,技能或服务（按时段）,周一至周三 09:00-11:00,,2031-10-01至2031-10-02",
        "图书馆,共建单位,小馆员,江头社区,其他,,个,岗位（按日期）,,2031-03-08 09:00-12:00 4人；2031-03-15 09:00-12:00 6人,",
        "李师傅,志愿者,理发,江头社区,居家服务,2,次,技能或服务（按时段）,有空就来,,", heading=heading,
    )  # fmt: skip
    assert [(row["outcome"], [r["slug"] for r in row["reasons"] if r["cell"] == "I4"]) for row in ask("list_import_rows", id=preview["id"])["items"]] == [
        ("new", []), ("new", []), ("wrong", ["unclear_times"])]  # fmt: skip
    ask("apply_import", id=preview["id"], skip_wrong=True)

    posts, hours = sorted(ask("list_offers")["items"], key=lambda offer: offer["form"], reverse=True)
    assert [slot["weekday"] for slot in hours["slots"]] == [1, 2, 3]
    assert [str(day) for day in hours["days_off"]] == ["2031-10-01", "2031-10-02"]
    assert [each["places"] for each in posts["dates"]] == [4, 6]

    row = f"{hours['id']},王师傅,志愿者,修伞,江头社区,居家服务,2,次,技能或服务（按时段）,周五 09:00-11:00,,2031-10-03"
    later = upload(row, heading="编号," + heading)
    ask("apply_import", id=later["id"], include_changes=True)
    after = ask("get_offer", id=hours["id"])
    assert ([slot["weekday"] for slot in after["slots"]], list(map(str, after["days_off"]))) == ([5], ["2031-10-03"])
    assert [row["outcome"] for row in ask("list_import_rows", id=upload(row, heading="编号," + heading)["id"])["items"]] == ["unchanged"]
    ask("undo_import", id=later["id"])
    assert ask("get_offer", id=hours["id"])["slots"] == hours["slots"]


def test_an_import_is_its_owners_and_the_offices_affair(url, ask, upload):
    preview = upload("轮椅,江头社区,轮椅,1,部,")

    for method in ("get_import", "list_import_rows", "apply_import", "undo_import", "discard_import"):
        with pytest.raises(Forbidden, match="not_your_import"):
            ask(method, COLLEAGUE, id=preview["id"])
    assert ask("list_imports", COLLEAGUE)["items"] == []
    assert [each["id"] for each in ask("list_imports", OFFICE)["items"]] == [preview["id"]]
    assert ask("apply_import", OFFICE, id=preview["id"])["applied_by"] == OFFICE.id
    with pytest.raises(NotFound):
        ask("get_import", id="0190a000-0000-7000-8000-00000000dead")


def test_staff_of_one_community_preview_only_their_own(url, upload, ask):
    preview = upload("轮椅,吕厝社区,轮椅,1,部,", "轮椅,江头社区,轮椅,1,部,", caller=GRID_WORKER)

    assert preview["outcomes"] == {"new": 1, "changed": 0, "unchanged": 0, "duplicate": 0, "wrong": 1}
    items = ask("list_import_rows", GRID_WORKER, id=preview["id"], outcome="wrong")["items"]
    assert (items[0]["reasons"][0]["slug"], items[0]["title"]) == ("community_forbidden", None)


def test_a_discarded_import_leaves_nothing_of_its_rows(url, ask, upload):
    preview = upload("轮椅,江头社区,轮椅,1,部,", read=False)

    assert ask("discard_import", id=preview["id"])["state"] == "discarded"

    assert rows(url, "SELECT line FROM import_rows UNION ALL SELECT number FROM import_batches") == []
    does(ResourceService, url, "read_imports", NOW)
    with pytest.raises(Conflict, match="import_already_decided"):
        ask("apply_import", id=preview["id"])


def test_what_nobody_decides_about_is_let_go_after_a_week(url, ask, upload):
    waiting, applied = (upload(f"{what},江头社区,轮椅,1,部,")["id"] for what in ("轮椅", "拐杖"))
    ask("apply_import", id=applied)

    does(ResourceService, url, "forget_imports", NOW + timedelta(days=6))
    assert rows(url, "SELECT count(*) AS n FROM import_rows") == [{"n": 2}]
    does(ResourceService, url, "forget_imports", NOW + timedelta(days=8))

    assert rows(url, "SELECT line FROM import_rows UNION ALL SELECT number FROM import_batches") == []
    assert ask("get_import", id=waiting)["state"] == "discarded"
    assert ask("get_import", id=applied)["results"]["created"] == 1


def test_it_is_too_late_to_undo_after_a_week(url, ask, upload):
    id = upload("轮椅,江头社区,轮椅,1,部,")["id"]
    ask("apply_import", id=id)
    rows(url, "UPDATE imports SET applied_at = applied_at - interval '8 days'")

    with pytest.raises(Conflict, match="import_too_old_to_undo"):
        ask("undo_import", id=id)


def test_a_long_table_is_read_in_batches_with_its_progress_in_sight(url, ask, upload, monkeypatch):
    monkeypatch.setattr(imports, "SECOND", 0)
    made = upload(*(f"轮椅 {n} 号,江头社区,轮椅,1,部," for n in range(1203)), read=False)
    seen = []
    instance = service(ResourceService, url)

    while every.carry_out(instance, "read_imports", instance.db.transactions, NOW):
        progress = ask("get_import", id=made["id"])
        seen.append((progress["state"], progress["done"]))

    assert seen == [("reading", 500), ("reading", 1000), ("reading", 1203), ("previewed", 1203)]
    page = ask("list_import_rows", id=made["id"], limit=200)
    assert (len(page["items"]), page["next"]) == (200, "201")
    assert ask("list_import_rows", id=made["id"], limit=200, after=201)["items"][0]["line"] == 202


def test_an_import_at_which_reading_crashes_is_given_up_and_holds_up_no_other(url, ask, upload, monkeypatch):
    real = Checker.check

    def check(self, batch):
        if any("坏" in cells["标题"] for _, cells in batch):
            raise ZeroDivisionError
        return real(self, batch)

    monkeypatch.setattr(Checker, "check", check)
    bad, good = (upload(f"{title},江头社区,轮椅,1,部,", read=False)["id"] for title in ("坏", "轮椅"))
    seen = []

    for _ in range(3):
        does(ResourceService, url, "read_imports", NOW)
        seen.append([ask("get_import", id=id)["state"] for id in (bad, good)])

    assert seen == [["reading", "reading"], ["reading", "previewed"], ["failed", "previewed"]]
    assert ask("get_import", id=bad)["reason"] == {"slug": "import_failed"}
    assert rows(url, "SELECT 1 FROM import_batches WHERE import_id = CAST(:id AS uuid)", id=bad) == []
    with pytest.raises(Conflict, match="import_failed"):
        ask("apply_import", id=bad)
    assert ask("apply_import", id=good)["state"] == "applied"


def test_a_broken_file_is_refused_at_once(url, ask):
    arguments = {"filename": "a.xlsx", "content": base64.b64encode(b"PK\x03\x04broken").decode()}

    with pytest.raises(Invalid, match="unreadable_file"):
        ask("create_import", **seal_fields(Keyring(DATA_KEYS), NewImport, arguments))

    assert rows(url, "SELECT id FROM imports") == []


def test_uploaded_rows_are_sealed_anew_with_a_new_key(url, ask, upload):
    preview = upload("轮椅,江头社区,轮椅,1,部,13800138000")
    newer = Keyring((("t2", b"2" * 32), *DATA_KEYS), INDEX_KEY)
    opened = transactions(ResourceService, url)

    with opened.transaction() as store:
        assert store.reseal(newer, limit=50) == 1
        assert store.reseal(newer, limit=50) == 0
    opened.engine.dispose()

    assert rows(url, "SELECT content LIKE 't2:%' AS fresh FROM import_batches") == [{"fresh": True}]
    assert preview["state"] == "previewed"


def test_a_preview_that_names_somebody_who_withdraws_consent_is_discarded(url, ask, upload):
    phone = seal_fields(Keyring(DATA_KEYS), NewClient, {"contact_phone": "13800138000"})
    person = ask("create_client", kind="person", community="jiangtou", **phone)
    consent = ask("give_consent", id=person["id"], what="service", by_whom="self", how="paper")
    named, other = (upload(f"轮椅,江头社区,轮椅,1,部,{phone}") for phone in ("138 0013 8000", "13900139000"))

    ask("withdraw_consent", id=consent["id"])

    assert [ask("get_import", id=each["id"])["state"] for each in (named, other)] == ["discarded", "previewed"]
    kept = {str(row["import_id"]) for row in rows(url, "SELECT import_id FROM import_batches")}
    assert kept == {other["id"]}
    assert rows(url, "SELECT 1 FROM import_rows WHERE phone_digest IS NOT NULL AND import_id = :id", id=named["id"]) == []
