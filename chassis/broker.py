"""The topology on RabbitMQ: declared once, before anything is published, by `python -m chassis migrate`.

`jinlin.events` (topic) takes every event; each service has one quorum queue, bound to every type that
it hears, so that what happens to one subject arrives in one order. `jinlin.public` gets the events
marked public and keeps them in a stream, for replay by other district systems.
"""

import random
import time
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import amqp

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


class Blocked(ConnectionError):
    """The broker is there and takes no messages, because its memory or its disk is at its limit."""


@dataclass(frozen=True)
class Address:
    """Where the broker is: amqp://user:password@host:port/vhost; the nodes of a cluster are separated by commas."""

    user: str
    password: str = field(repr=False)
    hosts: tuple[str, ...]
    vhost: str

    @staticmethod
    def read(url: str) -> "Address":
        """Raises ValueError where this is not such an address."""
        parts = urlsplit(url)
        account, _, hosts = parts.netloc.rpartition("@")
        user, _, password = account.partition(":")
        hosts = tuple(hosts.split(","))
        for host in hosts:
            if parts.scheme != "amqp" or not urlsplit(f"//{host}").hostname or urlsplit(f"//{host}").port == 0:
                raise ValueError("must be amqp://user:password@host:port/vhost, with host:port,host:port of a cluster")
        return Address(unquote(user), unquote(password), hosts, unquote(parts.path[1:]) or "/")

    @property
    def cluster(self) -> bool:
        return len(self.hosts) > 1

    def __str__(self):
        return f"amqp://{self.user}@{','.join(self.hosts)}/{self.vhost.removeprefix('/')}"


def connect(url: str, *, timeout: float = 5, name: str = "jinlin") -> Connection:
    """Open a connection that notices within two heartbeats that the other end is gone.

    The nodes of a cluster are tried in any order, so that they share the work; all of them within `timeout`.
    Raises OSError or amqp.exceptions.AMQPError where none answers.
    """
    address = Address.read(url)
    hosts = random.sample(address.hosts, len(address.hosts))
    while True:
        host = hosts.pop()
        try:
            return _connect(address, host, timeout / len(address.hosts), name)
        except (OSError, amqp.exceptions.AMQPError):
            if not hosts:
                raise


def _connect(address, host, timeout, name):
    connection = Connection(
        host=host,
        userid=address.user,
        password=address.password,
        virtual_host=address.vhost,
        heartbeat=HEARTBEAT,
        connect_timeout=timeout,
        client_properties={"connection_name": name},
    )
    try:
        connection.connect()
    except BaseException:
        connection.collect()
        raise
    return connection


def check(url: str, *, timeout: float = 2) -> None:
    """Raise Blocked where the broker takes no messages; OSError or AMQPError where it does not answer in time."""

    def refuse(reason):
        raise Blocked(reason)

    connection = connect(url, timeout=timeout, name="jinlin health")
    connection.on_blocked, connection.patience = refuse, timeout
    try:
        channel = connection.channel()
        # Only who sends a message is told that none is taken; nobody gets this one.
        channel.basic_publish(amqp.Message(b""), CALLS, "health")
        channel.exchange_declare(EVENTS, "topic", passive=True)
        connection.close()
    finally:
        connection.collect()


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


def declare_calls(channel, service: str, *, cluster: bool) -> str:
    """Declare the queue of the calls to a service; return its name.

    In a cluster it has a copy on several nodes, or nobody could be called while its one node is away.
    """
    queue = f"rpc-{service}"
    channel.exchange_declare(CALLS, "topic", durable=True, auto_delete=False)
    channel.queue_declare(queue, durable=True, auto_delete=False, arguments=QUEUE_ARGUMENTS if cluster else None)
    channel.queue_bind(queue, CALLS, f"{service}.*")
    return queue
