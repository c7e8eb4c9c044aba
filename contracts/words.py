"""Annotated types that several events share: the type and one line on what it means."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]  # never without a time zone

NeedId = Annotated[str, "the need"]
OfferId = Annotated[str, "the offer"]
ProviderId = Annotated[str, "who provides"]
MatchId = Annotated[str, "the match"]
FundId = Annotated[str, "the fund"]
ApplicationId = Annotated[str, "the application for a grant"]
SpaceId = Annotated[str, "the space"]
BookingId = Annotated[str, "the booking"]
ClientId = Annotated[str, "the person, household or organisation that is helped; an id, never a name"]
ClaimId = Annotated[str, "the claim"]
PairingId = Annotated[str, "the pairing"]
VisitId = Annotated[str, "the visit"]
MessageId = Annotated[str, "the message"]
UserId = Annotated[str, "the user's id; never a name"]

Title = Annotated[str, "a short public title, checked to hold no phone or ID number"]
Reason = Annotated[str, "why, in words that may be shown to whoever is told"]
Community = Annotated[str, "code of the community; empty for the whole subdistrict"]
CommunityName = Annotated[str, "the community's Chinese name"]
Category = Annotated[str, "code of the category, two levels: group.item"]
CategoryName = Annotated[str, "the category's Chinese name"]
Quantity = Annotated[int, "how many units"]
Unit = Annotated[str, "the unit that the quantity counts, in Chinese"]
StartsAt = Annotated[Moment | None, "from when, inclusive; none for any time"]
EndsAt = Annotated[Moment | None, "until when, exclusive; none for open end"]
Day = Annotated[str, "a day, YYYY-MM-DD, in the station's time"]
Occasion = Annotated[
    str,
    "which part of the offer it takes: empty for a stock, 2026-11 or 2026-W48 or 2026-11-23 for a period, "
    "the moment it begins for a timetable or a date",
]
Minutes = Annotated[int, "minutes of service; 0 where nobody counted"]
People = Annotated[int, "different people reached; 0 where nobody counted"]
PersonTimes = Annotated[int, "person-times: each person as often as they took part"]
Fen = Annotated[int, "money in whole fen (0.01 yuan)"]


@dataclass(frozen=True, kw_only=True)
class ScorePart:
    """One named part of a match's score, with its reason in Chinese."""

    part: Annotated[str, "name of the part, such as category, nearness, time or busy; those of the table of weights"]
    points: Annotated[int, "what this part adds to the score; negative where it speaks against the match"]
    text: Annotated[str, "the reason as a Chinese sentence"]


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One of the goods or services of a category, and how people speak of it."""

    name: Annotated[str, "its short Chinese name"]
    words: Annotated[tuple[str, ...], "other names of it, and what people say who need it"]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time of the week at which a service or a room is to be had."""

    weekday: Annotated[int, "1 Monday to 7 Sunday"]
    starts: Annotated[str, "HH:MM in the station's time"]
    ends: Annotated[str, "HH:MM, later than it starts; 24:00 for midnight"]


@dataclass(frozen=True, kw_only=True)
class Date:
    """One date at which there are places; beside the timetable, or instead of one."""

    starts_at: Moment
    ends_at: Moment
    places: Annotated[int, "units to be had on this date"]


@dataclass(frozen=True, kw_only=True)
class Helper:
    """Somebody who keeps coming to a person."""

    helper: Annotated[UserId, "the helper's user id; empty where the helper has no sign-in"]
    provider_id: Annotated[str, "the provider that the helper is, or comes from; empty for staff"]
    role: Annotated[str, "lead, visitor, material, tutor or other"]
    account: Annotated[UserId, "who signs in for the helper: the helper, or who registered the provider"] = ""
