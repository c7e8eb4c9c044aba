"""Refusals and failures as application/problem+json (RFC 9457), with a slug, a Chinese sentence and the field."""

import json

from flask import Response, g, render_template, request
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from chassis.client import Broken, Unavailable
from chassis.database import is_too_slow, is_transient
from chassis.logs import log
from contracts.errors import Conflict, Forbidden, Invalid, Late, NotFound, Refusal
from services.gateway.identity import WrongPassword
from services.gateway.sentences import LABELS, TITLES, message_of, sentence

PROBLEM = "application/problem+json"
STATUS = {Invalid: 422, NotFound: 404, Conflict: 409, Forbidden: 403, Late: 503}

# What the HTTP library refuses by itself, and what people are told about it.
SLUGS = {
    400: "malformed_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "no_such_page",
    405: "method_not_allowed",
    413: "too_large",
    414: "address_too_long",
    415: "unsupported_media_type",
    429: "too_many_requests",
    431: "headers_too_large",
    500: "internal_error",
    503: "unavailable",
}


class Unauthenticated(Exception):
    """Nobody is signed in, or not any more."""

    def __init__(self, slug: str):
        super().__init__(slug)
        self.slug = slug


class Malformed(Exception):
    """The request cannot be read at all."""

    def __init__(self, slug: str):
        super().__init__(slug)
        self.slug = slug


class Unsupported(Exception):
    """The body is of a type that is not taken here."""


def problem(status: int, slug: str, *, errors=(), headers=None, **facts) -> Response:
    """Return a problem+json answer; `errors` are {"field", "slug", "message"}, the first is what to look at."""
    errors = list(errors)
    if not request.path.startswith("/api/") and "text/html" in request.headers.get("Accept", ""):
        page = render_template(
            "error.html",
            title=TITLES[status],
            detail=_detail(slug, errors, facts),
            correlation_id=g.get("correlation_id"),
        )
        return Response(page, status, headers=headers, mimetype="text/html")
    text = document(status, slug, _detail(slug, errors, facts), errors, g.get("correlation_id"))
    response = Response(text, status, mimetype=PROBLEM)
    response.headers.update(headers or {})
    return response


def document(status: int, slug: str, detail: str, errors=(), correlation_id: str | None = None) -> bytes:
    """Return the body of a problem+json answer."""
    body = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "slug": slug,
        "detail": detail,
        "field": errors[0]["field"] if errors else None,
        "errors": list(errors),
        "correlation_id": correlation_id,
    }
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def from_refusal(refusal: Refusal) -> Response:
    """Return the answer to a refused call."""
    errors = list(flatten(refusal.fields))
    if not errors and refusal.field:
        errors = [{"field": refusal.field, "slug": refusal.slug, "message": sentence(refusal.slug, refusal.facts)}]
    headers = {"Retry-After": "2"} if isinstance(refusal, Late) else None
    return problem(STATUS[type(refusal)], refusal.slug, errors=errors, headers=headers, **refusal.facts)


def flatten(messages, path=()):
    """Yield {"field", "slug", "message"} for marshmallow's nested messages; parts of a path are joined by dots."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from flatten(inner, path if name == "_schema" else (*path, str(name)))
        return
    for text in messages if isinstance(messages, list) else [messages]:
        if isinstance(text, dict):
            yield from flatten(text, path)
        else:
            slug, message = message_of(str(text))
            yield {"field": ".".join(path), "slug": slug, "message": message}


def _detail(slug, errors, facts) -> str:
    if slug != "invalid_fields" or not errors:
        return sentence(slug, facts)
    first = errors[0]
    label = LABELS.get(first["field"].split(".")[0], first["field"])
    more = f"（另有 {len(errors) - 1} 处需要更正）" if len(errors) > 1 else ""
    return (f"“{label}”：" if label else "") + first["message"] + more


def register(app) -> None:
    """Answer every exception in problem+json, also those of the HTTP library itself."""

    @app.errorhandler(Refusal)
    def on_refusal(error):
        return from_refusal(error)

    @app.errorhandler(ValidationError)
    def on_validation_error(error):
        return from_refusal(Invalid("invalid_fields", fields=error.normalized_messages()))

    @app.errorhandler(Unavailable)
    def on_unavailable(error):
        log().warning("call_unavailable", error=str(error))
        return problem(503, "unavailable", headers={"Retry-After": "5"})

    @app.errorhandler(SQLAlchemyError)
    def on_database_error(error):
        if not (is_transient(error) or is_too_slow(error)):
            return on_crash(error)
        log().warning("database_unavailable", error=type(error).__name__)
        return problem(503, "unavailable", headers={"Retry-After": "5"})

    @app.errorhandler(Unauthenticated)
    def on_unauthenticated(error):
        return problem(401, error.slug, headers={"WWW-Authenticate": 'Bearer realm="jinlin"'})

    @app.errorhandler(WrongPassword)
    def on_wrong_password(error):
        return on_unauthenticated(Unauthenticated("wrong_username_or_password"))

    @app.errorhandler(Malformed)
    def on_malformed(error):
        return problem(400, error.slug)

    @app.errorhandler(Unsupported)
    def on_unsupported(error):
        return problem(415, "unsupported_media_type")

    @app.errorhandler(CSRFError)
    def on_csrf_error(error):
        return problem(403, "csrf_token_missing")

    @app.errorhandler(Broken)
    def on_broken(error):
        log().error("call_failed", error=str(error))
        return problem(500, "internal_error")

    @app.errorhandler(HTTPException)
    def on_http_exception(error):
        if error.code is not None and error.code < 400:
            return error
        status = error.code if error.code in SLUGS else 500 if (error.code or 500) >= 500 else 400
        headers = {}
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            headers["Allow"] = ", ".join(sorted(error.valid_methods))
        if status == 429:
            headers["Retry-After"] = "60"
        return problem(status, SLUGS[status], headers=headers)

    @app.errorhandler(Exception)
    def on_crash(error):
        log().error("request_failed", route=str(request.url_rule), exc_info=error)
        return problem(500, "internal_error")
