"""结对 as helpers use it on a telephone, and as staff arrange and look after it."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.calls.matching.pairings import AlertView, PairingFiguresRow, PairingView
from contracts.calls.matching.visits import VisitView
from contracts.calls.resource.clients import ClientView
from contracts.calls.resource.private import RevealView
from contracts.calls.resource.providers import ProviderView
from contracts.errors import Conflict
from contracts.fields import STATION_TIME
from services.gateway.sentences import SENTENCES
from services.matching.pairings.calendar import Calendar, check_plan, next_visits
from services.matching.pairings.domain import Plan
from tests.browser.station import Station
from tests.browser.test_start_page import publish
from tests.gateway.conftest import PASSWORD, identity  # noqa: F401  (a fixture)
from tests.gateway.fakes import example
from tests.station import eventually

TODAY = datetime.now(UTC).astimezone(STATION_TIME).date()
PLAN = {
    "rule": "FREQ=WEEKLY;BYDAY=TU", "visit_time": "15:00", "visit_minutes": 60, "first_on": "2026-03-03", "on_holidays": "move",
    "last_on": None,
}  # fmt: skip
WHO = {"contact_name": "陈阿婆", "contact_phone": "137-0000-0000", "contact_address": "江头街道园山南路 12 号 301"}


def day(after: int) -> str:
    return (TODAY + timedelta(days=after)).isoformat()


def in_words(after: int) -> str:
    that = TODAY + timedelta(days=after)
    return f"{that.month}月{that.day}日 周{'一二三四五六日'[that.weekday()]}"


class PairingStation(Station):
    """Pairings with their visits and alerts, and the people in them."""

    def __init__(self):
        super().__init__()
        self.lists |= {"pairings": [], "visits": [], "alerts": [], "clients": [], "providers": []}

    def add_provider(self, name="益民便利店", **values):
        return self.add("providers", ProviderView, name=name, state="verified", community="jiangtou", **values)

    def add_client(self, **values):
        given = {"community": "jiangtou", "kind": "person", "target_group": "elderly_alone", "active": True, **values}
        return self.add("clients", ClientView, **given)

    def add_pairing(self, *helpers, **values):
        given = {
            "community": "jiangtou", "target_group": "elderly_alone", "kinds": ["emotional"], "state": "active",
            "plan": PLAN, "helpers": list(helpers), "visits": 12, "next_visit_on": day(1), "last_visit_on": day(-6), **values,
        }  # fmt: skip
        return self.add("pairings", PairingView, **given)

    def add_visit(self, pairing, after=0, **values):
        same = {"pairing_id": pairing["id"], "client_id": pairing["client_id"], "community": pairing["community"]}
        given = {"state": "planned", "planned_on": day(after), "planned_time": "15:00", "planned_minutes": 60, **values}
        return self.add("visits", VisitView, **same, **given)

    def add_alert(self, pairing, reason="visits_missed", **values):
        same = {name: pairing[name] for name in ("client_id", "community", "worker")}
        return self.add("alerts", AlertView, pairing_id=pairing["id"], reason=reason, **same, **values)

    def _carry_out(self, method, arguments, takes, returns):
        own = getattr(self, f"_{method}", None)
        if own is None:
            return super()._carry_out(method, arguments, takes, returns)
        id = arguments.pop("id", None)
        self._check(takes, arguments)
        return own(*[id] * (id is not None), **arguments)

    def _get(self, kind, id):
        return next(one for one in self.lists[kind] if one["id"] == id)

    def _list_visits(self, state=None, since="", until="9", pairing_id=None, community=None, limit=50, after=None):
        found = [
            one for one in self.lists["visits"]
            if state in (None, one["state"]) and since <= (one["on"] or one["planned_on"]) <= until
            and pairing_id in (None, one["pairing_id"])
        ]  # fmt: skip
        return {"items": found[:limit], "next": None}

    def _list_alerts(self, open=True, **_):
        return {
            "items": [one for one in self.lists["alerts"] if (one["acknowledged_at"] is None) == open],
            "next": None,
        }

    def _get_pairing(self, id):
        return self._get("pairings", id)

    def _get_provider(self, id):
        return self._get("providers", id)

    def _record_visit(self, id, visit_id=None, **facts):
        pairing = self._get("pairings", id)
        visit = self._get("visits", visit_id) if visit_id else self.add_visit(pairing, planned_on=None)
        if visit["state"] == "recorded":
            raise Conflict("visit_already_recorded")
        has_note = bool(facts.pop("note"))
        visit |= {**facts, "state": "recorded", "has_note": has_note}
        pairing |= {"visits": pairing["visits"] + 1, "last_visit_on": facts["on"]}
        return visit

    def _reschedule_visit(self, id, on, at):
        visit = self._get("visits", id)
        visit |= {"planned_on": on, "planned_time": at, "rescheduled": True}
        return visit

    def _cancel_visit(self, id, reason):
        visit = self._get("visits", id)
        visit |= {"state": "cancelled", "reason": reason}
        return visit

    def _acknowledge_alert(self, id, note):
        alert = self._get("alerts", id)
        alert |= {"acknowledged_at": datetime.now(UTC).isoformat(), "has_note": True}
        return alert

    def _begin_pairing(self, goals=None, **given):
        client = self._get("clients", given["client_id"])
        given["helpers"] = [{"helper": "", "provider_id": "", **one, "account": ""} for one in given["helpers"]]
        given["plan"] = {**given["plan"], "last_on": None}
        given.pop("begun_on", None)
        return self.add(
            "pairings", PairingView, **given, target_group=client["target_group"], community="jiangtou", state="active"
        )

    def _change_pairing(self, id, version, **changes):
        pairing = self._get("pairings", id)
        if version != pairing["version"]:
            raise Conflict("stale_version", "version")
        pairing |= {"version": version + 1, "plan": {**changes["plan"], "last_on": None}}
        return pairing

    def _transfer_pairing(self, id, worker=None, lead=None, reason=""):
        pairing = self._get("pairings", id)
        pairing |= {"worker": worker or pairing["worker"]}
        return pairing

    def _end_pairing(self, id, evaluation=None, **facts):
        pairing = self._get("pairings", id)
        pairing |= {**facts, "state": "ended", "ended_on": day(0), "has_evaluation": bool(evaluation)}
        return pairing

    def _preview_plan(self, plan, since=None, most=12):
        plan = Plan(**{**plan, "first_on": date.fromisoformat(plan["first_on"])})
        visits = next_visits(plan, Calendar(), date.fromisoformat(since) if since else TODAY, most)
        found = [{**vars(one), "on": one.on.isoformat(), "rule_on": one.rule_on.isoformat()} for one in visits]
        last_on = check_plan(plan)
        return {"rule": plan.rule, "last_on": last_on and last_on.isoformat(), "visits": found}

    def _find_contact(self, contact_phone):
        found = self.lists["clients"] if contact_phone == WHO["contact_phone"] else []
        return {"needs": [], "providers": [], "clients": found}

    def _reveal_client(self, id, purpose):
        return example(RevealView, {"subject_id": id, "purpose": purpose, **WHO})

    def _pairing_figures(self, **_):
        given = {"month": day(0)[:7], "community": "jiangtou", "active": 3, "visits": 11}
        return {"items": [example(PairingFiguresRow, given)]}


@pytest.fixture
def station():
    return PairingStation()


@pytest.fixture
def user(identity):  # noqa: F811
    """Return a demonstration user's id."""
    return lambda role: identity.sign_in(role, PASSWORD, "pairings")["user"]["id"]


@pytest.fixture
def open_page(page, address, sign_in):
    """Sign somebody in and open the page."""

    def open_page(role="social_worker"):
        sign_in(role)
        page.open(f"{address}/pairings")
        page.wait("document.querySelector('#live')?.dataset.state === 'open'")

    return open_page


@pytest.fixture
def helping(station, user):
    """A pairing in which the partner leads."""
    return station.add_pairing(
        {"helper": user("partner"), "provider_id": "", "role": "lead", "account": user("partner")}
    )


def press(page, place, text):
    """Click the button with this text in a place, once it is there."""
    page.wait(f"[...document.querySelectorAll({place!r} + ' button')].some((one) => one.innerText === {text!r})")
    page.run(
        f"(() => {{ document.querySelector('[data-pressed]')?.removeAttribute('data-pressed');"
        f" [...document.querySelectorAll({place!r} + ' button')].find((one) => one.innerText === {text!r})"
        ".setAttribute('data-pressed', ''); })()"
    )
    page.click("[data-pressed]")


def put(page, form, **fields):
    for name, value in fields.items():
        page.run(
            f"(() => {{ const one = document.querySelector('#{form}-{name}'); one.value = {value!r};"
            " one.dispatchEvent(new Event('input', { bubbles: true })); one.dispatchEvent(new Event('change', { bubbles: true })); })()"
        )


def choose(page, form, *choices):
    for name, value in choices:
        page.click(f"#{form} label:has([name={name}][value='{value}'])")


def test_a_helper_sees_the_next_visits_first(page, open_page, station, helping):
    for after in (20, 1, -1, 0, 8):
        station.add_visit(helping, after)
    station.add_visit(helping, -5, state="missed")
    station.add_visit(helping, -7, state="recorded", on=day(-7))
    open_page("partner")

    shown = page.run(
        "[...document.querySelectorAll('#visits-list li')].map((one) => one.querySelector('.head').innerText.replace('\\n', ' '))"
    )
    near = ("已错过，可补记", "过了 1 天，请记录", "今天", "明天", "8 天后", "20 天后")
    assert shown == [f"{in_words(after)} 15:00 {tag}" for after, tag in zip((-5, -1, 0, 1, 8, 20), near, strict=True)]
    assert "每周二 15:00，每次 60 分钟，遇节假日顺延" in page.text("#pairings-list li")
    assert "您（牵头）" in page.text("#pairings-list li")
    assert not page.run("Boolean(document.querySelector('#alerts, #open-begin, #begin, #transfer'))")


def test_of_many_visits_the_rest_is_a_click_away(page, open_page, station, helping):
    for after in range(25, 0, -1):
        station.add_visit(helping, after)
    open_page("partner")
    assert page.run("document.querySelectorAll('#visits-list li').length") == 20
    page.click("#visits-more")

    page.wait(
        "document.querySelectorAll('#visits-list li').length === 25 && document.querySelector('#visits-more').hidden"
    )
    assert page.run("document.activeElement.innerText") == f"{in_words(21)} 15:00"


def test_a_helper_records_how_a_visit_was(page, open_page, station, helping):
    visit = station.add_visit(helping)
    page.resize(390, 800)
    open_page("partner")
    press(page, "#visits-list", "记录探访")
    page.wait("document.querySelector('#record').open")
    assert page.run("document.querySelector('#record [value=emotional]').checked")

    choose(page, "record", ("kinds", "material"), ("mood", 4), ("health", 2))
    page.click("#record-add")
    page.type("大米")
    put(page, "record", note="精神不错，腿脚不便")
    page.click("#record .actions .primary")

    page.wait("!document.querySelector('#record').open && document.querySelectorAll('#visits-list li').length === 0")
    page.wait("document.querySelector('#pairings-list').innerText.includes('已探访 13 次')")
    made = station.last("matching.record_visit")
    assert made["key"]
    assert made["arguments"] == {
        "id": helping["id"], "visit_id": visit["id"], "on": day(0), "kinds": ["material", "emotional"], "minutes": 60,
        "mood": 4, "health": 2, "living": None, "note": "精神不错，腿脚不便",
        "goods": [{"name": "大米", "quantity": 1, "unit": "份"}],
    }  # fmt: skip


def test_what_speaks_against_a_record_is_said_where_it_is(page, open_page, station, helping):
    station.add_visit(helping)
    station.answer("record_visit", Conflict("visit_already_recorded"))
    open_page("partner")
    press(page, "#visits-list", "记录探访")
    choose(page, "record", ("kinds", "emotional"))
    page.click("#record .actions .primary")
    page.wait("document.querySelector('#record [aria-invalid]')")
    assert page.text("#record-kinds-error") == "请至少选择一项"

    choose(page, "record", ("kinds", "emotional"))
    assert not page.run("document.querySelector('#record [aria-invalid]')")
    page.click("#record .actions .primary")
    page.wait("!document.querySelector('#record .alert').hidden")
    assert page.text("#record .alert") == SENTENCES["visit_already_recorded"]


def test_a_helper_puts_a_visit_off_and_cancels_one(page, open_page, station, helping):
    later, sooner = station.add_visit(helping, 8), station.add_visit(helping, 1)
    open_page("partner")
    press(page, "#visits-list li:first-child", "改期")
    put(page, "reschedule", on=day(2), at="09:30")
    page.click("#reschedule .primary")
    page.wait(f"document.querySelector('#visits-list h3').innerText === {in_words(2) + ' 09:30'!r}")
    assert "改过期" in page.text("#visits-list li") and sooner["planned_on"] == day(2)

    press(page, "#visits-list li:last-child", "取消")
    page.click("#cancel .primary")
    assert page.text("#cancel-reason-error") == "请选择"
    put(page, "cancel", reason="person_ill")
    page.click("#cancel .primary")
    page.wait("document.querySelectorAll('#visits-list li').length === 1")
    assert later["reason"] == "person_ill"


def test_who_to_visit_is_shown_on_record_and_gone_afterwards(page, open_page, station, helping):
    open_page("partner")
    assert "陈阿婆" not in page.run("document.documentElement.outerHTML")
    press(page, "#pairings-list", "联系方式")
    page.wait("document.querySelector('#reveal').open")
    assert "留下记录" in page.text("#reveal")
    assert not [made for made in station.called if made["call"] == "resource.reveal_client"]
    page.click("#reveal .primary")

    page.wait("document.querySelector('#private dd')")
    assert all(text in page.text("#private-data") for text in WHO.values())
    assert page.run("document.querySelector('#private-data a').getAttribute('href')") == "tel:13700000000"
    assert station.last("resource.reveal_client")["arguments"] == {
        "id": helping["client_id"], "purpose": "contact_for_service",
    }  # fmt: skip
    page.press("Escape")
    page.wait("!document.querySelector('#private').open && !document.documentElement.outerHTML.includes('陈阿婆')")


def test_a_helper_of_whom_sharing_was_withdrawn_is_told_so(page, open_page, station, helping):
    station.answer("reveal_client", Conflict("consent_withdrawn"))
    open_page("partner")
    press(page, "#pairings-list", "联系方式")
    page.click("#reveal .primary")

    page.wait("!document.querySelector('#reveal .alert').hidden")
    assert page.text("#reveal .alert") == SENTENCES["consent_withdrawn"]


def test_a_message_brings_a_helper_what_is_new(page, open_page, station, feed, helping, user):
    open_page("partner")
    station.add_visit(helping, 3)
    publish(feed, "message.sent.v1", "message", recipient=user("partner"))

    page.wait("document.querySelector('#visits-list li.new')")


def test_staff_look_after_an_alert(page, open_page, station, user):
    pairing = station.add_pairing(worker=user("social_worker"))
    alert = station.add_alert(pairing, "person_worse")
    station.add_alert(pairing, "plan_ends")
    open_page()
    assert all(text in page.text("#alerts-list") for text in ("情况变差", "林晓", pairing["client_id"][-6:]))
    press(page, "#alerts-list", "处理")
    page.click("#acknowledge .primary")
    assert page.text("#acknowledge-note-error") == "请填写"
    page.type("当天上门看望，已联系家人")
    page.click("#acknowledge .primary")

    page.wait("document.querySelectorAll('#alerts-list li').length === 1")
    assert alert["has_note"]


def test_pairings_are_found_by_community_state_and_worker(page, open_page, station, user):
    shop = station.add_provider()
    station.add_pairing(
        {"helper": "", "provider_id": shop["id"], "role": "lead", "account": ""}, worker=user("social_worker")
    )
    ended = {"ended_on": day(-3), "reason": "goals_reached", "stars": 4, "goals_reached": "partly"}
    station.add_pairing(state="ended", **ended)
    open_page()
    page.wait("document.querySelector('#pairings-list').innerText.includes('益民便利店（牵头）')")
    assert "独居、空巢老人" in page.text("#pairings-list")

    put(page, "filter", community="jiangtou", state="ended")
    page.click("label:has(#filter-mine)")
    page.wait("document.querySelector('#pairings-list').innerText.includes('目标已经达成，目标部分达成，评分 4 星')")
    page.wait("document.querySelectorAll('#pairings-list li').length === 1")
    eventually(lambda: "worker" in station.last("matching.list_pairings")["arguments"])
    asked = station.last("matching.list_pairings")["arguments"]
    assert (asked["community"], asked["state"], asked["worker"]) == ("jiangtou", "ended", user("social_worker"))


def test_an_answer_that_comes_late_does_not_get_among_others(page, open_page, station):
    station.add_pairing()
    station.add_pairing(state="ended", ended_on=day(-3), reason="person_moved")
    slow = (
        "const real = window.fetch; window.fetch = async (path, options) => { const answer = await real(path, options);"
    )
    slow += " if (path.includes('community=jiangtou&state=active') || path.includes('state=active&community=jiangtou'))"
    slow += " { await new Promise((go) => setTimeout(go, 800)); window.late = true; } return answer; };"
    page.send("Page.addScriptToEvaluateOnNewDocument", source=slow)
    open_page()
    put(page, "filter", community="jiangtou", state="ended")
    page.wait("window.late && document.querySelector('#pairings-list').innerText.includes('帮扶对象搬离')")

    assert page.run("document.querySelectorAll('#pairings-list li').length") == 1


def test_a_pairing_begins_with_dates_seen_before(page, open_page, station, user):
    shop, child = station.add_provider(), station.add_client(minor=True, target_group="children_in_need")
    open_page()
    page.click("#open-begin")
    page.wait("document.querySelector('#begin').open && document.querySelectorAll('#begin-dates li').length === 6")
    assert not page.run("document.querySelector('#begin-guardian').checkVisibility()")
    page.focus("#begin-phone")
    page.type(WHO["contact_phone"])
    page.press("Enter")
    page.wait("document.querySelector('#begin-client_id').value !== ''")
    assert page.run("document.querySelector('#begin-guardian').checkVisibility()")

    put(page, "begin", lead=f"provider_id {shop['id']}", every="month", weekday="FR", which="-1")
    put(page, "begin", first_on="2027-01-01", on_holidays="keep", goals="每月有人陪着做功课")
    page.wait("document.querySelector('#begin-dates').innerText.startsWith('2027年1月29日 周五')")
    choose(page, "begin", ("kinds", "emotional"), ("guardian_agreed", "yes"))
    page.click("#begin-add")
    page.run(f"document.querySelector('#begin-others select').value = 'helper {user('community_staff')}'")
    page.click("#begin .actions .primary")

    page.wait("!document.querySelector('#begin').open && document.querySelectorAll('#pairings-list li').length === 1")
    assert "每月最后一个周五 15:00，每次 60 分钟，节假日照常" in page.text("#pairings-list li")
    made = station.last("matching.begin_pairing")["arguments"]
    assert made["helpers"] == [
        {"provider_id": shop["id"], "role": "lead"}, {"helper": user("community_staff"), "role": "visitor"},
    ]  # fmt: skip
    assert (made["client_id"], made["worker"], made["guardian_agreed"]) == (child["id"], user("social_worker"), True)
    assert made["plan"]["rule"] == "FREQ=MONTHLY;BYDAY=-1FR"


def test_a_date_that_was_moved_for_a_holiday_is_marked(page, open_page, station):
    open_page()
    station.answer("preview_plan", *[{
        "rule": "FREQ=WEEKLY;BYDAY=TH", "last_on": None,
        "visits": [{"on": "2026-10-08", "rule_on": "2026-10-01", "holiday": "国庆节", "works": True}],
    }] * 5)  # fmt: skip
    page.click("#open-begin")

    page.wait("document.querySelector('#begin-dates .tag')")
    assert page.text("#begin-dates li") == "10月8日 周四 原定10月1日 周四（国庆节），顺延"


def test_what_speaks_against_a_pairing_is_said_beside_it(page, open_page, station):
    station.add_client()
    shop = station.add_provider()
    station.answer("begin_pairing", Conflict("pairing_exists", "helpers"))
    open_page()
    page.click("#open-begin")
    page.wait("document.querySelector('#begin').open")
    put(page, "begin", community="jiangtou")
    page.wait("document.querySelector('#begin-client_id').value !== ''")
    put(page, "begin", lead=f"provider_id {shop['id']}")
    choose(page, "begin", ("kinds", "material"))
    page.click("#begin .actions .primary")

    page.wait("document.querySelector('#begin-helpers-error').innerText")
    assert page.text("#begin-helpers-error") == SENTENCES["pairing_exists"]


def test_a_plan_goes_on_in_another_way(page, open_page, station):
    pairing = station.add_pairing(
        plan={**PLAN, "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;UNTIL=20261231", "on_holidays": "skip"}
    )
    open_page()
    press(page, "#pairings-list", "改计划")
    page.wait("document.querySelector('#replan').open && document.querySelector('#replan-dates li')")
    fields = ("every", "weekday", "until", "visit_time", "visit_minutes", "first_on", "on_holidays")
    shown = page.run(f"{list(fields)}.map((name) => document.querySelector(`#replan-${{name}}`).value)")
    assert shown == ["fortnight", "TH", "2026-12-31", "15:00", "60", "2026-03-03", "skip"]
    put(page, "replan", every="week", until="")
    page.click("#replan .actions .primary")

    page.wait("document.querySelector('#pairings-list').innerText.includes('每周四 15:00')")
    assert pairing["plan"]["rule"] == "FREQ=WEEKLY;BYDAY=TH" and pairing["version"] == 2


def test_a_rule_that_the_choices_cannot_make_is_kept(page, open_page, station):
    rule = "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1"
    pairing = station.add_pairing(plan={**PLAN, "rule": rule})
    open_page()
    press(page, "#pairings-list", "改计划")
    page.wait("document.querySelector('#replan').open && document.querySelector('#replan-dates li')")
    assert not page.run("document.querySelector('#replan-weekday').checkVisibility()")
    put(page, "replan", visit_time="09:30")
    page.click("#replan .actions .primary")

    page.wait("document.querySelector('#pairings-list').innerText.includes('09:30')")
    assert pairing["plan"]["rule"] == rule


def test_a_pairing_is_handed_over_and_closed(page, open_page, station, user):
    pairing = station.add_pairing(worker=user("social_worker"))
    open_page()
    press(page, "#pairings-list", "移交")
    page.wait("document.querySelector('#transfer').open")
    put(page, "transfer", worker=user("office"), reason="workload")
    page.click("#transfer .primary")
    page.wait("document.querySelector('#pairings-list').innerText.includes('负责社工 王敏')")

    press(page, "#pairings-list", "结束")
    page.wait("document.querySelector('#end').open")
    put(page, "end", reason="goals_reached", evaluation="能自己下楼走动")
    page.click("#end .actions .primary")
    page.wait("document.querySelector('#end [aria-invalid]')")
    choose(page, "end", ("stars", 5), ("goals_reached", "yes"))
    page.click("#end .actions .primary")
    page.wait("document.querySelector('#pairings-list').innerText.includes('评分 5 星')")
    assert pairing["state"] == "ended" and pairing["has_evaluation"]


def test_the_visits_of_a_pairing_and_the_figures_are_there_when_asked_for(page, open_page, station, user):
    pairing = station.add_pairing(worker=user("social_worker"))
    station.add_visit(pairing, -7, state="recorded", on=day(-7), kinds=["material"], minutes=40, mood=1, has_note=True,
                      goods=[{"name": "大米", "quantity": 2, "unit": "袋"}])  # fmt: skip
    station.add_visit(pairing, -14, state="cancelled", reason="person_ill")
    station.add_visit(pairing, 7)
    station.answer("reveal_visit_note", {
        "id": str(uuid.uuid4()), "pairing_id": pairing["id"], "subject_id": pairing["id"], "purpose": "follow_up",
        "note": "咳嗽，已请社区医生", "revealed_at": f"{day(0)}T09:00:00+08:00",
    })  # fmt: skip
    open_page()
    press(page, "#pairings-list", "探访记录")
    page.wait("document.querySelectorAll('#history-list li').length === 2")
    assert page.text("#history-ahead") == f"已安排：{in_words(7)}"
    first, second = page.run("[...document.querySelectorAll('#history-list li')].map((one) => one.innerText)")
    assert all(text in first for text in (in_words(-7), "已探访", "情绪 很差", "大米 2 袋")) and "对象生病" in second
    press(page, "#history-list", "看笔记")
    page.run("document.querySelector('#reveal-purpose').value = 'follow_up'")
    page.click("#reveal .primary")
    page.wait("document.querySelector('#private-data').innerText.includes('咳嗽')")
    page.click("#private-close")
    page.click("#history [data-close]")

    page.click("#figures summary")
    page.wait("document.querySelector('#figures-rows tr')")
    assert "江头社区" in page.text("#figures-rows") and "11" in page.text("#figures-rows")


def test_what_happens_appears_by_itself(page, open_page, station, feed):
    pairing = station.add_pairing()
    open_page()
    pairing["visits"] = 13
    publish(feed, "visit.recorded.v1", pairing["id"])
    page.wait("document.querySelector('#pairings-list').innerText.includes('已探访 13 次')")

    station.add_alert(pairing)
    publish(feed, "pairing.alerted.v1", pairing["id"])
    page.wait("document.querySelector('#alerts-list li.new')")
    station.add_visit(station.add_pairing(), 2)
    publish(feed, "pairing.begun.v1", "new")
    page.wait("document.querySelector('#visits-list li.new') && document.querySelector('#pairings-list li.new')")


RULES = {
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU": "每两周的周二",
    "FREQ=WEEKLY;BYDAY=TU,FR": "每周二、周五",
    "FREQ=MONTHLY;BYDAY=1MO": "每月第一个周一",
    "FREQ=MONTHLY;BYMONTHDAY=1,15": "每月 1 日、 15 日",
    "FREQ=MONTHLY": "每月 3 日",
    "FREQ=WEEKLY": "每周二",
    "FREQ=DAILY;INTERVAL=3": "每 3 天",
    "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1": "按规则 FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
}


def test_plans_are_said_in_plain_words(page, open_page, station):
    for rule in RULES:
        station.add_pairing(plan={**PLAN, "rule": rule})
    open_page()

    shown = page.run(
        "[...document.querySelectorAll('#pairings-list li > p:not(.small, .alert)')].map((one) => one.innerText)"
    )
    assert shown[::-1] == [f"{words} 15:00，每次 60 分钟，遇节假日顺延" for words in RULES.values()]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("role", ["partner", "social_worker"])
def test_nothing_sticks_out_and_everything_has_a_name(page, open_page, station, helping, width, role):
    station.add_visit(helping)
    station.add_alert(helping)
    station.add_provider("WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW")
    page.resize(width, 800)
    open_page(role)
    sticks_out = "[document.documentElement, ...document.querySelectorAll('dialog[open]')].some((one) => one.scrollWidth > one.clientWidth)"
    assert not page.run(sticks_out)

    press(page, "#visits-list", "记录探访")
    page.click("#record-add")
    assert not page.run(sticks_out)
    page.run("document.querySelector('#record').close()")
    if role == "social_worker":
        page.click("#open-begin")
        page.wait("document.querySelector('#begin').open")
        page.click("#begin-add")
        assert not page.run(sticks_out)
    nameless = page.run(
        "[...document.querySelectorAll('button, input:not([type=hidden]), select, textarea')]"
        ".filter((one) => !(one.innerText.trim() || one.ariaLabel || one.labels?.length)).map((one) => one.outerHTML)"
    )
    ids = page.run("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert nameless == [] and len(ids) == len(set(ids))
