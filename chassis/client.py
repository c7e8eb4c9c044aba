"""Calling services from a process that is not one, such as the gateway; needs neither nameko nor eventlet."""

import json
import queue
import time
import uuid
from dataclasses import asdict, dataclass

import amqp

from chassis import broker, privacy
from chassis.logs import log
from chassis.wire import drain
from contracts.errors import Forbidden, Refusal

CALL_HEADER = "jinlin"


class Unavailable(Exception):
    """Nobody answered in time, or the service said that it cannot for now; trying again may help."""


class Broken(Exception):
    """The service failed in a way that it did not foresee; its log has the reason under the correlation id."""


@dataclass(frozen=True)
class Caller:
    """On whose behalf a call is made. Without communities it concerns all of them."""

    id: str
    roles: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()

    def may_see(self, community: str) -> bool:
        return not self.communities or community in self.communities

    def must_see(self, community: str) -> None:
        """Raise Forbidden for somebody who is limited to other communities."""
        if not self.may_see(community):
            raise Forbidden("community_forbidden", "community")


@dataclass(frozen=True)
class Context:
    """What travels with a call besides its arguments; `deadline` is in seconds since 1970."""

    caller: Caller
    correlation_id: str
    deadline: float = float("inf")
    key: str | None = None

    def to_header(self) -> str:
        return json.dumps({**asdict(self), "deadline": self.deadline if self.deadline != float("inf") else None})

    @staticmethod
    def from_header(text: str) -> "Context":
        document = json.loads(text)
        caller = document["caller"]
        return Context(
            caller=Caller(caller["id"], tuple(caller["roles"]), tuple(caller["communities"])),
            correlation_id=document["correlation_id"],
            deadline=document["deadline"] if document["deadline"] is not None else float("inf"),
            key=document["key"],
        )


class Client:
    """Calls services from a process that is not one: thread-safe, a pool of connections, no call without an end."""

    def __init__(self, broker_url: str, data_keys=(), *, idle_seconds: float = 30):
        self.broker_url, self.idle_seconds = broker_url, idle_seconds
        self.keyring = privacy.Keyring(data_keys) if data_keys else None
        self._idle: queue.LifoQueue[_Line] = queue.LifoQueue()

    def call(
        self,
        service: str,
        method: str,
        arguments: dict,
        *,
        caller: Caller,
        takes=None,
        returns=None,
        timeout: float = 5.0,
        idempotency_key: str | None = None,
        correlation_id: str | None = None,
    ):
        """Return what the service answers, JSON-ready, private fields opened.

        Raises the service's Refusal; Unavailable where nobody answered within `timeout` seconds, so
        that it is unknown whether a command was done (ask again under the same key); Broken where the
        service failed.
        """
        deadline = time.time() + timeout
        context = Context(caller, correlation_id or str(uuid.uuid4()), deadline, idempotency_key)
        sealed = privacy.seal_fields(self.keyring, takes, arguments)
        line = None
        try:
            line = self._line(min(timeout, 3))
            answer = line.ask(service, method, sealed, context, time.monotonic() + timeout)
        except broker.Blocked as error:
            if line:
                # Kept, because it will be told when the broker takes messages again.
                self._idle.put(line)
            raise Unavailable(f"{service}.{method}: {error}") from error
        except (OSError, amqp.exceptions.AMQPError) as error:
            if line:
                line.close()
            raise Unavailable(f"{service}.{method}: {type(error).__name__}") from error
        except BaseException:
            if line:
                line.close()
            raise
        self._idle.put(line)
        if answer["error"]:
            raise Broken(f"{service}.{method}: {answer['error']['exc_type']}")
        answer = answer["result"]
        if "refused" in answer:
            raise Refusal.from_dict(answer["refused"])
        if "unavailable" in answer:
            raise Unavailable(f"{service}.{method}: {answer['unavailable']}")
        return privacy.open_fields(self.keyring, returns, answer["result"]) if returns else answer["result"]

    def is_ready(self) -> bool:
        """Tell whether the broker answers and takes messages. Raises OSError or AMQPError where it does not."""
        broker.check(self.broker_url)
        return True

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _line(self, timeout) -> "_Line":
        """Return a line that nobody else uses. Raises Blocked at once where one is known to be."""
        while True:
            try:
                line = self._idle.get_nowait()
            except queue.Empty:
                return _Line(self.broker_url, timeout)
            if time.monotonic() - line.used > self.idle_seconds or not line.is_open():
                line.close()
            elif line.connection.blocked:
                self._idle.put(line)
                raise broker.Blocked(line.connection.blocked)
            else:
                return line


class _Line:
    """One connection with a reply queue of its own, used by one call at a time."""

    def __init__(self, url, timeout):
        self.connection = broker.connect(url, timeout=timeout, name="jinlin calls")
        self.connection.patience = timeout
        self.channel = self.connection.channel()
        self.reply_to = str(uuid.uuid4())
        name = self.channel.queue_declare("", exclusive=True, auto_delete=True).queue
        self.channel.queue_bind(name, broker.CALLS, self.reply_to)
        self.channel.basic_consume(name, no_ack=True, callback=self._on_reply)
        self.channel.events["basic_return"].add(self._on_return)
        self.used = time.monotonic()
        self._reply = self._awaited = None

    def ask(self, service, method, arguments, context, until):
        """Return the reply. Raises TimeoutError and Blocked; the line is of no use after any other error."""
        self._awaited, self._reply = str(uuid.uuid4()), None
        message = amqp.Message(
            json.dumps({"args": [], "kwargs": arguments}),
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=1,  # nobody waits any more for what a broker brings back from its disk
            reply_to=self.reply_to,
            correlation_id=self._awaited,
            application_headers={f"nameko.{CALL_HEADER}": context.to_header()},
        )
        self.channel.basic_publish(message, broker.CALLS, f"{service}.{method}", mandatory=True)
        while self._reply is None:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no answer from {service}")
            self.connection.drain_events(timeout=left)
            if self._reply is None and self.connection.blocked:
                raise broker.Blocked(self.connection.blocked)
        self.used = time.monotonic()
        return self._reply

    def is_open(self) -> bool:
        """Read what came since the last call; tell whether the other end is still there."""
        try:
            while drain(self.connection, 0):
                pass
            return True
        except (OSError, amqp.exceptions.AMQPError):
            return False

    def close(self):
        try:
            self.connection.collect()
        except Exception as error:  # it is being thrown away because it is broken
            log().debug("line_close_failed", error=repr(error))

    def _on_reply(self, message):
        if message.properties.get("correlation_id") == self._awaited:
            self._reply = json.loads(message.body)

    def _on_return(self, error, exchange, routing_key, message):
        raise ConnectionError(f"nobody answers {routing_key}")
