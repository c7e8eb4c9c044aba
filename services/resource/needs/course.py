"""What becomes of needs: what is delivered for them, and what time does to them."""

from datetime import date

from chassis.every import every
from chassis.listen import listen
from contracts.matching import ClaimFulfilled, MatchDelivered
from contracts.resource import NeedChanged
from services.resource.needs import domain
from services.resource.needs.domain import Need, need_event
from services.resource.needs.service import NO_CONTACT, give_client

A_ROUND = 200


class NeedsCourse:
    """Needs as matching and the calendar change them."""

    @listen(MatchDelivered)
    def on_match_delivered(self, event, store):
        deliver(store, event, event.match_id, event.quantity, by_claim=False)

    @listen(ClaimFulfilled)
    def on_claim_fulfilled(self, event, store):
        deliver(store, event, event.claim_id, event.fulfilled, by_claim=True)

    @every(300)
    def lapse_needs(self, store, now):
        """Needs whose time has passed are looked after no more."""
        over = store.needs_over(now, A_ROUND)
        for need in over:
            lapsed = domain.lapse(need)
            store.save(lapsed)
            if need.state != "draft":
                store.publish(domain.gone_event(lapsed))
        return len(over) == A_ROUND

    @every(60)
    def move_contacts(self, store, now):
        """Contacts that needs had before there were clients are clients' now."""
        needs = store.needs_with_contact_of_their_own(A_ROUND)
        names, categories = store.communities(), {row["code"]: row["name"] for row in store.categories()}
        for need in needs:
            moved = domain.assign(need, give_client(store, self.keyring, need, {}, now=now), need.client_kind)
            store.save(moved, NO_CONTACT)
            if moved.state in domain.LIVE:
                store.publish(need_event(NeedChanged, moved, names[moved.community], categories[moved.category]))
        return len(needs) == A_ROUND


def deliver(store, event, source_id: str, quantity: int, *, by_claim: bool) -> None:
    """Note what was delivered for a need, once, and tell how much of it is met; a closed one stays closed."""
    need = store.lock(Need, event.need_id)
    if need is None or not store.add_delivery(
        need.id,
        source_id,
        event.version,
        by_claim=by_claim,
        quantity=quantity,
        delivered_on=date.fromisoformat(event.delivered_on),
    ):
        return
    after = domain.deliver(need, store.delivered(need.id))
    store.save(after)
    if after.version > need.version and after.met > need.met:
        store.publish(domain.met_event(after))
