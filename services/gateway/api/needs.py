"""Routes of the resource service: needs, and finding them by a phone number."""

from contracts.calls.resource import needs, private, words
from contracts.fields import Paging
from services.gateway.api.people import with_names
from services.gateway.api.routes import act, blueprint, change, create, get

NEEDS = blueprint(
    "resource",
    "needs",
    "需求：居民需要的",
    get("/needs", "list_needs", "需求列表", takes=needs.NeedFilter, returns=needs.NeedPage),
    create("/needs", "create_need", "登记需求", takes=needs.NewNeed, returns=needs.NeedView),
    get("/needs/<uuid:id>", "get_need", "一项需求", returns=needs.NeedView),
    change("/needs/<uuid:id>", "change_need", "更改需求", takes=needs.NeedChange, returns=needs.NeedView),
    act("/needs/<uuid:id>/publish", "publish_need", "发布需求草稿", returns=needs.NeedView),
    act("/needs/<uuid:id>/withdraw", "withdraw_need", "撤下需求", takes=words.Withdrawal, returns=needs.NeedView),
    get(
        "/needs/<uuid:id>/reveals",
        "list_reveals",
        "联系方式的查看记录",
        takes=Paging,
        returns=private.RevealPage,
        name="list_need_reveals",
        worded=with_names,
    ),
    create(
        "/needs/<uuid:id>/reveals",
        "reveal_need",
        "查看联系方式（留下记录）；认领获得批准的伙伴也在这里查看",
        takes=private.Reveal,
        returns=private.RevealView,
        located=False,
    ),
)

LOOKUPS = blueprint(
    "resource",
    "lookups",
    "按电话查找（不显示电话）",
    act("/lookups", "find_contact", "按电话查找需求、服务对象和提供方", takes=needs.Lookup, returns=needs.LookupView),
)
