"""Every POST of the API, ten at once and once more under one Idempotency-Key: one answer, one effect."""

import io
import json
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.flows.people import a_need, unique
from tests.station import DEMO_PASSWORD, eventually

# What the platform itself keeps about work under way; it settles after an answer.
OWN = {"outbox", "inbox", "begun", "set_aside", "migrations_of_chassis", "migrations_of_service"}


@dataclass
class Things:
    """Who posts, and things to post about; made anew for each case."""

    station: object
    worker: object
    office: object
    partner: object
    operator: object

    def match(self) -> str:
        unit = f"部{unique()}"
        self.worker.offer(unit)
        need = self.worker.need(unit)
        return eventually(lambda: self.worker.get(f"/api/matches?need_id={need['id']}")["items"])[0]["id"]

    def booking(self, **changes) -> dict:
        day = f"2032-{1 + int(unique(), 16) % 12:02d}-10T"
        times = {"starts_at": f"{day}09:00:00+08:00", "ends_at": f"{day}10:00:00+08:00"}
        return {"space_id": self.space(), "title": "排练", "people": 3, **times, **changes}

    def site(self) -> dict:
        return {"name": f"站点{unique()}", "community": "jiangtou", "address": "江头北路 8 号"}

    def space(self) -> str:
        site = self.worker.post("/api/sites", self.site())["id"]
        space = {"site_id": site, "name": "教室", "kind": "classroom", "capacity": 20}
        return self.worker.post("/api/spaces", space)["id"]

    def booked(self) -> str:
        return self.worker.post("/api/bookings", self.booking())["id"]

    def fund(self) -> str:
        return self.office.post("/api/funds", {"name": f"基金{unique()}", "amount": "100.00"})["id"]

    def application(self, *, submitted: bool) -> str:
        draft = {"fund_id": self.fund(), "title": "助学", "purpose": "文具", "requested": "50.00"}
        draft = self.worker.post("/api/applications", draft)["id"]
        return self.worker.post(f"/api/applications/{draft}/submit")["id"] if submitted else draft

    def message(self) -> str:
        id = self.application(submitted=True)
        self.office.post(f"/api/applications/{id}/reject", {"reason": "重复申请"})
        return eventually(lambda: self.worker.told(id))[0]["id"]


REVEAL, WITHDRAWAL = {"purpose": "correction"}, {"reason": "other"}


def user():
    return {"username": f"u{unique()}", "password": "a long password", "display_name": "新人", "roles": ["partner"]}


# path: (who, service whose tables change, how many rows are added there, t -> (ids in the path, body))
CASES = {
    "/api/users": ("operator", "gateway", 1, lambda t: ((), user())),
    "/api/providers": ("worker", "resource", 1, lambda t: ((), {"kind": "volunteer", "name": "老李", "community": "lvcuo"})),
    "/api/providers/{id}/withdraw": ("worker", "resource", 0, lambda t: ((t.worker.provider()["id"],), WITHDRAWAL)),
    "/api/providers/{id}/reveals": ("worker", "resource", 1, lambda t: ((t.worker.provider()["id"],), REVEAL)),
    "/api/offers": ("worker", "resource", 1, lambda t: ((), {
        "provider_id": t.worker.provider()["id"], "title": "轮椅", "community": "lvcuo", "category": "goods.aids",
        "quantity": 1, "unit": unique()})),
    "/api/offers/{id}/withdraw": ("worker", "resource", 0, lambda t: ((t.worker.offer(unique())["id"],), WITHDRAWAL)),
    "/api/needs": ("worker", "resource", 1, lambda t: ((), a_need(unique(), contact_phone="13912345678"))),
    "/api/needs/{id}/withdraw": ("worker", "resource", 0, lambda t: ((t.worker.need(unique())["id"],), WITHDRAWAL)),
    "/api/needs/{id}/reveals": ("worker", "resource", 1, lambda t: (
        (t.worker.need(unique(), contact_name="欧阳")["id"],), REVEAL)),
    "/api/lookups": ("worker", "resource", 0, lambda t: ((), {"contact_phone": "13900000000"})),
    "/api/categories": ("operator", "resource", 1, lambda t: ((), {"code": f"goods.t{unique()}", "name": "测试"})),
    "/api/communities": ("operator", "resource", 1, lambda t: ((), {"code": f"t{unique()}", "name": f"社区{unique()}"})),
    "/api/matches/{id}/confirm": ("worker", "matching", 0, lambda t: ((t.match(),), {})),
    "/api/matches/{id}/decline": ("worker", "matching", 0, lambda t: ((t.match(),), {"reason": "不合适"})),
    "/api/sites": ("worker", "venue", 1, lambda t: ((), t.site())),
    "/api/spaces": ("worker", "venue", 1, lambda t: ((), {
        "site_id": t.worker.post("/api/sites", t.site())["id"], "name": "教室", "kind": "classroom", "capacity": 9})),
    "/api/bookings": ("worker", "venue", 1, lambda t: ((), t.booking())),
    "/api/bookings/{id}/approve": ("worker", "venue", 0, lambda t: ((t.booked(),), {})),
    "/api/bookings/{id}/reject": ("worker", "venue", 0, lambda t: ((t.booked(),), {"reason": "检修"})),
    "/api/bookings/{id}/cancel": ("worker", "venue", 0, lambda t: ((t.booked(),), {"reason": "不来了"})),
    "/api/funds": ("office", "grants", 1, lambda t: ((), {"name": "基金", "amount": "12.50"})),
    "/api/applications": ("worker", "grants", 1, lambda t: ((), {
        "fund_id": t.fund(), "title": "助学", "purpose": "文具", "requested": "50.00"})),
    "/api/applications/{id}/submit": ("worker", "grants", 0, lambda t: ((t.application(submitted=False),), {})),
    "/api/applications/{id}/approve": ("office", "grants", 0, lambda t: (
        (t.application(submitted=True),), {"amount": "50.00", "reason": "同意"})),
    "/api/applications/{id}/reject": ("office", "grants", 0, lambda t: (
        (t.application(submitted=True),), {"reason": "重复"})),
    "/api/messages/{id}/read": ("worker", "notify", 0, lambda t: ((t.message(),), {})),
    "/api/channels": ("worker", "notify", 1, lambda t: ((), {"url": "mailtos://u:p@example.org"})),
}  # fmt: skip

# These have a test of their own below: the one answers people who are not signed in yet, the other takes a form.
ELSEWHERE = {"/api/sessions", "/api/imports"}


def settled(station, service: str) -> dict[str, str]:
    """Return what stands in the tables of a service, without what the platform keeps for itself."""
    return {name: text for name, text in station.contents(service).items() if name not in OWN}


def count(contents: dict[str, str]) -> int:
    """Return how many rows there are in a service's own tables."""
    return sum(
        int(text.split()[0]) for name, text in contents.items() if name not in ("commands", "answers", "sessions")
    )


def at_once(ask) -> list:
    """Return the answers of ten who ask the same at the same time."""
    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(lambda _: ask(), range(10)))


def test_every_post_of_the_api_is_here(station):
    _, document, _ = station.request("GET", "/api/openapi.json")

    assert {path for path, methods in document["paths"].items() if "post" in methods} == set(CASES) | ELSEWHERE


@pytest.mark.parametrize("path", CASES)
def test_one_key_has_one_answer_and_one_effect(station, tap, worker, office, partner, operator, path):
    things = Things(station, worker, office, partner, operator)
    who, service, added, prepare = CASES[path]
    ids, body = prepare(things)
    for id in ids:
        path = path.replace("{id}", id, 1)
    before = settled(station, service)
    correlation, key = str(uuid.uuid4()), f"key-{unique()}"

    def ask():
        headers = {"Idempotency_Key": key, "X_Correlation_Id": correlation}
        return getattr(things, who).ask("POST", path, body, **headers)[:2]

    answers = at_once(ask)
    after = settled(station, service)
    answers.append(ask())

    assert {status for status, _ in answers} <= {200, 201}, answers
    assert len({json.dumps(answer, sort_keys=True) for answer in answers}) == 1
    assert count(after) - count(before) == added
    assert settled(station, service) == after
    eventually(lambda: not station.value(service, "SELECT count(*) FROM outbox") if service != "gateway" else True)
    said = Counter((event["type"], event["subject"]) for event in tap.events(correlationid=correlation))
    assert set(said.values()) <= {1}, said
    if path == "/api/channels":
        assert worker.ask("DELETE", f"/api/channels/{answers[0][1]['id']}")[0] == 204


def test_signing_in_again_under_one_key_is_one_session(station):
    body, key = {"username": "partner", "password": DEMO_PASSWORD}, f"key-{unique()}"
    before = station.value("gateway", "SELECT count(*) FROM sessions")

    answers = at_once(lambda: station.request("POST", "/api/sessions", body, headers={"Idempotency-Key": key})[:2])

    assert {status for status, _ in answers} == {201}
    assert len({answer["token"] for _, answer in answers}) == 1
    assert station.value("gateway", "SELECT count(*) FROM sessions") == before + 1


def test_a_file_sent_ten_times_under_one_key_is_imported_once(worker):
    unit, key = f"部{unique()}", f"key-{unique()}"
    offer = worker.offer(unit)
    table = io.StringIO()
    table.write("标题,社区,类别,数量,单位\n" + f"轮椅,江头社区,轮椅,1,{unit}\n" * 3)

    answers = at_once(lambda: worker.upload("list.csv", table.getvalue().encode(), Idempotency_Key=key)[:2])

    assert {status for status, _ in answers} == {201}, answers
    assert len({answer["id"] for _, answer in answers}) == 1
    eventually(lambda: len(worker.get(f"/api/matches?offer_id={offer['id']}")["items"]) == 3)


def test_a_key_that_was_used_for_something_else_is_refused(worker):
    key, unit = f"key-{unique()}", unique()
    worker.post("/api/needs", a_need(unit), Idempotency_Key=key)

    for path, body in [
        ("/api/needs", a_need(unit, quantity=2)),
        ("/api/providers", {"kind": "volunteer", "name": "李", "community": "lvcuo"}),
    ]:
        status, problem, _ = worker.ask("POST", path, body, Idempotency_Key=key)
        assert (status, problem["slug"], problem["field"]) == (422, "idempotency_key_reused", "Idempotency-Key")


def test_two_people_may_use_the_same_key(worker, office):
    key, unit = f"key-{unique()}", unique()

    answers = [person.post("/api/needs", a_need(unit), Idempotency_Key=key)["id"] for person in (worker, office)]

    assert len(set(answers)) == 2
