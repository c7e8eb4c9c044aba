"""Routes of the matching service: matches."""

from contracts.calls.matching import matches
from contracts.fields import Paging
from services.gateway.api.routes import act, blueprint, create, get

MATCHES = blueprint(
    "matching",
    "matches",
    "匹配：哪项资源用于哪项需求，后来怎样",
    get("/matches", "list_matches", "匹配列表", takes=matches.MatchFilter, returns=matches.MatchPage),
    get("/matches/<uuid:id>", "get_match", "一条匹配", returns=matches.MatchView),
    act(
        "/matches/<uuid:id>/confirm",
        "confirm_match",
        "确认匹配",
        takes=matches.Confirmation,
        returns=matches.MatchView,
    ),
    act(
        "/matches/<uuid:id>/decline",
        "decline_match",
        "不采用这条建议",
        takes=matches.Decline,
        returns=matches.MatchView,
    ),
    act(
        "/matches/<uuid:id>/schedule",
        "schedule_match",
        "约定服务时间（可再改）",
        takes=matches.Schedule,
        returns=matches.MatchView,
    ),
    act(
        "/matches/<uuid:id>/deliver",
        "deliver_match",
        "登记已完成的服务，剩余部分回到匹配",
        takes=matches.Delivery,
        returns=matches.MatchView,
    ),
    act(
        "/matches/<uuid:id>/cancel",
        "cancel_match",
        "取消已确认的匹配（包括未到场）",
        takes=matches.Cancellation,
        returns=matches.MatchView,
    ),
    act(
        "/matches/<uuid:id>/rate",
        "rate_match",
        "登记一方的评价（七天内可改）",
        takes=matches.Rating,
        returns=matches.MatchView,
    ),
    get(
        "/matches/<uuid:id>/reveals",
        "list_match_reveals",
        "服务记录的查看记录",
        takes=Paging,
        returns=matches.MatchRevealPage,
    ),
    create(
        "/matches/<uuid:id>/reveals",
        "reveal_match_note",
        "查看服务记录和评语（留下记录）",
        takes=matches.MatchReveal,
        returns=matches.MatchNotesView,
        located=False,
    ),
)
