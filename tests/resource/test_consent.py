"""Consent: a minor's needs wait for a guardian's, and nothing sealed is left of who withdrew theirs."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.resource import ClientForgotten, NeedCreated, NeedWithdrawn
from services.resource.service import ResourceService
from tests.resource.people import CHILD, CLIENT, GRID_WORKER, NEED, OFFER, PERSON, Asking, told
from tests.resource.test_assessments import ANSWERS
from tests.resource.test_needs import delivered
from tests.support import WORKER, database, does, hears, rows

SERVICE = {"what": "service", "by_whom": "self", "how": "paper"}
SOON = timedelta(minutes=11)


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    return Asking(url)


def test_a_consent_says_what_by_whom_when_and_how_and_keeps_its_note_sealed(url, ask):
    client = ask("create_client", **CLIENT)

    given = ask("give_consent", id=client["id"], **SERVICE, given_at="2026-03-01T09:00:00+08:00", note="由女儿陪同")

    assert ask("list_consents", id=client["id"])["items"] == [given]
    assert (given["what"], given["by_whom"], given["how"], given["recorded_by"]) == (
        "service",
        "self",
        "paper",
        WORKER.id,
    )
    assert (given["given_at"], given["withdrawn_at"], given["has_note"]) == ("2026-03-01T09:00:00+08:00", None, True)
    assert rows(url, "SELECT note LIKE 't1:%' AS sealed FROM consents") == [{"sealed": True}]
    assert "由女儿陪同" in ask.reveal("client", client["id"])["notes"]
    with pytest.raises(Conflict, match="consent_already_given"):
        ask("give_consent", id=client["id"], **SERVICE)
    with pytest.raises(Invalid, match="lies_ahead"):
        ask("give_consent", id=client["id"], **SERVICE | {"what": "photos"}, given_at="2099-03-01T09:00:00+08:00")


def test_a_consent_to_something_else_is_withdrawn_and_nothing_follows(url, ask):
    client = ask("create_client", **CLIENT)
    given = ask("give_consent", id=client["id"], **SERVICE | {"what": "photos"})

    withdrawn = ask("withdraw_consent", id=given["id"])

    assert (withdrawn["withdrawn_by"], withdrawn["withdrawn_at"] is not None) == (WORKER.id, True)
    assert told(url, ClientForgotten) == []
    assert ask.reveal("client", client["id"]) == PERSON
    with pytest.raises(Conflict, match="consent_already_withdrawn"):
        ask("withdraw_consent", id=given["id"])
    assert ask("give_consent", id=client["id"], **SERVICE | {"what": "photos"})["id"] != given["id"]


# Minors


def test_the_need_of_a_minor_is_a_draft_until_a_guardian_consents(url, ask):
    child = ask("create_client", **CHILD)
    need = ask("create_need", **NEED, client_id=child["id"], urgency=3)
    assert (child["minor"], child["guardian_consents"], need["state"]) == (True, False, "draft")
    with pytest.raises(Conflict, match="guardian_consent_required"):
        ask("publish_need", id=need["id"])
    with pytest.raises(Conflict, match="guardian_consent_required"):
        ask("give_consent", id=child["id"], **SERVICE)
    assert told(url, NeedCreated) == []

    ask("give_consent", id=child["id"], **SERVICE | {"by_whom": "guardian"})

    assert ask("get_client", id=child["id"])["guardian_consents"] is True
    assert ask("publish_need", id=need["id"])["state"] == "open"
    assert ask("create_need", **NEED, client_id=child["id"])["state"] == "open"
    assert len(told(url, NeedCreated)) == 2


def test_a_minor_who_comes_with_a_need_waits_as_well(url, ask):
    need = ask("create_need", **NEED, contact_name="小明", birth_date="2020-01-01")

    assert need["state"] == "draft"


def test_an_open_need_does_not_become_a_minors_without_consent(ask):
    child, need = ask("create_client", **CHILD), ask("create_need", **NEED)

    with pytest.raises(Conflict, match="guardian_consent_required"):
        ask("change_need", id=need["id"], version=1, client_id=child["id"])


def test_somebody_with_public_needs_is_found_to_be_a_minor_only_with_a_guardians_consent(ask):
    need = ask("create_need", **NEED, contact_name="小明")
    client = ask("get_client", id=need["client_id"])
    for method, id, version in (("change_client", client["id"], 1), ("change_need", need["id"], 1)):
        with pytest.raises(Conflict, match="guardian_consent_required"):
            ask(method, id=id, version=version, birth_date=CHILD["birth_date"])

    ask("give_consent", id=client["id"], **SERVICE | {"by_whom": "guardian"})

    assert ask("change_client", id=client["id"], version=1, birth_date=CHILD["birth_date"])["minor"] is True


# Withdrawal


def everything_sealed(url) -> list:
    """Return every value of the database that is sealed, or that somebody could be found by."""
    found = []
    for table in rows(url, "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"):
        name = table["name"]
        found += [
            (name, row["text"]) for row in rows(url, f"SELECT t::text AS text FROM {name} AS t") if "t1:" in row["text"]
        ]
    digests = ("phone_digest", "person_digest", "address_digest", "sound_digest", "surname_digest", "birth_year")
    for digest in digests:
        found += rows(url, f"SELECT id, {digest} FROM clients WHERE {digest} IS NOT NULL")
    return found


def test_of_who_withdraws_consent_nothing_sealed_is_left_anywhere(url, ask):
    client = ask("create_client", **CLIENT)
    given = ask("give_consent", id=client["id"], **SERVICE, note="由女儿陪同")
    ask("assess_client", id=client["id"], form=1, answers=ANSWERS, notes="独居")
    needs = [ask("create_need", **NEED | {"title": title}, client_id=client["id"], details="独居", draft=draft)
             for title, draft in (("轮椅", False), ("陪诊", False), ("大米", True), ("送餐", False))]  # fmt: skip
    hears(ResourceService, url, delivered(needs[1], 1))
    twin = ask("create_need", **NEED, **PERSON)
    ask("reveal_client", key="k1", id=client["id"], purpose="assessment")
    ask("reveal_need", key="k2", id=needs[0]["id"], purpose="assessment")
    ask("withdraw_consent", id=ask("give_consent", id=twin["client_id"], **SERVICE)["id"])
    assert everything_sealed(url) != []

    ask("withdraw_consent", id=given["id"])

    assert everything_sealed(url) == []
    events = told(url, ClientForgotten)
    assert [event.client_id for event in events] == [twin["client_id"], client["id"]]
    states = {need["title"]: ask("get_need", id=need["id"])["state"] for need in needs}
    assert states == {"轮椅": "cancelled", "陪诊": "met", "大米": "cancelled", "送餐": "cancelled"}
    assert {event.reason for event in told(url, NeedWithdrawn)} == {"consent_withdrawn"}
    assert len(told(url, NeedWithdrawn)) == 3
    assert ask("reveal_client", key="k1", id=client["id"], purpose="assessment")["contact_name"] is None
    left = ask("get_client", id=client["id"])
    assert (left["active"], left["has_contact"], left["community"]) == (False, False, "jiangtou")
    assert rows(url, "SELECT 1 FROM duplicates WHERE state = 'open'") == []


ASKED = {"by_whom": "self", "how": "voice"}


@pytest.mark.parametrize("agreed", [False, True])
def test_somebody_is_forgotten_whether_or_not_they_had_agreed(url, ask, agreed):
    need = ask("create_need", **NEED, **PERSON)
    given = ask("give_consent", id=need["client_id"], **SERVICE) if agreed else None

    asked = ask("forget_client", id=need["client_id"], **ASKED)

    assert everything_sealed(url) == []
    assert (asked["what"], asked["withdrawn_by"]) == ("service", WORKER.id)
    assert [one["id"] for one in ask("list_consents", id=need["client_id"])["items"]] == [asked["id"]]
    assert not agreed or asked["id"] == given["id"]
    assert ask("get_need", id=need["id"])["state"] == "cancelled"
    assert [event.client_id for event in told(url, ClientForgotten)] == [need["client_id"]]
    with pytest.raises(Conflict, match="client_not_active"):
        ask("forget_client", id=need["client_id"], **ASKED)


def test_who_is_not_known_or_anothers_is_not_forgotten(ask):
    client = ask("create_client", **CLIENT | {"community": "lvcuo"})

    with pytest.raises(NotFound, match="unknown_client"):
        ask("forget_client", id=OFFER, **ASKED)
    with pytest.raises(Forbidden, match="community_forbidden"):
        ask("forget_client", GRID_WORKER, id=client["id"], **ASKED)
    assert ask("get_client", id=client["id"])["has_contact"]


def test_what_was_under_way_when_consent_was_withdrawn_is_blanked_soon_after(url, ask):
    client = ask("create_client", **CLIENT)
    ask("withdraw_consent", id=ask("give_consent", id=client["id"], **SERVICE)["id"])
    rows(url, "UPDATE clients SET contact_name = 't1:late' RETURNING 1")

    does(ResourceService, url, "forget_clients", datetime.now(UTC))
    assert everything_sealed(url) != []
    does(ResourceService, url, "forget_clients", datetime.now(UTC) + SOON)

    assert everything_sealed(url) == []
    assert rows(url, "SELECT blanked_at IS NULL AS waits FROM clients") == [{"waits": False}]


def test_nothing_new_is_entered_for_who_withdrew_consent(ask):
    client = ask("create_client", **CLIENT)
    ask("withdraw_consent", id=ask("give_consent", id=client["id"], **SERVICE)["id"])

    for method, arguments in [
        ("create_need", {**NEED, "client_id": client["id"]}),
        ("change_client", {"id": client["id"], "version": 2, "contact_name": "欧阳锋"}),
        ("give_consent", {"id": client["id"], **SERVICE}),
        ("assess_client", {"id": client["id"], "form": 1, "answers": ANSWERS}),
    ]:
        with pytest.raises(Conflict, match="client_not_active"):
            ask(method, **arguments)


def test_consent_is_a_matter_of_ones_own_community(ask):
    client = ask("create_client", **CLIENT | {"community": "lvcuo"})
    given = ask("give_consent", id=client["id"], **SERVICE)

    for method, arguments in [
        ("give_consent", {"id": client["id"], **SERVICE | {"what": "photos"}}),
        ("withdraw_consent", {"id": given["id"]}),
        ("list_consents", {"id": client["id"]}),
    ]:
        with pytest.raises(Forbidden, match="community_forbidden"):
            ask(method, GRID_WORKER, **arguments)
    with pytest.raises(NotFound, match="unknown_consent"):
        ask("withdraw_consent", id=OFFER)
