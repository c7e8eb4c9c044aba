"""Needs on the claim board, and who may see them; what matching hears of needs and providers for it."""

import dataclasses
from datetime import UTC, datetime

from chassis.listen import listen
from chassis.rpc import command, query
from contracts.calls.matching import claims as calls
from contracts.errors import NotFound
from contracts.resource import (
    ClientForgotten,
    NeedChanged,
    NeedMet,
    NeedWithdrawn,
    ProviderChanged,
    ProviderRegistered,
    ProviderWithdrawn,
)
from services.matching.access import STAFF, is_staff
from services.matching.claims import events
from services.matching.claims.domain import day, falls_with, release
from services.matching.claims.listings import domain
from services.matching.claims.providers.domain import Provider, must_be_partner
from services.matching.claims.service import free, hold, save

OPENERS = ("social_worker", "office")
VISITORS = (*STAFF, "partner")


class Listings:
    """What partners may claim."""

    @command(takes=calls.Opening, returns=calls.ListingView, roles=OPENERS)
    def open_for_claim(self, store, id, text, quantity):
        """Put a need on the claim board, in words that the caller answers for."""
        need = _need(store, id)
        now = _now()
        listing = domain.put_up(need, store.lock_listing(id), text, quantity, store.caller.id, now)
        store.save_listing(listing)
        store.publish(events.opened(listing, need))
        return store.listing(id, day(now))

    @command(returns=calls.ListingView, roles=OPENERS)
    def close_for_claim(self, store, id):
        """Take a need off the claim board; what was claimed of it stays claimed."""
        need = _need(store, id)
        _close(store, need, domain.close(store.lock_listing(id), "closed_by_staff"))
        return store.listing(id, day(_now()))

    @query(returns=calls.ListingView, roles=VISITORS)
    def get_listing(self, store, id):
        _must_be_invited(store)
        listing = store.listing(id, day(_now()))
        if listing is None or not (listing["open"] or is_staff(store.caller)):
            raise NotFound("unknown_listing", "id")
        store.caller.must_see(listing["community"])
        return listing

    @query(takes=calls.ListingFilter, returns=calls.ListingPage, roles=VISITORS)
    def list_listings(self, store, **filters):
        _must_be_invited(store)
        return store.listings(today=day(_now()), communities=store.caller.communities, **filters)

    @listen(NeedChanged)
    def on_need_changed_adjust_listing(self, event, store):
        """See to it that the board says what the need is now, and offers no more of it than it lacks."""
        need, listing = store.lock_need(event.need_id), store.lock_listing(event.need_id)
        if listing is None or need.version > event.version:
            return
        store.move_claims(need.id, event.community)
        need = dataclasses.replace(
            need,
            **{name: getattr(event, name) for name in ("community", "category", "quantity", "unit", "target_group")},
        )
        if listing.open:
            listing = domain.adjust(listing, need)
            store.save_listing(listing)
            store.publish(events.opened(listing, need))

    @listen(NeedMet)
    def on_need_met_close_listing(self, event, store):
        need, listing = store.lock_need(event.need_id), store.lock_listing(event.need_id)
        if listing and listing.open and need.version <= event.version:
            _close(store, need, domain.close(listing, "need_met"))

    @listen(NeedWithdrawn)
    def on_need_withdrawn_release_claims(self, event, store):
        """Take a need off the claim board, and let go who has claimed of it.

        Where only its time is over, what was approved may have been done already: it stays, to be recorded.
        """
        need, listing = store.lock_need(event.need_id), store.lock_listing(event.need_id)
        if listing is None or need.version > event.version:
            return
        need = dataclasses.replace(need, open=False)
        for claim in store.live_claims_on(need.id):
            if not falls_with(claim, event.reason):
                continue
            _let_go(store, need, listing, claim, "need_withdrawn")
            need, listing = store.lock_need(need.id), store.lock_listing(need.id)
        if listing.open:
            _close(store, need, domain.close(listing, "need_withdrawn"))

    @listen(ProviderRegistered)
    def on_provider_registered(self, event, store):
        store.save_provider(_provider(event))

    @listen(ProviderChanged)
    def on_provider_changed(self, event, store):
        if store.save_provider(_provider(event)) and event.state == "left":
            _let_provider_go(store, event.provider_id)

    @listen(ProviderWithdrawn)
    def on_provider_withdrawn(self, event, store):
        if store.provider_left(event.provider_id, event.version, event.community, event.registered_by):
            _let_provider_go(store, event.provider_id)

    @listen(ClientForgotten)
    def on_client_forgotten_blank_claims(self, event, store):
        store.blank_claims_of(event.client_id)


def _need(store, id):
    need = store.lock_need(id)
    if need is None:
        raise NotFound("unknown_need", "id")
    store.caller.must_see(need.community)
    return need


def _must_be_invited(store):
    if not is_staff(store.caller):
        must_be_partner(store.has_verified_provider(store.caller.id))


def _close(store, need, listing):
    store.save_listing(listing)
    store.publish(events.closed(listing, need))


def _let_provider_go(store, provider_id):
    """Release what a provider that left had claimed."""
    for id in store.live_claims_of_provider(provider_id):
        need, listing, claim = hold(store, id)
        if claim.live:
            _let_go(store, need, listing, claim, "claimer_cannot")


def _let_go(store, need, listing, claim, reason):
    """Release a claim because of what happened elsewhere."""
    now = _now()
    released = release(claim, reason, now)
    save(store, released, "released", reason, "", now)
    free(store, need, listing, claim.held - released.held)
    store.publish(events.released(released, need, listing, by=""))


def _provider(event) -> Provider:
    names = ("version", "kind", "community", "state", "registered_by", "client_id", "named")
    return Provider(id=event.provider_id, **{name: getattr(event, name) for name in names})


def _now() -> datetime:
    return datetime.now(UTC)
