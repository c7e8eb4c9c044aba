"""Routes of the resource service: categories and communities."""

from contracts.calls.resource import words
from contracts.fields import Paging
from services.gateway.api.routes import act, blueprint, change, create, get

WORDS = blueprint(
    "resource",
    "lists",
    "类别与社区",
    get("/categories", "list_categories", "类别列表", takes=Paging, returns=words.CategoryPage),
    get(
        "/category",
        "get_category",
        "一个类别，连同所含的物品或服务和居民的说法",
        takes=words.CategoryCode,
        returns=words.CategoryView,
    ),
    create(
        "/categories",
        "create_category",
        "增加或替换类别",
        takes=words.NewCategory,
        returns=words.CategoryView,
        located=False,
    ),
    change("/categories", "change_category", "更改类别", takes=words.CategoryChange, returns=words.CategoryView),
    act(
        "/categories/delete",
        "delete_category",
        "删除没有用过的类别",
        takes=words.CategoryRemoval,
        returns=words.CategoryView,
    ),
    act(
        "/categories/suggest",
        "suggest_category",
        "按原话推荐类别，由人决定",
        takes=words.Suggest,
        returns=words.SuggestedCategories,
    ),
    get("/communities", "list_communities", "社区列表", takes=Paging, returns=words.CommunityPage),
    create(
        "/communities",
        "create_community",
        "增加或替换社区",
        takes=words.NewCommunity,
        returns=words.CommunityView,
        located=False,
    ),
    change("/communities", "change_community", "更改社区", takes=words.CommunityChange, returns=words.CommunityView),
)
