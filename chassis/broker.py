"""The topology on RabbitMQ: declared once, before anything is published, by `python -m chassis migrate`.

`jinlin.events` (topic) takes every event; each service has one quorum queue, bound to every type that
it hears, so that what happens to one subject arrives in one order. `jinlin.public` gets the events
marked public and keeps them in a stream, for replay by other district systems.
"""

import time

import amqp
import kombu
from kombu.utils.url import parse_url

import contracts.grants
import contracts.matching
import contracts.notify
import contracts.resource
import contracts.venue  # noqa: F401  (importing them fills the registry)
from chassis.wire import Connection
from contracts.base import REGISTRY

EVENTS = "jinlin.events"
PUBLIC = "jinlin.public"
HISTORY = "jinlin.public.history"
CALLS = "nameko-rpc"
HEARTBEAT = 20
RECOVERY_SECONDS = 30

# Repeated delivery must never make the broker drop a message: it is counted and parked in the inbox.
# A number, not -1, because RabbitMQ 3.10 knows no other way.
QUEUE_ARGUMENTS = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}
HISTORY_ARGUMENTS = {
    "x-queue-type": "stream",
    "x-max-age": "1825D",
    "x-max-length-bytes": 20_000_000_000,
    "x-stream-max-segment-size-bytes": 50_000_000,
}


def connect(url: str, *, timeout: float = 5, name: str = "jinlin") -> Connection:
    """Open a connection that notices within two heartbeats that the other end is gone.

    Raises OSError or amqp.exceptions.AMQPError where the broker does not answer.
    """
    parts = parse_url(url)
    connection = Connection(
        host=f"{parts['hostname']}:{parts['port'] or 5672}",
        userid=parts["userid"],
        password=parts["password"],
        virtual_host=parts["virtual_host"] or "/",
        heartbeat=HEARTBEAT,
        connect_timeout=timeout,
        client_properties={"connection_name": name},
    )
    connection.connect()
    return connection


def declare(url: str, heard: dict[str, list[str]]) -> None:
    """Declare everything that must be there before the first event; safe to repeat.

    `heard` maps a service to the event types that it listens to. A binding to a type that is no
    longer heard stays until an operator removes it: taking it away would lose events during an upgrade.

    Raises amqp.exceptions.PreconditionFailed where a queue of another kind stands in the way.
    """
    until = time.monotonic() + RECOVERY_SECONDS
    while True:
        try:
            with connect(url, name="jinlin topology") as connection:
                return _declare(connection.channel(), heard)
        except amqp.exceptions.NotFound:
            # A broker that has just started is still bringing its queues and streams back.
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def _declare(channel, heard) -> None:
    channel.exchange_declare(EVENTS, "topic", durable=True, auto_delete=False)
    channel.exchange_declare(PUBLIC, "topic", durable=True, auto_delete=False)
    channel.exchange_declare(CALLS, "topic", durable=True, auto_delete=False)
    channel.queue_declare(HISTORY, durable=True, auto_delete=False, arguments=HISTORY_ARGUMENTS)
    channel.queue_bind(HISTORY, PUBLIC, "#")
    for type, kind in sorted(REGISTRY.items()):
        if kind.public:
            channel.exchange_bind(PUBLIC, EVENTS, type)
    for service, types in sorted(heard.items()):
        declare_service(channel, service, types)


def declare_service(channel, service: str, types: list[str]) -> int:
    """Declare the queue of one service and bind it to what the service hears; return how many messages wait in it."""
    waiting = 0
    if types:
        waiting = channel.queue_declare(service, durable=True, auto_delete=False, arguments=QUEUE_ARGUMENTS).message_count
    for type in sorted(types):
        channel.queue_bind(service, EVENTS, type)
    return waiting


def safe_url(url: str) -> str:
    """Return the address without its password, for logs."""
    return kombu.Connection(url).as_uri()
