"""The start page as people use it: with a mouse, with a keyboard, on a telephone; live, and honest when it is not."""

import pytest

from chassis.client import Unavailable
from services.gateway.sentences import SENTENCES
from tests.gateway.conftest import PASSWORD


def publish(feed, type, subject, **data):
    number = str(len(feed._recent) + 1)
    feed.publish(
        {
            "id": f"event-{number}",
            "type": type,
            "time": "2026-03-01T01:00:00Z",
            "subject": subject,
            "sequence": "1",
            "correlationid": "c",
            "data": {"community": "jiangtou", **data},
        }
    )


def fill(page, **fields):
    for name, value in fields.items():
        page.run(f"document.querySelector('#need-form [name={name}]').value = {value!r}")


@pytest.fixture
def sign_in(page, address):
    """Sign a demonstration user in and wait for the start page to be live."""

    def sign_in(role="social_worker"):
        page.open(f"{address}/sign-in")
        page.run(f"document.querySelector('#username').value = '{role}'")
        page.run(f"document.querySelector('#password').value = '{PASSWORD}'")
        page.click("button.primary")
        page.wait("document.querySelector('#live')?.dataset.state === 'open'")

    return sign_in


def test_a_wrong_password_is_said_and_the_name_stays(page, address):
    page.open(f"{address}/sign-in")
    page.type("social_worker")
    page.press("Tab")
    page.type("wrong-password")
    page.press("Enter")

    page.wait("document.querySelector('#mistake')")
    assert "用户名或密码不对" in page.text("#mistake")
    assert page.run("document.querySelector('#username').value") == "social_worker"
    assert page.run("document.activeElement.id") == "password"


def test_an_empty_station_says_what_to_do(page, sign_in):
    sign_in()

    assert "登记需求" in page.text("#needs-empty")
    assert "系统会马上给出建议" in page.text("#matches-empty")
    assert "进展会出现在这里" in page.text("#messages-empty")


def test_what_is_there_is_shown_and_more_can_be_loaded(page, sign_in, station):
    for number in range(45):
        station.add_need(f"需求{number}")
    station.add_match()
    station.add_message()
    sign_in()

    assert page.run("document.querySelectorAll('#needs-list li').length") == 20
    assert "江头社区" in page.text("#needs-list li") and "轮椅" in page.text("#needs-list li")
    match = page.text("#matches-list li")
    assert all(part in match for part in ("八成新轮椅两辆", "75", "+40", "类别相同：轮椅", "-5", "数量只够一半"))

    page.click("#needs-more")
    page.wait("document.querySelectorAll('#needs-list li').length === 40")
    assert page.run("document.activeElement.innerText") == "需求24"
    page.click("#needs-more")
    page.wait(
        "document.querySelectorAll('#needs-list li').length === 45 && document.querySelector('#needs-more').hidden"
    )


def test_what_happens_appears_by_itself_and_is_said(page, sign_in, station, feed):
    sign_in()
    need = station.add_need("米面粮油十份", category="food.rice", urgency=3)
    publish(feed, "need.created.v1", need["id"])
    match = station.add_match(need="米面粮油十份")
    publish(feed, "match.proposed.v1", match["id"])
    message = station.add_message()
    publish(feed, "message.sent.v1", message["id"], recipient=station.last("notify.list_messages")["caller"].id)

    page.wait("document.querySelector('#needs-list li.new') && document.querySelector('#matches-list li.new')")
    page.wait("document.querySelector('#messages-list li.unread')")
    page.wait("document.querySelector('#announce').innerText")
    assert "紧急" in page.text("#needs-list li")


def test_eight_hundred_needs_at_once_do_not_flood_the_server(page, sign_in, station, feed):
    sign_in()
    before = len(station.called)
    for number in range(800):
        station.add_need(f"需求{number}")
    for number in range(190):
        publish(feed, "need.created.v1", f"s{number}")

    page.wait("document.querySelector('#needs-list h3')?.innerText === '需求799'")
    assert len(station.called) - before < 12


def test_a_match_is_confirmed(page, sign_in, station):
    match = station.add_match()
    sign_in()
    page.click("#matches-list .actions .primary")

    page.wait("document.querySelector('#matches-list .tag')?.innerText === '已确认'")
    assert match["state"] == "confirmed"
    assert not page.run("document.querySelector('#matches-list .actions')")
    assert station.last("matching.confirm_match")["key"]


def test_part_of_a_suggestion_is_confirmed_as_the_plan_recommends(page, sign_in, station):
    plan = {"quantity": 2, "occasion": "2026-12", "why": "全盘安排后，由「轮椅」提供2辆最合适（75分）。"}
    station.add_match(quantity=5, occasion="2026-11", recommended=plan)
    sign_in()
    page.click("#matches-list .actions button:nth-child(2)")

    assert page.run("document.querySelector('#part-quantity').value") == "2"
    assert plan["why"] in page.text("#part-hint")
    page.click("#part .primary")
    page.wait("document.querySelector('#matches-list .tag')?.innerText === '已确认'")
    asked = station.last("matching.confirm_match")["arguments"]
    assert (asked["quantity"], asked["occasion"]) == (2, "2026-12")


def test_of_several_suggestions_for_a_need_the_best_comes_first(page, sign_in, station):
    for need, score in (("older", 95), ("newer", 80), ("newer", 90), ("newer", 60)):
        station.add_match(need=need, need_id=need, score=score)
    sign_in()

    assert page.run("[...document.querySelectorAll('.score b')].map((one) => one.innerText).join()") == "90,80,60,95"


def test_what_weighs_most_and_what_speaks_against_it_is_seen_first(page, sign_in, station):
    station.add_match()
    sign_in()
    page.wait("document.querySelector('.reasons') !== null")

    seen = page.run("[...document.querySelectorAll('.reasons')].filter((one) => one.checkVisibility()).map((one) => one.innerText)")
    assert "+40" in seen[0] and "-5" in seen[0] and "需求紧急" not in seen[0] and len(seen) == 1
    page.focus("summary")
    assert page.text("summary") == "另有 2 项理由，共 +9 分"
    page.press("Enter")
    page.wait("document.querySelector('details').open")
    assert "需求紧急" in page.text("details .reasons")


@pytest.mark.parametrize(
    "reason, text", [("need_met", "需求已经落实"), ("better_found", "更合适的资源"), ("suits_no_more", "不再合适")]
)
def test_why_a_suggestion_lapsed_is_said(page, sign_in, station, feed, reason, text):
    match = station.add_match()
    sign_in()
    match |= {"state": "lapsed", "reason": reason}
    publish(feed, "match.lapsed.v1", match["id"])

    page.wait("document.querySelector('#matches-list .tag')?.innerText === '已失效'")
    assert text in page.text("#matches-list li")


def test_what_the_plan_recommends_is_said_as_soon_as_it_is_made(page, sign_in, station, feed):
    match = station.add_match()
    sign_in()
    why = "全盘安排后，由「轮椅」提供1辆最合适（75分）。"
    match["recommended"] = {"quantity": 1, "occasion": "", "why": why}
    publish(feed, "board.planned.v1", "plan")

    page.wait(f"document.querySelector('#matches-list li').innerText.includes('{why}')")


def test_a_match_that_somebody_else_decided_is_said(page, sign_in, station):
    match = station.add_match()
    sign_in()
    match["state"] = "lapsed"
    page.click("#matches-list .actions .primary")

    page.wait("!document.querySelector('#matches-list .alert').hidden")
    assert page.text("#matches-list .alert") == SENTENCES["match_already_decided"]


def test_declining_asks_for_a_reason(page, sign_in, station):
    match = station.add_match()
    sign_in()
    page.click("#matches-list .actions .quiet")
    page.wait("document.querySelector('#decline').open")
    assert "八成新轮椅两辆" in page.text("#decline-about")

    page.click("#decline .primary")
    assert page.text("#decline-reason-error") == "请填写"
    page.type("轮椅太宽，进不了门")
    page.click("#decline .primary")

    page.wait("document.querySelector('#matches-list .tag')?.innerText === '不合适'")
    assert match["reason"] == "轮椅太宽，进不了门"
    assert page.run("document.activeElement.closest('#matches-list') !== null")


def test_a_need_is_registered_with_the_keyboard_alone(page, sign_in, station):
    sign_in()
    page.focus("#open-form")
    page.press("Enter")
    page.wait("document.querySelector('#need-form').open")
    assert page.run("document.activeElement.id") == "need-title"
    page.type("护理床一张")
    page.press("Tab")
    page.press("ArrowDown")
    page.press("Tab")
    page.press("ArrowDown")
    page.press("ArrowDown")
    page.press("Tab")
    page.press("Enter")

    page.wait("!document.querySelector('#need-form').open")
    assert page.run("document.activeElement.id") == "open-form"
    page.wait("document.querySelector('#needs-list h3')?.innerText === '护理床一张'")
    made = station.last("resource.create_need")["arguments"]
    assert (made["community"], made["category"], made["quantity"]) == ("jiangtou", "aid.bed", 1)


def test_a_category_is_suggested_for_what_somebody_says_and_a_person_chooses(page, sign_in, station):
    suggested = {"code": "aid.bed", "name": "护理床", "confidence": 91, "words": ["床"]}
    station.answer("suggest_category", {"items": [suggested]})
    sign_in()
    page.click("#open-form")
    page.type("老人起不来床")
    page.press("Tab")
    page.wait("document.querySelector('#need-suggestions button')")
    assert (page.text("#need-suggestions"), page.run("document.querySelector('#need-category').value")) == (
        "护理床 91%", "",
    )  # fmt: skip

    page.click("#need-suggestions button")
    fill(page, community="jiangtou", source="hotline", birth_date="1948-05-06", guardian_name="")
    page.click("#need-form .actions .primary")

    page.wait("!document.querySelector('#need-form').open")
    made = station.last("resource.create_need")["arguments"]
    assert (made["category"], made["source"], made["birth_date"], made["guardian_name"]) == (
        "aid.bed", "hotline", "1948-05-06", None,
    )  # fmt: skip


def test_mistakes_are_shown_where_they_are(page, sign_in, station):
    sign_in()
    page.click("#open-form")
    fill(page, title="打 13800138000", community="jiangtou", category="aid.bed", quantity="0")
    fill(page, starts_at="2026-03-02T09:00", ends_at="2026-03-01T09:00")
    page.click("#need-form .actions .primary")

    page.wait("document.querySelector('#need-title').getAttribute('aria-invalid') === 'true'")
    assert "手机号" in page.text("#need-title-error")
    assert page.text("#need-quantity-error") == "超出允许的范围"
    assert page.run("document.activeElement.id") == "need-title"
    assert page.run(
        "document.querySelector('#need-title').getAttribute('aria-describedby').includes('need-title-error')"
    )

    fill(page, title="护理床一张", quantity="2")
    page.click("#need-form .actions .primary")
    page.wait("document.querySelector('#need-ends_at-error').innerText === '结束时间应晚于开始时间'")
    assert page.text("#need-title-error") == ""


def test_a_second_try_has_the_same_key(page, sign_in, station):
    sign_in()
    page.click("#open-form")
    fill(page, title="护理床一张", community="jiangtou", category="aid.bed")
    station.answer("create_need", *[Unavailable("away")] * 20)
    page.click("#need-form .actions .primary")
    page.wait("!document.querySelector('#need-form .alert').hidden", seconds=20)
    assert "稍后再试" in page.text("#need-form .alert")
    station.answer("create_need")
    page.click("#need-form .actions .primary")
    page.wait("!document.querySelector('#need-form').open")

    assert len({made["key"] for made in station.called if made["call"] == "resource.create_need"}) == 1


def test_what_a_changing_network_loses_is_asked_for_again(page, sign_in, station):
    station.add_match()
    loses = "const real = window.fetch; const lost = new Set(); window.fetch = (path, options) => (!/needs|confirm/.test(path) || lost.has(path)"
    loses += " ? real(path, options) : (lost.add(path), Promise.reject(new TypeError('lost'))));"
    page.send("Page.addScriptToEvaluateOnNewDocument", source=loses)
    station.add_need("轮椅一辆")
    sign_in()
    page.wait("document.querySelectorAll('#needs-list li').length === 1")
    page.click("#matches-list .actions .primary")

    page.wait("document.querySelector('#matches-list .tag')?.innerText === '已确认'")
    assert page.run("document.querySelector('#needs-problem').hidden")
    assert [one["call"] for one in station.called].count("matching.confirm_match") == 1


def test_a_message_is_marked_as_read(page, sign_in, station):
    message = station.add_message()
    sign_in()
    page.click("#messages-list button")

    page.wait("!document.querySelector('#messages-list .unread')")
    assert message["read_at"]


def test_a_lost_connection_is_seen_and_mended(page, sign_in, station, feed):
    sign_in()
    feed._interrupted()
    page.wait("document.querySelector('#live').dataset.state === 'lost'")
    assert "重连" in page.text("#live")

    station.add_need("断线时登记的")

    page.wait("document.querySelector('#live').dataset.state === 'open'")
    page.wait("document.querySelector('#needs-list h3')?.innerText === '断线时登记的'")


def test_a_session_that_ended_leads_to_the_sign_in(page, sign_in, identity, feed):
    sign_in()
    token = next(one["value"] for one in page.cookies() if one["name"] == "jinlin_session")
    identity.sign_out(token)
    publish(feed, "need.created.v1", "need")

    page.wait("location.pathname === '/sign-in'")


@pytest.mark.parametrize(
    "role, columns", [("office", "needs matches messages"), ("operator", "needs messages"), ("partner", "messages")]
)
def test_everybody_sees_their_own_columns(page, sign_in, station, role, columns):
    sign_in(role)

    assert page.run("[...document.querySelectorAll('section.column')].map((one) => one.id).join(' ')") == columns
    assert page.run("Boolean(document.querySelector('#open-form'))") == (role == "office")
    listed = {made["call"].split(".list_")[1] for made in station.called}
    assert listed - {"communities", "categories"} == set(columns.split())


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_sticks_out_and_everything_can_be_reached(page, sign_in, station, width):
    for number in range(3):
        station.add_need(f"需求{number}：" + "很长的标题" * 12)
        station.add_match(need="很长的标题" * 12, offer="WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW")
        station.add_message()
    page.resize(width, 740)
    sign_in()
    sticks_out = "document.documentElement.scrollWidth > innerWidth"

    assert not page.run(sticks_out)
    page.click("#open-form")
    assert not page.run(sticks_out)
    small = page.run(
        "[...document.querySelectorAll('#need-form button, #need-form input, #need-form select')]"
        ".filter((one) => one.getBoundingClientRect().height < 40).map((one) => one.outerHTML)"
    )
    assert small == []


def test_every_field_and_button_has_a_name_and_ids_are_unique(page, sign_in, station):
    station.add_match()
    station.add_message()
    sign_in()

    nameless = page.run(
        "[...document.querySelectorAll('button, input:not([type=hidden]), select, textarea')]"
        ".filter((one) => !(one.innerText.trim() || one.ariaLabel || one.labels?.length)).map((one) => one.outerHTML)"
    )
    ids = page.run("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert nameless == []
    assert len(ids) == len(set(ids))
    assert page.run("document.querySelectorAll('main, header').length") == 2


def test_texts_can_be_told_from_their_ground(page, sign_in, station):
    station.add_need(urgency=2)
    station.add_need(urgency=3)
    station.add_match()
    station.add_message()
    sign_in()

    faint = page.run("""(() => {
      const light = ([r, g, b]) => [r, g, b].map((x) => x / 255)
        .map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4))
        .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
      const colour = (text) => text.match(/[\\d.]+/g).map(Number);
      const ground = (one) => {
        for (; one; one = one.parentElement) {
          const [r, g, b, a = 1] = colour(getComputedStyle(one).backgroundColor);
          if (a > 0) return [r, g, b];
        }
        return [255, 255, 255];
      };
      return [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() && !one.closest('dialog')
          && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())).map((one) => {
        const [a, b] = [light(colour(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => y - x);
        return [(a + 0.05) / (b + 0.05), one.outerHTML.slice(0, 80)];
      }).filter(([ratio]) => ratio < 4.5);
    })()""")
    assert faint == []


def test_the_documentation_works_under_the_strict_policy(page, address):
    page.open(f"{address}/api/docs")

    page.wait("document.querySelectorAll('.opblock-tag').length > 20")
    page.click(".opblock-tag")
    page.wait("document.querySelector('.opblock')")
    page.click(".opblock-summary-control")
    page.wait("document.querySelector('.opblock.is-open .opblock-body')")
