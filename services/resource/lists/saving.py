"""Rows that were checked become needs, offers and providers, or change them; each with its event."""

from datetime import UTC, datetime

from contracts.errors import Conflict, Refusal
from contracts.resource import ProviderRegistered
from services.resource.ids import new_id
from services.resource.lists.checking import KINDS
from services.resource.needs import domain as needs_rules
from services.resource.needs.register import register_needs
from services.resource.needs.service import Needs
from services.resource.needs.service import withdraw as withdraw_needs
from services.resource.offers import domain as offers_rules
from services.resource.offers.domain import Offer
from services.resource.offers.service import Offers, keep_new
from services.resource.offers.service import withdraw as withdraw_offers
from services.resource.private import domain as private_data
from services.resource.providers import domain as providers_rules
from services.resource.providers.domain import join, provider_event
from services.resource.providers.service import Providers, leave

# The commands by which one thing changes, so that an import does what a person would.
CHANGE = {
    "needs": Needs.change_need.spec,
    "offers": Offers.change_offer.spec,
    "providers": Providers.change_provider.spec,
}
MISTAKE = "entered_by_mistake"
# What ends a thing by the rules, and what keeps and tells the end of many.
END = {"needs": lambda need: needs_rules.withdraw(need, MISTAKE), "offers": offers_rules.end, "providers": providers_rules.leave}  # fmt: skip
WITHDRAW = {
    "needs": lambda store, needs: withdraw_needs(store, needs, MISTAKE),
    "offers": lambda store, offers: withdraw_offers(store, offers, MISTAKE),
    "providers": leave,
}


def create(store, keyring, kind: str, rows: list[tuple[dict, dict | None]]) -> list[tuple[str, int, str | None]]:
    """Register what checked rows say; return (id, version, id of the provider that was made for it) of each."""
    if kind == "needs":
        needs = register_needs(store, keyring, [data for data, _ in rows], now=datetime.now(UTC))
        return [(need.id, need.version, None) for need in needs]
    if kind == "providers":
        return [(id, version, None) for id, version in register_providers(store, keyring, [data for data, _ in rows])]
    return _register_offers(store, keyring, rows)


def change(service, store, kind: str, id: str, version: int, changes: dict) -> int:
    """Change one thing as a person would; return its version. Raises what the command raises."""
    return CHANGE[kind].method(service, store, id=id, version=version, **changes)["version"]


def withdraw(store, kind: str, versions: dict[str, int | None]) -> dict[str, str]:
    """Withdraw things that still are in these versions (none: in any), as a person would, but in few statements.

    Return why those were left that were changed, used or ended since, by id.
    """
    gone, left = [], {}
    for id, thing in store.things(KINDS[kind], list(versions), lock=True).items():
        try:
            store.caller.must_see(thing.community)
            END[kind](thing)
            if versions[id] not in (None, thing.version):
                raise Conflict("stale_version", "version", current=thing.version)
            gone.append(thing)
        except Refusal as refusal:
            left[id] = refusal.slug
    WITHDRAW[kind](store, gone)
    return left


def register_providers(store, keyring, rows: list[dict]) -> list[tuple[str, int]]:
    """Register providers, with their events; return (id, version) of each."""
    providers, private, now = [], [], datetime.now(UTC)
    for data in rows:
        public, secret = private_data.split_private(data)
        provider = join(new_id(), public, store.caller.id, now, by_staff=True)
        providers.append(provider)
        private.append(private_data.seal(keyring, f"provider/{provider.id}", secret))
    codes = [provider.credit_code for provider in providers if provider.credit_code]
    if len(set(codes)) < len(codes) or store.providers_with_codes(codes):  # registered since the preview
        raise Conflict("credit_code_taken", "credit_code")
    store.add(*providers, private=private)
    store.publish(*(provider_event(ProviderRegistered, provider) for provider in providers))
    return [(provider.id, provider.version) for provider in providers]


def _register_offers(store, keyring, rows):
    """Register offers; a provider that is not known by its name is registered too, once."""
    known = store.providers_named([provider["name"] for _, provider in rows])
    strangers = {provider["name"]: provider for _, provider in rows if provider["name"] not in known}
    if strangers:
        made = register_providers(store, keyring, list(strangers.values()))
        known |= {name: id for name, (id, _) in zip(strangers, made, strict=True)}
    offers, first_of = [], []
    for data, provider in rows:
        data = {"quantity": 0, **data, "provider_id": known[provider["name"]]}
        offers.append(Offer(id=new_id(), version=1, registered_by=store.caller.id, **data))
        first_of.append(data["provider_id"] if strangers.pop(provider["name"], None) else None)
    keep_new(store, *offers, now=datetime.now(UTC))
    return [(offer.id, offer.version, made) for offer, made in zip(offers, first_of, strict=True)]
