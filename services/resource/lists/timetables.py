"""Times of an offer as people write them in a cell, read and written. No I/O.

时间表  周一至周五 09:00-11:00、14:00-16:00；周六 09:00-12:00      every week
场次    2027-03-08 09:00-12:00 4人；2027-03-08 22:00至2027-03-09 06:00 2人
停用日  2027-02-16至2027-02-22、2027-10-01
"""

import re
from datetime import date, datetime, timedelta
from itertools import product

from contracts.fields import STATION_TIME

WEEK = "一二三四五六日"
GROUPS = {"每天": "周一-日", "工作日": "周一-五", "周末": "周六-日"}
MOST_DAYS = 400
_SAME = {
    "：": ":",
    "；": ";",
    "、": ",",
    "，": ",",
    "\n": ";",
    "星期": "周",
    "礼拜": "周",
    "周天": "周日",
} | dict.fromkeys("至到~～—–－―", "-")
_SAME_AS = re.compile("|".join(map(re.escape, _SAME)))
_CLOCK = r"(?:[01]?\d|2[0-4]):[0-5]\d"
_DAY = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
_WEEKLY = re.compile(rf"周([{WEEK}](?:[-,]?周?[{WEEK}])*),?({_CLOCK}-{_CLOCK}(?:,{_CLOCK}-{_CLOCK})*)")
_DATED = re.compile(rf"({_DAY})({_CLOCK})-({_DAY})?({_CLOCK}),?(\d{{1,6}})[人个名场位次]?")
_OFF = re.compile(rf"({_DAY})(?:-({_DAY}))?")


def read(field: str, text: str):
    """Return what a cell says as the call takes it, in order; the text itself where it cannot be understood."""
    plain = _SAME_AS.sub(lambda match: _SAME[match[0]], re.sub(r"-{2,}|——", "-", text.strip()))
    try:
        return READERS[field](plain)
    except (ValueError, OverflowError):
        return text


def write(field: str, value) -> str:
    """Return the cell of what an offer's view has in a field."""
    return WRITERS[field](value)


def _slots(text: str) -> list[dict]:
    text = re.sub(r"[ \t]", "", text)
    for name, days in GROUPS.items():
        text = text.replace(name, days)
    found = [
        {"weekday": day, "starts": _clock(starts), "ends": _clock(ends)}
        for match in _parts(_WEEKLY, text)
        for day, (starts, ends) in product(_weekdays(match[1]), (each.split("-") for each in match[2].split(",")))
    ]
    return sorted(found, key=lambda slot: (slot["weekday"], slot["starts"], slot["ends"]))


def _dates(text: str) -> list[dict]:
    found = []
    for match in _parts(_DATED, re.sub(r"[ \t]", "", _days_apart(text))):
        first, starts, last, ends, places = match.groups()
        moments = {"starts_at": _moment(first, starts), "ends_at": _moment(last or first, ends)}
        found.append({name: moment.isoformat() for name, moment in moments.items()} | {"places": int(places)})
    return sorted(found, key=lambda each: (each["starts_at"], each["ends_at"]))


def _days_off(text: str) -> list[str]:
    days = set()
    for match in _parts(_OFF, re.sub(r"[ \t]", "", text)):
        first, last = _day(match[1]), _day(match[2] or match[1])
        if last < first or (last - first).days >= MOST_DAYS:
            raise ValueError("not a span of days")
        days |= {first + timedelta(days=number) for number in range((last - first).days + 1)}
    return [day.isoformat() for day in sorted(days)]


def _parts(pattern: re.Pattern, text: str) -> list[re.Match]:
    """Return all the matches of a text that has nothing else but what separates them. Raises ValueError."""
    found = list(pattern.finditer(text))
    if re.sub(r"[;,。]", "", pattern.sub("", text)):
        raise ValueError("not understood")
    return found


def _days_apart(text: str) -> str:
    """Return a text in which a day and the clock behind it stay apart once the blanks are gone."""
    return re.sub(rf"({_DAY})\s*(?={_CLOCK})", lambda match: f"{_day(match[1]).isoformat()}日", text)


def _weekdays(text: str) -> list[int]:
    days = []
    for part in text.replace("周", "").split(","):
        if "-" in part:
            first, last = (WEEK.index(name) for name in part.split("-"))
            days += range(first, last + 1) if first <= last else [*range(first, 7), *range(last + 1)]
        else:
            days += [WEEK.index(name) for name in part]
    return sorted({day + 1 for day in days})


def _clock(text: str) -> str:
    return text.zfill(5)


def _day(text: str) -> date:
    return date(*map(int, re.findall(r"\d+", text)))


def _moment(day: str, clock: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return datetime.combine(_day(day), datetime.min.time(), STATION_TIME) + timedelta(hours=hours, minutes=minutes)


def _of_slots(slots) -> str:
    return "；".join(f"周{WEEK[slot['weekday'] - 1]} {slot['starts']}-{slot['ends']}" for slot in slots)


def _of_dates(dates) -> str:
    texts = []
    for each in dates:
        starts, ends = (datetime.fromisoformat(each[n]).astimezone(STATION_TIME) for n in ("starts_at", "ends_at"))
        last = f"{ends:%H:%M}" if ends.date() == starts.date() else f"{ends:%Y-%m-%d %H:%M}"
        texts.append(f"{starts:%Y-%m-%d %H:%M}至{last} {each['places']}个")
    return "；".join(texts)


def _of_days_off(days) -> str:
    spans = []
    for day in map(date.fromisoformat, map(str, days)):
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1][1] = day
        else:
            spans.append([day, day])
    return "、".join(f"{first}至{last}" if last > first else str(first) for first, last in spans)


READERS = {"slots": _slots, "dates": _dates, "days_off": _days_off}
WRITERS = {"slots": _of_slots, "dates": _of_dates, "days_off": _of_days_off}
