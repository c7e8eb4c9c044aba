"""The parts of a score, the hard rules about time, and the likeness of titles; without I/O."""

import dataclasses
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Conflict, Invalid
from contracts.fields import STATION_TIME
from contracts.words import Date, Slot
from services.matching.board.domain import set_aside
from services.matching.occasions.domain import capacity_at, is_over, occasions
from services.matching.score.domain import Record, Surroundings, say
from services.matching.suggestions.domain import best_for, fits, hindrance, suggested
from services.matching.suggestions.likeness import Lexicon, likeness
from services.matching.suggestions.things import Things
from services.matching.suggestions.words import words_of
from services.matching.weights.domain import Weight, change
from tests.matching.test_domain import need, offer
from tests.matching.weights import WEIGHTS

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=STATION_TIME)  # a Wednesday
MONDAYS = {"form": "hours", "slots": (Slot(weekday=1, starts="09:00", ends="11:00"),)}
PROVIDER, CLIENT = "p", "c"


def around(**changes):
    return Surroundings(**{"now": NOW, "weights": WEIGHTS, **changes})


def parts_of(the_offer, the_need, surroundings=None, alike=0.0):
    surroundings = surroundings or around()
    return {part.part: part for part in say(fits(the_offer, the_need, alike, surroundings)[0], surroundings)}


def keys(the_offer, days=14, start=NOW):
    return [part.key for part in occasions(the_offer, start, start + timedelta(days=days))]


def test_a_timetable_has_its_days_off_and_its_single_dates():
    extra = Date(starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=1, hours=2), places=4)
    the_offer = offer(quantity=2, days_off=("2026-11-30",), dates=(extra,), **MONDAYS)

    assert keys(the_offer) == ["2026-11-26T10:00:00+08:00", "2026-12-07T09:00:00+08:00"]
    assert capacity_at(the_offer, "2026-11-26T10:00:00+08:00") == 4
    assert capacity_at(the_offer, "2026-12-07T09:00:00+08:00") == 2
    assert capacity_at(the_offer, "2026-11-30T09:00:00+08:00") == 0
    assert capacity_at(the_offer, "不是时间") == 0


@pytest.mark.parametrize(
    "period, expected",
    [
        ("day", ["2026-12-31", "2027-01-01", "2027-01-02"]),
        ("week", ["2026-W53"]),
        ("month", ["2026-12", "2027-01"]),
    ],
)
def test_what_renews_has_a_capacity_for_each_period(period, expected):
    the_offer = offer(form="goods_per_period", period=period, quantity=5)

    assert keys(the_offer, days=2, start=datetime(2026, 12, 31, 12, tzinfo=STATION_TIME)) == expected
    assert capacity_at(the_offer, expected[0]) == 5
    assert capacity_at(the_offer, "") == 0
    over = datetime(2027, 1, 10, tzinfo=STATION_TIME)
    assert [is_over(the_offer, key, over) for key in expected] == [key != "2027-01" for key in expected]


def test_a_full_time_is_passed_over_for_the_next_one():
    the_offer = offer(quantity=1, taken={"2026-11-30T09:00:00+08:00": 1}, **MONDAYS)

    (best, *_) = fits(the_offer, need(quantity=1), 0, around())

    assert best.part.key == "2026-12-07T09:00:00+08:00"


@pytest.mark.parametrize(
    "the_offer, the_need, more, rule",
    [
        (offer(ends_at=NOW), need(), {}, "another_time"),
        (offer(**MONDAYS), need(ends_at=NOW + timedelta(days=2)), {}, "nothing_left_in_time"),
        (offer(quantity=1, taken={"2026-11": 1}, form="goods_per_period", period="month"),
         need(ends_at=NOW + timedelta(days=3)), {}, "nothing_left_in_time"),
        (offer(provider_id=PROVIDER), need(client_id=CLIENT), {"blocked": frozenset({(PROVIDER, CLIENT)})}, "pair_blocked"),
        (offer(), need(), {"decided": {("n", "o"): "declined"}}, "pair_declined"),
        (offer(category="care.meals"), need(), {}, "another_category"),
        (offer(category="care.meals"), need(), {"related": {"goods.aids": frozenset({"care.meals"})}}, None),
        (offer(form="unlimited", quantity=1), need(quantity=99), {}, None),
    ],
)  # fmt: skip
def test_hard_rules_about_time_and_pairs(the_offer, the_need, more, rule):
    assert hindrance(the_offer, the_need, 0.0, around(**more)) == rule


def test_neighbours_come_before_those_further_away():
    surroundings = around(neighbours={"jiangtou": frozenset({"lvcuo"})})
    near, far = offer(community="lvcuo", community_name="吕厝社区"), offer(community="houpu", community_name="后埔社区")

    points = [parts_of(each, need(), surroundings)["nearness"].points for each in (offer(), near, far)]

    assert points == [16, 12, 8]
    assert "相邻" in parts_of(near, need(), surroundings)["nearness"].text


def test_what_speaks_against_a_pair_is_said_with_its_points():
    awkward = offer(quantity=1, conditions="须自带推车", transport="recipient", provider_id=PROVIDER,
                    ends_at=NOW + timedelta(days=1))  # fmt: skip
    records = {PROVIDER: Record(recent=6, delivered=1, failed=4)}

    found = parts_of(awkward, need(quantity=4, ends_at=NOW + timedelta(days=9)), around(records=records))

    against = {name: part.points for name, part in found.items() if part.points < 0}
    assert against == {"conditions": -2, "transport": -3, "shortfall": -3, "partly": -4, "busy": -4, "unreliable": -6}
    assert found["conditions"].text == "需要先核实条件：须自带推车"
    assert found["busy"].text == "近30天已被安排6次，宜让别人也有机会"


def test_who_has_given_lately_rests():
    records = {"often": Record(recent=4, delivered=4), "never": Record(delivered=4)}
    offers = [offer(id="a", provider_id="often"), offer(id="b", provider_id="never")]

    found = best_for(need(), offers, lambda *_: 0.0, around(records=records))

    assert [fit.offer.id for fit in found] == ["b", "a"]


def test_waiting_counts_up_to_what_urgency_can_give():
    waited = [parts_of(offer(), need(created_at=NOW - timedelta(weeks=w))).get("urgency") for w in (0, 3, 40)]

    assert [part and part.points for part in waited] == [None, 3, 6]
    assert waited[1].text == "已等3周"


def test_of_two_urgent_needs_the_one_that_waited_longer_comes_first():
    new, old = (parts_of(offer(), need(urgency=3, created_at=NOW - timedelta(weeks=w)))["urgency"] for w in (0, 1))

    assert new.points < old.points


def test_a_better_offer_takes_the_place_of_the_worst_only_where_it_is_worth_it():
    fit = best_for(need(), [offer(id="new")], lambda *_: 1.0, around())
    score = fit[0].score
    open_pairs = dict.fromkeys("abcd", score) | {"worst": score - 6}

    assert suggested(fit, open_pairs) == (fit, ["worst"])
    assert suggested(fit, open_pairs | {"worst": score - 5}) == ([], [])
    assert suggested(fit, {"a": 99}) == (fit, [])


@given(
    st.integers(1, 500),
    st.integers(1, 500),
    st.integers(0, 30),
    st.integers(0, 9),
    st.integers(0, 9),
    st.sampled_from([1, 2, 3]),
)
def test_a_score_is_the_sum_of_what_is_said(wanted, there, recent, delivered, failed, urgency):
    the_offer, the_need = offer(quantity=there, provider_id=PROVIDER), need(quantity=wanted, urgency=urgency)
    surroundings = around(records={PROVIDER: Record(recent=recent, delivered=delivered, failed=failed)})
    (fit,) = fits(the_offer, the_need, 0.7, surroundings)

    assert fit.score == sum(part.points for part in say(fit, surroundings))
    assert 0 <= fit.score <= 100
    assert fit.quantity == min(wanted, there)


@given(st.lists(st.integers(1, 5), max_size=30))
def test_a_time_never_has_less_than_nothing_left(takes):
    the_need, the_offer, key = need(quantity=1000), offer(quantity=20, **MONDAYS), "2026-11-30T09:00:00+08:00"
    for quantity in takes:
        try:
            the_need, the_offer = set_aside(the_need, the_offer, key, quantity)
        except Conflict:
            assert quantity > the_offer.left_at(key)

    assert the_offer.taken.get(key, 0) <= 20
    assert the_need.allocated == the_offer.taken.get(key, 0)


CHINESE = st.text("轮椅一部想要米油剪头发理发师送餐老人家", min_size=1, max_size=12)


@given(CHINESE, CHINESE)
def test_likeness_is_the_same_from_both_sides_and_one_for_the_same(one, other):
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == pytest.approx(likeness(other, one))
    assert not words_of(one) or likeness(one, one) == pytest.approx(1)


def test_words_for_one_thing_are_alike_and_rare_words_say_more():
    plain = Lexicon({}, 0, {}, Things([]))
    folded = Lexicon({}, 0, {"medical.eyewear": ("面罩", "眼罩")}, Things([]))
    learnt = Lexicon({"轮椅": 3, "老人": 4000}, 5000, {}, Things([]))

    def compare(lexicon, one, other):
        return lexicon.likeness(lexicon.meaning(one, words_of(one)), lexicon.meaning(other, words_of(other)))

    assert compare(plain, "护目镜", "眼罩") == 0
    assert 0 < compare(plain, "面罩", "眼罩") < compare(folded, "面罩", "眼罩")
    assert compare(plain, "米缸", "大米") > 0
    assert compare(learnt, "老人轮椅", "残疾人轮椅") > compare(learnt, "老人轮椅", "老人送餐")
    assert compare(plain, "", "") == 0


BEDDING = [{"code": "goods.clothing", "things": [
    {"name": "棉被", "words": ["被子", "冻醒"]}, {"name": "电热毯", "words": ["毯子", "毯"]},
]}, {"code": "space.room", "things": [{"name": "被子展", "words": []}]}]  # fmt: skip


@pytest.mark.parametrize(
    "title, named",
    [
        ("夜里冻醒了", {"goods.clothing 棉被"}),
        ("被子和毯子都薄", {"goods.clothing 棉被", "goods.clothing 电热毯"}),
        ("看被子展", {"space.room 被子展"}),  # what stands within a longer word is not meant
        ("一条毯", set()),  # one character says too little
        ("", set()),
    ],
)
def test_a_title_names_the_things_whose_words_are_in_it(title, named):
    assert Things(BEDDING).named_in(title) == named


def test_a_trouble_is_like_what_helps():
    lexicon = Lexicon({}, 0, {}, Things(BEDDING))
    trouble, *offers = (lexicon.meaning(title, words_of(title)) for title in ("夜里冻醒", "加厚棉被", "电热毯"))

    assert lexicon.likeness(trouble, offers[0]) > lexicon.likeness(trouble, offers[1]) == 0


def test_weights_stay_within_their_bounds_and_a_hundred():
    weights = [Weight("category", 1, 60, 0, 100), Weight("text", 1, 40, 0, 100), Weight("busy", 3, -4, -50, 0)]

    assert change(weights, "busy", -9, 3) == dataclasses.replace(weights[2], points=-9, version=4)
    for part, points, version, slug in [
        ("text", 41, 1, "weights_over_hundred"), ("busy", 1, 3, "weight_out_of_bounds"), ("text", 1, 9, "stale_version"),
    ]:  # fmt: skip
        with pytest.raises((Conflict, Invalid), match=slug):
            change(weights, part, points, version)
