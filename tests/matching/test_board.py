"""What is set aside, by occasion, on a real database."""

from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
import sqlalchemy

from contracts.errors import Conflict
from contracts.resource import OfferChanged
from contracts.words import Slot
from services.matching.service import MatchingService
from tests.matching.test_service import NEED_ID, OFFER_ID, need, offer
from tests.support import hears, rows, transactions

MONDAY = "2026-11-30T09:00:00+08:00"
HOURS = {"form": "hours", "unit": "次", "slots": (Slot(weekday=1, starts="09:00", ends="11:00"),)}


def reserve(url, need_id, occasion, quantity):
    with transactions(MatchingService, url).transaction() as store:
        return store.reserve(store.lock_need(need_id), store.lock_offer(OFFER_ID), occasion, quantity)


def test_each_time_of_a_timetable_has_its_own_quantity(url):
    hears(MatchingService, url, need(quantity=9), offer(quantity=2, **HOURS))

    reserve(url, NEED_ID, MONDAY, 2)
    the_need, the_offer = reserve(url, NEED_ID, "2026-12-07T09:00:00+08:00", 1)

    assert the_need.left == 6
    assert the_offer.left_at(MONDAY) == 0
    with pytest.raises(Conflict, match="offer_has_less_left"):
        reserve(url, NEED_ID, MONDAY, 1)
    assert rows(url, "SELECT occasion, capacity, allocated FROM allocations ORDER BY occasion") == [
        {"occasion": MONDAY, "capacity": 2, "allocated": 2},
        {"occasion": "2026-12-07T09:00:00+08:00", "capacity": 2, "allocated": 1},
    ]


def test_what_is_released_can_be_reserved_again(url):
    hears(MatchingService, url, need(quantity=2), offer(quantity=2))
    reserve(url, NEED_ID, "", 2)

    with transactions(MatchingService, url).transaction() as store:
        the_need, the_offer = store.release(NEED_ID, OFFER_ID, "", 1)

    assert (the_need.left, the_offer.left_at("")) == (1, 1)
    assert rows(
        url, "SELECT n.allocated AS n, o.allocated AS o, a.allocated AS a FROM needs n, offers o, allocations a"
    ) == [{"n": 1, "o": 1, "a": 1}]
    reserve(url, NEED_ID, "", 1)


def test_new_terms_may_have_less_than_is_set_aside_but_give_no_more(url):
    hears(MatchingService, url, need(quantity=5), offer(quantity=4))
    reserve(url, NEED_ID, "", 3)
    hears(MatchingService, url, OfferChanged(**{**vars(offer(quantity=2)), "version": 2}))

    with pytest.raises(Conflict, match="offer_has_less_left"):
        reserve(url, NEED_ID, "", 1)
    with transactions(MatchingService, url).transaction() as store:
        assert store.release(NEED_ID, OFFER_ID, "", 2)[1].left_at("") == 1


def test_what_never_runs_out_has_no_limit(url):
    hears(MatchingService, url, need(quantity=1000), offer(quantity=1, form="unlimited"))

    reserve(url, NEED_ID, "", 1000)

    assert rows(url, "SELECT capacity, allocated FROM allocations") == [{"capacity": None, "allocated": 1000}]


def test_many_at_once_never_take_more_of_a_time_than_there_is(url):
    hears(MatchingService, url, offer(quantity=7, **HOURS), *[need(n) for n in range(1, 41)])

    def take(number):
        try:
            reserve(url, need(number).need_id, MONDAY, 1)
            return "reserved"
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(take, range(1, 41)))

    assert (outcomes.count("reserved"), outcomes.count("offer_has_less_left")) == (7, 33)
    assert rows(url, "SELECT allocated FROM allocations") == [{"allocated": 7}]


def test_the_database_itself_refuses_to_set_aside_more_than_there_is(url):
    hears(MatchingService, url, need(), offer())

    with pytest.raises(sqlalchemy.exc.IntegrityError) as refusal:
        rows(
            url, "INSERT INTO allocations (offer_id, occasion, capacity, allocated) VALUES (:id, '', 2, 3)", id=OFFER_ID
        )
    assert isinstance(refusal.value.orig, psycopg2.errors.CheckViolation)
