"""Routes of the matching service: the claim board, claims, and rankings."""

from contracts.calls.matching import claims
from contracts.fields import Paging
from services.gateway.api.routes import act, blueprint, change, create, get

CLAIMS = blueprint(
    "matching",
    "claims",
    "需求认领：特殊群体的需求，由核实过的伙伴认领",
    get("/claim-board", "list_listings", "可认领的需求", takes=claims.ListingFilter, returns=claims.ListingPage),
    get("/claim-board/<uuid:id>", "get_listing", "一项可认领的需求", returns=claims.ListingView),
    act(
        "/claim-board/<uuid:id>/open",
        "open_for_claim",
        "开放需求供认领",
        takes=claims.Opening,
        returns=claims.ListingView,
    ),
    act("/claim-board/<uuid:id>/close", "close_for_claim", "停止开放认领", returns=claims.ListingView),
    create(
        "/claim-board/<uuid:id>/claims",
        "claim_need",
        "认领需求（全部或部分）",
        takes=claims.NewClaim,
        returns=claims.ClaimView,
        located=False,
    ),
    get("/claims", "list_claims", "认领列表", takes=claims.ClaimFilter, returns=claims.ClaimPage),
    get("/claims/<uuid:id>", "get_claim", "一次认领和它的经过", returns=claims.ClaimView),
    act("/claims/<uuid:id>/approve", "approve_claim", "批准认领，认领人从此可以查看联系方式", returns=claims.ClaimView),
    act("/claims/<uuid:id>/reject", "reject_claim", "不批准认领", takes=claims.ClaimRejection, returns=claims.ClaimView),
    act("/claims/<uuid:id>/progress", "report_progress", "报告进展", takes=claims.Progress, returns=claims.ClaimView),
    act(
        "/claims/<uuid:id>/fulfil",
        "fulfil_claim",
        "登记已完成（全部或部分）",
        takes=claims.Fulfilment,
        returns=claims.ClaimView,
    ),
    act("/claims/<uuid:id>/release", "release_claim", "放弃认领", takes=claims.Release, returns=claims.ClaimView),
    act(
        "/claims/<uuid:id>/hand-over",
        "hand_over_claim",
        "转交给另一个提供方",
        takes=claims.HandOver,
        returns=claims.ClaimView,
    ),
    create(
        "/claims/<uuid:id>/note-reveals",
        "reveal_claim_note",
        "查看完成情况备注（留下记录）",
        takes=claims.NoteReveal,
        returns=claims.NoteView,
        located=False,
    ),
    get(
        "/claims/<uuid:id>/note-reveals",
        "list_claim_note_reveals",
        "完成情况备注的查看记录",
        takes=Paging,
        returns=claims.NoteRevealPage,
    ),
    get("/claim-rules", "get_claim_rules", "认领规则", returns=claims.ClaimRulesView),
    change(
        "/claim-rules",
        "change_claim_rules",
        "更改认领规则",
        takes=claims.ClaimRulesChange,
        returns=claims.ClaimRulesView,
    ),
    get(
        "/claim-ranking",
        "list_claim_ranking",
        "认领完成排行",
        takes=claims.RankingFilter,
        returns=claims.RankingView,
    ),
)
