"""Commands and queries about needs."""

import dataclasses
from datetime import UTC, datetime

from chassis.rpc import command, query
from contracts.calls.resource import needs as calls
from contracts.calls.resource.words import Withdrawal
from contracts.errors import Invalid
from contracts.resource import ClientRegistered, NeedCreated
from services.resource import access
from services.resource.clients.domain import Client, client_event
from services.resource.clients.register import change_client, new_client, split_person
from services.resource.duplicates.seek import seek_for_client, seek_for_need
from services.resource.needs import domain
from services.resource.needs.domain import Need, need_event
from services.resource.needs.register import known_client, must_be_publishable, names_of, register_needs, sealed_need
from services.resource.private import domain as private_data

NO_CONTACT = {"contact_name": None, "contact_phone": None, "contact_address": None, "phone_digest": None}


class Needs:
    """What residents need."""

    @command(takes=calls.NewNeed, returns=calls.NeedView, roles=access.STAFF)
    def create_need(self, store, **data):
        """Register a need and, where a contact comes with it, whose it is; without consent for a minor it is a draft."""
        now = _now()
        (need,) = register_needs(store, self.keyring, [data], now=now)
        self._seek(store, need, now)
        return store.view(Need, need.id)

    @command(takes=calls.NeedChange, returns=calls.NeedView, roles=access.STAFF)
    def change_need(self, store, id, version, **changes):
        public, private = private_data.split_private(changes)
        person, rest = split_person(private)
        # Always the client first and then its needs, so that two commands never wait for each other.
        client = _lock_client(store, id) if person else None
        new_client_id = public.get("client_id")
        if new_client_id and any(person.values()):
            raise Invalid("client_or_contact", "client_id")
        if new_client_id:
            client = known_client(store, new_client_id)
            public["client_kind"] = client.kind
        need = access.mine(store, Need, id)
        changed = domain.change(need, version, public, _now())
        names = names_of(store, changed.community, changed.category)
        if new_client_id and changed.state != "draft":
            must_be_publishable(store, client)
        no_contact = {}
        if person and need.client_id is None:
            client_id = give_client(store, self.keyring, changed, person, now=_now())
            changed = dataclasses.replace(changed, client_id=client_id)
            no_contact = NO_CONTACT
        elif person:
            change_client(store, self.keyring, client, None, {}, person, now=_now())
        changed, events = domain.changed_events(need, changed, names)
        store.save(changed, sealed_need(self.keyring, changed, rest) | no_contact)
        store.publish(*events)
        self._seek(store, changed, _now())
        return store.view(Need, id)

    @command(returns=calls.NeedView, roles=access.STAFF)
    def publish_need(self, store, id):
        """Make a draft public, so that it is looked after."""
        client = _lock_client(store, id)
        need = access.mine(store, Need, id)
        allowed = client is None or not client.minor or store.guardian_consents(client.id)
        need = domain.publish(need, _now(), may_be_published=allowed)
        store.save(need)
        store.publish(need_event(NeedCreated, need, *names_of(store, need.community, need.category)))
        return store.view(Need, id)

    @command(takes=Withdrawal, returns=calls.NeedView, roles=access.STAFF)
    def withdraw_need(self, store, id, reason):
        """Cancel a need; what was delivered for it stays."""
        withdraw(store, [access.mine(store, Need, id)], reason)
        return store.view(Need, id)

    @query(returns=calls.NeedView, roles=(*access.STAFF, "operator"))
    def get_need(self, store, id):
        return access.seen(store, Need, id)

    @query(takes=calls.NeedFilter, returns=calls.NeedPage, roles=(*access.STAFF, "operator"))
    def list_needs(self, store, **filters):
        return access.page(store, Need, filters)

    def _seek(self, store, need: Need, now) -> None:
        if need.client_id:
            seek_for_client(store, self.keyring, need.client_id)
        seek_for_need(store, need.id, now)


def withdraw(store, needs: list[Need], reason: str) -> None:
    """Cancel locked needs, and tell of those that were public."""
    gone = [(need, domain.withdraw(need, reason)) for need in needs]
    store.save_all(*(after for _, after in gone))
    store.publish(*(domain.gone_event(after) for need, after in gone if need.state != "draft"))


def give_client(store, keyring, need: Need, person: dict, *, now) -> str | None:
    """Register a client with the contact that a need itself had and with what is new; return its id, if there is any."""
    known = private_data.unseal(keyring, f"need/{need.id}", store.private(Need, need.id))
    whole = {name: value for name, value in {**known, **person}.items() if name != "details"}
    if not any(whole.values()):
        return None
    about = {"kind": need.client_kind, "community": need.community, "target_group": need.target_group}
    client, private = new_client(keyring, about, whole, registered_by=need.registered_by, now=now)
    if need.state in domain.LIVE:
        must_be_publishable(store, client)
    store.add(client, private=[private])
    store.publish(client_event(ClientRegistered, client))
    return client.id


def _lock_client(store, need_id: str) -> Client | None:
    client_id = store.client_of_need(need_id)
    return client_id and store.lock(Client, client_id)


def _now():
    return datetime.now(UTC)
