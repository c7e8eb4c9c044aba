"""Routes of the resource service: clients, their consents and assessments, and who looked at whose private data."""

from contracts.calls.resource import assessments, clients, consents, private
from contracts.fields import Paging
from services.gateway.api.people import with_names
from services.gateway.api.routes import act, blueprint, change, create, get

CLIENTS = blueprint(
    "resource",
    "clients",
    "服务对象：个人、家庭、单位",
    get("/clients", "list_clients", "服务对象列表", takes=clients.ClientFilter, returns=clients.ClientPage),
    create("/clients", "create_client", "登记服务对象", takes=clients.NewClient, returns=clients.ClientView),
    get("/clients/<uuid:id>", "get_client", "一位服务对象", returns=clients.ClientView),
    change(
        "/clients/<uuid:id>", "change_client", "更改服务对象", takes=clients.ClientChange, returns=clients.ClientView
    ),
    get(
        "/clients/<uuid:id>/reveals",
        "list_reveals",
        "服务对象资料的查看记录",
        takes=Paging,
        returns=private.RevealPage,
        name="list_client_reveals",
        worded=with_names,
    ),
    create(
        "/clients/<uuid:id>/reveals",
        "reveal_client",
        "查看服务对象资料（留下记录）",
        takes=private.Reveal,
        returns=private.RevealView,
        located=False,
    ),
    get("/clients/<uuid:id>/consents", "list_consents", "服务对象的同意书", takes=Paging, returns=consents.ConsentPage),
    create(
        "/clients/<uuid:id>/consents",
        "give_consent",
        "登记同意书",
        takes=consents.NewConsent,
        returns=consents.ConsentView,
        located=False,
    ),
    act(
        "/clients/<uuid:id>/forget",
        "forget_client",
        "清除个人资料：不再同意接受服务的，没有登记过同意的也可以",
        takes=consents.Forgetting,
        returns=consents.ConsentView,
    ),
    act(
        "/consents/<uuid:id>/withdraw",
        "withdraw_consent",
        "撤回同意（撤回服务同意即清除个人资料）",
        returns=consents.ConsentView,
    ),
    get("/assessment-form", "get_assessment_form", "需求评估表", returns=assessments.FormView),
    get(
        "/clients/<uuid:id>/assessments",
        "list_assessments",
        "服务对象的评估",
        takes=Paging,
        returns=assessments.AssessmentPage,
    ),
    create(
        "/clients/<uuid:id>/assessments",
        "assess_client",
        "登记评估",
        takes=assessments.NewAssessment,
        returns=assessments.AssessmentView,
        located=False,
    ),
)

REVEALS = blueprint(
    "resource",
    "reveals",
    "谁查看过哪些个人资料",
    get(
        "/reveals",
        "list_all_reveals",
        "全部查看记录：谁、何时、为什么看过谁的资料（页面在 /reveals）",
        takes=private.RevealFilter,
        returns=private.RevealPage,
        worded=with_names,
    ),
)
