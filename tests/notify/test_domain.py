"""Who is told what, in which words."""

from datetime import datetime

import pytest

from contracts.fields import STATION_TIME
from services.notify import domain
from services.notify.domain import Outcome, interval, messages, yuan
from tests.notify.events import (
    ANNA,
    BEN,
    BOOKING,
    CARL,
    booking_approved,
    booking_cancelled,
    booking_rejected,
    grant_approved,
    grant_rejected,
    match_confirmed,
    need_matched,
)


@pytest.mark.parametrize(
    "event, recipient, title, body",
    [
        (
            need_matched(),
            ANNA,
            "需求有了匹配建议：轮椅一部",
            "您登记的需求「轮椅一部」新增3条匹配建议，最合适的是「闲置轮椅」（匹配度92分）。请查看并决定是否确认。",
        ),
        (
            grant_approved(),
            ANNA,
            "资助申请已批准：长者食堂",
            "您的资助申请「长者食堂」已获批准，金额12,000.50元。批复意见：同意资助",
        ),
        (
            grant_rejected(),
            ANNA,
            "资助申请未获批准：长者食堂",
            "您的资助申请「长者食堂」未获批准。原因：预算不足",
        ),
        (
            booking_approved(),
            ANNA,
            "场地预约已批准：义诊活动",
            "您预约的江头社工站「多功能厅」已获批准，时间：2026年3月5日（周四）14:00–16:00。",
        ),
        (
            booking_rejected(),
            ANNA,
            "场地预约未获批准：义诊活动",
            "您预约的江头社工站「多功能厅」未获批准，时间：2026年3月5日（周四）14:00–16:00。原因：当天停电检修",
        ),
        (
            booking_cancelled(),
            ANNA,
            "场地预约已取消：义诊活动",
            "您预约的江头社工站「多功能厅」已被取消，原定时间：2026年3月5日（周四）14:00–16:00。原因：场地漏水",
        ),
    ],
)
def test_the_one_concerned_is_told_in_plain_chinese(event, recipient, title, body):
    (message,) = messages(event)

    assert (message.recipient, message.title, message.body) == (recipient, title, body)
    assert (message.kind, message.about) == (event.type, event.subject)


@pytest.mark.parametrize(
    "need_left, ending", [(0, "提供5袋，需求已全部落实。"), (3, "提供5袋，还差3袋。")], ids=["whole", "in part"]
)
def test_a_confirmed_match_is_told_to_both_sides_and_not_to_who_confirmed(need_left, ending):
    for_need, for_offer = messages(match_confirmed(need_left=need_left, confirmed_by=CARL))

    assert for_need.recipient == ANNA
    assert for_need.title == "匹配已确认：大米五袋"
    assert for_need.body == "您登记的需求「大米五袋」已确认由「爱心大米」" + ending
    assert for_offer.recipient == BEN
    assert for_offer.title == "资源派上用场：爱心大米"
    assert for_offer.body == "您登记的资源「爱心大米」已确认用于需求「大米五袋」，数量5袋，还剩15袋。"


def test_who_confirmed_is_told_where_they_registered_it():
    assert [m.recipient for m in messages(match_confirmed(confirmed_by=BEN))] == [ANNA, BEN]


def test_who_registered_both_sides_is_told_once():
    (message,) = messages(match_confirmed(offer_registered_by=ANNA))

    assert message.title == "匹配已确认：大米五袋"


def test_who_cancels_their_own_booking_is_not_told():
    assert messages(booking_cancelled(cancelled_by=ANNA)) == []


def test_nobody_is_told_where_nobody_is_named():
    assert messages(need_matched(need_registered_by="")) == []


def test_braces_that_people_typed_stay_as_they_are():
    (message,) = messages(booking_rejected(title="{reason}", reason="见{附件} {0}"))

    assert message.title == "场地预约未获批准：{reason}"
    assert message.body.endswith("原因：见{附件} {0}")
    assert message.about == BOOKING


@pytest.mark.parametrize(
    "fen, text", [(0, "0.00元"), (5, "0.05元"), (120_050, "1,200.50元"), (24_000_000, "240,000.00元")]
)
def test_money_is_shown_as_yuan(fen, text):
    assert yuan(fen) == text


@pytest.mark.parametrize(
    "start, end, text",
    [
        ((2026, 3, 5, 14), (2026, 3, 5, 16, 30), "2026年3月5日（周四）14:00–16:30"),
        ((2026, 3, 5, 22), (2026, 3, 6, 0), "2026年3月5日（周四）22:00–24:00"),
        ((2026, 3, 8, 9), (2026, 3, 9, 17), "2026年3月8日（周日）09:00–2026年3月9日（周一）17:00"),
    ],
)
def test_times_are_shown_as_the_station_reads_them(start, end, text):
    assert interval(datetime(*start, tzinfo=STATION_TIME), datetime(*end, tzinfo=STATION_TIME)) == text


def test_delays_grow_and_end():
    outcomes = [domain.after(attempt, "status_500") for attempt in range(1, domain.TRIES + 1)]

    assert [outcome.again_in for outcome in outcomes] == [10, 60, 600, 3600, 21600, 0]
    assert [outcome.rest for outcome in outcomes] == [10, 60, 60, 60, 60, 60]
    assert [outcome.state for outcome in outcomes] == ["waiting"] * 5 + ["failed"]
    assert domain.after(4, None) == Outcome("sent")
