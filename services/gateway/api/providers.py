"""Routes of the resource service: providers."""

from contracts.calls.resource import private, providers, words
from contracts.fields import Paging
from services.gateway.api.people import with_names
from services.gateway.api.routes import act, blueprint, change, create, get

PROVIDERS = blueprint(
    "resource",
    "providers",
    "提供方：共建单位、企业、商家、能人、社会组织、志愿者",
    get("/providers", "list_providers", "提供方列表", takes=providers.ProviderFilter, returns=providers.ProviderPage),
    create("/providers", "create_provider", "登记提供方", takes=providers.NewProvider, returns=providers.ProviderView),
    get("/providers/<uuid:id>", "get_provider", "一个提供方", returns=providers.ProviderView),
    change(
        "/providers/<uuid:id>",
        "change_provider",
        "更改提供方",
        takes=providers.ProviderChange,
        returns=providers.ProviderView,
    ),
    act(
        "/providers/<uuid:id>/withdraw",
        "withdraw_provider",
        "撤下提供方",
        takes=words.Withdrawal,
        returns=providers.ProviderView,
    ),
    act(
        "/providers/<uuid:id>/verify",
        "verify_provider",
        "核实提供方（首次或再次），有效六个月",
        takes=providers.Verification,
        returns=providers.ProviderView,
    ),
    act(
        "/providers/<uuid:id>/pause",
        "pause_provider",
        "暂停提供方，其资源暂时下架",
        takes=providers.Pause,
        returns=providers.ProviderView,
    ),
    act("/providers/<uuid:id>/resume", "resume_provider", "恢复提供方", returns=providers.ProviderView),
    get(
        "/providers/<uuid:id>/reveals",
        "list_reveals",
        "联系方式的查看记录",
        takes=Paging,
        returns=private.RevealPage,
        name="list_provider_reveals",
        worded=with_names,
    ),
    create(
        "/providers/<uuid:id>/reveals",
        "reveal_provider",
        "查看联系方式（留下记录）",
        takes=private.Reveal,
        returns=private.RevealView,
        located=False,
    ),
)
