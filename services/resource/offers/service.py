"""Commands, queries and duties about offers."""

import dataclasses
from datetime import UTC, datetime

from chassis.every import every
from chassis.rpc import command, query
from contracts.calls.resource import offers as calls
from contracts.calls.resource.words import Withdrawal
from contracts.errors import Conflict, Invalid
from contracts.resource import OfferChanged, OfferPublished, OfferUsedUp, OfferWithdrawn
from services.resource import access
from services.resource.ids import new_id
from services.resource.offers import domain
from services.resource.offers.domain import ON_BOARD, Offer, offer_event
from services.resource.providers.domain import Provider
from services.resource.stock import domain as stock
from services.resource.stock.domain import Movement
from services.resource.times.domain import occasions

BATCH = 200


class Offers:
    """What providers offer."""

    @command(takes=calls.NewOffer, returns=calls.OfferView, roles=access.PROVIDERS)
    def create_offer(self, store, provider_id, **data):
        provider = store.lock(Provider, provider_id)
        if provider is None or not access.may_touch(store.caller, provider):
            raise Invalid("unknown_provider", "provider_id")
        if provider.state == "left":
            raise Conflict("provider_withdrawn", "provider_id")
        data = {"quantity": 0, **data}
        offer = Offer(id=new_id(), version=1, provider_id=provider_id, registered_by=store.caller.id, **data)
        _check_words(store, offer)
        keep_new(store, offer, now=datetime.now(UTC))
        return shown(store.view(Offer, offer.id))

    @command(takes=calls.OfferChange, returns=calls.OfferView, roles=access.PROVIDERS)
    def change_offer(self, store, id, version, **changes):
        provider_state = store.state_of_provider_of(id)
        offer = access.mine(store, Offer, id)
        after = domain.change(offer, version, changes, datetime.now(UTC))
        _check_words(store, after)
        if after.is_stock and after.quantity != offer.quantity:
            store.add_movements(Movement(new_id(), id, "corrected", after.quantity - offer.quantity, store.caller.id))
        keep_changed(store, offer, dataclasses.replace(after, state=domain.standing(after, provider_state)))
        return shown(store.view(Offer, id))

    @command(takes=Withdrawal, returns=calls.OfferView, roles=access.PROVIDERS)
    def withdraw_offer(self, store, id, reason):
        withdraw(store, [access.mine(store, Offer, id)], reason)
        return shown(store.view(Offer, id))

    @query(returns=calls.OfferView, roles=access.EVERYBODY)
    def get_offer(self, store, id):
        return shown(access.seen(store, Offer, id))

    @query(takes=calls.OfferFilter, returns=calls.OfferPage, roles=access.EVERYBODY)
    def list_offers(self, store, **filters):
        page = access.page(store, Offer, filters)
        return {**page, "items": [shown(row) for row in page["items"]]}

    @query(takes=calls.Days, returns=calls.OfferTimes, roles=access.EVERYBODY)
    def get_offer_times(self, store, id, since, until):
        """Return when there is how much of an offer; nothing for a stock and what is unlimited."""
        access.seen(store, Offer, id)
        return {"items": occasions(store.offer(id), since, until)}

    @every(60)
    def expire_offers(self, store, now: datetime):
        """Take what is over off the board; goods that went bad leave the books as well."""
        over = store.offers_that_are_over(now, BATCH)
        for offer in over:
            after = domain.end(offer, "expired")
            if offer.expires_on and offer.on_hand and domain.is_bad(offer, now):
                movement = Movement(new_id(), offer.id, "expired", -offer.on_hand, "")
                store.add_movements(movement)
                after = stock.book(after, movement)
            store.save(after)
            if offer.state in ON_BOARD:
                store.publish(offer_gone(after, "expired"))
        return len(over) == BATCH


def keep_new(store, *offers: Offer, now: datetime) -> list[Offer]:
    """Keep new offers with their first movements, and tell of those whose provider is verified."""
    states = store.states_of_providers(sorted({offer.provider_id for offer in offers}))
    offers = [
        dataclasses.replace(
            domain.checked(offer, now), state="open" if states[offer.provider_id] == "verified" else "held"
        )
        for offer in offers
    ]
    store.add(*offers)
    store.add_movements(*(stock.opening(offer, new_id()) for offer in offers if offer.is_stock))
    store.publish(*told(store, OfferPublished, [offer for offer in offers if offer.state == "open"]))
    return offers


def keep_changed(store, before: Offer, after: Offer) -> None:
    """Keep a changed offer; while it is on the board, tell its new terms, and that it is used up when it is."""
    if after.version != before.version and after.state in ON_BOARD:
        store.publish(*told(store, OfferChanged, [after]))
    if after.state == "used_up" and before.state != "used_up":
        after = dataclasses.replace(after, version=after.version + 1)
        told_of = ("version", "provider_id", "community", "title", "registered_by")
        store.publish(OfferUsedUp(offer_id=after.id, **{name: getattr(after, name) for name in told_of}))
    store.save(after)


def withdraw(store, offers: list[Offer], reason: str) -> None:
    """Keep offers as withdrawn, and tell it; nobody was told of one that was held, so nobody is of its end."""
    gone = [(offer, domain.end(offer)) for offer in offers]
    store.save_all(*(after for _, after in gone))
    store.publish(*(offer_gone(after, reason) for offer, after in gone if offer.state != "held"))


def take_off(store, provider_id: str) -> None:
    """Take the open offers of a provider that rests off the board."""
    for offer in map(domain.off_the_board, store.offers_of(provider_id, "open")):
        store.save(offer)
        store.publish(offer_gone(offer, "provider_paused"))


def put_up(store, provider_id: str) -> None:
    """Put the offers of a provider that is verified on the board, for the first time or again."""
    offers = store.offers_of(provider_id, "held", "paused")
    new = [domain.on_the_board(offer) for offer in offers if offer.state == "held"]
    for offer in new:
        store.save(offer)
    store.publish(*told(store, OfferPublished, new))
    for offer in offers:
        if offer.state == "paused":
            keep_changed(store, offer, domain.on_the_board(offer))


def told(store, kind, offers: list[Offer]) -> list:
    """Return what is told of offers, OfferPublished or OfferChanged."""
    if not offers:
        return []
    communities = store.communities()
    categories = {row["code"]: row["name"] for row in store.categories()}
    return [offer_event(kind, offer, communities[offer.community], categories[offer.category]) for offer in offers]


def offer_gone(offer: Offer, reason: str) -> OfferWithdrawn:
    """Return what is told of an offer that is no longer made."""
    told = ("version", "community", "registered_by")
    return OfferWithdrawn(offer_id=offer.id, reason=reason, **{name: getattr(offer, name) for name in told})


def shown(row: dict) -> dict:
    """Return an offer's row as it is shown."""
    return {**row, "on_hand": row["quantity"] - row["given"] if row["form"] in domain.STOCK else None}


def _check_words(store, offer: Offer) -> None:
    """Raise Invalid for a community or category that is not there, Forbidden for a community of others."""
    for code in offer.serves:
        access.known_community(store, code, "serves")
    access.known_community(store, offer.community)
    access.known_category(store, offer.category)
