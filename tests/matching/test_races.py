"""Many at once, with real threads: no unit is given twice, and there is one clear state everywhere."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from chassis.client import Context
from chassis.database import connect
from chassis.rpc import carry_out
from contracts.errors import Conflict
from contracts.matching import MatchCancelled, MatchConfirmed, MatchDelivered, MatchRated
from contracts.resource import NeedChanged, NeedWithdrawn, OfferWithdrawn
from services.matching.service import MatchingService
from tests.matching.board import adds_up, need, offer, open_suggestion, proposal
from tests.support import OFFICE, WORKER, call, hears, published, rows, service

CLOSED = {"need_is_closed", "offer_is_closed", "match_already_decided"}


def outcome(url, method, id, caller=WORKER, **arguments) -> str:
    """Return the state after a command, or the slug of its refusal; a deadlock is one too many."""
    try:
        return call(MatchingService, url, method, caller, id=id, **arguments)["state"]
    except Conflict as refusal:
        return refusal.slug


def at_once(*works):
    """Carry out works at the same moment; return what they returned."""
    barrier = Barrier(len(works))

    def begin(work):
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(begin, work) for work in works]]


def test_sixty_people_confirm_of_ten_offers_at_once(url):
    hears(MatchingService, url, *[offer(n, quantity=2, unit=f"部{n}") for n in range(1, 11)])
    for first in (1, 31):
        hears(MatchingService, url, *[need(n, unit=f"部{1 + n % 10}") for n in range(first, first + 30)])
    ids = [open_suggestion(url, need(n).need_id, offer(1 + n % 10).offer_id) for n in range(1, 61)]
    instance = service(MatchingService, url)
    instance.db.transactions.engine = connect(url, name="tests", pool_size=20)
    assert all(ids)

    def confirm(id):
        spec = MatchingService.confirm_match.spec
        try:
            return carry_out(instance, spec, Context(WORKER, "test"), {"id": id})["state"]
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(60) as pool:
        outcomes = Counter(pool.map(confirm, ids))
    instance.db.transactions.engine.dispose()

    assert outcomes["confirmed"] == len(published(url, MatchConfirmed)) == 20
    assert set(outcomes) <= {"confirmed", "offer_has_less_left", "need_has_less_left", "match_already_decided"}
    assert rows(url, "SELECT sum(allocated) AS given FROM allocations WHERE allocated <= capacity") == [{"given": 20}]
    adds_up(url)


@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_a_need_is_withdrawn_while_it_is_confirmed(url, withdrawn_first):
    states = Counter()
    for n in range(1, 13):
        id = proposal(url, need(n, unit=f"部{n}"), offer(n, unit=f"部{n}"))
        gone = NeedWithdrawn(version=2, need_id=need(n).need_id, community="jiangtou", reason="no_longer_needed")
        works = [lambda gone=gone: hears(MatchingService, url, gone), lambda id=id: outcome(url, "confirm_match", id)]
        found = at_once(*(works if withdrawn_first else works[::-1]))
        said = found[1] if withdrawn_first else found[0]
        state = call(MatchingService, url, "get_match", id=id)["state"]
        assert (said, state) == ("confirmed", "cancelled") or (said in CLOSED and state == "lapsed")
        states[state] += 1

    assert len(published(url, MatchCancelled)) == len(published(url, MatchConfirmed)) == states["cancelled"]
    assert outcome(url, "confirm_match", id) in CLOSED
    adds_up(url)


def test_an_offer_is_withdrawn_while_it_is_confirmed(url):
    for n in range(1, 13):
        id = proposal(url, need(n, unit=f"部{n}"), offer(n, unit=f"部{n}"))
        gone = OfferWithdrawn(version=2, offer_id=offer(n).offer_id, community="lvcuo", reason="provider_left")
        _, said = at_once(lambda gone=gone: hears(MatchingService, url, gone), lambda id=id: outcome(url, "confirm_match", id))
        state = call(MatchingService, url, "get_match", id=id)["state"]
        assert (said, state) == ("confirmed", "cancelled") or (said in CLOSED and state == "lapsed")

    assert rows(url, "SELECT count(*) AS n FROM set_aside") == [{"n": 0}]
    adds_up(url)


def test_a_need_shrinks_while_it_is_confirmed(url):
    for n in range(1, 13):
        id = proposal(url, need(n, quantity=3, unit=f"部{n}"), offer(n, quantity=5, unit=f"部{n}"))
        less = NeedChanged(**{**vars(need(n, unit=f"部{n}")), "version": 2, "quantity": 1})
        _, said = at_once(lambda less=less: hears(MatchingService, url, less), lambda id=id: outcome(url, "confirm_match", id))
        (kept,) = rows(url, "SELECT quantity, allocated FROM needs WHERE id = :id", id=need(n).need_id)
        assert (said, kept["allocated"]) in (("confirmed", 3), ("match_already_decided", 0))
        assert kept["quantity"] == 1

    adds_up(url)


def test_two_people_decide_otherwise_at_the_same_moment(url):
    for n in range(1, 13):
        id = proposal(url, need(n, unit=f"部{n}"), offer(n, unit=f"部{n}"))
        call(MatchingService, url, "confirm_match", id=id)
        done = at_once(
            lambda id=id: outcome(url, "deliver_match", id, delivered_on="2026-01-05"),
            lambda id=id: outcome(url, "cancel_match", id, OFFICE, reason="other"),
        )
        assert sorted(done) in (["cancelled", "match_not_confirmed"], ["delivered", "match_not_confirmed"])

    adds_up(url)


def test_of_two_who_record_the_same_delivery_one_does(url):
    for n in range(1, 9):
        id = proposal(url, need(n, quantity=3, unit=f"部{n}"), offer(n, quantity=5, unit=f"部{n}"))
        call(MatchingService, url, "confirm_match", id=id)
        done = at_once(
            lambda id=id: outcome(url, "deliver_match", id, delivered_on="2026-01-05", quantity=1),
            lambda id=id: outcome(url, "deliver_match", id, OFFICE, delivered_on="2026-01-06", quantity=2),
        )
        assert sorted(done) == ["delivered", "match_not_confirmed"]
        (kept,) = rows(url, "SELECT quantity FROM deliveries WHERE id = :id", id=id)
        assert kept["quantity"] == call(MatchingService, url, "get_match", id=id)["delivered"]

    assert len(published(url, MatchDelivered)) == 8
    assert rows(url, "SELECT delivered FROM provider_record") == [{"delivered": 8}]
    adds_up(url)


def test_a_need_is_withdrawn_while_its_delivery_is_recorded(url):
    for n in range(1, 9):
        id = proposal(url, need(n, unit=f"部{n}"), offer(n, unit=f"部{n}"))
        call(MatchingService, url, "confirm_match", id=id)
        gone = NeedWithdrawn(version=2, need_id=need(n).need_id, community="jiangtou", reason="no_longer_needed")
        _, said = at_once(
            lambda gone=gone: hears(MatchingService, url, gone),
            lambda id=id: outcome(url, "deliver_match", id, delivered_on="2026-01-05"),
        )
        state = call(MatchingService, url, "get_match", id=id)["state"]
        assert (said, state) in (("delivered", "delivered"), ("match_not_confirmed", "cancelled"))

    assert len(published(url, MatchDelivered)) + len(published(url, MatchCancelled)) == 8
    assert rows(url, "SELECT count(*) AS n FROM set_aside") == [{"n": 0}]
    adds_up(url)


def test_both_sides_rate_at_the_same_moment_and_the_record_counts_the_recipient_once(url):
    id = proposal(url, need(), offer())
    call(MatchingService, url, "confirm_match", id=id)
    call(MatchingService, url, "deliver_match", id=id, delivered_on="2026-01-05")

    sides = ("recipient", "provider", "recipient", "provider")
    said = at_once(*[lambda side=side: outcome(url, "rate_match", id, side=side, stars=4) for side in sides])

    assert said == ["delivered"] * 4
    assert len(call(MatchingService, url, "get_match", id=id)["ratings"]) == 2
    assert rows(url, "SELECT ratings, stars FROM provider_record") == [{"ratings": 1, "stars": 4}]
    versions = [envelope.event.version for envelope in published(url, MatchRated)]
    assert len(versions) == len(set(versions)) == 4


def test_one_key_used_by_twins_confirms_once(url):
    id = proposal(url, need(), offer())

    answers = at_once(*[lambda: call(MatchingService, url, "confirm_match", key="k", id=id)] * 8)

    assert all(answer == answers[0] for answer in answers)
    assert len(published(url, MatchConfirmed)) == 1
