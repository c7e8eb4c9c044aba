"""The main line as somebody new walks it: resource, need, service; then claims, pairings, the whole board, lists, search."""

import io
import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from contracts.fields import STATION_TIME
from tests.flows.people import Person, unique
from tests.flows.watching import Tap
from tests.station import DEMO_PASSWORD, eventually

CODE, WRONG_CODE = "91350200MA2XN0A017", "91350200MA2XN0A018"
CHINESE = re.compile("[\u4e00-\u9fff]")
TODAY = datetime.now(STATION_TIME).date()
YESTERDAY = TODAY - timedelta(days=1)
PLAIN_WORDS = "独居老人想有人陪着去医院复诊"


def at(days: int, hour: int) -> str:
    """Return a moment some days from now, as the API writes it."""
    return datetime.combine(TODAY + timedelta(days=days), time(hour), STATION_TIME).isoformat()


@pytest.fixture(scope="module", autouse=True)
def public(station):
    """Give the types of the events about a subject that another district system has seen so far."""
    with Tap(station.broker.url, ("jinlin.public",)) as tap:
        yield lambda subject: {event["type"] for event in tap.events(subject=subject)}


def newcomer(station, operator, name: str) -> Person:
    """Return a partner who signs in for the first time."""
    username = f"{name}.{unique()}"
    operator.post(
        "/api/users",
        {"username": username, "password": DEMO_PASSWORD, "display_name": name, "roles": ["partner"]},
    )
    return Person(station, username)


@pytest.fixture(scope="module")
def lin(station, operator):
    return newcomer(station, operator, "lin")


@pytest.fixture(scope="module")
def wu(station, operator):
    return newcomer(station, operator, "wu")


@pytest.fixture(scope="module")
def joined(lin, worker):
    """Lin's company, as it was registered and as it is verified, with what it offered in between."""
    facts = {
        "kind": "company",
        "name": f"林记{unique()}",
        "community": "jiangtou",
        "organisation_name": "厦门林记文化有限公司",
    }
    refused = lin.ask("POST", "/api/providers", {**facts, "credit_code": WRONG_CODE})[:2]
    draft = lin.post("/api/providers", {**facts, "credit_code": CODE})
    held = lin.post("/api/offers", {
        "provider_id": draft["id"], "title": "过冬大米", "community": "jiangtou", "category": "goods.food",
        "quantity": 10, "unit": f"袋{unique()}",
    })  # fmt: skip
    verified = worker.post(f"/api/providers/{draft['id']}/verify", {"version": draft["version"]})
    return {"refused": refused, "draft": draft, "held": held, "verified": verified, "id": draft["id"]}


@pytest.fixture(scope="module")
def lessons(lin, joined):
    """Hours by a weekly timetable: three lessons each time."""
    return lin.offer(
        f"课时{unique()}", provider_id=joined["id"], title="手把手教用智能手机", form="hours", category="skills.phone",
        quantity=3, slots=[{"weekday": day, "starts": "14:00", "ends": "16:00"} for day in (2, 4)],
    )  # fmt: skip


@pytest.fixture(scope="module")
def secrets():
    """What nobody but who must know may read."""
    digits = str(uuid.uuid4().int)
    return {
        "contact_name": f"司马{digits[:6]}",
        "contact_phone": f"138{digits[:8]}",
        "contact_address": f"吕厝社区 {digits[:9]} 号 301 室",
    }


@pytest.fixture(scope="module")
def granny(worker, secrets):
    return worker.post("/api/clients", {"community": "lvcuo", "target_group": "elderly_alone", **secrets})


@pytest.fixture(scope="module")
def course(worker, granny, lessons):
    """Four lessons for a client, given at two times: what was answered at each step."""
    need = worker.need(
        lessons["unit"], title="想学用智能手机", community="lvcuo", category="skills.phone", quantity=4, urgency=2,
        client_id=granny["id"],
    )  # fmt: skip
    path = f"/api/matches?need_id={need['id']}"
    (suggested,) = eventually(lambda: worker.get(path)["items"])
    later = worker.get(f"/api/offers/{lessons['id']}/times?since={TODAY}&until={TODAY + timedelta(days=20)}")["items"][
        2
    ]
    match = f"/api/matches/{suggested['id']}"
    confirmed = worker.post(f"{match}/confirm", {"quantity": 2, "occasion": later["occasion"]})
    scheduled = worker.post(f"{match}/schedule", {name: later[name] for name in ("starts_at", "ends_at")})
    note = "学会了接视频电话，儿子在外地很高兴"
    done = {"delivered_on": str(YESTERDAY), "minutes": 45, "people": 1, "note": note}
    refused = worker.ask("POST", f"{match}/deliver", {**done, "quantity": 3})[:2]
    delivered = worker.post(f"{match}/deliver", {**done, "quantity": 1})
    partly = eventually(lambda: (found := worker.get(f"/api/needs/{need['id']}"))["met"] and found)
    again = eventually(lambda: worker.get(f"{path}&state=proposed")["items"])[0]
    confirmed_again = worker.post(f"/api/matches/{again['id']}/confirm")
    delivered_again = worker.post(f"/api/matches/{again['id']}/deliver", {**done, "minutes": 90})
    met = eventually(lambda: (found := worker.get(f"/api/needs/{need['id']}"))["state"] == "met" and found)
    return {
        "need": need, "suggested": suggested, "later": later, "confirmed": confirmed, "scheduled": scheduled,
        "refused": refused, "delivered": delivered, "partly": partly, "again": again,
        "confirmed_again": confirmed_again, "delivered_again": delivered_again, "met": met, "note": note,
    }  # fmt: skip


def test_a_partner_joins_and_is_verified(joined, lin, worker, public):
    status, problem = joined["refused"]
    assert (status, problem["slug"], problem["field"]) == (422, "invalid_credit_code", "credit_code")
    assert "不是正确的统一社会信用代码" in problem["detail"]
    assert (joined["draft"]["state"], joined["verified"]["state"]) == ("draft", "verified")
    assert joined["held"]["state"] == "held"
    assert lin.ask("POST", f"/api/providers/{joined['id']}/verify", {})[0] == 403

    # What was offered before is on the board as soon as it is known who offers it.
    assert lin.get(f"/api/offers/{joined['held']['id']}")["state"] == "open"
    eventually(lambda: "offer.published.v1" in public(joined["held"]["id"]))
    eventually(lambda: {"provider.registered.v1", "provider.changed.v1"} <= public(joined["id"]))


def test_offers_of_every_form_are_published(joined, lessons, lin, public):
    dates = [
        {"starts_at": at(days, 9), "ends_at": at(days, 11), "places": places} for days, places in ((10, 3), (17, 5))
    ]
    mine = {"provider_id": joined["id"], "community": "jiangtou"}
    forms = {
        "posts": {"title": "书店店员体验", "category": "learning.career", "unit": f"名{unique()}", "dates": dates},
        "money": {
            "title": "助学金",
            "category": "money.aid",
            "unit": "元",
            "quantity": 2000,
            "purpose": "困境儿童助学",
        },
        "unlimited": {"title": "法律知识网课", "category": "skills.legal", "unit": f"人{unique()}"},
    }

    made = {form: lin.post("/api/offers", {**mine, **facts, "form": form}) for form, facts in forms.items()}

    for form, offer in {**made, "hours": lessons}.items():
        assert (offer["form"], offer["state"]) == (form, "open")
        eventually(lambda id=offer["id"]: "offer.published.v1" in public(id))
    assert [one["places"] for one in made["posts"]["dates"]] == [3, 5]
    assert (made["money"]["on_hand"], made["money"]["purpose"]) == (2000, "困境儿童助学")
    days = f"since={TODAY}&until={TODAY + timedelta(days=14)}"
    times = lin.get(f"/api/offers/{lessons['id']}/times?{days}")["items"]
    assert {datetime.fromisoformat(one["starts_at"]).isoweekday() for one in times} == {2, 4}
    assert {one["capacity"] for one in times} == {3}
    status, problem, _ = lin.ask(
        "POST", "/api/offers", {**mine, **forms["posts"], "form": "hours", "quantity": 1, "dates": []}
    )
    assert (status, problem["slug"]) == (422, "timetable_missing")


@pytest.mark.parametrize(
    "form, more, wanted",
    [
        ("posts", {"dates": [{"starts_at": at(10, 9), "ends_at": at(10, 11), "places": 3}]}, 2),
        ("money", {"quantity": 2000, "purpose": "困境儿童助学"}, 500),
        ("unlimited", {}, 400),
    ],
)
def test_a_need_finds_an_offer_of_any_form(joined, lin, worker, form, more, wanted):
    facts = {"title": "暑期成长陪伴", "category": "learning.family"}
    unit = "元" if form == "money" else f"份{unique()}"
    offer = lin.post(
        "/api/offers",
        {"provider_id": joined["id"], "community": "jiangtou", "form": form, "unit": unit, **facts, **more},
    )

    need = worker.need(unit, quantity=wanted, **facts)

    (match,) = eventually(lambda: worker.get(f"/api/matches?need_id={need['id']}&offer_id={offer['id']}")["items"])
    assert (match["quantity"], match["score"]) == (wanted, sum(part["points"] for part in match["parts"]))
    # Nothing was said, so all of it is meant.
    assert worker.ask("POST", f"/api/matches/{match['id']}/confirm")[1]["quantity"] == wanted
    left = lin.get(f"/api/offers/{offer['id']}")
    assert (left["state"], left["given"]) == ("open", 0)


def test_a_client_is_assessed_and_consents(granny, worker, secrets):
    form = worker.get("/api/assessment-form")
    worst = [
        {"item": item["code"], "option": max(item["options"], key=lambda one: one["points"])["code"]}
        for part in form["parts"]
        for item in part["items"]
    ]

    assessed = worker.post(f"/api/clients/{granny['id']}/assessments", {"form": form["version"], "answers": worst})
    for what in ("service", "share_with_partner"):
        worker.post(f"/api/clients/{granny['id']}/consents", {"what": what, "by_whom": "self", "how": "paper"})

    assert (assessed["total"], assessed["level"], assessed["suggested_urgency"]) == (100, "urgent", 3)
    assert assessed["level_name"] == "紧急"
    shown = worker.get(f"/api/clients/{granny['id']}")
    assert shown["level"] == "urgent" and shown["has_contact"]
    assert not [text for text in secrets.values() if text in json.dumps(shown, ensure_ascii=False)]
    consents = worker.get(f"/api/clients/{granny['id']}/consents")["items"]
    assert {one["what"] for one in consents} == {"service", "share_with_partner"}


def test_a_suggestion_comes_by_itself_and_says_why(course, lessons):
    suggested = course["suggested"]

    assert (suggested["state"], suggested["offer_id"], suggested["quantity"]) == ("proposed", lessons["id"], 3)
    assert suggested["score"] == sum(part["points"] for part in suggested["parts"]) > 0
    texts = {part["part"]: part["text"] for part in suggested["parts"]}
    assert all(CHINESE.search(text) for text in texts.values())
    assert texts["category"] == "同为「智能手机教学」"
    assert texts["nearness"] == "来自江头社区，可服务吕厝社区，两社区相邻"
    assert "可先满足3" in texts["quantity"]


def test_a_need_is_met_in_two_steps_and_stays_met(course, worker, public):
    need, met = course["need"], course["met"]
    assert (course["confirmed"]["state"], course["confirmed"]["quantity"]) == ("confirmed", 2)
    assert course["confirmed"]["occasion"] == course["later"]["occasion"] != course["suggested"]["occasion"]
    assert course["scheduled"]["state"] == "scheduled"
    assert course["scheduled"]["starts_at"] == course["later"]["starts_at"]
    assert (course["refused"][0], course["refused"][1]["slug"]) == (422, "more_than_confirmed")
    assert course["delivered"].items() >= {"delivered": 1, "minutes": 45, "people": 1, "has_note": True}.items()
    assert course["note"] not in json.dumps(course["delivered"], ensure_ascii=False)
    assert (course["partly"]["state"], course["partly"]["met"]) == ("partly_met", 1)
    assert (course["again"]["quantity"], course["confirmed_again"]["quantity"]) == (3, 3)
    assert (met["state"], met["met"]) == ("met", 4)

    page = {"version": course["partly"]["version"], "quantity": 9}
    for path, method, body in (
        (f"/api/needs/{need['id']}", "PATCH", page),
        (f"/api/needs/{need['id']}", "PATCH", {**page, "version": met["version"]}),
        (f"/api/needs/{need['id']}/withdraw", "POST", {"reason": "other"}),
        (f"/api/matches/{course['again']['id']}/confirm", "POST", {"quantity": 1}),
        (f"/api/matches/{course['again']['id']}/cancel", "POST", {"reason": "other"}),
    ):
        status, problem, _ = worker.ask(method, path, body)
        assert status == 409 and CHINESE.search(problem["detail"]), (path, problem)
    assert worker.get(f"/api/needs/{need['id']}")["state"] == "met"
    eventually(
        lambda: {"need.created.v1", "need.matched.v1", "need.partly_met.v1", "need.met.v1"} <= public(need["id"])
    )
    flow = {"match.proposed.v1", "match.confirmed.v1", "match.scheduled.v1", "match.delivered.v1"}
    eventually(lambda: flow <= public(course["suggested"]["id"]))


def test_both_sides_rate_what_was_done(course, worker, public):
    path = f"/api/matches/{course['suggested']['id']}"

    worker.post(f"{path}/rate", {"side": "recipient", "stars": 5, "comment": "老师很有耐心"})
    rated = worker.post(f"{path}/rate", {"side": "provider", "stars": 4})

    assert {(one["side"], one["stars"]) for one in rated["ratings"]} == {("recipient", 5), ("provider", 4)}
    shown = worker.post(f"{path}/reveals", {"purpose": "evaluation"})
    assert (shown["note"], shown["recipient_comment"]) == (course["note"], "老师很有耐心")
    assert [one["revealed_by"] for one in worker.get(f"{path}/reveals")["items"]] == [worker.id]
    eventually(lambda: "match.rated.v1" in public(course["suggested"]["id"]))
    status, problem, _ = worker.ask("POST", f"{path}/rate", {"side": "provider", "stars": 6})
    assert (status, problem["field"]) == (422, "stars")


@pytest.fixture(scope="module")
def volunteers(worker, lin, wu):
    """Two verified volunteers who want to do the same."""
    made = {}
    for person in (lin, wu):
        draft = person.post(
            "/api/providers", {"kind": "volunteer", "name": f"志愿者{unique()}", "community": "jiangtou"}
        )
        made[person] = worker.post(f"/api/providers/{draft['id']}/verify")
        eventually(lambda person=person: person.ask("GET", "/api/claim-board")[0] == 200)
    return made


def test_a_need_is_claimed_by_one_of_two_and_done(course, granny, volunteers, worker, lin, wu, secrets, public):
    unit = f"次{unique()}"
    need = worker.need(unit, title="陪诊", community="lvcuo", category="care.escort", client_id=granny["id"],
                       target_group="elderly_alone", details="膝盖不好，走得慢")  # fmt: skip
    board = f"/api/claim-board/{need['id']}"
    status, problem, _ = worker.ask("POST", f"{board}/open", {"text": "打 13812345678 找我"})
    assert (status, problem["field"], problem["errors"][0]["slug"]) == (422, "text", "private_data_in_public_text")
    eventually(lambda: worker.ask("POST", f"{board}/open", {"text": PLAIN_WORDS})[1].get("open"))

    listed = next(one for one in lin.get("/api/claim-board?limit=200")["items"] if one["id"] == need["id"])
    assert (listed["text"], listed["community_name"], listed["quantity_left"]) == (PLAIN_WORDS, "吕厝社区", 1)
    words = json.dumps(listed, ensure_ascii=False)
    assert not [text for text in (*secrets.values(), "膝盖", granny["id"]) if text in words]

    def claim(person):
        return person.ask("POST", f"{board}/claims", {"provider_id": volunteers[person]["id"]})[:2]

    with ThreadPoolExecutor(2) as both:
        answers = dict(zip((lin, wu), both.map(claim, (lin, wu)), strict=True))
    (winner, loser) = sorted(answers, key=lambda person: answers[person][0])
    (status, made), (refused, problem) = answers[winner], answers[loser]
    assert (status, made["state"]) == (201, "claimed")
    assert (refused, problem["slug"]) == (409, "claimed_by_others") and "已经被别人认领" in problem["detail"]

    # Before it is approved, nobody of them learns who it is.
    reveals = f"/api/needs/{need['id']}/reveals"
    assert [person.ask("POST", reveals, {"purpose": "contact_for_service"})[0] for person in (winner, loser)] == [
        404,
        404,
    ]
    worker.post(f"/api/claims/{made['id']}/approve")
    status, shown, _ = eventually(
        lambda: (a := winner.ask("POST", reveals, {"purpose": "contact_for_service"}))[0] == 201 and a
    )
    assert {name: shown[name] for name in secrets} == secrets
    assert loser.ask("POST", reveals, {"purpose": "contact_for_service"})[0] == 404
    assert loser.ask("GET", f"/api/claims/{made['id']}")[0] == 404
    assert winner.ask("POST", reveals, {})[0] == 422
    (record,) = worker.get(reveals)["items"]
    assert (record["revealed_by"], record["purpose"]) == (winner.id, "contact_for_service")

    sharing = {"what": "share_with_partner", "by_whom": "agent", "how": "voice"}
    held = [
        one["id"]
        for one in worker.get(f"/api/clients/{granny['id']}/consents")["items"]
        if one["what"] == sharing["what"]
    ]
    held.append(worker.post(f"/api/clients/{granny['id']}/consents", sharing)["id"])
    for id in held:
        worker.post(f"/api/consents/{id}/withdraw")
    status, problem, _ = winner.ask("POST", reveals, {"purpose": "contact_for_service"})
    assert (status, problem["slug"]) == (403, "sharing_withdrawn") and "不再同意" in problem["detail"]

    winner.post(f"/api/claims/{made['id']}/progress", {"progress": "arranged"})
    winner.post(f"/api/claims/{made['id']}/fulfil", {"people": 1, "minutes": 120, "note": "顺利，医生让三个月后复查"})
    eventually(lambda: worker.get(f"/api/needs/{need['id']}")["state"] == "met")
    assert worker.get(board)["open"] is False
    eventually(lambda: {"need.created.v1", "need.opened_for_claim.v1", "need.met.v1"} <= public(need["id"]))
    eventually(lambda: {"claim.made.v1", "claim.approved.v1", "claim.fulfilled.v1"} <= public(made["id"]))

    provider = volunteers[winner]
    (rank,) = [one for one in wu.get("/api/claim-ranking")["items"] if one["provider_id"] == provider["id"]]
    assert (rank["deliveries"], rank["minutes"], rank["quantities"]) == (1, 120, [{"unit": unit, "quantity": 1}])
    flows = worker.get("/api/flows?category=care.escort&community=lvcuo")["items"]
    (flow,) = [one for one in flows if {"unit": unit, "quantity": 1} in one["quantities"]]
    assert (flow["from_community"], flow["to_community"], flow["people"]) == ("jiangtou", "lvcuo", 1)

    # Who was helped yesterday and helps today is honoured, once they agreed to it.
    def honoured():
        return [one["id"] for one in winner.get("/api/honours")["items"]]

    status, problem, _ = worker.ask("POST", f"/api/providers/{provider['id']}/honour", {"agreed": True})
    assert (status, problem["slug"]) == (422, "not_known_as_recipient")
    worker.patch(
        f"/api/providers/{provider['id']}", {"version": provider["version"], "client_id": granny["id"], "named": True}
    )
    eventually(lambda: provider["id"] in [one["id"] for one in worker.get("/api/givers-back")["items"]])
    assert provider["id"] not in honoured()
    worker.post(f"/api/providers/{provider['id']}/honour", {"agreed": True})
    assert provider["id"] in honoured()


def test_two_helpers_keep_coming_until_it_is_well(granny, volunteers, worker, lin, wu, secrets, public):
    week_ago, weekday = TODAY - timedelta(days=7), ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[TODAY.weekday()]
    plan = {
        "rule": f"FREQ=WEEKLY;BYDAY={weekday}",
        "visit_time": "15:00",
        "first_on": str(week_ago),
        "on_holidays": "keep",
    }
    previewed = worker.post("/api/pairing-plans", {"plan": plan, "most": 3})
    helpers = [
        {"helper": person.id, "provider_id": volunteers[person]["id"], "role": role}
        for person, role in ((lin, "lead"), (wu, "visitor"))
    ]
    begun = eventually(lambda: _begun(worker, granny, helpers, plan, week_ago))
    path = f"/api/pairings/{begun['id']}"
    planned = worker.get(f"/api/pairing-visits?pairing_id={begun['id']}&state=planned")["items"]
    due = [one["planned_on"] for one in planned]
    assert [one["on"] for one in previewed["visits"]] == sorted(due)[:3]
    assert sorted(due)[:2] == [str(TODAY), str(TODAY + timedelta(days=7))]
    worker.post(f"/api/clients/{granny['id']}/consents", {"what": "share_with_partner", "by_whom": "self", "how": "voice"})
    assert eventually(lambda: _where(lin, granny))["contact_phone"] == secrets["contact_phone"]

    how = {"kinds": ["emotional"], "minutes": 40, "note": "聊了很久"}
    lin.post(f"{path}/visits", {**how, "on": str(week_ago), "mood": 4, "health": 4, "living": 4})
    visit = lin.post(f"{path}/visits", {**how, "on": str(TODAY), "mood": 2, "health": 4, "living": 4,
                                        "goods": [{"name": "大米", "quantity": 1, "unit": "袋"}]})  # fmt: skip
    assert (visit["state"], visit["mood"], visit["planned_on"]) == ("recorded", 2, str(TODAY))
    assert visit["has_note"] and "聊了很久" not in json.dumps(visit, ensure_ascii=False)
    status, problem, _ = lin.ask("POST", f"{path}/visits", {**how, "on": str(TODAY)})
    assert (status, problem["slug"]) == (409, "visit_already_recorded")
    (alert,) = eventually(lambda: worker.get(f"/api/pairing-alerts?pairing_id={begun['id']}")["items"])
    assert alert["reason"] == "person_worse"
    assert (
        worker.post(f"/api/pairing-alerts/{alert['id']}/acknowledge", {"note": "已上门"})["acknowledged_by"]
        == worker.id
    )

    moved = worker.post(f"{path}/transfer", {"lead": {"helper": wu.id, "provider_id": volunteers[wu]["id"]},
                                             "reason": "helper_unavailable"})  # fmt: skip
    assert [(one["helper"], one["role"]) for one in moved["helpers"]] == [(wu.id, "lead")]
    assert [(one["from_lead"], one["to_lead"], one["reason"]) for one in moved["transfers"]] == [
        (lin.id, wu.id, "helper_unavailable")
    ]
    assert (lin.ask("GET", path)[0], wu.ask("GET", path)[0]) == (404, 200)
    eventually(lambda: _where(lin, granny) is None)
    assert _where(wu, granny)

    ended = worker.post(f"{path}/end", {"reason": "goals_reached", "stars": 5, "goals_reached": "yes",
                                        "evaluation": "已经和邻居熟了"})  # fmt: skip
    assert (ended["state"], ended["stars"], ended["has_evaluation"]) == ("ended", 5, True)
    assert worker.get(f"/api/pairing-visits?pairing_id={begun['id']}&state=planned")["items"] == []
    shown = worker.post(f"{path}/reveals", {"purpose": "supervision"})
    assert (shown["goals"], shown["evaluation"]) == ("愿意出门", "已经和邻居熟了")
    assert [one["revealed_by"] for one in worker.get(f"{path}/reveals")["items"]] == [worker.id]
    eventually(
        lambda: (
            {"pairing.begun.v1", "visit.recorded.v1", "pairing.changed.v1", "pairing.ended.v1"} <= public(begun["id"])
        )
    )
    status, problem, _ = worker.ask("POST", f"{path}/end", {"reason": "other", "stars": 1, "goals_reached": "no"})
    assert status == 409 and CHINESE.search(problem["detail"])


def _where(helper, client):
    """Return who to reach, as far as a helper is shown it."""
    status, shown, _ = helper.ask("POST", f"/api/clients/{client['id']}/reveals", {"purpose": "contact_for_service"})
    assert status in (201, 404), shown
    return shown if status == 201 else None


def _begun(worker, client, helpers, plan, on):
    """Begin a pairing, as soon as the client is known there."""
    status, pairing, _ = worker.ask("POST", "/api/pairings", {
        "client_id": client["id"], "kinds": ["emotional", "material"], "helpers": helpers, "plan": plan,
        "begun_on": str(on), "goals": "愿意出门",
    })  # fmt: skip
    assert status in (201, 404), pairing
    return pairing if status == 201 else None


def test_the_whole_board_is_planned_for_everybody_together(worker):
    unit = f"台{unique()}"
    near = worker.offer(unit, title="取暖器", category="goods.household", quantity=1)
    far = worker.offer(unit, title="取暖器", category="goods.household", community="lvcuo", quantity=1,
                       target_groups=["elderly_alone"])  # fmt: skip
    hers = worker.need(unit, title="取暖器", category="goods.household", target_group="elderly_alone", urgency=3)
    his = worker.need(unit, title="取暖器", category="goods.household")
    pairs = {(hers["id"], near["id"]), (hers["id"], far["id"]), (his["id"], near["id"])}
    eventually(lambda: {(m["need_id"], m["offer_id"]) for need in (hers, his)
                        for m in worker.get(f"/api/matches?need_id={need['id']}")["items"]} == pairs)  # fmt: skip

    plan = worker.post("/api/plans")

    # She could have the nearer one; but then he had none.
    assert plan["made_by"] == worker.id and plan["needs"] >= 2
    found = [one for need in (hers, his) for one in worker.get(f"/api/recommendations?need_id={need['id']}")["items"]]
    assert {(one["need_id"], one["offer_id"]) for one in found} == {(hers["id"], far["id"]), (his["id"], near["id"])}
    assert all(CHINESE.search(one["why"]) for one in found)
    changes = [one for need in (hers, his) for one in worker.get(f"/api/plan-changes?need_id={need['id']}")["items"]]
    assert changes and all(CHINESE.search(one["why"]) for one in changes)


def table(*rows) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((["标题", "社区", "类别", "数量", "单位", "联系人", "电话"], *rows)):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def previewed(person, content: bytes) -> dict:
    """Upload a list and return its preview."""
    status, made, headers = person.upload("list.xlsx", content, path="/api/imports/previews")
    assert status == 201, made
    return eventually(lambda: (found := person.get(headers["Location"]))["state"] == "previewed" and found)


def test_a_list_is_previewed_corrected_taken_and_taken_back(worker, public):
    unit = f"部{unique()}"
    phone = f"139{int(unique(), 16) % 10**8:08d}"
    good = ["轮椅", "江头社区", "轮椅", 1, unit, "欧阳", phone]
    wrong = ["拐杖", "火星社区", "拐杖", 1, unit, "", ""]

    first = previewed(worker, table(good, wrong))

    assert first["outcomes"].items() >= {"new": 1, "wrong": 1}.items()
    (row,) = worker.get(f"/api/imports/{first['id']}/rows?outcome=wrong")["items"]
    (reason,) = row["reasons"]
    assert (row["line"], reason["cell"], reason["slug"]) == (3, "B3", "unknown_community")
    assert reason["message"] == "没有这个社区，请从社区列表中选择。"
    status, problem, _ = worker.ask("POST", f"/api/imports/{first['id']}/apply", {})
    assert (status, problem["slug"]) == (409, "import_has_wrong_rows") and "1 行有误" in problem["detail"]
    rows = worker.get(f"/api/imports/{first['id']}/rows")
    assert [one["subject_id"] for one in rows["items"]] == [None, None]
    assert phone not in json.dumps(rows)

    second = previewed(worker, table(good, ["拐杖", "吕厝社区", *wrong[2:]]))
    applied = worker.post(f"/api/imports/{second['id']}/apply")
    assert (applied["state"], applied["results"]["created"]) == ("applied", 2)
    ids = [one["subject_id"] for one in worker.get(f"/api/imports/{second['id']}/rows")["items"]]
    eventually(lambda: all("need.created.v1" in public(id) for id in ids))
    undone = worker.post(f"/api/imports/{second['id']}/undo")
    assert (undone["state"], undone["results"]["undone"], undone["results"]["left"]) == ("undone", 2, 0)
    assert [worker.get(f"/api/needs/{id}")["state"] for id in ids] == ["cancelled", "cancelled"]
    eventually(lambda: all("need.withdrawn.v1" in public(id) for id in ids))


def test_a_template_and_an_export_without_private_data_are_downloaded(course, worker, secrets):
    def cells(path):
        content, headers = worker.download(path)
        assert "attachment" in headers["Content-Disposition"]
        return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()

    (heading,) = cells("/api/templates/needs.xlsx")
    exported = cells(f"/api/exports/needs?client_id={course['need']['client_id']}")

    assert {"标题", "社区", "类别", "数量", "单位", "电话"} <= set(heading)
    assert "想学用智能手机" in [row[exported[0].index("标题")] for row in exported[1:]]
    assert not {"联系人", "电话", "地址", "说明"} & set(exported[0])
    assert not [text for text in secrets.values() if text in str(exported)]


@pytest.mark.parametrize(
    "text, found_by",
    [("葫芦丝", "word"), ("芦丝", "part"), ("hulusi", "pinyin"), ("hls", "initials"), ("葫芦丝 公益课", "word")],
)
def test_an_offer_is_found_by_what_people_type(joined, lin, worker, text, found_by):
    title = f"葫芦丝公益课{unique()}"
    offer = lin.offer(f"人{unique()}", provider_id=joined["id"], title=title, category="learning.classes")

    found = worker.post("/api/search", {"text": text, "kind": "offer", "limit": 100})["items"]

    assert {one["id"]: one["found_by"] for one in found}[offer["id"]] == found_by
