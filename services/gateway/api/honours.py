"""Routes of the resource service: giving back, and the roll of honour."""

from contracts.calls.resource import honours
from services.gateway.api.routes import act, blueprint, get

HONOURS = blueprint(
    "resource",
    "honours",
    "反哺：受助之后又帮助别人的人和单位，经本人同意的荣誉榜",
    get("/honours", "roll_of_honour", "荣誉榜", takes=honours.HonourFilter, returns=honours.HonourPage),
    get(
        "/givers-back",
        "list_givers_back",
        "反哺名单（仅工作人员）",
        takes=honours.GiverFilter,
        returns=honours.GiverPage,
    ),
    act(
        "/providers/<uuid:id>/honour",
        "agree_to_honour",
        "登记或撤回以反哺者身份上榜的同意",
        takes=honours.HonourAgreement,
        returns=honours.HonourAgreementView,
    ),
)
