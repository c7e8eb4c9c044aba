"""Who is told what about an event, in which words; and what becomes of a try to send it out. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.base import Event
from contracts.errors import Conflict
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
from contracts.resource import NeedMet, OfferUsedUp, ProviderVerificationDue
from contracts.venue import BookingApproved, BookingCancelled, BookingRejected
from services.notify.wording.domain import FOR_PROVIDER, TEMPLATES, words_for

MOST_CHANNELS = 5

# Seconds until the 2nd, 3rd … try to send a message out; then it has failed.
DELAYS = (10, 60, 600, 3600, 21600)
TRIES = len(DELAYS) + 1
LONGEST_REST = 60


@dataclass(frozen=True)
class Message:
    """What one person is told about one event; `kind` is the event's type, `about` its subject."""

    recipient: str
    kind: str
    about: str
    title: str
    body: str


@dataclass(frozen=True)
class Delivery:
    """A message on its way out on a channel; nobody else may touch the channel until the lease ends."""

    id: int
    channel_id: str
    kind: str
    url: str
    title: str
    body: str
    attempts: int
    lease: datetime
    correlation_id: str


@dataclass(frozen=True)
class Outcome:
    """What becomes of a delivery after a try, and how many seconds its channel is left alone."""

    state: str
    reason: str | None = None
    again_in: int = 0
    rest: int = 0


def messages(event: Event, wanted_by: Sequence[str] = ()) -> list[Message]:
    """Return what is told about an event: at most one message for each person concerned, or who wants to know of it."""
    told = {}
    for recipient, template in _concerned(event, wanted_by):
        if recipient and recipient not in told:
            title, body = TEMPLATES[template]
            words = {**vars(event), **words_for(event)}
            told[recipient] = Message(
                recipient, event.type, event.subject, title.format_map(words), body.format_map(words)
            )
    return list(told.values())


def after(attempts: int, refused: str | None) -> Outcome:
    """Decide what comes after a try that was refused for a reason, or was not refused.

    A channel rests after a failure, so that one which is out of order does not keep the senders busy.
    """
    if refused is None:
        return Outcome("sent")
    if attempts >= TRIES:
        return Outcome("failed", refused, rest=LONGEST_REST)
    delay = DELAYS[attempts - 1]
    return Outcome("waiting", refused, again_in=delay, rest=min(delay, LONGEST_REST))


def must_be_new(address: str, known: list[str]) -> None:
    """Raise Conflict where somebody has an address among their channels already, or as many as one may have."""
    if address in known:
        raise Conflict("channel_known_already", "url")
    if len(known) >= MOST_CHANNELS:
        raise Conflict("too_many_channels", most=MOST_CHANNELS)


def topics(tell: Sequence[str], tell_by: Sequence[str]) -> list[str]:
    """Return what a provider is told in the inbox: what they agreed to, unless only staff may tell them, in other ways."""
    return list(tell) if "inbox" in tell_by or not tell_by else []


def _concerned(event, wanted_by) -> list[tuple[str, str]]:
    """Return (recipient, template) pairs, for each person the one that matters most first."""
    match event:
        case NeedMatched():
            return [(event.need_registered_by, "need_matched")]
        case MatchConfirmed():
            return [
                (event.need_registered_by, "need_met_in_part" if event.need_left else "need_met"),
                (event.offer_registered_by, "offer_used"),
            ]
        case MatchScheduled():
            return [(event.need_registered_by, "need_scheduled"), (event.offer_registered_by, "offer_scheduled")]
        case MatchDelivered():
            return [
                (event.need_registered_by, "need_delivered_in_part" if event.need_left else "need_delivered"),
                (event.offer_registered_by, "offer_delivered"),
            ]
        case MatchCancelled():
            return [(event.need_registered_by, "need_cancelled"), (event.offer_registered_by, "offer_cancelled")]
        case NeedMet():
            return [(event.registered_by, "need_all_met")]
        case NeedOpenedForClaim():
            return _but([(each, "need_to_claim") for each in wanted_by], event.opened_by)
        case ClaimApproved():
            return [(event.claimer, "claim_handed_to" if event.handed_from else "claim_approved")]
        case ClaimRejected():
            return [(event.claimer, "claim_rejected")]
        case ClaimReminded() if event.waits_for == "staff":
            return _may_decide(event, "claim_undecided")
        case ClaimReminded():
            return [(event.claimer, "claim_reminded")]
        case ClaimLapsed() if event.waits_for == "staff":
            return [(event.claimer, "claim_not_decided"), *_may_decide(event, "claim_on_need_not_decided")]
        case ClaimLapsed():
            return [(event.claimer, "claim_lapsed"), (event.need_registered_by, "claim_on_need_lapsed")]
        case ClaimReleased():
            return _but(_let_go(event), event.released_by)
        case ClaimFulfilled():
            told = [(event.claimer, "claim_fulfilled"), *_of_need(event)]
            return _but(told, event.recorded_by)
        case PairingBegun() if type(event) is PairingBegun:
            worker = [(event.worker, "pairing_assigned")] if event.begun_by else []
            helpers = [each for each in event.helpers if each.helper != event.worker]
            return _but([*worker, *_helpers(helpers, "pairing_begun")], event.begun_by)
        case PairingChanged():
            return _but(_changed(event), event.changed_by)
        case PairingEnded():
            return _but([(event.worker, "pairing_over"), *_helpers(event.helpers, "pairing_ended")], event.ended_by)
        case ClaimMade() if type(event) is ClaimMade:
            return _but(_may_decide(event, "claim_made"), event.claimer)
        case VisitRescheduled():
            return _but(_visitors(event, "visit_rescheduled"), event.rescheduled_by)
        case VisitCancelled():
            return _but(_visitors(event, "visit_cancelled"), event.cancelled_by)
        case VisitMissed():
            return [(event.worker, "visit_missed"), *_helpers(event.helpers, "visit_not_recorded")]
        case PairingAlerted() if event.reason != "visits_missed":  # which visit.missed says, with how many
            return [(event.worker, "pairing_alerted")]
        case ProviderVerificationDue():
            return [(event.registered_by, "provider_verification_due")]
        case OfferUsedUp():
            return [(event.registered_by, "offer_used_up")]
        case GrantApproved():
            return [(event.applicant, "grant_approved")]
        case GrantRejected():
            return [(event.applicant, "grant_rejected")]
        case BookingApproved():
            return [(event.requested_by, "booking_approved")]
        case BookingRejected():
            return [(event.requested_by, "booking_rejected")]
        case BookingCancelled() if event.cancelled_by != event.requested_by:
            return [(event.requested_by, "booking_cancelled")]
    return []


def _let_go(event) -> list[tuple[str, str]]:
    """Return who hears that a claim was given up; whoever withdrew the need knows of it already."""
    if event.handed_to:
        return [(event.claimer, "claim_handed_over"), (event.need_registered_by, "claim_on_need_handed_over")]
    told = [(event.claimer, "claim_released")]
    return told if event.reason == "need_withdrawn" else [*told, (event.need_registered_by, "claim_on_need_released")]


def _of_need(event) -> list[tuple[str, str]]:
    """Return who hears what a claim did for their need; that all of it is met, need.met tells them."""
    if event.need_left:
        return [(event.need_registered_by, "claim_on_need_fulfilled")]
    return [] if event.need_met else [(event.need_registered_by, "claim_on_need_fulfilled_too")]


def _may_decide(event, template) -> list[tuple[str, str]]:
    """Return who is asked to decide on a claim: who registered the need, and who put it on the claim board."""
    return [(event.need_registered_by, template), (event.opened_by, template)]


def _changed(event) -> list[tuple[str, str]]:
    """Return who hears of a changed pairing: who comes or goes, and everybody where visits are due by another plan."""
    told = [*_helpers(event.joined, "pairing_joined"), *_helpers(event.left, "pairing_left")]
    if event.worker_before:
        told += [(event.worker, "pairing_assigned"), (event.worker_before, "pairing_handed_on")]
    return told + (_visitors(event, "pairing_new_plan") if event.new_plan else [])


def _visitors(event, template) -> list[tuple[str, str]]:
    """Return who has to know when visits are: who comes, and the social worker."""
    return [*_helpers(event.helpers, template), (event.worker, template)]


def _helpers(helpers, template) -> list[tuple[str, str]]:
    """Return the helpers with what they are told; for one who has no sign-in, who registered the provider."""
    return [(each.helper, template) if each.helper else (each.account, template + FOR_PROVIDER) for each in helpers]


def _but(told, who: str) -> list[tuple[str, str]]:
    """Leave out who did it themselves."""
    return [each for each in told if each[0] != who]
