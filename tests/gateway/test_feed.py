"""The live feed: to the right people, in order, and without holding anything up."""

import json
import threading
import time

import pytest

from services.gateway import feed as feeds
from services.gateway.api import live
from services.gateway.audience import may_see
from services.gateway.feed import BEAT, Feed, Full

ME, OTHER = "0190a000-0000-7000-8000-0000000000a1", "0190a000-0000-7000-8000-0000000000a2"


def event(number=1, type="need.created.v1", **data):
    return {
        "id": f"e{number}",
        "type": type,
        "time": "2026-03-01T01:00:00Z",
        "subject": "s",
        "sequence": "1",
        "correlationid": "c",
        "data": data,
    }


@pytest.mark.parametrize("role", ["operator", "office", "social_worker"])
def test_staff_see_everything_but_other_peoples_messages(role):
    assert may_see(ME, [role], [], event(community="jiangtou"))
    assert may_see(ME, [role], [], event(fund_id="f"))
    assert not may_see(ME, [role], [], event(recipient=OTHER))
    assert may_see(ME, [role], [], event(recipient=ME))


def test_who_is_limited_to_a_community_sees_that_one_and_their_own():
    def sees(**data):
        return may_see(ME, ["community_staff"], ["jiangtou"], event(**data))

    assert sees(community="jiangtou")
    assert not sees(community="lvcuo")
    assert not sees(fund_id="f")
    assert sees(community="lvcuo", registered_by=ME)


def test_community_staff_without_a_community_see_only_their_own():
    assert not may_see(ME, ["community_staff"], [], event(community="jiangtou"))


@pytest.mark.parametrize(
    "name",
    ["registered_by", "need_registered_by", "offer_registered_by", "requested_by", "applicant", "claimer", "worker"],
)
def test_a_partner_sees_what_became_of_their_own(name):
    assert may_see(ME, ["partner"], [], event(community="jiangtou", **{name: ME}))
    assert not may_see(ME, ["partner"], [], event(community="jiangtou", **{name: OTHER}))
    assert not may_see(ME, ["partner"], ["jiangtou"], event(community="jiangtou", **{name: OTHER}))


@pytest.mark.parametrize("helper, account", [(ME, ME), (ME, None), ("", ME)])
def test_who_helps_sees_what_happens_in_their_pairing(helper, account):
    known = {"helper": helper, "provider_id": "p", "role": "lead", **({"account": account} if account else {})}

    assert may_see(ME, ["partner"], [], event(community="jiangtou", helpers=[known]))
    assert not may_see(OTHER, ["partner"], [], event(community="jiangtou", helpers=[known]))


def test_events_come_in_order_and_go_on_after_the_last_one_seen():
    feed = Feed(None)
    for number in range(1, 6):
        feed.publish(event(number))

    watcher = feed.watch(lambda e: True, last_seen="e3")
    feed.publish(event(6))

    assert [watcher.next(0)["id"] for _ in range(3)] == ["e4", "e5", "e6"]
    assert watcher.next(0) is BEAT


def test_who_was_away_too_long_is_told_to_load_again():
    feed = Feed(None)
    for number in range(feeds.KEPT + 1):
        feed.publish(event(number))

    assert feed.watch(lambda e: True, last_seen="e0").next(0) is feeds.AGAIN


def test_who_does_not_keep_up_is_let_go():
    feed = Feed(None)
    watcher = feed.watch(lambda e: True)
    for number in range(feeds.BEHIND + 1):
        feed.publish(event(number))

    assert watcher.next(0) is None


def test_there_are_threads_left_for_others():
    feed = Feed(None)
    watchers = [feed.watch(lambda e: True) for _ in range(feeds.MOST_STREAMS)]
    with pytest.raises(Full):
        feed.watch(lambda e: True)

    feed.leave(watchers[0])

    feed.watch(lambda e: True)


def lines(response, feed, *events):
    """Publish once the stream is open; return what it says until the end of the last event."""
    stream = response.response
    said = [next(iter(stream))]
    for one in events:
        feed.publish(one)
    feed.stop()
    return (said[0] if isinstance(said[0], str) else said[0].decode()) + "".join(
        part if isinstance(part, str) else part.decode() for part in stream
    )


def test_the_stream_speaks_server_sent_events(client, feed, headers):
    response = client.get("/api/events", headers=headers())
    text = lines(response, feed, event(7, community="jiangtou"))

    assert response.mimetype == "text/event-stream"
    block = next(part for part in text.split("\n\n") if part.startswith("event:")).split("\n")
    assert block[:2] == ["event: need.created.v1", "id: e7"]
    assert json.loads(block[2].removeprefix("data: ")) == event(7, community="jiangtou")


def test_only_the_types_that_were_asked_for(client, feed, headers):
    response = client.get("/api/events?types=match.proposed.v1", headers=headers())
    text = lines(response, feed, event(1, community="x"), event(2, "match.proposed.v1", community="x"))

    assert "id: e2" in text and "id: e1" not in text
    wrong = client.get("/api/events?types=everything", headers=headers())
    assert (wrong.status_code, wrong.json["field"]) == (422, "types")


def test_a_stream_that_is_closed_gives_its_place_back(client, feed, headers):
    response = client.get("/api/events", headers=headers())
    assert len(feed._watchers) == 1

    response.close()

    assert not feed._watchers


def test_a_stream_ends_with_the_session(client, identity, feed, headers, monkeypatch):
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    given = {"username": "social_worker", "password": "jiangtou-2026"}
    token = client.post("/api/sessions", json=given).json["token"]
    stream = iter(client.get("/api/events", headers={"Authorization": f"Bearer {token}"}).response)
    next(stream)

    identity.sign_out(token)

    began = time.monotonic()
    assert all("event" not in str(part) for part in stream)
    assert time.monotonic() - began < 5


def test_when_all_places_are_taken_it_is_said(client, feed, headers):
    for _ in range(feeds.MOST_STREAMS):
        feed.watch(lambda e: True)

    answer = client.get("/api/events", headers=headers())

    assert (answer.status_code, answer.json["slug"]) == (503, "too_many_streams")


def test_the_feed_hears_the_broker_and_survives_its_restart(broker):
    import amqp

    from chassis.broker import EVENTS, connect

    with connect(broker.url) as connection:
        connection.channel().exchange_declare(EVENTS, "topic", durable=True, auto_delete=False)
    feed = Feed(broker.url)
    feed.start()

    def eventually(check):
        until = time.monotonic() + 30
        while not check():
            assert time.monotonic() < until
            threading.Event().wait(0.05)

    def say(id):
        body = json.dumps({**event(), "id": id})
        with connect(broker.url) as connection:
            connection.channel().basic_publish(amqp.Message(body), EVENTS, "need.created.v1")

    try:
        eventually(lambda: feed.connected)
        watcher = feed.watch(lambda e: True)
        say("first")
        assert watcher.next(5)["id"] == "first"

        broker.pause()
        eventually(lambda: not feed.connected)
        assert watcher.next(1) is None
        broker.resume()
        eventually(lambda: feed.connected)

        watcher = feed.watch(lambda e: True, last_seen="first")
        assert watcher.next(1) is feeds.AGAIN
        say("second")
        assert watcher.next(5)["id"] == "second"
    finally:
        feed.stop()
