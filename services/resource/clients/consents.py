"""Commands and queries about consents, and what follows when one is withdrawn."""

from datetime import UTC, datetime, timedelta

from chassis.every import every
from chassis.rpc import command, query
from contracts.calls.resource import consents as calls
from contracts.errors import Conflict, NotFound
from contracts.fields import Paging
from contracts.resource import ClientForgotten
from services.resource import access
from services.resource.clients import domain
from services.resource.clients.domain import Client, Consent
from services.resource.ids import new_id
from services.resource.needs.service import withdraw
from services.resource.private import domain as private_data

ONCE_MORE_AFTER = timedelta(minutes=10)  # longer than any call that was under way
A_ROUND = 50


class Consents:
    """What clients agreed to."""

    @command(takes=calls.NewConsent, returns=calls.ConsentView, roles=access.STAFF)
    def give_consent(self, store, id, note, **given):
        client = access.mine(store, Client, id)
        consent = domain.consent(client, datetime.now(UTC), id=new_id(), recorded_by=store.caller.id, **given)
        if store.has_consent(consent):
            raise Conflict("consent_already_given", "what")
        store.add(consent, private=[private_data.seal(self.keyring, f"consent/{consent.id}", {"note": note})])
        return store.consent(consent.id)

    @command(returns=calls.ConsentView, roles=access.STAFF)
    def withdraw_consent(self, store, id):
        """Note that a consent does not hold any more; without the one to the service, the client is forgotten."""
        given = store.consent(id)
        if given is None:
            raise NotFound("unknown_consent", "id")
        person = store.same_person(str(given["client_id"]))
        for client in person:
            store.caller.must_see(client.community)
        now = datetime.now(UTC)
        store.save(domain.withdraw_consent(store.lock(Consent, id), store.caller.id, now))
        if given["what"] == "service":
            forget(store, person, now)
        return store.consent(id)

    @command(takes=calls.Forgetting, returns=calls.ConsentView, roles=access.STAFF)
    def forget_client(self, store, id, by_whom, how):
        """Forget somebody who does not agree to the service any more, whether or not that they did was ever entered."""
        person = store.same_person(id)
        if not person:
            raise NotFound("unknown_client", "id")
        for client in person:
            store.caller.must_see(client.community)
        now, by = datetime.now(UTC), store.caller.id
        known = next((one for one in person if one.active), person[0])
        asked = domain.consent(
            known, now, id=new_id(), what="service", by_whom=by_whom, how=how, given_at=now, recorded_by=by
        )
        withdrawn = store.withdraw_service_consents([one.id for one in person], by, now)
        if not withdrawn:
            store.add(domain.withdraw_consent(asked, by, now), private=[{"note": None}])
        forget(store, person, now)
        return store.consent(withdrawn or asked.id)

    @query(takes=Paging, returns=calls.ConsentPage, roles=access.STAFF)
    def list_consents(self, store, id, **paging):
        access.seen(store, Client, id)
        return store.consents_of(id, **paging)

    @every(600)
    def forget_clients(self, store, now):
        """Of who withdrew consent nothing is left; what was under way at that moment is looked at once more."""
        ids = store.forgotten_before(now - ONCE_MORE_AFTER, A_ROUND)
        if ids:
            store.blank(ids)
            store.blanked(ids, now)
        return len(ids) == A_ROUND


def forget(store, person: list[Client], now: datetime) -> None:
    """Blank whatever is private of one person, however often they were entered, withdraw their needs, and tell of it."""
    for client in person:
        for need in store.needs_of_client(client.id):
            if need.state in ("draft", "open", "partly_met"):
                withdraw(store, [need], "consent_withdrawn")
        gone = domain.forget(client)
        store.forget(gone, now)
        store.publish(ClientForgotten(version=gone.version, client_id=gone.id, community=gone.community))
    ids = [client.id for client in person]
    store.blank(ids)
    store.close_duplicates_of(ids, store.caller.id)
