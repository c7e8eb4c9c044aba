"""Chinese names for codes that the pages show, and which columns and buttons they show to whom.

What somebody may really do is decided by the services; this only keeps away what would be refused.
"""

ROLES = {
    "social_worker": "社工",
    "community_staff": "社区工作人员",
    "office": "街道办",
    "partner": "合作伙伴",
    "operator": "运维",
}

TARGET_GROUPS = {
    "general": "一般居民",
    "low_income": "低保家庭",
    "extreme_poverty": "特困人员",
    "disabled": "残疾人",
    "elderly_alone": "独居、空巢老人",
    "children_in_need": "困境儿童",
    "workers_in_need": "困难职工",
}

SOURCES = {"visit": "上门走访", "hotline": "热线", "grid_worker": "网格员", "self": "本人提出", "other": "其他"}

STAFF = {"social_worker", "community_staff", "office"}
MAY_DECIDE = MAY_REGISTER = STAFF
MAY_READ = STAFF | {"operator"}
CANCELLED_BECAUSE = {
    "recipient_cancelled": "需求方取消",
    "provider_cancelled": "提供方取消",
    "recipient_no_show": "需求方没有到场",
    "provider_no_show": "提供方没有到场",
    "entered_by_mistake": "登记有误",
    "other": "其他",
}
MAY_OPEN_FOR_CLAIM = {"social_worker", "office"}
OUTCOMES = {"new": "新增", "changed": "更改", "unchanged": "无变化", "duplicate": "重复", "wrong": "有误"}

CLIENT_KINDS = {"person": "个人", "household": "家庭", "organisation": "单位"}
CONSENTS = {
    "service": "接受服务",
    "share_with_partner": "把联系方式告诉伙伴",
    "be_named": "公开姓名",
    "photos": "拍照并使用照片",
    "visits": "上门探访",
}
BY_WHOM = {"self": "本人", "guardian": "监护人", "agent": "代理人"}
HOW = {"paper": "书面", "voice": "口头", "online": "线上"}

# The pages beside one another, and who may do what they are for.
WAYS = (
    ("/", set(ROLES), "今日"),
    ("/library", STAFF | {"partner"}, "资源库"),
    ("/clients", STAFF, "服务对象"),
    ("/services", STAFF | {"partner"}, "服务"),
    ("/claims", STAFF | {"partner"}, "认领"),
    ("/pairings", STAFF | {"partner"}, "结对"),
    ("/results", set(ROLES), "成效"),
    ("/imports", STAFF, "导入表格"),
    ("/reveals", {"social_worker", "office"}, "查看记录"),
    ("/settings", {"operator", "office"}, "设置"),
)

# Who is shown a column, its heading, and what it says while it is empty.
COLUMNS = (
    ("needs", STAFF | {"operator"}, "需求", "还没有需求，登记以后会自动出现在这里。"),
    ("matches", STAFF, "匹配建议", "没有等待决定的建议。登记了需求或资源以后，系统会马上给出建议。"),
    ("messages", set(ROLES), "消息", "还没有消息。与您有关的进展会出现在这里。"),
)
EMPTY_TO_REGISTER = "还没有需求。点“登记需求”，一分钟就能登记一条。"


def ways(roles: set[str]) -> list[tuple[str, str]]:
    """Return (path, name) of each page that these roles may use."""
    return [(path, name) for path, who, name in WAYS if who & roles]


def columns(roles: set[str]) -> list[tuple[str, str, str]]:
    """Return (id, heading, what to say while empty) of each column that these roles are shown."""
    shown = [(id, name, empty) for id, who, name, empty in COLUMNS if who & roles]
    return [
        (id, name, EMPTY_TO_REGISTER if id == "needs" and roles & MAY_REGISTER else empty) for id, name, empty in shown
    ]
