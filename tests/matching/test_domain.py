"""The rules of matching, without I/O."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Conflict
from contracts.words import Slot
from services.matching.board.domain import Need, Offer, put_back, set_aside
from services.matching.score.domain import Surroundings
from services.matching.suggestions.domain import best_for, hindrance, matches_of
from services.matching.suggestions.likeness import likeness
from tests.matching.weights import WEIGHTS

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
AROUND = Surroundings(now=NOW, weights=WEIGHTS)
MONDAYS = (Slot(weekday=1, starts="09:00", ends="11:00"),)


def need(**changes):
    facts = dict(
        id="n", version=1, title="轮椅", community="jiangtou", community_name="江头社区", category="goods.aids",
        category_name="康复辅具", quantity=2, unit="部", starts_at=None, ends_at=None, target_group="disabled",
        urgency=1, registered_by="u",
    )  # fmt: skip
    return Need(**{**facts, **changes})


def offer(**changes):
    facts = dict(
        id="o", version=1, title="轮椅", community="jiangtou", community_name="江头社区", serves=(),
        category="goods.aids", category_name="康复辅具", quantity=3, unit="部", starts_at=None, ends_at=None,
        target_groups=(), registered_by="v",
    )  # fmt: skip
    return Offer(**{**facts, **changes})


def alike(the_offer, the_need):
    return likeness(the_offer.title, the_need.title)


def propose(the_need, offers):
    return matches_of(best_for(the_need, offers, alike, AROUND), AROUND, lambda: "m")


@pytest.mark.parametrize(
    "the_offer, the_need, suits",
    [
        (offer(), need(), True),
        (offer(taken={"": 3}), need(), False),
        (offer(open=False), need(), False),
        (offer(), need(allocated=2), False),
        (offer(unit="箱"), need(), False),
        (offer(serves=("lvling",)), need(), True),  # its own community is always served
        (offer(community="houpu", serves=("lvling",)), need(), False),
        (offer(target_groups=("low_income",)), need(), False),
        (offer(target_groups=("low_income", "disabled")), need(), True),
        (offer(category="goods.food", title="大米"), need(), False),
        (offer(category="other.unsorted", title="甲"), need(category="other.unsorted", title="乙"), False),
        (offer(category="other.unsorted", title="旗帜"), need(category="other.unsorted", title="旗帜"), True),
        (offer(ends_at=NOW), need(starts_at=NOW), False),  # half-open: what ends as the other begins never meets it
        (offer(ends_at=NOW + timedelta(minutes=1)), need(starts_at=NOW), True),
        (offer(starts_at=NOW), need(ends_at=NOW), False),
    ],
)
def test_hard_rules(the_offer, the_need, suits):
    assert (hindrance(the_offer, the_need, alike(the_offer, the_need), AROUND) is None) is suits


def test_a_score_is_the_sum_of_its_parts_and_says_why():
    (best,) = propose(need(urgency=3), [offer()])

    assert best.score == sum(part.points for part in best.parts) == 95
    assert [part.text for part in best.parts] == [
        "同为「康复辅具」", "都在江头社区", "需求未限定时间", "可一次满足2部", "名称基本一致", "需求紧急",
        "近30天没有被安排过，轮到出力", "还没有提供记录",
    ]  # fmt: skip


def test_nearer_and_fuller_offers_come_first():
    offers = [offer(id="far", community="houpu"), offer(id="little", quantity=1), offer(id="best")]

    assert [m.offer_id for m in propose(need(), offers)] == ["best", "little", "far"]


def test_what_is_not_enough_is_said():
    (found,) = propose(need(), [offer(quantity=1)])
    texts = [part.text for part in found.parts]

    assert "可先满足1部，还差1部" in texts


def test_what_is_set_aside_is_missing_on_both_sides_until_it_is_put_back():
    the_need, the_offer = set_aside(need(), offer(), "", 2)

    assert (the_need.left, the_offer.left_at("")) == (0, 1)
    assert put_back(the_need, the_offer, "", 2) == (need(), offer(taken={"": 0}))


@pytest.mark.parametrize(
    "the_need, the_offer, quantity, slug",
    [
        (need(allocated=1), offer(), 2, "need_has_less_left"),
        (need(open=False), offer(), 1, "need_has_less_left"),
        (need(), offer(taken={"": 2}), 2, "offer_has_less_left"),
        (need(quantity=9), offer(), 4, "offer_has_less_left"),
        (need(), offer(form="hours", slots=MONDAYS), 1, "offer_has_less_left"),  # no time is said
    ],
)
def test_what_is_not_there_is_not_set_aside(the_need, the_offer, quantity, slug):
    with pytest.raises(Conflict) as refusal:
        set_aside(the_need, the_offer, "", quantity)
    assert refusal.value.slug == slug


@given(st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 1000), st.sampled_from([1, 2, 3]))
def test_a_score_stays_within_its_bounds(wanted, there, given_out, urgency):
    the_offer, the_need = offer(quantity=there, taken={"": min(there - 1, given_out)}), need(quantity=wanted, urgency=urgency)

    (found,) = propose(the_need, [the_offer])
    assert 0 <= found.score <= 100
    assert found.quantity == min(the_offer.left_at(""), the_need.left)
