"""What was confirmed is scheduled, delivered, cancelled and rated on its page."""

import pytest

from contracts.calls.matching.matches import MatchNotesView
from contracts.calls.resource.private import RevealView
from contracts.errors import Invalid
from tests.browser.station import Station
from tests.browser.test_start_page import publish
from tests.gateway.fakes import example

LATER = {"schedule": "scheduled", "deliver": "delivered", "cancel": "cancelled", "rate": "delivered"}


class Services(Station):
    """Matches go on from being confirmed."""

    def _page(self, noun, states=None, **asked):
        page = super()._page(noun, **asked)
        if states:
            page["items"] = [one for one in page["items"] if one["state"] in states.split(",")]
        return page

    def _carry_out(self, method, arguments, takes, returns):
        if method == "reveal_match_note":
            return example(MatchNotesView, {"match_id": arguments["id"], "purpose": arguments["purpose"]})
        return super()._carry_out(method, arguments, takes, returns)

    def _decide(self, verb, kind, arguments):
        if verb not in LATER:
            return super()._decide(verb, kind, arguments)
        match = next(one for one in self.lists[kind] if one["id"] == arguments["id"])
        if verb == "deliver" and arguments["quantity"] > match["quantity"]:
            raise Invalid("more_than_confirmed", "quantity", confirmed=match["quantity"])
        times = {name: value for name, value in arguments.items() if name in ("starts_at", "ends_at")}
        match |= {"state": LATER[verb], "version": match["version"] + 1, **times}
        if verb == "deliver":
            match |= {"delivered": arguments["quantity"], "delivered_on": arguments["delivered_on"]}
        if verb == "rate":
            match["ratings"] = [{"side": arguments["side"], "stars": arguments["stars"], "has_comment": False, "recorded_by": "u"}]
        return match


@pytest.fixture
def station():
    return Services()


@pytest.fixture
def services(page, address, sign_in):
    """Open the page as somebody."""

    def services(role="social_worker"):
        sign_in(role)
        page.open(f"{address}/services")
        page.wait("!document.querySelector('[aria-busy=true]')")

    return services


def fill(page, form, **values):
    for name, value in values.items():
        page.run(f"document.querySelector('#{form}-{name}').value = {value!r}")


def press(page, name):
    found = f"[...document.querySelectorAll('.card button')].find((one) => one.innerText === '{name}')"
    page.wait(found)
    page.run(f"{found}.click()")


def test_a_time_is_settled_and_what_was_done_is_recorded_in_part(page, services, station):
    station.add_match(state="confirmed", quantity=5)
    services()
    press(page, "约定时间")
    fill(page, "schedule", starts_at="2026-03-05T14:00", ends_at="2026-03-05T16:00")
    page.click("#schedule .primary")

    page.wait("document.querySelector('#going-list .tag')?.innerText === '已约定时间'")
    assert "3/5 14:00" in page.text("#going-list li")
    asked = station.last("matching.schedule_match")["arguments"]
    assert asked["starts_at"] == "2026-03-05T14:00:00+08:00"

    press(page, "登记完成")
    assert page.run("document.querySelector('#deliver-quantity').value") == "5"
    fill(page, "deliver", quantity="6", delivered_on="2026-03-05")
    page.click("#deliver .primary")
    page.wait("document.querySelector('#deliver-quantity-error').innerText")
    assert page.run("document.activeElement.id") == "deliver-quantity"
    fill(page, "deliver", quantity="3", minutes="120", people="8", note="老人很高兴")
    page.click("#deliver .primary")

    page.wait("document.querySelector('#done-list li') && !document.querySelector('#going-list li')")
    assert "2026-03-05 完成 3 辆" in page.text("#done-list li")
    asked = station.last("matching.deliver_match")["arguments"]
    assert (asked["minutes"], asked["people"], asked["person_times"], asked["note"]) == (120, 8, None, "老人很高兴")


def test_what_does_not_take_place_is_cancelled_with_a_reason(page, services, station):
    station.add_match(state="scheduled")
    services()
    press(page, "取消")
    page.click("#cancel .primary")
    page.wait("document.querySelector('#cancel-reason-error').innerText")
    fill(page, "cancel", reason="provider_no_show")
    page.click("#cancel .primary")

    page.wait("document.querySelector('#done-list .tag')?.innerText === '已取消'")
    assert station.last("matching.cancel_match")["arguments"]["reason"] == "provider_no_show"


def test_a_partner_sees_what_became_of_their_own_and_rates_it(page, services, station):
    station.add_match(state="confirmed")
    station.add_match(state="delivered", delivered=1, delivered_on="2026-03-05")
    services("partner")

    assert page.run("[...document.querySelectorAll('.card button')].map((one) => one.innerText).join()") == "评价"
    press(page, "评价")
    fill(page, "rate", stars="5", comment="很顺利")
    page.click("#rate .primary")
    page.wait("document.querySelector('#done-list').innerText.includes('提供方评价：5 分')")
    assert station.last("matching.rate_match")["arguments"]["side"] == "provider"


def test_a_record_is_shown_for_a_purpose_and_gone_when_it_is_closed(page, services, station):
    match = station.add_match(state="delivered", delivered=1, delivered_on="2026-03-05", has_note=True)
    services()
    press(page, "看记录")
    fill(page, "reveal", purpose="complaint")
    page.click("#reveal .primary")

    page.wait("document.querySelector('#private').open")
    asked = station.last("matching.reveal_match_note")["arguments"]
    assert (asked["id"], asked["purpose"]) == (match["id"], "complaint")
    page.press("Escape")
    page.wait("!document.querySelector('#private').open && !document.querySelector('#private-data').textContent")


def test_both_sides_are_reached_on_record(page, services, station):
    match = station.add_match(state="confirmed", provider_id=station.add_need()["id"])
    shown = example(RevealView, {"contact_name": "欧阳锋", "contact_phone": "+8613912345678"})
    services()
    for button, call, id in (("联系需求方", "need", "need_id"), ("联系提供方", "provider", "provider_id")):
        station.answer(f"reveal_{call}", shown)
        press(page, button)
        fill(page, "reveal", purpose="contact_for_service")
        page.click("#reveal .primary")
        page.wait("document.querySelector('#private').open")
        assert page.run("document.querySelector('#private-data a').href") == "tel:+8613912345678"
        asked = station.last(f"resource.reveal_{call}")["arguments"]
        assert (asked["id"], asked["purpose"]) == (match[id], "contact_for_service")
        page.press("Escape")
        page.wait("!document.querySelector('#private').open")


def test_what_others_decide_appears_by_itself(page, services, station, feed):
    match = station.add_match(state="confirmed")
    services()
    page.wait("document.querySelector('#live').dataset.state === 'open'")
    match |= {"state": "delivered", "delivered": 1, "delivered_on": "2026-03-05", "version": 3}
    publish(feed, "match.delivered.v1", match["id"])

    page.wait("!document.querySelector('#going-list li') && document.querySelector('#done-list .tag')?.innerText === '已完成'")


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out(page, services, station, width):
    page.resize(width, 800)
    for state in ("confirmed", "scheduled", "delivered", "cancelled"):
        station.add_match(state=state, need="独居老人陪诊与轮椅借用" * 3, delivered_on="2026-03-05")
    services()

    assert page.run("document.documentElement.scrollWidth") <= width
    for dialog in ("schedule", "deliver", "cancel", "rate", "reveal", "private"):
        page.run(f"document.querySelector('#{dialog}').showModal()")
        assert page.run(f"document.querySelector('#{dialog}').scrollWidth") <= width
        page.run(f"document.querySelector('#{dialog}').close()")
