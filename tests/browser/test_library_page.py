"""The resource library as staff and partners use it: searched, offered, verified; contacts only with a purpose."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from contracts.calls.resource.offers import OfferView
from contracts.calls.resource.private import RevealView
from contracts.calls.resource.providers import ProviderView
from contracts.calls.resource.search import FoundView
from contracts.calls.resource.stock import MovementView
from contracts.errors import Conflict
from contracts.fields import STATION_TIME
from services.gateway.sentences import FIELDS, SENTENCES
from services.resource.offers import domain as offers
from services.resource.providers import domain as providers
from tests.browser.station import Station
from tests.browser.test_start_page import publish
from tests.gateway.fakes import example

TODAY = datetime.now(STATION_TIME).date()
CODE = "91350200MA2XN8K317"


class Library(Station):
    """A station with providers and offers; the rules of the services decide what is refused."""

    def __init__(self):
        super().__init__()
        self.lists |= {"offers": [], "providers": [], "stock_movements": []}

    def add_provider(self, name="好邻居超市", **values):
        given = {"kind": "merchant", "community": "jiangtou", "state": "verified", "has_contact": True, **values}
        due_on = given.pop("due_on", TODAY + timedelta(days=90))
        return self.add("providers", ProviderView, name=name, due_on=str(due_on), **given)

    def add_offer(self, title="八成新轮椅", provider=None, **values):
        given = {"form": "goods", "community": "jiangtou", "category": "aid.wheelchair", "quantity": 5, "unit": "辆"}
        given |= {"given": 0, "period": "", "transport": "", "conditions": "", "purpose": "", "state": "open", **values}
        given.setdefault("on_hand", given["quantity"] - given["given"] if given["form"] in offers.STOCK else None)
        return self.add("offers", OfferView, title=title, provider_id=(provider or self.add_provider())["id"], **given)

    def _carry_out(self, method, arguments, takes, returns):
        verb, _, noun = method.partition("_")
        if method == "search":
            self._check(takes, arguments)
            return self._search(**arguments)
        if verb == "create" and noun in ("offer", "provider"):
            self._check(takes, arguments)
            return getattr(self, f"_{method}")(takes().load(arguments), arguments)
        if noun in ("offer", "provider", "stock", "off_stock"):
            thing = self._thing(arguments.pop("id"))
            self._check(takes, arguments)
            return getattr(self, f"_{verb}")(thing, **arguments)
        return super()._carry_out(method, arguments, takes, returns)

    def _thing(self, id):
        return next((one for kind in ("offers", "providers") for one in self.lists[kind] if one["id"] == id), None)

    def _page(self, noun, due=None, **filters):
        if noun not in ("offers", "providers"):
            return super()._page(noun, **filters)
        kept = self.lists[noun]
        names = ("community", "kind", "form", "category", "provider_id")
        wanted = {name: filters[name] for name in names if filters.get(name)}
        self.lists[noun] = [one for one in kept if all(one[name] == value for name, value in wanted.items())]
        if due:
            self.lists[noun] = [one for one in self.lists[noun] if one["due_on"] <= str(TODAY)]
        try:
            return super()._page(noun, **filters)
        finally:
            self.lists[noun] = kept

    def _search(self, text, kind=None, **_):
        found = [
            example(FoundView, {**one, "title": title, "kind": what, "found_by": "part"})
            for what in ("offer", "provider")
            if kind in (None, what)
            for one in self.lists[f"{what}s"]
            if text in (title := one.get("title") or one["name"])
        ]
        return {"items": found, "next": None}

    def _create_offer(self, data, arguments):
        data = {"quantity": 0, **data}
        made = offers.checked(offers.Offer(id="", version=1, registered_by="", **data), datetime.now(UTC))
        provider = self._thing(data["provider_id"])
        state = "open" if provider["state"] == "verified" else "held"
        arguments.pop("provider_id")
        return self.add_offer(**{**arguments, "quantity": made.quantity, "provider": provider, "state": state})

    def _create_provider(self, data, arguments):
        public = {name: value for name, value in data.items() if not name.startswith("contact")}
        by_staff = "partner" not in self.called[-1]["caller"].roles
        made = providers.join(str(uuid.uuid4()), public, "", datetime.now(UTC), by_staff=by_staff)
        known = {**dataclasses.asdict(made), "has_contact": bool(data["contact_phone"]), "verified_at": None}
        return self.add_provider(**known)

    def _get(self, thing):
        return thing

    def _change(self, thing, version, **changes):
        if version != thing["version"]:
            raise Conflict("stale_version", "version", current=thing["version"])
        thing |= {**changes, "version": version + 1}
        return thing

    def _verify(self, thing, version):
        return self._become(thing, state="verified", due_on=str(TODAY + timedelta(days=183)), pauses_on=None)

    def _pause(self, thing, reason):
        return self._become(thing, state="paused", paused_because=reason)

    def _resume(self, thing):
        if thing["pauses_on"]:
            raise Conflict("provider_to_be_verified")
        return self._become(thing, state="verified")

    def _withdraw(self, thing, reason):
        return self._become(thing, state="withdrawn" if "form" in thing else "left")

    def _receive(self, thing, quantity, **_):
        return self._become(thing, quantity=thing["quantity"] + quantity, on_hand=thing["on_hand"] + quantity)

    def _write(self, thing, quantity, **_):
        if quantity > thing["on_hand"]:
            raise Conflict("less_on_hand", "quantity", on_hand=thing["on_hand"])
        return self._become(thing, on_hand=thing["on_hand"] - quantity)

    def _reveal(self, thing, purpose):
        known = {"purpose": purpose, "contact_name": "欧阳女士", "contact_phone": "13800000000"}
        return example(RevealView, {"subject_id": thing["id"], **known})

    def _become(self, thing, **values):
        thing |= {**values, "version": thing["version"] + 1}
        return thing


@pytest.fixture
def station():
    return Library()


@pytest.fixture
def library(page, address, sign_in):
    """Open the library as somebody and wait until it is live."""

    def library(role="social_worker"):
        sign_in(role)
        page.open(f"{address}/library")
        page.wait("document.querySelector('#live')?.dataset.state === 'open'")

    return library


def fill(page, form, /, **fields):
    """Fill fields as a person does, so that what follows from them is there."""
    for name, value in fields.items():
        page.run(
            f"(() => {{ const field = document.querySelector('#{form}-{name}'); field.value = {value!r};"
            " for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, {bubbles: true})); })()"
        )


def button(text, within=""):
    """Return the selector of a button in a card by the beginning of its name."""
    return f"{within} button[aria-label^='{text}：']"


def seen(page, selector):
    return page.run(f"document.querySelector({selector!r})?.checkVisibility() ?? false")


def test_offers_say_what_is_left_when_and_for_whom(page, library, station):
    shop = station.add_provider()
    station.add_offer(provider=shop, quantity=5, given=2, serves=["jiangtou", "lvcuo"], target_groups=["disabled"])
    slots = [{"weekday": day, "starts": "09:00", "ends": "11:00"} for day in (1, 3, 5)]
    station.add_offer("上门理发", shop, form="hours", quantity=2, unit="人", slots=slots, transport="provider")
    station.add_offer("防诈骗讲座", shop, form="unlimited", quantity=100_000_000, unit="场")
    station.add_offer("过冬大米", shop, form="goods_per_period", quantity=30, unit="袋", period="month")
    library()
    page.wait("document.querySelectorAll('#offers-list li.card').length === 4")

    text = page.text("#offers-list")
    assert all(part in text for part in (
        "好邻居超市", "还有 3 辆，已送出 2 辆", "也可以给：吕厝社区", "给残疾人", "每周一、三、五 09:00—11:00", "每个时段 2 人",
        "提供方承担运费", "不限量", "每月 30 袋", "面向所有人", "所有社区都可以用",
    ))  # fmt: skip
    assert not any(code in text for code in ("100000000", "aid.wheelchair", "jiangtou", "goods"))


def test_a_search_finds_things_and_opens_them(page, library, station):
    station.add_offer("八成新轮椅")
    station.add_offer("护理床")
    library()
    page.focus("#search-text")
    page.type("轮椅")
    page.press("Enter")
    page.wait("document.querySelectorAll('#found-list li').length === 1")

    assert "部分相符" in page.text("#found-list") and not seen(page, "#offers")
    assert station.last("resource.search")["arguments"]["text"] == "轮椅"
    assert "轮椅" not in page.run("location.href")
    page.click("#found-list button")
    page.wait(f"document.querySelector({button('更改', '#found-list')!r})")
    assert "还有 5 辆" in page.text("#found-list")

    page.click("#back")
    page.wait("document.querySelectorAll('#offers-list li.card').length === 2")
    assert not seen(page, "#results")


def test_a_search_that_finds_nothing_says_so_and_filters_narrow_the_lists(page, library, station):
    station.add_offer()
    station.add_offer("大米", community="lvcuo")
    library()
    fill(page, "search", community="lvcuo")
    page.wait("document.querySelectorAll('#offers-list li.card').length === 1")
    assert page.text("#offers-list h3") == "大米"

    page.focus("#search-text")
    page.type("没有的东西")
    page.press("Enter")
    page.wait("!document.querySelector('#found-empty').hidden && document.querySelector('#found-empty').checkVisibility()")


def test_the_offers_of_one_provider_are_listed(page, library, station):
    station.add_offer("理发", station.add_provider("陈师傅"))
    station.add_offer()
    library()
    page.wait("document.querySelectorAll('#offers-list li.card').length === 2")
    page.run("document.querySelector('#providers-list li:last-child details').open = true")
    page.click(button("看资源", "#providers-list li:last-child"))
    page.wait("document.querySelectorAll('#offers-list li.card').length === 1")
    assert page.text("#offers-list h3") == "理发"

    assert page.text("#offers-all") == "只看陈师傅的资源，改看所有"
    page.click("#offers-all")
    page.wait("document.querySelectorAll('#offers-list li.card').length === 2")


def test_a_stock_is_registered_with_what_it_needs(page, library, station):
    shop = station.add_provider()
    station.answer("suggest_category", {"items": [{"code": "food.rice", "name": "米面粮油", "confidence": 88, "words": []}]})
    library()
    page.click("#open-offer")
    fill(page, "offer", title="大米", community="jiangtou", quantity="20", unit="袋", expires_on=str(TODAY + timedelta(days=30)))
    page.wait("document.querySelectorAll('#offer-provider_id option').length === 3")
    page.wait("document.querySelector('#offer-suggestions button')")
    page.click("#offer-suggestions button")
    fill(page, "offer", provider_id=shop["id"], serves="some", ends_at=str(TODAY + timedelta(days=9)))
    page.click("#offer-edit .actions .primary")
    page.wait("document.querySelector('#offer-serves-error').innerText === '请至少选一个社区'")
    page.click("#offer-serves-some input[value=lvcuo]")
    page.click("#offer-edit .actions .primary")

    page.wait("!document.querySelector('#offer-edit').open && document.querySelector('#offers-list li.new')")
    made = station.last("resource.create_offer")["arguments"]
    assert (made["form"], made["quantity"], made["unit"], made["serves"], made["category"]) == ("goods", 20, "袋", ["lvcuo"], "food.rice")
    assert made["ends_at"].startswith(f"{TODAY + timedelta(days=9)}T16:00")
    assert {"slots", "dates", "period", "purpose"}.isdisjoint(made)


def test_hours_take_a_weekly_timetable_and_days_off(page, library, station):
    shop = station.add_provider()
    library()
    page.wait("document.querySelector('#providers-list li')")
    page.click(button("登记资源"))
    page.wait(f"document.querySelector('#offer-provider_id').value === '{shop['id']}'")
    fill(page, "offer", form="hours", title="上门理发", category="care.company", quantity="2")
    assert seen(page, "#offer-slots") and not seen(page, "#offer-expires_on") and not seen(page, "#offer-purpose")

    page.click("#offer-edit .actions .primary")
    page.wait(f"document.querySelector('#offer-slots-error').innerText === {FIELDS['timetable_missing']!r}")
    for day in (2, 4):
        page.click(f"#offer-slots-rows input[value='{day}']")
    page.run("document.querySelector('#offer-slots-rows [data-part=starts]').value = '14:00'")
    page.click("#offer-edit .actions .primary")
    page.wait("document.querySelector('#offer-slots-error').innerText.includes('从几点到几点')")
    page.run("document.querySelector('#offer-slots-rows [data-part=ends]').value = '16:00'")
    page.click("[data-add=days_off]")
    page.run(f"document.querySelector('#offer-days_off-rows input').value = '{TODAY}'")
    page.click("#offer-edit .actions .primary")

    page.wait("!document.querySelector('#offer-edit').open")
    made = station.last("resource.create_offer")["arguments"]
    assert made["slots"] == [{"weekday": day, "starts": "14:00", "ends": "16:00"} for day in (2, 4)]
    assert (made["days_off"], made["unit"]) == ([str(TODAY)], "次")
    assert "每周二、四 14:00—16:00" in page.text("#offers-list")


@pytest.mark.parametrize("form, fields, sent", [
    ("goods_per_period", {"quantity": "30", "period": "week"}, {"period": "week", "quantity": 30}),
    ("money", {"quantity": "5000", "purpose": "困境儿童的学习用品"}, {"unit": "元", "purpose": "困境儿童的学习用品"}),
    ("unlimited", {}, {"unit": "次"}),
])  # fmt: skip
def test_each_form_asks_for_what_it_takes(page, library, station, form, fields, sent):
    station.add_provider()
    library()
    page.wait("document.querySelector('#providers-list li')")
    page.click(button("登记资源"))
    page.wait("document.querySelector('#offer-provider_id').value")
    fill(page, "offer", form=form, title="爱心", category="food.rice", **fields)
    page.click("#offer-edit .actions .primary")

    page.wait("!document.querySelector('#offer-edit').open")
    made = station.last("resource.create_offer")["arguments"]
    assert {name: made[name] for name in sent} == sent
    assert ("quantity" in made) == ("quantity" in fields)


def test_posts_are_registered_by_dates(page, library, station):
    station.add_provider()
    library()
    page.wait("document.querySelector('#providers-list li')")
    page.click(button("登记资源"))
    page.wait("document.querySelector('#offer-provider_id').value")
    fill(page, "offer", form="posts", title="职业体验", category="care.company")
    day = TODAY + timedelta(days=5)
    for part, value in {"day": day, "starts": "09:00", "ends": "12:00", "places": 4}.items():
        page.run(f"document.querySelector('#offer-dates-rows [data-part={part}]').value = '{value}'")
    page.click("#offer-edit .actions .primary")

    page.wait("!document.querySelector('#offer-edit').open")
    made = station.last("resource.create_offer")["arguments"]
    assert made["dates"] == [{"starts_at": f"{day}T09:00:00+08:00", "ends_at": f"{day}T12:00:00+08:00", "places": 4}]
    assert f"{day.month}月{day.day}日 09:00—12:00（4 人）" in page.text("#offers-list")


def test_only_what_is_changed_of_an_offer_is_sent_and_a_refusal_is_said(page, library, station):
    offer = station.add_offer(starts_at="2026-03-01T09:30:00+08:00", serves=["jiangtou"])
    library()
    page.wait("document.querySelector('#offers-list li')")
    page.click(button("更改", "#offers-list"))
    fill(page, "offer", title="九成新轮椅", conditions="需到店自取")
    offer["version"] = 7
    page.click("#offer-edit .actions .primary")
    page.wait("!document.querySelector('#offer-edit .alert').hidden")
    assert page.text("#offer-edit .alert") == SENTENCES["stale_version"]

    offer["version"] = 1
    page.click("#offer-edit .actions .primary")
    page.wait("document.querySelector('#offers-list h3')?.innerText === '九成新轮椅'")
    sent = station.last("resource.change_offer")["arguments"]
    assert sent == {"id": offer["id"], "version": 1, "title": "九成新轮椅", "conditions": "需到店自取"}
    assert page.run("document.activeElement.closest('#offers-list') !== null")


def test_a_stock_goes_up_and_down_and_no_lower_than_it_is(page, library, station):
    offer = station.add_offer(quantity=5)
    station.add("stock_movements", MovementView, offer_id=offer["id"], kind="received", quantity=5, note="开馆捐赠")
    library()
    page.wait("document.querySelector('#offers-list li')")
    page.click(button("入库、出库"))
    page.wait("document.querySelector('#stock-movements').textContent.includes('开馆捐赠')")
    fill(page, "stock", what="received", quantity="3")
    page.click("#stock .primary")
    page.wait("document.querySelector('#offers-list').innerText.includes('还有 8 辆')")

    page.click(button("入库、出库"))
    fill(page, "stock", what="write-off", quantity="9")
    page.click("#stock .primary")
    page.wait("document.querySelector('#stock-quantity-error').innerText.includes('现在只有 8')")


def test_an_offer_is_taken_off_with_a_reason(page, library, station):
    station.add_offer()
    library()
    page.wait("document.querySelector('#offers-list li')")
    page.click(button("撤下"))
    page.click("#withdraw .primary")
    assert page.text("#withdraw-reason-error") == "请选择"
    fill(page, "withdraw", reason="no_longer_offered")
    page.click("#withdraw .primary")

    page.wait("document.querySelector('#offers-list .tag').innerText === '已撤下'")
    assert station.last("resource.withdraw_offer")["arguments"]["reason"] == "no_longer_offered"
    page.wait("document.activeElement.closest('#offers-list') !== null")
    assert not page.run("document.querySelector('#offers-list .actions')")


def test_a_provider_is_registered_with_what_it_agreed_to(page, library, station):
    library()
    page.click("#open-provider")
    fill(page, "provider", kind="company", community="jiangtou", name="好邻居", credit_code="91350200MA2XN8K318")
    page.click("#provider-edit .actions .primary")
    page.wait(f"document.querySelector('#provider-credit_code-error').innerText === {FIELDS['invalid_credit_code']!r}")
    fill(page, "provider", organisation_name="厦门好邻居超市有限公司", credit_code=CODE, contact_phone="13800000000")
    for box in ("#provider-tell input[value=new_needs]", "#provider-tell_by input[value=phone]", "#provider-named"):
        page.click(box)
    page.click("#provider-edit .actions .primary")

    page.wait("!document.querySelector('#provider-edit').open")
    made = station.last("resource.create_provider")["arguments"]
    assert (made["tell"], made["tell_by"], made["named"], made["serves"]) == (["new_needs"], ["phone"], True, [])
    card = page.text("#providers-list li")
    assert all(part in card for part in ("已核实", "企业", CODE, "愿意得知：新的可认领需求（电话）", "同意公开名称", "有联系方式"))
    assert "13800000000" not in page.run("document.documentElement.outerHTML")


def test_a_person_is_not_asked_for_an_organisation(page, library, station):
    library()
    page.click("#open-provider")
    fill(page, "provider", kind="company", credit_code=CODE)
    fill(page, "provider", kind="volunteer", community="jiangtou", name="陈师傅")
    assert not seen(page, "#provider-credit_code")
    page.click("#provider-draft")
    page.click("#provider-edit .actions .primary")

    page.wait("document.querySelector('#providers-list .tag')?.innerText === '待核实'")
    assert station.last("resource.create_provider")["arguments"]["credit_code"] is None


def test_who_is_to_be_verified_comes_first_and_is_verified(page, library, station):
    station.add_provider("到期的", due_on=TODAY, pauses_on=str(TODAY + timedelta(days=9)))
    station.add_provider("草稿", state="draft")
    for number in range(25):
        station.add_provider(f"别的{number}")
    library()
    page.wait("document.querySelectorAll('#providers-list li.card').length === 22")
    names = "[...document.querySelectorAll('#providers-list h3')].slice(0, 3).map((one) => one.innerText).join()"
    assert page.run(names) == "到期的,草稿,别的24"
    first = page.text("#providers-list li")
    assert "待重新核实" in first and "就会暂停" in first

    page.click(button("重新核实"))
    page.wait("document.querySelector('#providers-list li .tag').innerText === '已核实'")
    assert station.last("resource.verify_provider")["arguments"]["version"] == 1
    page.click(button("核实"))
    page.wait("!document.querySelector('#providers-list .tag.soon')")


def test_a_provider_rests_and_goes_on_and_leaves(page, library, station):
    provider = station.add_provider()
    library()
    page.wait("document.querySelector('#providers-list summary')")
    page.click("#providers-list summary")
    page.click(button("暂停"))
    fill(page, "pause", reason="店面装修")
    page.click("#pause .primary")
    page.wait("document.querySelector('#providers-list').innerText.includes('暂停原因：店面装修')")

    provider["pauses_on"] = str(TODAY)
    page.click(button("恢复"))
    page.wait("!document.querySelector('#providers-list .alert').hidden")
    assert page.text("#providers-list .alert") == SENTENCES["provider_to_be_verified"]
    provider["pauses_on"] = None
    page.click(button("恢复"))
    page.wait("document.querySelector('#providers-list .tag').innerText === '已核实'")
    page.click("#providers-list summary")
    page.click(button("暂停"))
    fill(page, "pause", reason="店主出差")
    page.click("#pause .primary")
    page.wait("document.querySelector('#providers-list').innerText.includes('暂停原因：店主出差')")
    page.click(button("恢复"))
    page.wait("document.querySelector('#providers-list .tag').innerText === '已核实'")
    keys = [made["key"] for made in station.called if made["call"] == "resource.resume_provider"]
    assert len(set(keys)) == 3

    page.click("#providers-list summary")
    page.click(button("离开"))
    fill(page, "withdraw", reason="provider_left")
    page.click("#withdraw .primary")
    page.wait("document.querySelector('#providers-list .tag').innerText === '已离开'")


def test_a_contact_is_shown_for_a_purpose_and_gone_when_the_dialog_closes(page, library, station):
    station.add_provider()
    library()
    page.wait("document.querySelector('#providers-list li')")
    page.click(button("查看联系方式"))
    page.click("#reveal .primary")
    assert page.text("#reveal-purpose-error") == "请选择"
    fill(page, "reveal", purpose="contact_for_service")
    page.click("#reveal .primary")
    page.wait("document.querySelector('#private').open")
    assert all(part in page.text("#private") for part in ("欧阳女士", "13800000000", "已经记录"))

    page.press("Escape")
    page.wait("!document.querySelector('#private-data').innerHTML")
    assert "13800000000" not in page.run("document.documentElement.outerHTML + location.href")
    assert station.last("resource.reveal_provider")["arguments"]["purpose"] == "contact_for_service"


def test_a_partner_registers_and_the_station_verifies(page, library, station):
    library("partner")
    assert "由社工站核实" in page.text("main .note")
    page.click("#open-provider")
    fill(page, "provider", kind="merchant", community="jiangtou", name="益民便利店", contact_phone="13800000000")
    page.click("#provider-edit .actions .primary")
    page.wait("document.querySelector('#providers-list .tag')?.innerText === '待核实'")
    labels = page.run("[...document.querySelectorAll('#providers-list button')].map((one) => one.textContent).join()")
    assert labels == "登记资源,看资源,更改,离开"

    page.click("#open-offer")
    page.wait("document.querySelector('#offer-provider_id').value")
    fill(page, "offer", title="面包", community="jiangtou", category="food.rice", quantity="5")
    page.click("#offer-edit .actions .primary")
    page.wait("document.querySelector('#offers-list .tag')?.innerText === '等提供方核实'")
    assert not page.run("document.querySelector('#reveal, #provider-draft')")


def test_what_is_registered_during_a_search_is_shown_in_its_list(page, library, station):
    station.add_offer()
    library()
    fill(page, "search", text="轮椅")
    page.press("Tab")
    page.click("#search button")
    page.wait("document.querySelector('#found-list li')")
    page.click("#open-provider")
    fill(page, "provider", kind="volunteer", community="jiangtou", name="陈师傅")
    page.click("#provider-edit .actions .primary")

    page.wait("document.querySelector('#providers-list li.new h3')?.innerText === '陈师傅'")
    assert seen(page, "#providers-list li.new") and not seen(page, "#results")


def test_staff_of_a_community_see_what_may_come_from_others_and_leave_it_alone(page, library, station):
    station.add_offer("外社区的轮椅", station.add_provider("吕厝药房", community="lvcuo"), community="lvcuo")
    station.lists["providers"].clear()
    library("community_staff")
    page.wait("document.querySelector('#offers-list li')")

    assert "吕厝社区的提供方" in page.text("#offers-list")
    assert not page.run("document.querySelector('#offers-list button')")


def test_what_happens_appears_by_itself(page, library, station, feed):
    library()
    provider = station.add_provider("新来的", state="draft")
    publish(feed, "provider.registered.v1", provider["id"])
    page.wait("document.querySelector('#providers-list h3')?.innerText === '新来的'")
    offer = station.add_offer(provider=provider)
    publish(feed, "offer.published.v1", offer["id"])
    page.wait("document.querySelector('#offers-list li.card')")
    offer |= {"state": "used_up", "on_hand": 0}
    publish(feed, "offer.used_up.v1", offer["id"])

    page.wait("document.querySelector('#offers-list .tag').innerText === '已用完'")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_sticks_out_and_everything_has_a_name(page, library, station, width):
    long = "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
    shop = station.add_provider(long, organisation_name="很长的名称" * 15, credit_code=CODE, tell=["news"], due_on=TODAY)
    station.add_offer("很长的标题" * 15, shop, conditions=long, serves=["lvcuo", "houpu"])
    page.resize(width, 844)
    library()
    page.wait("document.querySelector('#offers-list li.card')")
    sticks_out = "document.documentElement.scrollWidth > innerWidth"
    assert not page.run(sticks_out)

    for opens, dialog in (("#open-offer", "offer-edit"), ("#open-provider", "provider-edit")):
        page.click(opens)
        if dialog == "offer-edit":
            fill(page, "offer", form="hours", serves="some")
            page.click("[data-add=dates]")
        assert not page.run(f"{sticks_out} || document.querySelector('#{dialog}').scrollWidth > document.querySelector('#{dialog}').clientWidth")
        small = page.run(
            f"[...document.querySelectorAll('#{dialog} button, #{dialog} select, #{dialog} label:has(> [type=checkbox])')]"
            ".filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 40).map((one) => one.outerHTML)"
        )
        assert small == []
        page.press("Escape")
    nameless = page.run(
        "[...document.querySelectorAll('button, input:not([type=hidden]), select, textarea')]"
        ".filter((one) => !(one.innerText.trim() || one.ariaLabel || one.labels?.length)).map((one) => one.outerHTML)"
    )
    ids = page.run("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert (nameless, len(ids)) == ([], len(set(ids)))
