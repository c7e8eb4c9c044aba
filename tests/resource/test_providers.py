"""Providers: who they are, whether they were confirmed, and what that does to their offers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.errors import Conflict, Forbidden, Invalid
from contracts.resource import (
    OfferChanged,
    OfferPublished,
    OfferWithdrawn,
    ProviderChanged,
    ProviderRegistered,
    ProviderVerificationDue,
)
from services.resource.providers.domain import VERIFIED_FOR, day_of
from services.resource.service import ResourceService
from tests.support import OFFICE, WORKER, Caller, call, database, does, published, rows

PARTNER = Caller("0190a000-0000-7000-8000-000000000003", ("partner",))
GRID_WORKER = Caller("0190a000-0000-7000-8000-000000000005", ("community_staff",), ("jiangtou",))
CLIENT = "0190a000-0000-7000-8000-0000000000c1"
CODE = "91110000600037341L"
PROVIDER = {"kind": "merchant", "name": "好邻居超市", "community": "jiangtou"}
OFFER = {"title": "大米", "community": "jiangtou", "category": "goods.food", "quantity": 5, "unit": "袋"}


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    def ask(method, caller=WORKER, **arguments):
        return call(ResourceService, url, method, caller=caller, **arguments)

    return ask


def told(url, kind) -> list:
    return [envelope.event for envelope in published(url, kind)]


def today() -> date:
    return day_of(datetime.now(UTC))


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


# Who it is


def test_what_is_known_of_an_organisation_is_kept_and_shown(url, ask):
    facts = {
        "organisation_name": "厦门市好邻居百货有限公司", "credit_code": "9111 0000 6000 3734 1l", "serves": ["lvcuo", "houpu"],
        "tell": ["claims", "news"], "tell_by": ["phone"], "named": True, "client_id": CLIENT,
    }  # fmt: skip
    made = ask("create_provider", **PROVIDER, **facts)

    assert made["credit_code"] == CODE
    assert {name: made[name] for name in facts} == {**facts, "credit_code": CODE}
    assert (made["state"], made["due_on"], made["pauses_on"]) == ("verified", str(today() + VERIFIED_FOR), None)
    (event,) = told(url, ProviderRegistered)
    assert (event.state, event.client_id, event.named) == ("verified", CLIENT, True)
    assert "百货" not in str(rows(url, "SELECT body FROM outbox"))


def test_what_is_known_of_it_can_be_changed_and_taken_back(url, ask):
    made = ask("create_provider", **PROVIDER, credit_code=CODE, serves=["lvcuo"], tell=["news"], client_id=CLIENT)

    after = ask(
        "change_provider", id=made["id"], version=1, credit_code=None, serves=[], tell=[], client_id=None, named=True
    )

    assert (after["credit_code"], after["serves"], after["tell"], after["client_id"]) == (None, [], [], None)
    assert told(url, ProviderChanged)[0].named is True


@pytest.mark.parametrize("code", ["91110000600037341M", "350203199001011234", "abc"])
def test_a_code_that_is_none_is_refused(ask, code):
    with pytest.raises(Invalid, match="invalid_credit_code"):
        ask("create_provider", **PROVIDER, credit_code=code)


@pytest.mark.parametrize("kind", ["skilled_person", "volunteer"])
@pytest.mark.parametrize("facts", [{"credit_code": CODE}, {"organisation_name": "好邻居"}])
def test_a_person_is_no_organisation(ask, kind, facts):
    with pytest.raises(Invalid, match="not_an_organisation"):
        ask("create_provider", **PROVIDER | {"kind": kind}, **facts)
    organisation = ask("create_provider", **PROVIDER, **facts)
    with pytest.raises(Invalid, match="not_an_organisation"):
        ask("change_provider", id=organisation["id"], version=1, kind=kind)


def test_a_code_stands_for_one_provider_that_has_not_left(ask):
    first = ask("create_provider", **PROVIDER, credit_code=CODE)
    with pytest.raises(Conflict, match="credit_code_taken"):
        ask("create_provider", **PROVIDER, credit_code=CODE)

    ask("withdraw_provider", id=first["id"], reason="other")

    assert ask("create_provider", **PROVIDER, credit_code=CODE)["credit_code"] == CODE


def test_of_many_who_register_one_code_at_once_one_does(url, ask):
    def register(_):
        try:
            return ask("create_provider", **PROVIDER, credit_code=CODE)
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(register, range(8)))

    assert answers.count("credit_code_taken") == 7
    assert len(rows(url, "SELECT id FROM providers")) == 1


def test_partners_neither_say_nor_see_whether_it_is_somebody_who_is_helped(ask):
    with pytest.raises(Forbidden, match="role_required"):
        ask("create_provider", PARTNER, **PROVIDER, client_id=CLIENT)
    made = ask("create_provider", PARTNER, **PROVIDER)
    ask("change_provider", id=made["id"], version=1, client_id=CLIENT)

    assert ask("get_provider", PARTNER, id=made["id"])["client_id"] is None
    assert ask("list_providers", PARTNER)["items"][0]["client_id"] is None
    after = ask("change_provider", PARTNER, id=made["id"], version=2, named=True)
    assert (after["client_id"], ask("get_provider", id=made["id"])["client_id"]) == (None, CLIENT)


@pytest.mark.parametrize("facts", [{"serves": ["mars"]}, {"tell": ["everything"]}, {"tell_by": ["pigeon"]}])
def test_what_is_not_known_is_refused(ask, facts):
    with pytest.raises(Invalid):
        ask("create_provider", **PROVIDER, **facts)


# Draft, verified, paused, left


def test_who_registers_decides_how_it_begins(ask):
    assert ask("create_provider", **PROVIDER)["state"] == "verified"
    assert ask("create_provider", OFFICE, **PROVIDER, draft=True)["state"] == "draft"
    mine = ask("create_provider", PARTNER, **PROVIDER, draft=False)
    assert (mine["state"], mine["verified_at"], mine["due_on"]) == ("draft", None, None)


def test_offers_of_a_draft_are_held_and_published_when_it_is_verified(url, ask):
    draft = ask("create_provider", PARTNER, **PROVIDER)
    offer = ask("create_offer", PARTNER, provider_id=draft["id"], **OFFER)
    assert (offer["state"], told(url, OfferPublished)) == ("held", [])
    ask("change_offer", PARTNER, id=offer["id"], version=1, quantity=7)
    assert told(url, OfferChanged) == []

    assert ask("verify_provider", id=draft["id"])["state"] == "verified"

    (event,) = told(url, OfferPublished)
    assert (event.offer_id, event.quantity, event.version) == (offer["id"], 7, 3)
    assert ask("get_offer", id=offer["id"])["state"] == "open"
    assert told(url, ProviderChanged)[-1].state == "verified"


def test_a_provider_that_rests_takes_its_offers_off_the_board_and_brings_them_back(url, ask):
    provider = ask("create_provider", **PROVIDER)
    offer = ask("create_offer", provider_id=provider["id"], **OFFER)

    paused = ask("pause_provider", id=provider["id"], reason="店面装修")

    assert (paused["state"], paused["paused_because"]) == ("paused", "店面装修")
    (gone,) = told(url, OfferWithdrawn)
    assert (gone.offer_id, gone.reason, gone.version) == (offer["id"], "provider_paused", 2)
    meanwhile = ask("create_offer", provider_id=provider["id"], **OFFER)
    assert {each["state"] for each in ask("list_offers")["items"]} == {"paused", "held"}

    ask("resume_provider", id=provider["id"])

    (back,) = told(url, OfferChanged)
    assert (back.offer_id, back.version) == (offer["id"], 3)
    assert [event.offer_id for event in told(url, OfferPublished)] == [offer["id"], meanwhile["id"]]
    assert {each["state"] for each in ask("list_offers")["items"]} == {"open"}
    assert [event.state for event in told(url, ProviderChanged)] == ["paused", "verified"]


def test_each_step_has_its_state(ask):
    provider = ask("create_provider", **PROVIDER, draft=True)
    for method, facts, slug in [
        ("pause_provider", {"reason": "装修"}, "provider_not_verified"),
        ("resume_provider", {}, "provider_not_paused"),
    ]:
        with pytest.raises(Conflict, match=slug):
            ask(method, id=provider["id"], **facts)
    ask("withdraw_provider", id=provider["id"], reason="other")
    for method, facts in [
        ("verify_provider", {}), ("pause_provider", {"reason": "装修"}), ("resume_provider", {}),
        ("withdraw_provider", {"reason": "other"}), ("change_provider", {"version": 2, "named": True}),
    ]:  # fmt: skip
        with pytest.raises(Conflict, match="already_withdrawn"):
            ask(method, id=provider["id"], **facts)


def test_partners_rest_but_do_not_confirm_themselves(ask):
    provider = ask("create_provider", PARTNER, **PROVIDER)
    ask("verify_provider", id=provider["id"])
    ask("pause_provider", PARTNER, id=provider["id"], reason="放假")

    for method in ("verify_provider", "resume_provider"):
        with pytest.raises(Forbidden, match="role_required"):
            ask(method, PARTNER, id=provider["id"])


def test_staff_confirm_in_their_communities_and_what_they_have_seen(ask):
    far = ask("create_provider", PARTNER, **PROVIDER | {"community": "lvcuo"})
    with pytest.raises(Forbidden, match="community_forbidden"):
        ask("verify_provider", GRID_WORKER, id=far["id"])
    ask("change_provider", PARTNER, id=far["id"], version=1, name="别的店")
    with pytest.raises(Conflict, match="stale_version"):
        ask("verify_provider", id=far["id"], version=1)

    assert ask("verify_provider", id=far["id"], version=2)["version"] == 3


def test_offers_of_a_draft_that_leaves_end_without_a_word(url, ask):
    draft = ask("create_provider", PARTNER, **PROVIDER)
    offer = ask("create_offer", PARTNER, provider_id=draft["id"], **OFFER)

    ask("withdraw_provider", PARTNER, id=draft["id"], reason="other")

    assert ask("get_offer", id=offer["id"])["state"] == "withdrawn"
    assert told(url, OfferPublished) == told(url, OfferWithdrawn) == []


def test_offering_while_the_provider_is_being_paused_ends_off_the_board(url, ask):
    provider = ask("create_provider", **PROVIDER)

    with ThreadPoolExecutor(8) as pool:
        pausing = pool.submit(ask, "pause_provider", id=provider["id"], reason="装修")
        offering = [pool.submit(ask, "create_offer", provider_id=provider["id"], **OFFER) for _ in range(7)]
        for each in (pausing, *offering):
            each.result()

    assert {each["state"] for each in ask("list_offers")["items"]} <= {"held", "paused"}
    assert len(told(url, OfferPublished)) == len(told(url, OfferWithdrawn))


# Confirmed again and again


def test_who_is_not_confirmed_for_six_months_is_asked_once_and_paused_after_thirty_days(url, ask):
    provider = ask("create_provider", **PROVIDER)
    offer = ask("create_offer", provider_id=provider["id"], **OFFER)
    due = today() + VERIFIED_FOR

    does(ResourceService, url, "ask_providers_again", at(due - timedelta(days=1)))
    assert told(url, ProviderVerificationDue) == []
    for day in (0, 1, 29):
        does(ResourceService, url, "ask_providers_again", at(due + timedelta(days=day)))

    (event,) = told(url, ProviderVerificationDue)
    assert (event.provider_id, event.pauses_on) == (provider["id"], str(due + timedelta(days=30)))
    assert ask("get_provider", id=provider["id"])["state"] == "verified"

    does(ResourceService, url, "ask_providers_again", at(due + timedelta(days=30)))

    assert ask("get_provider", id=provider["id"])["state"] == "paused"
    assert told(url, OfferWithdrawn)[0].reason == "provider_paused"
    after = ask("verify_provider", id=provider["id"])
    assert (after["state"], after["pauses_on"], after["paused_because"]) == ("verified", None, None)
    assert ask("get_offer", id=offer["id"])["state"] == "open"


def test_who_is_confirmed_in_time_goes_on(url, ask):
    provider = ask("create_provider", **PROVIDER)
    due = today() + VERIFIED_FOR
    does(ResourceService, url, "ask_providers_again", at(due))

    ask("verify_provider", id=provider["id"])
    does(ResourceService, url, "ask_providers_again", at(due - timedelta(days=1)))

    assert ask("get_provider", id=provider["id"])["state"] == "verified"


def test_who_was_paused_for_want_of_an_answer_is_confirmed_and_not_just_resumed(url, ask):
    provider = ask("create_provider", **PROVIDER)
    rows(url, "UPDATE providers SET due_on = current_date - 40, pauses_on = current_date - 10")
    does(ResourceService, url, "ask_providers_again", datetime.now(UTC))

    with pytest.raises(Conflict, match="provider_to_be_verified"):
        ask("resume_provider", id=provider["id"])


def test_who_changes_who_they_are_is_to_be_confirmed_again(ask):
    provider = ask("create_provider", PARTNER, **PROVIDER)
    ask("verify_provider", id=provider["id"])

    same = ask("change_provider", PARTNER, id=provider["id"], version=2, tell=["news"])
    other = ask("change_provider", PARTNER, id=provider["id"], version=3, name="换了名字")

    assert same["due_on"] == str(today() + VERIFIED_FOR)
    assert (other["state"], other["due_on"]) == ("verified", str(today()))
    assert [item["id"] for item in ask("list_providers", due=True)["items"]] == [provider["id"]]


def test_providers_are_listed_by_state_and_by_what_is_due(url, ask):
    due, fine = (ask("create_provider", **PROVIDER)["id"] for _ in range(2))
    draft = ask("create_provider", PARTNER, **PROVIDER)["id"]
    rows(url, "UPDATE providers SET due_on = current_date - 2 WHERE id = :id", id=due)

    def ids(caller=WORKER, **filters):
        return [item["id"] for item in ask("list_providers", caller, **filters)["items"]]

    assert ids(due=True) == [due] and ids(due=False) == [fine]
    assert ids(due=True, community="lvcuo") == ids(due=True, kind="volunteer") == ids(due=True, state="paused") == []
    assert ids(state="draft") == [draft] and ids(state="verified") == [fine, due]
    assert ids(GRID_WORKER, due=True) == [due]
    assert ids(PARTNER, due=True) == []


def test_many_are_asked_in_steps(url, ask):
    for _ in range(21):
        ask("create_provider", **PROVIDER)

    rounds = does(ResourceService, url, "ask_providers_again", at(today() + VERIFIED_FOR))

    assert (rounds, len(told(url, ProviderVerificationDue))) == (2, 21)
