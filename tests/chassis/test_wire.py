"""The connection to the broker, as several greenlets of a process use it."""

import amqp
import pytest

from chassis import broker as topology
from tests.station import eventually


@pytest.fixture
def connection(broker):
    with topology.connect(broker.url, name="tests") as connection:
        yield connection


def test_publishing_takes_nothing_from_who_reads(connection):
    channel, heard = connection.channel(), []
    queue = channel.queue_declare("", exclusive=True).queue
    channel.basic_consume(queue, callback=heard.append, no_ack=True)
    for number in range(10):
        channel.basic_publish(amqp.Message(str(number)), routing_key=queue)
    eventually(lambda: connection.drain_events(timeout=5) or heard)
    read = len(heard)

    channel.basic_publish(amqp.Message("one more"), routing_key=queue)

    assert len(heard) == read
