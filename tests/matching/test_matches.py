"""What becomes of a match: the rules, without I/O."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from contracts.errors import Conflict, Invalid
from services.matching.matches.domain import (
    Match,
    cancel,
    confirm,
    decline,
    deliver,
    falls_with,
    lapse,
    rate,
    schedule,
)

NOW = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)  # already the 6th at the station
OPEN, CLOSED = SimpleNamespace(open=True), SimpleNamespace(open=False)


def match(**changes):
    facts = dict(id="m", version=1, need_id="n", offer_id="o", quantity=3, score=80, parts=())
    return Match(**{**facts, **changes})


def confirmed(**changes):
    return match(state="confirmed", version=2, decided_by="w", decided_at=NOW, **changes)


def done(the_match=None, **changes):
    figures = dict(quantity=None, delivered_on=date(2026, 3, 6), minutes=90, people=2, person_times=None, note=None)
    return deliver(the_match or confirmed(), **{**figures, **changes}, by="v", now=NOW)


def test_all_or_part_of_a_suggestion_can_be_confirmed():
    whole = confirm(match(), OPEN, OPEN, None, None, "w", NOW)
    part = confirm(match(), OPEN, OPEN, 1, "2026-W12", "w", NOW)

    assert (whole.state, whole.version, whole.decided_by, whole.quantity) == ("confirmed", 2, "w", 3)
    assert (part.quantity, part.occasion) == (1, "2026-W12")


def test_the_same_confirmation_again_changes_nothing():
    once = confirm(match(), OPEN, OPEN, 2, None, "w", NOW)

    assert confirm(once, CLOSED, CLOSED, 2, None, "w", NOW + timedelta(1)) == once
    for by, quantity in (("x", 2), ("w", 1)):
        with pytest.raises(Conflict):
            confirm(once, OPEN, OPEN, quantity, None, by, NOW)


@pytest.mark.parametrize(
    "the_match, need, offer, slug",
    [
        (match(state="lapsed"), OPEN, OPEN, "match_already_decided"),
        (match(state="lapsed"), CLOSED, OPEN, "need_is_closed"),
        (match(), OPEN, CLOSED, "offer_is_closed"),
        (match(state="delivered"), OPEN, OPEN, "match_already_decided"),
    ],
)
def test_what_cannot_be_confirmed_is_refused_with_its_reason(the_match, need, offer, slug):
    with pytest.raises(Conflict) as refusal:
        confirm(the_match, need, offer, None, None, "w", NOW)
    assert refusal.value.slug == slug


def test_a_decision_against_it_is_made_once_and_says_for_whom():
    declined = decline(match(), "太远", "w", NOW, "recipient")

    assert (declined.state, declined.reason, declined.declined_for) == ("declined", "太远", "recipient")
    with pytest.raises(Conflict):
        decline(declined, "太远", "w", NOW)
    assert lapse(match(), "need_met").state == "lapsed"


def test_a_time_may_be_settled_anew_and_the_same_time_again_changes_nothing():
    once = schedule(confirmed(), NOW, NOW + timedelta(hours=2), "w")
    again = schedule(once, NOW + timedelta(1), NOW + timedelta(2), "v")

    assert (once.state, once.version) == ("scheduled", 3)
    assert schedule(once, NOW, NOW + timedelta(hours=2), "v") == once
    assert (again.version, again.scheduled_by) == (4, "v")
    with pytest.raises(Invalid):
        schedule(once, NOW, NOW, "w")
    with pytest.raises(Conflict):
        schedule(match(), NOW, NOW + timedelta(hours=2), "w")


def test_all_that_was_confirmed_is_delivered_unless_less_is_said():
    assert (done().delivered, done().state, done().closed_by) == (3, "delivered", "v")
    assert done(quantity=1).delivered == 1
    assert done().person_times == 2  # at least everybody once


@pytest.mark.parametrize(
    "figures, slug",
    [
        ({"quantity": 4}, "more_than_confirmed"),
        ({"delivered_on": date(2026, 3, 7)}, "delivered_in_the_future"),
        ({"person_times": 1}, "fewer_person_times_than_people"),
    ],
)
def test_figures_that_cannot_be_are_refused(figures, slug):
    with pytest.raises(Invalid) as refusal:
        done(**figures)
    assert refusal.value.slug == slug


@pytest.mark.parametrize("state", ["proposed", "delivered", "declined", "lapsed", "cancelled"])
def test_only_what_is_confirmed_is_delivered_or_cancelled(state):
    for act in (done, lambda the_match: cancel(the_match, "other", None, "w", NOW)):
        with pytest.raises(Conflict) as refusal:
            act(match(state=state))
        assert refusal.value.slug == "match_not_confirmed"


def test_what_is_cancelled_says_why():
    gone = cancel(confirmed(), "provider_no_show", "sealed", "w", NOW)

    assert (gone.state, gone.reason, gone.closed_by, gone.note) == ("cancelled", "provider_no_show", "w", "sealed")


@pytest.mark.parametrize(
    "reason, starts_at, falls",
    [
        ("no_longer_offered", None, True),
        ("provider_left", NOW - timedelta(1), True),
        ("provider_paused", None, False),
        ("expired", None, True),
        ("expired", NOW + timedelta(1), True),
        ("expired", NOW - timedelta(1), False),  # it has begun: only the record is missing
        ("window_over", NOW - timedelta(1), False),
    ],
)
def test_what_falls_with_a_need_or_an_offer(reason, starts_at, falls):
    assert falls_with(confirmed(starts_at=starts_at), reason, NOW) is falls


def test_each_side_rates_once_and_may_say_otherwise_for_seven_days():
    first, rating = rate(done(), None, "recipient", 2, None, "w", NOW)
    second, changed = rate(first, rating, "recipient", 4, "sealed", "v", NOW + timedelta(days=7))

    assert (rating.stars, changed.stars, changed.first_at, second.version) == (2, 4, NOW, first.version + 1)
    with pytest.raises(Conflict) as refusal:
        rate(second, changed, "recipient", 5, None, "w", NOW + timedelta(days=7, seconds=1))
    assert refusal.value.slug == "rating_stands"
    with pytest.raises(Conflict):
        rate(dataclasses.replace(done(), state="cancelled"), None, "provider", 5, None, "w", NOW)
