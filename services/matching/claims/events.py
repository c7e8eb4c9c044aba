"""What is said about listings and claims. No I/O."""

from contracts import matching as told
from services.matching.board.domain import Need
from services.matching.claims.domain import Claim, day
from services.matching.claims.listings.domain import Listing


def opened(listing: Listing, need: Need) -> told.NeedOpenedForClaim:
    return told.NeedOpenedForClaim(
        version=listing.version,
        need_id=need.id,
        text=listing.text,
        community=need.community,
        category=need.category,
        target_group=need.target_group,
        quantity=listing.left(need),
        unit=need.unit,
        opened_by=listing.opened_by,
    )


def closed(listing: Listing, need: Need) -> told.NeedClosedForClaim:
    return told.NeedClosedForClaim(
        version=listing.version, need_id=need.id, community=need.community, reason=listing.closed_because
    )


def made(claim: Claim, need: Need, listing: Listing) -> told.ClaimMade:
    return told.ClaimMade(**_facts(claim, need, listing))


def approved(claim: Claim, need: Need, listing: Listing) -> told.ClaimApproved:
    return told.ClaimApproved(
        approved_by=claim.approved_by,
        due_on=_due_on(claim),
        handed_from=claim.handed_from,
        **_facts(claim, need, listing),
    )


def rejected(claim: Claim, need: Need, listing: Listing, by: str) -> told.ClaimRejected:
    return told.ClaimRejected(rejected_by=by, **_facts(claim, need, listing))


def reminded(claim: Claim, need: Need, listing: Listing) -> told.ClaimReminded:
    return told.ClaimReminded(due_on=_due_on(claim), waits_for=_waits_for(claim), **_facts(claim, need, listing))


def lapsed(claim: Claim, need: Need, listing: Listing) -> told.ClaimLapsed:
    return told.ClaimLapsed(waits_for=_waits_for(claim), **_facts(claim, need, listing))


def released(claim: Claim, need: Need, listing: Listing, by: str, handed_to: str | None = None) -> told.ClaimReleased:
    return told.ClaimReleased(reason=claim.reason, released_by=by, handed_to=handed_to, **_facts(claim, need, listing))


def fulfilled(claim: Claim, need: Need, listing: Listing, delivered: int, by: str) -> told.ClaimFulfilled:
    """Say what was done; `need` is as it is once the rest is free again, `delivered` what it has got in all."""
    return told.ClaimFulfilled(
        client_id=need.client_id,
        category=need.category,
        target_group=need.target_group,
        fulfilled=claim.fulfilled,
        need_left=need.left,
        need_met=need.open and delivered >= need.quantity,
        delivered_on=claim.ended_on.isoformat(),
        minutes=claim.minutes,
        people=claim.people,
        person_times=claim.person_times,
        recorded_by=by,
        **_facts(claim, need, listing),
    )


def _facts(claim: Claim, need: Need, listing: Listing) -> dict:
    return {
        "version": claim.version,
        "claim_id": claim.id,
        "need_id": claim.need_id,
        "provider_id": claim.provider_id,
        "claimer": claim.claimer,
        "text": claim.text,
        "community": need.community,
        "quantity": claim.quantity,
        "unit": claim.unit,
        "need_registered_by": need.registered_by,
        "opened_by": listing.opened_by,
    }


def _due_on(claim: Claim) -> str:
    return day(claim.due_at).isoformat()


def _waits_for(claim: Claim) -> str:
    return "claimer" if claim.approved_by else "staff"
