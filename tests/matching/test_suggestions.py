"""Suggestions on a real database: who comes into question, the pairs for the plan, weights, and who is kept apart."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.inbox import Message
from contracts.base import enclose
from contracts.errors import Conflict, Forbidden, NotFound
from contracts.matching import MatchLapsed, MatchProposed
from contracts.resource import CategoryChanged, CommunityChanged, OfferChanged, OfferWithdrawn
from contracts.words import Date, Slot, Thing
from services.matching.service import MatchingService
from services.matching.suggestions.store import RUSH
from tests.matching.test_service import NEED_ID, OFFER_ID, need, offer
from tests.support import OFFICE, WORKER, Caller, call, does, hears, inbox_of, published, rows, transactions

NOW = datetime.now(UTC)
CLIENT, PROVIDER = "0190a000-0000-7000-8000-00000000d001", "0190a000-0000-7000-8000-00000000c001"
RELATED = CategoryChanged(
    version=1, code="goods.aids", parent="goods", name="康复辅具", synonyms=("轮椅",), related=("care.escort",)
)


def edges(url):
    with transactions(MatchingService, url).transaction() as store:
        names = ("need_id", "offer_id", "occasion", "score", "lacks", "has", "before")
        return [dict(zip(names, pair, strict=True)) for pair in store.pairs()]


def offer_ids(url):
    return [e.event.offer_id for e in published(url, MatchProposed)]


@pytest.mark.parametrize("first, second", [(need(), None), (None, need())])
def test_a_related_category_comes_into_question_from_either_side(url, first, second):
    helps = offer(category="care.escort", category_name="陪诊出行", title="无障碍接送")
    hears(MatchingService, url, RELATED)
    hears(MatchingService, url, *filter(None, [first, helps, second]))

    (proposed,) = published(url, MatchProposed)
    assert proposed.event.parts[0].text == "类别相关：需要「康复辅具」，提供「陪诊出行」"


def test_an_older_version_of_a_category_changes_nothing(url):
    newer = CategoryChanged(**{**vars(RELATED), "version": 2, "related": ()})
    hears(
        MatchingService,
        url,
        newer,
        RELATED,
        CommunityChanged(version=1, code="jiangtou", name="江头社区", neighbours=("lvcuo",)),
    )

    assert rows(url, "SELECT version, related FROM categories") == [{"version": 2, "related": []}]
    assert rows(url, "SELECT neighbours FROM communities") == [{"neighbours": ["lvcuo"]}]


def test_what_nobody_has_sorted_is_found_by_its_words(url):
    hears(MatchingService, url, offer(title="家用轮椅"), offer(2, title="东北大米", category="goods.food"))
    hears(MatchingService, url, need(title="想借一部轮椅", category="other.unsorted", category_name="待分类"))

    assert offer_ids(url) == [OFFER_ID]


BEDDING = CategoryChanged(
    version=1, code="goods.clothing", parent="goods", name="衣物被褥", synonyms=(), related=(),
    things=(Thing(name="棉被", words=("被子", "冻醒")), Thing(name="羽绒服", words=("冬衣",))),
)  # fmt: skip
CLOTHES = {"category": "goods.clothing", "category_name": "衣物被褥"}


def test_what_solves_a_trouble_is_suggested_first(url):
    hears(MatchingService, url, BEDDING, offer(title="羽绒服", **CLOTHES), offer(2, title="加厚棉被", **CLOTHES))
    hears(MatchingService, url, need(title="夜里冻醒", **CLOTHES))

    best, other = sorted(published(url, MatchProposed), key=lambda e: -e.event.score)
    assert best.event.offer_id != OFFER_ID == other.event.offer_id
    assert "名称相近" in [part.text for part in best.event.parts]


@pytest.mark.parametrize("filed", [("other.unsorted", "待分类"), ("care.visit", "探访陪伴")])
@pytest.mark.parametrize("need_comes_first", [True, False])
def test_what_solves_a_trouble_is_found_where_nobody_or_somebody_wrong_has_sorted_it(url, filed, need_comes_first):
    events = [need(title="夜里冻醒", category=filed[0], category_name=filed[1]), offer(title="加厚棉被", **CLOTHES)]
    hears(MatchingService, url, BEDDING, *(events if need_comes_first else events[::-1]))

    assert offer_ids(url) == [OFFER_ID]


def test_a_timetable_is_suggested_for_its_next_time(url):
    monday = NOW + timedelta(days=7 - NOW.weekday() or 7)
    slots = (Slot(weekday=1, starts="09:00", ends="11:00"),)
    hears(MatchingService, url, need(quantity=1), offer(form="hours", quantity=1, slots=slots))

    (proposed,) = published(url, MatchProposed)
    assert proposed.event.occasion[10:] == "T09:00:00+08:00"
    assert abs(datetime.fromisoformat(proposed.event.occasion) - monday) < timedelta(days=8)
    assert len(edges(url)) == 3  # the next three times, for the plan


def test_the_pairs_for_the_plan_are_what_can_be_had_now(url):
    hears(MatchingService, url, offer(quantity=3), offer(2), need(quantity=2), need(2, quantity=5))
    first = next(
        e.event for e in published(url, MatchProposed) if (e.event.need_id, e.event.offer_id) == (NEED_ID, OFFER_ID)
    )
    assert len(edges(url)) == 4

    call(MatchingService, url, "confirm_match", id=first.match_id, quantity=1)

    found = {(e["need_id"], e["offer_id"]): (e["lacks"], e["has"]) for e in edges(url)}
    other = need(2).need_id
    assert found == {
        (NEED_ID, offer(2).offer_id): (1, 2),
        (other, OFFER_ID): (5, 2),
        (other, offer(2).offer_id): (5, 2),
    }
    hears(MatchingService, url, OfferWithdrawn(version=2, offer_id=OFFER_ID, community="lvcuo", reason="other"))
    assert {e["offer_id"] for e in edges(url)} == {offer(2).offer_id}


def test_what_is_released_is_suggested_again(url):
    hears(MatchingService, url, need(), offer(quantity=1), need(2))
    first = next(e.event for e in published(url, MatchProposed) if e.event.need_id == NEED_ID)
    call(MatchingService, url, "confirm_match", id=first.match_id)
    does(MatchingService, url, "look_again", NOW)
    before = len(published(url, MatchProposed))

    with transactions(MatchingService, url).transaction() as store:
        store.release(NEED_ID, OFFER_ID, "", 1)
    does(MatchingService, url, "look_again", NOW)

    assert [e.event.need_id for e in published(url, MatchProposed)[before:]] == [need(2).need_id]
    assert rows(url, "SELECT * FROM stale") == []


def test_a_used_up_time_is_replaced_by_the_next(url):
    slots = (Slot(weekday=(NOW + timedelta(days=2)).isoweekday(), starts="09:00", ends="11:00"),)
    hears(MatchingService, url, offer(form="hours", quantity=1, slots=slots), need(), need(2))
    one, two = (e.event for e in published(url, MatchProposed))
    assert one.occasion == two.occasion

    call(MatchingService, url, "confirm_match", id=one.match_id)
    does(MatchingService, url, "look_again", NOW)

    again = published(url, MatchProposed)[-1].event
    assert again.need_id == two.need_id
    assert datetime.fromisoformat(again.occasion) - datetime.fromisoformat(one.occasion) == timedelta(days=7)


def test_a_need_has_five_suggestions_and_a_better_one_takes_the_worst_ones_place(url):
    hears(MatchingService, url, need(), *[offer(n, title="别的东西", serves=("jiangtou",)) for n in range(1, 6)])
    hears(MatchingService, url, offer(6, community="jiangtou", title="轮椅一部"))

    assert offer_ids(url)[-1] == offer(6).offer_id
    assert [e.event.reason for e in published(url, MatchLapsed)] == ["better_found"]
    assert rows(url, "SELECT count(*) AS n FROM matches WHERE state = 'proposed'") == [{"n": 5}]
    assert len(edges(url)) == 6


def test_a_need_keeps_twenty_pairs_for_the_plan(url):
    hears(MatchingService, url, *[offer(n) for n in range(1, 16)])
    hears(MatchingService, url, need())
    hears(MatchingService, url, *[offer(n, community="jiangtou") for n in range(16, 31)])

    found = edges(url)
    assert len(found) == 20
    assert {offer(n).offer_id for n in range(16, 31)} <= {edge["offer_id"] for edge in found}


def test_a_changed_weight_counts_at_once_and_is_on_record(url):
    hears(MatchingService, url, offer())
    weights = {w["part"]: w for w in call(MatchingService, url, "list_weights")["items"]}
    assert sum(w["points"] for part, w in weights.items() if w["most"] > 0 and part != "least_score") == 100
    hears(MatchingService, url, need())
    before = published(url, MatchProposed)[0].event

    changed = call(MatchingService, url, "change_weight", OFFICE, part="category", points=30, version=1)

    assert (changed["version"], changed["points"], changed["changed_by"]) == (2, 30, OFFICE.id)
    hears(MatchingService, url, need(2))
    assert published(url, MatchProposed)[-1].event.score == before.score - 6
    does(MatchingService, url, "look_again", NOW)
    assert {edge["score"] for edge in edges(url)} == {before.score - 6}
    assert {match["score"] for match in call(MatchingService, url, "list_matches")["items"]} == {before.score - 6}
    (record,) = call(MatchingService, url, "list_weight_changes")["items"]
    assert (record["part"], record["before"], record["points"], record["by"]) == ("category", 36, 30, OFFICE.id)
    with pytest.raises(Conflict, match="stale_version"):
        call(MatchingService, url, "change_weight", OFFICE, part="category", points=20, version=1)
    with pytest.raises(NotFound, match="unknown_weight"):
        call(MatchingService, url, "change_weight", OFFICE, part="magic", points=20, version=1)
    with pytest.raises(Forbidden):
        call(MatchingService, url, "change_weight", part="category", points=20, version=2)


def test_a_blocked_pair_is_not_suggested_until_it_is_unblocked(url):
    hears(MatchingService, url, need(client_id=CLIENT), offer())
    block = call(MatchingService, url, "block_pair", provider_id=PROVIDER, client_id=CLIENT, reason="有过争执")

    assert [e.event.reason for e in published(url, MatchLapsed)] == ["blocked"]
    assert edges(url) == []
    hears(MatchingService, url, need(2, client_id=CLIENT), OfferChanged(**{**vars(offer()), "version": 2}))
    assert len(published(url, MatchProposed)) == 1
    assert [b["reason"] for b in call(MatchingService, url, "list_blocked_pairs")["items"]] == ["有过争执"]
    with pytest.raises(Conflict, match="pair_blocked_already"):
        call(MatchingService, url, "block_pair", provider_id=PROVIDER, client_id=CLIENT, reason="再次")
    elsewhere = Caller("u", ("community_staff",), ("lvling",))
    with pytest.raises(Forbidden, match="community_forbidden"):
        call(MatchingService, url, "unblock_pair", elsewhere, id=block["id"])
    assert call(MatchingService, url, "list_blocked_pairs", elsewhere)["items"] == []

    assert call(MatchingService, url, "unblock_pair", id=block["id"])["unblocked_by"] == WORKER.id
    does(MatchingService, url, "look_again", NOW)
    assert {e.event.need_id for e in published(url, MatchProposed)[1:]} == {NEED_ID, need(2).need_id}
    with pytest.raises(Conflict, match="pair_not_blocked"):
        call(MatchingService, url, "unblock_pair", id=block["id"])


def test_who_is_not_known_is_not_kept_apart(url):
    hears(MatchingService, url, need(client_id=CLIENT), offer())

    for pair, slug in (((NEED_ID, CLIENT), "unknown_provider"), ((PROVIDER, NEED_ID), "unknown_client")):
        with pytest.raises(NotFound, match=slug):
            call(MatchingService, url, "block_pair", provider_id=pair[0], client_id=pair[1], reason="有过争执")


def test_a_pair_is_explained_with_its_parts_or_with_the_rule_against_it(url):
    hears(
        MatchingService,
        url,
        need(),
        offer(),
        offer(2, unit="箱"),
        offer(3, title="热饭", category="care.meals", category_name="助餐"),
    )

    good, unit, kind = (
        call(MatchingService, url, "explain_pair", need_id=NEED_ID, offer_id=offer(n).offer_id) for n in (1, 2, 3)
    )

    assert (good["rule"], good["score"]) == (None, sum(part["points"] for part in good["parts"]))
    assert (unit["rule"], unit["against"], unit["score"]) == ("another_unit", "单位不同，数量无法相抵", None)
    assert kind["rule"] == "another_category"
    with pytest.raises(NotFound, match="unknown_offer"):
        call(MatchingService, url, "explain_pair", need_id=NEED_ID, offer_id=NEED_ID)
    with pytest.raises(Forbidden):
        call(
            MatchingService,
            url,
            "explain_pair",
            Caller("u", ("office",), ("lvling",)),
            need_id=NEED_ID,
            offer_id=OFFER_ID,
        )


def test_of_a_long_list_the_first_are_looked_at_at_once_and_the_rest_soon_the_last_first(url):
    listed = [enclose(need(number)) for number in range(1, RUSH + 3)]

    def suggested():
        return [(e.event.need_id, e.correlation_id) for e in published(url, MatchProposed)]

    hears(MatchingService, url, offer(quantity=100))
    inbox_of(MatchingService, url).take([Message(each.to_json().encode()) for each in listed])
    come = [(each.event.need_id, each.correlation_id) for each in listed]
    assert suggested() == come[:RUSH]

    does(MatchingService, url, "look_again", NOW)
    assert suggested()[RUSH:] == [come[-1], come[-2]]


def open_suggestions(url, need_id):
    return call(MatchingService, url, "list_matches", need_id=need_id, state="proposed")["items"]


def test_an_open_suggestion_says_what_is_left_once_others_were_confirmed(url):
    hears(MatchingService, url, offer(quantity=12), need(quantity=10), need(2, quantity=10))
    first, second = (open_suggestions(url, need(n).need_id)[0] for n in (1, 2))

    call(MatchingService, url, "confirm_match", id=first["id"])
    does(MatchingService, url, "look_again", NOW)

    (now,) = open_suggestions(url, second["need_id"])
    assert (now["id"], now["version"], now["quantity"]) == (second["id"], 2, 2)
    assert {part["text"] for part in now["parts"]} >= {"可先满足2部，还差8部", "数量不够一次满足，其余要另找"}
    assert now["score"] == sum(part["points"] for part in now["parts"]) < second["score"]
    told = published(url, MatchProposed)[-1].event
    assert (told.match_id, told.version, told.quantity) == (second["id"], 2, 2)
    call(MatchingService, url, "cancel_match", id=first["id"], reason="entered_by_mistake", note=None)
    does(MatchingService, url, "look_again", NOW)
    assert open_suggestions(url, second["need_id"])[0]["quantity"] == 10


def test_a_need_that_waits_is_looked_at_once_a_day_and_its_weeks_count(url):
    hears(MatchingService, url, need(urgency=1), offer())
    (before,) = open_suggestions(url, NEED_ID)
    does(MatchingService, url, "look_daily", NOW + timedelta(hours=23))
    assert rows(url, "SELECT * FROM stale") == []

    does(MatchingService, url, "look_daily", NOW + timedelta(days=22))
    does(MatchingService, url, "look_daily", NOW + timedelta(days=22, hours=1))
    assert len(rows(url, "SELECT * FROM stale")) == 1
    does(MatchingService, url, "look_again", NOW + timedelta(days=22))

    (now,) = open_suggestions(url, NEED_ID)
    assert now["score"] == before["score"] + 3 == edges(url)[0]["score"]
    assert {"part": "urgency", "points": 3, "text": "已等3周"} in now["parts"]


def test_a_suggestion_whose_time_has_passed_is_for_the_next_one_or_lapses(url):
    hours = {"form": "hours", "slots": (Slot(weekday=NOW.isoweekday(), starts="09:00", ends="11:00"),)}
    once = {"form": "posts", "dates": (Date(starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=2), places=1),)}
    hears(MatchingService, url, offer(1, **hours), offer(2, **once), need())
    before = {match["offer_id"]: match for match in open_suggestions(url, NEED_ID)}
    assert set(before) == {offer(1).offer_id, offer(2).offer_id}

    later = NOW + timedelta(days=15)
    does(MatchingService, url, "look_daily", later)
    does(MatchingService, url, "look_again", later)

    (now,) = open_suggestions(url, NEED_ID)
    assert now["id"] == before[offer(1).offer_id]["id"]
    assert datetime.fromisoformat(now["occasion"]) > later > datetime.fromisoformat(before[now["offer_id"]]["occasion"])
    assert [(e.event.offer_id, e.event.reason) for e in published(url, MatchLapsed)] == [(offer(2).offer_id, "suits_no_more")]


def test_what_was_confirmed_lately_counts_for_thirty_days(url):
    hears(MatchingService, url, need(), offer())
    (proposed,) = published(url, MatchProposed)
    call(MatchingService, url, "confirm_match", id=proposed.event.match_id)
    assert rows(url, "SELECT recent, confirmed FROM provider_record") == [{"recent": 1, "confirmed": 1}]

    with transactions(MatchingService, url).transaction() as store:
        store.note_outcome(PROVIDER, "delivered", NOW)
        store.note_outcome(PROVIDER, "no_show", NOW)
        store.note_outcome(PROVIDER, "rated", NOW, stars=4)
    does(MatchingService, url, "forget_old_giving", NOW + timedelta(days=29))
    assert rows(url, "SELECT recent FROM provider_record") == [{"recent": 1}]
    does(MatchingService, url, "forget_old_giving", NOW + timedelta(days=32))

    assert rows(url, "SELECT recent, confirmed, delivered, failed, ratings, stars FROM provider_record") == [
        {"recent": 0, "confirmed": 1, "delivered": 1, "failed": 1, "ratings": 1, "stars": 4}
    ]


def test_rare_words_are_learnt_from_the_library(url):
    hears(MatchingService, url, offer(1, title="老人轮椅"), offer(2, title="老人送餐"), offer(3, title="老人理发"))
    before = rows(url, "SELECT stamp FROM lexicon")

    does(MatchingService, url, "learn_words", NOW)

    assert rows(url, "SELECT word, offers FROM word_counts") == [{"word": "老人", "offers": 3}]
    assert rows(url, "SELECT stamp FROM lexicon") != before
