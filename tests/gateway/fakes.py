"""Services that answer from memory, as strict as the real ones about what they take and return."""

import tomllib
import uuid
from datetime import UTC, datetime

from marshmallow import ValidationError, fields

from contracts.errors import Invalid, NotFound
from contracts.fields import STATION_TIME

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC).astimezone(STATION_TIME).isoformat()


class FakeServices:
    """Stands behind the gateway in place of chassis.client.Client; remembers what was called."""

    def __init__(self):
        self.called = []
        self.things = {}
        self.instead = {}

    def answer(self, method, *answers):
        """Let the next calls of a method return these, or raise those that are exceptions."""
        self.instead[method] = list(answers)

    def call(self, service, method, arguments, *, takes, returns, caller, timeout, idempotency_key, correlation_id):
        """Carry out a call as chassis.client.Client would."""
        self.called.append(
            {
                "call": f"{service}.{method}",
                "arguments": arguments,
                "caller": caller,
                "key": idempotency_key,
                "correlation_id": correlation_id,
                "timeout": timeout,
            }
        )
        if self.instead.get(method):
            answer = self.instead[method].pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return answer
        return self._carry_out(method, dict(arguments), takes, returns)

    def is_ready(self):
        return True

    def last(self, call):
        """Return the last call of this name."""
        return [made for made in self.called if made["call"] == call][-1]

    def _carry_out(self, method, arguments, takes, returns):
        id = arguments.pop("id", None)
        self._check(takes, arguments)
        if arguments.get("mapping"):
            try:
                tomllib.loads(arguments["mapping"])
            except tomllib.TOMLDecodeError as error:
                raise Invalid("bad_mapping", "mapping") from error
        verb, _, noun = method.partition("_")
        if verb == "list":
            kind = {"communities": "community", "categories": "category", "matches": "match"}.get(noun, noun[:-1])
            shown = returns().fields["items"].inner.schema.fields
            found = [one for (what, _), one in self.things.items() if what == kind]
            items = [{k: v for k, v in one.items() if k in shown} for one in found]
            return example(returns, {"items": items, "next": None})
        if verb in ("make", "export"):
            return {"filename": "表.xlsx", "content": "", "rows": 0}
        if verb in ("create", "import"):
            thing = example(returns, {**arguments, "id": str(uuid.uuid4())})
            if "id" in thing:
                self.things[noun, thing["id"]] = thing
            return thing
        if id is None:
            return example(returns)  # there is but one
        if (noun, id) not in self.things:
            raise NotFound(f"unknown_{noun}", "id")
        if verb == "delete":
            del self.things[noun, id]
            return None
        if verb == "reveal":
            return example(returns, {"subject_id": id, **arguments})
        known = set(returns().fields)
        if not known <= set(self.things[noun, id]):
            return example(returns, arguments)  # something else that belongs to it
        self.things[noun, id] |= {name: value for name, value in arguments.items() if name in known}
        return self.things[noun, id]

    def _check(self, takes, arguments):
        try:
            if takes is not None:
                takes().load(arguments)
            elif arguments:
                raise ValidationError({name: ["Unknown field."] for name in arguments})
        except ValidationError as error:
            messages = error.normalized_messages()
            raise Invalid("invalid_fields", next(iter(messages)), messages) from error


def example(schema, known=()):
    """Return a document that fits a schema, with these values where it has such fields."""
    made = {}
    for name, field in schema().fields.items():
        made[name] = dict(known).get(name, _value(field))
    return made


def _value(field):
    if field.allow_none:
        return None
    if isinstance(field, fields.UUID):
        return str(uuid.uuid4())
    if isinstance(field, fields.Integer):
        return 1
    if isinstance(field, fields.Boolean):
        return False
    if isinstance(field, fields.Float):
        return 0.5
    if isinstance(field, fields.Date):
        return NOW[:10]
    if isinstance(field, fields.DateTime):
        return NOW
    if isinstance(field, fields.List):
        return []
    if isinstance(field, fields.Nested):
        return example(type(field.schema))
    if type(field).__name__ == "Yuan":
        return "1.00"
    return "江头"
