"""Claims: made by partners, approved by staff, fulfilled, given up, handed over, or lapsed with time."""

import dataclasses
from datetime import UTC, datetime

import uuid_utils

from chassis.every import every
from chassis.rpc import command, query
from contracts.calls.matching import claims as calls
from contracts.errors import Conflict, Invalid, NotFound
from contracts.fields import Paging
from services.matching.access import EVERYBODY, OPERATORS, READERS, STAFF, is_staff
from services.matching.claims import domain, events
from services.matching.claims.domain import Rules
from services.matching.claims.providers.domain import must_be_partner
from services.matching.claims.store import about_note
from services.matching.matches.service import lapse
from services.matching.suggestions.service import suggest_for_need


class Claims:
    """Who has promised what, and what became of it."""

    @command(takes=calls.NewClaim, returns=calls.ClaimView, roles=EVERYBODY)
    def claim_need(self, store, id, provider_id, quantity):
        """Set units of a need aside for one of the caller's providers; two at once never get the same one."""
        store.one_claim_at_a_time(store.caller.id)
        provider = store.hold_provider(provider_id)
        need, listing = store.lock_need(id), store.lock_listing(id)
        if listing is None:
            raise NotFound("unknown_listing", "id")
        store.caller.must_see(need.community)
        now, live = _now(), store.live_claims(store.caller.id)
        claim = domain.claim(_new_id(), need, listing, provider, quantity, store.caller.id, live, store.rules(), now)
        store.add_claim(claim)
        store.add_step(claim, "claimed", None, store.caller.id, now)
        need, _ = _take(store, need, listing, claim.quantity)
        store.publish(events.made(claim, need, listing))
        if not need.left:
            lapse(store, store.proposals(need_id=need.id), need.community, "need_met")
        store.look_again(need_ids=[need.id])
        return _view(store, claim.id)

    @command(returns=calls.ClaimView, roles=STAFF)
    def approve_claim(self, store, id):
        """Let a claimer go ahead: they may learn who to reach."""
        provider = store.hold_provider(_seen(store, id)["provider_id"])
        need, listing, claim = hold(store, id)
        now = _now()
        claim = domain.approve(claim, need, provider, store.caller.id, store.rules(), now)
        save(store, claim, "approved", None, store.caller.id, now)
        store.publish(events.approved(claim, need, listing))
        store.note_outcome(claim.provider_id, "confirmed", now)
        return _view(store, id)

    @command(takes=calls.ClaimRejection, returns=calls.ClaimView, roles=STAFF)
    def reject_claim(self, store, id, reason):
        """Decide against a claim; its units are free again."""
        _seen(store, id)
        need, listing, before = hold(store, id)
        now = _now()
        claim = domain.reject(before, reason, now)
        save(store, claim, "rejected", reason, store.caller.id, now)
        need = free(store, need, listing, before.held - claim.held)
        store.publish(events.rejected(claim, need, listing, store.caller.id))
        return _view(store, id)

    @command(takes=calls.Progress, returns=calls.ClaimView, roles=EVERYBODY)
    def report_progress(self, store, id, progress):
        """Note what is being done about a claim, which gives it its whole time again."""
        _seen(store, id)
        _, _, claim = hold(store, id)
        now = _now()
        claim = domain.report(claim, progress, store.rules(), now)
        save(store, claim, progress, None, store.caller.id, now)
        return _view(store, id)

    @command(takes=calls.Fulfilment, returns=calls.ClaimView, roles=EVERYBODY)
    def fulfil_claim(self, store, id, note, **done):
        """Keep what was done of a claim; the rest of it is free again."""
        provider = store.hold_provider(_seen(store, id)["provider_id"])
        need, listing, before = hold(store, id)
        now = _now()
        claim = domain.fulfil(before, now=now, **done)
        if note:
            claim = dataclasses.replace(claim, note=self.keyring.seal(note, about_note(id)))
        save(store, claim, "fulfilled", None, store.caller.id, now)
        need = free(store, need, listing, before.held - claim.held)
        store.add_delivery(**_delivery(claim, need, provider, store.caller.id))
        store.publish(events.fulfilled(claim, need, listing, store.delivered_for(need.id), store.caller.id))
        store.note_outcome(claim.provider_id, "delivered", now)
        return _view(store, id)

    @command(takes=calls.Release, returns=calls.ClaimView, roles=EVERYBODY)
    def release_claim(self, store, id, reason):
        """Give a claim up; its units are free again."""
        _seen(store, id)
        need, listing, before = hold(store, id)
        now = _now()
        claim = domain.release(before, reason, now)
        save(store, claim, "released", reason, store.caller.id, now)
        need = free(store, need, listing, before.held - claim.held)
        store.publish(events.released(claim, need, listing, store.caller.id))
        if domain.broke_its_word(before, claim):
            store.note_outcome(claim.provider_id, "cancelled", now)
        return _view(store, id)

    @command(takes=calls.HandOver, returns=calls.ClaimView, roles=STAFF)
    def hand_over_claim(self, store, id, provider_id, reason):
        """Give a claim to another provider, approved at once; answer with the claim that takes its place."""
        _seen(store, id)
        provider = store.hold_provider(provider_id)
        need, listing, claim = hold(store, id)
        now = _now()
        old, new = domain.hand_over(claim, _new_id(), need, provider, store.caller.id, store.rules(), now)
        store.add_claim(new)
        save(store, old, "released", reason, store.caller.id, now)
        store.add_step(new, "approved", reason, store.caller.id, now)
        store.publish(events.released(old, need, listing, store.caller.id, new.id), events.approved(new, need, listing))
        store.note_outcome(new.provider_id, "confirmed", now)
        return _view(store, new.id)

    @query(returns=calls.ClaimView, roles=EVERYBODY)
    def get_claim(self, store, id):
        _seen(store, id)
        return _view(store, id)

    @query(takes=calls.ClaimFilter, returns=calls.ClaimPage, roles=EVERYBODY)
    def list_claims(self, store, **filters):
        own = None if is_staff(store.caller) else store.caller.id
        return store.claims(communities=store.caller.communities, claimer=own, **filters)

    @command(takes=calls.NoteReveal, returns=calls.NoteView, roles=EVERYBODY)
    def reveal_claim_note(self, store, id, purpose):
        """Show what was noted when a claim was fulfilled; that it was shown is on record."""
        _seen(store, id)
        sealed = store.sealed_note(id)
        record = store.record_note_reveal(_new_id(), id, purpose, store.caller.id)
        return {**record, "note": sealed and self.keyring.open(sealed, about_note(id))}

    @query(takes=Paging, returns=calls.NoteRevealPage, roles=STAFF)
    def list_claim_note_reveals(self, store, id, **paging):
        _seen(store, id)
        return store.note_reveals(id, **paging)

    @query(returns=calls.ClaimRulesView, roles=READERS)
    def get_claim_rules(self, store):
        return store.rules_view()

    @command(takes=calls.ClaimRulesChange, returns=calls.ClaimRulesView, roles=OPERATORS)
    def change_claim_rules(self, store, version, **rules):
        """Set new rules; a claim that was told its last day keeps it until its next action."""
        if rules["remind_after_days"] >= rules["lapse_after_days"]:
            raise Invalid("reminded_after_it_lapses", "remind_after_days")
        if not store.change_rules(Rules(**rules), version, store.caller.id, _now()):
            raise Conflict("stale_version", "version")
        return store.rules_view()

    @query(takes=calls.RankingFilter, returns=calls.RankingView, roles=EVERYBODY)
    def list_claim_ranking(self, store, **filters):
        """Say who has done most; how much of it lapsed or was given up is for staff."""
        staff = is_staff(store.caller)
        if not staff:
            must_be_partner(store.has_verified_provider(store.caller.id))
        items = store.ranking(communities=store.caller.communities, **filters)
        hidden = {} if staff else {"lapsed_percent": None, "released_percent": None}
        return {"items": [{**item, **hidden} for item in items]}

    @every(60)
    def see_to_claims(self, store, now):
        """Remind who has not acted on a claim, the claimer or staff, or let it lapse; one claim each time."""
        id = store.next_due(now)
        if id is None:
            return False
        need, listing, before = hold(store, id)
        found = domain.next_step(before, store.rules(), now)
        if found:
            step, claim = found
            save(store, claim, step, None, "", now)
            store.publish((events.lapsed if step == "lapsed" else events.reminded)(claim, need, listing))
            if step == "lapsed":
                free(store, need, listing, before.held - claim.held)
            if domain.broke_its_word(before, claim):
                store.note_outcome(claim.provider_id, "no_show", now)
        return True


def hold(store, id):
    """Return a claim with its need and listing, locked in the order that everybody keeps to.

    Whoever needs the provider or the claimer's turn as well takes those before.
    """
    need_id = store.claim_row(id)["need_id"]
    return store.lock_need(need_id), store.lock_listing(need_id), store.lock_claim(id)


def save(store, claim, step: str, reason: str | None, by: str, now: datetime):
    """Keep a changed claim, and what was done about it."""
    store.save_claim(claim)
    store.add_step(claim, step, reason, by, now)


def free(store, need, listing, units: int):
    """Give units back to the board, where suggestions are made for them; return the need as it is then."""
    need, _ = _take(store, need, listing, -units)
    if units and need.left:
        suggest_for_need(store, need)
    return need


def _take(store, need, listing, units: int):
    """Count units of a need as claimed, beside those that matches have."""
    need = dataclasses.replace(need, allocated=need.allocated + units)
    listing = dataclasses.replace(listing, taken=listing.taken + units)
    store.set_taken(need, listing)
    return need, listing


def _seen(store, id) -> dict:
    """Return a claim that the caller may see, as it was last committed."""
    claim = store.claim_row(id)
    if claim is None or not (is_staff(store.caller) or claim["claimer"] == store.caller.id):
        raise NotFound("unknown_claim", "id")
    if claim["claimer"] != store.caller.id:
        store.caller.must_see(claim["community"])
    return claim


def _delivery(claim, need, provider, by: str) -> dict:
    """Return what was done of a claim as a delivery; it flows from the provider's home to the need's."""
    return {
        "id": claim.id,
        "source": "claim",
        "need_id": need.id,
        "offer_id": None,
        "provider_id": claim.provider_id,
        "client_id": need.client_id,
        "from_community": provider.community,
        "to_community": need.community,
        "category": need.category,
        "target_group": need.target_group,
        "quantity": claim.fulfilled,
        "unit": claim.unit,
        "delivered_on": claim.ended_on,
        "minutes": claim.minutes,
        "people": claim.people,
        "person_times": claim.person_times,
        "recorded_by": by,
    }


def _view(store, id) -> dict:
    return {**store.claim_row(id), "steps": store.steps(id)}


def _new_id() -> str:
    return str(uuid_utils.uuid7())


def _now() -> datetime:
    return datetime.now(UTC)
