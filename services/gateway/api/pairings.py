"""Routes of the matching service: pairings, their visits and alerts, and the holidays."""

from contracts.calls.matching import pairings, visits
from contracts.fields import Paging
from services.gateway.api.routes import act, blueprint, change, create, get

PAIRINGS = blueprint(
    "matching",
    "pairings",
    "结对帮扶：谁定期去看望谁",
    get("/pairings", "list_pairings", "结对列表", takes=pairings.PairingFilter, returns=pairings.PairingPage),
    create("/pairings", "begin_pairing", "开始结对", takes=pairings.NewPairing, returns=pairings.PairingView),
    get("/pairings/<uuid:id>", "get_pairing", "一个结对", returns=pairings.PairingView),
    change(
        "/pairings/<uuid:id>",
        "change_pairing",
        "更改结对的帮扶人、负责社工或探访计划",
        takes=pairings.PairingChange,
        returns=pairings.PairingView,
    ),
    act(
        "/pairings/<uuid:id>/transfer",
        "transfer_pairing",
        "移交结对（留下记录）",
        takes=pairings.Transfer,
        returns=pairings.PairingView,
    ),
    act(
        "/pairings/<uuid:id>/end", "end_pairing", "结束结对并评估", takes=pairings.Ending, returns=pairings.PairingView
    ),
    create(
        "/pairings/<uuid:id>/visits",
        "record_visit",
        "记录一次探访",
        takes=visits.VisitRecord,
        returns=visits.VisitView,
        located=False,
    ),
    get(
        "/pairings/<uuid:id>/reveals",
        "list_pairing_reveals",
        "文字记录的查看记录",
        takes=Paging,
        returns=pairings.PairingRevealPage,
    ),
    create(
        "/pairings/<uuid:id>/reveals",
        "reveal_pairing",
        "查看目标与评估（留下记录）",
        takes=pairings.WordsPurpose,
        returns=pairings.PairingWordsView,
        located=False,
    ),
    act(
        "/pairing-plans",
        "preview_plan",
        "预览探访计划的日期",
        takes=pairings.PlanPreview,
        returns=pairings.PlanPreviewView,
    ),
    get(
        "/pairing-figures",
        "pairing_figures",
        "结对帮扶统计，按月份和社区",
        takes=pairings.FiguresFilter,
        returns=pairings.PairingFigures,
    ),
)

VISITS = blueprint(
    "matching",
    "pairing-visits",
    "结对探访：计划、记录与提醒",
    get("/pairing-visits", "list_visits", "探访列表", takes=visits.VisitFilter, returns=visits.VisitPage),
    get("/pairing-visits/<uuid:id>", "get_visit", "一次探访", returns=visits.VisitView),
    act(
        "/pairing-visits/<uuid:id>/reschedule",
        "reschedule_visit",
        "改期",
        takes=visits.Reschedule,
        returns=visits.VisitView,
    ),
    act(
        "/pairing-visits/<uuid:id>/cancel",
        "cancel_visit",
        "取消一次探访",
        takes=visits.VisitCancellation,
        returns=visits.VisitView,
    ),
    create(
        "/pairing-visits/<uuid:id>/reveals",
        "reveal_visit_note",
        "查看探访笔记（留下记录）",
        takes=pairings.WordsPurpose,
        returns=pairings.PairingNoteView,
        located=False,
    ),
    get("/pairing-alerts", "list_alerts", "结对提醒列表", takes=pairings.AlertFilter, returns=pairings.AlertPage),
    act(
        "/pairing-alerts/<uuid:id>/acknowledge",
        "acknowledge_alert",
        "处理提醒，写明做了什么",
        takes=pairings.Acknowledgement,
        returns=pairings.AlertView,
    ),
    create(
        "/pairing-alerts/<uuid:id>/reveals",
        "reveal_alert_note",
        "查看提醒的处理记录（留下记录）",
        takes=pairings.WordsPurpose,
        returns=pairings.PairingNoteView,
        located=False,
    ),
    get("/holidays", "list_holidays", "一年的节假日与调休", takes=pairings.HolidayFilter, returns=pairings.HolidayList),
    create(
        "/holidays",
        "set_holiday",
        "登记节假日或调休",
        takes=pairings.NewHoliday,
        returns=pairings.HolidayView,
        located=False,
    ),
)
