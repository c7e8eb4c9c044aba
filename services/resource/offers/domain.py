"""The rules of offers: what each form takes, when it is to be had, when it is on the board. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from contracts.errors import Conflict, Invalid
from contracts.fields import MOST_UNITS, STATION_TIME
from contracts.words import Date, Slot
from services.resource.domain import change as next_version
from services.resource.domain import must_be_to_come

STOCK = ("goods", "money")
TIMETABLE = ("hours", "room")
ON_BOARD = ("open", "used_up")
LIVE = ("held", "open", "paused", "used_up")
ENDS = ("ends_at", "expires_on", "dates")
# Of what a form does not take, with what stands there where nothing was said.
FOREIGN = {
    "period": ("", ("goods_per_period",)),
    "slots": ((), TIMETABLE),
    "days_off": ((), TIMETABLE),
    "dates": ((), (*TIMETABLE, "posts")),
    "purpose": ("", ("money",)),
    "expires_on": (None, ("goods",)),
}


@dataclass(frozen=True)
class Offer:
    """What a provider offers.

    The quantity is all there ever was of a stock (`given` of it went out), and what there is each time of the
    other forms. `over_at`, which follows from the rest, is when it is over by itself.
    """

    id: str
    version: int
    provider_id: str
    title: str
    community: str
    serves: tuple[str, ...]
    category: str
    quantity: int
    unit: str
    starts_at: datetime | None
    ends_at: datetime | None
    target_groups: tuple[str, ...]
    registered_by: str
    state: str = "open"
    form: str = "goods"
    period: str = ""
    slots: tuple[Slot, ...] = ()
    days_off: tuple[date, ...] = ()
    dates: tuple[Date, ...] = ()
    transport: str = ""
    conditions: str = ""
    purpose: str = ""
    expires_on: date | None = None
    given: int = 0
    over_at: datetime | None = None

    def __post_init__(self):
        """Take times as a call or a row has them, in order."""
        slots = sorted((_part(Slot, each) for each in self.slots), key=lambda s: (s.weekday, s.starts, s.ends))
        dates = sorted((_date(each) for each in self.dates), key=lambda d: (d.starts_at, d.ends_at))
        for name in ("serves", "target_groups"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "slots", tuple(slots))
        object.__setattr__(self, "dates", tuple(dates))
        object.__setattr__(self, "days_off", tuple(sorted(set(self.days_off))))
        object.__setattr__(self, "over_at", _over_at(self))

    @property
    def is_stock(self) -> bool:
        return self.form in STOCK

    @property
    def on_hand(self) -> int:
        """How much of a stock is there now; what is set aside of it is still there."""
        return self.quantity - self.given


def _part(kind, value):
    return kind(**value) if isinstance(value, dict) else value


def _date(value) -> Date:
    """Return a date whose moments are moments."""
    if isinstance(value, dict):
        moments = {n: datetime.fromisoformat(v) for n in ("starts_at", "ends_at") if isinstance(v := value[n], str)}
        value = Date(**{**value, **moments})
    return value


def _over_at(offer: Offer) -> datetime | None:
    """Return the earliest of: the end of its validity, the end of the last day it is good, the end of its last date."""
    ends = [offer.ends_at] if offer.ends_at else []
    if offer.expires_on:
        ends.append(_midnight(offer.expires_on + timedelta(days=1)))
    if offer.dates and not offer.slots:
        ends.append(max(each.ends_at for each in offer.dates))
    return min(ends, default=None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), STATION_TIME)


def checked(offer: Offer, now: datetime | None) -> Offer:
    """Return an offer that its form can make sense of. Raises Invalid where it cannot, or where it is over by `now`."""
    for name, (nothing, forms) in FOREIGN.items():
        if getattr(offer, name) != nothing and offer.form not in forms:
            raise Invalid("not_for_this_form", name)
    if offer.form == "goods_per_period" and not offer.period:
        raise Invalid("period_missing", "period")
    if offer.form == "money" and offer.unit != "元":
        # Needs ask for whole yuan as well; with two units, one would never meet the other.
        raise Invalid("money_counts_in_yuan", "unit")
    if offer.form == "money" and not offer.purpose:
        raise Invalid("purpose_missing", "purpose")
    if offer.form in TIMETABLE and not (offer.slots or offer.dates):
        raise Invalid("timetable_missing", "slots")
    if offer.form == "posts" and not offer.dates:
        raise Invalid("dates_missing", "dates")
    _check_slots(offer.slots)
    _check_dates(offer.dates, may_overlap=offer.form == "posts")
    if offer.starts_at and offer.over_at and offer.over_at <= offer.starts_at:
        raise Invalid("ends_before_it_starts", _ends_by(offer))
    if now:
        must_be_to_come(offer.over_at, _ends_by(offer), now)
    if offer.form == "posts":
        return dataclasses.replace(offer, quantity=max(each.places for each in offer.dates))
    if offer.form == "unlimited":
        return dataclasses.replace(offer, quantity=MOST_UNITS)
    return offer


def _ends_by(offer: Offer) -> str:
    return next((name for name in ENDS if getattr(offer, name)), "dates")


def _check_slots(slots):
    for slot in slots:
        if slot.ends <= slot.starts:
            raise Invalid("ends_before_it_starts", "slots")
    for one, next in pairwise(slots):
        if one.weekday == next.weekday and next.starts < one.ends:
            raise Invalid("slots_overlap", "slots")


def _check_dates(dates, may_overlap):
    for each in dates:
        if each.ends_at <= each.starts_at:
            raise Invalid("ends_before_it_starts", "dates")
    for one, next in pairwise(dates):
        # When it begins is what tells one from another.
        if next.starts_at == one.starts_at or (next.starts_at < one.ends_at and not may_overlap):
            raise Invalid("dates_overlap", "dates")


def change(offer: Offer, version: int, changes: dict, now: datetime) -> Offer:
    """Return an offer with what is named changed. Raises Conflict, Invalid; see `checked`."""
    must_be_live(offer)
    if "quantity" in changes and offer.form in ("posts", "unlimited"):
        raise Invalid("not_for_this_form", "quantity")
    changed = checked(next_version(offer, version, changes), now if set(ENDS) & set(changes) else None)
    if changed.is_stock and changed.quantity < changed.given:
        raise Conflict("less_than_was_given", "quantity", given=changed.given)
    return changed


def end(offer: Offer, state: str = "withdrawn") -> Offer:
    """Return an offer that is made no more: withdrawn, or expired."""
    must_be_live(offer)
    return dataclasses.replace(offer, version=offer.version + 1, state=state)


def must_be_live(offer: Offer) -> None:
    """Raise Conflict for an offer that is made no more."""
    if offer.state not in LIVE:
        raise Conflict("already_withdrawn" if offer.state == "withdrawn" else "already_expired")


def is_bad(offer: Offer, now: datetime) -> bool:
    """Tell whether the last day on which goods are good is over."""
    return offer.expires_on is not None and _midnight(offer.expires_on + timedelta(days=1)) <= now


def standing(offer: Offer, provider_state: str) -> str:
    """Return the state of a live offer: on the board only while its provider is verified and something is left."""
    if provider_state != "verified":
        return "held" if offer.state == "held" else "paused"
    return "used_up" if offer.is_stock and offer.on_hand <= 0 else "open"


def off_the_board(offer: Offer) -> Offer:
    """Return an open offer whose provider rests."""
    return dataclasses.replace(offer, version=offer.version + 1, state="paused")


def on_the_board(offer: Offer) -> Offer:
    """Return an offer whose provider is verified (again)."""
    return dataclasses.replace(offer, version=offer.version + 1, state=standing(offer, "verified"))


def offer_event(kind, offer: Offer, community_name: str, category_name: str):
    """Return an offer's event, OfferPublished or OfferChanged."""
    told = ("version", "provider_id", "title", "community", "serves", "category", "quantity", "unit", "starts_at",
            "target_groups", "registered_by", "form", "period", "slots", "dates", "transport", "conditions",
            "purpose")  # fmt: skip
    return kind(
        offer_id=offer.id,
        community_name=community_name,
        category_name=category_name,
        ends_at=offer.over_at,
        days_off=tuple(day.isoformat() for day in offer.days_off),
        **{name: getattr(offer, name) for name in told},
    )
