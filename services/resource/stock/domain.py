"""The arithmetic of a stock: each movement changes the offer by what it says, and nothing else does. No I/O."""

import dataclasses
from dataclasses import dataclass

from contracts.errors import Conflict, Invalid
from services.resource.offers.domain import Offer, must_be_live

IN = ("received", "returned")
OUT = ("written_off", "expired")
MORE_WENT_OUT = "交付的比账上多，按交付数补记"


@dataclass(frozen=True)
class Movement:
    """What came in (positive) or went out (negative); `source` is the match that it follows from."""

    id: str
    offer_id: str
    kind: str
    quantity: int
    moved_by: str
    source: str | None = None
    note: str = ""


def book(offer: Offer, movement: Movement) -> Offer:
    """Return an offer after a movement: what was given counts apart, everything else changes what there ever was."""
    if movement.kind == "given":
        return dataclasses.replace(offer, given=offer.given - movement.quantity)
    return dataclasses.replace(offer, quantity=offer.quantity + movement.quantity)


def replay(offer: Offer, movements) -> Offer:
    """Return an offer as its ledger has it, from nothing."""
    offer = dataclasses.replace(offer, quantity=0, given=0)
    for movement in movements:
        offer = book(offer, movement)
    return offer


def opening(offer: Offer, id: str) -> Movement:
    """Return the first movement of a stock: what there was when it was registered."""
    return Movement(id, offer.id, "received", offer.quantity, offer.registered_by)


def receive(offer: Offer, quantity: int, kind: str, returned_before: int) -> int:
    """Return the quantity to book. Raises Conflict where more came back than ever went out."""
    _must_be_a_stock(offer)
    if kind == "returned" and returned_before + quantity > offer.given:
        raise Conflict("more_than_was_given", "quantity", given=offer.given - returned_before)
    return quantity


def correct(offer: Offer, found: int) -> int:
    """Return the difference to book, so that on hand is what was found."""
    _must_be_a_stock(offer)
    return found - offer.on_hand


def write_off(offer: Offer, quantity: int) -> int:
    """Return the quantity to book. Raises Conflict where there is less than that."""
    _must_be_a_stock(offer)
    if quantity > offer.on_hand:
        raise Conflict("less_on_hand", "quantity", on_hand=offer.on_hand)
    return -quantity


def deliver(offer: Offer, quantity: int) -> list[tuple[str, int, str]]:
    """Return (kind, quantity, note) of what a delivery books.

    A delivery is a fact: where it is more than the books had, a correction says so, and nothing is refused.
    """
    missing = max(0, quantity - offer.on_hand)
    return [("corrected", missing, MORE_WENT_OUT)] * bool(missing) + [("given", -quantity, "")]


def _must_be_a_stock(offer: Offer) -> None:
    must_be_live(offer)
    if not offer.is_stock:
        raise Invalid("not_a_stock", "id")
