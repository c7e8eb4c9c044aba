"""How needs are entered, one or many at once, and the clients whose needs they are."""

import time
from datetime import datetime

from contracts.errors import Conflict, Invalid
from contracts.resource import ClientRegistered, NeedCreated
from services.resource import access
from services.resource.clients.domain import Client, client_event, must_be_active
from services.resource.clients.register import new_client, split_person
from services.resource.domain import must_be_to_come
from services.resource.duplicates.domain import text_key
from services.resource.ids import new_id
from services.resource.needs.domain import Need, need_event
from services.resource.private import domain as private_data


def register_needs(store, keyring, rows: list[dict], *, now: datetime) -> list[Need]:
    """Keep needs with their clients, in few statements, and tell of them; return them in the same order.

    Each row is what the schema NewNeed loads. What is there twice is looked for later, by a duty. Raises
    Invalid, Forbidden and Conflict where a row is not to be had; then nothing is kept.
    """
    register = _Register(store, keyring, now)
    for number, row in enumerate(rows):
        register.take(row)
        if number % 100 == 99:
            time.sleep(0)  # let other calls of this process go on
    register.save()
    return register.needs


class _Register:
    """Needs on their way into the register."""

    def __init__(self, store, keyring, now):
        self.store, self.keyring, self.now = store, keyring, now
        self.needs, self.private, self.clients, self.private_of_clients = [], [], [], []
        self._names, self._known = {}, {}

    def take(self, row: dict) -> None:
        public, private = private_data.split_private(row)
        person, rest = split_person(private)
        must_be_to_come(public["ends_at"], "ends_at", self.now)
        draft = public.pop("draft", False)
        by = self.store.caller.id
        names = self.names(public["community"], public["category"])
        client = self._client(public, person)
        if client:
            public |= {"client_id": client.id, "client_kind": client.kind}
        if draft or (client and not self.may_publish(client)):
            public["state"] = "draft"
        need = Need(id=new_id(), version=1, registered_by=by, **public)
        self.needs.append(need)
        self.private.append(sealed_need(self.keyring, need, rest))
        self._names[need.id] = names

    def save(self) -> None:
        if self.clients:
            self.store.add(*self.clients, private=self.private_of_clients)
            self.store.publish(*(client_event(ClientRegistered, client) for client in self.clients))
        if self.needs:
            self.store.add(*self.needs, private=self.private)
            published = [need for need in self.needs if need.state == "open"]
            self.store.publish(*(need_event(NeedCreated, need, *self._names[need.id]) for need in published))

    def names(self, community: str, category: str) -> tuple[str, str]:
        """Return the names of a community and a category that the caller may use. Raises Invalid, Forbidden."""
        key = (community, category)
        if key not in self._known:
            self._known[key] = names_of(self.store, community, category)
        return self._known[key]

    def may_publish(self, client: Client) -> bool:
        return not client.minor or self.store.guardian_consents(client.id)

    def _client(self, public: dict, person: dict) -> Client | None:
        client_id = public.get("client_id")
        if client_id:
            if any(person.values()):
                raise Invalid("client_or_contact", "client_id")
            if client_id not in self._known:
                self._known[client_id] = known_client(self.store, client_id)
            return self._known[client_id]
        if not any(person.values()):
            return None
        about = {
            "kind": public["client_kind"],
            "community": public["community"],
            "target_group": public["target_group"],
        }
        client, private = new_client(self.keyring, about, person, registered_by=self.store.caller.id, now=self.now)
        self.clients.append(client)
        self.private_of_clients.append(private)
        return client


def known_client(store, client_id: str) -> Client:
    """Return a client whom a need may be of, locked. Raises Invalid, Forbidden, Conflict."""
    client = store.lock(Client, client_id)
    if client is None:
        raise Invalid("unknown_client", "client_id")
    store.caller.must_see(client.community)
    must_be_active(client, "client_id")
    return client


def names_of(store, community: str, category: str) -> tuple[str, str]:
    """Return the names of a community and a category that the caller may use. Raises Invalid, Forbidden."""
    return access.known_community(store, community), access.known_category(store, category)


def sealed_need(keyring, need: Need, private: dict) -> dict:
    """Return a need's private data as they are kept, and what it is found again by."""
    return {
        **private_data.seal(keyring, f"need/{need.id}", private),
        "text_key": text_key(need.title),
        "sought": False,
    }


def must_be_publishable(store, client: Client) -> None:
    """Raise Conflict for a client whose needs may not be public: a minor without a guardian's consent."""
    if client.minor and not store.guardian_consents(client.id):
        raise Conflict("guardian_consent_required", "client_id")
