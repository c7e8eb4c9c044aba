"""The rules of visits: what the plan adds and takes away, what may be recorded, what is missed or alarming. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.errors import Conflict, Invalid
from contracts.words import Helper
from services.matching.pairings.domain import Pairing, PlannedVisit

AHEAD = timedelta(weeks=5)  # so far ahead are planned visits on the list
GRACE_DAYS = 2  # a visit that is not recorded so many days after its day is missed
ALERT_AFTER_MISSED = 2
WORSE_BY = 2
LOOKS_BACK = timedelta(days=180)
STATES = ("mood", "health", "living")


@dataclass(frozen=True)
class Visit:
    """One visit of a pairing; the note about it is kept apart, sealed."""

    id: str
    pairing_id: str
    community: str
    state: str
    slot_on: date | None = None
    planned_on: date | None = None
    planned_time: str | None = None
    planned_minutes: int | None = None
    rescheduled: bool = False
    took_on: date | None = None
    kinds: tuple[str, ...] = ()
    minutes: int | None = None
    came: tuple[Helper, ...] = ()
    mood: int | None = None
    health: int | None = None
    living: int | None = None
    goods: tuple[dict, ...] = ()
    reason: str | None = None
    recorded_by: str | None = None
    recorded_at: datetime | None = None


def reconcile(visits: list[Visit], planned: list[PlannedVisit], today: date) -> tuple[list[PlannedVisit], list[Visit]]:
    """Return what a plan adds to the visits from today on, and which of them it takes away.

    What people decided stays: a visit that was recorded, put off or cancelled is neither taken away nor added again.
    """
    wanted = {one.on for one in planned}
    gone = [
        one
        for one in visits
        if one.state == "planned"
        and not one.rescheduled
        and one.slot_on
        and one.slot_on >= today
        and one.slot_on not in wanted
    ]
    left = [one for one in visits if one not in gone]
    slots = {one.slot_on for one in left}
    days = {one.planned_on for one in left if one.state != "cancelled"}
    return [one for one in planned if one.on >= today and one.on not in slots | days], gone


def came_of(pairing: Pairing, named: list[tuple[str, str]], caller_is_helper: str | None) -> tuple[Helper, ...]:
    """Return the helpers who came: those named, or the helper who records it, or all. Raises Invalid for a stranger."""
    known = {(one.helper, one.provider_id): one for one in pairing.helpers}
    if not named:
        own = tuple(one for one in pairing.helpers if caller_is_helper and one.account == caller_is_helper)
        return own or pairing.helpers
    if any(who not in known for who in named):
        raise Invalid("not_a_helper", "helpers")
    return tuple(one for who, one in known.items() if who in named)


def record(visit: Visit, pairing: Pairing, facts: dict, by: str, now: datetime, today: date) -> Visit:
    """Return a visit that took place. Raises Conflict where it is recorded or cancelled, Invalid for an impossible day."""
    if visit.state == "recorded":
        raise Conflict("visit_already_recorded")
    if visit.state == "cancelled":
        raise Conflict("visit_was_cancelled")
    if facts["took_on"] > today:
        raise Invalid("visit_in_the_future", "on")
    if facts["took_on"] < pairing.begun_on:
        raise Invalid("visit_before_the_pairing", "on")
    if pairing.ended_on and facts["took_on"] > pairing.ended_on:
        raise Conflict("pairing_has_ended")
    return dataclasses.replace(visit, state="recorded", recorded_by=by, recorded_at=now, **facts)


def reschedule(visit: Visit, on: date, at: str | None, today: date) -> Visit:
    """Return a visit on another day or at another time. Raises Conflict unless it is still to come, Invalid."""
    _must_be_planned(visit)
    if on < today:
        raise Invalid("visit_in_the_past", "on")
    return dataclasses.replace(visit, planned_on=on, planned_time=at or visit.planned_time, rescheduled=True)


def cancel(visit: Visit, reason: str) -> Visit:
    """Return a visit that does not take place. Raises Conflict unless it is still to come."""
    _must_be_planned(visit)
    return dataclasses.replace(visit, state="cancelled", reason=reason)


def _must_be_planned(visit: Visit) -> None:
    if visit.state != "planned":
        raise Conflict("visit_not_planned", state=visit.state)


def is_worse(visit: Visit, before: list[Visit]) -> bool:
    """Tell whether a person is much worse than they were, at once or little by little, or as bad as can be.

    `before` are the visits of the last half year, from the last one on that was alarming.
    """
    for name in STATES:
        now, then = getattr(visit, name), [getattr(one, name) for one in before]
        best = max((state for state in then if state is not None), default=0)
        if now == 1 or (now is not None and best - now >= WORSE_BY):
            return True
    return False
