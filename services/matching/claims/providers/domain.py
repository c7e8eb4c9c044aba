"""Providers as matching knows them. No I/O."""

from dataclasses import dataclass

from contracts.errors import Forbidden


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A provider as matching knows it."""

    id: str
    version: int
    kind: str
    community: str
    state: str
    registered_by: str
    client_id: str | None = None
    named: bool = False


def must_be_partner(verified: bool) -> None:
    """Raise Forbidden for somebody none of whose providers is verified."""
    if not verified:
        raise Forbidden("verified_partner_required")
