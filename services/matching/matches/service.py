"""What staff decide about suggestions, and when they are to take place."""

from datetime import UTC, datetime, timedelta

from chassis.rpc import command, query
from contracts.calls.matching import matches as calls
from contracts.errors import Conflict, Invalid, NotFound
from contracts.matching import MatchLapsed
from services.matching.access import EVERYBODY, STAFF, is_staff
from services.matching.matches import domain, events
from services.matching.matches.domain import Match
from services.matching.matches.events import facts_of
from services.matching.occasions.domain import DAYS_AHEAD, is_over, occasions

__all__ = ["Matches", "facts_of", "lapse", "lapse_of_offer"]


class Matches:
    """Suggestions and what is decided about them."""

    @command(takes=calls.Confirmation, returns=calls.MatchView, roles=STAFF)
    def confirm_match(self, store, id, quantity, occasion):
        """Set the quantity aside on both sides; suggestions that it leaves without use lapse."""
        need, offer, before = lock(store, id)
        if occasion is not None and occasion != before.occasion:
            _must_be_to_come(offer, occasion, now())
        elif before.state == "proposed" and is_over(offer, before.occasion, now()):
            raise Conflict("occasion_over", "occasion")
        match = domain.confirm(before, need, offer, quantity, occasion, store.caller.id, now())
        if match == before:
            return store.match(id)
        need, offer = store.reserve(need, offer, match.occasion, match.quantity)
        store.save_match(match)
        store.publish(events.confirmed(match, need, offer))
        _lapse_what_is_of_no_use(store, need, offer, match.occasion)
        store.note_outcome(offer.provider_id, "confirmed", match.decided_at)
        return store.match(id)

    @command(takes=calls.Decline, returns=calls.MatchView, roles=STAFF)
    def decline_match(self, store, id, reason, side):
        """Decide against a suggestion, or keep that one side did not want it; the pair is not suggested again."""
        need_id, _ = visible(store, id)
        need = store.lock_need(need_id)
        match = domain.decline(store.lock_match(id), reason, store.caller.id, now(), side)
        store.save_match(match)
        store.publish(events.declined(match, need))
        return store.match(id)

    @command(takes=calls.Schedule, returns=calls.MatchView, roles=STAFF)
    def schedule_match(self, store, id, starts_at, ends_at):
        """Settle when a confirmed match takes place; settled again, it takes place then."""
        need, offer, before = lock(store, id)
        match = domain.schedule(before, starts_at, ends_at, store.caller.id)
        if match != before:
            store.save_match(match)
            store.publish(events.scheduled(match, need, offer))
        return store.match(id)

    @query(returns=calls.MatchView, roles=EVERYBODY)
    def get_match(self, store, id):
        visible(store, id)
        return shown(store, store.match(id))

    @query(takes=calls.MatchFilter, returns=calls.MatchPage, roles=EVERYBODY)
    def list_matches(self, store, state, states, **filters):
        """Return a page of matches; a partner's are those of their own offers that staff decided for."""
        wanted = {*(states.split(",") if states else ()), *([state] if state else ())}
        whose = {"communities": store.caller.communities, "partner": None}
        if not is_staff(store.caller):
            whose = {"communities": (), "partner": store.caller.id}
        page = store.matches(**whose, states=sorted(wanted), **filters)
        return page | {"items": [shown(store, match) for match in page["items"]]}


def visible(store, id) -> tuple[str, str]:
    """Return the ids of a match's need and offer, where the caller may see them."""
    match = store.match_seen(id)
    if match is None or not (is_staff(store.caller) or domain.is_partners(match, store.caller.id)):
        raise NotFound("unknown_match", "id")
    if is_staff(store.caller):
        store.caller.must_see(match["community"])
    return match["need_id"], match["offer_id"]


def shown(store, match: dict) -> dict:
    """Return a match as the caller may see it: what spoke for it and against others is for staff."""
    return match if is_staff(store.caller) else match | {"parts": []}


def lock(store, id):
    """Return a match's need, its offer and itself, locked in this order, where the caller may see them."""
    need_id, offer_id = visible(store, id)
    need, offer = store.lock_need(need_id), store.lock_offer(offer_id)
    return need, offer, store.lock_match(id)


def lapse(store, matches: list[Match], community: str | None, reason: str):
    """Let suggestions fall away; where no community is given, each is told of in its need's."""
    if not matches:
        return
    communities = {} if community is not None else store.communities_of([match.need_id for match in matches])
    store.save_lapsed(matches, reason)
    for lapsed in (domain.lapse(match, reason) for match in matches):
        store.publish(
            MatchLapsed(
                version=lapsed.version,
                match_id=lapsed.id,
                need_id=lapsed.need_id,
                offer_id=lapsed.offer_id,
                community=communities.get(lapsed.need_id, community or ""),
                reason=reason,
            )
        )


def lapse_of_offer(store, offer_id, reason):
    """Let every open suggestion of an offer fall away; its needs are looked at again."""
    found = store.proposals(offer_id=offer_id)
    lapse(store, found, None, reason)
    store.look_again(need_ids=[match.need_id for match in found])


def now() -> datetime:
    return datetime.now(UTC)


def _lapse_what_is_of_no_use(store, need, offer, occasion):
    met, used_up = not need.left, not offer.left_at(occasion)
    if met or used_up:
        found = store.proposals(
            need_id=need.id if met else None, offer_id=offer.id if used_up else None, occasion=occasion
        )
        lapse(store, [match for match in found if met and match.need_id == need.id], need.community, "need_met")
        others = [match for match in found if not (met and match.need_id == need.id)]
        lapse(store, others, None, "offer_used_up")
        store.look_again(need_ids=[match.need_id for match in others])
    # What is still suggested elsewhere may be more than what is left now.
    store.look_again(
        need_ids=store.needs_promised_more(need.id, need.left, offer.id, occasion, offer.left_at(occasion))
    )


def _must_be_to_come(offer, occasion, moment):
    ahead = occasions(offer, moment, moment + timedelta(days=DAYS_AHEAD))
    if occasion not in (part.key for part in ahead):
        raise Invalid("no_such_occasion", "occasion", days=DAYS_AHEAD)
