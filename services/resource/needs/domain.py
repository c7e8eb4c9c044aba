"""The rules of needs. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from contracts.errors import Conflict, Invalid
from contracts.resource import NeedChanged, NeedMet, NeedPartlyMet, NeedWithdrawn
from services.resource.domain import must_be_to_come

LIVE = ("open", "partly_met")


@dataclass(frozen=True)
class Need:
    """What somebody needs; private data are kept apart from it."""

    id: str
    version: int
    title: str
    community: str
    category: str
    quantity: int
    unit: str
    starts_at: datetime | None
    ends_at: datetime | None
    target_group: str
    urgency: int
    registered_by: str
    state: str = "open"
    client_id: str | None = None
    client_kind: str = "person"
    source: str = ""
    met: int = 0
    closed_because: str = ""


def need_event(kind, need: Need, community_name: str, category_name: str):
    """Return a need's event, NeedCreated or NeedChanged; nothing private is in it."""
    return kind(
        need_id=need.id,
        community_name=community_name,
        category_name=category_name,
        **{name: value for name, value in vars(need).items() if name not in ("id", "state", "met", "closed_because")},
    )


def met_event(need: Need):
    """Return NeedMet or NeedPartlyMet, whichever it is."""
    told = ("version", "title", "community", "category", "target_group", "quantity", "met", "unit", "registered_by")
    kind = NeedMet if need.state == "met" else NeedPartlyMet
    return kind(need_id=need.id, **{name: getattr(need, name) for name in told})


def gone_event(need: Need) -> NeedWithdrawn:
    """Return the event of a need that was cancelled or has lapsed."""
    return NeedWithdrawn(
        version=need.version, need_id=need.id, community=need.community, reason=need.closed_because, state=need.state
    )


def change(need: Need, version: int, changes: dict, now: datetime) -> Need:
    """Return a need with what is named changed.

    Raises Conflict where it is another version, is met or closed, or would ask for less than was
    delivered; Invalid where it would end before it starts, or in the past.
    """
    _must_be_live(need)
    if version != need.version:
        raise Conflict("stale_version", "version", current=need.version)
    changed = dataclasses.replace(need, version=need.version + 1, **changes)
    if changed.starts_at and changed.ends_at and changed.ends_at <= changed.starts_at:
        raise Invalid("ends_before_it_starts", "ends_at")
    if "ends_at" in changes:
        must_be_to_come(changed.ends_at, "ends_at", now)
    if changed.quantity < changed.met:
        raise Conflict("less_than_was_met", "quantity", met=changed.met)
    return dataclasses.replace(changed, state=_state(changed))


def publish(need: Need, now: datetime, *, may_be_published: bool) -> Need:
    """Return a draft that is open from now on. Raises Conflict where it is none, may not be or comes too late."""
    _must_be_live(need)
    if need.state != "draft":
        raise Conflict("need_not_draft")
    if not may_be_published:
        raise Conflict("guardian_consent_required")
    if need.ends_at and need.ends_at <= now:
        raise Conflict("need_window_over", "ends_at")
    return dataclasses.replace(need, version=need.version + 1, state="open")


def withdraw(need: Need, reason: str) -> Need:
    """Return a need that is cancelled. Raises Conflict where it is met or closed."""
    _must_be_live(need)
    return dataclasses.replace(need, version=need.version + 1, state="cancelled", closed_because=reason)


def lapse(need: Need) -> Need:
    """Return a need whose time has passed."""
    return dataclasses.replace(need, version=need.version + 1, state="lapsed", closed_because="window_over")


def deliver(need: Need, met: int) -> Need:
    """Return a need for which so many units were delivered in all; one that was closed stays closed."""
    changed = dataclasses.replace(need, met=met)
    if need.state in ("cancelled", "lapsed"):
        return changed
    return dataclasses.replace(changed, version=need.version + 1, state=_state(changed))


def reopen(need: Need, state: str) -> Need:
    """Return a need that is as it was before it was merged, with what was delivered meanwhile."""
    changed = dataclasses.replace(need, version=need.version + 1, state=state, closed_because="")
    return dataclasses.replace(changed, state=_state(changed))


def assign(need: Need, client_id: str | None, client_kind: str) -> Need:
    """Return a need that is this client's."""
    return dataclasses.replace(need, version=need.version + 1, client_id=client_id, client_kind=client_kind)


def _state(need: Need) -> str:
    if need.met >= need.quantity:
        return "met"
    if need.met:
        return "partly_met"
    return "draft" if need.state == "draft" else "open"


def _must_be_live(need: Need) -> None:
    if need.state == "met":
        raise Conflict("need_already_met")
    if need.state == "lapsed":
        raise Conflict("need_lapsed")
    if need.state == "cancelled":
        raise Conflict("already_withdrawn")


def changed_events(before: Need, need: Need, names: tuple[str, str]) -> tuple[Need, list]:
    """Return a changed need and what is told of it; that it was met by asking for less is said after the change.

    Each event has a version of its own, so that nobody drops the second as old.
    """
    if need.state == "draft":
        return need, []
    events = [need_event(NeedChanged, need, *names)]
    if need.state == "met" and before.state != "met":
        need = dataclasses.replace(need, version=need.version + 1)
        events.append(met_event(need))
    return need, events
