"""Events of the matching service: which offer may serve which need, and what staff decided."""

from typing import Annotated

from contracts.base import Event, event
from contracts.words import Community, MatchId, NeedId, OfferId, Quantity, ScorePart, Title, Unit, UserId

Score = Annotated[int, "0 to 100; the sum of its parts"]
NeedRegisteredBy = Annotated[UserId, "who registered the need"]
OfferRegisteredBy = Annotated[UserId, "who registered the offer"]
DecidedBy = Annotated[UserId, "who decided"]


@event("matching", "match.proposed.v1", subject="match_id")
class MatchProposed(Event):
    """A resource was found for a need; a social worker still has to confirm it."""

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


@event("matching", "match.declined.v1", subject="match_id")
class MatchDeclined(Event):
    """Staff decided against a suggestion; the pair is not suggested again."""

    match_id: MatchId
    need_id: NeedId
    offer_id: OfferId
    community: Annotated[Community, "the need's community"]
    declined_by: DecidedBy


@event("matching", "match.lapsed.v1", subject="match_id")
class MatchLapsed(Event):
    """A suggestion fell away before anybody decided."""

    match_id: MatchId
    need_id: NeedId
    offer_id: OfferId
    community: Annotated[Community, "the need's community"]
    reason: Annotated[
        str, "slug: need_met, need_withdrawn, need_changed, offer_used_up, offer_withdrawn, offer_changed"
    ]
