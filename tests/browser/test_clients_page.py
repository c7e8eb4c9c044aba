"""Clients as staff work with them: found, registered, asked for consent, assessed, looked at, and told apart."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.calls.resource.assessments import AssessmentView
from contracts.calls.resource.clients import ClientView
from contracts.calls.resource.consents import ConsentView
from contracts.calls.resource.duplicates import DuplicateView, Side
from contracts.calls.resource.needs import NeedView
from contracts.calls.resource.private import RevealRecord
from contracts.calls.resource.providers import ProviderView
from contracts.errors import Conflict, Invalid
from services.gateway.sentences import FIELDS, SENTENCES
from services.resource.clients import assessment
from tests.browser.station import Station
from tests.gateway.fakes import NOW, example

PHONE = "138 5000 1234"
PRIVATE = {"contact_name": "王秀英", "contact_phone": "13850001234", "contact_address": "江头东路 5 号 2 栋 301 室"}


class Clients(Station):
    """A station that keeps clients, as strict about them as the real one where a page has to cope with it."""

    def __init__(self):
        super().__init__()
        self.lists |= {"clients": [], "consents": [], "assessments": [], "reveals": [], "duplicates": []}

    def add_client(self, **values):
        given = {"kind": "person", "community": "jiangtou", "target_group": "elderly_alone", "active": True}
        given |= {"has_contact": True, "possible_duplicates": 0, **values}
        return self.add("clients", ClientView, **given)

    def add_consent(self, client, what="service", **values):
        given = {"what": what, "by_whom": "self", "how": "paper", **values}
        return self.add("consents", ConsentView, client_id=client["id"], **given)

    def add_pair(self, kind, one, other, **values):
        sides = [example(Side, {"kind": "person", "title": "", "state": "active", **one}) for one in (one, other)]
        given = {"reason": "same_phone", "likeness": 100, "state": "open", **values}
        return self.add("duplicates", DuplicateView, kind=kind, one=sides[0], other=sides[1], **given)

    def _carry_out(self, method, arguments, takes, returns):
        verb, _, noun = method.partition("_")
        id = arguments.pop("id", None)
        self._check(takes, arguments)
        if method == "get_assessment_form":
            return assessment.form()
        if method == "find_contact":
            number = arguments["contact_phone"].replace(" ", "")
            if len(number) < 7:
                raise Invalid("invalid_phone", "contact_phone")
            if number != PRIVATE["contact_phone"]:
                return {"clients": [], "needs": [], "providers": []}
            shop = example(ProviderView, {"name": "阿福粮油", "kind": "merchant", "state": "verified"})
            return {"clients": self.lists["clients"][:1], "needs": self.lists["needs"], "providers": [shop]}
        if method in ("list_consents", "list_assessments", "list_reveals"):
            owner = "subject_id" if noun == "reveals" else "client_id"
            return {"items": [one for one in self.lists[noun] if one[owner] == id], "next": None}
        if method == "list_clients":
            asked = {k: v for k, v in arguments.items() if k not in ("limit", "after")}
            return {"items": [c for c in self.lists["clients"] if all(c[k] == v for k, v in asked.items())], "next": None}
        if method == "list_needs" and arguments.get("client_id"):
            return {"items": [n for n in self.lists["needs"] if n["client_id"] == arguments["client_id"]], "next": None}
        if method == "create_client":
            if arguments["birth_date"] == "2999-01-01":
                raise Invalid("invalid_birth_date", "birth_date")
            known = {name: value for name, value in arguments.items() if name in ClientView().fields}
            return self.add_client(**known)
        if noun in ("client", "consent") and id:
            about = "consents" if verb == "withdraw" else "clients"
            return self._about(verb, self._one(about, id), arguments)
        if noun in ("duplicate", "merge"):
            return self._pair(verb, self._one("duplicates", id), arguments)
        return super()._carry_out(method, arguments | ({"id": id} if id else {}), takes, returns)

    def _one(self, kind, id):
        return next(one for one in self.lists[kind] if one["id"] == id)

    def _about(self, verb, one, given):
        if verb == "change":
            if given.pop("version") != one["version"]:
                raise Conflict("stale_version", "version")
            one |= {**{k: v for k, v in given.items() if k in one}, "version": one["version"] + 1}
        elif verb == "give":
            if one["minor"] and given["by_whom"] == "self":
                raise Conflict("guardian_consent_required", "by_whom")
            one["guardian_consents"] = given["by_whom"] == "guardian"
            given = {**given, "given_at": given["given_at"] or NOW}
            return self.add_consent(one, **given | {"has_note": bool(given.pop("note"))})
        elif verb == "withdraw":
            one["withdrawn_at"] = NOW
            if one["what"] == "service":
                self._one("clients", one["client_id"]).update(active=False, has_contact=False, minor=False, birth_year=None)
        elif verb == "forget":
            one.update(active=False, has_contact=False, minor=False, birth_year=None)
            return self.add_consent(one, withdrawn_at=NOW)
        elif verb == "reveal":
            record = {"subject_id": one["id"], "purpose": given["purpose"], "revealed_by": self.called[-1]["caller"].id}
            self.add("reveals", RevealRecord, **record)
            return {"id": one["id"], "subject_id": one["id"], "purpose": given["purpose"], "revealed_at": NOW, **PRIVATE,
                    "details": None, "guardian_name": None, "guardian_phone": None, "birth_date": "1948-05-06",
                    "notes": "2026-02-01 耳背，请大声一点"}  # fmt: skip
        elif verb == "assess":
            points = assessment.score(assessment.form(), given["form"], given["answers"])
            number = 1 + sum(made["client_id"] == one["id"] for made in self.lists["assessments"])
            one["level"] = points["level"]
            about = {"client_id": one["id"], "version": number, "form": given["form"], "answers": given["answers"]}
            meaning = assessment.shown(assessment.form(), points)
            made = self.add("assessments", AssessmentView, **about, **meaning)
            return made | {"version": number}
        return one

    def _pair(self, verb, pair, given):
        if pair["state"] != ("merged" if verb == "undo" else "open"):
            raise Conflict("duplicate_already_decided")
        state = {"merge": "merged", "dismiss": "dismissed", "undo": "undone"}[verb]
        pair |= {"state": state, "kept": given.get("keep"), "decided_at": datetime.now(UTC).isoformat()}
        return pair


@pytest.fixture
def station():
    return Clients()


@pytest.fixture
def visit(page, address, sign_in):
    """Sign in and go to the page, or to one client on it."""

    def visit(client=None, *, role="social_worker", to=""):
        sign_in(role)
        page.open(f"{address}/clients#{client['id'] if client else to}")
        page.wait("document.querySelector('#clients-list').getAttribute('aria-busy') === 'false'")
        if client:
            page.wait("document.querySelector('#looks-list').getAttribute('aria-busy') === 'false'")

    return visit


def fill(page, form, **fields):
    for name, value in fields.items():
        page.run(
            f"(() => {{ const one = document.querySelector('#{form} [name={name}]'); one.value = {value!r};"
            " one.dispatchEvent(new Event('change', { bubbles: true })); })()"
        )


def shut(page, dialog):
    page.wait(f"!document.querySelector('#{dialog}').open")


def test_a_phone_number_finds_who_carries_it_and_is_in_no_address(page, visit, station):
    client = station.add_client()
    station.add_need("助听器一副", client_id=client["id"])
    visit()
    page.focus("#lookup-phone")
    page.type("123")
    page.press("Enter")
    page.wait(f"document.querySelector('#lookup-error').innerText === '{FIELDS['invalid_phone']}'")

    page.run("document.querySelector('#lookup-phone').value = ''")
    page.type(PHONE)
    page.press("Enter")
    page.wait("!document.querySelector('#found').hidden")
    assert page.text("#found-said") == "找到 1 位服务对象、1 项需求、1 个提供方"
    assert all(part in page.text("#found-list") for part in ("独居、空巢老人", "助听器一副", "阿福粮油"))
    assert "王秀英" not in page.text("body")
    assert station.last("resource.find_contact")["arguments"] == {"contact_phone": PHONE}
    asked = page.run("[location.href, ...performance.getEntriesByType('resource').map((one) => one.name)].join()")
    assert "1385000" not in asked and "5000" not in asked

    page.click("#found-list a")
    page.wait("document.activeElement.id === 'panel-title'")
    page.click("#found-clear")
    assert page.run("document.querySelector('#lookup-phone').value + document.querySelector('#found-list').innerText") == ""


def test_the_list_names_nobody_and_is_narrowed(page, visit, station):
    station.add_client(target_group="children_in_need", minor=True, birth_year=2018)
    station.add_client(community="lvcuo", level="urgent", possible_duplicates=2)
    station.add_client(active=False, merged_into="0190a000-0000-7000-8000-000000000001")
    visit()
    page.wait("document.querySelectorAll('#clients-list li').length === 2")
    listed = page.text("#clients-list")
    assert all(part in listed for part in ("未满 14 周岁", "缺监护人同意", "2018 年生", "评估：紧急", "可能重复", "吕厝社区"))

    page.run("document.querySelector('#narrow details').open = true")
    fill(page, "narrow", minor="true")
    page.wait("document.querySelectorAll('#clients-list li').length === 1")
    fill(page, "narrow", minor="", active="false")
    page.wait("document.querySelector('#clients-list').innerText.includes('已合并')")
    asked = [made["arguments"] for made in station.called if made["call"] == "resource.list_clients"]
    assert {"active": False, "limit": 20} in asked


def test_somebody_is_registered_and_opened_with_what_is_missing(page, visit, station):
    visit()
    page.click("#open-form")
    page.wait("document.querySelector('#client-form').open")
    fill(page, "client-form", kind="household")
    assert page.run("document.querySelector('#client-born').hidden")
    fill(page, "client-form", kind="person", contact_name="林小宝", birth_date="2999-01-01")
    page.click("#client-save")
    assert page.text("#client-community-error") == "请选择"
    fill(page, "client-form", community="jiangtou")
    page.click("#client-save")
    page.wait(f"document.querySelector('#client-birth_date-error').innerText === '{FIELDS['invalid_birth_date']}'")

    fill(page, "client-form", birth_date="2018-03-04", guardian_name="林大海")
    page.click("#client-save")
    shut(page, "client-form")
    page.wait("document.activeElement.id === 'panel-title'")
    made = station.last("resource.create_client")["arguments"]
    assert (made["contact_name"], made["birth_date"], made["birth_year"], made["contact_phone"]) == (
        "林小宝", "2018-03-04", None, None,
    )  # fmt: skip
    assert page.run("document.querySelector('#clients-list a').hash.slice(1)") == station.lists["clients"][0]["id"]
    page.wait("document.querySelector('#client-contact_name').value === ''")


def test_private_data_are_seen_for_a_purpose_on_record_and_gone_afterwards(page, visit, station):
    client = station.add_client()
    visit(client)
    assert "还没有人看过" in page.text("#looks-empty")
    page.click("#look")
    page.click("#reveal button.primary")
    assert page.text("#reveal-purpose-error") == "请选择"
    assert "会留下记录" in page.text("#reveal")
    fill(page, "reveal", purpose="follow_up")
    page.click("#reveal button.primary")

    page.wait("document.querySelector('#private').open")
    assert all(value in page.text("#private-data") for value in (*PRIVATE.values(), "耳背，请大声一点"))
    assert station.last("resource.reveal_client")["arguments"] == {"purpose": "follow_up", "id": client["id"]}
    page.wait("document.querySelector('#looks-list li')")
    assert "林晓" in page.run("document.querySelector('#looks-list').textContent")
    page.press("Escape")
    page.wait("document.querySelector('#private-data').textContent === ''")
    assert "王秀英" not in page.run("document.documentElement.outerHTML")
    assert page.run("document.activeElement.id") == "look"


def test_who_turns_away_before_the_answer_comes_is_not_shown_it(page, visit, station):
    visit(station.add_client())
    page.run("(() => { const real = fetch; window.fetch = async (...asked) => {"
             " if (asked[1]?.method === 'POST') await new Promise((go) => { window.go = go; }); return real(...asked); }; })()")  # fmt: skip
    page.click("#look")
    fill(page, "reveal", purpose="complaint")
    page.click("#reveal button.primary")
    page.wait("window.go")
    page.press("Escape")
    page.wait("!document.querySelector('#reveal').open && document.querySelector('#reveal-purpose').value === ''")
    page.run("go()")

    page.wait("document.querySelector('#looks-list li')")
    assert "王秀英" not in page.run("document.documentElement.outerHTML")
    assert not page.run("document.querySelector('#private').open")


def test_what_was_seen_to_be_wrong_is_corrected_and_nothing_else_is_sent(page, visit, station):
    client = station.add_client(birth_year=1948)
    visit(client)
    page.click("#look")
    fill(page, "reveal", purpose="correction")
    page.click("#reveal button.primary")
    page.wait("document.querySelector('#private').open")
    page.click("#private-correct")
    page.wait("document.querySelector('#client-form').open")
    assert page.run("document.querySelector('#client-contact_name').value") == "王秀英"
    fill(page, "client-form", contact_phone="", contact_address="江头东路 7 号")
    page.click("#client-save")
    shut(page, "client-form")

    sent = station.last("resource.change_client")["arguments"]
    assert sent == {"id": client["id"], "version": 1, "contact_phone": None, "contact_address": "江头东路 7 号"}


def test_a_change_leaves_alone_what_was_not_seen_and_yields_to_who_was_faster(page, visit, station):
    client = station.add_client()
    visit(client)
    client["version"] = 2
    page.click("#change")
    assert page.run("document.querySelector('#client-contact_name').value") == ""
    fill(page, "client-form", target_group="disabled")
    page.click("#client-save")
    page.wait("!document.querySelector('#client-form .alert').hidden")
    assert page.text("#client-form .alert") == SENTENCES["stale_version"]

    page.click("#client-form [data-close]")
    page.click("#change")
    fill(page, "client-form", target_group="disabled")
    page.click("#client-save")
    shut(page, "client-form")
    assert station.last("resource.change_client")["arguments"] == {
        "id": client["id"], "version": 2, "target_group": "disabled",
    }  # fmt: skip
    page.wait("document.querySelector('#panel-title').innerText.includes('残疾人')")
    assert "残疾人" in page.text("#clients-list li")


def test_for_a_child_a_guardian_consents(page, visit, station):
    client = station.add_client(target_group="children_in_need", minor=True)
    visit(client)
    assert "监护人" in page.text("#panel-notes")
    page.click("#consent-open")
    assert page.run("document.querySelector('#consent-by_whom').value") == "guardian"
    fill(page, "consent", by_whom="self")
    page.click("#consent button.primary")
    page.wait("document.querySelector('#consent-by_whom-error').innerText !== ''")
    assert page.text("#consent-by_whom-error") == SENTENCES["guardian_consent_required"]

    fill(page, "consent", by_whom="guardian", how="voice", given_at="2026-02-01T09:30", note="电话里同意")
    page.click("#consent button.primary")
    shut(page, "consent")
    page.wait("document.querySelector('#consents-list li')")
    assert all(part in page.text("#consents-list") for part in ("接受服务", "监护人 · 口头", "有备注", "有效"))
    given = station.last("resource.give_consent")["arguments"]
    assert (given["given_at"], given["note"]) == ("2026-02-01T09:30:00+08:00", "电话里同意")
    page.wait("document.querySelector('#panel-tags').innerText.includes('监护人已同意')")


def test_withdrawing_the_consent_to_the_service_is_warned_of_and_leaves_nothing(page, visit, station):
    client = station.add_client(birth_year=1948)
    station.add_consent(client, "photos")
    station.add_consent(client)
    visit(client)
    page.click("#consents-list li:first-child button")
    assert all(part in page.text("#withdraw-warning") for part in ("全部个人资料", "不能恢复"))
    page.click("#withdraw-now")
    assert page.text("#withdraw-sure-error") == "请填写"
    page.focus("#withdraw-sure")
    page.type("好的")
    page.click("#withdraw-now")
    page.wait("document.querySelector('#withdraw-sure-error').innerText === '请输入“清除”'")
    assert "resource.withdraw_consent" not in {made["call"] for made in station.called}

    fill(page, "withdraw", sure="清除")
    page.click("#withdraw-now")
    shut(page, "withdraw")
    page.wait("document.querySelector('#panel-tags').innerText.includes('资料已清除')")
    assert "1948" not in page.text("#panel") and page.run("document.querySelector('#look').hidden")
    page.wait("document.querySelector('#consents-list li').innerText.includes('已撤回')")

    page.click("#consents-list li:last-child button")
    assert page.run("document.querySelector('#withdraw-all').hidden")
    assert "个人资料不受影响" in page.text("#withdraw-warning")


def test_who_never_agreed_is_forgotten_as_well(page, visit, station):
    client = station.add_client(birth_year=1948)
    visit(client)
    page.click("#forget")
    assert "不能恢复" in page.text("#withdraw-warning") and page.text("#withdraw-title") == "清除个人资料"
    fill(page, "withdraw", sure="清除", by_whom="agent", how="voice")
    page.click("#withdraw-now")

    page.wait("document.querySelector('#panel-tags').innerText.includes('资料已清除')")
    asked = station.last("resource.forget_client")["arguments"]
    assert asked == {"id": client["id"], "by_whom": "agent", "how": "voice"}
    assert page.run("document.querySelector('#forget').hidden")


def test_how_somebody_lives_is_assessed_question_by_question(page, visit, station):
    client = station.add_client()
    visit(client)
    page.click("#assess-open")
    page.wait("document.querySelectorAll('#assess fieldset').length === 15")
    page.click("#assess button.primary")
    assert page.text("#assess-self_care-error") == "请选择一项"
    assert page.run("document.activeElement.name") == "self_care"
    page.press(" ")
    assert page.text("#assess-self_care-error") == ""
    page.run("document.querySelectorAll('#assess label:last-of-type input').forEach((one) => one.click())")
    assert page.text("#assess-progress") == "已答 15 / 15"
    fill(page, "assess", notes="独自住在六楼")
    page.click("#assess button.primary")

    page.wait("document.querySelector('#scored').open")
    assert all(part in page.text("#scored-card") for part in ("100", "等级：紧急", "建议紧急程度：紧急", "20 / 20"))
    page.click("#scored-close")
    page.wait("document.querySelector('#assessments-list li')")
    assert "评估：紧急" in page.text("#clients-list li")
    page.click("#assessments-list summary")
    assert "完全依赖他人" in page.text("#assessments-list li")
    assert station.last("resource.assess_client")["arguments"]["notes"] == "独自住在六楼"


def pair_of(station, **values):
    one, other = (station.add_client(birth_year=1948, possible_duplicates=1, community=c) for c in ("jiangtou", "lvcuo"))
    return station.add_pair("client", one, other, **values)


def test_two_that_may_be_one_are_seen_side_by_side_and_merged_and_parted(page, visit, station):
    pair = pair_of(station, reason="near_name_and_address", likeness=92)
    station.add_pair("client", pair["one"], pair["other"])
    visit(to="duplicates")
    page.wait("document.querySelector('#pairs-list li') && document.querySelector('#waiting').innerText")
    assert page.run("document.querySelectorAll('#pairs-list li').length") == 1
    assert page.text("#waiting") == page.text("#pairs-count") == "1"
    seen = page.text("#pairs-list li")
    assert all(part in seen for part in ("电话相同", "姓名和地址相近（相似度 92%）", "江头社区", "吕厝社区", "1948"))
    assert page.run("[...document.querySelectorAll('.compare .differs')].map((one) => one.innerText).join()") == "江头社区,吕厝社区"

    page.click("#pairs-list .actions .primary")
    page.click("#merge button.primary")
    assert page.text("#merge-keep-error") == "请选择"
    fill(page, "merge", keep=pair["other"]["id"])
    for one in station.lists["duplicates"]:
        one["state"] = "dismissed"
    page.click("#merge button.primary")
    page.wait("!document.querySelector('#merge .alert').hidden")
    assert page.text("#merge .alert") == SENTENCES["duplicate_already_decided"]

    for one in station.lists["duplicates"]:
        one["state"] = "open" if one["reason"] == "same_phone" else "merged"
    page.click("#merge button.primary")
    shut(page, "merge")
    page.wait("document.querySelector('#merges-list li')")
    assert station.last("resource.merge_duplicate")["arguments"]["keep"] == pair["other"]["id"]
    assert page.text("#waiting") == "0" and "没有等待处理" in page.text("#pairs-empty")
    page.click("#merges-list .actions button")
    page.wait("!document.querySelector('#merges-list li')")


def test_two_that_are_two_are_left_and_the_next_pair_is_at_hand(page, visit, station):
    needs = [station.add_need("送餐一周", client_id=None) for _ in range(2)]
    sides = [{"id": n["id"], "title": n["title"], "community": "jiangtou", "target_group": "general", "state": "open"} for n in needs]
    pair_of(station)
    station.add_pair("need", *sides, reason="same_text", likeness=97)
    visit(to="duplicates")
    page.wait("document.querySelectorAll('#pairs-list li').length === 2")
    assert all(part in page.text("#pairs-list li") for part in ("送餐一周", "一个月内内容几乎相同（相似度 97%）", "进行中"))
    page.click("#pairs-list li:first-child .actions .quiet")

    page.wait("document.querySelectorAll('#pairs-list li').length === 1")
    page.wait("document.activeElement.closest('#pairs-list') !== null")
    assert station.lists["duplicates"][0]["state"] == "dismissed"


def test_pairs_of_one_client_and_old_merges(page, visit, station):
    pair = pair_of(station)
    old = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    pair_of(station, state="merged", decided_at=old)
    visit(station._one("clients", pair["one"]["id"]))
    page.click("#panel-notes a")
    page.wait("document.querySelector('#pairs-list li')")

    assert station.called and pair["one"]["id"] in [
        made["arguments"].get("subject_id") for made in station.called if made["call"] == "resource.list_duplicates"
    ]
    assert "改看全部" in page.text("#pairs-all")
    assert page.run("document.querySelector('#merges-list').children.length") == 0


@pytest.mark.parametrize("role", ["community_staff", "office", "social_worker"])
def test_only_a_social_worker_is_offered_the_assessment(page, visit, station, role):
    visit(station.add_client(), role=role)

    assert page.run("Boolean(document.querySelector('#assess-open'))") == (role == "social_worker")
    assert page.text("#look") == "查看资料"


def test_on_a_telephone_the_panel_takes_the_place_of_the_list_and_gives_it_back(page, visit, station):
    page.resize(390, 800)
    clients = [station.add_client() for _ in range(3)]
    visit()
    page.click(f"a[href='#{clients[0]['id']}']")
    page.wait("document.activeElement.id === 'panel-title'")
    seen = "document.querySelector('#clients').checkVisibility()"
    assert not page.run(seen)
    assert page.run("document.querySelector('#panel-title').getBoundingClientRect().top > document.querySelector('.bar').getBoundingClientRect().bottom")

    page.click("#panel-back")
    page.wait(seen)
    assert page.run("document.activeElement.hash.slice(1)") == clients[0]["id"]


def all_of_it(station):
    client = station.add_client(minor=True, level="high", possible_duplicates=2, birth_year=2018)
    station.add_need("很长的标题" * 14, client_id=client["id"])
    station.add_consent(client)
    station.add("reveals", RevealRecord, subject_id=client["id"], purpose="follow_up")
    answers = [{"item": i["code"], "option": i["options"][-1]["code"]} for p in assessment.form()["parts"] for i in p["items"]]
    points = assessment.score(assessment.form(), 1, answers)
    station.add("assessments", AssessmentView, client_id=client["id"], form=1, answers=answers, **assessment.shown(assessment.form(), points))
    pair_of(station)
    pair_of(station, state="merged", decided_at=datetime.now(UTC).isoformat())
    for one in station.lists["duplicates"]:
        one["kept"] = one["one"]["id"] if one["state"] == "merged" else None
    need = example(NeedView, {"title": "很长的标题" * 14, "state": "open", "community": "jiangtou", "target_group": "general"})
    station.add_pair("need", need | {"title": "W" * 70}, need, reason="same_text")
    return client


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out(page, visit, station, width):
    page.resize(width, 800)
    client = all_of_it(station)
    visit(client)
    sticks_out = "document.documentElement.scrollWidth > innerWidth || document.querySelector('.panel').scrollWidth > document.querySelector('.panel').clientWidth"
    assert not page.run(sticks_out)
    for opener, dialog in (("#change", "client-form"), ("#assess-open", "assess"), ("#consent-open", "consent"), ("#look", "reveal")):
        page.click(opener)
        page.wait(f"document.querySelector('#{dialog}').open")
        assert not page.run(f"document.querySelector('#{dialog}').scrollWidth > document.querySelector('#{dialog}').clientWidth")
        page.press("Escape")
    page.run("location.hash = 'duplicates'")
    page.wait("document.querySelector('#pairs-list li')")
    assert not page.run("document.documentElement.scrollWidth > innerWidth")


def test_every_field_and_button_has_a_name_and_ids_are_unique(page, visit, station):
    visit(all_of_it(station))
    page.run("location.hash = 'duplicates'")
    page.wait("document.querySelector('#merges-list li')")

    nameless = page.run(
        "[...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, a')]"
        ".filter((one) => !(one.textContent.trim() || one.ariaLabel || one.labels?.length)).map((one) => one.outerHTML)"
    )
    ids = page.run("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert nameless == []
    assert len(ids) == len(set(ids))
