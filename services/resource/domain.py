"""What providers, offers and needs have in common. No I/O."""

import dataclasses

from contracts.errors import Conflict, Invalid


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


def must_be_to_come(moment, field: str, now) -> None:
    """Raise Invalid for an end that has passed already; none at all is to come."""
    if moment and moment <= now:
        raise Invalid("over_already", field)


def _must_be_live(thing):
    if thing.state == "withdrawn":
        raise Conflict("already_withdrawn")
