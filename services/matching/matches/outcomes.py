"""What became of what was confirmed: delivered, cancelled, rated."""

from chassis.rpc import command
from contracts.calls.matching import matches as calls
from contracts.errors import Forbidden
from services.matching.access import EVERYBODY, STAFF, is_staff
from services.matching.matches import domain, events
from services.matching.matches.service import lock, now, shown, visible
from services.matching.suggestions.service import suggest_for_need, suggest_for_offer

THE_PROVIDERS_DOING = {"provider_cancelled": "cancelled", "provider_no_show": "no_show"}


class Outcomes:
    """What became of confirmed matches."""

    @command(takes=calls.Delivery, returns=calls.MatchView, roles=STAFF)
    def deliver_match(self, store, id, note, **figures):
        """Record what was delivered; what is left of the need is on the board again, with new suggestions."""
        need, offer, match = lock(store, id)
        sealed = self.keyring.seal(note, f"match/{id}/note") if note else None
        match = domain.deliver(match, note=sealed, by=store.caller.id, now=now(), **figures)
        rest = match.quantity - match.delivered
        if rest:
            need, offer = store.release(need.id, offer.id, match.occasion, rest)
        store.save_match(match)
        store.add_delivery(
            id=match.id,
            source="match",
            need_id=need.id,
            offer_id=offer.id,
            provider_id=offer.provider_id,
            client_id=need.client_id,
            from_community=offer.community,
            to_community=need.community,
            category=need.category,
            target_group=need.target_group,
            quantity=match.delivered,
            unit=need.unit,
            delivered_on=match.delivered_on,
            minutes=match.minutes,
            people=match.people,
            person_times=match.person_times,
            recorded_by=match.closed_by,
        )
        store.publish(events.delivered(match, need, offer))
        # Of a need that was confirmed in part the same offer may serve more, now that this is over.
        suggest_anew(store, [need], [offer] if rest else [])
        store.note_outcome(offer.provider_id, "delivered", now())
        return store.match(id)

    @command(takes=calls.Cancellation, returns=calls.MatchView, roles=STAFF)
    def cancel_match(self, store, id, reason, note):
        """Let a confirmed match not take place; both sides are on the board again, with new suggestions."""
        _, _, match = lock(store, id)
        sealed = self.keyring.seal(note, f"match/{id}/note") if note else None
        need, offer = cancel(store, match, reason, store.caller.id, sealed)
        suggest_anew(store, [need], [offer])
        if reason in THE_PROVIDERS_DOING:
            store.note_outcome(offer.provider_id, THE_PROVIDERS_DOING[reason], now())
        return store.match(id)

    @command(takes=calls.Rating, returns=calls.MatchView, roles=EVERYBODY)
    def rate_match(self, store, id, side, stars, comment):
        """Keep what one side said of a delivery, to staff or itself; within seven days it may say otherwise."""
        need_id, _ = visible(store, id)
        if side != "provider" and not is_staff(store.caller):
            raise Forbidden("own_side_only", "side")
        community = store.lock_need(need_id).community
        sealed = self.keyring.seal(comment, f"match/{id}/{side}") if comment else None
        before = store.rating(id, side)
        match, rating = domain.rate(store.lock_match(id), before, side, stars, sealed, store.caller.id, now())
        store.save_match(match)
        store.save_rating(rating)
        store.publish(events.rated(match, rating, community))
        view = store.match(id)
        if side == "recipient" and before is None:
            store.note_outcome(view["provider_id"], "rated", now(), stars)
        return shown(store, view)


def cancel(store, match, reason, by="", note=None):
    """Cancel a locked match; return its need and its offer with what is free again of them."""
    cancelled = domain.cancel(match, reason, note, by, now())
    need, offer = store.release(match.need_id, match.offer_id, match.occasion, match.quantity)
    store.save_match(cancelled)
    store.publish(events.cancelled(cancelled, need, offer))
    return need, offer


def cancel_of_need(store, need_id, reason):
    """Cancel what is confirmed for a need that was withdrawn; the offers are on the board again."""
    moment = now()
    gone = [match for match in store.live_matches(need_id=need_id) if domain.falls_with(match, reason, moment)]
    offers = {match.offer_id: cancel(store, match, "need_withdrawn")[1] for match in gone}
    suggest_anew(store, [], offers.values())


def cancel_of_offer(store, offer_id, reason):
    """Cancel what is confirmed of an offer that was withdrawn; the needs are on the board again."""
    moment = now()
    gone = [match for match in store.live_matches(offer_id=offer_id) if domain.falls_with(match, reason, moment)]
    needs = {match.need_id: cancel(store, match, "offer_withdrawn")[0] for match in gone}
    suggest_anew(store, needs.values(), [])


def suggest_anew(store, needs, offers):
    """Suggest what may be done with what is on the board again."""
    for need in needs:
        if need.left:
            suggest_for_need(store, need)
    for offer in offers:
        if offer.open:
            suggest_for_offer(store, offer)
