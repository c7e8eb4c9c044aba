"""The rules of the resource library: providers, offers, needs and their private data. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from contracts.errors import Conflict, Invalid

PRIVATE = ("contact_name", "contact_phone", "contact_address", "details")


@dataclass(frozen=True)
class Provider:
    """Who provides; private data are kept apart from it."""

    id: str
    version: int
    kind: str
    name: str
    community: str
    registered_by: str
    state: str = "active"


@dataclass(frozen=True)
class Offer:
    """What a provider offers."""

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


def change(thing, version: int, changes: dict):
    """Return a provider, offer or need with what is named changed.

    Raises Conflict where the caller has seen another version than there is, or where it was
    withdrawn; Invalid where it would end before it starts.
    """
    _must_be_live(thing)
    if version != thing.version:
        raise Conflict("stale_version", "version", current=thing.version)
    changed = dataclasses.replace(thing, version=thing.version + 1, **changes)
    starts_at, ends_at = getattr(changed, "starts_at", None), getattr(changed, "ends_at", None)
    if starts_at and ends_at and ends_at <= starts_at:
        raise Invalid("ends_before_it_starts", "ends_at")
    return changed


def withdraw(thing):
    """Return a provider, offer or need that is withdrawn. Raises Conflict where it was before."""
    _must_be_live(thing)
    return dataclasses.replace(thing, version=thing.version + 1, state="withdrawn")


def provider_event(kind, provider: Provider):
    """Return a provider's event, ProviderRegistered or ProviderChanged; its name stays here, it may be a person's."""
    told = ("version", "kind", "community", "registered_by")
    return kind(provider_id=provider.id, **{name: getattr(provider, name) for name in told})


def offer_event(kind, offer: Offer, community_name: str, category_name: str):
    """Return an offer's event, OfferPublished or OfferChanged."""
    return kind(
        offer_id=offer.id,
        community_name=community_name,
        category_name=category_name,
        **{name: value for name, value in vars(offer).items() if name not in ("id", "state")},
    )


def need_event(kind, need: Need, community_name: str, category_name: str):
    """Return a need's event, NeedCreated or NeedChanged; nothing private is in it."""
    return kind(
        need_id=need.id,
        community_name=community_name,
        category_name=category_name,
        **{name: value for name, value in vars(need).items() if name not in ("id", "state")},
    )


def normal_phone(text: str) -> str:
    """Return a phone number in E.164, read as Chinese unless it names a country. Raises Invalid."""
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException as error:
        raise Invalid("invalid_phone", "contact_phone") from error
    if not phonenumbers.is_possible_number(number):
        raise Invalid("invalid_phone", "contact_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def split_private(data: dict) -> tuple[dict, dict]:
    """Return what everybody with the task may read, and what is private, of a call's data."""
    return (
        {name: value for name, value in data.items() if name not in PRIVATE},
        {name: value for name, value in data.items() if name in PRIVATE},
    )


def seal(keyring, subject: str, private: dict) -> dict:
    """Return private data as they are kept: sealed for this subject, the phone number also as a keyed hash."""
    sealed = {
        name: keyring.seal(value, f"{subject}/{name}") if value else None for name, value in private.items()
    }
    if "contact_phone" in private:
        phone = private["contact_phone"]
        sealed["phone_digest"] = keyring.digest(normal_phone(phone), "phone") if phone else None
    return sealed


def unseal(keyring, subject: str, row: dict) -> dict:
    """Return private data as they were entered."""
    return {
        name: keyring.open(row[name], f"{subject}/{name}") if row.get(name) else None for name in PRIVATE
    }


def _must_be_live(thing):
    if thing.state == "withdrawn":
        raise Conflict("already_withdrawn")
