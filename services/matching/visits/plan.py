"""How the visits of a pairing follow its plan."""

from datetime import date, datetime

import uuid_utils

from contracts.fields import STATION_TIME
from services.matching.pairings.calendar import Calendar, Holiday, visits_between
from services.matching.pairings.domain import Pairing
from services.matching.visits.domain import AHEAD, Visit, reconcile


def set_visits(store, pairing: Pairing, today: date) -> None:
    """Let the visits from today on be those of the plan, as far ahead as they are set; what people decided stays."""
    until = today + AHEAD
    planned = visits_between(pairing.plan, calendar_of(store), today, until)
    added, gone = reconcile(store.visits_of(pairing.id, today), planned, today)
    if gone:
        store.remove_visits(gone)
    for one in added:
        store.add_visit(
            Visit(
                id=str(uuid_utils.uuid7()),
                pairing_id=pairing.id,
                community=pairing.community,
                state="planned",
                slot_on=one.on,
                planned_on=one.on,
                planned_time=pairing.plan.visit_time,
                planned_minutes=pairing.plan.visit_minutes,
            )
        )
    store.set_until(pairing.id, until)


def calendar_of(store) -> Calendar:
    """Return the calendar with what operators entered."""
    entered = store.holidays(date(2000, 1, 1), date(2099, 12, 31))
    return Calendar({row["day"]: Holiday(row["kind"], row["name"]) for row in entered})


def day_of(moment: datetime) -> date:
    """Return the day of a moment in the station's time."""
    return moment.astimezone(STATION_TIME).date()
