"""Routes of the matching service: plans of the whole board."""

from contracts.calls.matching import plans
from contracts.fields import Paging
from services.gateway.api.routes import act, blueprint, get

PLANS = blueprint(
    "matching",
    "plans",
    "全盘安排：把所有需求和资源放在一起，怎样最合适",
    get("/plans", "list_plans", "历次全盘安排", takes=Paging, returns=plans.PlanPage),
    act("/plans", "plan_board", "现在重新安排一次", returns=plans.PlanView),
    get("/plan-changes", "list_plan_changes", "安排的变化和原因", takes=plans.ChangeFilter, returns=plans.ChangePage),
    get(
        "/recommendations",
        "list_recommendations",
        "全盘安排后推荐的匹配",
        takes=plans.RecommendationFilter,
        returns=plans.RecommendationPage,
    ),
)
