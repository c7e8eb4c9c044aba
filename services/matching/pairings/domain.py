"""The rules of pairings: who comes, by which plan, until when. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import date

from contracts.errors import Conflict, Invalid, NotFound
from contracts.words import Helper

TOLD_BEFORE_DAYS = 14  # before a plan ends, its social worker is told


@dataclass(frozen=True)
class Client:
    """Somebody who may be helped, as far as matching knows."""

    id: str
    version: int
    kind: str
    community: str
    target_group: str
    minor: bool
    active: bool
    forgotten: bool = False


@dataclass(frozen=True)
class Plan:
    """When visits are due: a recurrence rule, the time of day (HH:MM) and how long, from which day on."""

    rule: str
    visit_time: str
    visit_minutes: int
    first_on: date
    on_holidays: str = "move"


@dataclass(frozen=True)
class PlannedVisit:
    """A day on which a plan falls; `rule_on` is the day before it was moved away from a holiday."""

    on: date
    rule_on: date
    holiday: str
    works: bool


@dataclass(frozen=True)
class Pairing:
    """Somebody keeps coming to a person; words about the person are kept apart from it, sealed."""

    id: str
    version: int
    client_id: str
    community: str
    target_group: str
    kinds: tuple[str, ...]
    helpers: tuple[Helper, ...]
    worker: str
    guardian_agreed: bool
    begun_on: date
    begun_by: str
    plan: Plan
    last_on: date | None
    state: str = "active"
    end_told: bool = False
    ended_on: date | None = None
    ended_by: str | None = None
    reason: str | None = None
    stars: int | None = None
    goals_reached: str | None = None

    @property
    def lead(self) -> str:
        """Return who leads: a user's id, or a provider's where the helper has no sign-in."""
        return lead_of(self.helpers)


def lead_of(helpers: tuple[Helper, ...]) -> str:
    lead = next(one for one in helpers if one.role == "lead")
    return lead.helper or lead.provider_id


def begin(client: Client | None, pairing: Pairing, today: date) -> Pairing:
    """Return a pairing that may begin. Raises NotFound, Conflict, Invalid."""
    if client is None:
        raise NotFound("unknown_client", "client_id")
    if client.forgotten:
        raise Conflict("consent_withdrawn", "client_id")
    if not client.active:
        raise Conflict("client_not_active", "client_id")
    if client.minor and not pairing.guardian_agreed:
        raise Invalid("guardian_must_agree", "guardian_agreed")
    if pairing.begun_on > today:
        raise Invalid("begins_in_the_future", "begun_on")
    check_helpers(pairing.helpers)
    return dataclasses.replace(pairing, community=client.community, target_group=client.target_group)


def check_helpers(helpers: tuple[Helper, ...]) -> None:
    """Raise Invalid unless each helper is somebody, nobody is there twice, and exactly one leads."""
    if any(not (one.helper or one.provider_id) for one in helpers):
        raise Invalid("helper_is_nobody", "helpers")
    if len({(one.helper, one.provider_id) for one in helpers}) != len(helpers):
        raise Invalid("helper_named_twice", "helpers")
    if [one.role for one in helpers].count("lead") != 1:
        raise Invalid("one_helper_leads", "helpers")


def change(pairing: Pairing, version: int, changes: dict) -> Pairing:
    """Return a pairing with other helpers, kinds, worker or plan. Raises Conflict where it ended or is newer, Invalid."""
    must_be_active(pairing)
    if version != pairing.version:
        raise Conflict("stale_version", "version", current=pairing.version)
    check_helpers(changes.get("helpers", pairing.helpers))
    if "plan" in changes and changes["plan"] != pairing.plan:
        changes = {**changes, "end_told": False}
    return bumped(pairing, **changes)


def transfer(pairing: Pairing, worker: str | None, lead: Helper | None) -> Pairing:
    """Return a pairing with another social worker or another lead; who led before leaves. Raises Conflict, Invalid."""
    must_be_active(pairing)
    changes: dict = {}
    if worker and worker != pairing.worker:
        changes["worker"] = worker
    if lead and (lead.helper or lead.provider_id) != pairing.lead:
        others = [
            one
            for one in pairing.helpers
            if one.role != "lead" and (one.helper, one.provider_id) != (lead.helper, lead.provider_id)
        ]
        changes["helpers"] = (dataclasses.replace(lead, role="lead"), *others)
        check_helpers(changes["helpers"])
    if not changes:
        raise Invalid("transfer_changes_nothing", "worker")
    return bumped(pairing, **changes)


def end(pairing: Pairing, reason: str, stars: int | None, goals_reached: str | None, by: str, today: date) -> Pairing:
    """Return a pairing that is closed, by people with their evaluation. Raises Conflict where it was before."""
    must_be_active(pairing)
    return bumped(
        pairing, state="ended", reason=reason, stars=stars, goals_reached=goals_reached, ended_by=by, ended_on=today
    )


def must_be_active(pairing: Pairing) -> None:
    if pairing.state != "active":
        raise Conflict("pairing_has_ended")


def bumped(pairing: Pairing, **changes) -> Pairing:
    """Return the next version of a pairing; each of its events counts as a change, also a visit's."""
    return dataclasses.replace(pairing, version=pairing.version + 1, **changes)
