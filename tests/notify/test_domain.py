"""Who is told what, in which words."""

from datetime import datetime

import pytest

from contracts.base import schema_of
from contracts.fields import STATION_TIME
from contracts.matching import ClaimReleased, MatchCancelled, PairingAlerted, PairingEnded
from contracts.words import Helper
from services.notify import domain
from services.notify.domain import Outcome, messages
from services.notify.wording.domain import REASONS, interval, yuan
from tests.notify import events
from tests.notify.events import (
    ANNA,
    BEN,
    BOOKING,
    CARL,
    DORA,
    HELPERS,
    MATCH,
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


@pytest.mark.parametrize(
    "event, told",
    [
        (
            events.match_scheduled(),
            {
                ANNA: "您登记的需求「大米五袋」将由「爱心大米」提供服务，时间：2026年3月5日（周四）14:00–16:00。",
                BEN: "您登记的资源「爱心大米」将用于需求「大米五袋」，时间：2026年3月5日（周四）14:00–16:00。请按时到达。",
            },
        ),
        (
            events.match_delivered(),
            {
                ANNA: "您登记的需求「大米五袋」已由「爱心大米」完成3袋，还差2袋。请代需求方对这次服务评分。",
                BEN: "您登记的资源「爱心大米」已用于需求「大米五袋」，完成3袋，谢谢！请对这次服务评分。",
            },
        ),
        (
            events.match_delivered(need_left=0, offer_registered_by=ANNA),
            {ANNA: "您登记的需求「大米五袋」已由「爱心大米」完成3袋。请代需求方对这次服务评分。"},
        ),
        (
            events.match_cancelled(),
            {
                ANNA: "您登记的需求「大米五袋」原定由「爱心大米」提供5袋，现已取消。原因：提供方没有到场",
                BEN: "您登记的资源「爱心大米」原定用于需求「大米五袋」，数量5袋，现已取消。原因：提供方没有到场",
            },
        ),
        (events.need_met(), {ANNA: "您登记的需求「大米五袋」已全部满足，共5袋。"}),
        (
            events.claim_made(),
            {ANNA: "您登记或开放的需求（独居老人需要一部轮椅）有伙伴认领2部，请尽快查看并决定是否批准。"},
        ),
        (events.claim_made(opened_by=BEN, need_registered_by=BEN), {}),
        (
            events.claim_approved(),
            {
                BEN: "您认领的「独居老人需要一部轮椅」（2部）已获批准，现在可以查看联系方式。"
                "请在2026年3月19日（周四）前联系落实并报告进展，否则认领会失效。"
            },
        ),
        (
            events.claim_approved(handed_from=MATCH),
            {
                BEN: "「独居老人需要一部轮椅」（2部）的认领已转交给您，现在可以查看联系方式。"
                "请在2026年3月19日（周四）前联系落实并报告进展，否则认领会失效；有困难请放弃，让别人来帮忙。"
            },
        ),
        (
            events.claim_reminded(waits_for="staff", opened_by=CARL),
            dict.fromkeys(
                (ANNA, CARL),
                "需求（独居老人需要一部轮椅）的一项认领（2部）一直没有审批。"
                "请在2026年3月19日（周四）前决定是否批准，否则认领会失效。",
            ),
        ),
        (
            events.claim_lapsed(waits_for="staff"),
            {
                BEN: "您认领的「独居老人需要一部轮椅」（2部）一直没有审批，已经失效，不算您放弃。"
                "谢谢您的心意，可以再次认领或联系社工站。",
                ANNA: "需求（独居老人需要一部轮椅）的一项认领一直没有审批，已经失效，2部重新开放。",
            },
        ),
        (
            events.claim_rejected(),
            {
                BEN: "您认领的「独居老人需要一部轮椅」（2部）未获批准，原因请在认领记录中查看。"
                "谢谢您的心意，欢迎认领其他需求。"
            },
        ),
        (
            events.claim_reminded(),
            {
                BEN: "您认领的「独居老人需要一部轮椅」（2部）有一段时间没有进展了。"
                "请在2026年3月19日（周四）前报告进展或登记完成，否则认领会失效；有困难可以放弃，让别人来帮忙。"
            },
        ),
        (
            events.claim_lapsed(),
            {
                BEN: "您认领的「独居老人需要一部轮椅」（2部）因长时间没有进展已经失效，联系方式不能再查看。",
                ANNA: "您登记的需求（独居老人需要一部轮椅）有一项认领因长时间没有进展已经失效，2部重新开放。",
            },
        ),
        (
            events.claim_released(),
            {
                BEN: "您认领的「独居老人需要一部轮椅」（2部）已经结束，联系方式不能再查看。原因：需求方谢绝",
                ANNA: "您登记的需求（独居老人需要一部轮椅）有一项认领已放弃，2部重新开放。原因：需求方谢绝",
            },
        ),
        (
            events.claim_released(reason="handed_over", handed_to=MATCH),
            {
                BEN: "您认领的「独居老人需要一部轮椅」（2部）已转交给其他伙伴，联系方式不能再查看。谢谢！",
                ANNA: "您登记的需求（独居老人需要一部轮椅）有一项认领（2部）已转交给另一位伙伴。",
            },
        ),
        (
            events.claim_released(reason="need_withdrawn", released_by=""),
            {BEN: "您认领的「独居老人需要一部轮椅」（2部）已经结束，联系方式不能再查看。原因：需求已撤下"},
        ),
        (
            events.claim_released(released_by=BEN, reason="slug_of_later"),
            {ANNA: "您登记的需求（独居老人需要一部轮椅）有一项认领已放弃，2部重新开放。原因：其他原因"},
        ),
        (events.claim_fulfilled(recorded_by=BEN), {}),
        (
            events.claim_fulfilled(recorded_by=CARL),
            {BEN: "您认领的「独居老人需要一部轮椅」已登记完成2部。谢谢您的帮助！"},
        ),
        (
            events.claim_fulfilled(recorded_by=BEN, need_left=1),
            {ANNA: "您登记的需求（独居老人需要一部轮椅）由认领的伙伴完成2部，还差1部。"},
        ),
        (
            events.claim_fulfilled(recorded_by=BEN, need_met=False),
            {ANNA: "您登记的需求（独居老人需要一部轮椅）由认领的伙伴完成2部。"},
        ),
        (
            events.pairing_begun(begun_by=CARL),
            {
                ANNA: "一个结对帮扶由您负责，请查看帮扶人、探访计划和帮扶目标。",
                BEN: "您从2026年3月5日（周四）起参加一个结对帮扶，请查看探访计划和联系方式（查看会留下记录）；帮扶目标请向负责社工了解。",
            },
        ),
        (
            events.pairing_changed(joined=HELPERS, left=(Helper(helper=CARL, provider_id="", role="lead"),)),
            {
                BEN: "您已加入一个结对帮扶，请查看探访计划和联系方式（查看会留下记录）；帮扶目标请向负责社工了解。",
                CARL: "您参加的一个结对帮扶已经换人，以后不用再去探访。谢谢您的陪伴！",
            },
        ),
        (
            events.pairing_changed(worker_before=DORA, changed_by=CARL),
            {
                ANNA: "一个结对帮扶由您负责，请查看帮扶人、探访计划和帮扶目标。",
                DORA: "您负责的一个结对帮扶已移交给另一位社工。",
            },
        ),
        (
            events.pairing_changed(new_plan=True, changed_by=CARL),
            dict.fromkeys((BEN, ANNA), "您参加或负责的一个结对帮扶改了探访计划，请查看新的日期和时间。"),
        ),
        (
            events.pairing_begun(helpers=(Helper(helper="", provider_id="p", role="lead", account=DORA),)),
            {
                DORA: "给您登记的提供方的通知，如不是您本人请转告：您从2026年3月5日（周四）起参加一个结对帮扶，"
                "请查看探访计划和联系方式（查看会留下记录）；帮扶目标请向负责社工了解。",
            },
        ),
        (
            events.visit_cancelled(helpers=(Helper(helper="", provider_id="p", role="lead", account=DORA),)),
            {
                DORA: "给您登记的提供方的通知，如不是您本人请转告：原定2026年3月5日（周四）的一次结对探访取消了，不用前往。",
                ANNA: "原定2026年3月5日（周四）的一次结对探访取消了，不用前往。",
            },
        ),
        (events.need_opened_for_claim(), {}),
        (events.pairing_changed(), {}),
        (
            events.pairing_ended(),
            {
                BEN: "您参加的一个结对帮扶已于2026年3月5日（周四）结束，以后不用再去探访。谢谢您的陪伴！",
                ANNA: "您负责的一个结对帮扶已于2026年3月5日（周四）结束，不再安排探访。原因：帮扶对象撤回了同意",
            },
        ),
        (
            events.visit_rescheduled(),
            {BEN: "原定2026年3月3日（周二）的一次结对探访改到2026年3月5日（周四）10:30，请留意。"},
        ),
        (events.visit_cancelled(), {ANNA: "原定2026年3月5日（周四）的一次结对探访取消了，不用前往。"}),
        (
            events.visit_missed(),
            {
                ANNA: "2026年3月5日（周四）计划的一次结对探访没有记录，已连续2次。请联系结对人员了解情况。",
                BEN: "2026年3月5日（周四）计划的一次结对探访没有记录。已经去过的请补记；没有去的请与负责社工商量。",
            },
        ),
        (events.pairing_alerted(reason="visits_missed"), {}),
        (events.pairing_alerted(), {ANNA: "您负责的一个结对需要关注：帮扶对象的情况变差。请查看并跟进。"}),
        (
            events.provider_verification_due(),
            {BEN: "您登记的一个提供方需要重新核实，请在2026年3月19日（周四）前确认，否则将暂停使用。"},
        ),
        (events.offer_used_up(), {BEN: "您登记的资源「爱心大米」已全部用完。如有补充，请更新数量。"}),
    ],
    ids=lambda x: getattr(x, "type", ""),
)
def test_each_one_concerned_is_told_their_side(event, told):
    assert {message.recipient: message.body for message in messages(event)} == told


def test_every_reason_that_an_event_may_give_has_words():
    for kind in (ClaimReleased, MatchCancelled, PairingAlerted, PairingEnded):
        description = schema_of(kind).fields["reason"].metadata["description"]
        slugs = {slug.strip() for slug in description.removeprefix("slug: ").split(",")} - {"handed_over"}
        assert slugs <= set(REASONS), kind


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
