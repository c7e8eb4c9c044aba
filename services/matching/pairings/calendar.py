"""On which days a plan of visits falls: recurrence, public holidays and the working days that make up for them (调休).

No I/O. What operators entered for a day comes first, then the published arrangement of the year; for a year whose
arrangement is not published yet, the days of the law are holidays (those of the moon's calendar too, and the days that make
up for a weekend) and the rest is plain weekdays. Sources: the packages chinesecalendar, from the State Council's notices,
and holidays.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

import chinese_calendar
from dateutil.rrule import rrulestr
from holidays.countries.china import China

from contracts.errors import Invalid
from services.matching.pairings.domain import Plan, PlannedVisit

LONGEST_HOLIDAY = timedelta(days=31)
FIRST_WITHIN = timedelta(days=731)  # a plan whose first visit is further away is a mistake
MOST_VISITS = 1000

_DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY",
    "INTERVAL": r"[1-9]|[1-4]\d|5[0-2]",
    "BYDAY": rf"(?:[+-]?[1-5])?{_DAY}(?:,(?:[+-]?[1-5])?{_DAY}){{0,6}}",
    "BYMONTHDAY": r"-?(?:[1-9]|[12]\d|3[01])(?:,-?(?:[1-9]|[12]\d|3[01])){0,30}",
    "BYSETPOS": r"-?[1-5](?:,-?[1-5]){0,4}",
    "UNTIL": r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",
    "COUNT": r"[1-9]\d{0,2}|1000",
}
_MONTHLY_ONLY = ("BYMONTHDAY", "BYSETPOS")


@dataclass(frozen=True)
class Holiday:
    """What an operator says of a day: kind is holiday, workday, or as_usual."""

    kind: str
    name: str


class Calendar:
    """Which days are public holidays, and on which days people work."""

    def __init__(self, entered: Mapping[date, Holiday] = {}):
        self.entered = entered

    def holiday(self, day: date) -> str:
        """Return the Chinese name of the public holiday that a day is, or ""; a plain weekend is none."""
        entered = self.entered.get(day)
        if entered and entered.kind != "as_usual":
            return entered.name if entered.kind == "holiday" else ""
        try:
            off, name = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            return days_of_law(day.year).get(day, "")
        return chinese_calendar.Holiday(name).chinese if off and name else ""

    def works(self, day: date) -> bool:
        """Tell whether people work on a day; a weekend day that makes up for a holiday counts."""
        entered = self.entered.get(day)
        if entered and entered.kind != "as_usual":
            return entered.kind == "workday"
        try:
            return chinese_calendar.is_workday(day)
        except NotImplementedError:
            return day.weekday() < 5 and day not in days_of_law(day.year)

    def next_working_day(self, day: date) -> date | None:
        """Return the first working day after a day; none where a month has none."""
        days = (day + timedelta(days=ahead) for ahead in range(1, LONGEST_HOLIDAY.days + 1))
        return next((later for later in days if self.works(later)), None)


@lru_cache(maxsize=8)
def days_of_law(year: int) -> dict[date, str]:
    """Return the public holidays that the law gives a year, with their Chinese names."""
    return {day: name.partition("（")[0].replace("; ", "、") for day, name in China(years=year, language="zh_CN").items()}


def holidays_of(year: int) -> tuple[dict[date, tuple[str, str]], bool]:
    """Return {day: (holiday or workday, name)} of a year's arrangement, and whether it is published yet.

    Before it is, these are the days of the law.
    """
    calendar, days = Calendar(), [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    found = {}
    for day in (day for day in days if day.year == year):
        try:
            off, name = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            return {day: ("holiday", name) for day, name in days_of_law(year).items()}, False
        if name and off:
            found[day] = ("holiday", calendar.holiday(day))
        elif name:
            found[day] = ("workday", chinese_calendar.Holiday(name).chinese)
    return found, True


def checked_rule(text: str) -> str:
    """Return a recurrence rule in its one spelling.

    A small part of RFC 5545: FREQ daily, weekly or monthly, with INTERVAL, BYDAY, BYMONTHDAY, BYSETPOS and one of
    UNTIL (a day) and COUNT. Raises Invalid("invalid_rule").
    """
    parts = {}
    for part in text.upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name in parts or not re.fullmatch(_PARTS.get(name, "(?!)"), value, re.ASCII):
            raise Invalid("invalid_rule", "plan")
        parts[name] = value
    wrong = (
        "FREQ" not in parts
        or {"UNTIL", "COUNT"} <= set(parts)
        or (parts.get("FREQ") != "MONTHLY" and any(name in parts for name in _MONTHLY_ONLY))
        or (parts.get("FREQ") != "MONTHLY" and re.search(r"\d", parts.get("BYDAY", "")))
        or ("BYSETPOS" in parts and "BYDAY" not in parts and "BYMONTHDAY" not in parts)
    )
    if not wrong and "UNTIL" in parts:
        try:
            datetime.strptime(parts["UNTIL"], "%Y%m%d")
        except ValueError:
            wrong = True
    if wrong:
        raise Invalid("invalid_rule", "plan")
    return ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)


def check_plan(plan: Plan) -> date | None:
    """Return the last day of a plan, or none where it goes on. Raises Invalid where it has no visit within two years."""
    if next(_days(plan, plan.first_on + FIRST_WITHIN), None) is None:
        raise Invalid("plan_has_no_visits", "plan")
    if "COUNT=" not in plan.rule and "UNTIL=" not in plan.rule:
        return None
    return max(_days(plan, date(2099, 12, 31)))


def visits_between(plan: Plan, calendar: Calendar, since: date, until: date) -> list[PlannedVisit]:
    """Return the visits of a plan from one day to another, both included, in order; at most one on a day.

    What falls on a public holiday is moved to the next working day, kept or skipped, as the plan says.
    """
    found: dict[date, PlannedVisit] = {}
    for day in _days(plan, until):
        if day < since - LONGEST_HOLIDAY:
            continue
        holiday = calendar.holiday(day)
        on = day
        if holiday and plan.on_holidays != "keep":
            on = calendar.next_working_day(day) if plan.on_holidays == "move" else None
        if on is not None and since <= on <= until:
            visit = PlannedVisit(on=on, rule_on=day, holiday=holiday, works=calendar.works(on))
            # A visit that is on this day anyway comes before one that was moved there.
            if on not in found or found[on].rule_on != on:
                found[on] = visit
    return [found[on] for on in sorted(found)]


def next_visits(plan: Plan, calendar: Calendar, since: date, most: int) -> list[PlannedVisit]:
    """Return the first visits of a plan from a day on."""
    found: list[PlannedVisit] = []
    start = max(since, plan.first_on)
    for months in (3, 12, 60):
        found = visits_between(plan, calendar, start, start + timedelta(days=31 * months))
        if len(found) >= most:
            break
    return found[:most]


def _days(plan: Plan, until: date) -> Iterator[date]:
    """Yield the days of the rule itself up to a day; counted from the plan's first day."""
    rule, _, count = plan.rule.partition(";COUNT=")
    found = rrulestr(rule, dtstart=datetime.combine(plan.first_on, time()))
    end = datetime.combine(until, time())
    # The rule ends with the window: one that never falls due would be looked for until the year 9999.
    found = found.replace(until=min(found._until, end) if found._until else end)
    return (moment.date() for moment in islice(found, int(count) if count else MOST_VISITS * 20))
