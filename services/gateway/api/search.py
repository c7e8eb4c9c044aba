"""Routes of the resource service: search."""

from contracts.calls.resource import search
from services.gateway.api.routes import act, blueprint

SEARCH = blueprint(
    "resource",
    "search",
    "搜索",
    act(
        "/search",
        "search",
        "搜索资源、提供方与需求（词语、部分词语、拼音、首字母）",
        takes=search.SearchFor,
        returns=search.FoundPage,
    ),
)
