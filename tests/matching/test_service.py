"""The matching service on a real database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.errors import Conflict, Forbidden, NotFound
from contracts.matching import MatchConfirmed, MatchDeclined, MatchLapsed, MatchProposed, NeedMatched
from contracts.resource import NeedChanged, NeedCreated, NeedWithdrawn, OfferPublished, OfferWithdrawn
from services.matching.service import MatchingService
from tests.support import WORKER, Caller, call, database, hears, published, rows

NEED_ID = "0190a000-0000-7000-8000-00000000a001"
OFFER_ID = "0190a000-0000-7000-8000-00000000b001"


def need(number=1, **changes):
    facts = dict(
        version=1, need_id=f"0190a000-0000-7000-8000-00000000a{number:03d}", title="轮椅一部", community="jiangtou",
        community_name="江头社区", category="goods.aids", category_name="康复辅具", quantity=1, unit="部",
        target_group="disabled", urgency=2, registered_by=WORKER.id,
    )  # fmt: skip
    return NeedCreated(**{**facts, **changes})


def offer(number=1, **changes):
    facts = dict(
        version=1, offer_id=f"0190a000-0000-7000-8000-00000000b{number:03d}",
        provider_id="0190a000-0000-7000-8000-00000000c001", title="闲置轮椅", community="lvcuo",
        community_name="吕厝社区", serves=(), category="goods.aids", category_name="康复辅具", quantity=2, unit="部",
        target_groups=(), registered_by=WORKER.id,
    )  # fmt: skip
    return OfferPublished(**{**facts, **changes})


@pytest.fixture
def url(postgres):
    return database(postgres, "matching")


@pytest.mark.parametrize("first, second", [(need(), offer()), (offer(), need())])
def test_a_need_and_an_offer_meet_whichever_comes_first(url, first, second):
    hears(MatchingService, url, first)
    hears(MatchingService, url, second)

    (proposed,) = published(url, MatchProposed)
    assert (proposed.event.need_id, proposed.event.offer_id, proposed.event.quantity) == (NEED_ID, OFFER_ID, 1)
    assert proposed.event.score == sum(part.points for part in proposed.event.parts)
    (matched,) = published(url, NeedMatched)
    assert matched.event.best_match_id == proposed.event.match_id


def test_a_need_and_an_offer_meet_when_two_processes_hear_them_at_once(url):
    for number in range(1, 21):
        events = [need(number, unit=f"部{number}"), offer(number, unit=f"部{number}")]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda event: hears(MatchingService, url, event), events))

    pairs = {(e.event.need_id, e.event.offer_id) for e in published(url, MatchProposed)}
    assert pairs == {(need(number).need_id, offer(number).offer_id) for number in range(1, 21)}


def test_an_event_delivered_ten_times_has_one_effect(url):
    hears(MatchingService, url, offer())
    hears(MatchingService, url, need(), times=10)

    assert len(published(url, MatchProposed)) == 1


@pytest.mark.parametrize(
    "unsuitable",
    [
        offer(unit="箱"),
        offer(category="skills.hair", title="上门理发"),
        offer(serves=("lvling",)),
        offer(target_groups=("low_income",)),
        offer(category="goods.food", title="东北大米"),
    ],
)
def test_what_breaks_a_hard_rule_is_not_suggested(url, unsuitable):
    hears(MatchingService, url, unsuitable)
    hears(MatchingService, url, need())

    assert published(url, MatchProposed) == []


def test_an_offer_of_the_same_group_is_suggested_where_it_is_called_the_same(url):
    hears(MatchingService, url, offer(category="goods.household", category_name="家居用品", title="轮椅一部"))
    hears(MatchingService, url, need())

    (proposed,) = published(url, MatchProposed)
    assert "同属一大类：需要「康复辅具」，提供「家居用品」" in [part.text for part in proposed.event.parts]


def test_what_is_called_the_same_is_suggested_though_somebody_filed_it_elsewhere(url):
    hears(MatchingService, url, offer(category="skills.hair", category_name="理发", title="轮椅一部"), offer(2))
    hears(MatchingService, url, need())

    best, other = sorted(published(url, MatchProposed), key=lambda e: -e.event.score)
    assert best.event.offer_id == offer(2).offer_id
    assert "名称相近：需要「康复辅具」，提供「理发」" in [part.text for part in other.event.parts]


def test_suggestions_come_best_first_and_at_most_five(url):
    hears(MatchingService, url, *[offer(n, community="jiangtou" if n == 7 else "lvcuo") for n in range(1, 9)])
    hears(MatchingService, url, need())

    found = published(url, MatchProposed)
    assert len(found) == 5
    assert found[0].event.offer_id == offer(7).offer_id
    listed = call(MatchingService, url, "list_matches", need_id=NEED_ID)["items"]
    assert [item["id"] for item in listed] == [e.event.match_id for e in found]


def test_a_confirmed_match_is_set_aside_on_both_sides(url):
    hears(MatchingService, url, need(quantity=3), offer())
    (proposed,) = published(url, MatchProposed)

    result = call(MatchingService, url, "confirm_match", id=proposed.event.match_id)

    assert (result["state"], result["quantity"]) == ("confirmed", 2)
    (confirmed,) = published(url, MatchConfirmed)
    assert (confirmed.event.need_left, confirmed.event.offer_left) == (1, 0)


def test_a_confirmation_asked_for_twice_with_one_key_is_done_once(url):
    hears(MatchingService, url, need(quantity=3), offer())
    (proposed,) = published(url, MatchProposed)

    answers = [
        call(MatchingService, url, "confirm_match", key="k", id=proposed.event.match_id, quantity=1) for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert rows(url, "SELECT allocated FROM offers") == [{"allocated": 1}]


def test_fifty_confirmations_at_once_never_give_more_than_there_is(url):
    hears(MatchingService, url, offer(quantity=7))
    hears(MatchingService, url, *[need(number) for number in range(1, 51)])
    ids = [e.event.match_id for e in published(url, MatchProposed)]
    assert len(ids) == 50

    def confirm(id):
        for _ in range(20):
            try:
                return call(MatchingService, url, "confirm_match", id=id)["state"]
            except Conflict as refusal:
                return refusal.slug
            except Exception as error:
                if getattr(getattr(error, "orig", None), "pgcode", "") != "40P01":
                    raise
        raise AssertionError("a deadlock every time")

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(confirm, ids))

    assert outcomes.count("confirmed") == 7
    assert set(outcomes) <= {"confirmed", "offer_has_less_left", "match_already_decided"}
    assert rows(url, "SELECT quantity, allocated FROM offers") == [{"quantity": 7, "allocated": 7}]
    assert len(published(url, MatchConfirmed)) == 7


def test_what_is_used_up_or_met_leaves_no_suggestion_behind(url):
    hears(MatchingService, url, offer(quantity=1), offer(2))
    hears(MatchingService, url, need(1), need(2))
    best = next(e.event for e in published(url, MatchProposed) if e.event.offer_id == OFFER_ID)

    call(MatchingService, url, "confirm_match", id=best.match_id)

    reasons = {(e.event.need_id, e.event.offer_id): e.event.reason for e in published(url, MatchLapsed)}
    other_need = need(2).need_id if best.need_id == need(1).need_id else need(1).need_id
    assert reasons == {(best.need_id, offer(2).offer_id): "need_met", (other_need, OFFER_ID): "offer_used_up"}


def test_a_declined_pair_is_not_suggested_again(url):
    hears(MatchingService, url, need(), offer())
    (proposed,) = published(url, MatchProposed)
    call(MatchingService, url, "decline_match", id=proposed.event.match_id, reason="已经有了")

    hears(MatchingService, url, NeedChanged(**{**vars(need()), "version": 2, "title": "轮椅"}))

    assert len(published(url, MatchProposed)) == 1
    assert len(published(url, MatchDeclined)) == 1


def test_a_withdrawn_need_or_offer_takes_its_suggestions_along(url):
    hears(MatchingService, url, need(1), need(2), offer(quantity=9))
    hears(MatchingService, url, NeedWithdrawn(version=2, need_id=NEED_ID, community="jiangtou", reason="no_longer_needed"))
    hears(MatchingService, url, OfferWithdrawn(version=2, offer_id=OFFER_ID, community="lvcuo", reason="no_longer_offered"))

    assert [e.event.reason for e in published(url, MatchLapsed)] == ["need_withdrawn", "offer_withdrawn"]


def test_an_older_version_never_overwrites_a_newer_one(url):
    hears(MatchingService, url, NeedWithdrawn(version=2, need_id=NEED_ID, community="jiangtou", reason="other"))
    hears(MatchingService, url, need(), offer())

    assert published(url, MatchProposed) == []


def test_only_staff_of_the_community_may_decide(url):
    hears(MatchingService, url, need(), offer())
    (proposed,) = published(url, MatchProposed)
    elsewhere = Caller("u", ("community_staff",), ("lvling",))

    for caller, slug in [(elsewhere, "community_forbidden"), (Caller("p", ("partner",)), "role_required")]:
        with pytest.raises(Forbidden) as refusal:
            call(MatchingService, url, "confirm_match", caller, id=proposed.event.match_id)
        assert refusal.value.slug == slug
    assert call(MatchingService, url, "list_matches", elsewhere)["items"] == []


def test_an_unknown_match_is_not_found(url):
    with pytest.raises(NotFound):
        call(MatchingService, url, "get_match", id=NEED_ID)


def test_matches_are_listed_newest_first_and_paged(url):
    hears(MatchingService, url, need(), *[offer(n) for n in range(1, 6)])
    first = call(MatchingService, url, "list_matches", limit=3)
    second = call(MatchingService, url, "list_matches", limit=3, after=first["next"])

    ids = [item["id"] for item in first["items"] + second["items"]]
    assert ids == sorted(ids, reverse=True) and len(set(ids)) == 5
    assert second["next"] is None


def test_a_failing_event_is_set_aside_alone(url):
    good, bad = need(1), need(2, quantity=-5)  # the schema allows it, the database does not
    hears(MatchingService, url, good, bad)

    assert rows(url, "SELECT id::text AS id FROM needs") == [{"id": good.need_id}]
    assert rows(url, "SELECT subject, state, attempts FROM set_aside") == [
        {"subject": bad.need_id, "state": "waiting", "attempts": 1}
    ]
