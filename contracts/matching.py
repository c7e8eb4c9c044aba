"""Events of the matching service: which offer may serve which need, and what staff decided."""

from typing import Annotated

from contracts.base import Event, event
from contracts.words import (
    Category,
    ClaimId,
    ClientId,
    Community,
    Day,
    Helper,
    MatchId,
    Minutes,
    Moment,
    NeedId,
    Occasion,
    OfferId,
    PairingId,
    People,
    PersonTimes,
    ProviderId,
    Quantity,
    ScorePart,
    Title,
    Unit,
    UserId,
    VisitId,
)

Score = Annotated[int, "0 to 100; the sum of its parts"]
NeedRegisteredBy = Annotated[UserId, "who registered the need"]
OfferRegisteredBy = Annotated[UserId, "who registered the offer"]
DecidedBy = Annotated[UserId, "who decided"]


@event("matching", "match.proposed.v1", subject="match_id")
class MatchProposed(Event):
    """A resource was found for a need; a social worker still has to confirm it. Said again where what it says changed."""

    match_id: MatchId
    need_id: NeedId
    offer_id: OfferId
    need_title: Title
    offer_title: Title
    community: Annotated[Community, "the need's community"]
    quantity: Quantity
    unit: Unit
    score: Score
    parts: Annotated[tuple[ScorePart, ...], "what the score is made of"]
    need_registered_by: NeedRegisteredBy
    offer_registered_by: OfferRegisteredBy
    occasion: Occasion = ""


@event("matching", "need.matched.v1", subject="need_id")
class NeedMatched(Event):
    """Suggestions were found for a need: once for each look at it, however many there are."""

    need_id: NeedId
    need_title: Title
    community: Annotated[Community, "the need's community"]
    suggestions: Annotated[int, "how many suggestions were added"]
    best_match_id: Annotated[MatchId, "the one with the highest score among them"]
    best_offer_title: Annotated[Title, "what that one offers"]
    best_score: Score
    need_registered_by: NeedRegisteredBy


@event("matching", "match.confirmed.v1", subject="match_id")
class MatchConfirmed(Event):
    """Staff confirmed that an offer serves a need; the quantity is set aside on both sides."""

    match_id: MatchId
    need_id: NeedId
    offer_id: OfferId
    need_title: Title
    offer_title: Title
    community: Annotated[Community, "the need's community"]
    quantity: Quantity
    unit: Unit
    need_left: Annotated[int, "units of the need that are still open"]
    offer_left: Annotated[int, "units of the offer that are still to be had"]
    confirmed_by: DecidedBy
    need_registered_by: NeedRegisteredBy
    offer_registered_by: OfferRegisteredBy
    occasion: Occasion = ""


@event("matching", "match.declined.v1", subject="match_id")
class MatchDeclined(Event):
    """Staff decided against a suggestion; the pair is not suggested again."""

    match_id: MatchId
    need_id: NeedId
    offer_id: OfferId
    community: Annotated[Community, "the need's community"]
    declined_by: DecidedBy
    side: Annotated[str, "who did not want it: staff, recipient or provider"] = "staff"


@event("matching", "match.lapsed.v1", subject="match_id")
class MatchLapsed(Event):
    """A suggestion fell away before anybody decided."""

    match_id: MatchId
    need_id: NeedId
    offer_id: OfferId
    community: Annotated[Community, "the need's community"]
    reason: Annotated[
        str, "slug: need_met, need_withdrawn, need_changed, offer_used_up, offer_withdrawn, offer_changed, "
        "blocked, better_found, suits_no_more"
    ]


@event("matching", "match.scheduled.v1", subject="match_id")
class MatchScheduled(Event):
    """It is settled when a confirmed match takes place; said again where that changes."""

    match_id: MatchId
    need_id: NeedId
    offer_id: OfferId
    need_title: Title
    offer_title: Title
    community: Annotated[Community, "the need's community"]
    starts_at: Annotated[Moment, "when it begins"]
    ends_at: Annotated[Moment, "when it ends"]
    scheduled_by: DecidedBy
    need_registered_by: NeedRegisteredBy
    offer_registered_by: OfferRegisteredBy


@event("matching", "match.delivered.v1", subject="match_id")
class MatchDelivered(Event):
    """What was confirmed was delivered, all or part of it; the rest of it is on the board again."""

    match_id: MatchId
    need_id: NeedId
    offer_id: OfferId
    provider_id: ProviderId
    client_id: Annotated[ClientId | None, "who received it"] = None
    need_title: Title
    offer_title: Title
    community: Annotated[Community, "the need's community"]
    offer_community: Annotated[Community, "the offer's home community"]
    category: Category
    target_group: Annotated[str, "code of the group of people that the need was about"]
    quantity: Annotated[int, "units delivered by this"]
    confirmed: Annotated[int, "units that had been confirmed"]
    unit: Unit
    need_left: Annotated[int, "units of the need that are on the board again or still"]
    occasion: Occasion = ""
    delivered_on: Day
    minutes: Minutes
    people: People
    person_times: PersonTimes
    recorded_by: DecidedBy
    need_registered_by: NeedRegisteredBy
    offer_registered_by: OfferRegisteredBy


@event("matching", "match.cancelled.v1", subject="match_id")
class MatchCancelled(Event):
    """A confirmed match does not take place; its quantity is on the board again."""

    match_id: MatchId
    need_id: NeedId
    offer_id: OfferId
    need_title: Title
    offer_title: Title
    community: Annotated[Community, "the need's community"]
    quantity: Quantity
    unit: Unit
    reason: Annotated[
        str,
        "slug: need_withdrawn, offer_withdrawn, recipient_cancelled, provider_cancelled, recipient_no_show, "
        "provider_no_show, entered_by_mistake, other",
    ]
    cancelled_by: Annotated[UserId, "who decided; empty where it followed from something else"]
    occasion: Occasion = ""
    need_registered_by: NeedRegisteredBy
    offer_registered_by: OfferRegisteredBy


@event("matching", "match.rated.v1", subject="match_id")
class MatchRated(Event):
    """One side said how it was."""

    match_id: MatchId
    need_id: NeedId
    offer_id: OfferId
    community: Annotated[Community, "the need's community"]
    side: Annotated[str, "recipient or provider"]
    stars: Annotated[int, "1 bad to 5 very good"]
    recorded_by: DecidedBy


@event("matching", "board.planned.v1", subject="plan_id")
class BoardPlanned(Event):
    """The whole board was looked at anew; which suggestions are recommended may have changed."""

    plan_id: Annotated[str, "the plan"]
    needs: Annotated[int, "open needs that were looked at"]
    offers: Annotated[int, "offers that were looked at"]
    value: Annotated[int, "sum over all units of the score of what serves them"]
    value_before: Annotated[int, "the same for what was recommended before"]
    changed: Annotated[int, "recommendations that are new or gone"]


ListingText = Annotated[str, "what is needed, in plain public words that a social worker approved"]
Claimer = Annotated[UserId, "who claims it"]
ClaimedQuantity = Annotated[int, "units that the claim is for"]
WaitsFor = Annotated[str, "slug: claimer, or staff where nobody had approved it"]


@event("matching", "need.opened_for_claim.v1", subject="need_id")
class NeedOpenedForClaim(Event):
    """A need is on the claim board."""

    need_id: NeedId
    text: ListingText
    community: Community
    category: Category
    target_group: Annotated[str, "code of the group of people that the need is about"]
    quantity: Annotated[int, "units that may be claimed"]
    unit: Unit
    opened_by: DecidedBy


@event("matching", "need.closed_for_claim.v1", subject="need_id")
class NeedClosedForClaim(Event):
    """A need is not on the claim board any more; live claims stay unless they are released by events of their own."""

    need_id: NeedId
    community: Community
    reason: Annotated[str, "slug: need_met, need_withdrawn, closed_by_staff"]


@event("matching", "claim.made.v1", subject="claim_id")
class ClaimMade(Event):
    """A verified partner wants to meet all or part of a need; staff still have to approve."""

    claim_id: ClaimId
    need_id: NeedId
    provider_id: ProviderId
    claimer: Claimer
    text: ListingText
    community: Community
    quantity: ClaimedQuantity
    unit: Unit
    need_registered_by: NeedRegisteredBy
    opened_by: Annotated[UserId, "who put the need on the claim board"] = ""


@event("matching", "claim.approved.v1", subject="claim_id")
class ClaimApproved(ClaimMade):
    """Staff agreed: the claimer may learn who to reach, from now on and on record."""

    approved_by: DecidedBy
    due_on: Annotated[str, "the day, YYYY-MM-DD, on which the claim lapses where nothing was done"]
    handed_from: Annotated[ClaimId | None, "the claim whose place it takes, where it was handed over"] = None


@event("matching", "claim.rejected.v1", subject="claim_id")
class ClaimRejected(ClaimMade):
    """Staff did not agree; the units are free to be claimed again."""

    rejected_by: DecidedBy


@event("matching", "claim.reminded.v1", subject="claim_id")
class ClaimReminded(ClaimMade):
    """Nothing was done about a claim for a while."""

    due_on: Annotated[str, "the day, YYYY-MM-DD, on which the claim lapses where nothing was done"]
    waits_for: WaitsFor = "claimer"


@event("matching", "claim.released.v1", subject="claim_id")
class ClaimReleased(ClaimMade):
    """A claim was given up or handed over; who had it may see the contact no more."""

    reason: Annotated[str, "slug: claimer_cannot, recipient_declined, handed_over, need_withdrawn, other"]
    released_by: Annotated[UserId, "who released it; empty where it followed from something else"]
    handed_to: Annotated[ClaimId | None, "the claim that takes its place, where it was handed over"] = None


@event("matching", "claim.lapsed.v1", subject="claim_id")
class ClaimLapsed(ClaimMade):
    """Nothing was done about a claim in time; its units are free again, and who had it may see the contact no more."""

    waits_for: WaitsFor = "claimer"


@event("matching", "claim.fulfilled.v1", subject="claim_id")
class ClaimFulfilled(ClaimMade):
    """What was claimed was done, all or part of it; the rest is free again."""

    client_id: Annotated[ClientId | None, "who received it"] = None
    category: Category
    target_group: Annotated[str, "code of the group of people that the need was about"]
    fulfilled: Annotated[int, "units done by this"]
    need_left: Annotated[int, "units of the need that are on the board again or still"]
    need_met: Annotated[bool, "whether all of the need is done now, which need.met says as well"] = True
    delivered_on: Day
    minutes: Minutes
    people: People
    person_times: PersonTimes
    recorded_by: DecidedBy


CareKinds = Annotated[tuple[str, ...], "material, emotional or both"]


@event("matching", "pairing.begun.v1", subject="pairing_id")
class PairingBegun(Event):
    """Somebody keeps coming to a person from now on."""

    pairing_id: PairingId
    client_id: ClientId
    community: Community
    target_group: Annotated[str, "code of the group that the person belongs to"]
    kinds: CareKinds
    helpers: Annotated[tuple[Helper, ...], "who comes"]
    begun_on: Day
    worker: Annotated[UserId, "the social worker who looks after it"]
    begun_by: Annotated[UserId, "who began it"] = ""


@event("matching", "pairing.changed.v1", subject="pairing_id")
class PairingChanged(PairingBegun):
    """A pairing has other helpers, another worker or another plan; this is all of it."""

    joined: Annotated[tuple[Helper, ...], "helpers who are new with this change"] = ()
    left: Annotated[tuple[Helper, ...], "helpers who come no more"] = ()
    worker_before: Annotated[UserId, "who looked after it before; empty where that did not change"] = ""
    new_plan: Annotated[bool, "whether visits are due by another plan from now on"] = False
    changed_by: Annotated[UserId, "who changed it; empty where it followed from something else"] = ""


@event("matching", "visit.recorded.v1", subject="pairing_id")
class VisitRecorded(Event):
    """A visit took place; how the person was stays with the matching service."""

    pairing_id: PairingId
    visit_id: VisitId
    community: Community
    on: Day
    kinds: CareKinds
    minutes: Minutes
    helpers: Annotated[tuple[Helper, ...], "who came"]
    recorded_by: DecidedBy
    client_id: Annotated[ClientId | None, "who was visited"] = None


@event("matching", "visit.rescheduled.v1", subject="pairing_id")
class VisitRescheduled(Event):
    """A visit that was planned takes place on another day or at another time."""

    pairing_id: PairingId
    visit_id: VisitId
    community: Community
    on_before: Annotated[Day, "the day on which it was due"]
    on: Day
    at: Annotated[str, "HH:MM in the station's time"]
    helpers: Annotated[tuple[Helper, ...], "who comes"]
    worker: Annotated[UserId, "the social worker who looks after the pairing"]
    rescheduled_by: DecidedBy


@event("matching", "visit.cancelled.v1", subject="pairing_id")
class VisitCancelled(Event):
    """A visit that was planned does not take place."""

    pairing_id: PairingId
    visit_id: VisitId
    community: Community
    on: Day
    helpers: Annotated[tuple[Helper, ...], "who would have come"]
    worker: Annotated[UserId, "the social worker who looks after the pairing"]
    cancelled_by: DecidedBy


@event("matching", "visit.missed.v1", subject="pairing_id")
class VisitMissed(Event):
    """Nobody recorded a visit that was planned."""

    pairing_id: PairingId
    visit_id: VisitId
    community: Community
    on: Day
    missed: Annotated[int, "how many in a row"]
    helpers: Annotated[tuple[Helper, ...], "who should have come"]
    worker: Annotated[UserId, "the social worker who looks after it"]


@event("matching", "pairing.alerted.v1", subject="pairing_id", public=False)
class PairingAlerted(Event):
    """The social worker should look after a pairing."""

    pairing_id: PairingId
    community: Community
    reason: Annotated[str, "slug: visits_missed, person_worse, plan_ends"]
    worker: Annotated[UserId, "the social worker who looks after it"]


@event("matching", "pairing.ended.v1", subject="pairing_id")
class PairingEnded(Event):
    """A pairing is over: closed with an evaluation, or because the person withdrew consent."""

    pairing_id: PairingId
    client_id: ClientId
    community: Community
    reason: Annotated[
        str,
        "slug: goals_reached, person_moved, person_died, helper_left, person_declined, consent_withdrawn, other",
    ]
    visits: Annotated[int, "visits that took place"]
    ended_on: Day
    ended_by: Annotated[UserId, "who decided; empty where it followed from something else"]
    helpers: Annotated[tuple[Helper, ...], "who came"] = ()
    worker: Annotated[UserId, "the social worker who looked after it"] = ""
