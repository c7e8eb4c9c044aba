"""Claims that are made, approved, fulfilled or withdrawn at the same moment end in one clear state."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts import matching as told
from contracts.errors import Conflict
from contracts.resource import OfferPublished
from services.matching.service import MatchingService
from tests.matching.claim_board import (
    OTHER,
    PARTNER,
    approved,
    claimed,
    days,
    does_call,
    listed,
    provider,
    provider_id,
    withdrawn,
)
from tests.support import OFFICE, WORKER, Caller, database, does, hears, published, rows


@pytest.fixture
def url(postgres):
    return database(postgres, "matching")


def partner(number):
    return Caller(f"0190a000-0000-7000-8000-00000000e{number:03d}", ("partner",))


def at_once(*works):
    """Do all of these at the same time; return what each answered, or the slug of its refusal."""
    with ThreadPoolExecutor(len(works)) as pool:
        return [one.result() for one in [pool.submit(answer_of, work) for work in works]]


def answer_of(work):
    for _ in range(20):
        try:
            return work()
        except Conflict as refusal:
            return refusal
        except Exception as error:
            # Whoever loses a deadlock tries again, as the gateway's callers and the inbox do.
            if getattr(getattr(error, "orig", None), "pgcode", "") != "40P01":
                raise
    raise AssertionError("a deadlock every time")


def must_add_up(url):
    """Assert that no unit is promised twice, whatever happened."""
    (sums,) = rows(
        url,
        """SELECT n.quantity, n.allocated, l.taken,
               (SELECT coalesce(sum(CASE WHEN state IN ('claimed', 'approved') THEN c.quantity ELSE c.fulfilled END), 0)
                FROM claims AS c) AS claimed,
               (SELECT coalesce(sum(quantity), 0) FROM matches WHERE state = 'confirmed') AS matched
           FROM needs AS n JOIN listings AS l ON l.need_id = n.id""",
    )
    assert sums["claimed"] == sums["taken"]
    assert sums["claimed"] + sums["matched"] == sums["allocated"]
    return sums


def test_forty_claims_at_once_never_get_more_than_there_is(url):
    listed(url)
    hears(MatchingService, url, *[provider(100 + number, by=partner(number)) for number in range(40)])

    answers = at_once(
        *[
            lambda number=number: claimed(
                url, partner(number), provider_id=provider_id(100 + number), quantity=1 + number % 3
            )
            for number in range(40)
        ]
    )

    got = [answer for answer in answers if isinstance(answer, dict)]
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert sum(answer["quantity"] for answer in got) == 10
    assert len(got) + len(refused) == 40
    assert {answer.slug for answer in refused} == {"claimed_by_others"}
    assert all(answer.facts["left"] < 3 for answer in refused)
    assert must_add_up(url) == {"quantity": 10, "allocated": 10, "taken": 10, "claimed": 10, "matched": 0}
    assert len(published(url, told.ClaimMade)) == len(got)


def test_one_partner_who_claims_twenty_times_at_once_has_five(url):
    listed(url, quantity=None)
    listed(url, 2)

    answers = at_once(*[lambda n=n: claimed(url, number=1 + n % 2, quantity=1) for n in range(20)])

    assert sum(isinstance(answer, dict) for answer in answers) == 5
    assert {answer.slug for answer in answers if isinstance(answer, Conflict)} == {"too_many_claims"}


def test_matches_and_claims_at_once_never_promise_the_same_unit(url):
    listed(url)
    hears(MatchingService, url, *[provider(100 + number, by=partner(number)) for number in range(10)])
    offer = dict(
        version=1, provider_id=provider_id(), title="轮椅", community="jiangtou", community_name="江头社区", serves=(),
        category="goods.aids", category_name="康复辅具", quantity=4, unit="部", target_groups=(), registered_by=WORKER.id,
    )  # fmt: skip
    offers = [OfferPublished(offer_id=f"0190a000-0000-7000-8000-00000000b{n:03d}", **offer) for n in range(5)]
    hears(MatchingService, url, *offers)
    matches = [e.event.match_id for e in published(url, told.MatchProposed)]
    assert len(matches) == 5

    answers = at_once(
        *[lambda id=id: does_call(url, "confirm_match", id=id) for id in matches],
        *[lambda n=n: claimed(url, partner(n), provider_id=provider_id(100 + n), quantity=2) for n in range(10)],
    )

    sums = must_add_up(url)
    assert sums["allocated"] == sums["quantity"] == 10
    slugs = {answer.slug for answer in answers if isinstance(answer, Conflict)}
    assert slugs <= {"claimed_by_others", "need_has_less_left", "match_already_decided"}


@pytest.mark.parametrize("attempt", range(5))
def test_a_claim_that_lapses_while_it_is_fulfilled_ends_as_one_of_both(url, attempt):
    listed(url)
    claim = approved(url, quantity=4)
    does(MatchingService, url, "see_to_claims", days(8))

    _, done = at_once(
        lambda: does(MatchingService, url, "see_to_claims", days(15)),
        lambda: does_call(url, "fulfil_claim", PARTNER, id=claim["id"], quantity=3),
    )

    state = does_call(url, "get_claim", id=claim["id"])["state"]
    lapsed, fulfilled = (len(published(url, kind)) for kind in (told.ClaimLapsed, told.ClaimFulfilled))
    if isinstance(done, dict):
        assert (state, lapsed, fulfilled) == ("fulfilled", 0, 1)
        assert must_add_up(url)["taken"] == 3
    else:
        assert (state, lapsed, fulfilled, done.slug) == ("lapsed", 1, 0, "claim_in_another_state")
        assert must_add_up(url)["taken"] == 0
    assert len(rows(url, "SELECT id FROM deliveries")) == fulfilled


@pytest.mark.parametrize("attempt", range(5))
def test_a_need_withdrawn_while_it_is_claimed_and_approved_leaves_nobody_with_it(url, attempt):
    listed(url)
    waiting = claimed(url, quantity=2)

    at_once(
        lambda: hears(MatchingService, url, withdrawn()),
        lambda: does_call(url, "approve_claim", id=waiting["id"]),
        lambda: claimed(url, OTHER, quantity=3),
    )

    assert rows(url, "SELECT DISTINCT state, reason FROM claims") == [{"state": "released", "reason": "need_withdrawn"}]
    assert must_add_up(url)["allocated"] == 0
    made = len(rows(url, "SELECT id FROM claims"))
    assert len(published(url, told.ClaimReleased)) == made
    assert [e.event.reason for e in published(url, told.NeedClosedForClaim)] == ["need_withdrawn"]
    with pytest.raises(Conflict) as refusal:
        claimed(url, OTHER, number=1)
    assert refusal.value.slug == "listing_not_open"


@pytest.mark.parametrize("attempt", range(5))
def test_a_claim_that_is_given_up_while_it_is_approved_is_given_up(url, attempt):
    listed(url)
    claim = claimed(url, quantity=4)

    said, _ = at_once(
        lambda: does_call(url, "approve_claim", id=claim["id"]),
        lambda: does_call(url, "release_claim", PARTNER, id=claim["id"], reason="claimer_cannot"),
    )

    approvals = len(published(url, told.ClaimApproved))
    assert approvals == isinstance(said, dict)
    assert approvals or said.slug == "claim_in_another_state"
    now = does_call(url, "get_claim", id=claim["id"])
    assert (now["state"], [step["step"] for step in now["steps"]]) == (
        "released",
        ["claimed", *(["approved"] * approvals), "released"],
    )
    assert len(published(url, told.ClaimReleased)) == 1
    assert must_add_up(url)["taken"] == 0


@pytest.mark.parametrize("attempt", range(5))
def test_a_claim_that_is_approved_by_one_and_rejected_by_another_is_one_of_both(url, attempt):
    listed(url)
    claim = claimed(url, quantity=4)

    said = at_once(
        lambda: does_call(url, "approve_claim", id=claim["id"]),
        lambda: does_call(url, "reject_claim", OFFICE, id=claim["id"], reason="太远"),
    )

    (done,) = [answer for answer in said if isinstance(answer, dict)]
    assert [answer.slug for answer in said if isinstance(answer, Conflict)] == ["claim_in_another_state"]
    assert does_call(url, "get_claim", id=claim["id"])["state"] == done["state"]
    assert len(published(url, told.ClaimApproved)) + len(published(url, told.ClaimRejected)) == 1
    assert must_add_up(url)["taken"] == (4 if done["state"] == "approved" else 0)


def test_of_two_who_note_the_same_claim_as_done_one_does(url):
    listed(url)
    claim = approved(url, quantity=4)

    said = at_once(
        *[lambda n=n: does_call(url, "fulfil_claim", PARTNER, id=claim["id"], quantity=n) for n in (1, 2, 3, 4)]
    )

    (done,) = [answer for answer in said if isinstance(answer, dict)]
    assert len(published(url, told.ClaimFulfilled)) == 1
    assert rows(url, "SELECT quantity FROM deliveries") == [{"quantity": done["fulfilled"]}]
    assert must_add_up(url)["taken"] == done["fulfilled"]


def test_two_duties_at_once_remind_once(url):
    listed(url)
    approved(url)
    at_once(*[lambda: does(MatchingService, url, "see_to_claims", days(8))] * 4)

    assert len(published(url, told.ClaimReminded)) == 1


def test_a_claim_released_and_handed_over_at_once_has_one_end(url):
    listed(url)
    claim = approved(url, quantity=5)

    at_once(
        lambda: does_call(url, "release_claim", PARTNER, id=claim["id"], reason="claimer_cannot"),
        lambda: does_call(url, "hand_over_claim", id=claim["id"], provider_id=provider_id(2), reason="离得近"),
        lambda: does_call(url, "fulfil_claim", PARTNER, id=claim["id"], quantity=5),
    )

    assert must_add_up(url)["taken"] in (0, 5)
    ends = len(published(url, told.ClaimReleased)) + len(published(url, told.ClaimFulfilled))
    assert ends == 1


def test_the_database_refuses_claims_that_do_not_add_up(url):
    listed(url)
    claimed(url, quantity=2)

    for sql in (
        "UPDATE listings SET taken = 3",
        "UPDATE claims SET quantity = 3",
        "UPDATE listings SET taken = 11",
        "UPDATE needs SET allocated = 11",
    ):
        with pytest.raises(Exception, match=r"add_up|over_claimed|over_allocated"):
            rows(url, sql)
