"""When a space may be booked, and who decides on it. Intervals are half-open. No I/O.

That no two bookings of a space overlap is held by the database, where every process sees all of them.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.errors import Conflict, Invalid

LONGEST = timedelta(days=30)
HOLDING = ("requested", "approved")


@dataclass(frozen=True)
class Site:
    """A building or yard with spaces to lend."""

    id: str
    name: str
    community: str
    address: str
    created_by: str
    created_at: datetime
    version: int = 1


@dataclass(frozen=True)
class Space:
    """A room, or a place outdoors; `capacity` is in people."""

    id: str
    site_id: str
    name: str
    kind: str
    capacity: int
    created_by: str
    created_at: datetime
    site_name: str
    community: str
    version: int = 1


@dataclass(frozen=True)
class Booking:
    """A time in which a space is somebody's; held for them while it is requested or approved."""

    id: str
    space_id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    people: int
    requested_by: str
    created_at: datetime
    version: int = 1
    state: str = "requested"
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


def check_request(booking: Booking, space: Space) -> None:
    """Check a new booking against the rules of the house.

    Raises Invalid for a time that has begun or is too long, and Conflict for more people than fit.
    """
    if booking.starts_at < booking.created_at:
        raise Invalid("starts_in_the_past", "starts_at")
    if booking.ends_at - booking.starts_at > LONGEST:
        raise Invalid("booking_too_long", "ends_at", days=LONGEST.days)
    if booking.people > space.capacity:
        raise Conflict("too_many_people", "people", capacity=space.capacity)


def approve(booking: Booking, by: str, now: datetime) -> Booking:
    """Give the time to whoever asked. Raises Conflict where it is decided already, or over."""
    _must_wait(booking)
    _must_not_be_over(booking, now)
    return _decided(booking, "approved", None, by, now)


def reject(booking: Booking, reason: str, by: str, now: datetime) -> Booking:
    """Free the time again. Raises Conflict where it is decided already."""
    _must_wait(booking)
    return _decided(booking, "rejected", reason, by, now)


def cancel(booking: Booking, reason: str, by: str, now: datetime) -> Booking:
    """Call a booking off and free its time.

    Raises Conflict where it holds no time any more, or where its time is over: what took place stays
    on record.
    """
    if booking.state not in HOLDING:
        raise Conflict("booking_already_closed", state=booking.state)
    _must_not_be_over(booking, now)
    return _decided(booking, "cancelled", reason, by, now)


def _must_wait(booking: Booking) -> None:
    if booking.state != "requested":
        raise Conflict("booking_already_decided", state=booking.state)


def _must_not_be_over(booking: Booking, now: datetime) -> None:
    if booking.ends_at <= now:
        raise Conflict("booking_is_over")


def _decided(booking, state, reason, by, now) -> Booking:
    return dataclasses.replace(
        booking, version=booking.version + 1, state=state, reason=reason, decided_by=by, decided_at=now
    )
