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
Fen = Annotated[int, "money in whole fen (0.01 yuan)"]


@dataclass(frozen=True, kw_only=True)
class ScorePart:
    """One named part of a match's score, with its reason in Chinese."""

    part: Annotated[str, "name of the part: category, nearness, time, quantity, text, urgency"]
    points: Annotated[int, "what this part adds to the score; negative where it speaks against the match"]
    text: Annotated[str, "the reason as a Chinese sentence"]
