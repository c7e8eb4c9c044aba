"""A small station that answers from memory: needs, matches and messages that the browser tests can change."""

import uuid

from contracts.calls import notify
from contracts.calls.matching.matches import MatchView
from contracts.calls.resource.lists import ImportView
from contracts.calls.resource.needs import NeedView
from contracts.calls.resource.private import RevealRecord
from contracts.errors import Conflict, Invalid
from tests.gateway.fakes import FakeServices, example

COMMUNITIES = {"jiangtou": "江头社区", "lvcuo": "吕厝社区", "houpu": "后埔社区"}
CATEGORIES = {
    "aid": ("辅具", None),
    "aid.wheelchair": ("轮椅", "aid"),
    "aid.bed": ("护理床", "aid"),
    "care": ("照护", None),
    "care.company": ("陪伴探访", "care"),
    "food": ("食品", None),
    "food.rice": ("米面粮油", "food"),
}
OUTCOMES = {"new": 1, "changed": 0, "unchanged": 0, "duplicate": 0, "wrong": 1}
PARTS = (
    ("category", 40, "类别相同：轮椅"),
    ("nearness", 25, "同在江头社区"),
    ("time", 15, "时间相合，三月内都可以取用"),
    ("urgency", 6, "需求紧急"),
    ("history", 3, "以往做到2次"),
    ("quantity", -5, "数量只够一半"),
)


class Station(FakeServices):
    """Lists are newest first and paged; what is decided stays decided."""

    def __init__(self):
        super().__init__()
        self.lists = {"needs": [], "matches": [], "messages": [], "all_reveals": [], "imports": []}
        self.version = 0

    def add(self, kind, schema, /, **values):
        """Add one thing at the top of a list and return it."""
        self.version += 1
        thing = {**example(schema, {"version": 1, **values}), "id": str(uuid.UUID(int=self.version))}
        self.lists[kind].insert(0, thing)
        return thing

    def add_need(self, title="轮椅一辆，短期借用", **values):
        given = {"community": "jiangtou", "category": "aid.wheelchair", "unit": "辆", "state": "open", **values}
        return self.add("needs", NeedView, title=title, **given)

    def add_match(self, need="轮椅一辆，短期借用", offer="八成新轮椅两辆", score=75, **values):
        parts = [{"part": part, "points": points, "text": text} for part, points, text in PARTS]
        given = {"community": "jiangtou", "state": "proposed", "unit": "辆", "quantity": 1, "parts": parts, **values}
        return self.add("matches", MatchView, need_title=need, offer_title=offer, score=score, **given)

    def add_message(self, title="需求有了匹配建议", body="“轮椅一辆，短期借用”找到了 2 条建议，请查看并确认。"):
        return self.add("messages", notify.MessageView, title=title, body=body)

    def add_reveal(self, title="轮椅一辆，短期借用", **values):
        given = {"kind": "need", "community": "jiangtou", "purpose": "follow_up", **values}
        return self.add("all_reveals", RevealRecord, title=title, **given)

    def add_import(self, **values):
        """Add an import that is read to the half; `answers` of `get_import` say how it goes on."""
        given = {"kind": "needs", "state": "reading", "total": 2, "done": 1, **values}
        self.lists["imports"].insert(0, one := {**example(ImportView, given), "outcomes": OUTCOMES})
        return one

    def _carry_out(self, method, arguments, takes, returns):
        verb, _, noun = method.partition("_")
        if noun == "communities":
            return {"items": [{"code": code, "name": name} for code, name in COMMUNITIES.items()], "next": None}
        if noun == "categories":
            items = [{"code": c, "name": n, "parent": p, "synonyms": []} for c, (n, p) in CATEGORIES.items()]
            return {"items": items, "next": None}
        if verb == "list" and noun in self.lists:
            return self._page(noun, **arguments)
        if method == "create_need":
            self._check(takes, arguments)
            if arguments["title"] == "拒绝":
                raise Invalid("unknown_category", "category")
            known = set(returns().fields)
            return self.add_need(**{name: value for name, value in arguments.items() if name in known})
        if noun in ("match", "message", "need") and verb != "create":
            return self._decide(verb, {"match": "matches", "message": "messages", "need": "needs"}[noun], arguments)
        return super()._carry_out(method, arguments, takes, returns)

    def _page(self, noun, limit=50, after=None, state=None, revealed_by=None, **_):
        items = [one for one in self.lists[noun] if state in (None, one.get("state"))]
        items = [one for one in items if revealed_by in (None, one.get("revealed_by"))]
        if after:
            items = items[next(place for place, one in enumerate(items) if one["id"] == after) + 1 :]
        return {"items": items[:limit], "next": items[limit - 1]["id"] if len(items) > limit else None}

    def _decide(self, verb, kind, arguments):
        thing = next(one for one in self.lists[kind] if one["id"] == arguments["id"])
        if verb in ("confirm", "decline"):
            if thing["state"] != "proposed":
                raise Conflict("match_already_decided", state=thing["state"])
            thing |= {"state": {"confirm": "confirmed", "decline": "declined"}[verb], "reason": arguments.get("reason")}
        if verb == "read":
            thing["read_at"] = thing["created_at"]
        return thing
