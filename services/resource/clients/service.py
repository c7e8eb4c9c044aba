"""Commands and queries about clients."""

from datetime import UTC, datetime

from chassis.every import every
from chassis.rpc import command, query
from contracts.calls.resource import clients as calls
from contracts.fields import STATION_TIME
from contracts.resource import ClientChanged, ClientRegistered
from services.resource import access
from services.resource.clients import domain
from services.resource.clients.domain import Client, client_event
from services.resource.clients.register import change_client, new_client
from services.resource.duplicates.seek import seek_for_client
from services.resource.private import domain as private_data

MINORS_A_ROUND = 200


class Clients:
    """Who is helped."""

    @command(takes=calls.NewClient, returns=calls.ClientView, roles=access.STAFF)
    def create_client(self, store, **data):
        public, person = private_data.split_private(data)
        access.known_community(store, public["community"])
        client, private = new_client(self.keyring, public, person, registered_by=store.caller.id, now=_now())
        store.add(client, private=[private])
        store.publish(client_event(ClientRegistered, client))
        seek_for_client(store, self.keyring, client.id)
        return store.view(Client, client.id)

    @command(takes=calls.ClientChange, returns=calls.ClientView, roles=access.STAFF)
    def change_client(self, store, id, version, **changes):
        client = access.mine(store, Client, id)
        public, person = private_data.split_private(changes)
        if "community" in public:
            access.known_community(store, public["community"])
        change_client(store, self.keyring, client, version, public, person, now=_now())
        seek_for_client(store, self.keyring, id)
        return store.view(Client, id)

    @query(returns=calls.ClientView, roles=access.STAFF)
    def get_client(self, store, id):
        return access.seen(store, Client, id)

    @query(takes=calls.ClientFilter, returns=calls.ClientPage, roles=access.STAFF)
    def list_clients(self, store, **filters):
        return access.page(store, Client, filters)

    @every(3600)
    def grow_up(self, store, now):
        """Who turned 14 is no minor any more."""
        today = now.astimezone(STATION_TIME).date()
        minors = store.minors_to_look_at(today, MINORS_A_ROUND)
        for client in minors:
            born = private_data.unseal(self.keyring, f"client/{client.id}", store.private(Client, client.id))
            if not domain.is_minor(born["birth_date"], client.birth_year, today):
                grown = domain.change(client, None, {"minor": False})
                store.save(grown)
                store.publish(client_event(ClientChanged, grown))
            store.minor_seen(client.id, today)
        return len(minors) == MINORS_A_ROUND


def _now():
    return datetime.now(UTC)
