"""What is told of a match."""

from contracts.matching import MatchCancelled, MatchConfirmed, MatchDeclined, MatchDelivered, MatchRated, MatchScheduled
from services.matching.board.domain import Need, Offer
from services.matching.matches.domain import Match, Rating


def facts_of(match: Match, need: Need, offer: Offer) -> dict:
    """Return what every event about a match and its quantity says."""
    return {
        **_sides(match, need, offer),
        "quantity": match.quantity,
        "unit": need.unit,
        "occasion": match.occasion,
    }


def confirmed(match: Match, need: Need, offer: Offer) -> MatchConfirmed:
    return MatchConfirmed(
        need_left=need.left,
        offer_left=offer.left_at(match.occasion),
        confirmed_by=match.decided_by,
        **facts_of(match, need, offer),
    )


def declined(match: Match, need: Need) -> MatchDeclined:
    return MatchDeclined(
        community=need.community, declined_by=match.decided_by, side=match.declined_for, **_ids(match)
    )


def scheduled(match: Match, need: Need, offer: Offer) -> MatchScheduled:
    return MatchScheduled(
        starts_at=match.starts_at,
        ends_at=match.ends_at,
        scheduled_by=match.scheduled_by,
        **_sides(match, need, offer),
    )


def delivered(match: Match, need: Need, offer: Offer) -> MatchDelivered:
    return MatchDelivered(
        provider_id=offer.provider_id or "",
        client_id=need.client_id,
        offer_community=offer.community,
        category=need.category,
        target_group=need.target_group,
        confirmed=match.quantity,
        need_left=need.left,
        delivered_on=match.delivered_on.isoformat(),
        minutes=match.minutes,
        people=match.people,
        person_times=match.person_times,
        recorded_by=match.closed_by,
        **{**facts_of(match, need, offer), "quantity": match.delivered},
    )


def cancelled(match: Match, need: Need, offer: Offer) -> MatchCancelled:
    return MatchCancelled(reason=match.reason, cancelled_by=match.closed_by, **facts_of(match, need, offer))


def rated(match: Match, rating: Rating, community: str) -> MatchRated:
    return MatchRated(
        community=community,
        side=rating.side,
        stars=rating.stars,
        recorded_by=rating.recorded_by,
        **_ids(match),
    )


def _sides(match, need, offer) -> dict:
    return {
        **_ids(match),
        "need_title": need.title,
        "offer_title": offer.title,
        "community": need.community,
        "need_registered_by": need.registered_by,
        "offer_registered_by": offer.registered_by,
    }


def _ids(match) -> dict:
    return {
        "version": match.version,
        "match_id": match.id,
        "need_id": match.need_id,
        "offer_id": match.offer_id,
    }
