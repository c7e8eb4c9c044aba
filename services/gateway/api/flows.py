"""Routes of the matching service: deliveries and flows between communities."""

from contracts.calls.matching import flows
from services.gateway.api.routes import blueprint, get

FLOWS = blueprint(
    "matching",
    "flows",
    "资源流动：已完成的服务，从哪个社区到哪个社区",
    get(
        "/flows",
        "list_flows",
        "各社区之间的资源流动（按月份和类别）",
        takes=flows.FlowFilter,
        returns=flows.FlowPage,
    ),
    get(
        "/deliveries",
        "list_deliveries",
        "已完成的服务列表",
        takes=flows.DeliveryFilter,
        returns=flows.DeliveryPage,
    ),
)
