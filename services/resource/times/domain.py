"""The occasions at which an offer is to be had, each with its key and capacity. No I/O."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from contracts.fields import STATION_TIME
from services.resource.offers.domain import Offer


@dataclass(frozen=True)
class OccasionView:
    """One time at which there is so much of an offer; the key is what a match names it by."""

    occasion: str
    starts_at: datetime
    ends_at: datetime
    capacity: int


def occasions(offer: Offer, since: date, until: date) -> tuple[OccasionView, ...]:
    """Return what there is of an offer from one day until, not including, another, in order.

    A stock and what is unlimited have no occasions. A period counts where any of it is in the days and in the
    offer's validity; a slot or date where it begins in the days and lies in the validity whole.
    """
    if offer.form == "goods_per_period":
        found = _periods(offer, since, until)
    else:
        # A single date that begins when a slot does takes its place.
        by_key = {each.occasion: each for each in _slots(offer, since, until)}
        by_key |= {each.occasion: each for each in _dates(offer, since, until)}
        found = sorted(by_key.values(), key=lambda each: each.starts_at)
    return tuple(found)


def key_of(moment: datetime) -> str:
    """Return the key of what begins at a moment: ISO 8601, in the station's time."""
    return moment.astimezone(STATION_TIME).isoformat()


def _slots(offer, since, until):
    for day in _days(since, until):
        if day in offer.days_off:
            continue
        for slot in offer.slots:
            if slot.weekday == day.isoweekday():
                starts_at, ends_at = _at(day, slot.starts), _at(day, slot.ends)
                if _is_valid(offer, starts_at, ends_at):
                    yield OccasionView(key_of(starts_at), starts_at, ends_at, offer.quantity)


def _dates(offer, since, until):
    first, end = _at(since, "00:00"), _at(until, "00:00")
    for each in offer.dates:
        if first <= each.starts_at < end and _is_valid(offer, each.starts_at, each.ends_at):
            yield OccasionView(key_of(each.starts_at), each.starts_at, each.ends_at, each.places)


def _periods(offer, since, until):
    begins, key, step = PERIODS[offer.period]
    day = begins(since)
    while day < until:
        following = step(day)
        starts_at, ends_at = _at(day, "00:00"), _at(following, "00:00")
        if (not offer.starts_at or offer.starts_at < ends_at) and (not offer.over_at or starts_at < offer.over_at):
            yield OccasionView(key(day), starts_at, ends_at, offer.quantity)
        day = following


PERIODS = {
    "day": (lambda day: day, date.isoformat, lambda day: day + timedelta(days=1)),
    "week": (
        lambda day: day - timedelta(days=day.isoweekday() - 1),
        lambda day: "{}-W{:02d}".format(*day.isocalendar()[:2]),
        lambda day: day + timedelta(days=7),
    ),
    "month": (
        lambda day: day.replace(day=1),
        lambda day: f"{day:%Y-%m}",
        lambda day: (day.replace(day=1) + timedelta(days=32)).replace(day=1),
    ),
}


def _is_valid(offer, starts_at, ends_at):
    return (not offer.starts_at or starts_at >= offer.starts_at) and (not offer.over_at or ends_at <= offer.over_at)


def _at(day: date, clock: str) -> datetime:
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(clock), STATION_TIME)


def _days(since, until):
    return (since + timedelta(days=n) for n in range((until - since).days))
