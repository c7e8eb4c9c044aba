"""What may be there twice: flagged with its reason, merged by a person, parted again within a week."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.resource import ClientChanged, NeedChanged, NeedMet, NeedWithdrawn
from services.resource.duplicates.domain import likeness_of_people, likeness_of_texts, normal_address, text_key
from services.resource.needs.register import register_needs
from services.resource.service import ResourceService
from tests.resource.people import CHILD, CLIENT, GRID_WORKER, KEYRING, NEED, OFFER, PERSON, Asking, told
from tests.resource.test_assessments import ANSWERS, BEST
from tests.resource.test_needs import delivered, whole
from tests.support import WORKER, database, does, hears, rows, transactions

SERVICE = {"what": "service", "by_whom": "self", "how": "paper"}
NEIGHBOUR = {
    "contact_name": "洪七",
    "contact_phone": "13700000000",
    "contact_address": "江头西路 9 号",
    "birth_date": None,
}


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    return Asking(url)


def pairs(ask, *caller, **filters) -> set:
    """Return the pairs that are listed: (ids, reason)."""
    found = ask("list_duplicates", *caller, **filters)["items"]
    return {(frozenset((row["one"]["id"], row["other"]["id"])), row["reason"]) for row in found}


def pair(one, other, reason):
    return (frozenset((one["id"], other["id"])), reason)


# What is alike


@pytest.mark.parametrize(
    "other, near",
    [
        ({"contact_name": "王晓明"}, True),
        ({"contact_name": "王小民", "contact_address": "厦门市湖里区江头东路五号2幢 301室"}, True),
        ({"contact_name": "黄小明 先生"}, True),
        ({"contact_name": "李大海"}, False),
        ({"contact_address": "江头东路5号2栋302"}, False),
        ({"contact_address": "江头东路5号"}, True),
        ({"contact_address": None}, False),
    ],
)
def test_people_are_alike_by_name_and_address_together(other, near):
    person = {"contact_name": "王小明", "contact_address": "江头东路5号2栋301"}

    assert (likeness_of_people(person, person | other) is not None) is near
    assert likeness_of_people(person, person) == 100


@pytest.mark.parametrize(
    "one, other, alike",
    [
        ("轮椅 一部", "轮椅一部。", True),
        ("需要有人每周陪老人去中山医院复诊一次", "需要有人每周陪老人到中山医院复诊一次", True),
        ("大米 10 袋", "大米 20 袋", False),
        ("轮椅", "拐杖", False),
    ],
)
def test_texts_are_alike_but_for_their_numbers(one, other, alike):
    assert (likeness_of_texts(text_key(one), text_key(other)) is not None) is alike


def test_an_address_is_compared_without_what_all_have_in_common():
    assert normal_address("福建省厦门市湖里区江头街道 江头东路 5号楼") == "江头东路5栋"


# What is flagged


@pytest.mark.parametrize(
    "changes, reason",
    [
        (NEIGHBOUR | {"contact_phone": "+86 139-1234-5678"}, "same_phone"),
        (NEIGHBOUR | {"contact_name": "欧阳锋", "birth_date": "1948-12-31"}, "same_name_and_birth_year"),
        (NEIGHBOUR | {"contact_name": "欧阳峰", "contact_address": "江头东路5号2栋"}, "near_name_and_address"),
    ],
)
def test_a_client_who_may_be_there_already_is_flagged_with_the_reason_and_entered_all_the_same(ask, changes, reason):
    first = ask("create_client", **CLIENT)
    ask("create_client", **CLIENT | {"contact_name": "段智兴", "contact_phone": "13611111111", "birth_date": "1950-01-01"})

    second = ask("create_client", **CLIENT | changes)

    assert second["possible_duplicates"] == 1
    assert ask("get_client", id=first["id"])["possible_duplicates"] == 1
    assert pairs(ask) == {pair(first, second, reason)}
    (shown,) = ask("list_duplicates")["items"]
    assert {shown["one"]["birth_year"], shown["other"]["birth_year"]} <= {1948, None}
    assert not set(CLIENT) & set(shown["one"]) - {"community", "target_group"}


def test_a_client_who_becomes_like_another_is_flagged_then(ask):
    first, second = ask("create_client", **CLIENT), ask("create_client", **CLIENT | NEIGHBOUR)
    assert pairs(ask) == set()

    changed = ask("change_client", id=second["id"], version=1, contact_phone=CLIENT["contact_phone"])

    assert changed["possible_duplicates"] == 1
    assert pairs(ask, subject_id=first["id"]) == {pair(first, second, "same_phone")}


def test_the_same_text_within_a_month_is_flagged_and_delays_nothing(url, ask):
    old = ask("create_need", **NEED)
    rows(url, "UPDATE needs SET created_at = now() - interval '31 days' RETURNING 1")
    first = ask("create_need", **NEED, urgency=3)
    elsewhere = ask("create_need", **NEED | {"community": "lvcuo"})
    ask("create_need", **NEED | {"title": "拐杖一副"})

    second = ask("create_need", **NEED | {"title": "轮椅  一部！"}, urgency=3)

    assert (second["state"], second["possible_duplicates"]) == ("open", 1)
    assert pairs(ask) == {pair(first, second, "same_text")}
    assert ask("get_need", id=old["id"])["possible_duplicates"] == 0
    assert ask("get_need", id=elsewhere["id"])["possible_duplicates"] == 0


def test_a_need_shows_that_its_client_may_be_there_twice(ask):
    ask("create_client", **CLIENT)

    need = ask("create_need", **NEED, **PERSON)

    assert need["possible_duplicates"] == 3
    assert pairs(ask, kind="need") == set()
    assert {reason for _, reason in pairs(ask)} == {"same_phone", "same_name_and_birth_year", "near_name_and_address"}


def test_what_came_in_a_list_or_at_the_same_moment_is_looked_at_soon_after(url, ask):
    with transactions(ResourceService, url).transaction(caller=WORKER) as store:
        register_needs(store, KEYRING, [whole(NEED | PERSON) for _ in range(60)], now=datetime.now(UTC))
    assert pairs(ask) == set()

    assert does(ResourceService, url, "seek_duplicates", datetime.now(UTC)) == 2

    # Not each with each: five of a reason for one that is new.
    assert 60 * 4 / 2 <= rows(url, "SELECT count(*) AS n FROM duplicates")[0]["n"] <= 60 * 4 * 5
    assert rows(url, "SELECT 1 FROM needs WHERE NOT sought UNION ALL SELECT 1 FROM clients WHERE NOT sought") == []


def test_who_is_limited_to_a_community_sees_and_decides_pairs_of_it_only(ask):
    first = ask("create_client", **CLIENT)
    second = ask("create_client", **CLIENT | {"community": "lvcuo", "birth_date": None})
    third = ask("create_client", **CLIENT | NEIGHBOUR | {"contact_phone": CLIENT["contact_phone"]})

    assert pairs(ask, GRID_WORKER) == {pair(first, third, "same_phone")}
    (foreign,) = [r for r in ask("list_duplicates", subject_id=first["id"])["items"] if second["id"] in str(r)]
    for method, arguments in [
        ("merge_duplicate", {"keep": first["id"]}),
        ("dismiss_duplicate", {}),
        ("undo_merge", {}),
    ]:
        with pytest.raises(Forbidden, match="community_forbidden"):
            ask(method, GRID_WORKER, id=foreign["id"], **arguments)
        with pytest.raises(NotFound, match="unknown_duplicate"):
            ask(method, id=OFFER, **arguments)


def test_what_was_dismissed_is_not_asked_again(ask):
    first, second = ask("create_client", **CLIENT), ask("create_client", **CLIENT)
    duplicate = ask("list_duplicates")["items"][0]

    ask("dismiss_duplicate", id=duplicate["id"])
    ask("change_client", id=second["id"], version=1, target_group="disabled")

    assert pairs(ask) == set()
    assert len(pairs(ask, state="dismissed")) == 3
    assert ask("get_client", id=first["id"])["possible_duplicates"] == 0
    with pytest.raises(Conflict, match="duplicate_already_decided"):
        ask("merge_duplicate", id=duplicate["id"], keep=first["id"])


# Clients who are one


@pytest.fixture
def twins(ask):
    """Two clients who are one, both with needs, consents and assessments; and the pair."""
    first, second = ask("create_client", **CLIENT), ask("create_client", **CLIENT)
    needs = [ask("create_need", **NEED | {"title": t}, client_id=second["id"]) for t in ("大米五袋", "陪诊")]
    ask("withdraw_need", id=needs[1]["id"], reason="other")
    for client in (first, second):
        ask("assess_client", id=client["id"], form=1, answers=ANSWERS if client is first else BEST)
        ask("give_consent", id=client["id"], **SERVICE)
    photos = ask("give_consent", id=second["id"], **SERVICE | {"what": "photos"})
    return first, second, needs, photos, ask("list_duplicates", kind="client")["items"][0]["id"]


def test_merged_clients_have_everything_together(url, ask, twins):
    first, second, needs, photos, duplicate = twins

    merged = ask("merge_duplicate", id=duplicate, keep=first["id"])

    assert (merged["state"], merged["kept"], merged["decided_by"]) == ("merged", first["id"], WORKER.id)
    assert {n["id"] for n in ask("list_needs", client_id=first["id"])["items"]} == {n["id"] for n in needs}
    assert [a["version"] for a in ask("list_assessments", id=first["id"])["items"]] == [2, 1]
    assert photos["id"] in [c["id"] for c in ask("list_consents", id=first["id"])["items"]]
    gone = ask("get_client", id=second["id"])
    assert (gone["active"], gone["merged_into"], gone["version"]) == (False, first["id"], 2)
    (event,) = told(url, ClientChanged)
    assert (event.client_id, event.active) == (second["id"], False)
    (event,) = told(url, NeedChanged)
    assert (event.need_id, event.client_id, event.version) == (needs[0]["id"], first["id"], 2)
    assert pairs(ask) == set()


def test_public_needs_do_not_become_a_minors_by_a_merge(ask):
    child = ask("create_client", **CHILD, contact_phone="13912345678")
    other = ask("create_client", **{"community": "jiangtou", "contact_phone": "13912345678"})
    ask("create_need", **NEED, client_id=other["id"])
    (pair,) = ask("list_duplicates", kind="client")["items"]

    with pytest.raises(Conflict, match="guardian_consent_required"):
        ask("merge_duplicate", id=pair["id"], keep=child["id"])
    ask("give_consent", id=other["id"], **SERVICE | {"by_whom": "guardian"})

    assert ask("merge_duplicate", id=pair["id"], keep=child["id"])["kept"] == child["id"]


def test_a_merge_is_undone_and_each_has_what_was_theirs(url, ask, twins):
    first, second, needs, _, duplicate = twins
    ask("merge_duplicate", id=duplicate, keep=first["id"])
    new = ask("create_need", **NEED | {"title": "送餐"}, client_id=first["id"])

    undone = ask("undo_merge", id=duplicate)

    assert undone["state"] == "undone"
    assert {n["id"] for n in ask("list_needs", client_id=second["id"])["items"]} == {n["id"] for n in needs}
    assert [n["id"] for n in ask("list_needs", client_id=first["id"])["items"]] == [new["id"]]
    for client, total in ((first, 100), (second, 0)):
        assert [(a["version"], a["total"]) for a in ask("list_assessments", id=client["id"])["items"]] == [(1, total)]
    assert {c["what"] for c in ask("list_consents", id=second["id"])["items"]} == {"service", "photos"}
    back = ask("get_client", id=second["id"])
    assert (back["active"], back["merged_into"], back["version"]) == (True, None, 3)
    assert [event.active for event in told(url, ClientChanged)] == [False, True]
    assert [event.client_id for event in told(url, NeedChanged)] == [first["id"], second["id"]]
    with pytest.raises(Conflict, match="duplicate_not_merged"):
        ask("undo_merge", id=duplicate)


def test_after_a_week_a_merge_stays(url, ask, twins):
    ask("merge_duplicate", id=twins[-1], keep=twins[0]["id"])
    rows(url, "UPDATE merges SET merged_at = now() - interval '7 days 1 minute' RETURNING 1")

    with pytest.raises(Conflict, match="merge_too_old"):
        ask("undo_merge", id=twins[-1])


def test_a_third_who_is_like_both_is_asked_about_again_when_they_are_parted(ask, twins):
    first, second, *_, duplicate = twins
    third = ask("create_client", **CLIENT)
    ask("merge_duplicate", id=duplicate, keep=first["id"])
    assert {people for people, _ in pairs(ask)} == {frozenset((first["id"], third["id"]))}

    ask("undo_merge", id=duplicate)

    assert frozenset((second["id"], third["id"])) in {people for people, _ in pairs(ask)}


def test_who_withdraws_consent_is_forgotten_under_every_name_that_was_merged(ask, twins):
    first, *_, duplicate = twins
    ask("merge_duplicate", id=duplicate, keep=first["id"])
    service = next(c for c in ask("list_consents", id=first["id"])["items"] if c["what"] == "service")

    ask("withdraw_consent", id=service["id"])

    assert rows(ask.url, "SELECT 1 FROM clients WHERE contact_name IS NOT NULL OR forgotten_at IS NULL") == []
    with pytest.raises(Conflict, match="client_not_active"):
        ask("undo_merge", id=duplicate)


def test_of_two_who_merge_the_same_pair_one_does(ask, twins):
    first, second, *_, duplicate = twins

    def merge(keep):
        try:
            return ask("merge_duplicate", id=duplicate, keep=keep)["kept"]
        except Conflict:
            return None

    with ThreadPoolExecutor(2) as pool:
        kept = [id for id in pool.map(merge, (first["id"], second["id"])) if id]

    assert len(kept) == 1
    active = [c["id"] for c in ask("list_clients", active=True)["items"]]
    assert active == kept


def test_of_two_who_part_the_same_pair_one_does(url, ask, twins):
    first, second, *_, duplicate = twins
    ask("merge_duplicate", id=duplicate, keep=first["id"])
    before = len(told(url, ClientChanged))

    def part(_):
        try:
            return ask("undo_merge", id=duplicate)["state"]
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(part, range(4))) == ["duplicate_not_merged"] * 3 + ["undone"]

    assert {c["id"] for c in ask("list_clients", active=True)["items"]} == {first["id"], second["id"]}
    assert len(told(url, ClientChanged)) == before + 1


def test_a_pair_that_is_merged_and_dismissed_at_once_is_one_of_both(ask, twins):
    first, *_, duplicate = twins

    def decide(method):
        try:
            return ask(method, id=duplicate, **({"keep": first["id"]} if method == "merge_duplicate" else {}))["state"]
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(2) as pool:
        said = set(pool.map(decide, ("merge_duplicate", "dismiss_duplicate")))

    (state,) = said - {"duplicate_already_decided"}
    (row,) = rows(ask.url, "SELECT state FROM duplicates WHERE id = :id", id=duplicate)
    assert row["state"] == state
    assert len(ask("list_clients", active=True)["items"]) == (1 if state == "merged" else 2)


# Needs that are one


def test_of_two_needs_that_are_one_the_other_is_withdrawn_and_comes_back_as_it_was(url, ask):
    first, second = (ask("create_need", **NEED | {"quantity": 2}) for _ in range(2))
    hears(ResourceService, url, delivered(second, 1))
    (duplicate,) = ask("list_duplicates")["items"]
    with pytest.raises(Invalid, match="not_one_of_the_pair"):
        ask("merge_duplicate", id=duplicate["id"], keep=OFFER)

    ask("merge_duplicate", id=duplicate["id"], keep=first["id"])

    gone = ask("get_need", id=second["id"])
    assert (gone["state"], gone["closed_because"]) == ("cancelled", "merged")
    (event,) = told(url, NeedWithdrawn)
    assert (event.need_id, event.reason, event.state) == (second["id"], "merged", "cancelled")

    hears(ResourceService, url, delivered(second, 1))
    ask("undo_merge", id=duplicate["id"])

    back = ask("get_need", id=second["id"])
    assert (back["state"], back["met"], back["closed_because"]) == ("met", 2, "")
    assert [e.version for e in told(url, NeedChanged)] == [4]
    assert [e.version for e in told(url, NeedMet)] == [5] == [back["version"]]


def test_what_was_met_is_not_merged_away(url, ask):
    first, second = (ask("create_need", **NEED) for _ in range(2))
    hears(ResourceService, url, delivered(second, 1))
    (duplicate,) = ask("list_duplicates")["items"]

    with pytest.raises(Conflict, match="need_already_met"):
        ask("merge_duplicate", id=duplicate["id"], keep=first["id"])
    assert ask("merge_duplicate", id=duplicate["id"], keep=second["id"])["state"] == "merged"


def test_a_need_that_was_closed_is_not_the_one_to_keep(ask):
    first, _ = (ask("create_need", **NEED) for _ in range(2))
    (duplicate,) = ask("list_duplicates")["items"]
    ask("withdraw_need", id=first["id"], reason="other")

    with pytest.raises(Conflict, match="kept_need_is_closed"):
        ask("merge_duplicate", id=duplicate["id"], keep=first["id"])


def test_a_draft_that_was_merged_away_is_told_of_neither_way(url, ask):
    first, second = ask("create_need", **NEED), ask("create_need", **NEED, draft=True)
    (duplicate,) = ask("list_duplicates")["items"]

    ask("merge_duplicate", id=duplicate["id"], keep=first["id"])
    ask("undo_merge", id=duplicate["id"])

    assert ask("get_need", id=second["id"])["state"] == "draft"
    assert told(url, NeedWithdrawn) == told(url, NeedChanged) == []
