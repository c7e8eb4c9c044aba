"""How a client is entered and changed, by itself or by way of a need."""

from datetime import datetime

from contracts.errors import Conflict
from contracts.fields import STATION_TIME
from contracts.resource import ClientChanged
from services.resource.clients import domain
from services.resource.clients.domain import Client, client_event
from services.resource.duplicates.domain import digests
from services.resource.ids import new_id
from services.resource.needs.domain import LIVE, Need
from services.resource.private import domain as private_data
from services.resource.private.domain import PERSON


def new_client(keyring, public: dict, person: dict, *, registered_by: str, now: datetime) -> tuple[Client, dict]:
    """Return a client and the private data as they are kept. Raises Invalid."""
    born = domain.born(public["kind"], person.get("birth_date"), public.get("birth_year"), _day(now))
    client = Client(id=new_id(), version=1, registered_by=registered_by, **public | born)
    return client, sealed(keyring, client, person, person)


def change_client(store, keyring, client: Client, version, public: dict, person: dict, *, now: datetime) -> Client:
    """Keep what changed of a locked client, and tell of it; return it. Raises Invalid, Conflict."""
    known = private_data.unseal(keyring, f"client/{client.id}", store.private(Client, client.id))
    whole = known | person
    kind = public.get("kind", client.kind)
    year = public.get("birth_year", None if "birth_date" in person else client.birth_year)
    public |= domain.born(kind, whole["birth_date"], year, _day(now))
    changed = domain.change(client, version, public)
    if changed.minor and not client.minor:
        must_agree(store, changed, store.needs_of_client(client.id), "birth_date")
    store.save(changed, sealed(keyring, changed, person, whole))
    store.publish(client_event(ClientChanged, changed))
    return changed


def must_agree(store, client: Client, needs: list[Need], field: str) -> None:
    """Raise Conflict where needs that are public would be a minor's without a guardian's consent."""
    if client.minor and any(need.state in LIVE for need in needs) and not store.guardian_consents(client.id):
        raise Conflict("guardian_consent_required", field)


def sealed(keyring, client: Client, person: dict, whole: dict) -> dict:
    """Return the private data that changed as they are kept, and what the whole of them is found again by."""
    if person.get("guardian_phone"):
        private_data.normal_phone(person["guardian_phone"], "guardian_phone")
    return {
        **private_data.seal(keyring, f"client/{client.id}", person),
        **digests(keyring, private_data.normal_phone, whole, client.birth_year),
        "sought": False,
    }


def split_person(private: dict) -> tuple[dict, dict]:
    """Return who it is about, and the rest, of private data."""
    return (
        {name: value for name, value in private.items() if name in PERSON},
        {name: value for name, value in private.items() if name not in PERSON},
    )


def _day(now: datetime):
    return now.astimezone(STATION_TIME).date()
