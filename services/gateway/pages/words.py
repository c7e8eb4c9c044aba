"""Chinese names for codes that the pages show, and which buttons they show to whom.

What somebody may really do is decided by the services; this only keeps buttons away that would be refused.
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

STAFF = {"social_worker", "community_staff", "office"}
MAY_DECIDE = MAY_REGISTER = STAFF
