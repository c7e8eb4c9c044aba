"""The events that notify hears, each with values that make its message easy to read."""

from datetime import UTC, datetime

from contracts.grants import GrantApproved, GrantRejected
from contracts.matching import MatchConfirmed, NeedMatched
from contracts.venue import BookingApproved, BookingCancelled, BookingRejected

ANNA, BEN, CARL = (f"0190a000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
NEED, OFFER, MATCH, APPLICATION, FUND, BOOKING, SPACE = (
    f"0190a000-0000-7000-8000-0000000000{n:02}" for n in range(11, 18)
)


def need_matched(**changes):
    facts = dict(
        version=1, need_id=NEED, need_title="轮椅一部", community="jiangtou", suggestions=3, best_match_id=MATCH,
        best_offer_title="闲置轮椅", best_score=92, need_registered_by=ANNA,
    )  # fmt: skip
    return NeedMatched(**{**facts, **changes})


def match_confirmed(**changes):
    facts = dict(
        version=2, match_id=MATCH, need_id=NEED, offer_id=OFFER, need_title="大米五袋", offer_title="爱心大米",
        community="jiangtou", quantity=5, unit="袋", need_left=0, offer_left=15, confirmed_by=CARL,
        need_registered_by=ANNA, offer_registered_by=BEN,
    )  # fmt: skip
    return MatchConfirmed(**{**facts, **changes})


def grant_approved(**changes):
    facts = dict(
        version=3, application_id=APPLICATION, fund_id=FUND, title="长者食堂", amount_fen=1_200_050, reason="同意资助",
        applicant=ANNA, decided_by=BEN,
    )  # fmt: skip
    return GrantApproved(**{**facts, **changes})


def grant_rejected(**changes):
    facts = dict(
        version=3,
        application_id=APPLICATION,
        fund_id=FUND,
        title="长者食堂",
        reason="预算不足",
        applicant=ANNA,
        decided_by=BEN,
    )
    return GrantRejected(**{**facts, **changes})


BOOKED = dict(
    version=2, booking_id=BOOKING, space_id=SPACE, space_name="多功能厅", site_name="江头社工站", community="jiangtou",
    title="义诊活动", starts_at=datetime(2026, 3, 5, 6, tzinfo=UTC), ends_at=datetime(2026, 3, 5, 8, tzinfo=UTC),
    requested_by=ANNA,
)  # fmt: skip


def booking_approved(**changes):
    return BookingApproved(**{**BOOKED, "decided_by": BEN, **changes})


def booking_rejected(**changes):
    return BookingRejected(**{**BOOKED, "decided_by": BEN, "reason": "当天停电检修", **changes})


def booking_cancelled(**changes):
    return BookingCancelled(**{**BOOKED, "cancelled_by": BEN, "reason": "场地漏水", **changes})
