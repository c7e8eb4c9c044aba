"""Which months a matrix of flows is about. No I/O."""

from datetime import date

from contracts.calls.matching.flows import MOST_MONTHS
from contracts.errors import Invalid

YEAR = 12


def months(since: str | None, until: str | None, today: date) -> tuple[date, date]:
    """Return the first day of the first month and of the month after the last.

    Without a last month it is this one, without a first the year up to the last. Raises Invalid.
    """
    last = _number(date.fromisoformat(f"{until}-01")) if until else _number(today)
    first = _number(date.fromisoformat(f"{since}-01")) if since else last - YEAR + 1
    if first > last:
        raise Invalid("ends_before_it_starts", "until")
    if last - first >= MOST_MONTHS:
        raise Invalid("too_many_months", "since", most=MOST_MONTHS)
    return _day(first), _day(last + 1)


def _number(day: date) -> int:
    return day.year * YEAR + day.month - 1


def _day(number: int) -> date:
    return date(number // YEAR, number % YEAR + 1, 1)
