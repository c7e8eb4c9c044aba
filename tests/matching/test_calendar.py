"""On which days a plan of visits falls."""

from datetime import date

import pytest

from contracts.errors import Invalid
from services.matching.pairings.calendar import (
    Calendar,
    Holiday,
    check_plan,
    checked_rule,
    holidays_of,
    next_visits,
    visits_between,
)
from services.matching.pairings.domain import Plan

PLAIN = Calendar()


def plan(rule, first_on=date(2026, 9, 1), **changes):
    return Plan(**{"rule": rule, "visit_time": "15:00", "visit_minutes": 60, "first_on": first_on, **changes})


def days(plan, since, until, calendar=PLAIN):
    return [visit.on.isoformat() for visit in visits_between(plan, calendar, since, until)]


@pytest.mark.parametrize(
    "rule, expected",
    [
        ("FREQ=WEEKLY;BYDAY=TU,FR", ["2026-11-03", "2026-11-06", "2026-11-10", "2026-11-13"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", ["2026-11-10"]),
        ("FREQ=MONTHLY;BYMONTHDAY=5,-20", ["2026-11-05", "2026-11-11"]),
        ("FREQ=MONTHLY;BYDAY=+1MO,2WE", ["2026-11-02", "2026-11-11"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2", ["2026-11-03"]),
        ("FREQ=DAILY;INTERVAL=5;UNTIL=20261108", ["2026-11-05"]),
        ("FREQ=DAILY;COUNT=65", ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"]),
    ],
)
def test_a_rule_falls_on_its_days(rule, expected):
    assert days(plan(rule), date(2026, 11, 1), date(2026, 11, 15)) == expected


def test_a_visit_on_a_public_holiday_is_moved_past_it_to_a_working_day():
    # National Day 2026 is 1 to 7 October; Saturday 10 October makes up for it.
    thursdays = plan("FREQ=WEEKLY;BYDAY=TH")

    (moved, after) = visits_between(thursdays, PLAIN, date(2026, 10, 1), date(2026, 10, 15))

    assert (moved.on, moved.rule_on, moved.holiday) == (date(2026, 10, 8), date(2026, 10, 8), "")
    assert after.on == date(2026, 10, 15)


def test_what_is_moved_to_the_same_day_is_one_visit():
    daily = plan("FREQ=DAILY")

    assert days(daily, date(2026, 10, 1), date(2026, 10, 9)) == ["2026-10-08", "2026-10-09"]


def test_a_make_up_saturday_takes_what_is_moved():
    # Spring Festival 2026 is 15 to 23 February; Saturdays 14 and 28 February are working days.
    saturdays = plan("FREQ=WEEKLY;BYDAY=SA", date(2026, 2, 1))
    calendar = Calendar({date(2026, 2, 27): Holiday("holiday", "停电"), date(2026, 2, 26): Holiday("holiday", "停电")})
    thursdays = plan("FREQ=WEEKLY;BYDAY=TH", date(2026, 2, 26))

    assert days(saturdays, date(2026, 2, 14), date(2026, 2, 28)) == ["2026-02-14", "2026-02-24", "2026-02-28"]
    assert days(thursdays, date(2026, 2, 24), date(2026, 3, 1), calendar) == ["2026-02-28"]


@pytest.mark.parametrize("on_holidays, expected", [("keep", ["2026-10-06"]), ("skip", []), ("move", ["2026-10-08"])])
def test_a_plan_says_what_becomes_of_holidays(on_holidays, expected):
    tuesdays = plan("FREQ=WEEKLY;BYDAY=TU", on_holidays=on_holidays)

    assert days(tuesdays, date(2026, 10, 1), date(2026, 10, 12)) == expected


def test_a_plain_weekend_is_no_holiday():
    assert days(plan("FREQ=WEEKLY;BYDAY=SU"), date(2026, 11, 1), date(2026, 11, 8)) == ["2026-11-01", "2026-11-08"]


def test_a_year_that_is_not_published_has_the_days_of_the_law_and_what_operators_enter():
    daily = plan("FREQ=DAILY", date(2030, 1, 1))
    # Spring Festival 2030 begins on 3 February, a Sunday; the law gives four days, and two for the weekend.
    longer = Calendar({date(2030, 2, 8): Holiday("holiday", "春节")})
    make_up = Calendar({date(2030, 1, 5): Holiday("workday", "调休")})

    assert days(daily, date(2030, 1, 1), date(2030, 1, 3)) == ["2030-01-02", "2030-01-03"]
    assert [PLAIN.holiday(date(2030, 2, day)) for day in (1, 2, 3, 7, 8)] == ["", "农历除夕", "春节", "春节", ""]
    assert days(daily, date(2030, 2, 2), date(2030, 2, 12))[0] == "2030-02-08"
    assert days(daily, date(2030, 2, 2), date(2030, 2, 12), longer)[0] == "2030-02-09"
    assert PLAIN.holiday(date(2030, 9, 12)) == "中秋节" and PLAIN.holiday(date(2099, 10, 1)) == "国庆节"
    assert make_up.works(date(2030, 1, 5)) and not PLAIN.works(date(2030, 1, 5))
    known, published = holidays_of(2030)
    assert (known[date(2030, 2, 3)], published) == (("holiday", "春节"), False)
    known, published = holidays_of(2026)
    assert (known[date(2026, 10, 10)], published) == (("workday", "国庆节"), True)


def test_what_is_entered_comes_before_what_is_published():
    calendar = Calendar({date(2026, 10, 1): Holiday("workday", ""), date(2026, 10, 2): Holiday("as_usual", "")})

    assert (calendar.holiday(date(2026, 10, 1)), calendar.holiday(date(2026, 10, 2))) == ("", "国庆节")


@pytest.mark.parametrize(
    "wrong",
    [
        "BYDAY=TU", "FREQ=YEARLY", "FREQ=HOURLY", "FREQ=WEEKLY;BYDAY=1TU", "FREQ=WEEKLY;BYMONTHDAY=3", "",
        "FREQ=MONTHLY;BYSETPOS=1", "FREQ=DAILY;COUNT=3;UNTIL=20270101", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;UNTIL=20270231", "FREQ=DAILY;INTERVAL=53", "FREQ=DAILY;BYEASTER=1", "FREQ=DAILY\nDTSTART=1",
    ],
)  # fmt: skip
def test_a_rule_outside_of_the_grammar_is_refused(wrong):
    with pytest.raises(Invalid, match="invalid_rule"):
        checked_rule(wrong)


def test_a_rule_is_kept_in_one_spelling():
    assert checked_rule("rrule:byday=tu;freq=weekly") == "FREQ=WEEKLY;BYDAY=TU"


@pytest.mark.parametrize(
    "rule, last",
    [
        ("FREQ=DAILY;COUNT=3", date(2026, 9, 3)),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260930", date(2026, 9, 29)),
        ("FREQ=DAILY", None),
    ],
)
def test_a_plan_knows_its_last_day(rule, last):
    assert check_plan(plan(rule)) == last


@pytest.mark.parametrize(
    "rule, first_on",
    [("FREQ=DAILY;INTERVAL=7;BYDAY=MO", date(2026, 9, 1)), ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", date(2026, 9, 1)),
     ("FREQ=DAILY;UNTIL=20260801", date(2026, 9, 1))],
)  # fmt: skip
def test_a_plan_that_never_falls_due_is_refused_at_once(rule, first_on):
    with pytest.raises(Invalid, match="plan_has_no_visits"):
        check_plan(plan(rule, first_on))


def test_the_next_visits_are_as_many_as_asked_for():
    monthly = plan("FREQ=MONTHLY;BYMONTHDAY=15")

    assert len(next_visits(monthly, PLAIN, date(2026, 11, 23), 12)) == 12
    assert next_visits(monthly, PLAIN, date(2026, 11, 23), 1)[0].on == date(2026, 12, 15)
