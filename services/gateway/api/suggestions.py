"""Routes of the matching service: why something is suggested, the weights, and who is kept apart."""

from contracts.calls.matching import suggestions
from contracts.fields import Paging
from services.gateway.api.routes import act, blueprint, change, create, get

SUGGESTIONS = blueprint(
    "matching",
    "suggestions",
    "匹配的依据：评分、权重、不宜安排的双方",
    get(
        "/pairs",
        "explain_pair",
        "一项需求与一项资源：为何合适，或哪条规则不允许",
        takes=suggestions.Pair,
        returns=suggestions.PairView,
    ),
    get("/weights", "list_weights", "评分权重", takes=Paging, returns=suggestions.WeightPage),
    change(
        "/weights", "change_weight", "更改一项评分权重", takes=suggestions.WeightChange, returns=suggestions.WeightView
    ),
    get(
        "/weight-changes",
        "list_weight_changes",
        "评分权重的更改记录",
        takes=Paging,
        returns=suggestions.WeightChangePage,
    ),
    get(
        "/blocked-pairs",
        "list_blocked_pairs",
        "不宜安排的双方",
        takes=suggestions.BlockFilter,
        returns=suggestions.BlockPage,
    ),
    create(
        "/blocked-pairs",
        "block_pair",
        "登记不宜安排的双方",
        takes=suggestions.NewBlock,
        returns=suggestions.BlockView,
        located=False,
    ),
    act("/blocked-pairs/<uuid:id>/unblock", "unblock_pair", "解除不宜安排", returns=suggestions.BlockView),
)
