"""Calls between the gateway and the services: commands, which change something, and queries.

    @command(takes=NewNeed, returns=NeedView, roles=("social_worker",))
    def create_need(self, store, **need):
        ...

A command is one transaction: its rows, its events and, under the caller's idempotency key, its
result; asked again with the same key it answers the same and does nothing. A query reads only. Both
are refused after their deadline, because the caller has given up by then. Private fields cross the
broker sealed. The wire is nameko's RPC, so that nameko's own clients can call as well.
"""

import functools
import hashlib
import inspect
import json
import queue
import time
import uuid
from dataclasses import asdict, dataclass, field

import amqp
import structlog
from marshmallow import ValidationError
from nameko.rpc import Rpc

from chassis import broker, metrics, privacy
from chassis.database import as_json, is_transient
from chassis.logs import log
from contracts.errors import Forbidden, Invalid, Late, Refusal

CALL_HEADER = "jinlin"
GRACE_SECONDS = 0.05


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


@dataclass(frozen=True)
class Spec:
    """How a method is called: its schemas, who may, and whether it changes anything."""

    method: object
    takes: type | None
    returns: type | None
    roles: tuple[str, ...]
    changes: bool
    names: tuple[str, ...] = field(default=())


def command(takes=None, returns=None, roles=()):
    """Make a method a command: called with an open store, its arguments checked by `takes`."""
    return _call(takes, returns, roles, changes=True)


def query(takes=None, returns=None, roles=()):
    """Make a method a query: called with a store that cannot write."""
    return _call(takes, returns, roles, changes=False)


def _call(takes, returns, roles, changes):
    def decorate(method):
        names = tuple(
            name for name, p in inspect.signature(method).parameters.items()
            if name == "id" and p.kind is not p.VAR_KEYWORD
        )
        spec = Spec(method, takes, returns, roles, changes, names)

        @functools.wraps(method, assigned=("__name__", "__doc__", "__module__"))
        def answer(self, **arguments):
            return respond(self, spec, arguments)

        del answer.__wrapped__  # nameko checks the signature; any keyword is for the schema to judge
        answer.spec = spec
        return Rpc.decorator(answer)

    return decorate


def respond(service, spec: Spec, arguments: dict) -> dict:
    """Answer a call: {"result": …}, {"refused": …} or {"unavailable": reason}."""
    name, began, outcome = spec.method.__name__, time.monotonic(), "failed"
    context = Context.from_header(service.db.context[CALL_HEADER])
    with structlog.contextvars.bound_contextvars(correlation_id=context.correlation_id, call=name):
        try:
            answer = {"result": carry_out(service, spec, context, arguments)}
            outcome = "done"
        except Refusal as refusal:
            answer, outcome = {"refused": refusal.as_dict()}, refusal.kind
        except Exception as error:
            if not is_transient(error):
                raise
            log().warning("call_unavailable", error=type(error).__name__)
            answer, outcome = {"unavailable": "database"}, "unavailable"
        finally:
            metrics.calls.labels(name, outcome).inc()
            metrics.call_seconds.labels(name).observe(time.monotonic() - began)
        log().info("call_answered", outcome=outcome, ms=round((time.monotonic() - began) * 1000, 1))
        return answer


def carry_out(service, spec: Spec, context: Context, arguments: dict):
    """Do what a call asks for, in one transaction. Raises a Refusal where it may not or cannot be done."""
    if time.time() > context.deadline:
        raise Late("deadline_passed")
    if spec.roles and not set(spec.roles) & set(context.caller.roles):
        raise Forbidden("role_required")
    keyring = getattr(service, "keyring", None)
    data = _load(spec, privacy.open_fields(keyring, spec.takes, arguments))
    with service.db.transaction(
        read_only=not spec.changes, caller=context.caller, correlation_id=context.correlation_id
    ) as store:
        if spec.changes and context.key:
            fingerprint = _fingerprint(spec, data)
            before = _begin(store, spec, context, fingerprint)
            if before:
                return before["result"]
        result = spec.method(service, store, **data)
        if spec.returns is not None:
            result = privacy.seal_fields(keyring, spec.returns, spec.returns().dump(result))
        if spec.changes and context.key:
            _finish(store, context, result)
        if time.time() > context.deadline + GRACE_SECONDS:
            raise Late("deadline_passed")
        return result


def _load(spec, arguments) -> dict:
    ids = {name: arguments.pop(name) for name in spec.names if name in arguments}
    for name in spec.names:
        try:
            ids[name] = str(uuid.UUID(str(ids[name])))
        except (KeyError, ValueError) as error:
            raise Invalid("invalid_id", name) from error
    if spec.takes is None:
        if arguments:
            raise Invalid("invalid_fields", fields={name: ["Unknown field."] for name in arguments})
        return ids
    try:
        return {**spec.takes().load(arguments), **ids}
    except ValidationError as error:
        fields = error.normalized_messages()
        raise Invalid("invalid_fields", next(iter(fields), None), fields) from error


def _fingerprint(spec, data) -> bytes:
    text = json.dumps([spec.method.__name__, data], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).digest()


def _begin(store, spec, context, fingerprint):
    """Take the key for this command, or return the row of the one before. A twin that is still at work is waited for."""
    values = {"caller": context.caller.id, "key": context.key}
    taken = store.execute(
        """INSERT INTO commands (caller, key, command, fingerprint) VALUES (:caller, :key, :command, :fingerprint)
           ON CONFLICT (caller, key) DO NOTHING""",
        command=spec.method.__name__,
        fingerprint=fingerprint,
        **values,
    )
    if taken:
        return None
    before = store.row("SELECT fingerprint, result FROM commands WHERE caller = :caller AND key = :key", **values)
    if bytes(before["fingerprint"]) != fingerprint:
        raise Invalid("idempotency_key_reused", "Idempotency-Key")
    return before


def _finish(store, context, result):
    store.execute(
        "UPDATE commands SET result = :result WHERE caller = :caller AND key = :key",
        result=as_json(result),
        caller=context.caller.id,
        key=context.key,
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
        """Tell whether the broker answers. Raises OSError or AMQPError where it does not."""
        line = self._line(2)
        line.channel.exchange_declare(broker.CALLS, "topic", passive=True)
        self._idle.put(line)
        return True

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _line(self, timeout) -> "_Line":
        while True:
            try:
                line = self._idle.get_nowait()
            except queue.Empty:
                return _Line(self.broker_url, timeout)
            if time.monotonic() - line.used < self.idle_seconds:
                return line
            line.close()


class _Line:
    """One connection with a reply queue of its own, used by one call at a time."""

    def __init__(self, url, timeout):
        self.connection = broker.connect(url, timeout=timeout, name="jinlin calls")
        self.channel = self.connection.channel()
        self.reply_to = str(uuid.uuid4())
        name = self.channel.queue_declare("", exclusive=True, auto_delete=True).queue
        self.channel.queue_bind(name, broker.CALLS, self.reply_to)
        self.channel.basic_consume(name, no_ack=True, callback=self._on_reply)
        self.channel.events["basic_return"].add(self._on_return)
        self.used = time.monotonic()
        self._reply = self._awaited = None

    def ask(self, service, method, arguments, context, until):
        """Return the reply. Raises TimeoutError; the line is of no use after any error."""
        self._awaited, self._reply = str(uuid.uuid4()), None
        message = amqp.Message(
            json.dumps({"args": [], "kwargs": arguments}),
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
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
        self.used = time.monotonic()
        return self._reply

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
