"""The events that notify hears, each with values that make its message easy to read."""

from datetime import UTC, datetime

from contracts.grants import GrantApproved, GrantRejected
from contracts.matching import (
    ClaimApproved,
    ClaimFulfilled,
    ClaimLapsed,
    ClaimMade,
    ClaimRejected,
    ClaimReleased,
    ClaimReminded,
    MatchCancelled,
    MatchConfirmed,
    MatchDelivered,
    MatchScheduled,
    NeedMatched,
    NeedOpenedForClaim,
    PairingAlerted,
    PairingBegun,
    PairingChanged,
    PairingEnded,
    VisitCancelled,
    VisitMissed,
    VisitRescheduled,
)
from contracts.resource import NeedMet, OfferUsedUp, ProviderRegistered, ProviderVerificationDue
from contracts.venue import BookingApproved, BookingCancelled, BookingRejected
from contracts.words import Helper

ANNA, BEN, CARL, DORA = (f"0190a000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3, 4))
NEED, OFFER, MATCH, APPLICATION, FUND, BOOKING, SPACE, CLAIM, PROVIDER, PAIRING, VISIT = (
    f"0190a000-0000-7000-8000-0000000000{n:02}" for n in range(11, 22)
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


MATCHED = dict(
    version=3, match_id=MATCH, need_id=NEED, offer_id=OFFER, need_title="大米五袋", offer_title="爱心大米",
    community="jiangtou", need_registered_by=ANNA, offer_registered_by=BEN,
)  # fmt: skip


def match_scheduled(**changes):
    times = dict(starts_at=datetime(2026, 3, 5, 6, tzinfo=UTC), ends_at=datetime(2026, 3, 5, 8, tzinfo=UTC))
    return MatchScheduled(**{**MATCHED, **times, "scheduled_by": CARL, **changes})


def match_delivered(**changes):
    facts = dict(
        provider_id=PROVIDER, offer_community="jiangtou", category="goods.food", target_group="general", quantity=3,
        confirmed=5, unit="袋", need_left=2, delivered_on="2026-03-05", minutes=0, people=1, person_times=1,
        recorded_by=CARL,
    )  # fmt: skip
    return MatchDelivered(**{**MATCHED, **facts, **changes})


def match_cancelled(**changes):
    facts = dict(quantity=5, unit="袋", reason="provider_no_show", cancelled_by=CARL)
    return MatchCancelled(**{**MATCHED, **facts, **changes})


def need_met(**changes):
    facts = dict(
        version=4, need_id=NEED, title="大米五袋", community="jiangtou", category="goods.food", target_group="general",
        quantity=5, met=5, unit="袋", registered_by=ANNA,
    )  # fmt: skip
    return NeedMet(**{**facts, **changes})


CLAIMED = dict(
    version=1, claim_id=CLAIM, need_id=NEED, provider_id=PROVIDER, claimer=BEN, text="独居老人需要一部轮椅",
    community="jiangtou", quantity=2, unit="部", need_registered_by=ANNA,
)  # fmt: skip


def need_opened_for_claim(**changes):
    facts = dict(
        version=2, need_id=NEED, text="独居老人需要一部轮椅", community="jiangtou", category="goods.aids",
        target_group="elderly_alone", quantity=2, unit="部", opened_by=CARL,
    )  # fmt: skip
    return NeedOpenedForClaim(**{**facts, **changes})


def provider(kind=ProviderRegistered, **changes):
    facts = dict(
        version=1, provider_id=PROVIDER, kind="merchant", community="jiangtou", registered_by=BEN, state="verified",
        tell=("new_needs",),
    )  # fmt: skip
    return kind(**{**facts, **changes})


def claim_made(**changes):
    return ClaimMade(**{**CLAIMED, **changes})


def claim_approved(**changes):
    return ClaimApproved(**{**CLAIMED, "approved_by": CARL, "due_on": "2026-03-19", **changes})


def claim_rejected(**changes):
    return ClaimRejected(**{**CLAIMED, "rejected_by": CARL, **changes})


def claim_reminded(**changes):
    return ClaimReminded(**{**CLAIMED, "due_on": "2026-03-19", **changes})


def claim_lapsed(**changes):
    return ClaimLapsed(**{**CLAIMED, **changes})


def claim_released(**changes):
    return ClaimReleased(**{**CLAIMED, "reason": "recipient_declined", "released_by": CARL, **changes})


def claim_fulfilled(**changes):
    facts = dict(
        category="goods.aids", target_group="elderly_alone", fulfilled=2, need_left=0, delivered_on="2026-03-05",
        minutes=30, people=1, person_times=1, recorded_by=BEN,
    )  # fmt: skip
    return ClaimFulfilled(**{**CLAIMED, **facts, **changes})


HELPERS = (Helper(helper=BEN, provider_id="", role="lead"), Helper(helper="", provider_id=PROVIDER, role="material"))
PAIRED = dict(
    version=1, pairing_id=PAIRING, client_id=CARL, community="jiangtou", target_group="elderly_alone",
    kinds=("emotional",), begun_on="2026-03-05", worker=ANNA, helpers=HELPERS, begun_by=ANNA,
)  # fmt: skip
VISITED = dict(version=2, pairing_id=PAIRING, visit_id=VISIT, community="jiangtou", on="2026-03-05", worker=ANNA)


def pairing_begun(**changes):
    return PairingBegun(**{**PAIRED, **changes})


def pairing_changed(**changes):
    return PairingChanged(**{**PAIRED, "version": 2, "changed_by": ANNA, **changes})


def pairing_ended(**changes):
    facts = dict(
        version=3, pairing_id=PAIRING, client_id=CARL, community="jiangtou", reason="consent_withdrawn", visits=4,
        ended_on="2026-03-05", ended_by="", helpers=HELPERS, worker=ANNA,
    )  # fmt: skip
    return PairingEnded(**{**facts, **changes})


def visit_rescheduled(**changes):
    facts = dict(on_before="2026-03-03", at="10:30", helpers=HELPERS, rescheduled_by=ANNA)
    return VisitRescheduled(**{**VISITED, **facts, **changes})


def visit_cancelled(**changes):
    return VisitCancelled(**{**VISITED, "helpers": HELPERS, "cancelled_by": BEN, **changes})


def visit_missed(**changes):
    return VisitMissed(**{**VISITED, "missed": 2, "helpers": HELPERS, **changes})


def pairing_alerted(**changes):
    facts = dict(version=2, pairing_id=PAIRING, community="jiangtou", reason="person_worse", worker=ANNA)
    return PairingAlerted(**{**facts, **changes})


def provider_verification_due(**changes):
    facts = dict(version=2, provider_id=PROVIDER, community="jiangtou", pauses_on="2026-03-19", registered_by=BEN)
    return ProviderVerificationDue(**{**facts, **changes})


def offer_used_up(**changes):
    facts = dict(
        version=2, offer_id=OFFER, provider_id=PROVIDER, community="jiangtou", title="爱心大米", registered_by=BEN
    )
    return OfferUsedUp(**{**facts, **changes})


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
