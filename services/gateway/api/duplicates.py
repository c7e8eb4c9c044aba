"""Routes of the resource service: what may be there twice."""

from contracts.calls.resource import duplicates
from services.gateway.api.routes import act, blueprint, get

DUPLICATES = blueprint(
    "resource",
    "duplicates",
    "可能重复的服务对象和需求",
    get(
        "/duplicates",
        "list_duplicates",
        "可能重复的列表",
        takes=duplicates.DuplicateFilter,
        returns=duplicates.DuplicatePage,
    ),
    act(
        "/duplicates/<uuid:id>/merge",
        "merge_duplicate",
        "合并重复",
        takes=duplicates.Merge,
        returns=duplicates.DuplicateView,
    ),
    act("/duplicates/<uuid:id>/dismiss", "dismiss_duplicate", "不是重复", returns=duplicates.DuplicateView),
    act("/duplicates/<uuid:id>/undo", "undo_merge", "撤销合并（七天内）", returns=duplicates.DuplicateView),
)
