"""The rules of matching, without I/O."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Conflict
from services.matching.domain import Match, Need, Offer, confirm, decline, lapse, likeness, may_serve, propose, score

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


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


def match(**changes):
    facts = dict(id="m", version=1, need_id="n", offer_id="o", quantity=2, score=80, parts=())
    return Match(**{**facts, **changes})


@pytest.mark.parametrize(
    "the_offer, the_need, suits",
    [
        (offer(), need(), True),
        (offer(allocated=3), need(), False),
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
    assert may_serve(the_offer, the_need) is suits


def test_a_score_is_the_sum_of_its_parts_and_says_why():
    (best,) = propose(need(urgency=3), [offer()], lambda: "m")

    assert best.score == sum(part.points for part in best.parts) == 100
    assert [part.text for part in best.parts] == [
        "同为「康复辅具」", "都在江头社区", "需求未限定时间", "可一次满足2部", "名称基本一致", "需求紧急",
    ]  # fmt: skip


def test_nearer_and_fuller_offers_come_first():
    offers = [offer(id="far", community="houpu"), offer(id="little", quantity=1), offer(id="best")]

    assert [m.offer_id for m in propose(need(), offers, lambda: "m")] == ["best", "little", "far"]


def test_what_is_not_enough_is_said():
    texts = [part.text for part in score(offer(quantity=1), need())]

    assert "可先满足1部，还差1部" in texts


def test_confirming_sets_aside_on_both_sides():
    confirmed, the_need, the_offer = confirm(match(), need(), offer(), None, "w", NOW)

    assert (confirmed.state, confirmed.version, confirmed.decided_by) == ("confirmed", 2, "w")
    assert (the_need.left, the_offer.left) == (0, 1)


def test_part_of_a_suggestion_can_be_confirmed():
    confirmed, the_need, the_offer = confirm(match(), need(), offer(), 1, "w", NOW)

    assert (confirmed.quantity, the_need.left, the_offer.left) == (1, 1, 2)


@pytest.mark.parametrize(
    "the_match, the_need, the_offer, quantity, slug",
    [
        (match(state="declined"), need(), offer(), None, "match_already_decided"),
        (match(), need(allocated=1), offer(), None, "need_has_less_left"),
        (match(), need(open=False), offer(), 1, "need_has_less_left"),
        (match(), need(), offer(allocated=2), None, "offer_has_less_left"),
        (match(), need(quantity=9), offer(), 4, "offer_has_less_left"),
    ],
)
def test_what_cannot_be_confirmed_is_refused(the_match, the_need, the_offer, quantity, slug):
    with pytest.raises(Conflict) as refusal:
        confirm(the_match, the_need, the_offer, quantity, "w", NOW)
    assert refusal.value.slug == slug


def test_a_decision_is_made_once():
    declined = decline(match(), "太远", "w", NOW)

    assert (declined.state, declined.reason) == ("declined", "太远")
    with pytest.raises(Conflict):
        decline(declined, "太远", "w", NOW)
    assert lapse(match(), "need_met").state == "lapsed"


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_lies_between_nothing_and_all(one, other):
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == 1


@given(st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 1000), st.sampled_from([1, 2, 3]))
def test_a_score_stays_within_its_bounds(wanted, there, given_out, urgency):
    the_offer, the_need = offer(quantity=there, allocated=min(there - 1, given_out)), need(quantity=wanted, urgency=urgency)

    (found,) = propose(the_need, [the_offer], lambda: "m")
    assert 0 <= found.score <= 100
    assert found.quantity == min(the_offer.left, the_need.left)
