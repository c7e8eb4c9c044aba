"""Events of the venue service: rooms that are lent in good order."""

from typing import Annotated

from contracts.base import Event, event
from contracts.words import BookingId, Community, Moment, Reason, SpaceId, Title, UserId


@event("venue", "booking.requested.v1", subject="booking_id")
class BookingRequested(Event):
    """Somebody asks to use a space; the time is held for them until it is decided."""

    booking_id: BookingId
    space_id: SpaceId
    space_name: Annotated[str, "the space's public name"]
    site_name: Annotated[str, "the public name of the site it is in"]
    community: Community
    title: Title
    starts_at: Annotated[Moment, "from when, inclusive"]
    ends_at: Annotated[Moment, "until when, exclusive"]
    requested_by: Annotated[UserId, "who asked and is told"]


@event("venue", "booking.approved.v1", subject="booking_id")
class BookingApproved(BookingRequested):
    """A booking was approved; the space is theirs for that time."""

    decided_by: Annotated[UserId, "who decided"]


@event("venue", "booking.rejected.v1", subject="booking_id")
class BookingRejected(BookingRequested):
    """A booking was rejected and its time is free again."""

    reason: Reason
    decided_by: Annotated[UserId, "who decided"]


@event("venue", "booking.cancelled.v1", subject="booking_id")
class BookingCancelled(BookingRequested):
    """A booking was called off and its time is free again."""

    reason: Reason
    cancelled_by: Annotated[UserId, "who called it off"]
