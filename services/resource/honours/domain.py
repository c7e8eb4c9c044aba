"""The rules of giving back. No I/O."""

import uuid
from dataclasses import dataclass
from datetime import date

from contracts.errors import Invalid


@dataclass(frozen=True)
class Service:
    """Something that one side gave and the other received.

    The id is the match's or the claim's, or stands for the visit and one of those who came.
    """

    id: str
    version: int
    source: str
    provider_id: str
    client_id: str | None
    community: str
    delivered_on: date
    quantity: int
    unit: str
    people: int
    minutes: int


def of_match(event) -> Service:
    """Return what a delivered match gave."""
    return _service(event, event.match_id, "match", event.quantity)


def of_claim(event) -> Service:
    """Return what a fulfilled claim gave."""
    return _service(event, event.claim_id, "claim", event.fulfilled)


def of_visit(event) -> list[Service]:
    """Return what each provider gave who came for a visit, or whom somebody came from."""
    return [
        Service(
            id=str(uuid.uuid5(uuid.UUID(event.visit_id), provider_id)),
            version=event.version,
            source="visit",
            provider_id=provider_id,
            client_id=event.client_id,
            community=event.community,
            delivered_on=date.fromisoformat(event.on),
            quantity=1,
            unit="次",
            people=1,
            minutes=event.minutes,
        )
        for provider_id in sorted({helper.provider_id for helper in event.helpers} - {""})
    ]


def check_agreement(agreed: bool, client_id: str | None, named: bool) -> None:
    """Raise Invalid where somebody would be named as giving back who did not receive, or agreed to no name at all."""
    if agreed and client_id is None:
        raise Invalid("not_known_as_recipient", "agreed")
    if agreed and not named:
        raise Invalid("not_agreed_to_be_named", "agreed")


def _service(event, id, source, quantity) -> Service:
    return Service(
        id=id,
        version=event.version,
        source=source,
        provider_id=event.provider_id,
        client_id=event.client_id,
        community=event.community,
        delivered_on=date.fromisoformat(event.delivered_on),
        quantity=quantity,
        unit=event.unit,
        people=event.people,
        minutes=event.minutes,
    )
