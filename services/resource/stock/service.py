"""Commands and queries about stock, and what a delivery does to it."""

import dataclasses

from chassis.listen import listen
from chassis.rpc import command, query
from contracts.calls.resource import stock as calls
from contracts.calls.resource.offers import OfferView
from contracts.fields import Paging
from contracts.matching import MatchDelivered
from services.resource import access
from services.resource.ids import new_id
from services.resource.offers.domain import Offer, standing
from services.resource.offers.service import keep_changed, shown
from services.resource.stock import domain
from services.resource.stock.domain import Movement


class Stock:
    """What came in and went out of the offers that are a stock."""

    @command(takes=calls.StockReceived, returns=OfferView, roles=access.PROVIDERS)
    def receive_stock(self, store, id, quantity, kind, note):
        """Book what came in, or came back; what was used up is on the board again."""

        def booked(offer):
            before = store.stock_by_ledger(id)["returned"] if kind == "returned" else 0
            return domain.receive(offer, quantity, kind, before)

        return _book(store, id, kind, booked, note)

    @command(takes=calls.StockCounted, returns=OfferView, roles=access.PROVIDERS)
    def correct_stock(self, store, id, found, note):
        """Book the difference between what was counted and what the books say is on hand."""
        return _book(store, id, "corrected", lambda offer: domain.correct(offer, found), note)

    @command(takes=calls.StockWrittenOff, returns=OfferView, roles=access.PROVIDERS)
    def write_off_stock(self, store, id, quantity, note):
        """Book what is lost, broken or gone bad."""
        return _book(store, id, "written_off", lambda offer: domain.write_off(offer, quantity), note)

    @query(takes=Paging, returns=calls.MovementPage, roles=access.EVERYBODY)
    def list_stock_movements(self, store, id, **paging):
        _at_home(store, id)
        return store.movements_of(id, **paging)

    @query(returns=calls.Reconciliation, roles=access.EVERYBODY)
    def reconcile_stock(self, store, id):
        """Return what the ledger comes to, beside what the offer says."""
        offer, ledger = shown(_at_home(store, id)), store.stock_by_ledger(id)
        on_hand = offer["on_hand"] or 0
        agrees = (ledger["on_hand"], ledger["given"]) == (on_hand, offer["given"])
        return {"offer_id": id, "agrees": agrees, "said_on_hand": on_hand, "said_given": offer["given"], **ledger}

    @listen(MatchDelivered)
    def on_delivered_from_stock(self, event, store):
        """Book what was delivered; a delivery that was booked before, or of what is no stock, changes nothing."""
        offer = store.lock(Offer, event.offer_id)
        if offer is None or not offer.is_stock or event.quantity <= 0 or store.is_booked(event.match_id):
            return
        after = offer
        for kind, quantity, note in domain.deliver(offer, event.quantity):
            movement = Movement(new_id(), offer.id, kind, quantity, event.recorded_by, event.match_id, note)
            store.add_movements(movement)
            after = domain.book(after, movement)
        if after.quantity != offer.quantity:
            after = dataclasses.replace(after, version=after.version + 1)
        if after.state == "open":
            after = dataclasses.replace(after, state=standing(after, "verified"))
        keep_changed(store, offer, after)


def _book(store, id, kind, quantity_of, note):
    """Book one movement and keep what it makes of the offer; a movement of nothing is none."""
    provider_state = store.state_of_provider_of(id)
    offer = access.mine(store, Offer, id)
    quantity = quantity_of(offer)
    if quantity:
        movement = Movement(new_id(), id, kind, quantity, store.caller.id, note=note)
        store.add_movements(movement)
        after = dataclasses.replace(domain.book(offer, movement), version=offer.version + 1)
        keep_changed(store, offer, dataclasses.replace(after, state=standing(after, provider_state)))
    return shown(store.view(Offer, id))


def _at_home(store, id) -> dict:
    """Return an offer whose books the caller may see: not where it only may flow to them."""
    row = access.seen(store, Offer, id)
    store.caller.must_see(row["community"])
    return row
