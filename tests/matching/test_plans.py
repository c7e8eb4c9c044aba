"""The board is planned as a whole, from what is kept in the database."""

from datetime import UTC, datetime

import pytest

from contracts.matching import BoardPlanned, MatchProposed
from contracts.resource import NeedWithdrawn
from contracts.words import Slot
from services.matching.service import MatchingService
from tests.matching.test_service import need, offer
from tests.support import WORKER, Caller, call, database, does, hears, published

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
FAR = Caller(WORKER.id, ("community_staff",), ("caitang",))


@pytest.fixture
def url(postgres):
    return database(postgres, "matching")


def recommended(url, **filters):
    return call(MatchingService, url, "list_recommendations", **filters)["items"]


def test_what_serves_everybody_best_is_recommended_and_says_why(url):
    # The wheelchair near by is the only one that may go to the second need, so the first gets the other one.
    hears(MatchingService, url, offer(1, quantity=1, community="jiangtou", community_name="江头社区"))
    hears(MatchingService, url, offer(2, quantity=1, target_groups=("disabled",)))
    hears(MatchingService, url, need(1), need(2, target_group="general"))

    plan = call(MatchingService, url, "plan_board")

    assert (plan["needs"], plan["changed"], plan["value_before"]) == (2, 2, 0)
    pairs = {(r["need_id"], r["offer_id"]): r for r in recommended(url)}
    assert set(pairs) == {(need(1).need_id, offer(2).offer_id), (need(2).need_id, offer(1).offer_id)}
    assert all("全盘安排后" in r["why"] and r["quantity"] == 1 for r in pairs.values())
    (told,) = published(url, BoardPlanned)
    assert (told.event.plan_id, told.event.value) == (plan["id"], plan["value"])


def test_what_is_recommended_can_be_confirmed(url):
    hears(MatchingService, url, offer(1), need(1))
    call(MatchingService, url, "plan_board")
    (first,) = recommended(url)
    (match,) = call(MatchingService, url, "list_matches", need_id=need(1).need_id)["items"]
    assert match["recommended"] == {name: first[name] for name in ("quantity", "occasion", "why")}

    confirmed = call(MatchingService, url, "confirm_match", id=first["match_id"])

    assert (confirmed["state"], confirmed["recommended"]) == ("confirmed", None)
    assert {e.event.match_id for e in published(url, MatchProposed)} >= {first["match_id"]}


def test_every_time_that_is_recommended_of_one_suggestion_is_on_some_page(url):
    slots = tuple(Slot(weekday=day, starts="09:00", ends="11:00") for day in (1, 3, 5))
    hears(MatchingService, url, offer(form="hours", quantity=1, slots=slots), need(quantity=3))
    call(MatchingService, url, "plan_board")
    found, after = [], None

    while True:
        page = call(MatchingService, url, "list_recommendations", limit=1, **({"after": after} if after else {}))
        found, after = found + page["items"], page["next"]
        if not after:
            break

    assert len({one["occasion"] for one in found}) == len(found) == 3
    assert len({one["match_id"] for one in found}) == 1


def test_a_second_plan_of_the_same_board_changes_nothing(url):
    hears(MatchingService, url, offer(1), need(1), need(2))
    first, second = (call(MatchingService, url, "plan_board") for _ in range(2))

    assert (second["changed"], second["value"], second["value_before"]) == (0, first["value"], first["value"])


def test_the_duty_keeps_a_plan_only_where_something_changed(url):
    hears(MatchingService, url, offer(1), need(1))

    for _ in range(3):
        does(MatchingService, url, "plan_again", NOON)

    assert len(call(MatchingService, url, "list_plans")["items"]) == 1


def test_what_left_the_board_is_recommended_no_more(url):
    hears(MatchingService, url, offer(1), need(1))
    call(MatchingService, url, "plan_board")
    hears(
        MatchingService, url, NeedWithdrawn(version=2, need_id=need(1).need_id, community="jiangtou", reason="other")
    )

    plan = call(MatchingService, url, "plan_board")

    assert recommended(url) == [] and plan["changed"] == 1
    (gone,) = call(MatchingService, url, "list_plan_changes", plan_id=plan["id"])["items"]
    assert (gone["before"], gone["quantity"]) == (1, 0) and "已另有安排" in gone["why"]


def test_who_is_limited_to_communities_sees_what_is_recommended_there(url):
    hears(MatchingService, url, offer(1), need(1))
    call(MatchingService, url, "plan_board")

    assert call(MatchingService, url, "list_recommendations", FAR)["items"] == []
    assert call(MatchingService, url, "list_plan_changes", FAR)["items"] == []
