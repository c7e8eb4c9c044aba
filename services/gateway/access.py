"""Who is calling, by a bearer token or by the cookie of the pages; and how often they may try to sign in."""

import hashlib

from flask import current_app, g, request
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect

from chassis.client import Caller
from contracts.errors import Forbidden
from services.gateway.errors import Unauthenticated

COOKIE = "jinlin_session"
SAFE = ("GET", "HEAD", "OPTIONS")

csrf = CSRFProtect()
limiter = Limiter(key_func=lambda: request.remote_addr or "", storage_uri="memory://")


def token_of_request() -> str | None:
    """Return the token that came with the request; a header wins over the cookie."""
    header = request.headers.get("Authorization")
    if header is None:
        return request.cookies.get(COOKIE)
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated("not_signed_in")
    return token.strip()


def identify() -> dict | None:
    """Return the user who is signed in, or none; remembered for the request."""
    if "user" not in g:
        token = token_of_request()
        g.user = current_app.extensions["identity"].session(token) if token else None
        if token and g.user is None:
            raise Unauthenticated("session_ended")
    return g.user


def require_user() -> dict:
    """Return the user who is signed in.

    An unsafe request that is signed in by a cookie must prove that it comes from one of our own pages.
    Raises Unauthenticated, CSRFError.
    """
    user = identify()
    if user is None:
        raise Unauthenticated("not_signed_in")
    if request.method not in SAFE and "Authorization" not in request.headers:
        csrf.protect()
    return user


def require_role(*roles: str) -> None:
    """Raises Forbidden("role_required") where the user has none of these roles."""
    if not set(roles) & set(require_user()["roles"]):
        raise Forbidden("role_required")


def caller() -> Caller:
    """Return the user as the services are told of them."""
    user = require_user()
    return Caller(id=str(user["id"]), roles=tuple(user["roles"]), communities=tuple(user["communities"]))


def _attempt() -> str:
    body = (request.get_json(silent=True) if request.is_json else request.form) or {}
    name = body.get("username") if hasattr(body, "get") else None
    return f"{request.remote_addr} {hashlib.sha256(str(name).encode('utf-8', 'replace')).hexdigest()}"


def limit_attempts(view):
    """Let an address fail ten times a minute for one username, and a hundred times for all of them."""
    options = {"deduct_when": lambda response: response.status_code == 401}
    return limiter.limit("10/minute", key_func=_attempt, **options)(limiter.limit("100/minute", **options)(view))
