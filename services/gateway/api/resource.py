"""Routes of the resource service: providers, offers, needs, and the lists that they are filed under."""

from contracts.calls import resource as calls
from contracts.fields import Paging
from services.gateway.api.routes import act, blueprint, change, create, get

PROVIDERS = blueprint(
    "resource",
    "providers",
    "提供方：共建单位、企业、商家、能人、社会组织、志愿者",
    get("/providers", "list_providers", "提供方列表", takes=calls.ProviderFilter, returns=calls.ProviderPage),
    create("/providers", "create_provider", "登记提供方", takes=calls.NewProvider, returns=calls.ProviderView),
    get("/providers/<uuid:id>", "get_provider", "一个提供方", returns=calls.ProviderView),
    change(
        "/providers/<uuid:id>", "change_provider", "更改提供方", takes=calls.ProviderChange, returns=calls.ProviderView
    ),
    act(
        "/providers/<uuid:id>/withdraw",
        "withdraw_provider",
        "撤下提供方",
        takes=calls.Withdrawal,
        returns=calls.ProviderView,
    ),
    get(
        "/providers/<uuid:id>/reveals",
        "list_reveals",
        "联系方式的查看记录",
        takes=Paging,
        returns=calls.RevealPage,
        name="list_provider_reveals",
    ),
    create(
        "/providers/<uuid:id>/reveals",
        "reveal_provider",
        "查看联系方式（留下记录）",
        takes=calls.Reveal,
        returns=calls.RevealView,
        located=False,
    ),
)

OFFERS = blueprint(
    "resource",
    "offers",
    "资源：提供方能拿出来的",
    get("/offers", "list_offers", "资源列表", takes=calls.OfferFilter, returns=calls.OfferPage),
    create("/offers", "create_offer", "登记资源", takes=calls.NewOffer, returns=calls.OfferView),
    get("/offers/<uuid:id>", "get_offer", "一项资源", returns=calls.OfferView),
    change("/offers/<uuid:id>", "change_offer", "更改资源", takes=calls.OfferChange, returns=calls.OfferView),
    act("/offers/<uuid:id>/withdraw", "withdraw_offer", "撤下资源", takes=calls.Withdrawal, returns=calls.OfferView),
)

NEEDS = blueprint(
    "resource",
    "needs",
    "需求：居民需要的",
    get("/needs", "list_needs", "需求列表", takes=calls.NeedFilter, returns=calls.NeedPage),
    create("/needs", "create_need", "登记需求", takes=calls.NewNeed, returns=calls.NeedView),
    get("/needs/<uuid:id>", "get_need", "一项需求", returns=calls.NeedView),
    change("/needs/<uuid:id>", "change_need", "更改需求", takes=calls.NeedChange, returns=calls.NeedView),
    act("/needs/<uuid:id>/withdraw", "withdraw_need", "撤下需求", takes=calls.Withdrawal, returns=calls.NeedView),
    get(
        "/needs/<uuid:id>/reveals",
        "list_reveals",
        "联系方式的查看记录",
        takes=Paging,
        returns=calls.RevealPage,
        name="list_need_reveals",
    ),
    create(
        "/needs/<uuid:id>/reveals",
        "reveal_need",
        "查看联系方式（留下记录）",
        takes=calls.Reveal,
        returns=calls.RevealView,
        located=False,
    ),
)

LOOKUPS = blueprint(
    "resource",
    "lookups",
    "按电话查找（不显示电话）",
    act("/lookups", "find_contact", "按电话查找需求和提供方", takes=calls.Lookup, returns=calls.LookupView),
)

LISTS = blueprint(
    "resource",
    "lists",
    "类别与社区",
    get("/categories", "list_categories", "类别列表", takes=Paging, returns=calls.CategoryPage),
    create(
        "/categories",
        "create_category",
        "增加或替换类别",
        takes=calls.NewCategory,
        returns=calls.CategoryView,
        located=False,
    ),
    get("/communities", "list_communities", "社区列表", takes=Paging, returns=calls.CommunityPage),
    create(
        "/communities",
        "create_community",
        "增加或替换社区",
        takes=calls.NewCommunity,
        returns=calls.CommunityView,
        located=False,
    ),
)

BLUEPRINTS = (PROVIDERS, OFFERS, NEEDS, LOOKUPS, LISTS)
