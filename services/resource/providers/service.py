"""Commands, queries and duties about providers."""

from datetime import UTC, datetime

from chassis.every import every
from chassis.rpc import command, query
from contracts.calls.resource import providers as calls
from contracts.calls.resource.words import Withdrawal
from contracts.errors import Conflict, Forbidden
from contracts.resource import ProviderChanged, ProviderRegistered, ProviderVerificationDue, ProviderWithdrawn
from services.resource import access
from services.resource.ids import new_id
from services.resource.offers.domain import LIVE
from services.resource.offers.service import put_up, take_off, withdraw
from services.resource.private import domain as private_data
from services.resource.providers import domain
from services.resource.providers.domain import Provider, day_of, provider_event

BATCH = 20
NOT_CONFIRMED = "到期没有重新核实"


class Providers:
    """Who has joined the library."""

    @command(takes=calls.NewProvider, returns=calls.ProviderView, roles=access.PROVIDERS)
    def create_provider(self, store, **data):
        public, private = private_data.split_private(data)
        provider = domain.join(
            new_id(), public, store.caller.id, datetime.now(UTC), by_staff=not access.only_partner(store.caller)
        )
        _check(store, provider)
        store.add(provider, private=[private_data.seal(self.keyring, f"provider/{provider.id}", private)])
        store.publish(provider_event(ProviderRegistered, provider))
        return _shown(store, provider.id)

    @command(takes=calls.ProviderChange, returns=calls.ProviderView, roles=access.PROVIDERS)
    def change_provider(self, store, id, version, **changes):
        public, private = private_data.split_private(changes)
        before = access.mine(store, Provider, id)
        by_staff = not access.only_partner(store.caller)
        provider = domain.change(before, version, public, day_of(datetime.now(UTC)), by_staff=by_staff)
        _check(store, provider, before)
        store.save_provider(provider, private_data.seal(self.keyring, f"provider/{id}", private))
        store.publish(provider_event(ProviderChanged, provider))
        return _shown(store, id)

    @command(takes=calls.Verification, returns=calls.ProviderView, roles=access.STAFF)
    def verify_provider(self, store, id, version=None):
        """Confirm a provider for six months, for the first time or again; its offers are on the board."""
        provider = domain.verify(access.mine(store, Provider, id), datetime.now(UTC), version)
        _keep(store, provider)
        put_up(store, id)
        return _shown(store, id)

    @command(takes=calls.Pause, returns=calls.ProviderView, roles=access.PROVIDERS)
    def pause_provider(self, store, id, reason):
        """Let a provider rest; its offers are off the board meanwhile."""
        _keep(store, domain.pause(access.mine(store, Provider, id), reason))
        take_off(store, id)
        return _shown(store, id)

    @command(returns=calls.ProviderView, roles=access.STAFF)
    def resume_provider(self, store, id):
        """Let a provider go on that rested; its offers are on the board again."""
        _keep(store, domain.resume(access.mine(store, Provider, id), day_of(datetime.now(UTC))))
        put_up(store, id)
        return _shown(store, id)

    @command(takes=Withdrawal, returns=calls.ProviderView, roles=access.PROVIDERS)
    def withdraw_provider(self, store, id, reason):
        """Let a provider leave, and everything that it offers with it."""
        leave(store, [access.mine(store, Provider, id)])
        return _shown(store, id)

    @query(returns=calls.ProviderView, roles=access.EVERYBODY)
    def get_provider(self, store, id):
        return _as_seen_by(store.caller, access.seen(store, Provider, id))

    @query(takes=calls.ProviderFilter, returns=calls.ProviderPage, roles=access.EVERYBODY)
    def list_providers(self, store, due, **filters):
        page = access.page(store, Provider, filters) if due is None else _due(store, due, filters)
        return {**page, "items": [_as_seen_by(store.caller, row) for row in page["items"]]}

    @every(3600)
    def ask_providers_again(self, store, now: datetime):
        """Ask who was not confirmed for six months, once; pause who was not confirmed 30 days after that."""
        today = day_of(now)
        asked = [domain.ask_again(provider, today) for provider in store.providers_to_ask(today, BATCH)]
        for provider in asked:
            store.save(provider)
            store.publish(
                ProviderVerificationDue(
                    version=provider.version,
                    provider_id=provider.id,
                    community=provider.community,
                    pauses_on=provider.pauses_on.isoformat(),
                    registered_by=provider.registered_by,
                )
            )
        overdue = store.providers_to_pause(today, BATCH)
        for provider in overdue:
            _keep(store, domain.pause(provider, NOT_CONFIRMED))
            take_off(store, provider.id)
        return BATCH in (len(asked), len(overdue))


def leave(store, providers: list[Provider]) -> None:
    """Let locked providers leave, and everything that they offer with them."""
    gone = [domain.leave(provider) for provider in providers]
    store.save_all(*gone)
    told = ("version", "community", "registered_by")
    for provider in gone:
        store.publish(ProviderWithdrawn(provider_id=provider.id, **{name: getattr(provider, name) for name in told}))
        withdraw(store, store.offers_of(provider.id, *LIVE), "provider_left")


def _keep(store, provider: Provider) -> None:
    store.save(provider)
    store.publish(provider_event(ProviderChanged, provider))


def _check(store, provider: Provider, before: Provider | None = None) -> None:
    """Raise what speaks against a new or changed provider."""
    access.known_community(store, provider.community)
    for code in provider.serves:
        access.known_community(store, code, "serves")
    known_as = before.client_id if before else None
    if provider.client_id != known_as and access.only_partner(store.caller):
        raise Forbidden("role_required", "client_id")
    if provider.credit_code and store.has_credit_code(provider.credit_code, provider.id):
        raise Conflict("credit_code_taken", "credit_code")


def _due(store, due: bool, filters: dict) -> dict:
    own = store.caller.id if access.only_partner(store.caller) else None
    if filters.pop("state") not in (None, "verified"):
        return {"items": [], "next": None}
    today = day_of(datetime.now(UTC))
    return store.providers_due(due, today, communities=store.caller.communities, registered_by=own, **filters)


def _shown(store, id: str) -> dict:
    return _as_seen_by(store.caller, store.view(Provider, id))


def _as_seen_by(caller, row: dict) -> dict:
    """Return a provider's row without what partners are not told: whether it is somebody who is helped."""
    return {**row, "client_id": None} if access.only_partner(caller) else row
