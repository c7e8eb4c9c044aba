"""Messages leave on channels: what is sent, when again, and by whom."""

import email
import email.policy
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog

from chassis.privacy import Keyring
from services.notify import domain, outgoing
from services.notify.sender import Courier
from services.notify.service import NotifyService
from services.notify.store import about_address
from tests.notify import events, sinks
from tests.notify.events import ANNA
from tests.support import DATA_KEYS, database, hears, rows, transactions

KEYRING = Keyring(DATA_KEYS)
CHANNEL = "0190a000-0000-7000-8000-00000000c{:03}"


@pytest.fixture
def url(postgres):
    return database(postgres, "notify")


@pytest.fixture
def courier(url):
    found = Courier(transactions(NotifyService, url), KEYRING)
    yield found
    found.transactions.engine.dispose()


@pytest.fixture
def hook():
    with sinks.web() as sink:
        yield sink


def add_channel(url, address, number=1, owner=ANNA):
    id = CHANNEL.format(number)
    rows(
        url,
        "INSERT INTO channels (id, owner, kind, url) VALUES (:id, :owner, :kind, :sealed)",
        id=id,
        owner=owner,
        kind=address.partition("://")[0],
        sealed=KEYRING.seal(address, about_address(id)),
    )


def tell(url, *titles):
    hears(NotifyService, url, *[events.need_matched(version=n, need_title=title) for n, title in enumerate(titles, 1)])


def send_what_is_due(courier):
    while claimed := courier.claim(10):
        for delivery in claimed:
            courier.end(delivery, courier.send(delivery))


def wait_is_over(url):
    rows(url, "UPDATE channels SET busy_until = now()")
    rows(url, "UPDATE deliveries SET next_at = now()")


def deliveries(url):
    return rows(
        url,
        """SELECT state, attempts, reason, round(extract(epoch FROM next_at - now()) / 10)::int * 10 AS again_in
           FROM deliveries ORDER BY id""",
    )


def test_a_message_reaches_a_web_hook(url, courier, hook):
    add_channel(url, hook.address)
    tell(url, "轮椅一部")

    send_what_is_due(courier)

    (got,) = hook.got
    assert got["title"] == "需求有了匹配建议：轮椅一部"
    assert got["message"].startswith("您登记的需求「轮椅一部」新增3条匹配建议")
    assert [(d["state"], d["attempts"], d["reason"]) for d in deliveries(url)] == [("sent", 1, None)]


def test_a_message_reaches_a_mail_box(url, courier):
    with sinks.mail() as post:
        add_channel(url, post.address)
        tell(url, "轮椅<一部>")

        send_what_is_due(courier)

    (envelope,) = post.got
    assert envelope.rcpt_tos == ["anna@example.org"]
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert message["Subject"] == "需求有了匹配建议：轮椅<一部>"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().startswith("您登记的需求「轮椅<一部>」新增3条匹配建议")


def test_a_channel_that_fails_and_recovers_gets_every_message_once_and_in_order(url, courier, hook):
    hook.answers = [(500, b""), (503, b""), (200, b"{}")]
    add_channel(url, hook.address)
    tell(url, "一", "二")

    send_what_is_due(courier)
    after_one_try = deliveries(url)
    wait_is_over(url)
    send_what_is_due(courier)
    after_two_tries = deliveries(url)
    wait_is_over(url)
    send_what_is_due(courier)

    assert after_one_try[0] == {"state": "waiting", "attempts": 1, "reason": "status_500", "again_in": 10}
    assert after_one_try[1]["attempts"] == 0, "the channel rests"
    assert after_two_tries[0] == {"state": "waiting", "attempts": 2, "reason": "status_503", "again_in": 60}
    assert [d["state"] for d in deliveries(url)] == ["sent", "sent"]
    assert [got["title"][-1] for got in hook.got] == ["一", "一", "一", "二"]


def test_a_channel_that_stays_away_fails_in_the_end_with_its_reason(url, courier):
    add_channel(url, "json://127.0.0.1:9/")
    tell(url, "轮椅")

    for _ in range(domain.TRIES + 2):
        send_what_is_due(courier)
        wait_is_over(url)

    (delivery,) = deliveries(url)
    assert (delivery["state"], delivery["attempts"], delivery["reason"]) == ("failed", domain.TRIES, "not_taken")


def test_a_channel_that_is_away_holds_up_no_other(url, courier, hook):
    add_channel(url, "json://127.0.0.1:9/", number=1)
    add_channel(url, hook.address, number=2)
    tell(url, "一", "二")

    send_what_is_due(courier)

    assert len(hook.got) == 2


def test_many_processes_share_the_work_and_send_each_message_once(url, hook):
    for number in range(1, 6):
        add_channel(url, hook.address + f"/{number}", number)
    tell(url, *[f"{n:02}" for n in range(20)])
    couriers = [Courier(transactions(NotifyService, url), KEYRING) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send_what_is_due, couriers))
    send_what_is_due(couriers[0])

    assert len(hook.got) == 100
    assert {d["state"] for d in deliveries(url)} == {"sent"}
    for courier in couriers:
        courier.transactions.engine.dispose()


def test_a_lease_keeps_others_away_until_it_ends(url, courier, hook):
    add_channel(url, hook.address)
    tell(url, "轮椅")
    (lost,) = courier.claim(10)
    lease = rows(url, "SELECT extract(epoch FROM busy_until - now())::int AS seconds FROM channels")

    nobody = courier.claim(10)
    wait_is_over(url)
    (again,) = courier.claim(10)
    courier.end(again, courier.send(again))
    courier.end(lost, "timed_out")

    assert 110 < lease[0]["seconds"] <= 120
    assert nobody == []
    assert (again.id, again.attempts) == (lost.id, 2)
    assert [(d["state"], d["attempts"]) for d in deliveries(url)] == [("sent", 2)], "who came late changes nothing"


def test_a_message_that_kills_its_process_each_time_is_given_up(url, courier):
    add_channel(url, "json://127.0.0.1:9/")
    tell(url, "轮椅")
    rows(url, "UPDATE deliveries SET attempts = :tries", tries=domain.TRIES)

    send_what_is_due(courier)

    assert [(d["state"], d["reason"]) for d in deliveries(url)] == [("failed", "the_process_died")]


def test_an_address_that_cannot_be_opened_is_tried_again_later(url, hook):
    add_channel(url, hook.address)
    tell(url, "轮椅")
    stranger = Courier(transactions(NotifyService, url), Keyring((("other", b"x" * 32),)))

    send_what_is_due(stranger)

    assert [(d["state"], d["reason"]) for d in deliveries(url)] == [("waiting", "unsealable")]
    assert hook.got == []
    stranger.transactions.engine.dispose()


@pytest.mark.parametrize(
    "answer, reason",
    [
        (b'{"errcode":0,"errmsg":"ok"}', None),
        (b'{"errcode":93000,"errmsg":"invalid webhook url"}', "answered_93000"),
        (b"<html>captive portal</html>", "answered_unreadable"),
    ],
)
def test_a_bot_that_says_no_with_status_200_has_not_taken_the_message(hook, monkeypatch, answer, reason):
    from apprise.plugins.wecombot import NotifyWeComBot

    monkeypatch.setattr(NotifyWeComBot, "notify_url", f"http://127.0.0.1:{hook.port}/send?key={{key}}")
    hook.answers = [(200, answer)]

    assert outgoing.send("wecombot", "wecombot://abcdef", "标题", "正文") == reason
    assert hook.got == [{"msgtype": "text", "text": {"content": "标题\r\n正文"}}]


def test_no_try_to_be_clever_in_an_address_hides_a_failure(hook):
    hook.answers = [(500, b"")]

    assert outgoing.send("json", hook.address + "?optional=yes&retry=5", "标题", "正文") == "status_500"
    assert len(hook.got) == 1


def test_an_address_is_in_no_log_line_whatever_happens(hook, caplog):
    caplog.set_level(logging.DEBUG)
    hook.answers = [(500, b"")]
    secret = hook.address.rpartition("/")[2]

    with structlog.testing.capture_logs() as ours:
        outgoing.send("json", hook.address, "标题", "正文")
        outgoing.send("json", "json://127.0.0.1:9/hook-secret", "标题", "正文")
        outgoing.send("mailto", "mailto://user:hook-secret@127.0.0.1:9", "标题", "正文")
        for address in ["json://u:hook-secret@[::1", "wecombot://hook-secret!!", "mailto://hook-secret"]:
            with pytest.raises(outgoing.Invalid):
                outgoing.address(address)

    assert secret == "hook-secret"
    assert secret not in str(ours)
    assert [
        r for r in caplog.records if secret in r.getMessage() or r.name.split(".")[0] in ("apprise", "urllib3")
    ] == []
