"""The claim board as people use it: partners claim and do what they claimed, staff open, approve and see to the rest."""

import uuid
from datetime import UTC, datetime

import pytest

from contracts.calls.matching.claims import ClaimView, ListingView, Rank
from contracts.calls.resource.private import RevealView
from contracts.calls.resource.providers import ProviderView
from contracts.errors import Conflict
from services.gateway.sentences import SENTENCES
from tests.browser.station import CATEGORIES, COMMUNITIES, Station
from tests.browser.test_start_page import publish
from tests.gateway.conftest import PASSWORD, identity  # noqa: F401  (a fixture)
from tests.gateway.fakes import NOW, example

COMPANY = "独居老人，每周一次陪伴聊天"
RICE = "低保家庭，米面粮油一份"
DUE = "2026-03-15T09:00:00+08:00"
CONTACT = {
    "contact_name": "吴秀英",
    "contact_phone": "138 0013 8000",
    "contact_address": "江头街道某小区",
    "details": "耳朵不太好，请大声些",
}
BECOMES = {"approve": "approved", "reject": "rejected", "release": "released", "fulfil": "fulfilled"}


class ClaimStation(Station):
    """With a claim board, claims, and the providers that make them."""

    def __init__(self):
        super().__init__()
        self.lists |= {"listings": [], "claims": [], "providers": []}
        self.honoured, self.ranks = [], []

    def add_listing(self, text=COMPANY, **values):
        given = {
            "community": "jiangtou", "category": "care.company", "target_group": "elderly_alone", "urgency": 1, "open": True,
            "quantity_left": 4, "unit": "次", "days_waiting": 3, **values,
        }  # fmt: skip
        given |= {"community_name": COMMUNITIES[given["community"]], "category_name": CATEGORIES[given["category"]][0]}
        return self.add("listings", ListingView, text=text, **given)

    def add_provider(self, name="益民便利店", **values):
        given = {"kind": "merchant", "state": "verified", "registered_by": str(uuid.uuid4()), **values}
        return self.add("providers", ProviderView, name=name, **given)

    def add_claim(self, provider, text=COMPANY, **values):
        step = {"version": 1, "step": "claimed", "reason": None, "by": provider["registered_by"], "at": NOW}
        given = {
            "provider_id": provider["id"], "claimer": provider["registered_by"], "community": "jiangtou", "quantity": 2,
            "unit": "次", "state": "claimed", "progress": "", "due_at": DUE, "steps": [step], **values,
        }  # fmt: skip
        return self.add("claims", ClaimView, text=text, **given)

    def add_rank(self, provider, deliveries, **values):
        given = {"provider_id": provider["id"], "kind": provider["kind"], "named": provider["named"], **values}
        self.ranks.append(
            example(Rank, {"deliveries": deliveries, "quantities": [{"unit": "次", "quantity": 9}], **given})
        )

    def of(self, kind, id):
        return next((one for one in self.lists[kind] if one["id"] == id), None)

    def _carry_out(self, method, arguments, takes, returns):
        if method == "list_listings":
            shown = [one for one in self.lists["listings"] if one["open"] and one["quantity_left"]]
            return {"items": shown, "next": None}
        if method == "list_claim_ranking":
            return {"items": self.ranks}
        if method == "list_providers" and "partner" in self.called[-1]["caller"].roles:
            own = [one for one in self.lists["providers"] if one["registered_by"] == self.called[-1]["caller"].id]
            return {"items": own, "next": None}
        if method == "roll_of_honour":
            return {"items": self.honoured, "next": None}
        if method in ("reveal_need", "reveal_claim_note"):
            self._check(takes, {"purpose": arguments["purpose"]})
            return {**example(RevealView, {"subject_id": arguments["id"]}), **CONTACT}
        verb, _, noun = method.partition("_")
        if noun in ("listing", "claim", "for_claim", "over_claim") or method in ("claim_need", "report_progress"):
            id = arguments.pop("id")
            self._check(takes, arguments)
            return self._about_claims(verb, noun, id, arguments)
        return super()._carry_out(method, arguments, takes, returns)

    def _about_claims(self, verb, noun, id, arguments):
        listing, claim = self.of("listings", id), self.of("claims", id)
        if verb == "get":
            return listing or claim
        if verb == "claim":
            listing["quantity_left"] -= (taken := arguments["quantity"] or listing["quantity_left"])
            provider = self.of("providers", arguments["provider_id"])
            return self.add_claim(provider, listing["text"], need_id=id, quantity=taken, unit=listing["unit"])
        if verb == "open":
            need = self.of("needs", id)
            listing = self.add_listing(arguments["text"], unit=need["unit"], quantity_left=need["quantity"])
            return listing
        if verb == "close":
            listing["open"] = False
            return listing
        if verb == "hand":
            claim |= {"state": "released", "reason": "handed_over"}
            return self.add_claim(
                self.of("providers", arguments["provider_id"]), claim["text"], state="approved", handed_from=id
            )
        if verb == "report":
            claim["progress"] = arguments["progress"]
            return claim
        done = {name: value for name, value in arguments.items() if name in claim}
        claim |= {"state": BECOMES[verb], "ended_on": None if verb == "approve" else "2026-03-01"} | done
        claim["fulfilled"] = arguments.get("quantity") or 0
        return claim


@pytest.fixture
def station():
    return ClaimStation()


@pytest.fixture
def user(identity):  # noqa: F811
    return lambda role: identity.sign_in(role, PASSWORD, "claims")["user"]["id"]


@pytest.fixture
def come(page, address, sign_in):
    """Come to the claim board, signed in and live."""

    def come(role):
        sign_in(role)
        page.open(f"{address}/claims")
        page.wait("document.querySelector('#live')?.dataset.state === 'open'")

    return come


def fill(page, form, **fields):
    for name, value in fields.items():
        page.run(f"document.querySelector('#{form} [name={name}]').value = {value!r}")


def press(page, text, within="main"):
    """Press the button that shows this text, once it is there."""
    found = (
        f"[...document.querySelectorAll('{within} button')]"
        f".find((one) => one.innerText === '{text}' && one.checkVisibility())"
    )
    page.wait(found)
    page.run(f"(() => {{ const found = {found}; found.focus(); found.click(); }})()")


def test_a_partner_claims_part_of_what_is_urgent_first(page, station, user, come):
    station.add_provider(registered_by=user("partner"))
    urgent = station.add_listing(
        RICE, urgency=3, quantity_left=10, unit="份", category="food.rice", target_group="low_income"
    )
    station.add_listing()
    come("partner")

    first = page.text("#board-list li")
    assert all(
        part in first for part in (RICE, "紧急", "江头社区", "米面粮油", "低保家庭", "还可认领 10 份", "已等 3 天")
    )
    press(page, "认领", "#board-list li")
    page.wait("document.querySelector('#claim').open")
    assert "还有 10 份" in page.text("#claim-quantity-hint") and "益民便利店（爱心商家）" in page.text("#claim")
    fill(page, "claim", quantity="3")
    page.click("#claim button.primary")

    page.wait("document.querySelector('#mine-list .tag')?.innerText === '等待批准'")
    assert "益民便利店 认领 3 份" in page.text("#mine-list li")
    page.wait("document.querySelector('#board-list li').innerText.includes('还可认领 7 份')")
    made = station.last("matching.claim_need")
    assert made["arguments"]["quantity"] == 3 and made["arguments"]["id"] == urgent["id"] and made["key"]


def test_what_others_were_quicker_to_claim_is_said_where_it_is(page, station, user, come):
    station.add_provider(registered_by=user("partner"))
    station.add_listing()
    station.answer("claim_need", Conflict("claimed_by_others", "quantity", left=1))
    come("partner")
    press(page, "认领", "#board-list")
    page.click("#claim button.primary")

    page.wait("document.querySelector('#claim-quantity').getAttribute('aria-invalid') === 'true'")
    assert "目前还剩 1 可以认领" in page.text("#claim-quantity-error")
    assert page.run("document.activeElement.id") == "claim-quantity"


def test_who_is_not_verified_is_told_what_to_do_until_they_are(page, station, feed, user, come):
    mine = station.add_provider(registered_by=user("partner"), state="draft")
    station.add_listing()
    come("partner")

    assert "正在等社工站核实" in page.text("#uninvited")
    assert not page.run("document.querySelector('#board').checkVisibility()")
    assert not [one for one in station.called if one["call"] == "matching.list_listings"]

    mine["state"] = "verified"
    publish(feed, "provider.changed.v1", mine["id"], registered_by=user("partner"))
    page.wait("document.querySelector('#board-list li')?.checkVisibility()")
    assert not page.run("document.querySelector('#uninvited').checkVisibility()")


def test_a_partner_whose_entry_cannot_be_read_is_not_told_that_there_is_none(page, station, user, come):
    station.add_provider(registered_by=user("partner"))
    station.answer("list_providers", Conflict("stale_version"))
    come("partner")
    assert "暂时读不到您的资料" in page.text("#uninvited") and "还没有登记" not in page.text("#uninvited")

    page.wait("document.querySelector('#board').checkVisibility()")


def test_after_the_approval_the_contact_is_shown_on_record_and_gone_when_closed(page, station, feed, user, come):
    claim = station.add_claim(station.add_provider(registered_by=user("partner")))
    come("partner")
    assert "查看联系方式" not in page.text("#mine-list")

    claim |= {"state": "approved", "version": 2}
    publish(feed, "claim.approved.v1", claim["id"], claimer=user("partner"), need_id=claim["need_id"])
    page.wait("document.querySelector('#mine-list .tag').innerText === '进行中'")
    press(page, "查看联系方式")
    assert "留下记录" in page.text("#reveal")
    assert (
        page.run("[...document.querySelectorAll('#reveal option')].map((one) => one.value).join()")
        == "contact_for_service"
    )
    page.click("#reveal button.primary")

    page.wait("document.querySelector('#private').open")
    assert all(part in page.text("#private") for part in [*CONTACT.values(), "这次查看已经记录"])
    assert page.run("document.querySelector('#private a').href") == "tel:13800138000"
    page.press("Escape")
    page.wait("!document.querySelector('#private').open")
    page.wait("!document.documentElement.textContent.includes('吴秀英')")
    assert station.last("resource.reveal_need")["arguments"] == {
        "id": claim["need_id"],
        "purpose": "contact_for_service",
    }


def test_a_partner_reports_and_records_what_was_done(page, station, user, come):
    claim = station.add_claim(station.add_provider(registered_by=user("partner")), state="approved", reminded_at=NOW)
    come("partner")
    assert "已提醒" in page.text("#mine-list li") and "3月15日前没有进展会自动失效" in page.text("#mine-list li")
    press(page, "报告进展")
    fill(page, "progress", progress="arranged")
    page.click("#progress button.primary")
    page.wait("document.querySelector('#mine-list li').innerText.includes('进展：已经约好时间')")

    press(page, "登记完成")
    assert page.run("document.querySelector('#fulfil-quantity').value") == "2"
    fill(
        page,
        "fulfil",
        quantity="1",
        delivered_on="2026-03-02",
        people="5",
        person_times="12",
        minutes="150",
        note="很高兴",
    )
    page.click("#fulfil button.primary")

    page.wait("document.querySelector('#mine-list .tag')?.innerText === '已完成'")
    assert all(part in page.text("#mine-list li") for part in ("完成 1 次", "5 人，12 人次", "用时 2 小时 30 分钟"))
    assert (claim["state"], station.last("matching.fulfil_claim")["arguments"]["note"]) == ("fulfilled", "很高兴")


def test_a_partner_sees_why_a_claim_was_not_approved_and_gives_another_up(page, station, user, come):
    mine = station.add_provider(registered_by=user("partner"))
    station.add_claim(mine, state="rejected", reason="已有亲属照顾", ended_on="2026-03-01")
    station.add_claim(mine, RICE)
    come("partner")
    assert "原因：已有亲属照顾" in page.text("#mine-list li:last-child")

    press(page, "放弃")
    page.click("#release button.primary")
    assert page.text("#release-reason-error") == "请选择"
    fill(page, "release", reason="claimer_cannot")
    page.click("#release button.primary")
    page.wait("document.querySelector('#mine-list .tag')?.innerText === '已放弃'")
    assert "原因：认领方无法完成" in page.text("#mine-list li")


def test_a_claim_that_comes_in_is_approved_and_goes_on(page, station, feed, come):
    come("social_worker")
    assert "没有等待批准的认领" in page.text("#waiting-empty")
    claim = station.add_claim(station.add_provider("金尚社会工作服务中心", kind="social_organisation"))
    publish(feed, "provider.registered.v1", claim["provider_id"])
    publish(feed, "claim.made.v1", claim["id"], need_id=claim["need_id"])
    page.wait("document.querySelector('#waiting-list li.new')")
    press(page, "批准", "#waiting-list")

    page.wait("document.querySelector('#ongoing-list .tag')?.innerText === '进行中'")
    assert page.run("document.querySelectorAll('#waiting-list li').length") == 0
    assert page.run("document.activeElement.id") == "waiting-title"
    assert station.last("matching.approve_claim")["key"]


def test_a_claim_that_somebody_else_decided_is_said(page, station, come):
    station.add_claim(station.add_provider())
    station.answer("approve_claim", Conflict("claim_in_another_state", state="approved"))
    come("office")
    press(page, "批准", "#waiting-list")

    page.wait("!document.querySelector('#waiting-list .alert').hidden")
    assert page.text("#waiting-list .alert") == SENTENCES["claim_in_another_state"]


def test_not_approving_asks_for_a_reason(page, station, come):
    claim = station.add_claim(station.add_provider())
    come("community_staff")
    assert "益民便利店 认领 2 次" in page.text("#waiting-list li")
    press(page, "不批准", "#waiting-list")
    assert "认领方会看到" in page.text("#reject")
    page.type("已有亲属照顾")
    page.click("#reject button.primary")

    page.wait("!document.querySelector('#waiting-list li')")
    assert (claim["state"], claim["reason"]) == ("rejected", "已有亲属照顾")
    page.run("(document.querySelector('#ended-state').value = 'rejected',"
             " document.querySelector('#ended-state').dispatchEvent(new Event('change')))")  # fmt: skip
    page.wait("document.querySelector('#ended-list .tag')?.innerText === '未批准'")


def test_a_claim_is_handed_over_to_another_verified_provider(page, station, come):
    station.add_provider("邻里志愿队", kind="volunteer")
    station.add_provider("还没核实", state="draft")
    claim = station.add_claim(station.add_provider(), state="approved")
    come("social_worker")
    press(page, "转交")
    offered = page.run("[...document.querySelectorAll('#hand-over option')].map((one) => one.innerText).join()")
    assert offered == "邻里志愿队（志愿者）"
    fill(page, "hand-over", reason="店里人手不够")
    page.click("#hand-over button.primary")

    page.wait("document.querySelector('#ongoing-list li')?.innerText.includes('邻里志愿队 认领 2 次')")
    assert page.run("document.querySelectorAll('#ongoing-list li').length") == 1
    assert "转交而来" in page.text("#ongoing-list li") and claim["reason"] == "handed_over"


def test_a_need_of_a_special_group_is_opened_in_public_words(page, station, come):
    station.add_need("轮椅一辆", target_group="general")
    need = station.add_need("王家需要米面", target_group="low_income", quantity=2, met=0, unit="份", urgency=3)
    come("office")
    page.click("#open-form")
    page.wait("document.querySelectorAll('#open-need option').length === 2")
    assert "还差 2 份" in page.text("#open-need option:last-child") and "不要写姓名" in page.text("#open-text-hint")
    page.run(f"(document.querySelector('#open-need').value = '{need['id']}',"
             " document.querySelector('#open-need').dispatchEvent(new Event('change')))")  # fmt: skip
    assert page.run("document.querySelector('#open-text').value") == "王家需要米面"

    fill(page, "open", text="低保家庭，住12栋301室")
    page.click("#open button.primary")
    page.wait("document.querySelector('#open-text-error').innerText.includes('门牌')")
    fill(page, "open", text=RICE)
    page.click("#open button.primary")
    page.wait(f"document.querySelector('#board-list h3')?.innerText === '{RICE}'")
    assert station.last("matching.open_for_claim")["arguments"] == {"id": need["id"], "text": RICE, "quantity": None}

    press(page, "停止开放")
    page.wait("!document.querySelector('#board-list li')")
    assert not station.lists["listings"][0]["open"]


def test_the_board_is_searched(page, station, user, come):
    station.add_provider(registered_by=user("partner"))
    station.add_listing()
    come("partner")
    page.click("#board summary")
    fill(page, "board-filter", community="jiangtou", category="food", since="2026-03-07", until="2026-03-08")
    press(page, "筛选", "#board-filter")

    page.wait("document.querySelector('#board-chosen').innerText === '（已选 4 项）'")
    page.wait("document.querySelectorAll('#board-list li').length === 1")
    asked = station.last("matching.list_listings")["arguments"]
    assert [asked[name] for name in ("community", "category")] == ["jiangtou", "food"]
    assert [str(asked[name]) for name in ("since", "until")] == ["2026-03-07", "2026-03-08"]


def test_the_ranking_names_whom_the_reader_may_know(page, station, user, come):
    mine, named, other = (
        station.add_provider(registered_by=user("partner")),
        station.add_provider("金尚社工中心", kind="social_organisation", named=True),
        station.add_provider("不具名的人", kind="volunteer"),
    )
    station.honoured = [{"id": named["id"], "name": named["name"]}]
    for provider, deliveries in ((named, 9), (other, 5), (mine, 2)):
        station.add_rank(provider, deliveries, lapsed_percent=None, released_percent=None)
    come("partner")

    names = page.run("[...document.querySelectorAll('#ranking-list h3')].map((one) => one.innerText)")
    assert names == ["1. 金尚社工中心", "2. 一位志愿者", "3. 益民便利店"]
    assert "本方" in page.text("#ranking-list li:last-child") and "完成 9 项" in page.text("#ranking-list li")


@pytest.mark.parametrize("role, columns, may_open", [
    ("social_worker", "board waiting ongoing ended ranking", True), ("community_staff", "board waiting ongoing ended ranking", False),
    ("partner", "board mine ranking", False),
])  # fmt: skip
def test_everybody_is_offered_what_they_may_do(page, station, user, come, role, columns, may_open):
    station.add_provider(registered_by=user("partner"))
    station.add_listing()
    come(role)

    assert page.run("[...document.querySelectorAll('section.column')].map((one) => one.id).join(' ')") == columns
    assert page.run("Boolean(document.querySelector('#open-form'))") == may_open
    assert ("停止开放" in page.text("#board-list")) == may_open
    assert ("认领" in page.text("#board-list button")) == (role == "partner")


def test_what_was_done_about_a_claim_is_told_step_by_step(page, station, come):
    claim = station.add_claim(station.add_provider(), state="approved")
    claim["steps"].append({"version": 2, "step": "approved", "reason": "店里人手不够", "by": "", "at": NOW})
    come("office")
    page.click("#ongoing-list summary")

    page.wait("document.querySelectorAll('#ongoing-list .steps li').length === 2")
    assert "批准：店里人手不够" in page.text("#ongoing-list .steps li:last-child")


def full(station, partner):
    """A station with something in every place."""
    mine = station.add_provider(registered_by=partner)
    other = station.add_provider("金尚社会工作服务中心", kind="social_organisation", named=True)
    station.honoured = [{"id": other["id"], "name": other["name"]}]
    station.add_listing(
        "残疾人，轮椅接送去医院复查，每月两次，需要两位帮手",
        community="houpu",
        target_group="disabled",
        category="aid.wheelchair",
    )
    station.add_listing(
        RICE, urgency=3, quantity_left=10, unit="份", category="food.rice", target_group="low_income", days_waiting=0
    )
    station.add_listing(urgency=2, starts_at="2026-03-07T09:00:00+08:00", ends_at="2026-06-30T18:00:00+08:00")
    for provider in (mine, other):
        ended = datetime.now(UTC).date().isoformat()
        station.add_claim(
            provider,
            state="fulfilled",
            fulfilled=2,
            people=1,
            person_times=2,
            minutes=150,
            ended_on=ended,
            has_note=True,
            progress="arranged",
        )
        station.add_claim(
            provider, RICE, state="rejected", reason="这户本周已经由街道送过，谢谢你们", ended_on=ended, unit="份"
        )
        station.add_claim(provider, "困境儿童，周末课业辅导", state="approved", progress="contacted", reminded_at=NOW)
        station.add_claim(provider, RICE, unit="份")
    for provider, deliveries, people in ((other, 12, 30), (mine, 5, 8)):
        station.add_rank(
            provider,
            deliveries,
            people=people,
            person_times=people * 2,
            minutes=90 * deliveries,
            lapsed_percent=8,
            released_percent=0,
        )
    station.add_need("米面粮油两份", target_group="low_income", quantity=2, met=0, unit="份")


@pytest.mark.parametrize("role", ["social_worker", "partner"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_sticks_out_and_everything_has_a_name(page, station, user, come, role, width):
    full(station, user("partner"))
    station.add_listing("很长的说明" * 20 + "W" * 60)
    page.resize(width, 800)
    come(role)
    page.wait("document.querySelectorAll('#board-list li').length === 4 && document.querySelector('#ranking-list li')")
    sticks_out = "document.documentElement.scrollWidth > innerWidth"
    assert not page.run(sticks_out)

    nameless = page.run(
        "[...document.querySelectorAll('button, input:not([type=hidden]), select, textarea')]"
        ".filter((one) => !(one.textContent.trim() || one.ariaLabel || one.labels?.length)).map((one) => one.outerHTML)"
    )
    ids = page.run("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert nameless == []
    assert len(ids) == len(set(ids))
    for form in page.run("[...document.querySelectorAll('dialog')].map((one) => one.id)"):
        page.run(f"document.getElementById('{form}').showModal()")
        assert not page.run(sticks_out), form
        small = f"[...document.querySelectorAll('#{form} button, #{form} input, #{form} select')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 40).length"
        assert page.run(small) == 0, form
        page.run(f"document.getElementById('{form}').close()")


def test_on_a_telephone_the_ways_within_the_page_lead_below_the_bar(page, station, come):
    full(station, "somebody")
    page.resize(390, 800)
    come("social_worker")
    page.click(".jump a[href='#ongoing']")

    page.wait("location.hash === '#ongoing' && scrollY > 0")
    below = "document.querySelector('#ongoing-title').getBoundingClientRect().top >= document.querySelector('.bar').offsetHeight"
    page.wait(below)
