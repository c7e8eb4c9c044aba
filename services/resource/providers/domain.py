"""The rules of providers. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from contracts.errors import Conflict, Invalid
from contracts.fields import STATION_TIME
from services.resource.domain import change as next_version

PERSONS = ("skilled_person", "volunteer")
VERIFIED_FOR = relativedelta(months=6)
DAYS_TO_ANSWER = 30
# What says who somebody is: where they change it themselves, staff look at it again.
IDENTITY = ("kind", "name", "organisation_name", "credit_code")
# What its events carry; not the name, which may be a person's.
TOLD = ("version", "kind", "community", "registered_by", "state", "client_id", "named", "serves", "tell", "tell_by")


@dataclass(frozen=True)
class Provider:
    """Who provides; private data are kept apart from it.

    `due_on` is the day by which it has to be confirmed again; `pauses_on`, once it was asked, the day on
    which it is paused otherwise.
    """

    id: str
    version: int
    kind: str
    name: str
    community: str
    registered_by: str
    state: str = "draft"
    organisation_name: str | None = None
    credit_code: str | None = None
    serves: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()
    tell_by: tuple[str, ...] = ()
    named: bool = False
    client_id: str | None = None
    verified_at: datetime | None = None
    due_on: date | None = None
    pauses_on: date | None = None
    paused_because: str | None = None


def join(id: str, data: dict, by: str, now: datetime, *, by_staff: bool) -> Provider:
    """Return a new provider: verified at once where staff registered it, unless they say that it is a draft."""
    data = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    draft = data.pop("draft", False) or not by_staff
    provider = checked(Provider(id=id, version=1, registered_by=by, **data))
    return provider if draft else _confirmed(provider, now)


def change(provider: Provider, version: int, changes: dict, today: date, *, by_staff: bool) -> Provider:
    """Return a provider with what is named changed; who it is, changed by itself, is to be confirmed again from today."""
    must_be_there(provider)
    changes = {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}
    changed = checked(next_version(provider, version, changes))
    other = any(getattr(changed, name) != getattr(provider, name) for name in IDENTITY)
    if other and not by_staff and changed.state == "verified":
        changed = dataclasses.replace(changed, due_on=min(today, changed.due_on))
    return changed


def checked(provider: Provider) -> Provider:
    """Return a provider with its code as it is written. Raises Invalid where a person has one, or it is none."""
    if provider.kind in PERSONS:
        for name in ("organisation_name", "credit_code"):
            if getattr(provider, name):
                raise Invalid("not_an_organisation", name)
    if not provider.credit_code:
        return dataclasses.replace(provider, credit_code=None)
    try:
        return dataclasses.replace(provider, credit_code=uscc.validate(provider.credit_code))
    except ValidationError as error:
        raise Invalid("invalid_credit_code", "credit_code") from error


def verify(provider: Provider, now: datetime, version: int | None = None) -> Provider:
    """Return a provider that staff confirmed, for the first time or again; what was paused goes on."""
    must_be_there(provider)
    if version not in (None, provider.version):
        raise Conflict("stale_version", "version", current=provider.version)
    return _confirmed(dataclasses.replace(provider, version=provider.version + 1), now)


def pause(provider: Provider, reason: str) -> Provider:
    """Return a provider that rests. Raises Conflict where it does not give at the moment."""
    must_be_there(provider)
    if provider.state != "verified":
        raise Conflict("provider_not_verified")
    return dataclasses.replace(provider, version=provider.version + 1, state="paused", paused_because=reason)


def resume(provider: Provider, today: date) -> Provider:
    """Return a provider that goes on. Raises Conflict where it has to be confirmed first."""
    must_be_there(provider)
    if provider.state != "paused":
        raise Conflict("provider_not_paused")
    if provider.pauses_on and provider.pauses_on <= today:
        raise Conflict("provider_to_be_verified")
    return dataclasses.replace(provider, version=provider.version + 1, state="verified", paused_because=None)


def leave(provider: Provider) -> Provider:
    """Return a provider that left for good."""
    must_be_there(provider)
    return dataclasses.replace(provider, version=provider.version + 1, state="left")


def ask_again(provider: Provider, today: date) -> Provider:
    """Return a provider that is asked whether everything still holds."""
    pauses_on = today + timedelta(days=DAYS_TO_ANSWER)
    return dataclasses.replace(provider, version=provider.version + 1, pauses_on=pauses_on)


def must_be_there(provider: Provider) -> None:
    """Raise Conflict for a provider that left."""
    if provider.state == "left":
        raise Conflict("already_withdrawn")


def day_of(now: datetime) -> date:
    """Return the day that a moment is on, in the station's time."""
    return now.astimezone(STATION_TIME).date()


def _confirmed(provider: Provider, now: datetime) -> Provider:
    return dataclasses.replace(
        provider,
        state="verified",
        verified_at=now,
        due_on=day_of(now) + VERIFIED_FOR,
        pauses_on=None,
        paused_because=None,
    )


def provider_event(kind, provider: Provider):
    """Return a provider's event, ProviderRegistered or ProviderChanged; its name stays here, it may be a person's."""
    return kind(provider_id=provider.id, **{name: getattr(provider, name) for name in TOLD})
