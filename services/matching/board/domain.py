"""Needs and offers as matching knows them, and what is set aside of both. No I/O."""

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime

from contracts.errors import Conflict
from contracts.words import Date, Slot
from services.matching.occasions.domain import EVERYTHING, capacity_at


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What needs and offers have in common."""

    id: str
    version: int
    title: str
    community: str
    community_name: str
    category: str
    category_name: str
    quantity: int
    unit: str
    starts_at: datetime | None
    ends_at: datetime | None
    registered_by: str
    open: bool = True
    words: tuple[str, ...] = ()  # what the title is compared by

    @property
    def keys(self) -> tuple[str, ...]:
        """What it is found by: its words, together with the unit."""
        return tuple(f"{self.unit}|{word}" for word in self.words)


@dataclass(frozen=True, kw_only=True)
class Need(_Entry):
    """A need as matching knows it; `left` is what nothing has been set aside of yet."""

    target_group: str
    urgency: int
    allocated: int = 0
    client_id: str | None = None
    client_kind: str = "person"
    source: str = ""
    created_at: datetime | None = None

    @property
    def left(self) -> int:
        return max(0, self.quantity - self.allocated) if self.open else 0


@dataclass(frozen=True, kw_only=True)
class Offer(_Entry):
    """An offer as matching knows it; without communities or groups it is for all of them.

    `taken` is what was set aside, by occasion.
    """

    serves: tuple[str, ...]
    target_groups: tuple[str, ...]
    provider_id: str | None = None
    form: str = "goods"
    period: str = ""
    slots: tuple[Slot, ...] = ()
    days_off: tuple[str, ...] = ()
    dates: tuple[Date, ...] = ()
    transport: str = ""
    conditions: str = ""
    taken: dict[str, int] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """What it is found by: its words, and the communities that it may flow to."""
        return (*super().keys, *(reach(self.category, self.unit, community) for community in self.serves))

    def left_at(self, occasion: str) -> int:
        """Return how many units of an occasion are still to be had; none where the offer has no such occasion."""
        capacity = capacity_at(self, occasion) if self.open else 0
        return EVERYTHING if capacity is None else max(0, capacity - self.taken.get(occasion, 0))


def reach(category: str, unit: str, community: str) -> str:
    """Return the key of what flows to a community."""
    return f"{category}|{unit}|@{community}"


def set_aside(need: Need, offer: Offer, occasion: str, quantity: int) -> tuple[Need, Offer]:
    """Return both sides as they are once the quantity is set aside.

    Raises Conflict where either has not that much left.
    """
    if quantity > need.left:
        raise Conflict("need_has_less_left", "quantity", left=need.left)
    if quantity > offer.left_at(occasion):
        raise Conflict("offer_has_less_left", "quantity", left=offer.left_at(occasion))
    return _moved(need, offer, occasion, quantity)


def put_back(need: Need, offer: Offer, occasion: str, quantity: int) -> tuple[Need, Offer]:
    """Return both sides as they are once the quantity is on the board again."""
    return _moved(need, offer, occasion, -quantity)


def _moved(need, offer, occasion, quantity):
    taken = {**offer.taken, occasion: offer.taken.get(occasion, 0) + quantity}
    return dataclasses.replace(need, allocated=need.allocated + quantity), dataclasses.replace(offer, taken=taken)
