"""From a confirmation to a delivery, a cancellation, and what was said of it, on a real database."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from chassis.privacy import Keyring
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.fields import STATION_TIME
from contracts.matching import (
    MatchCancelled,
    MatchConfirmed,
    MatchDeclined,
    MatchDelivered,
    MatchLapsed,
    MatchRated,
    MatchScheduled,
)
from contracts.resource import ClientForgotten, NeedChanged, NeedWithdrawn, OfferUsedUp, OfferWithdrawn
from contracts.words import Slot
from services.matching.service import MatchingService
from tests.matching.board import CLIENT, PROVIDER, adds_up, does, need, offer, open_suggestion, proposal, suggested_at
from tests.support import DATA_KEYS, OFFICE, WORKER, Caller, call, hears, published, rows

TODAY = datetime.now(STATION_TIME).date().isoformat()
EVERY_DAY = tuple(Slot(weekday=day, starts="09:00", ends="11:00") for day in range(1, 8))


def last(url, kind):
    return published(url, kind)[-1].event


@pytest.fixture
def confirmed(url):
    """The id of a match of three units, confirmed."""
    id = proposal(url, need(quantity=3), offer(quantity=5))
    does(url, "confirm_match", id)
    return id


def test_what_was_delivered_is_recorded_told_and_counted(url, confirmed):
    view = does(
        url, "deliver_match", confirmed, delivered_on=TODAY, minutes=90, people=2, person_times=5, note="送到301室张阿姨家"
    )

    assert (view["state"], view["delivered"], view["delivered_on"], view["has_note"]) == ("delivered", 3, TODAY, True)
    told = last(url, MatchDelivered)
    assert (told.quantity, told.confirmed, told.need_left, told.provider_id, told.client_id) == (3, 3, 0, PROVIDER, CLIENT)
    assert (told.offer_community, told.people, told.person_times, told.recorded_by) == ("lvcuo", 2, 5, WORKER.id)
    (listed,) = call(MatchingService, url, "list_deliveries", client_id=CLIENT)["items"]
    assert (listed["id"], listed["source"], listed["quantity"], listed["minutes"]) == (confirmed, "match", 3, 90)
    assert "张阿姨" not in json.dumps([rows(url, "SELECT * FROM matches"), rows(url, "SELECT body FROM outbox")],
                                    ensure_ascii=False, default=str)  # fmt: skip
    adds_up(url)


def test_what_is_left_of_a_delivery_goes_back_to_the_board_by_itself(url, confirmed):
    does(url, "deliver_match", confirmed, quantity=1, delivered_on=TODAY)

    assert last(url, MatchDelivered).need_left == 2
    again = open_suggestion(url, need().need_id, offer().offer_id)
    assert call(MatchingService, url, "get_match", id=again)["quantity"] == 2
    with pytest.raises(Conflict):
        does(url, "deliver_match", confirmed, quantity=2, delivered_on=TODAY)
    adds_up(url)


def test_what_was_not_confirmed_of_a_need_is_suggested_again_once_the_rest_was_delivered(url):
    id = proposal(url, need(quantity=3), offer(quantity=5))
    does(url, "confirm_match", id, quantity=1)

    does(url, "deliver_match", id, delivered_on=TODAY)

    again = open_suggestion(url, need().need_id, offer().offer_id)
    assert call(MatchingService, url, "get_match", id=again)["quantity"] == 2
    adds_up(url)


def test_what_cannot_have_been_delivered_is_refused(url, confirmed):
    tomorrow = (datetime.now(STATION_TIME) + timedelta(days=1)).date().isoformat()
    for wrong in ({"quantity": 4}, {"delivered_on": tomorrow}, {"people": 3, "person_times": 2}):
        with pytest.raises(Invalid):
            does(url, "deliver_match", confirmed, **{"delivered_on": TODAY, **wrong})


def test_a_time_is_settled_told_and_found_again(url, confirmed):
    at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    for _ in range(2):
        view = does(url, "schedule_match", confirmed, starts_at=at, ends_at=at + timedelta(hours=2))
    does(url, "schedule_match", confirmed, starts_at=at + timedelta(days=1), ends_at=at + timedelta(days=2))

    assert view["state"] == "scheduled"
    assert len(published(url, MatchScheduled)) == 2
    for since, found in ((at, 1), (at + timedelta(days=2), 0)):
        page = call(MatchingService, url, "list_matches", states="scheduled,confirmed", since=since, provider_id=PROVIDER)
        assert len(page["items"]) == found


def test_a_cancellation_frees_both_sides_and_suggests_anew(url, confirmed):
    does(url, "cancel_match", confirmed, reason="recipient_no_show", note="敲门没人应")

    told = last(url, MatchCancelled)
    assert (told.reason, told.quantity, told.cancelled_by) == ("recipient_no_show", 3, WORKER.id)
    assert open_suggestion(url, need().need_id, offer().offer_id)
    assert rows(url, "SELECT allocated FROM needs UNION ALL SELECT allocated FROM allocations") == [{"allocated": 0}] * 2
    adds_up(url)


@pytest.mark.parametrize("reason", ["provider_cancelled", "provider_no_show", "recipient_cancelled"])
def test_who_called_it_off_is_not_suggested_for_it_again(url, confirmed, reason):
    hears(MatchingService, url, offer(2))

    does(url, "cancel_match", confirmed, reason=reason)

    assert not open_suggestion(url, need().need_id, offer().offer_id)
    assert open_suggestion(url, need().need_id, offer(2).offer_id)
    pair = call(MatchingService, url, "explain_pair", need_id=need().need_id, offer_id=offer().offer_id)
    assert (pair["rule"], pair["against"]) == ("pair_cancelled", "这一对约好后又取消了")


def test_an_occasion_of_the_offers_may_be_chosen(url):
    tomorrow, day = [f"{datetime.now(STATION_TIME) + timedelta(days=days):%Y-%m-%d}" for days in (1, 9)]
    hourly = offer(form="hours", slots=EVERY_DAY, quantity=1)
    id = suggested_at(url, need(), hourly, f"{tomorrow}T09:00:00+08:00")

    with pytest.raises(Invalid) as refusal:
        does(url, "confirm_match", id, occasion=f"{day}T10:00:00+08:00")
    assert refusal.value.slug == "no_such_occasion"
    view = does(url, "confirm_match", id, occasion=f"{day}T09:00:00+08:00")

    assert view["occasion"] == last(url, MatchConfirmed).occasion == f"{day}T09:00:00+08:00"
    does(url, "cancel_match", id, reason="provider_cancelled")
    adds_up(url)


def test_a_suggestion_whose_time_is_over_is_confirmed_for_another_only(url):
    yesterday, tomorrow = [f"{datetime.now(STATION_TIME) + timedelta(days=days):%Y-%m-%d}T09:00:00+08:00" for days in (-1, 1)]
    id = suggested_at(url, need(), offer(form="hours", slots=EVERY_DAY, quantity=1), yesterday)

    with pytest.raises(Conflict) as refusal:
        does(url, "confirm_match", id)
    assert refusal.value.slug == "occasion_over"

    assert does(url, "confirm_match", id, occasion=tomorrow)["occasion"] == tomorrow


def test_the_same_confirmation_by_the_same_person_is_answered_as_before(url, confirmed):
    assert does(url, "confirm_match", confirmed)["state"] == "confirmed"
    assert len(published(url, MatchConfirmed)) == 1
    with pytest.raises(Conflict) as refusal:
        does(url, "confirm_match", confirmed, caller=OFFICE)
    assert refusal.value.slug == "match_already_decided"


def test_a_side_that_does_not_want_it_is_named(url):
    does(url, "decline_match", proposal(url, need(), offer()), reason="太远", side="provider")

    assert last(url, MatchDeclined).side == "provider"


def test_both_sides_say_how_it_was_and_comments_are_shown_on_record_only(url, confirmed):
    with pytest.raises(Conflict) as refusal:
        does(url, "rate_match", confirmed, side="recipient", stars=5)
    assert refusal.value.slug == "match_not_delivered"
    does(url, "deliver_match", confirmed, delivered_on=TODAY, note="王伯很高兴")
    does(url, "rate_match", confirmed, side="recipient", stars=2)
    does(url, "rate_match", confirmed, side="provider", stars=4)
    view = does(url, "rate_match", confirmed, side="recipient", stars=5, comment="比上次好")

    assert [(r["side"], r["stars"], r["has_comment"]) for r in view["ratings"]] == [
        ("provider", 4, False), ("recipient", 5, True),
    ]  # fmt: skip
    assert [e.event.stars for e in published(url, MatchRated)] == [2, 4, 5]
    versions = [e.event.version for e in published(url) if e.event.subject == confirmed]
    assert versions == sorted(set(versions))
    does(url, "reveal_match_note", confirmed, purpose="follow_up")
    (record,) = does(url, "list_match_reveals", confirmed)["items"]
    assert (record["revealed_by"], record["purpose"]) == (WORKER.id, "follow_up")


def test_a_partner_sees_and_rates_what_was_decided_of_their_own_offers(url):
    partner = {"caller": Caller("0190a000-0000-7000-8000-00000000000e", ("partner",), ("lvcuo",))}
    id = proposal(url, need(quantity=3), offer(quantity=5, registered_by=partner["caller"].id))
    hears(MatchingService, url, need(2), offer(2, quantity=5))
    with pytest.raises(NotFound):
        does(url, "get_match", id, **partner)
    assert call(MatchingService, url, "list_matches", **partner)["items"] == []

    does(url, "confirm_match", id)
    does(url, "deliver_match", id, delivered_on=TODAY)

    (seen,) = call(MatchingService, url, "list_matches", **partner)["items"]
    assert (seen["id"], seen["state"], seen["parts"]) == (id, "delivered", [])
    with pytest.raises(Forbidden) as refusal:
        does(url, "rate_match", id, side="recipient", stars=1, **partner)
    assert (refusal.value.slug, refusal.value.field) == ("own_side_only", "side")
    rated = does(url, "rate_match", id, side="provider", stars=4, comment="配合得很好", **partner)
    assert (rated["ratings"][0]["side"], rated["ratings"][0]["recorded_by"]) == ("provider", partner["caller"].id)
    stranger = Caller("0190a000-0000-7000-8000-00000000000f", ("partner",))
    with pytest.raises(NotFound):
        does(url, "rate_match", id, side="provider", stars=1, caller=stranger)
    with pytest.raises(Forbidden):
        does(url, "cancel_match", id, reason="other", **partner)


def test_what_was_written_is_blanked_when_consent_is_withdrawn(url, confirmed):
    keyring = Keyring(DATA_KEYS)
    does(url, "deliver_match", confirmed, delivered_on=TODAY, note="王伯很高兴")
    does(url, "rate_match", confirmed, side="recipient", stars=5, comment="比上次好")
    before = does(url, "reveal_match_note", confirmed, purpose="complaint")
    assert keyring.open(before["note"], "call/note") == "王伯很高兴"
    assert keyring.open(before["recipient_comment"], "call/recipient_comment") == "比上次好"

    hears(MatchingService, url, ClientForgotten(version=9, client_id=CLIENT, community="jiangtou"))

    after = does(url, "reveal_match_note", confirmed, purpose="complaint")
    assert (after["note"], after["recipient_comment"]) == (None, None)


def test_a_withdrawn_need_cancels_what_was_confirmed_and_leaves_what_was_delivered(url, confirmed):
    other = proposal(url, need(2), offer())
    does(url, "confirm_match", other)
    does(url, "deliver_match", other, delivered_on=TODAY)
    for number in (1, 2):
        gone = need(number)
        hears(MatchingService, url, NeedWithdrawn(version=2, need_id=gone.need_id, community="jiangtou", reason="merged"))

    (told,) = [e.event for e in published(url, MatchCancelled)]
    assert (told.match_id, told.reason, told.cancelled_by) == (confirmed, "need_withdrawn", "")
    adds_up(url)


@pytest.mark.parametrize(
    "reason, state", [("no_longer_offered", "cancelled"), ("expired", "cancelled"), ("provider_paused", "confirmed")]
)
def test_what_is_confirmed_of_a_withdrawn_offer_falls_with_it_but_not_in_a_pause(url, confirmed, reason, state):
    hears(MatchingService, url, offer(2, quantity=9))
    hears(MatchingService, url, OfferWithdrawn(version=2, offer_id=offer().offer_id, community="lvcuo", reason=reason))

    assert call(MatchingService, url, "get_match", id=confirmed)["state"] == state
    assert bool(open_suggestion(url, need().need_id, offer(2).offer_id)) is (state == "cancelled")
    adds_up(url)


def test_suggestions_of_an_offer_that_was_used_up_elsewhere_lapse_and_do_not_come_back(url):
    proposal(url, need(), offer())
    gone = OfferUsedUp(version=2, offer_id=offer().offer_id, provider_id=PROVIDER, community="lvcuo", title="闲置轮椅",
                       registered_by=WORKER.id)  # fmt: skip
    hears(MatchingService, url, gone)
    hears(MatchingService, url, NeedChanged(**{**vars(need()), "version": 2, "title": "轮椅"}))

    assert [e.event.reason for e in published(url, MatchLapsed)] == ["offer_used_up"]
    assert open_suggestion(url, need().need_id, offer().offer_id) is None


def test_a_need_that_shrinks_keeps_what_was_confirmed(url, confirmed):
    hears(MatchingService, url, NeedChanged(**{**vars(need()), "version": 2, "quantity": 1}))
    does(url, "deliver_match", confirmed, quantity=2, delivered_on=TODAY)

    assert last(url, MatchDelivered).need_left == 0
    assert open_suggestion(url, need().need_id, offer().offer_id) is None
    adds_up(url)
