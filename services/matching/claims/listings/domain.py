"""Needs on the claim board: what may be claimed of them. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from contracts.errors import Conflict
from services.matching.board.domain import Need


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A need on the claim board; `taken` is what live claims hold and what claims have met."""

    need_id: str
    version: int
    text: str
    quantity: int
    opened_by: str
    opened_at: datetime
    taken: int = 0
    open: bool = True
    closed_because: str | None = None

    def left(self, need: Need) -> int:
        """Return how many units can still be claimed: nobody promises those that a match has."""
        return min(self.quantity - self.taken, need.left) if self.open else 0


def put_up(need: Need, before: Listing | None, text: str, quantity: int | None, by: str, now: datetime) -> Listing:
    """Put a need on the board, all that is left of it unless said. Raises Conflict."""
    if not need.open:
        raise Conflict("need_not_open")
    if before and before.open:
        raise Conflict("listing_open_already")
    if not need.left:
        raise Conflict("nothing_left_to_claim")
    quantity = need.left if quantity is None else quantity
    if quantity > need.left:
        raise Conflict("need_has_less_left", "quantity", left=need.left)
    taken = before.taken if before else 0
    return Listing(
        need_id=need.id,
        version=before.version + 1 if before else 1,
        text=text,
        quantity=taken + quantity,
        taken=taken,
        opened_by=by,
        opened_at=now,
    )


def close(listing: Listing | None, reason: str) -> Listing:
    """Take a need off the board; live claims stay. Raises Conflict where it is not there."""
    if listing is None or not listing.open:
        raise Conflict("listing_not_open")
    return dataclasses.replace(listing, version=listing.version + 1, open=False, closed_because=reason)


def adjust(listing: Listing, need: Need) -> Listing:
    """Offer no more than what the changed need has left."""
    return dataclasses.replace(
        listing, version=listing.version + 1, quantity=listing.taken + max(0, listing.left(need))
    )
