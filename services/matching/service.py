"""The matching service: hears of needs and offers, suggests matches at once, and lets staff decide."""

from datetime import UTC, datetime

import uuid_utils

from chassis.dependencies import Database
from chassis.health import Health
from chassis.listen import listen
from chassis.rpc import command, query
from contracts.calls.matching import Confirmation, Decline, MatchFilter, MatchPage, MatchView
from contracts.errors import NotFound
from contracts.matching import MatchConfirmed, MatchDeclined, MatchLapsed, MatchProposed, NeedMatched
from contracts.resource import NeedChanged, NeedCreated, NeedWithdrawn, OfferChanged, OfferPublished, OfferWithdrawn
from services.matching import domain
from services.matching.domain import Match, Need, Offer
from services.matching.store import MatchingStore

STAFF = ("social_worker", "community_staff", "office")
NEED_FIELDS = ("version", "title", "community", "community_name", "category", "category_name", "quantity", "unit",
               "starts_at", "ends_at", "registered_by")  # fmt: skip


class MatchingService:
    """See services/matching/__init__.py."""

    name = "matching"

    db = Database(MatchingStore)
    health = Health()

    @listen(NeedCreated)
    def on_need_created(self, event, store):
        need = _need(event)
        if store.save_need(need):
            _suggest_for_need(store, need)

    @listen(NeedChanged)
    def on_need_changed(self, event, store):
        need = _need(event)
        if store.save_need(need):
            _lapse(store, store.proposals(need_id=need.id), need.community, "need_changed")
            _suggest_for_need(store, store.lock_need(need.id))

    @listen(NeedWithdrawn)
    def on_need_withdrawn(self, event, store):
        if store.close_need(event.need_id, event.version):
            need = store.lock_need(event.need_id)
            _lapse(store, store.proposals(need_id=need.id), need.community, "need_withdrawn")

    @listen(OfferPublished)
    def on_offer_published(self, event, store):
        offer = _offer(event)
        if store.save_offer(offer):
            _suggest_for_offer(store, store.lock_offer(offer.id))

    @listen(OfferChanged)
    def on_offer_changed(self, event, store):
        offer = _offer(event)
        if store.save_offer(offer):
            _lapse_of_offer(store, offer.id, "offer_changed")
            _suggest_for_offer(store, store.lock_offer(offer.id))

    @listen(OfferWithdrawn)
    def on_offer_withdrawn(self, event, store):
        if store.close_offer(event.offer_id, event.version):
            _lapse_of_offer(store, event.offer_id, "offer_withdrawn")

    @command(takes=Confirmation, returns=MatchView, roles=STAFF)
    def confirm_match(self, store, id, quantity):
        """Set the quantity aside on both sides; suggestions that it leaves without use lapse."""
        need_id, offer_id = _visible(store, id)
        need, offer = store.lock_need(need_id), store.lock_offer(offer_id)
        match = store.lock_match(id)
        match, need, offer = domain.confirm(match, need, offer, quantity, store.caller.id, _now())
        store.save_match(match)
        store.set_aside(need, offer)
        store.publish(_confirmed(match, need, offer))
        if not need.left:
            _lapse(store, store.proposals(need_id=need.id), need.community, "need_met")
        if not offer.left:
            _lapse_of_offer(store, offer.id, "offer_used_up")
        return store.match(id)

    @command(takes=Decline, returns=MatchView, roles=STAFF)
    def decline_match(self, store, id, reason):
        """Decide against a suggestion; the pair is not suggested again."""
        need_id, _ = _visible(store, id)
        need = store.lock_need(need_id)
        match = domain.decline(store.lock_match(id), reason, store.caller.id, _now())
        store.save_match(match)
        store.publish(
            MatchDeclined(
                version=match.version,
                match_id=match.id,
                need_id=match.need_id,
                offer_id=match.offer_id,
                community=need.community,
                declined_by=match.decided_by,
            )
        )
        return store.match(id)

    @query(returns=MatchView, roles=STAFF)
    def get_match(self, store, id):
        _visible(store, id)
        return store.match(id)

    @query(takes=MatchFilter, returns=MatchPage, roles=STAFF)
    def list_matches(self, store, **filters):
        return store.matches(communities=store.caller.communities, **filters)


def _visible(store, id) -> tuple[str, str]:
    pair = store.match_pair(id)
    if pair is None:
        raise NotFound("unknown_match", "id")
    need_id, offer_id, community = pair
    store.caller.must_see(community)
    return need_id, offer_id


def _suggest_for_need(store, need: Need):
    """Suggest offers for a need, and say so once."""
    store.one_at_a_time(need.category)
    offers = {offer.id: offer for offer in store.offers_for(need)}
    found = store.add_matches(domain.propose(need, list(offers.values()), _new_id))
    for match in found:
        store.publish(_proposed(match, need, offers[match.offer_id]))
    if found:
        store.publish(_matched(need, found, offers[found[0].offer_id]))


def _suggest_for_offer(store, offer: Offer):
    """Suggest an offer to every need that it suits."""
    store.one_at_a_time(offer.category)
    needs = {need.id: need for need in store.needs_for(offer)}
    for match in store.add_matches(domain.propose_offer(offer, list(needs.values()), _new_id)):
        need = needs[match.need_id]
        store.publish(_proposed(match, need, offer), _matched(need, [match], offer))


def _lapse(store, matches: list[Match], community: str, reason: str):
    for match in matches:
        lapsed = domain.lapse(match, reason)
        store.save_match(lapsed)
        store.publish(
            MatchLapsed(
                version=lapsed.version,
                match_id=lapsed.id,
                need_id=lapsed.need_id,
                offer_id=lapsed.offer_id,
                community=community,
                reason=reason,
            )
        )


def _lapse_of_offer(store, offer_id, reason):
    for match in store.proposals(offer_id=offer_id):
        _lapse(store, [match], store.match(match.id)["community"], reason)


def _need(event) -> Need:
    shared = {name: getattr(event, name) for name in NEED_FIELDS}
    return Need(id=event.need_id, target_group=event.target_group, urgency=event.urgency, **shared)


def _offer(event) -> Offer:
    shared = {name: getattr(event, name) for name in NEED_FIELDS}
    return Offer(id=event.offer_id, serves=event.serves, target_groups=event.target_groups, **shared)


def _facts(match: Match, need: Need, offer: Offer) -> dict:
    return {
        "version": match.version,
        "match_id": match.id,
        "need_id": need.id,
        "offer_id": offer.id,
        "need_title": need.title,
        "offer_title": offer.title,
        "community": need.community,
        "quantity": match.quantity,
        "unit": need.unit,
        "need_registered_by": need.registered_by,
        "offer_registered_by": offer.registered_by,
    }


def _proposed(match: Match, need: Need, offer: Offer) -> MatchProposed:
    return MatchProposed(score=match.score, parts=match.parts, **_facts(match, need, offer))


def _matched(need: Need, found: list[Match], best_offer: Offer) -> NeedMatched:
    return NeedMatched(
        version=need.version,
        need_id=need.id,
        need_title=need.title,
        community=need.community,
        suggestions=len(found),
        best_match_id=found[0].id,
        best_offer_title=best_offer.title,
        best_score=found[0].score,
        need_registered_by=need.registered_by,
    )


def _confirmed(match: Match, need: Need, offer: Offer) -> MatchConfirmed:
    return MatchConfirmed(
        need_left=need.left, offer_left=offer.left, confirmed_by=match.decided_by, **_facts(match, need, offer)
    )


def _new_id() -> str:
    return str(uuid_utils.uuid7())


def _now() -> datetime:
    return datetime.now(UTC)
