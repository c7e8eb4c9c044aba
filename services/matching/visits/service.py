"""Commands and queries about visits and alerts."""

from datetime import UTC, datetime

import uuid_utils

from chassis.rpc import command, query
from contracts.calls.matching import pairings as alerts
from contracts.calls.matching import visits as calls
from contracts.errors import Conflict, NotFound
from contracts.matching import PairingAlerted, VisitCancelled, VisitRecorded, VisitRescheduled
from services.matching.access import EVERYBODY, STAFF, is_staff
from services.matching.pairings import access
from services.matching.pairings.domain import Pairing, bumped
from services.matching.visits import domain
from services.matching.visits.domain import Visit
from services.matching.visits.plan import day_of


class Visits:
    """Visits of pairings."""

    @command(takes=calls.VisitRecord, returns=calls.VisitView, roles=EVERYBODY)
    def record_visit(self, store, id, visit_id, on, note, helpers, kinds, goods, **facts):
        """Record that a visit took place, planned or not; the social worker is alerted where the person is worse."""
        pairing, now = access.mine(store, id), datetime.now(UTC)
        visit = _visit_to_record(store, pairing, visit_id, on)
        about = {name: facts[name] for name in domain.STATES}
        access.must_be_writable(store, pairing.client_id, note=note, goods=goods, **about)
        named = [(one["helper"] or "", one["provider_id"] or "") for one in helpers]
        own = None if is_staff(store.caller) else store.caller.id
        facts |= {"took_on": on, "kinds": tuple(kinds), "goods": tuple(goods)}
        facts["came"] = domain.came_of(pairing, named, own)
        recorded = domain.record(
            visit or Visit(str(uuid_utils.uuid7()), pairing.id, pairing.community, "planned"),
            pairing,
            facts,
            store.caller.id,
            now,
            day_of(now),
        )
        sealed = self.keyring.seal(note, f"visit/{recorded.id}/note") if note else None
        if visit is None:
            if not store.add_extra_visit(recorded, sealed):
                raise Conflict("visit_already_recorded")
        elif store.is_recorded(recorded):
            raise Conflict("visit_already_recorded")
        else:
            store.save_visit(recorded, note=sealed)
        pairing = bumped(pairing)
        store.publish(_recorded(pairing, recorded))
        if pairing.state == "active" and domain.is_worse(recorded, store.visits_before(recorded, on - domain.LOOKS_BACK)):
            pairing = alert(store, pairing, "person_worse", recorded.id)
        store.save_pairing(pairing)
        return store.visit(recorded.id)

    @command(takes=calls.Reschedule, returns=calls.VisitView, roles=EVERYBODY)
    def reschedule_visit(self, store, id, on, at):
        """Put a visit off, or bring it forward."""
        pairing, visit = _mine(store, id)
        changed = domain.reschedule(visit, on, at, day_of(datetime.now(UTC)))
        if changed.planned_on != visit.planned_on and store.visit_on(pairing.id, on):
            raise Conflict("visit_on_that_day", "on")
        store.save_visit(changed)
        pairing = bumped(pairing)
        store.save_pairing(pairing)
        store.publish(
            VisitRescheduled(
                on_before=visit.planned_on.isoformat(),
                on=changed.planned_on.isoformat(),
                at=changed.planned_time,
                rescheduled_by=store.caller.id,
                **_facts(pairing, changed),
            )
        )
        return store.visit(id)

    @command(takes=calls.VisitCancellation, returns=calls.VisitView, roles=EVERYBODY)
    def cancel_visit(self, store, id, reason):
        """Let a visit not take place; it does not count as missed."""
        pairing, visit = _mine(store, id)
        store.save_visit(domain.cancel(visit, reason))
        pairing = bumped(pairing)
        store.save_pairing(pairing)
        store.publish(
            VisitCancelled(on=visit.planned_on.isoformat(), cancelled_by=store.caller.id, **_facts(pairing, visit))
        )
        return store.visit(id)

    @query(returns=calls.VisitView, roles=EVERYBODY)
    def get_visit(self, store, id):
        return access.seen_visit(store, id)

    @query(takes=calls.VisitFilter, returns=calls.VisitPage, roles=EVERYBODY)
    def list_visits(self, store, **filters):
        return store.visits(**access.filters(store), **filters)

    @command(takes=alerts.WordsPurpose, returns=alerts.PairingNoteView, roles=EVERYBODY)
    def reveal_visit_note(self, store, id, purpose):
        """Show a visit's note to staff, or to the helper who wrote it; that it was shown is on record."""
        visit = access.seen_visit(store, id)
        if not is_staff(store.caller) and visit["recorded_by"] != store.caller.id:
            raise NotFound("unknown_visit", "id")
        return self.shown(store, visit["pairing_id"], "visit", id, purpose)

    @query(takes=alerts.AlertFilter, returns=alerts.AlertPage, roles=STAFF)
    def list_alerts(self, store, **filters):
        return store.alerts(communities=store.caller.communities, **filters)

    @command(takes=alerts.Acknowledgement, returns=alerts.AlertView, roles=STAFF)
    def acknowledge_alert(self, store, id, note):
        """Put down what was done about an alert; the next cause raises a new one."""
        found = _alert(store, id)
        pairing = access.mine(store, found["pairing_id"])
        access.must_be_writable(store, pairing.client_id, note=note)
        if not store.acknowledge_alert(
            id, self.keyring.seal(note, f"alert/{id}/note"), store.caller.id, datetime.now(UTC)
        ):
            raise Conflict("alert_already_acknowledged")
        return store.alert(id)

    @command(takes=alerts.WordsPurpose, returns=alerts.PairingNoteView, roles=STAFF)
    def reveal_alert_note(self, store, id, purpose):
        """Show what was done about an alert; that it was shown is on record."""
        return self.shown(store, _alert(store, id)["pairing_id"], "alert", id, purpose)


def alert(store, pairing: Pairing, reason: str, visit_id: str | None = None) -> Pairing:
    """Alert the social worker, unless an alert for the same reason is open; return the pairing as it is then."""
    if not store.add_alert(str(uuid_utils.uuid7()), pairing.id, pairing.community, reason, visit_id):
        return pairing
    pairing = bumped(pairing)
    store.publish(
        PairingAlerted(
            version=pairing.version,
            pairing_id=pairing.id,
            community=pairing.community,
            reason=reason,
            worker=pairing.worker,
        )
    )
    return pairing


def _visit_to_record(store, pairing: Pairing, visit_id: str | None, on) -> Visit | None:
    if visit_id is None:
        return store.due_visit(pairing.id, on)
    visit = store.visit_of(visit_id)
    if visit is None or visit.pairing_id != pairing.id:
        raise NotFound("unknown_visit", "visit_id")
    return visit


def _mine(store, id) -> tuple[Pairing, Visit]:
    pairing = access.mine(store, access.seen_visit(store, id)["pairing_id"])
    visit = store.visit_of(id)  # again, now that nobody else changes it
    if visit is None:
        raise NotFound("unknown_visit", "id")
    return pairing, visit


def _alert(store, id) -> dict:
    found = store.alert(id)
    if found is None:
        raise NotFound("unknown_alert", "id")
    store.caller.must_see(found["community"])
    return found


def _facts(pairing: Pairing, visit: Visit) -> dict:
    return {
        "version": pairing.version,
        "pairing_id": pairing.id,
        "visit_id": visit.id,
        "community": pairing.community,
        "helpers": pairing.helpers,
        "worker": pairing.worker,
    }


def _recorded(pairing: Pairing, visit: Visit) -> VisitRecorded:
    return VisitRecorded(
        version=pairing.version,
        pairing_id=pairing.id,
        visit_id=visit.id,
        community=visit.community,
        on=visit.took_on.isoformat(),
        kinds=visit.kinds,
        minutes=visit.minutes,
        helpers=visit.came,
        recorded_by=visit.recorded_by,
        client_id=pairing.client_id,
    )
