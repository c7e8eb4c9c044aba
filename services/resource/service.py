"""The resource service: the library of providers and offers, and the register of needs."""

import uuid_utils

from chassis.dependencies import Database, Keys
from chassis.health import Health
from chassis.rpc import command, query
from contracts.calls import resource as calls
from contracts.errors import Conflict, Invalid, NotFound
from contracts.resource import (
    NeedChanged,
    NeedCreated,
    NeedWithdrawn,
    OfferChanged,
    OfferPublished,
    OfferWithdrawn,
    ProviderChanged,
    ProviderRegistered,
    ProviderWithdrawn,
)
from services.resource import domain, imports
from services.resource.domain import Need, Offer, Provider
from services.resource.store import ResourceStore

STAFF = ("social_worker", "community_staff", "office")
PROVIDERS = (*STAFF, "partner")
OPERATORS = ("operator", "office")
EVERYBODY = (*PROVIDERS, "operator")


class ResourceService:
    """See services/resource/__init__.py."""

    name = "resource"

    db = Database(ResourceStore)
    keyring = Keys(index=True)
    health = Health()

    # Providers

    @command(takes=calls.NewProvider, returns=calls.ProviderView, roles=PROVIDERS)
    def create_provider(self, store, **data):
        public, private = domain.split_private(data)
        provider = Provider(id=_new_id(), version=1, registered_by=store.caller.id, **public)
        _known_community(store, provider.community)
        store.add(provider, private=[domain.seal(self.keyring, f"provider/{provider.id}", private)])
        store.publish(domain.provider_event(ProviderRegistered, provider))
        return store.view(Provider, provider.id)

    @command(takes=calls.ProviderChange, returns=calls.ProviderView, roles=PROVIDERS)
    def change_provider(self, store, id, version, **changes):
        public, private = domain.split_private(changes)
        provider = domain.change(_mine(store, Provider, id), version, public)
        _known_community(store, provider.community)
        store.save(provider, domain.seal(self.keyring, f"provider/{id}", private))
        store.publish(domain.provider_event(ProviderChanged, provider))
        return store.view(Provider, id)

    @command(takes=calls.Withdrawal, returns=calls.ProviderView, roles=PROVIDERS)
    def withdraw_provider(self, store, id, reason):
        """Let a provider leave, and everything that it offers with it."""
        provider = domain.withdraw(_mine(store, Provider, id))
        store.save(provider)
        store.publish(
            ProviderWithdrawn(
                version=provider.version,
                provider_id=id,
                community=provider.community,
                registered_by=provider.registered_by,
            )
        )
        for offer in map(domain.withdraw, store.open_offers_of(id)):
            store.save(offer)
            store.publish(_offer_gone(offer, "provider_left"))
        return store.view(Provider, id)

    @query(returns=calls.ProviderView, roles=EVERYBODY)
    def get_provider(self, store, id):
        return _seen(store, Provider, id)

    @query(takes=calls.ProviderFilter, returns=calls.ProviderPage, roles=EVERYBODY)
    def list_providers(self, store, **filters):
        return _page(store, Provider, filters)

    # Offers

    @command(takes=calls.NewOffer, returns=calls.OfferView, roles=PROVIDERS)
    def create_offer(self, store, provider_id, **data):
        provider = store.lock(Provider, provider_id)
        if provider is None or not _may_touch(store.caller, provider):
            raise Invalid("unknown_provider", "provider_id")
        if provider.state == "withdrawn":
            raise Conflict("provider_withdrawn", "provider_id")
        offer = Offer(
            id=_new_id(), version=1, provider_id=provider_id, registered_by=store.caller.id, **_tuples(data)
        )
        event = _offer_told(store, OfferPublished, offer)
        store.add(offer)
        store.publish(event)
        return store.view(Offer, offer.id)

    @command(takes=calls.OfferChange, returns=calls.OfferView, roles=PROVIDERS)
    def change_offer(self, store, id, version, **changes):
        offer = domain.change(_mine(store, Offer, id), version, _tuples(changes))
        event = _offer_told(store, OfferChanged, offer)
        store.save(offer)
        store.publish(event)
        return store.view(Offer, id)

    @command(takes=calls.Withdrawal, returns=calls.OfferView, roles=PROVIDERS)
    def withdraw_offer(self, store, id, reason):
        offer = domain.withdraw(_mine(store, Offer, id))
        store.save(offer)
        store.publish(_offer_gone(offer, reason))
        return store.view(Offer, id)

    @query(returns=calls.OfferView, roles=EVERYBODY)
    def get_offer(self, store, id):
        return _seen(store, Offer, id)

    @query(takes=calls.OfferFilter, returns=calls.OfferPage, roles=EVERYBODY)
    def list_offers(self, store, **filters):
        return _page(store, Offer, filters)

    # Needs

    @command(takes=calls.NewNeed, returns=calls.NeedView, roles=STAFF)
    def create_need(self, store, **data):
        public, private = domain.split_private(data)
        need = Need(id=_new_id(), version=1, registered_by=store.caller.id, **public)
        event = _need_told(store, NeedCreated, need)
        store.add(need, private=[domain.seal(self.keyring, f"need/{need.id}", private)])
        store.publish(event)
        return store.view(Need, need.id)

    @command(takes=calls.NeedChange, returns=calls.NeedView, roles=STAFF)
    def change_need(self, store, id, version, **changes):
        public, private = domain.split_private(changes)
        need = domain.change(_mine(store, Need, id), version, public)
        event = _need_told(store, NeedChanged, need)
        store.save(need, domain.seal(self.keyring, f"need/{id}", private))
        store.publish(event)
        return store.view(Need, id)

    @command(takes=calls.Withdrawal, returns=calls.NeedView, roles=STAFF)
    def withdraw_need(self, store, id, reason):
        need = domain.withdraw(_mine(store, Need, id))
        store.save(need)
        store.publish(NeedWithdrawn(version=need.version, need_id=id, community=need.community, reason=reason))
        return store.view(Need, id)

    @query(returns=calls.NeedView, roles=(*STAFF, "operator"))
    def get_need(self, store, id):
        return _seen(store, Need, id)

    @query(takes=calls.NeedFilter, returns=calls.NeedPage, roles=(*STAFF, "operator"))
    def list_needs(self, store, **filters):
        return _page(store, Need, filters)

    # Private data

    @command(takes=calls.Reveal, returns=calls.RevealView, roles=STAFF)
    def reveal_need(self, store, id, purpose):
        """Show the private data of a need to the caller; that it was shown is on record."""
        return self._reveal(store, Need, "need", id, purpose)

    @command(takes=calls.Reveal, returns=calls.RevealView, roles=STAFF)
    def reveal_provider(self, store, id, purpose):
        """Show the private data of a provider to the caller; that it was shown is on record."""
        return self._reveal(store, Provider, "provider", id, purpose)

    @query(takes=calls.Paging, returns=calls.RevealPage, roles=STAFF)
    def list_reveals(self, store, id, **paging):
        if not any(_exists(store, kind, id) for kind in (Need, Provider)):
            raise NotFound("unknown_subject", "id")
        return store.reveals_of(id, **paging)

    @query(takes=calls.Lookup, returns=calls.LookupView, roles=STAFF)
    def find_contact(self, store, contact_phone):
        """Find what carries a phone number, without reading any."""
        digest = self.keyring.digest(domain.normal_phone(contact_phone), "phone")
        communities = store.caller.communities
        return {
            "needs": store.with_phone(Need, digest, communities),
            "providers": store.with_phone(Provider, digest, communities),
        }

    def _reveal(self, store, kind, subject, id, purpose):
        _mine(store, kind, id)
        record = store.record_reveal(_new_id(), id, purpose, store.caller.id)
        return {**record, **domain.unseal(self.keyring, f"{subject}/{id}", store.private(kind, id))}

    # Words that operators edit

    @query(takes=calls.Paging, returns=calls.CategoryPage, roles=EVERYBODY)
    def list_categories(self, store, after, limit):
        return {"items": store.categories(), "next": None}

    @command(takes=calls.NewCategory, returns=calls.CategoryView, roles=OPERATORS)
    def create_category(self, store, code, name, synonyms):
        """Add a category, or give one that is there another name and other synonyms."""
        parent = code.rpartition(".")[0] or None
        if code.count(".") > 1 or (parent and store.category(parent) is None):
            raise Invalid("unknown_parent_category", "code")
        store.save_category(code, parent, name, synonyms)
        return store.category(code)

    @query(takes=calls.Paging, returns=calls.CommunityPage, roles=EVERYBODY)
    def list_communities(self, store, after, limit):
        items = [{"code": code, "name": name} for code, name in store.communities().items()]
        return {"items": items, "next": None}

    @command(takes=calls.NewCommunity, returns=calls.CommunityView, roles=OPERATORS)
    def create_community(self, store, code, name):
        """Add a community, or rename one that is there."""
        if store.community_named(name) not in (None, code):
            raise Conflict("community_name_taken", "name")
        store.save_community(code, name)
        return {"code": code, "name": name}

    # Lists from outside

    @command(takes=calls.NewImport, returns=calls.ImportView, roles=STAFF)
    def import_file(self, store, filename, content, kind, mapping):
        """Take every row of a table as a need or an offer, in one transaction; report each row that is not."""
        return imports.carry_out(store, self.keyring, filename, content, kind, mapping)


def _mine(store, kind, id):
    """Return a thing that the caller may change, locked."""
    thing = store.lock(kind, id)
    if thing is None or (_only_partner(store.caller) and not _may_touch(store.caller, thing)):
        raise NotFound(f"unknown_{kind.__name__.lower()}", "id")
    store.caller.must_see(thing.community)
    return thing


def _seen(store, kind, id) -> dict:
    row = store.view(kind, id)
    if row is None or (_only_partner(store.caller) and row["registered_by"] != store.caller.id):
        raise NotFound(f"unknown_{kind.__name__.lower()}", "id")
    store.caller.must_see(row["community"])
    return row


def _exists(store, kind, id) -> bool:
    row = store.view(kind, id)
    if row:
        store.caller.must_see(row["community"])
    return row is not None


def _page(store, kind, filters) -> dict:
    own = store.caller.id if _only_partner(store.caller) else None
    return store.page_of(kind, communities=store.caller.communities, registered_by=own, **filters)


def _only_partner(caller) -> bool:
    return not set(caller.roles) & {*STAFF, "operator"}


def _may_touch(caller, thing) -> bool:
    return not _only_partner(caller) or thing.registered_by == caller.id


def _known_community(store, code: str, field: str = "community") -> str:
    """Return a community's name. Raises Invalid for one that is not there, Forbidden for another's."""
    name = store.communities().get(code)
    if name is None:
        raise Invalid("unknown_community", field)
    if field == "community":
        store.caller.must_see(code)
    return name


def _known_category(store, code: str) -> str:
    category = store.category(code)
    if category is None or category["parent"] is None:
        raise Invalid("unknown_category", "category")
    return category["name"]


def _offer_gone(offer: Offer, reason: str) -> OfferWithdrawn:
    return OfferWithdrawn(version=offer.version, offer_id=offer.id, community=offer.community, reason=reason)


def _offer_told(store, kind, offer: Offer):
    for code in offer.serves:
        _known_community(store, code, "serves")
    return domain.offer_event(
        kind, offer, _known_community(store, offer.community), _known_category(store, offer.category)
    )


def _need_told(store, kind, need: Need):
    return domain.need_event(
        kind, need, _known_community(store, need.community), _known_category(store, need.category)
    )


def _tuples(data: dict) -> dict:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


def _new_id() -> str:
    return str(uuid_utils.uuid7())
