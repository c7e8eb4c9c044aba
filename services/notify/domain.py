"""Who is told what about an event, in which words; and what becomes of a try to send it out. No I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.base import Event
from contracts.errors import Conflict
from contracts.fields import STATION_TIME
from contracts.grants import GrantApproved, GrantRejected
from contracts.matching import MatchConfirmed, NeedMatched
from contracts.venue import BookingApproved, BookingCancelled, BookingRejected

MOST_CHANNELS = 5

# Seconds until the 2nd, 3rd … try to send a message out; then it has failed.
DELAYS = (10, 60, 600, 3600, 21600)
TRIES = len(DELAYS) + 1
LONGEST_REST = 60

# Title and body. What stands in braces is a field of the event, or one of `_words`.
TEMPLATES = {
    "need_matched": (
        "需求有了匹配建议：{need_title}",
        "您登记的需求「{need_title}」新增{suggestions}条匹配建议，最合适的是「{best_offer_title}」"
        "（匹配度{best_score}分）。请查看并决定是否确认。",
    ),
    "need_met": (
        "匹配已确认：{need_title}",
        "您登记的需求「{need_title}」已确认由「{offer_title}」提供{quantity}{unit}，需求已全部落实。",
    ),
    "need_met_in_part": (
        "匹配已确认：{need_title}",
        "您登记的需求「{need_title}」已确认由「{offer_title}」提供{quantity}{unit}，还差{need_left}{unit}。",
    ),
    "offer_used": (
        "资源派上用场：{offer_title}",
        "您登记的资源「{offer_title}」已确认用于需求「{need_title}」，数量{quantity}{unit}，还剩{offer_left}{unit}。",
    ),
    "grant_approved": (
        "资助申请已批准：{title}",
        "您的资助申请「{title}」已获批准，金额{amount}。批复意见：{reason}",
    ),
    "grant_rejected": (
        "资助申请未获批准：{title}",
        "您的资助申请「{title}」未获批准。原因：{reason}",
    ),
    "booking_approved": (
        "场地预约已批准：{title}",
        "您预约的{site_name}「{space_name}」已获批准，时间：{time}。",
    ),
    "booking_rejected": (
        "场地预约未获批准：{title}",
        "您预约的{site_name}「{space_name}」未获批准，时间：{time}。原因：{reason}",
    ),
    "booking_cancelled": (
        "场地预约已取消：{title}",
        "您预约的{site_name}「{space_name}」已被取消，原定时间：{time}。原因：{reason}",
    ),
}


@dataclass(frozen=True)
class Message:
    """What one person is told about one event; `kind` is the event's type, `about` its subject."""

    recipient: str
    kind: str
    about: str
    title: str
    body: str


@dataclass(frozen=True)
class Delivery:
    """A message on its way out on a channel; nobody else may touch the channel until the lease ends."""

    id: int
    channel_id: str
    kind: str
    url: str
    title: str
    body: str
    attempts: int
    lease: datetime
    correlation_id: str


@dataclass(frozen=True)
class Outcome:
    """What becomes of a delivery after a try, and how many seconds its channel is left alone."""

    state: str
    reason: str | None = None
    again_in: int = 0
    rest: int = 0


def messages(event: Event) -> list[Message]:
    """Return what is told about an event: at most one message for each person concerned."""
    told = {}
    for recipient, template in _concerned(event):
        if recipient and recipient not in told:
            title, body = TEMPLATES[template]
            words = {**vars(event), **_words(event)}
            told[recipient] = Message(
                recipient, event.type, event.subject, title.format_map(words), body.format_map(words)
            )
    return list(told.values())


def after(attempts: int, refused: str | None) -> Outcome:
    """Decide what comes after a try that was refused for a reason, or was not refused.

    A channel rests after a failure, so that one which is out of order does not keep the senders busy.
    """
    if refused is None:
        return Outcome("sent")
    if attempts >= TRIES:
        return Outcome("failed", refused, rest=LONGEST_REST)
    delay = DELAYS[attempts - 1]
    return Outcome("waiting", refused, again_in=delay, rest=min(delay, LONGEST_REST))


def must_be_new(address: str, known: list[str]) -> None:
    """Raise Conflict where somebody has an address among their channels already, or as many as one may have."""
    if address in known:
        raise Conflict("channel_known_already", "url")
    if len(known) >= MOST_CHANNELS:
        raise Conflict("too_many_channels", most=MOST_CHANNELS)


def yuan(fen: int) -> str:
    """Return an amount as people write it: 120050 is 1,200.50元."""
    return f"{fen // 100:,}.{fen % 100:02d}元"


def interval(starts_at: datetime, ends_at: datetime) -> str:
    """Return an interval in the station's time; the day is said once where it is one day, midnight is its 24:00."""
    start, end = starts_at.astimezone(STATION_TIME), ends_at.astimezone(STATION_TIME)
    if (start.date() + timedelta(days=1), "00:00") == (end.date(), f"{end:%H:%M}"):
        return f"{_day(start)}{start:%H:%M}–24:00"
    return f"{_day(start)}{start:%H:%M}–{_day(end) if end.date() != start.date() else ''}{end:%H:%M}"


def _concerned(event) -> list[tuple[str, str]]:
    """Return (recipient, template) pairs, for each person the one that matters most first."""
    match event:
        case NeedMatched():
            return [(event.need_registered_by, "need_matched")]
        case MatchConfirmed():
            return [
                (event.need_registered_by, "need_met_in_part" if event.need_left else "need_met"),
                (event.offer_registered_by, "offer_used"),
            ]
        case GrantApproved():
            return [(event.applicant, "grant_approved")]
        case GrantRejected():
            return [(event.applicant, "grant_rejected")]
        case BookingApproved():
            return [(event.requested_by, "booking_approved")]
        case BookingRejected():
            return [(event.requested_by, "booking_rejected")]
        case BookingCancelled() if event.cancelled_by != event.requested_by:
            return [(event.requested_by, "booking_cancelled")]
    return []


def _words(event) -> dict[str, str]:
    """Return money and times in the words of the templates."""
    words = {}
    if hasattr(event, "amount_fen"):
        words["amount"] = yuan(event.amount_fen)
    if hasattr(event, "starts_at"):
        words["time"] = interval(event.starts_at, event.ends_at)
    return words


def _day(moment: datetime) -> str:
    return f"{moment.year}年{moment.month}月{moment.day}日（周{'一二三四五六日'[moment.weekday()]}）"
