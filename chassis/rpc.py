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
import time
import uuid
from dataclasses import dataclass

from marshmallow import ValidationError

from chassis import metrics, privacy
from chassis.answer import Answer
from chassis.client import CALL_HEADER, Caller, Context
from chassis.database import as_json, is_too_slow, is_transient
from chassis.logs import about, log
from contracts.errors import Forbidden, Invalid, Late, Refusal

__all__ = ["Caller", "command", "query"]

GRACE_SECONDS = 0.05


@dataclass(frozen=True)
class Spec:
    """How a method is called: its schemas, who may, and whether it changes anything."""

    method: object
    takes: type | None
    returns: type | None
    roles: tuple[str, ...]
    changes: bool
    names: tuple[str, ...] = ()


def command(takes=None, returns=None, roles=()):
    """Make a method a command: called with an open store, its arguments checked by `takes`."""
    return _call(takes, returns, roles, changes=True)


def query(takes=None, returns=None, roles=()):
    """Make a method a query: called with a store that cannot write."""
    return _call(takes, returns, roles, changes=False)


def _call(takes, returns, roles, changes):
    def decorate(method):
        names = tuple(
            name
            for name, p in inspect.signature(method).parameters.items()
            if name == "id" and p.kind is not p.VAR_KEYWORD
        )
        spec = Spec(method, takes, returns, roles, changes, names)

        @functools.wraps(method, assigned=("__name__", "__doc__", "__module__"))
        def answer(self, **arguments):
            return respond(self, spec, arguments)

        del answer.__wrapped__  # any keyword is for the schema to judge
        answer.spec = spec
        return Answer.decorator(answer)

    return decorate


def respond(service, spec: Spec, arguments: dict) -> dict:
    """Answer a call: {"result": …}, {"refused": …} or {"unavailable": reason}."""
    name, began, outcome = spec.method.__name__, time.monotonic(), "failed"
    context = Context.from_header(service.db.context[CALL_HEADER])
    with about(correlation_id=context.correlation_id, call=name):
        try:
            answer = {"result": carry_out(service, spec, context, arguments)}
            outcome = "done"
        except Refusal as refusal:
            answer, outcome = {"refused": refusal.as_dict()}, refusal.kind
        except Exception as error:
            if not (is_transient(error) or is_too_slow(error)):
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
            fingerprint = _fingerprint(spec, data, keyring)
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


def _fingerprint(spec, data, keyring) -> bytes:
    text = json.dumps([spec.method.__name__, data], sort_keys=True, default=str)
    return keyring.fingerprint(text) if keyring else hashlib.sha256(text.encode()).digest()


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
