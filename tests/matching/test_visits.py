"""Visits of pairings on a real database: planned, recorded, missed, alarming."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chassis.privacy import open_fields
from contracts.calls.matching import pairings
from contracts.errors import Conflict, Invalid, NotFound
from contracts.matching import PairingAlerted, VisitCancelled, VisitMissed, VisitRecorded, VisitRescheduled
from services.matching.service import MatchingService
from tests.matching.test_pairings import (  # noqa: F401  (fixtures)
    CLIENT,
    DAILY,
    GRID_WORKER,
    HELPER,
    KEYRING,
    OTHER,
    PROVIDER,
    TODAY,
    ask,
    begin,
    told,
    url,
)
from tests.support import OFFICE, WORKER, Caller, does, rows

WEEKLY = {**DAILY, "rule": "FREQ=DAILY;INTERVAL=7"}
OPERATOR = Caller("0190a000-0000-7000-8000-000000000006", ("operator",))


def noon(days: int) -> datetime:
    """Return noon of a day so many days from today, in the station's time."""
    return datetime(TODAY.year, TODAY.month, TODAY.day, 4, tzinfo=UTC) + timedelta(days=days)


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def visit(**changes):
    return {"on": day(0), "kinds": ["emotional"], "minutes": 45, **changes}


@pytest.fixture
def planned(ask):  # noqa: F811
    """Return a function that gives a pairing's planned visits in order."""

    def planned(made):
        items = ask("list_visits", pairing_id=made["id"], state="planned", limit=200)["items"]
        return sorted(items, key=lambda one: one["planned_on"])

    return planned


@pytest.fixture
def past(url, begin):  # noqa: F811
    """Return a function that begins a weekly pairing, and lets its visits have been planned that long ago."""

    def past(weeks):
        made = begin(plan=WEEKLY)
        days = "CAST(:days AS int)"
        shift = f"slot_on = slot_on - {days}, planned_on = planned_on - {days}"
        rows(url, f"UPDATE pairings SET begun_on = begun_on - {days}, first_on = first_on - {days}", days=weeks * 7)
        rows(url, f"UPDATE visits SET {shift}", days=weeks * 7)
        return made

    return past


# Recorded


def test_a_planned_visit_is_recorded_by_the_helper_and_told_of_without_how_the_person_is(url, ask, begin, planned):  # noqa: F811
    made = begin(plan=WEEKLY)
    first = planned(made)[0]

    after = ask(
        "record_visit",
        HELPER,
        id=made["id"],
        **visit(mood=4, health=3, note="陪老人散步", goods=[{"name": "大米", "quantity": 1, "unit": "袋"}]),
    )

    assert (after["id"], after["state"], after["on"], after["has_note"]) == (first["id"], "recorded", day(0), True)
    assert (after["mood"], after["living"], after["goods"][0]["name"]) == (4, None, "大米")
    assert [one["helper"] for one in after["helpers"]] == [HELPER.id]
    (event,) = told(url, VisitRecorded)
    assert (event.visit_id, event.on, event.minutes, event.version) == (first["id"], day(0), 45, 2)
    assert (event.helpers[0].provider_id, event.recorded_by) == (PROVIDER, HELPER.id)
    everything = str(rows(url, "SELECT body FROM outbox") + rows(url, "SELECT v::text FROM visits AS v"))
    assert "散步" not in everything and "mood" not in str(rows(url, "SELECT body FROM outbox"))


def test_a_visit_that_was_not_planned_is_one_more(ask, begin, planned):  # noqa: F811
    made = begin(plan={**WEEKLY, "first_on": day(1)})

    extra = ask("record_visit", id=made["id"], **visit())

    assert (extra["planned_on"], extra["state"]) == (None, "recorded")
    assert len(planned(made)) == 5
    assert ask("get_pairing", id=made["id"])["visits"] == 1


def test_the_same_visit_is_recorded_once(ask, begin):  # noqa: F811
    made = begin()
    first = ask("record_visit", id=made["id"], **visit())

    with pytest.raises(Conflict, match="visit_already_recorded"):
        ask("record_visit", id=made["id"], **visit())
    with pytest.raises(Conflict, match="visit_already_recorded"):
        ask("record_visit", id=made["id"], visit_id=first["id"], **visit())


def test_of_many_who_record_a_visit_at_once_one_does(url, ask, begin):  # noqa: F811
    made = begin()

    def record(_):
        try:
            return ask("record_visit", id=made["id"], **visit())["state"]
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(6) as pool:
        results = sorted(pool.map(record, range(6)))

    assert results == ["recorded"] + ["visit_already_recorded"] * 5
    assert len(told(url, VisitRecorded)) == 1


@pytest.mark.parametrize(
    "changes, slug",
    [
        ({"on": day(1)}, "visit_in_the_future"),
        ({"on": day(-1)}, "visit_before_the_pairing"),
        ({"helpers": [{"helper": OTHER.id}]}, "not_a_helper"),
    ],
)
def test_what_cannot_have_been_is_not_recorded(ask, begin, changes, slug):  # noqa: F811
    made = begin()

    with pytest.raises(Invalid, match=slug):
        ask("record_visit", id=made["id"], **visit(**changes))


def test_who_does_not_help_records_nothing(ask, begin):  # noqa: F811
    made = begin()

    with pytest.raises(NotFound, match="unknown_pairing"):
        ask("record_visit", OTHER, id=made["id"], **visit())


def test_a_note_is_shown_with_a_purpose_to_staff_and_to_who_wrote_it(ask, begin):  # noqa: F811
    made = begin()
    own = ask("record_visit", HELPER, id=made["id"], **visit(note="血压偏高"))

    for caller in (WORKER, HELPER):
        shown = ask("reveal_visit_note", caller, id=own["id"], purpose="next_visit")
        assert open_fields(KEYRING, pairings.PairingNoteView, shown)["note"] == "血压偏高"
    with pytest.raises(NotFound):
        ask("reveal_visit_note", OTHER, id=own["id"], purpose="next_visit")
    records = ask("list_pairing_reveals", id=made["id"])["items"]
    assert [(one["subject"], one["revealed_by"]) for one in records] == [("visit", HELPER.id), ("visit", WORKER.id)]


# Put off, cancelled, planned again


def test_a_visit_that_was_put_off_or_cancelled_is_not_planned_again(url, ask, begin, planned):  # noqa: F811
    made = begin(plan=WEEKLY)
    first, second, third, *_ = planned(made)
    ask("reschedule_visit", HELPER, id=second["id"], on=day(9), at="10:30")
    ask("cancel_visit", id=third["id"], reason="person_away")

    does(MatchingService, url, "plan_visits", noon(1))
    does(MatchingService, url, "plan_visits", noon(2))

    days = [one["planned_on"] for one in planned(made)]
    assert days == [day(0), day(9), day(21), day(28), day(35)]
    with pytest.raises(Conflict, match="visit_not_planned"):
        ask("cancel_visit", id=third["id"], reason="other")
    with pytest.raises(Conflict, match="visit_on_that_day"):
        ask("reschedule_visit", id=first["id"], on=day(9))
    with pytest.raises(Invalid, match="visit_in_the_past"):
        ask("reschedule_visit", id=first["id"], on=day(-1))


def test_that_a_visit_is_put_off_or_cancelled_is_told_without_why(url, ask, begin, planned):  # noqa: F811
    made = begin(plan=WEEKLY)
    _, second, third, *_ = planned(made)
    ask("reschedule_visit", id=second["id"], on=day(9), at="10:30")
    ask("cancel_visit", HELPER, id=third["id"], reason="person_ill")

    (moved,), (gone,) = told(url, VisitRescheduled), told(url, VisitCancelled)
    assert (moved.on_before, moved.on, moved.at, moved.rescheduled_by) == (day(7), day(9), "10:30", WORKER.id)
    assert (gone.on, gone.cancelled_by, gone.worker, gone.helpers[0].helper) == (
        day(14),
        HELPER.id,
        WORKER.id,
        HELPER.id,
    )
    assert (moved.version, gone.version, ask("get_pairing", id=made["id"])["version"]) == (2, 3, 3)
    assert "person_ill" not in str(rows(url, "SELECT body FROM outbox"))


def test_visits_are_set_some_weeks_ahead_as_time_goes_by(url, begin, planned):  # noqa: F811
    made = begin(plan=WEEKLY)

    does(MatchingService, url, "plan_visits", noon(14))

    assert [one["planned_on"] for one in planned(made)] == [day(7 * week) for week in range(8)]
    assert does(MatchingService, url, "plan_visits", noon(14)) == 1


def test_a_holiday_that_is_entered_moves_the_visits_that_are_set(url, ask, begin, planned):  # noqa: F811
    made = begin(plan={**WEEKLY, "on_holidays": "skip"})
    assert day(7) in [one["planned_on"] for one in planned(made)]

    ask("set_holiday", OPERATOR, day=day(7), kind="holiday", name="台风停业")
    does(MatchingService, url, "plan_visits", noon(0))
    assert day(7) not in [one["planned_on"] for one in planned(made)]

    ask("set_holiday", OPERATOR, day=day(7), kind="workday")
    does(MatchingService, url, "plan_visits", noon(0))
    assert day(7) in [one["planned_on"] for one in planned(made)]


def test_holidays_are_listed_as_published_and_as_entered(ask):  # noqa: F811
    ask("set_holiday", OPERATOR, day="2030-02-08", kind="holiday", name="春节")
    ask("set_holiday", OPERATOR, day="2026-10-10", kind="holiday", name="补休")

    entered, published = ask("list_holidays", year=2030), ask("list_holidays", year=2026)

    assert entered["published"] is False
    february = [(one["day"], one["entered"]) for one in entered["items"] if one["day"].startswith("2030-02")]
    assert february == [*((f"2030-02-0{day}", False) for day in range(2, 8)), ("2030-02-08", True)]
    last = published["items"][-1]
    assert (published["published"], last["day"], last["kind"], last["entered"]) == (True, "2026-10-10", "holiday", True)
    with pytest.raises(Invalid, match="holiday_needs_a_name"):
        ask("set_holiday", OPERATOR, day="2030-02-04", kind="holiday")


# Missed


def test_a_visit_is_missed_when_two_days_have_passed_and_not_before(url, begin):  # noqa: F811
    begin(plan=WEEKLY)

    does(MatchingService, url, "watch_visits", noon(2))
    assert told(url, VisitMissed) == []
    does(MatchingService, url, "watch_visits", noon(3))
    does(MatchingService, url, "watch_visits", noon(4))

    (event,) = told(url, VisitMissed)
    assert (event.on, event.missed, event.worker, event.helpers[0].helper) == (day(0), 1, WORKER.id, HELPER.id)
    assert told(url, PairingAlerted) == []


def test_two_missed_visits_in_a_row_alert_the_social_worker_once(url, ask, begin):  # noqa: F811
    made = begin(plan=WEEKLY)

    does(MatchingService, url, "watch_visits", noon(24))

    assert [event.missed for event in told(url, VisitMissed)] == [1, 2, 3, 4]
    (event,) = told(url, PairingAlerted)
    assert (event.reason, event.worker, event.pairing_id) == ("visits_missed", WORKER.id, made["id"])
    versions = sorted(event.version for kind in (VisitMissed, PairingAlerted) for event in told(url, kind))
    assert versions == [2, 3, 4, 5, 6]
    (alert,) = ask("list_alerts", pairing_id=made["id"])["items"]
    assert (alert["reason"], alert["worker"]) == ("visits_missed", WORKER.id)


def test_a_visit_in_between_ends_the_row(url, ask, past):  # noqa: F811
    made = past(5)
    ask("record_visit", id=made["id"], **visit(on=day(-28)))

    does(MatchingService, url, "watch_visits", noon(-18))

    assert [event.missed for event in told(url, VisitMissed)] == [1, 1]
    assert told(url, PairingAlerted) == []


def test_a_missed_visit_can_still_be_recorded(url, ask, past):  # noqa: F811
    made = past(1)
    does(MatchingService, url, "watch_visits", noon(-4))
    (missed,) = ask("list_visits", state="missed")["items"]

    after = ask("record_visit", id=made["id"], visit_id=missed["id"], **visit(on=day(-7)))

    assert (after["id"], after["state"]) == (missed["id"], "recorded")


def test_a_visit_that_is_recorded_while_it_is_found_missed_is_one_of_both(url, ask, past):  # noqa: F811
    made = past(1)

    with ThreadPoolExecutor(2) as pool:
        found = pool.submit(does, MatchingService, url, "watch_visits", noon(-4))
        done = pool.submit(ask, "record_visit", id=made["id"], **visit(on=day(-7)))
        found.result()

    assert done.result()["state"] == "recorded"
    versions = [event.version for kind in (VisitMissed, VisitRecorded) for event in told(url, kind)]
    assert len(versions) == len(set(versions))
    assert ask("list_visits", state="missed")["items"] == []
    assert len(told(url, VisitMissed)) <= 1


# Alarming


@pytest.mark.parametrize(
    "before, now, alarming",
    [({"mood": 5}, {"mood": 3}, True), ({"mood": 5}, {"mood": 4}, False), ({}, {"living": 1}, True),
     ({"health": 4, "mood": 3}, {"health": 2, "mood": 5}, True), ({"mood": 5}, {"health": 2}, False)],
)  # fmt: skip
def test_the_social_worker_is_alerted_when_the_person_is_worse(url, ask, past, before, now, alarming):  # noqa: F811
    made = past(1)
    ask("record_visit", id=made["id"], **visit(on=day(-7), **before))

    ask("record_visit", id=made["id"], **visit(**now))

    assert [event.reason for event in told(url, PairingAlerted)] == ["person_worse"] * alarming


def test_the_social_worker_is_alerted_when_the_person_is_worse_little_by_little(url, ask, past):  # noqa: F811
    made, alerted = past(8), []
    for week, mood in zip((7, 6, 5, 4, 3, 2), (5, 4, 3, 3, 2, 4), strict=True):
        ask("record_visit", id=made["id"], **visit(on=day(-week), mood=mood))
        for alert in ask("list_alerts", worker=WORKER.id)["items"]:
            alerted.append(mood)
            ask("acknowledge_alert", id=alert["id"], note="已联系家属")

    assert alerted == [3]  # told of once, until the person is worse by as much again
    ask("record_visit", id=made["id"], **visit(mood=2))
    assert [alert["reason"] for alert in ask("list_alerts", worker=WORKER.id)["items"]] == ["person_worse"]


def test_an_alert_is_acknowledged_once_with_what_was_done(url, ask, begin):  # noqa: F811
    made = begin()
    seen = ask("record_visit", id=made["id"], **visit(mood=1))
    (alert,) = ask("list_alerts", worker=WORKER.id)["items"]
    assert alert["visit_id"] == seen["id"] and ask("list_alerts", GRID_WORKER)["items"] == []

    after = ask("acknowledge_alert", OFFICE, id=alert["id"], note="已电话联系家属")

    assert (after["acknowledged_by"], after["has_note"]) == (OFFICE.id, True)
    assert ask("list_alerts")["items"] == [] and len(ask("list_alerts", open=False)["items"]) == 1
    with pytest.raises(Conflict, match="alert_already_acknowledged"):
        ask("acknowledge_alert", id=alert["id"], note="又一次")
    shown = open_fields(
        KEYRING, pairings.PairingNoteView, ask("reveal_alert_note", id=alert["id"], purpose="supervision")
    )
    assert shown["note"] == "已电话联系家属"


def test_the_end_of_a_plan_is_told_once_two_weeks_before(url, ask, begin):  # noqa: F811
    made = begin(plan={**WEEKLY, "rule": "FREQ=DAILY;INTERVAL=7;COUNT=4"})

    does(MatchingService, url, "watch_visits", noon(6))
    assert told(url, PairingAlerted) == []
    for days in (7, 8):
        does(MatchingService, url, "watch_visits", noon(days))
    assert [event.reason for event in told(url, PairingAlerted)] == ["plan_ends"]

    version = ask("get_pairing", id=made["id"])["version"]
    ask("change_pairing", id=made["id"], version=version, plan=WEEKLY)
    does(MatchingService, url, "watch_visits", noon(9))
    assert len(told(url, PairingAlerted)) == 1


# Figures


def test_figures_are_counted_by_month_and_community(url, ask, begin):  # noqa: F811
    made = begin()
    ask("record_visit", id=made["id"], **visit(kinds=["material", "emotional"], minutes=30))

    figures = ask("pairing_figures", since=day(0), until=day(0))["items"]

    month = day(0)[:7]
    assert figures == [{"month": month, "community": "jiangtou", "active": 1, "visits": 1, "missed": 0, "minutes": 30,
                        "people": 1, "material": 1, "emotional": 1}]  # fmt: skip
    assert ask("pairing_figures", GRID_WORKER, since=day(0), until=day(0))["items"] == []
    assert CLIENT not in str(figures)
    with pytest.raises(Invalid, match="too_many_months"):
        ask("pairing_figures", since=day(0), until=day(-40))
