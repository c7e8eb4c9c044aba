"""What messages say: templates, reasons, money, days and times in Chinese. No I/O."""

from datetime import date, datetime, timedelta

from contracts.fields import STATION_TIME

# Title and body. What stands in braces is a field of the event, or one of `words_for`.
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
    "need_scheduled": (
        "服务时间已定：{need_title}",
        "您登记的需求「{need_title}」将由「{offer_title}」提供服务，时间：{time}。",
    ),
    "offer_scheduled": (
        "服务时间已定：{offer_title}",
        "您登记的资源「{offer_title}」将用于需求「{need_title}」，时间：{time}。请按时到达。",
    ),
    "need_delivered": (
        "服务已完成：{need_title}",
        "您登记的需求「{need_title}」已由「{offer_title}」完成{quantity}{unit}。请代需求方对这次服务评分。",
    ),
    "need_delivered_in_part": (
        "服务已完成一部分：{need_title}",
        "您登记的需求「{need_title}」已由「{offer_title}」完成{quantity}{unit}，还差{need_left}{unit}。"
        "请代需求方对这次服务评分。",
    ),
    "offer_delivered": (
        "服务已完成：{offer_title}",
        "您登记的资源「{offer_title}」已用于需求「{need_title}」，完成{quantity}{unit}，谢谢！请对这次服务评分。",
    ),
    "need_cancelled": (
        "已确认的匹配取消了：{need_title}",
        "您登记的需求「{need_title}」原定由「{offer_title}」提供{quantity}{unit}，现已取消。原因：{why}",
    ),
    "offer_cancelled": (
        "已确认的匹配取消了：{offer_title}",
        "您登记的资源「{offer_title}」原定用于需求「{need_title}」，数量{quantity}{unit}，现已取消。原因：{why}",
    ),
    "need_all_met": (
        "需求已全部满足：{title}",
        "您登记的需求「{title}」已全部满足，共{met}{unit}。",
    ),
    "need_to_claim": (
        "有一项新的需求可以认领",
        "{text}（{quantity}{unit}）。您或您登记的提供方愿意知道新的需求：可以的话请认领，或者转告。谢谢！",
    ),
    "claim_made": (
        "需求有人认领，请审批",
        "您登记或开放的需求（{text}）有伙伴认领{quantity}{unit}，请尽快查看并决定是否批准。",
    ),
    "claim_approved": (
        "认领已批准",
        "您认领的「{text}」（{quantity}{unit}）已获批准，现在可以查看联系方式。"
        "请在{due}前联系落实并报告进展，否则认领会失效。",
    ),
    "claim_handed_to": (
        "有一项认领转交给您",
        "「{text}」（{quantity}{unit}）的认领已转交给您，现在可以查看联系方式。"
        "请在{due}前联系落实并报告进展，否则认领会失效；有困难请放弃，让别人来帮忙。",
    ),
    "claim_undecided": (
        "认领还没有审批，请尽快决定",
        "需求（{text}）的一项认领（{quantity}{unit}）一直没有审批。请在{due}前决定是否批准，否则认领会失效。",
    ),
    "claim_not_decided": (
        "认领没有审批，已失效",
        "您认领的「{text}」（{quantity}{unit}）一直没有审批，已经失效，不算您放弃。谢谢您的心意，可以再次认领或联系社工站。",
    ),
    "claim_on_need_not_decided": (
        "需求的认领没有审批，已失效",
        "需求（{text}）的一项认领一直没有审批，已经失效，{quantity}{unit}重新开放。",
    ),
    "claim_rejected": (
        "认领未获批准",
        "您认领的「{text}」（{quantity}{unit}）未获批准，原因请在认领记录中查看。谢谢您的心意，欢迎认领其他需求。",
    ),
    "claim_fulfilled": (
        "认领已登记完成，谢谢您",
        "您认领的「{text}」已登记完成{fulfilled}{unit}。谢谢您的帮助！",
    ),
    "claim_on_need_fulfilled": (
        "需求的认领完成了一部分",
        "您登记的需求（{text}）由认领的伙伴完成{fulfilled}{unit}，还差{need_left}{unit}。",
    ),
    "claim_on_need_fulfilled_too": (
        "需求的一项认领已完成",
        "您登记的需求（{text}）由认领的伙伴完成{fulfilled}{unit}。",
    ),
    "claim_reminded": (
        "认领还没有进展，请尽快落实",
        "您认领的「{text}」（{quantity}{unit}）有一段时间没有进展了。"
        "请在{due}前报告进展或登记完成，否则认领会失效；有困难可以放弃，让别人来帮忙。",
    ),
    "claim_lapsed": (
        "认领已失效",
        "您认领的「{text}」（{quantity}{unit}）因长时间没有进展已经失效，联系方式不能再查看。",
    ),
    "claim_on_need_lapsed": (
        "需求的认领已失效",
        "您登记的需求（{text}）有一项认领因长时间没有进展已经失效，{quantity}{unit}重新开放。",
    ),
    "claim_released": (
        "认领已结束",
        "您认领的「{text}」（{quantity}{unit}）已经结束，联系方式不能再查看。原因：{why}",
    ),
    "claim_on_need_released": (
        "需求的认领已放弃",
        "您登记的需求（{text}）有一项认领已放弃，{quantity}{unit}重新开放。原因：{why}",
    ),
    "claim_handed_over": (
        "认领已转交",
        "您认领的「{text}」（{quantity}{unit}）已转交给其他伙伴，联系方式不能再查看。谢谢！",
    ),
    "claim_on_need_handed_over": (
        "需求的认领已转交",
        "您登记的需求（{text}）有一项认领（{quantity}{unit}）已转交给另一位伙伴。",
    ),
    "pairing_begun": (
        "您有一个新的结对",
        "您从{begun}起参加一个结对帮扶，请查看探访计划和联系方式（查看会留下记录）；帮扶目标请向负责社工了解。",
    ),
    "pairing_joined": (
        "您有一个新的结对",
        "您已加入一个结对帮扶，请查看探访计划和联系方式（查看会留下记录）；帮扶目标请向负责社工了解。",
    ),
    "pairing_left": (
        "您不再参加一个结对",
        "您参加的一个结对帮扶已经换人，以后不用再去探访。谢谢您的陪伴！",
    ),
    "pairing_assigned": (
        "您负责一个新的结对",
        "一个结对帮扶由您负责，请查看帮扶人、探访计划和帮扶目标。",
    ),
    "pairing_handed_on": (
        "结对已移交",
        "您负责的一个结对帮扶已移交给另一位社工。",
    ),
    "pairing_new_plan": (
        "结对的探访计划改了",
        "您参加或负责的一个结对帮扶改了探访计划，请查看新的日期和时间。",
    ),
    "pairing_ended": (
        "结对帮扶已结束",
        "您参加的一个结对帮扶已于{ended}结束，以后不用再去探访。谢谢您的陪伴！",
    ),
    "pairing_over": (
        "结对帮扶已结束",
        "您负责的一个结对帮扶已于{ended}结束，不再安排探访。原因：{why}",
    ),
    "visit_rescheduled": (
        "结对探访改期：{day}",
        "原定{day_before}的一次结对探访改到{day}{at}，请留意。",
    ),
    "visit_cancelled": (
        "结对探访取消：{day}",
        "原定{day}的一次结对探访取消了，不用前往。",
    ),
    "visit_not_recorded": (
        "结对探访没有记录：{day}",
        "{day}计划的一次结对探访没有记录。已经去过的请补记；没有去的请与负责社工商量。",
    ),
    "visit_missed": (
        "结对探访没有记录：{day}",
        "{day}计划的一次结对探访没有记录，已连续{missed}次。请联系结对人员了解情况。",
    ),
    "pairing_alerted": (
        "结对帮扶需要您关注",
        "您负责的一个结对需要关注：{why}。请查看并跟进。",
    ),
    "provider_verification_due": (
        "提供方需要重新核实",
        "您登记的一个提供方需要重新核实，请在{due}前确认，否则将暂停使用。",
    ),
    "offer_used_up": (
        "资源已用完：{title}",
        "您登记的资源「{title}」已全部用完。如有补充，请更新数量。",
    ),
}

# For who registered the provider that helps, which may be somebody else.
FOR_PROVIDER = "_for_provider"
TEMPLATES |= {
    f"{name}{FOR_PROVIDER}": (TEMPLATES[name][0], f"给您登记的提供方的通知，如不是您本人请转告：{TEMPLATES[name][1]}")
    for name in (
        "pairing_begun", "pairing_joined", "pairing_left", "pairing_new_plan", "pairing_ended",
        "visit_rescheduled", "visit_cancelled", "visit_not_recorded",
    )
}  # fmt: skip

# Why, where an event says it as a slug.
REASONS = {
    "need_withdrawn": "需求已撤下",
    "offer_withdrawn": "资源已撤下",
    "recipient_cancelled": "需求方取消",
    "provider_cancelled": "提供方取消",
    "recipient_no_show": "需求方没有到场",
    "provider_no_show": "提供方没有到场",
    "entered_by_mistake": "登记有误",
    "claimer_cannot": "认领人无法继续",
    "recipient_declined": "需求方谢绝",
    "visits_missed": "连续没有探访记录",
    "person_worse": "帮扶对象的情况变差",
    "plan_ends": "探访计划即将结束",
    "goals_reached": "目标已经达成",
    "person_moved": "帮扶对象搬离",
    "person_died": "帮扶对象去世",
    "helper_left": "帮扶人离开",
    "person_declined": "帮扶对象谢绝",
    "consent_withdrawn": "帮扶对象撤回了同意",
    "other": "其他原因",
}


# The days of events, and what the templates call them.
DAYS = (
    ("due", "due_on"),
    ("due", "pauses_on"),
    ("day", "on"),
    ("day_before", "on_before"),
    ("begun", "begun_on"),
    ("ended", "ended_on"),
)


def words_for(event) -> dict[str, str]:
    """Return money, times and reasons in the words of the templates."""
    words = {}
    if hasattr(event, "amount_fen"):
        words["amount"] = yuan(event.amount_fen)
    if hasattr(event, "starts_at"):
        words["time"] = interval(event.starts_at, event.ends_at)
    if hasattr(event, "reason"):
        words["why"] = REASONS.get(event.reason, REASONS["other"])
    for name, field in DAYS:
        if hasattr(event, field):
            words[name] = _day(date.fromisoformat(getattr(event, field)))
    return words


def yuan(fen: int) -> str:
    """Return an amount as people write it: 120050 is 1,200.50元."""
    return f"{fen // 100:,}.{fen % 100:02d}元"


def interval(starts_at: datetime, ends_at: datetime) -> str:
    """Return an interval in the station's time; the day is said once where it is one day, midnight is its 24:00."""
    start, end = starts_at.astimezone(STATION_TIME), ends_at.astimezone(STATION_TIME)
    if (start.date() + timedelta(days=1), "00:00") == (end.date(), f"{end:%H:%M}"):
        return f"{_day(start)}{start:%H:%M}–24:00"
    return f"{_day(start)}{start:%H:%M}–{_day(end) if end.date() != start.date() else ''}{end:%H:%M}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"
