"""The rules of offers, their times and their stock, without a database."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Conflict, Invalid
from contracts.words import Date, Slot
from services.resource.offers.domain import Offer, change, checked, end, standing
from services.resource.stock import domain as stock
from services.resource.stock.domain import Movement
from services.resource.times.domain import occasions

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


def offer(form="goods", **changes) -> Offer:
    facts = {
        "id": "o", "version": 1, "provider_id": "p", "title": "资源", "community": "jiangtou", "serves": (),
        "category": "other.unsorted", "quantity": 3, "unit": "次", "starts_at": None, "ends_at": None,
        "target_groups": (), "registered_by": "u", "form": form,
    }  # fmt: skip
    return Offer(**facts | changes)


def at(day: date, hour: int, minute=0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def keys(offer, since=MONDAY, days=7) -> list[str]:
    return [each.occasion for each in occasions(offer, since, since + timedelta(days=days))]


# Times


@pytest.mark.parametrize(
    "period, since, days, expected",
    [
        ("day", MONDAY, 3, ["2026-11-23", "2026-11-24", "2026-11-25"]),
        ("week", date(2026, 11, 25), 6, ["2026-W48", "2026-W49"]),
        ("week", date(2026, 12, 31), 5, ["2026-W53", "2027-W01"]),
        ("month", date(2026, 11, 30), 2, ["2026-11", "2026-12"]),
        ("month", date(2026, 12, 1), 31, ["2026-12"]),
    ],
)
def test_a_period_is_named_by_the_calendar(period, since, days, expected):
    assert keys(offer("goods_per_period", period=period), since, days) == expected


def test_periods_count_where_any_of_them_is_in_the_offers_validity():
    weekly = offer("goods_per_period", period="week", starts_at=at(date(2026, 11, 29), 23), ends_at=at(date(2026, 12, 7), 0))

    assert keys(weekly, MONDAY, 30) == ["2026-W48", "2026-W49"]


def test_a_slot_counts_where_it_lies_in_the_validity_whole_and_the_day_is_not_off():
    room = offer(
        "room",
        slots=({"weekday": 1, "starts": "22:00", "ends": "24:00"}, Slot(weekday=1, starts="09:00", ends="10:00")),
        days_off=(MONDAY + timedelta(days=7),),
        starts_at=at(MONDAY, 9, 30),
        ends_at=at(MONDAY + timedelta(days=15), 0),
    )

    assert keys(room, MONDAY, 30) == [
        "2026-11-23T22:00:00+08:00", "2026-12-07T09:00:00+08:00", "2026-12-07T22:00:00+08:00",
    ]  # fmt: skip


def test_times_are_the_stations_wherever_they_were_typed():
    begins = datetime(2026, 11, 23, 17, tzinfo=UTC)
    posts = offer("posts", dates=(Date(starts_at=begins, ends_at=begins + timedelta(hours=2), places=5),))

    assert keys(posts, MONDAY, 1) == []
    (found,) = occasions(posts, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))
    assert (found.occasion, found.capacity) == ("2026-11-24T01:00:00+08:00", 5)


def test_a_single_date_takes_the_place_of_the_slot_that_begins_with_it():
    slot = Slot(weekday=1, starts="09:00", ends="10:00")
    special = Date(starts_at=at(MONDAY, 9), ends_at=at(MONDAY, 12), places=8)

    (found,) = occasions(offer("hours", slots=(slot,), dates=(special,)), MONDAY, MONDAY + timedelta(days=1))

    assert (found.capacity, found.ends_at) == (8, at(MONDAY, 12))


SLOTS = st.builds(
    lambda weekday, starts, length: Slot(
        weekday=weekday, starts=f"{starts:02d}:00", ends=f"{min(24, starts + length):02d}:00"
    ),
    st.integers(1, 7),
    st.integers(0, 23),
    st.integers(1, 5),
)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(st.lists(SLOTS, max_size=6), st.lists(DAYS, max_size=5), DAYS, st.integers(0, 40), st.integers(0, 40))
def test_days_asked_for_in_two_parts_have_the_times_of_the_whole(slots, days_off, since, first, second):
    hours = offer("hours", slots=tuple(slots), days_off=tuple(days_off))
    middle, until = since + timedelta(days=first), since + timedelta(days=first + second)

    whole = occasions(hours, since, until)

    assert whole == occasions(hours, since, middle) + occasions(hours, middle, until)
    assert [each.occasion for each in whole] == sorted({each.occasion for each in whole})
    assert not {each.starts_at.date() for each in whole} & set(days_off)
    assert all(each.starts_at.isoweekday() in {slot.weekday for slot in slots} for each in whole)


@given(st.lists(SLOTS, min_size=1, max_size=6))
def test_a_timetable_is_taken_exactly_where_no_two_slots_overlap(slots):
    def minutes(slot):
        return {(slot.weekday, hour) for hour in range(int(slot.starts[:2]), int(slot.ends[:2]))}

    apart = sum(len(minutes(slot)) for slot in slots) == len(set().union(*map(minutes, slots)))
    try:
        checked(offer("room", slots=tuple(slots)), None)
        assert apart
    except Invalid as refusal:
        assert (refusal.slug, apart) == ("slots_overlap", False)


@given(st.sampled_from(["day", "week", "month"]), DAYS, st.integers(1, 92))
def test_periods_follow_one_another_and_hold_every_day_that_was_asked_for(period, since, days):
    found = occasions(offer("goods_per_period", period=period), since, since + timedelta(days=days))

    assert len({each.occasion for each in found}) == len(found)
    assert all(one.ends_at == next.starts_at for one, next in pairwise(found))
    assert found[0].starts_at <= at(since, 0) and found[-1].ends_at >= at(since + timedelta(days=days), 0)


# Stock


def moves(kind, quantity) -> Movement:
    return Movement("m", "o", kind, quantity, "u")


STEPS = st.lists(st.tuples(st.sampled_from(["receive", "return", "correct", "write_off", "deliver"]), st.integers(1, 30)))


@given(st.integers(1, 50), STEPS)
def test_whatever_happens_the_ledger_replays_to_the_offer_and_nothing_is_negative(begin, steps):
    now = offer(quantity=begin)
    ledger, returned = [moves("received", begin)], 0
    for step, quantity in steps:
        try:
            if step == "receive":
                new = [moves("received", stock.receive(now, quantity, "received", 0))]
            elif step == "return":
                new = [moves("returned", stock.receive(now, quantity, "returned", returned))]
                returned += quantity
            elif step == "correct":
                new = [moves("corrected", stock.correct(now, quantity))]
            elif step == "write_off":
                new = [moves("written_off", stock.write_off(now, quantity))]
            else:
                new = [moves(kind, number) for kind, number, _ in stock.deliver(now, quantity)]
        except Conflict:
            continue
        ledger += new
        for movement in new:
            now = stock.book(now, movement)
        assert 0 <= now.given <= now.quantity
        assert returned <= now.given

    assert stock.replay(now, ledger) == now
    assert now.on_hand == sum(movement.quantity for movement in ledger)


@pytest.mark.parametrize(
    "provider, state, on_hand, expected",
    [
        ("verified", "open", 1, "open"),
        ("verified", "used_up", 1, "open"),
        ("verified", "paused", 0, "used_up"),
        ("verified", "held", 1, "open"),
        ("draft", "held", 1, "held"),
        ("paused", "held", 1, "held"),
        ("paused", "used_up", 1, "paused"),
    ],
)
def test_an_offer_is_on_the_board_while_its_provider_is_verified_and_something_is_left(provider, state, on_hand, expected):
    assert standing(offer(state=state, quantity=4, given=4 - on_hand), provider) == expected


@pytest.mark.parametrize("state, slug", [("withdrawn", "already_withdrawn"), ("expired", "already_expired")])
def test_what_ended_stays_as_it_is(state, slug):
    ended = offer(state=state)
    for step in (
        lambda: change(ended, 1, {"quantity": 5}, at(MONDAY, 9)),
        lambda: end(ended),
        lambda: stock.receive(ended, 1, "received", 0),
        lambda: stock.write_off(ended, 1),
    ):
        with pytest.raises(Conflict, match=slug):
            step()
