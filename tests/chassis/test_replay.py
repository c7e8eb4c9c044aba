"""The public stream's events reach a listener once more, or for the first time; and what was handled is known."""

from datetime import UTC, datetime, timedelta

import amqp
import pytest

from chassis import broker as topology
from chassis.replay import replay
from contracts.base import enclose
from tests.chassis.things import ThingHappened, ThingsService
from tests.station import eventually
from tests.support import hears, published, rows, settings


@pytest.fixture
def history(broker):
    """An empty stream, and a function that adds to it."""
    topology.declare(broker.url, {})
    eventually(lambda: _deleted(broker.url), within=30)
    topology.declare(broker.url, {})
    with topology.connect(broker.url) as connection:
        channel = connection.channel()
        channel.confirm_select()

        def add(*bodies, type=ThingHappened.type):
            for body in bodies:
                message = amqp.Message(body, delivery_mode=2, type=type)
                channel.basic_publish_confirm(message, topology.PUBLIC, type)

        yield add


def _deleted(url) -> bool:
    with topology.connect(url) as connection:
        try:
            connection.channel().queue_delete(topology.HISTORY)
            return True
        except amqp.exceptions.NotFound:  # a broker that has just started brings its streams back one by one
            return False


def bodies(*events):
    return [enclose(event).to_json() for event in events]


def thing(version, name="a"):
    return ThingHappened(version=version, thing_id=name)


def seen(url):
    return [row["version"] for row in rows(url, "SELECT version FROM seen ORDER BY n")]


def test_history_reaches_a_listener_that_missed_it(url, broker, history):
    history(*bodies(*[thing(n) for n in range(1, 1201)]))

    counts = replay(ThingsService, settings(url, broker.url))

    assert counts == {"read": 1200, "taken": 1200}
    assert seen(url) == list(range(1, 1201))


def test_what_was_handled_is_not_handled_again_unless_it_is_to_be(url, broker, history):
    history(*bodies(thing(1), thing(2)))
    replay(ThingsService, settings(url, broker.url))
    replay(ThingsService, settings(url, broker.url))
    assert seen(url) == [1, 2]

    replay(ThingsService, settings(url, broker.url), names=["on_thing_happened"], again=True, quiet=True)
    assert seen(url) == [1, 2, 1, 2]
    assert len(published(url)) == 2


def test_what_others_hear_and_what_nobody_can_read_is_passed_over(url, broker, history):
    history(b"{", type="other.thing.v1")
    history(b"{", *bodies(thing(1)))

    assert replay(ThingsService, settings(url, broker.url))["taken"] == 2
    assert seen(url) == [1]
    assert [row["state"] for row in rows(url, "SELECT state FROM set_aside")] == ["parked"]


def test_an_empty_stream_is_soon_read(url, broker, history):
    assert replay(ThingsService, settings(url, broker.url)) == {"read": 0, "taken": 0}


def test_beyond_its_memory_only_named_listeners_hear(url, broker, history):
    history(*bodies(thing(1)))
    long_ago = datetime.now(UTC) - timedelta(days=365)
    with pytest.raises(ValueError, match="without names"):
        replay(ThingsService, settings(url, broker.url), since=long_ago)
    with pytest.raises(ValueError, match="no listener on_nothing"):
        replay(ThingsService, settings(url, broker.url), names=["on_nothing"])

    assert replay(ThingsService, settings(url, broker.url), names=["on_thing_happened"], since=long_ago)["taken"] == 1


def test_what_is_live_is_left_as_it_is(url, broker, history):
    live = thing(2)
    hears(ThingsService, url, live)
    history(*bodies(thing(1)))
    replay(ThingsService, settings(url, broker.url))

    assert seen(url) == [2, 1]  # every event once; versions are the listener's own affair
