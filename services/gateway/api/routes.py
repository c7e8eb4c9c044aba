"""One row for each route: what is called with what, and what is answered. The rest of a route is here, once."""

import dataclasses
import re
from collections.abc import Callable

from flask import current_app, g, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema

from services.gateway import access
from services.gateway.api import request as incoming
from services.gateway.api.openapi import describe
from services.gateway.calls import SECONDS


@dataclasses.dataclass(frozen=True, kw_only=True)
class Route:
    """A method on a path that is one call to one service."""

    method: str
    path: str
    call: str
    about: str
    takes: type[Schema] | None = None
    returns: type[Schema] | None = None
    status: int = 200
    located: bool = False
    name: str | None = None
    seconds: float = SECONDS
    worded: Callable[[dict], dict] = dict  # the answer with its Chinese sentences, or with people's names

    @property
    def operation(self) -> str:
        """The operation's name in OpenAPI: the call's, but where two routes share a call."""
        return self.name or self.call

    @property
    def has_body(self) -> bool:
        return self.method in ("POST", "PATCH")

    @property
    def needs_body(self) -> bool:
        """Whether something has to be said; a decision that takes all as it is may come without a body."""
        return self.has_body and self.takes is not None and any(f.required for f in self.takes().fields.values())


def get(path, call, about, *, takes=None, returns, name=None, worded=dict) -> Route:
    """A list or one thing."""
    return Route(
        method="GET", path=path, call=call, about=about, takes=takes, returns=returns, name=name, worded=worded
    )


def create(path, call, about, *, takes, returns, located=True) -> Route:
    """Something new: 201, and Location where it can be fetched at an address of its own."""
    return Route(
        method="POST", path=path, call=call, about=about, takes=takes, returns=returns, status=201, located=located
    )


def change(path, call, about, *, takes, returns) -> Route:
    """A new version of something."""
    return Route(method="PATCH", path=path, call=call, about=about, takes=takes, returns=returns)


def act(path, call, about, *, takes=None, returns, seconds=SECONDS) -> Route:
    """A decision about something that is there: 200 with the whole changed thing."""
    return Route(method="POST", path=path, call=call, about=about, takes=takes, returns=returns, seconds=seconds)


def remove(path, call, about) -> Route:
    """Nothing is left: 204."""
    return Route(method="DELETE", path=path, call=call, about=about, status=204)


def blueprint(service: str, name: str, about: str, *routes: Route) -> Blueprint:
    """Return the routes of one service under /api."""
    made = Blueprint(name, __name__, url_prefix="/api", description=about)
    paths = {}
    for route in routes:
        paths.setdefault(route.path, []).append(route)
    for path, methods in paths.items():
        view = type(_view_name(path), (MethodView,), {r.method.lower(): _method(service, r) for r in methods})
        made.add_url_rule(path, view.__name__, view)
    return made


def _method(service: str, route: Route):
    needs_body = route.needs_body

    def method(self, **path):
        user = access.caller()
        path = {name: str(value) for name, value in path.items()}
        if route.has_body:
            arguments = incoming.json_body(optional=not needs_body)
            incoming.query(None)
        else:
            arguments = incoming.query(route.takes if route.method == "GET" else None)
        key = incoming.idempotency_key() if route.method == "POST" else None
        answer = current_app.extensions["calls"].call(
            service,
            route.call,
            incoming.with_path(arguments, path),
            takes=route.takes,
            returns=route.returns,
            caller=user,
            key=key,
            correlation_id=g.correlation_id,
            seconds=route.seconds,
        )
        if route.status == 204:
            return "", 204
        headers = {"Location": f"{request.path}/{answer['id']}"} if route.located else {}
        return route.worded(answer), route.status, headers

    method.__name__ = route.operation
    method.__doc__ = route.about
    return describe(route, service)(method)


def _view_name(path: str) -> str:
    return "".join(part.capitalize() for part in re.findall(r"[a-z]+", path.replace("<uuid:id>", "one")))
