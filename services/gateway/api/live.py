"""Events as they happen, as server-sent events."""

import json

from flask import Response, current_app, request, stream_with_context
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields

import contracts.grants
import contracts.matching
import contracts.notify
import contracts.resource
import contracts.venue  # noqa: F401  (importing them fills the registry)
from contracts.base import REGISTRY
from contracts.fields import Call
from services.gateway import access
from services.gateway.api import request as incoming
from services.gateway.api.openapi import document
from services.gateway.audience import may_see
from services.gateway.errors import problem
from services.gateway.feed import BEAT, Full

BEAT_SECONDS = 15

EVENTS = Blueprint("events", __name__, url_prefix="/api", description="实时动态")


class Watch(Call):
    types = fields.String(
        load_default=None,
        metadata={"description": "only these event types, such as need.created.v1; separated by commas"},
    )


LAST_SEEN = {
    "in": "header",
    "name": "Last-Event-ID",
    "description": "go on after this event; the first thing sent is `reload` where it is too long ago",
    "schema": {"type": "string", "maxLength": 100},
}


@EVENTS.route("/events")
@document(
    summary="实时动态（server-sent events）",
    operation_id="watch_events",
    parameters=[{"in": "query", "schema": Watch}, LAST_SEEN],
    responses={200: {"description": "a stream that does not end", "content": {"text/event-stream": {}}}},
    problems=[401, 422, 503],
)
def watch():
    user = access.require_user()
    types = _types(incoming.query(Watch).get("types"))
    id, token = str(user["id"]), access.token_of_request()

    def wants(event):
        if event["type"] == "reload":
            return True
        return (not types or event["type"] in types) and may_see(id, user["roles"], user["communities"], event)

    feed, identity = current_app.extensions["feed"], current_app.extensions["identity"]
    try:
        watcher = feed.watch(wants, request.headers.get("Last-Event-ID"))
    except Full:
        return problem(503, "too_many_streams", headers={"Retry-After": "30"})

    def signed_in():
        now = identity.session(token)
        return now is not None and all(now[name] == user[name] for name in ("roles", "communities"))

    stream = Response(stream_with_context(_lines(feed, watcher, signed_in)), mimetype="text/event-stream")
    stream.headers["X-Accel-Buffering"] = "no"
    stream.call_on_close(lambda: feed.leave(watcher))
    return stream


def _lines(feed, watcher, signed_in):
    yield "retry: 2000\n: 近邻\n\n"
    while (event := watcher.next(BEAT_SECONDS)) is not None:
        if event is BEAT:
            # Whoever signed out, or may do something else now, does not go on watching.
            if not signed_in():
                return
            yield ": beat\n\n"
        elif event["id"] is None:
            yield f"event: {event['type']}\ndata: {{}}\n\n"
        else:
            yield f"event: {event['type']}\nid: {event['id']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"


def _types(text):
    types = {part.strip() for part in (text or "").split(",") if part.strip()}
    if types - set(REGISTRY):
        raise ValidationError({"types": ["unknown_event_type"]})
    return types
