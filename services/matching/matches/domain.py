"""A match: a suggestion and what became of it. No I/O.

    proposed -> confirmed -> scheduled -> delivered
    proposed -> declined, lapsed; confirmed, scheduled -> cancelled
"""

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.errors import Conflict, Invalid
from contracts.fields import STATION_TIME
from contracts.words import ScorePart

LIVE = ("confirmed", "scheduled")
RATING_CHANGES = timedelta(days=7)
# What is withdrawn because its time passed leaves standing what has begun: only the record of it is missing.
TIME_PASSED = ("expired", "window_over")
# What a partner sees of the matches of their own offers: what staff decided for, and what became of it.
PARTNERS = (*LIVE, "delivered", "cancelled")


@dataclass(frozen=True)
class Match:
    """A suggestion and what became of it; `quantity` is what was suggested, or what was confirmed of it."""

    id: str
    version: int
    need_id: str
    offer_id: str
    quantity: int
    score: int
    parts: tuple[ScorePart, ...]
    occasion: str = ""
    state: str = "proposed"
    reason: str | None = None
    declined_for: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    scheduled_by: str | None = None
    delivered: int | None = None
    delivered_on: date | None = None
    minutes: int = 0
    people: int = 0
    person_times: int = 0
    closed_by: str | None = None
    closed_at: datetime | None = None
    note: str | None = None  # sealed


@dataclass(frozen=True, kw_only=True)
class Rating:
    """How it was for one side; the comment is sealed."""

    match_id: str
    side: str
    stars: int
    comment: str | None
    recorded_by: str
    first_at: datetime
    changed_at: datetime


def is_partners(match: dict, caller: str) -> bool:
    """Tell whether a match is one that the partner who offered for it may see."""
    return match["offered_by"] == caller and match["state"] in PARTNERS


def confirm(match: Match, need, offer, quantity: int | None, occasion: str | None, by: str, now: datetime) -> Match:
    """Decide for a suggestion, or for a part of it; the same decision again by the same person changes nothing.

    Raises Conflict where the match is decided already, or where either side is not on the board any more.
    """
    quantity = match.quantity if quantity is None else quantity
    occasion = match.occasion if occasion is None else occasion
    if match.state == "confirmed" and (match.decided_by, match.quantity, match.occasion) == (by, quantity, occasion):
        return match
    if not need.open:
        raise Conflict("need_is_closed")
    if not offer.open:
        raise Conflict("offer_is_closed")
    _must_be(match, ("proposed",))
    return _step(match, "confirmed", quantity=quantity, occasion=occasion, decided_by=by, decided_at=now)


def decline(match: Match, reason: str, by: str, now: datetime, side: str = "staff") -> Match:
    """Decide against a suggestion, for oneself or for one side. Raises Conflict where it is decided already."""
    _must_be(match, ("proposed",))
    return _step(match, "declined", reason=reason, declined_for=side, decided_by=by, decided_at=now)


def lapse(match: Match, reason: str) -> Match:
    """Let a suggestion fall away."""
    return _step(match, "lapsed", reason=reason)


def schedule(match: Match, starts_at: datetime, ends_at: datetime, by: str) -> Match:
    """Settle when a confirmed match takes place, or settle it anew; the same time again changes nothing."""
    _must_be(match, LIVE)
    if starts_at >= ends_at:
        raise Invalid("ends_before_it_starts", "ends_at")
    if (match.starts_at, match.ends_at) == (starts_at, ends_at):
        return match
    return _step(match, "scheduled", starts_at=starts_at, ends_at=ends_at, scheduled_by=by)


def deliver(
    match: Match,
    *,
    quantity: int | None,
    delivered_on: date,
    minutes: int,
    people: int,
    person_times: int | None,
    note: str | None,
    by: str,
    now: datetime,
) -> Match:
    """Record what was delivered of a confirmed match, all or part of it; this ends the match.

    Raises Conflict where nothing is confirmed, Invalid where the figures cannot be.
    """
    _must_be(match, LIVE)
    quantity = match.quantity if quantity is None else quantity
    person_times = people if person_times is None else person_times
    if quantity > match.quantity:
        raise Invalid("more_than_confirmed", "quantity", confirmed=match.quantity)
    if delivered_on > now.astimezone(STATION_TIME).date():
        raise Invalid("delivered_in_the_future", "delivered_on")
    if person_times < people:
        raise Invalid("fewer_person_times_than_people", "person_times")
    return _step(
        match,
        "delivered",
        delivered=quantity,
        delivered_on=delivered_on,
        minutes=minutes,
        people=people,
        person_times=person_times,
        note=note,
        closed_by=by,
        closed_at=now,
    )


def cancel(match: Match, reason: str, note: str | None, by: str, now: datetime) -> Match:
    """Let a confirmed match not take place. Raises Conflict where nothing is confirmed, or all is done."""
    _must_be(match, LIVE)
    return _step(match, "cancelled", reason=reason, note=note, closed_by=by, closed_at=now)


def falls_with(match: Match, reason: str, now: datetime) -> bool:
    """Tell whether a live match is cancelled with the need or the offer that was withdrawn for this reason."""
    if reason == "provider_paused":
        return False
    return not (reason in TIME_PASSED and match.starts_at is not None and match.starts_at <= now)


def rate(match: Match, before: Rating | None, side: str, stars: int, comment: str | None, by: str, now: datetime):
    """Return the match and the rating of one side; a rating may be changed for seven days.

    Raises Conflict where nothing was delivered, or where the rating stands.
    """
    if match.state != "delivered":
        raise Conflict("match_not_delivered", state=match.state)
    if before and now - before.first_at > RATING_CHANGES:
        raise Conflict("rating_stands", "side")
    rating = Rating(
        match_id=match.id,
        side=side,
        stars=stars,
        comment=comment,
        recorded_by=by,
        first_at=before.first_at if before else now,
        changed_at=now,
    )
    return dataclasses.replace(match, version=match.version + 1), rating


def _must_be(match, states):
    if match.state not in states:
        slug = "match_already_decided" if states == ("proposed",) else "match_not_confirmed"
        raise Conflict(slug, state=match.state)


def _step(match, state, **changes) -> Match:
    return dataclasses.replace(match, state=state, version=match.version + 1, **changes)
