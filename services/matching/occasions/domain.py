"""The parts that an offer is given out in, each with a capacity of its own. No I/O.

An occasion has a key: empty for a stock and for what never runs out, 2026-11 or 2026-W48 or 2026-11-23
for what renews, and the moment at which it begins, in the station's time, for a timetable or a date.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from contracts.fields import MOST_UNITS, STATION_TIME

EVERYTHING = MOST_UNITS  # of what never runs out
DAYS_AHEAD = 62
_PERIODS = {"day": "", "week": "-1", "month": "-01"}  # what makes a key its first day


class Part(NamedTuple):
    """One occasion: from when until when it lasts, and how much there is; no capacity means no limit."""

    key: str
    starts_at: datetime | None
    ends_at: datetime | None
    capacity: int | None


def manner(offer) -> str:
    """Return how an offer is given out: stock, unlimited, period or times."""
    if offer.form == "unlimited":
        return "unlimited"
    if offer.form == "goods_per_period" and offer.period in _PERIODS:
        return "period"
    if offer.form in ("hours", "room", "posts") and (offer.slots or offer.dates):
        return "times"
    return "stock"


def capacity_at(offer, occasion: str) -> int | None:
    """Return how many units an occasion has in all: none where there is no such occasion, None for no limit."""
    part = _part_at(offer, occasion)
    return part.capacity if part else 0


def is_over(offer, occasion: str, now: datetime) -> bool:
    """Tell whether an occasion has ended; that of a stock never does."""
    part = _part_at(offer, occasion)
    return bool(part and part.ends_at and part.ends_at <= now)


def _part_at(offer, occasion) -> Part | None:
    how = manner(offer)
    if how in ("stock", "unlimited"):
        return None if occasion else Part("", None, None, None if how == "unlimited" else offer.quantity)
    try:
        if how == "period":
            found = [_period_of(offer, date.fromisoformat(occasion + _PERIODS[offer.period]))]
        else:
            found = _times_of(offer, datetime.fromisoformat(occasion).astimezone(STATION_TIME).date())
    except ValueError:
        return None
    return next((part for part in found if part.key == occasion), None)


def occasions(offer, starts: datetime, ends: datetime) -> Iterator[Part]:
    """Yield the occasions of an offer that last into the time from `starts` until `ends`, the earliest first.

    Looks no further ahead than DAYS_AHEAD from the start. A stock has one occasion, whatever the time.
    """
    how = manner(offer)
    if how in ("stock", "unlimited"):
        yield _part_at(offer, "")
        return
    ends = min(ends, starts + timedelta(days=DAYS_AHEAD))
    day, last = starts.astimezone(STATION_TIME).date(), ends.astimezone(STATION_TIME).date()
    if how == "period":
        while (part := _period_of(offer, day)).starts_at < ends:
            yield part
            day = part.ends_at.date()
        return
    day -= timedelta(days=1)  # what began the day before may last
    weekdays = {slot.weekday for slot in offer.slots}
    while day <= last:
        if offer.dates or day.isoweekday() in weekdays:
            for part in _times_of(offer, day):
                if part.starts_at < ends and part.ends_at > starts:
                    yield part
        day += timedelta(days=1)


def _period_of(offer, day: date) -> Part:
    if offer.period == "day":
        first, after, key = day, day + timedelta(days=1), day.isoformat()
    elif offer.period == "week":
        year, week, weekday = day.isocalendar()
        first = day - timedelta(days=weekday - 1)
        after, key = first + timedelta(days=7), f"{year}-W{week:02d}"
    else:
        first = day.replace(day=1)
        after, key = (first + timedelta(days=32)).replace(day=1), f"{day:%Y-%m}"
    return Part(key, _midnight(first), _midnight(after), offer.quantity)


def _times_of(offer, day: date) -> list[Part]:
    """Return what begins on a day: the dates, and the timetable where it holds and no date takes its place."""
    found = {}
    if day.isoformat() not in offer.days_off:
        for slot in offer.slots:
            if slot.weekday == day.isoweekday():
                begins, ends = _at(day, slot.starts), _at(day, slot.ends)
                found[begins] = Part(begins.isoformat(), begins, ends, offer.quantity)
    for each in offer.dates:
        begins = each.starts_at.astimezone(STATION_TIME)
        if begins.date() == day:
            found[begins] = Part(begins.isoformat(), begins, each.ends_at, each.places)
    return [found[begins] for begins in sorted(found)]


def _at(day: date, clock: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return _midnight(day) + timedelta(hours=hours, minutes=minutes)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), STATION_TIME)
