"""Who is helped: kept sealed, told of by id only, found again, and a minor until 14."""

from datetime import UTC, date, datetime

import pytest

from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.resource import ClientChanged, ClientRegistered, NeedCreated
from services.resource.clients.domain import is_minor
from services.resource.service import ResourceService
from tests.resource.people import CHILD, CLIENT, GRID_WORKER, NEED, PERSON, Asking, told
from tests.support import OFFICE, WORKER, database, does, rows


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    return Asking(url)


def test_a_client_is_kept_sealed_and_told_of_without_a_word_about_who_it_is(url, ask):
    client = ask("create_client", **CLIENT)

    assert ask("get_client", id=client["id"]) == client
    assert (client["kind"], client["birth_year"], client["minor"], client["has_contact"]) == (
        "person",
        1948,
        False,
        True,
    )
    (event,) = told(url, ClientRegistered)
    assert (event.client_id, event.version, event.kind, event.community) == (client["id"], 1, "person", "jiangtou")
    assert (event.target_group, event.minor, event.active, event.registered_by) == (
        "elderly_alone",
        False,
        True,
        WORKER.id,
    )
    everything = str(rows(url, "SELECT body FROM outbox") + rows(url, "SELECT c::text FROM clients AS c"))
    assert not any(text in everything for text in ("欧阳锋", "1234", "江头东路", "05-06"))
    assert ask.reveal("client", client["id"]) == PERSON


def test_a_change_names_what_changes_and_the_rest_stays(url, ask):
    client = ask("create_client", **CLIENT)

    changed = ask("change_client", id=client["id"], version=1, contact_phone="13700000000", community="lvcuo")

    assert changed == {**client, "version": 2, "community": "lvcuo"}
    assert ask.reveal("client", client["id"]) == PERSON | {"contact_phone": "13700000000"}
    (event,) = told(url, ClientChanged)
    assert (event.version, event.community) == (2, "lvcuo")
    with pytest.raises(Conflict, match="stale_version"):
        ask("change_client", id=client["id"], version=1, community="houpu")


def test_a_client_is_found_by_phone_with_everything_that_they_need(ask):
    client = ask("create_client", **CLIENT)
    need = ask("create_need", **NEED, client_id=client["id"])

    found = ask("find_contact", contact_phone="+86-139-1234-5678")

    assert [item["id"] for item in found["clients"]] == [client["id"]]
    assert [item["id"] for item in found["needs"]] == [need["id"]]


@pytest.mark.parametrize(
    "changes, slug",
    [
        ({"birth_date": "2999-01-01"}, "invalid_birth_date"),
        ({"birth_date": "1948-02-30"}, "invalid_birth_date"),
        ({"birth_year": 1950}, "invalid_birth_date"),
        ({"kind": "household"}, "birth_of_persons_only"),
        ({"contact_phone": "12"}, "invalid_phone"),
        ({"guardian_phone": "12"}, "invalid_phone"),
        ({"community": "mars"}, "unknown_community"),
    ],
)
def test_what_makes_no_sense_is_refused(url, ask, changes, slug):
    with pytest.raises(Invalid, match=slug):
        ask("create_client", **CLIENT | changes)

    assert rows(url, "SELECT id FROM clients") == []


def test_who_is_limited_to_a_community_works_in_it_only(ask):
    here, there = ask("create_client", **CLIENT), ask("create_client", **CLIENT | {"community": "lvcuo"})

    assert [item["id"] for item in ask("list_clients", GRID_WORKER)["items"]] == [here["id"]]
    for method, arguments in [
        ("get_client", {}),
        ("change_client", {"version": 1, "birth_year": 1950}),
        ("reveal_client", {"purpose": "assessment"}),
        ("list_reveals", {}),
    ]:
        with pytest.raises(Forbidden, match="community_forbidden"):
            ask(method, GRID_WORKER, id=there["id"], **arguments)
    with pytest.raises(Forbidden, match="community_forbidden"):
        ask("create_need", GRID_WORKER, **NEED, client_id=there["id"])


def test_clients_are_listed_by_kind_group_and_age(ask):
    old, child = ask("create_client", **CLIENT), ask("create_client", **CHILD)
    house = ask("create_client", kind="household", community="lvcuo", contact_name="林家")

    def ids(**filters):
        return {item["id"] for item in ask("list_clients", **filters)["items"]}

    assert ids() == {old["id"], child["id"], house["id"]}
    assert (ids(kind="household"), ids(minor=True)) == ({house["id"]}, {child["id"]})
    assert ids(target_group="elderly_alone") == {old["id"]}


@pytest.mark.parametrize(
    "birth_date, birth_year, today, minor",
    [
        ("2012-11-24", 2012, date(2026, 11, 23), True),
        ("2012-11-24", 2012, date(2026, 11, 24), False),
        ("2012-02-29", 2012, date(2026, 2, 28), True),
        ("2012-02-29", 2012, date(2026, 3, 1), False),
        (None, 2012, date(2026, 12, 31), True),
        (None, 2012, date(2027, 1, 1), False),
        (None, None, date(2026, 1, 1), False),
    ],
)
def test_who_is_under_14_is_a_minor(birth_date, birth_year, today, minor):
    assert is_minor(birth_date, birth_year, today) is minor


def test_a_minor_grows_up(url, ask):
    child = ask("create_client", **CHILD)
    younger = ask("create_client", **CHILD | {"birth_date": "2020-12-31"})

    does(ResourceService, url, "grow_up", datetime(2034, 2, 28, 12, tzinfo=UTC))
    assert told(url, ClientChanged) == []
    does(ResourceService, url, "grow_up", datetime(2034, 3, 1, 12, tzinfo=UTC))

    (event,) = told(url, ClientChanged)
    assert (event.client_id, event.minor, event.version) == (child["id"], False, 2)
    assert ask("get_client", id=younger["id"])["minor"] is True


# Clients that come with their needs


def test_a_contact_that_comes_with_a_need_is_its_clients(url, ask):
    need = ask(
        "create_need", **NEED, **PERSON, client_kind="person", target_group="disabled", source="visit", details="独居"
    )

    (client,) = ask("list_clients")["items"]
    (registered,), (created,) = told(url, ClientRegistered), told(url, NeedCreated)
    assert need["client_id"] == client["id"] == registered.client_id == created.client_id
    assert (created.client_kind, created.source, client["target_group"]) == ("person", "visit", "disabled")
    assert need["has_contact"] is True
    assert ask.reveal("need", need["id"]) == PERSON | {"details": "独居"}
    assert rows(url, "SELECT contact_name, contact_phone, phone_digest FROM needs") == [
        {"contact_name": None, "contact_phone": None, "phone_digest": None}
    ]


def test_a_need_of_a_client_who_is_known_needs_no_contact_of_its_own(url, ask):
    client = ask("create_client", kind="organisation", community="lvcuo", contact_name="小学")

    need = ask("create_need", **NEED, client_id=client["id"], client_kind="person")

    assert (need["client_kind"], need["has_contact"]) == ("organisation", True)
    assert ask.reveal("need", need["id"]) == {"contact_name": "小学"}
    assert [item["id"] for item in ask("list_needs", client_id=client["id"])["items"]] == [need["id"]]
    with pytest.raises(Invalid, match="client_or_contact"):
        ask("create_need", **NEED, **PERSON, client_id=client["id"])
    with pytest.raises(Invalid, match="unknown_client"):
        ask("create_need", **NEED, client_id=need["id"])


def test_a_need_may_be_of_nobody_in_particular_and_get_a_client_later(url, ask):
    need = ask("create_need", **NEED)
    assert (need["client_id"], told(url, ClientRegistered)) == (None, [])

    changed = ask("change_need", id=need["id"], version=1, contact_name="欧阳锋")

    assert changed["version"] == 2 and changed["client_id"]
    assert ask.reveal("need", need["id"]) == {"contact_name": "欧阳锋"}


def test_a_change_of_a_needs_contact_is_its_clients_change(url, ask):
    need = ask("create_need", **NEED, **PERSON)

    ask("change_need", id=need["id"], version=1, contact_phone="13700000000")

    assert ask.reveal("client", need["client_id"])["contact_phone"] == "13700000000"
    assert [event.version for event in told(url, ClientChanged)] == [2]
    assert len(ask("list_clients")["items"]) == 1


def test_contacts_from_before_there_were_clients_are_shown_and_move_to_clients(url, ask):
    from services.resource.private.domain import seal
    from tests.resource.people import KEYRING

    need = ask("create_need", **NEED, details="独居")
    old = seal(KEYRING, f"need/{need['id']}", {"contact_name": "老王", "contact_phone": "13912345678"})
    rows(
        url,
        """UPDATE needs SET contact_name = :contact_name, contact_phone = :contact_phone,
               phone_digest = :phone_digest RETURNING 1""",
        **old,
    )
    shown = ask.reveal("need", need["id"])
    assert shown == {"contact_name": "老王", "contact_phone": "13912345678", "details": "独居"}
    assert [item["id"] for item in ask("find_contact", contact_phone="13912345678")["needs"]] == [need["id"]]

    does(ResourceService, url, "move_contacts", datetime.now(UTC))

    after = ask("get_need", id=need["id"])
    assert (after["client_id"] is not None, after["has_contact"], after["version"]) == (True, True, 2)
    assert ask.reveal("need", need["id"]) == shown
    assert rows(url, "SELECT contact_name, contact_phone, phone_digest FROM needs") == [
        {"contact_name": None, "contact_phone": None, "phone_digest": None}
    ]
    assert [item["id"] for item in ask("find_contact", contact_phone="13912345678")["needs"]] == [need["id"]]


# Who looked at what


def test_it_is_on_record_who_looked_at_what_and_when(ask):
    client, need = ask("create_client", **CLIENT), ask("create_need", **NEED | {"community": "lvcuo"}, **PERSON)
    ask.reveal("client", client["id"], GRID_WORKER, "assessment")
    ask.reveal("need", need["id"], OFFICE, "complaint")

    everything = ask("list_all_reveals", OFFICE)["items"]
    assert [(r["subject_id"], r["revealed_by"]) for r in everything] == [
        (need["id"], OFFICE.id),
        (client["id"], GRID_WORKER.id),
    ]
    assert [r["purpose"] for r in ask("list_all_reveals", revealed_by=OFFICE.id)["items"]] == ["complaint"]
    assert len(ask("list_reveals", id=client["id"])["items"]) == 1
    assert ask("list_all_reveals", since="2099-01-01T00:00:00+08:00")["items"] == []
    assert (
        len(ask("list_all_reveals", since="2020-01-01T00:00:00+08:00", until="2099-01-01T00:00:00+08:00")["items"]) == 2
    )
    with pytest.raises(Forbidden, match="role_required"):
        ask("list_all_reveals", GRID_WORKER)
    with pytest.raises(NotFound, match="unknown_subject"):
        ask("list_reveals", id=WORKER.id)


def test_a_record_of_who_looked_says_what_it_was_and_where(ask):
    client, need = ask("create_client", **CLIENT), ask("create_need", **NEED, **PERSON)
    provider = ask("create_provider", kind="merchant", name="好邻居超市", community="lvcuo", contact_phone="13800000000")
    for kind, thing in (("client", client), ("need", need), ("provider", provider)):
        ask.reveal(kind, thing["id"])

    said = [(r["kind"], r["title"], r["community"]) for r in ask("list_all_reveals", OFFICE)["items"]]

    assert said == [("provider", "好邻居超市", "lvcuo"), ("need", "轮椅一部", "jiangtou"), ("client", None, "jiangtou")]
    assert ask("list_reveals", id=need["id"])["items"][0]["title"] == "轮椅一部"
