"""The rules of the claim board."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from services.matching.board.domain import Need
from services.matching.claims import domain
from services.matching.claims.domain import Rules
from services.matching.claims.listings import domain as listings
from services.matching.claims.providers.domain import Provider

NOW = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # 3 March, half past midnight, at the station
RULES = Rules()
NEED = Need(
    id="n", version=1, title="轮椅", community="jiangtou", community_name="江头社区", category="goods.aids",
    category_name="康复辅具", quantity=10, unit="部", starts_at=None, ends_at=None, registered_by="w",
    target_group="elderly_alone", urgency=1,
)  # fmt: skip
LISTING = listings.put_up(NEED, None, "需要轮椅", None, "w", NOW)
PROVIDER = Provider(id="p", version=1, kind="volunteer", community="lvcuo", state="verified", registered_by="me")


def claim(need=NEED, listing=LISTING, provider=PROVIDER, quantity=4, by="me", live=0):
    return domain.claim("c", need, listing, provider, quantity, by, live, RULES, NOW)


def approved(**changes):
    return dataclasses.replace(domain.approve(claim(), NEED, PROVIDER, "w", RULES, NOW), **changes)


def fulfil(one, **changes):
    facts = dict(quantity=None, delivered_on=None, people=0, person_times=None, minutes=0, now=NOW)
    return domain.fulfil(one, **{**facts, **changes})


def refused(work, kind=Conflict):
    with pytest.raises(kind) as refusal:
        work()
    return refusal.value.slug


def test_a_listing_offers_what_neither_matches_nor_claims_have():
    assert LISTING.left(NEED) == 10
    assert LISTING.left(dataclasses.replace(NEED, allocated=7)) == 3
    assert dataclasses.replace(LISTING, quantity=5, taken=3).left(dataclasses.replace(NEED, allocated=3)) == 2
    assert dataclasses.replace(LISTING, open=False).left(NEED) == 0
    assert LISTING.left(dataclasses.replace(NEED, open=False)) == 0


def test_of_a_need_that_is_met_nothing_is_put_up():
    met = dataclasses.replace(NEED, allocated=NEED.quantity)

    for quantity in (None, 1):
        assert refused(lambda n=quantity: listings.put_up(met, None, "轮椅", n, "w", NOW)) == "nothing_left_to_claim"


def test_a_listing_put_up_again_offers_as_many_beside_what_is_claimed():
    closed = listings.close(dataclasses.replace(LISTING, taken=4), "closed_by_staff")
    again = listings.put_up(dataclasses.replace(NEED, allocated=4), closed, "轮椅", 5, "w", NOW)

    assert (again.version, again.quantity, again.taken, again.open) == (3, 9, 4, True)
    assert refused(lambda: listings.put_up(NEED, again, "轮椅", 1, "w", NOW)) == "listing_open_already"
    assert refused(lambda: listings.close(closed, "need_met")) == "listing_not_open"


@pytest.mark.parametrize(
    "changes, kind, slug",
    [
        ({"provider": None}, NotFound, "unknown_provider"),
        ({"by": "somebody"}, NotFound, "unknown_provider"),
        ({"provider": dataclasses.replace(PROVIDER, state="paused")}, Forbidden, "verified_partner_required"),
        ({"listing": None}, Conflict, "listing_not_open"),
        ({"listing": listings.close(LISTING, "need_met")}, Conflict, "listing_not_open"),
        ({"need": dataclasses.replace(NEED, open=False)}, Conflict, "listing_not_open"),
        ({"live": 5}, Conflict, "too_many_claims"),
        ({"quantity": 11}, Conflict, "claimed_by_others"),
        ({"need": dataclasses.replace(NEED, allocated=10), "quantity": None}, Conflict, "claimed_by_others"),
    ],
)
def test_what_may_not_be_claimed(changes, kind, slug):
    assert refused(lambda: claim(**changes), kind) == slug


def test_a_claim_without_a_quantity_is_for_all_that_is_left():
    assert claim(quantity=None, need=dataclasses.replace(NEED, allocated=3)).quantity == 7


MOVES = {
    "approve": lambda one: domain.approve(one, NEED, PROVIDER, "w", RULES, NOW),
    "reject": lambda one: domain.reject(one, "不合适", NOW),
    "report": lambda one: domain.report(one, "contacted", RULES, NOW),
    "fulfil": fulfil,
    "release": lambda one: domain.release(one, "other", NOW),
}
ALLOWED = {"claimed": {"approve", "reject", "release"}, "approved": {"report", "fulfil", "release"}}


@pytest.mark.parametrize("state", ["claimed", "approved", "fulfilled", "released", "lapsed", "rejected"])
@pytest.mark.parametrize("move", MOVES)
def test_a_claim_moves_from_where_it_may(state, move):
    one = dataclasses.replace(claim(), state=state)
    if move in ALLOWED.get(state, ()):
        assert MOVES[move](one).version == one.version + 1
    else:
        assert refused(lambda: MOVES[move](one)) == "claim_in_another_state"


def test_a_claim_is_not_approved_for_a_need_or_a_provider_that_is_gone():
    closed, paused = dataclasses.replace(NEED, open=False), dataclasses.replace(PROVIDER, state="paused")

    assert refused(lambda: domain.approve(claim(), closed, PROVIDER, "w", RULES, NOW)) == "need_not_open"
    assert refused(lambda: domain.approve(claim(), NEED, paused, "w", RULES, NOW)) == "provider_not_verified"


def test_a_claim_holds_all_of_it_while_it_lives_and_what_was_done_afterwards():
    assert claim().held == approved().held == 4
    assert fulfil(approved(), quantity=3).held == 3
    assert domain.release(approved(), "other", NOW).held == 0


def test_a_claim_that_is_handed_over_begins_anew_for_somebody_else():
    other = dataclasses.replace(PROVIDER, id="q", registered_by="you")
    late = NOW + timedelta(days=13)
    old, new = domain.hand_over(approved(progress="arranged"), "d", NEED, other, "w", RULES, late)

    assert (old.state, old.reason, new.state, new.claimer, new.handed_from) == (
        "released", "handed_over", "approved", "you", "c",
    )  # fmt: skip
    assert (new.quantity, new.progress, new.due_at) == (4, "", late + timedelta(days=14))


def test_days_are_the_stations():
    assert fulfil(approved()).ended_on.isoformat() == "2026-03-03"
    assert refused(lambda: fulfil(approved(), delivered_on=NOW.date()), Invalid) == "delivered_before_it_was_claimed"


def test_person_times_are_at_least_the_people():
    assert fulfil(approved(), people=3).person_times == 3
    assert refused(lambda: fulfil(approved(), people=3, person_times=2), Invalid) == "fewer_person_times_than_people"


@given(
    st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=30),
    st.integers(1, 20).flatmap(lambda remind: st.tuples(st.just(remind), st.integers(remind + 1, 60))),
)
def test_whenever_anybody_looks_a_claim_is_reminded_before_it_lapses(visits, days):
    """Look after any pauses, with progress in between: never two reminders in a period, never a lapse without one."""
    rules = Rules(remind_after_days=days[0], lapse_after_days=days[1])
    one = domain.approve(claim(), NEED, PROVIDER, "w", rules, NOW)
    now, acted, reminders = NOW, NOW, []
    for pause, progress in visits:
        now += timedelta(days=pause)
        while found := domain.next_step(one, rules, now):
            step, one = found
            if step == "lapsed":
                assert now - acted >= rules.life
                assert reminders
                return
            assert now - (reminders[-1] if reminders else acted) >= rules.patience
            reminders.append(now)
        if progress:
            one, acted, reminders = domain.report(one, "contacted", rules, now), now, []
        assert one.due_at > now


@given(
    st.lists(st.tuples(st.sampled_from(["claim", "close", "open", "shrink", *MOVES]), st.integers(1, 6)), max_size=60)
)
def test_whatever_is_done_no_unit_is_promised_twice(moves):
    need, listing, claims = NEED, LISTING, []
    for move, number in moves:
        try:
            if move == "claim":
                made = claim(need, listing, quantity=number)
                claims.append(made)
                freed = -made.held
            elif move == "close":
                listing, freed = listings.close(listing, "closed_by_staff"), 0
            elif move == "open":
                listing, freed = listings.put_up(need, listing, "轮椅", number, "w", NOW), 0
            elif move == "shrink":
                need = dataclasses.replace(need, quantity=max(1, need.quantity - 1))
                listing, freed = (listings.adjust(listing, need) if listing.open else listing), 0
            elif claims:
                before = claims[number % len(claims)]
                after = MOVES[move](before)
                claims[number % len(claims)] = after
                freed = before.held - after.held
            else:
                continue
        except Conflict:
            continue
        need = dataclasses.replace(need, allocated=need.allocated - freed)
        listing = dataclasses.replace(listing, taken=listing.taken - freed)
        assert listing.taken == need.allocated == sum(each.held for each in claims)
        assert 0 <= listing.taken <= listing.quantity
        assert need.allocated <= NEED.quantity
