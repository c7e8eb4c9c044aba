"""What time calls for: visits set some weeks ahead, missed visits, plans that end; and the holidays in between."""

import dataclasses
from datetime import date, timedelta

from chassis.every import every
from chassis.rpc import command, query
from contracts.calls.matching import pairings as calls
from contracts.errors import Invalid
from contracts.matching import VisitMissed
from services.matching.access import EVERYBODY, OPERATORS
from services.matching.pairings.calendar import holidays_of
from services.matching.pairings.domain import TOLD_BEFORE_DAYS, Pairing, bumped
from services.matching.visits.domain import AHEAD, ALERT_AFTER_MISSED, GRACE_DAYS, Visit
from services.matching.visits.plan import day_of, set_visits
from services.matching.visits.service import alert

AT_ONCE = 50


class Duties:
    """Regular duties of pairings, and the calendar that they keep to."""

    @every(3600)
    def plan_visits(self, store, now):
        """Set the visits of the weeks ahead, also anew after a holiday was entered."""
        today = day_of(now)
        found = store.pairings_to_plan(today + AHEAD, AT_ONCE)
        for id in found:
            pairing = store.lock_pairing(id)
            if pairing.state == "active":
                set_visits(store, pairing, today)
        return len(found) == AT_ONCE

    @every(600)
    def watch_visits(self, store, now):
        """Let visits that nobody recorded be missed, and tell social workers of plans that end."""
        today = day_of(now)
        before = today - timedelta(days=GRACE_DAYS)
        overdue = store.overdue_pairings(before, AT_ONCE)
        for id in overdue:
            pairing = store.lock_pairing(id)
            for visit in store.overdue_visits(id, before):
                pairing = _miss(store, pairing, visit)
            store.save_pairing(pairing)
        ending = store.ending_pairings(today + timedelta(days=TOLD_BEFORE_DAYS), AT_ONCE)
        for id in ending:
            _tell_end(store, store.lock_pairing(id))
        return AT_ONCE in (len(overdue), len(ending))

    @command(takes=calls.NewHoliday, returns=calls.HolidayView, roles=OPERATORS)
    def set_holiday(self, store, day, kind, name):
        """Enter that a day is a holiday or a working day; visits that are set follow within the hour."""
        if kind == "holiday" and not name:
            raise Invalid("holiday_needs_a_name", "name")
        store.save_holiday(day, kind, name, store.caller.id)
        return {"day": day, "kind": kind, "name": name, "entered": True}

    @query(takes=calls.HolidayFilter, returns=calls.HolidayList, roles=(*EVERYBODY, "operator"))
    def list_holidays(self, store, year):
        """Return the days of a year that are not as the week says: as published, or by the law; over that as entered."""
        known, published = holidays_of(year)
        days = {day: {"kind": kind, "name": name, "entered": False} for day, (kind, name) in known.items()}
        for row in store.holidays(date(year, 1, 1), date(year, 12, 31)):
            if row["kind"] != "as_usual":
                days[row["day"]] = {"kind": row["kind"], "name": row["name"], "entered": True}
        return {"items": [{"day": day, **days[day]} for day in sorted(days)], "published": published}


def _miss(store, pairing: Pairing, visit: Visit) -> Pairing:
    store.miss_visit(visit.id)
    missed = store.missed_in_a_row(pairing.id, visit.planned_on)
    pairing = bumped(pairing)
    store.publish(
        VisitMissed(
            version=pairing.version,
            pairing_id=pairing.id,
            visit_id=visit.id,
            community=pairing.community,
            on=visit.planned_on.isoformat(),
            missed=missed,
            helpers=pairing.helpers,
            worker=pairing.worker,
        )
    )
    return alert(store, pairing, "visits_missed", visit.id) if missed >= ALERT_AFTER_MISSED else pairing


def _tell_end(store, pairing: Pairing) -> None:
    if pairing.state == "active":
        store.save_pairing(alert(store, dataclasses.replace(pairing, end_told=True), "plan_ends"))
