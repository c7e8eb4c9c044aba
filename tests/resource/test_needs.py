"""The course of a need: draft, open, partly met, met; or cancelled, or lapsed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy.event import listens_for

from contracts.errors import Conflict, Invalid
from contracts.matching import ClaimFulfilled, MatchDelivered
from contracts.resource import NeedChanged, NeedCreated, NeedMet, NeedPartlyMet, NeedWithdrawn
from services.resource.ids import new_id
from services.resource.needs.register import register_needs
from services.resource.service import ResourceService
from tests.resource.people import CHILD, KEYRING, NEED, OFFER, PARTNER, PERSON, Asking, told
from tests.support import WORKER, database, does, hears, published, rows, transactions

TEN = NEED | {"quantity": 10}


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    return Asking(url)


def delivered(need, quantity, *, match_id=None, version=3) -> MatchDelivered:
    return MatchDelivered(
        match_id=match_id or new_id(),
        version=version,
        need_id=need["id"],
        offer_id=OFFER,
        provider_id=OFFER,
        need_title=need["title"],
        offer_title="闲置轮椅",
        community=need["community"],
        offer_community="lvcuo",
        category=need["category"],
        target_group=need["target_group"],
        quantity=quantity,
        confirmed=quantity,
        unit=need["unit"],
        need_left=0,
        delivered_on="2026-11-23",
        minutes=0,
        people=1,
        person_times=1,
        recorded_by=WORKER.id,
        need_registered_by=WORKER.id,
        offer_registered_by=WORKER.id,
    )


def fulfilled(need, quantity, *, claim_id=None, version=3) -> ClaimFulfilled:
    return ClaimFulfilled(
        claim_id=claim_id or new_id(),
        version=version,
        need_id=need["id"],
        provider_id=OFFER,
        claimer=PARTNER.id,
        text="轮椅",
        community=need["community"],
        quantity=quantity,
        unit=need["unit"],
        need_registered_by=WORKER.id,
        category=need["category"],
        target_group=need["target_group"],
        fulfilled=quantity,
        need_left=0,
        delivered_on="2026-11-23",
        minutes=0,
        people=1,
        person_times=1,
        recorded_by=WORKER.id,
    )


# Drafts and minors


def test_a_draft_is_told_of_when_it_is_published(url, ask):
    need = ask("create_need", **NEED, draft=True)
    ask("change_need", id=need["id"], version=1, quantity=2)
    assert (need["state"], published(url)) == ("draft", [])

    assert ask("publish_need", id=need["id"])["state"] == "open"

    (event,) = told(url, NeedCreated)
    assert (event.need_id, event.version, event.quantity) == (need["id"], 3, 2)
    with pytest.raises(Conflict, match="need_not_draft"):
        ask("publish_need", id=need["id"])


def test_a_draft_that_is_given_up_was_never_told_of(url, ask):
    need = ask("create_need", **NEED, draft=True)

    assert ask("withdraw_need", id=need["id"], reason="entered_by_mistake")["state"] == "cancelled"

    assert published(url) == []


def test_a_need_whose_time_has_passed_is_refused(ask):
    over = {"ends_at": "2026-01-01T00:00:00+08:00"}
    with pytest.raises(Invalid) as refusal:
        ask("create_need", **NEED, **over)
    assert (refusal.value.slug, refusal.value.field) == ("over_already", "ends_at")

    need = ask("create_need", **NEED)
    with pytest.raises(Invalid, match="over_already"):
        ask("change_need", id=need["id"], version=1, **over)


def test_a_draft_whose_time_has_passed_is_not_published(url, ask):
    need = ask("create_need", **NEED, draft=True, ends_at="2031-01-01T00:00:00+08:00")
    rows(url, "UPDATE needs SET ends_at = now() - interval '1 second'")

    with pytest.raises(Conflict, match="need_window_over"):
        ask("publish_need", id=need["id"])


# What was delivered


def test_a_need_is_met_by_what_is_delivered_whoever_brings_it(url, ask):
    need = ask("create_need", **TEN)

    hears(ResourceService, url, delivered(need, 4))
    half = ask("get_need", id=need["id"])
    hears(ResourceService, url, fulfilled(need, 6))

    assert (half["state"], half["met"], half["version"]) == ("partly_met", 4, 2)
    assert (ask("get_need", id=need["id"])["state"], ask("get_need", id=need["id"])["met"]) == ("met", 10)
    (partly,), (met,) = told(url, NeedPartlyMet), told(url, NeedMet)
    assert (partly.met, partly.quantity, partly.version, partly.registered_by) == (4, 10, 2, WORKER.id)
    assert (met.met, met.version) == (10, 3)


def test_a_delivery_that_is_told_again_is_counted_once(url, ask):
    need = ask("create_need", **TEN)
    one = delivered(need, 4)

    hears(ResourceService, url, one, times=2)
    hears(ResourceService, url, one)
    hears(ResourceService, url, fulfilled(need, 1, claim_id=one.match_id, version=4))

    assert ask("get_need", id=need["id"])["met"] == 5
    assert [event.met for event in told(url, NeedPartlyMet)] == [4, 5]


def test_what_was_met_cannot_be_changed_or_withdrawn_or_reopened(url, ask):
    need = ask("create_need", **NEED)
    hears(ResourceService, url, delivered(need, 1))

    for method, arguments in [
        ("change_need", {"version": 1, "quantity": 5}),
        ("change_need", {"version": 2, "quantity": 5}),
        ("withdraw_need", {"reason": "other"}),
        ("publish_need", {}),
    ]:
        with pytest.raises(Conflict, match="need_already_met"):
            ask(method, id=need["id"], **arguments)
    assert ask("get_need", id=need["id"])["state"] == "met"


def test_a_change_of_quantity_looks_at_what_was_delivered(url, ask):
    need = ask("create_need", **TEN)
    hears(ResourceService, url, delivered(need, 4))

    with pytest.raises(Conflict, match="less_than_was_met") as refusal:
        ask("change_need", id=need["id"], version=2, quantity=3)
    assert refusal.value.facts == {"met": 4}
    assert ask("change_need", id=need["id"], version=2, quantity=12)["state"] == "partly_met"
    assert ask("change_need", id=need["id"], version=3, quantity=4)["state"] == "met"

    assert [event.version for event in told(url, NeedChanged)] == [3, 4]
    assert [(event.version, event.met, event.quantity) for event in told(url, NeedMet)] == [(5, 4, 4)]


def test_a_delivery_for_a_need_that_was_cancelled_is_noted_and_changes_no_state(url, ask):
    need = ask("create_need", **NEED)
    ask("withdraw_need", id=need["id"], reason="no_longer_needed")

    hears(ResourceService, url, delivered(need, 1))

    after = ask("get_need", id=need["id"])
    assert (after["state"], after["met"], after["closed_because"]) == ("cancelled", 1, "no_longer_needed")
    assert told(url, NeedMet) == []


def test_a_delivery_for_a_need_that_there_is_not_is_nothing(url, ask):
    need = ask("create_need", **NEED)

    hears(ResourceService, url, delivered(need | {"id": OFFER}, 1))

    assert rows(url, "SELECT 1 FROM need_deliveries") == rows(url, "SELECT 1 FROM set_aside") == []


# Time


def test_a_need_lapses_when_its_time_has_passed(url, ask):
    over = ask("create_need", **NEED, ends_at="2031-03-01T09:00:00+08:00")
    draft = ask("create_need", **NEED, draft=True, ends_at="2031-03-01T09:00:00+08:00")
    later = ask("create_need", **NEED, ends_at="2031-03-01T09:00:01+08:00")
    whenever = ask("create_need", **NEED)

    does(ResourceService, url, "lapse_needs", datetime(2031, 3, 1, 1, tzinfo=UTC))

    states = [ask("get_need", id=need["id"])["state"] for need in (over, draft, later, whenever)]
    assert states == ["lapsed", "lapsed", "open", "open"]
    (event,) = told(url, NeedWithdrawn)
    assert (event.need_id, event.reason, event.state, event.version) == (over["id"], "window_over", "lapsed", 2)
    with pytest.raises(Conflict, match="need_lapsed"):
        ask("change_need", id=over["id"], version=2, ends_at=None)


def test_many_lapse_in_rounds(url, ask):
    with transactions(ResourceService, url).transaction(caller=WORKER) as store:
        rows_of_them = [whole(NEED) | {"ends_at": datetime(2031, 1, 1, tzinfo=UTC)} for _ in range(450)]
        register_needs(store, KEYRING, rows_of_them, now=datetime.now(UTC))

    assert does(ResourceService, url, "lapse_needs", datetime(2031, 3, 1, 1, tzinfo=UTC)) == 3
    assert rows(url, "SELECT state, count(*) AS n FROM needs GROUP BY state") == [{"state": "lapsed", "n": 450}]


# At the same time


def test_a_need_that_is_withdrawn_changed_and_delivered_at_once_ends_in_one_clear_state(url, ask):
    needs = [ask("create_need", **NEED) for _ in range(6)]

    def withdraw(need):
        ask("withdraw_need", id=need["id"], reason="other")

    def change(need):
        ask("change_need", id=need["id"], version=1, quantity=2)

    def deliver(need):
        hears(ResourceService, url, delivered(need, 1))

    def attempt(what, need):
        try:
            what(need)
        except Conflict as refusal:
            return refusal.slug
        return None

    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(attempt, what, need) for need in needs for what in (withdraw, change, deliver)]
        slugs = {job.result() for job in jobs}

    assert slugs <= {None, "stale_version", "already_withdrawn", "need_already_met"}
    for need in needs:
        after = ask("get_need", id=need["id"])
        events = [e.event for e in published(url) if e.event.subject == need["id"]]
        assert after["met"] == 1
        # Either it was withdrawn and says so last, or it was met before and stays so.
        assert (after["state"], type(events[-1])) in (("cancelled", NeedWithdrawn), ("met", NeedMet))
        versions = [event.version for event in events]
        assert versions == sorted(set(versions)) and versions[-1] == after["version"]
    assert rows(url, "SELECT 1 FROM set_aside") == []


# Many at once


def whole(need: dict) -> dict:
    """Return a row as the schema NewNeed loads it."""
    from contracts.calls.resource.needs import NewNeed

    return NewNeed().load(need)


def test_many_needs_are_registered_at_once_with_their_clients(url, ask):
    client = ask("create_client", community="jiangtou", contact_name="林家", kind="household")
    lines = [whole(NEED | PERSON), whole(NEED | {"client_id": client["id"]}), whole(NEED), whole(NEED | CHILD)]

    with transactions(ResourceService, url).transaction(caller=WORKER) as store:
        needs = register_needs(store, KEYRING, lines, now=datetime.now(UTC))

    assert [need.state for need in needs] == ["open", "open", "open", "draft"]
    assert [need.client_kind for need in needs] == ["person", "household", "person", "person"]
    assert ask.reveal("need", needs[0].id) == PERSON
    assert len(told(url, NeedCreated)) == 3
    assert len(ask("list_clients")["items"]) == 3


def test_many_needs_take_as_many_statements_as_a_few(url):
    def statements(many: int) -> int:
        lines = [
            whole(NEED | PERSON) | {"contact_name": f"欧阳{i % 900}", "contact_phone": f"139{i:08d}", "title": f"轮椅{i}部"}
            for i in range(many)
        ]
        made, opened = [], transactions(ResourceService, url)
        listens_for(opened.engine, "before_cursor_execute")(lambda *said: made.append(said[2]))
        with opened.transaction(caller=WORKER) as store:
            register_needs(store, KEYRING, lines, now=datetime.now(UTC))
        return len(made)

    assert statements(5_000) == statements(10)
    assert rows(url, "SELECT count(*) AS n FROM needs AS n JOIN clients AS c ON c.id = n.client_id") == [{"n": 5010}]
