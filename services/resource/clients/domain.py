"""The rules of clients. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime

from contracts.errors import Conflict, Invalid

GROWN_UP = 14  # years; under it a guardian has to consent (个人信息保护法 §31)


@dataclass(frozen=True)
class Client:
    """Who is helped, without anything that says who it is."""

    id: str
    version: int
    kind: str
    community: str
    target_group: str
    registered_by: str
    birth_year: int | None = None
    minor: bool = False
    active: bool = True
    merged_into: str | None = None


@dataclass(frozen=True)
class Consent:
    """What a client, or somebody for them, agreed to."""

    id: str
    client_id: str
    what: str
    by_whom: str
    how: str
    given_at: datetime
    recorded_by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True)
class Assessment:
    """How somebody lives, in points; never changed, but followed by a later version."""

    id: str
    client_id: str
    version: int
    assessed_by: str


def consent(client: Client, now: datetime, **given) -> Consent:
    """Return a consent. Raises Conflict for a client who is not active, and for a minor's own word; Invalid."""
    must_be_active(client)
    if client.minor and given["by_whom"] == "self":
        raise Conflict("guardian_consent_required", "by_whom")
    given["given_at"] = given["given_at"] or now
    if given["given_at"] > now:
        raise Invalid("lies_ahead", "given_at")
    return Consent(client_id=client.id, **given)


def withdraw_consent(consent: Consent, by: str, now: datetime) -> Consent:
    """Return a consent that does not hold any more. Raises Conflict where it did not before."""
    if consent.withdrawn_at:
        raise Conflict("consent_already_withdrawn")
    return dataclasses.replace(consent, withdrawn_at=now, withdrawn_by=by)


def forget(client: Client) -> Client:
    """Return what is left of a client who withdrew consent: where and of which group somebody was."""
    return dataclasses.replace(client, version=client.version + 1, active=False, birth_year=None, minor=False)


def merge(client: Client, into: str) -> Client:
    """Return a client who was another one all along."""
    return dataclasses.replace(client, version=client.version + 1, active=False, merged_into=into)


def unmerge(client: Client) -> Client:
    """Return a client who is somebody else after all."""
    return dataclasses.replace(client, version=client.version + 1, active=True, merged_into=None)


def client_event(kind, client: Client):
    """Return a client's event, ClientRegistered or ClientChanged; who it is stays here."""
    told = ("version", "kind", "community", "target_group", "minor", "active", "registered_by")
    return kind(client_id=client.id, **{name: getattr(client, name) for name in told})


def change(client: Client, version: int | None, changes: dict) -> Client:
    """Return a client with what is named changed. Raises Conflict where it is another version, or not active.

    No version is given by who changes a client by way of its need, whose own version was looked at.
    """
    must_be_active(client)
    if version not in (None, client.version):
        raise Conflict("stale_version", "version", current=client.version)
    return dataclasses.replace(client, version=client.version + 1, **changes)


def must_be_active(client: Client, field: str | None = None) -> None:
    """Raise Conflict for a client who was merged into another or forgotten."""
    if not client.active:
        raise Conflict("client_not_active", field)


def born(kind: str, birth_date: str | None, birth_year: int | None, today: date) -> dict:
    """Return the birth year and whether somebody is a minor, as a client keeps them.

    Raises Invalid for a date that there is not, lies ahead, or contradicts the year, and for anybody but a person.
    """
    if kind != "person" and (birth_date or birth_year):
        raise Invalid("birth_of_persons_only", "birth_date" if birth_date else "birth_year")
    if birth_date:
        day = _day(birth_date)
        if not date(1900, 1, 1) <= day <= today or birth_year not in (None, day.year):
            raise Invalid("invalid_birth_date", "birth_date")
        return {"birth_year": day.year, "minor": is_minor(birth_date, day.year, today)}
    if birth_year and birth_year > today.year:
        raise Invalid("invalid_birth_date", "birth_year")
    return {"birth_year": birth_year, "minor": is_minor(None, birth_year, today)}


def is_minor(birth_date: str | None, birth_year: int | None, today: date) -> bool:
    """Tell whether somebody is under 14; of whom only the year is known, until that year has ended."""
    if birth_year is None:
        return False
    if birth_date is None:
        return today.year - birth_year <= GROWN_UP
    day = _day(birth_date)
    return (today.year - day.year, (today.month, today.day)) < (GROWN_UP, (day.month, day.day))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("invalid_birth_date", "birth_date") from error
