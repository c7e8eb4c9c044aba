"""Commands and queries about private data."""

from chassis.rpc import command, query
from contracts.calls.resource import private as calls
from contracts.calls.resource.needs import Lookup, LookupView
from contracts.errors import Forbidden, Invalid, NotFound
from contracts.fields import Paging
from services.resource import access
from services.resource.clients.domain import Client
from services.resource.ids import first_id_at, new_id
from services.resource.needs.domain import Need
from services.resource.private import domain
from services.resource.providers.domain import Provider

NOT_FOR_PARTNERS = ("birth_date", "notes")


class PrivateData:
    """Shown with a purpose, on record."""

    @command(takes=calls.Reveal, returns=calls.RevealView, roles=access.PROVIDERS)
    def reveal_need(self, store, id, purpose):
        """Show the private data of a need and whose it is to the caller; that it was shown is on record.

        A partner is shown them while a claim of theirs is approved, to do what was claimed; not of a client who
        does not want partners to have them any more.
        """
        partner = access.only_partner(store.caller)
        need = store.lock(Need, id)
        if need is None or (partner and not store.may_reach(id, store.caller.id)):
            raise NotFound("unknown_need", "id")
        if partner:
            _partners_may(store, need.client_id, purpose)
        else:
            store.caller.must_see(need.community)
        shown = self._open(store, Need, id)
        if need.client_id:
            theirs = self._open(store, Client, need.client_id)
            shown |= {name: value for name, value in theirs.items() if value}
        return self._on_record(store, need, purpose, _for_partners(shown) if partner else shown)

    @command(takes=calls.Reveal, returns=calls.RevealView, roles=access.STAFF)
    def reveal_provider(self, store, id, purpose):
        """Show the private data of a provider to the caller; that it was shown is on record."""
        provider = access.mine(store, Provider, id)
        return self._on_record(store, provider, purpose, self._open(store, Provider, id))

    @command(takes=calls.Reveal, returns=calls.RevealView, roles=access.PROVIDERS)
    def reveal_client(self, store, id, purpose):
        """Show who a client is to the caller, with what was noted; that it was shown is on record.

        A partner is shown who to reach while they keep coming to the person by a pairing, and nothing that was noted;
        not of a client who does not want partners to have it any more.
        """
        if access.only_partner(store.caller):
            client = store.lock(Client, id)
            if client is None or not store.comes_to(id, store.caller.id):
                raise NotFound("unknown_client", "id")
            _partners_may(store, id, purpose)
            return self._on_record(store, client, purpose, _for_partners(self._open(store, Client, id)))
        client = access.mine(store, Client, id)
        shown = self._open(store, Client, id)
        return self._on_record(store, client, purpose, shown | {"notes": self._notes(store, id)})

    @query(takes=Paging, returns=calls.RevealPage, roles=access.STAFF)
    def list_reveals(self, store, id, **paging):
        if not any(_exists(store, kind, id) for kind in (Need, Provider, Client)):
            raise NotFound("unknown_subject", "id")
        return store.reveals_of(id, **paging)

    @query(takes=calls.RevealFilter, returns=calls.RevealPage, roles=("office", "social_worker"))
    def list_all_reveals(self, store, since, until, **filters):
        """Say who looked at what, newest first."""
        return store.reveals(
            since=since and first_id_at(since),
            until=until and first_id_at(until),
            communities=store.caller.communities,
            **filters,
        )

    @query(takes=Lookup, returns=LookupView, roles=access.STAFF)
    def find_contact(self, store, contact_phone):
        """Find what carries a phone number, without reading any."""
        digest = self.keyring.digest(domain.normal_phone(contact_phone), "phone")
        communities = store.caller.communities
        return {
            "needs": store.needs_with_phone(digest, communities),
            "providers": store.with_phone(Provider, digest, communities),
            "clients": store.with_phone(Client, digest, communities),
        }

    def _open(self, store, kind, id) -> dict:
        return domain.unseal(self.keyring, f"{kind.__name__.lower()}/{id}", store.private(kind, id))

    def _notes(self, store, client_id) -> str | None:
        """Return what was noted of a client, each note in a line with its day."""
        notes = [
            f"{row['on']:%Y-%m-%d} {self.keyring.open(row['note'], row['about'])}" for row in store.notes_of(client_id)
        ]
        return "\n".join(notes) or None

    def _on_record(self, store, thing, purpose, shown) -> dict:
        record = store.record_reveal(new_id(), thing.id, purpose, store.caller.id, thing.community)
        return {**record, **dict.fromkeys(domain.PRIVATE), "notes": None, **shown}


def _partners_may(store, client_id: str | None, purpose: str) -> None:
    """Raise what speaks against showing a partner who to reach."""
    if client_id and store.sharing_withdrawn(client_id):
        raise Forbidden("sharing_withdrawn")
    if purpose != "contact_for_service":
        raise Invalid("purpose_not_for_partners", "purpose")


def _for_partners(shown: dict) -> dict:
    return {name: value for name, value in shown.items() if name not in NOT_FOR_PARTNERS}


def _exists(store, kind, id) -> bool:
    row = store.view(kind, id)
    if row:
        store.caller.must_see(row["community"])
    return row is not None
