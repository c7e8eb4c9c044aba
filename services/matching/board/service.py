"""What matching hears of needs and offers, and what it makes of it at once."""

from chassis.listen import listen
from contracts.resource import (
    NeedChanged,
    NeedCreated,
    NeedWithdrawn,
    OfferChanged,
    OfferPublished,
    OfferUsedUp,
    OfferWithdrawn,
)
from services.matching.board.domain import Need, Offer
from services.matching.matches.outcomes import cancel_of_need, cancel_of_offer
from services.matching.matches.service import lapse, lapse_of_offer
from services.matching.suggestions.service import suggest_for_need, suggest_for_offer
from services.matching.suggestions.words import words_of

NEED_FIELDS = ("version", "title", "community", "community_name", "category", "category_name", "quantity", "unit",
               "starts_at", "ends_at", "registered_by")  # fmt: skip
OFFER_FIELDS = ("serves", "target_groups", "provider_id", "form", "period", "slots", "days_off", "dates", "transport",
                "conditions")  # fmt: skip


class Board:
    """Needs and offers, as their publisher describes them."""

    @listen(NeedCreated)
    def on_need_created(self, event, store):
        need = _need(event)
        if not store.save_need(need):
            return
        if store.is_rush():  # an imported list: the rest of it is looked at when nothing else waits
            store.look_again(need_ids=[need.id])
        else:
            suggest_for_need(store, need, is_new=need.version == 1)

    @listen(NeedChanged)
    def on_need_changed(self, event, store):
        need = _need(event)
        if store.save_need(need):
            lapse(store, store.proposals(need_id=need.id), need.community, "need_changed")
            suggest_for_need(store, store.lock_need(need.id))

    @listen(NeedWithdrawn)
    def on_need_withdrawn(self, event, store):
        if store.close_need(event.need_id, event.version):
            need = store.lock_need(event.need_id)
            lapse(store, store.proposals(need_id=need.id), need.community, "need_withdrawn")
            store.forget_edges(need_id=need.id)
            cancel_of_need(store, need.id, event.reason)

    @listen(OfferPublished)
    def on_offer_published(self, event, store):
        offer = _offer(event)
        if store.save_offer(offer):
            suggest_for_offer(store, store.lock_offer(offer.id))

    @listen(OfferChanged)
    def on_offer_changed(self, event, store):
        offer = _offer(event)
        if store.save_offer(offer):
            lapse_of_offer(store, offer.id, "offer_changed")
            suggest_for_offer(store, store.lock_offer(offer.id))

    @listen(OfferWithdrawn)
    def on_offer_withdrawn(self, event, store):
        store.lock_needs_served_by(event.offer_id)
        if store.close_offer(event.offer_id, event.version):
            lapse_of_offer(store, event.offer_id, "offer_withdrawn")
            store.forget_edges(offer_id=event.offer_id)
            cancel_of_offer(store, event.offer_id, event.reason)

    @listen(OfferUsedUp)
    def on_offer_used_up(self, event, store):
        offer = store.lock_offer(event.offer_id)
        if offer and offer.version < event.version:
            lapse_of_offer(store, offer.id, "offer_used_up")
            # Where it was given out by other ways than matches, only its new terms will say that there is more.
            if offer.left_at(""):
                store.close_offer(offer.id, event.version)


def _need(event) -> Need:
    shared = {name: getattr(event, name) for name in NEED_FIELDS}
    more = {name: getattr(event, name) for name in ("target_group", "urgency", "client_id", "client_kind", "source")}
    return Need(id=event.need_id, words=words_of(event.title), **shared, **more)


def _offer(event) -> Offer:
    shared = {name: getattr(event, name) for name in (*NEED_FIELDS, *OFFER_FIELDS)}
    return Offer(id=event.offer_id, words=words_of(event.title), **shared)
