"""Times in cells: what people write is understood, what we write is read again as it was."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fields import STATION_TIME
from services.resource.lists.timetables import read, write


def slots(days, *times):
    return [{"weekday": day, "starts": starts, "ends": ends} for day in days for starts, ends in times]


MORNING, AFTERNOON = ("09:00", "11:00"), ("14:00", "16:30")


@pytest.mark.parametrize(
    "text, found",
    [
        ("周一 09:00-11:00", slots([1], MORNING)),
        ("周一、周三 9:00-11:00", slots([1, 3], MORNING)),
        ("周一三 09：00－11：00", slots([1, 3], MORNING)),
        ("星期一至星期三 9:00到11:00", slots([1, 2, 3], MORNING)),
        ("工作日 09:00-11:00、14:00-16:30", slots(range(1, 6), MORNING, AFTERNOON)),
        ("周六~周一 09:00—11:00", slots([1, 6, 7], MORNING)),
        ("周日14:00-16:30；礼拜二 09:00-11:00。", slots([2], MORNING) + slots([7], AFTERNOON)),
        ("周二 09:00-11:00\n周二，14:00——16:30", slots([2], MORNING, AFTERNOON)),
        ("每天 00:00-24:00", slots(range(1, 8), ("00:00", "24:00"))),
    ],
)
def test_a_timetable_is_understood_however_people_write_it(text, found):
    assert read("slots", text) == found


@pytest.mark.parametrize(
    "field, text",
    [("slots", "周一"), ("slots", "周八 09:00-11:00"), ("slots", "周一 09:00"), ("slots", "下午有空"), ("slots", "周一 25:00-26:00"),
     ("slots", "周一 09:00-11:00 张师傅"), ("dates", "2027-03-08"), ("dates", "2027-02-30 09:00-12:00 4人"),
     ("dates", "2027-03-08 09:00-12:00"), ("days_off", "国庆"), ("days_off", "2027-02-22至2027-02-16"), ("days_off", "2027-1-1至2099-1-1"),
     ("dates", "9999-12-31 24:00-24:00 1")],
)  # fmt: skip
def test_what_is_not_clear_stays_text(field, text):
    assert read(field, text) == text


def test_dates_and_days_off_are_understood():
    assert read("dates", "2027/3/8 9:00-12:00 4人；2027年3月9日 22:00至2027年3月10日 6:00 2") == [
        {"starts_at": "2027-03-08T09:00:00+08:00", "ends_at": "2027-03-08T12:00:00+08:00", "places": 4},
        {"starts_at": "2027-03-09T22:00:00+08:00", "ends_at": "2027-03-10T06:00:00+08:00", "places": 2},
    ]
    assert read("days_off", "2027-10-01、2027-02-16至2027-02-18") == ["2027-02-16", "2027-02-17", "2027-02-18", "2027-10-01"]


CLOCKS = st.times().map(lambda at: f"{at:%H:%M}")
SLOTS = st.builds(lambda weekday, starts, ends: {"weekday": weekday, "starts": starts, "ends": ends},
                  st.integers(1, 7), CLOCKS, CLOCKS | st.just("24:00"))  # fmt: skip
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=STATION_TIME)
)
DATES = st.builds(lambda at, minutes, places: {"starts_at": at.isoformat(), "ends_at": (at + timedelta(minutes=minutes)).isoformat(), "places": places},
                  MOMENTS, st.integers(1, 3000), st.integers(1, 999_999))  # fmt: skip
DAYS = st.lists(st.dates(date(2026, 1, 1), date(2028, 1, 1)), unique=True, max_size=50).map(sorted)


@given(st.lists(SLOTS, max_size=20), st.lists(DATES, max_size=20), DAYS)
def test_what_goes_out_comes_in_as_it_was(slots, dates, days):
    slots.sort(key=lambda slot: (slot["weekday"], slot["starts"], slot["ends"]))
    dates.sort(key=lambda each: (each["starts_at"], each["ends_at"]))

    assert read("slots", write("slots", slots)) == slots
    assert [
        (each["starts_at"], each["ends_at"]) for each in read("dates", write("dates", dates))
    ] == [(each["starts_at"], each["ends_at"]) for each in dates]
    assert read("days_off", write("days_off", days)) == [day.isoformat() for day in days]
