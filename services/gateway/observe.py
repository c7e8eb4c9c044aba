"""What operators see of the gateway: a log line and metrics for each request, /health, /live and /metrics."""

import re
import time
import uuid

import sqlalchemy
from flask import Blueprint, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from chassis import logs
from chassis.broker import Blocked
from chassis.database import check_migrations
from chassis.logs import log

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_QUIET = ("/health", "/live", "/metrics")

requests = Counter("jinlin_gateway_requests_total", "Requests answered", ["route", "method", "status"])
seconds = Histogram("jinlin_gateway_request_seconds", "Time to answer a request", ["route", "method"])

OPERATIONS = Blueprint("operations", __name__)


def register(app) -> None:
    """Give each request a correlation id, and count, time and log it; never its body, query or token."""

    @app.before_request
    def begin():
        given = request.headers.get("X-Correlation-Id", "")
        g.correlation_id = given.lower() if _UUID.fullmatch(given) else str(uuid.uuid4())
        g.began = time.perf_counter()
        logs.begin(correlation_id=g.correlation_id)

    @app.after_request
    def end(response):
        response.headers["X-Correlation-Id"] = g.correlation_id
        route = request.url_rule.rule if request.url_rule else "none"
        took = time.perf_counter() - g.began
        requests.labels(route, request.method, response.status_code).inc()
        seconds.labels(route, request.method).observe(took)
        if request.path not in _QUIET:
            log().info(
                "request",
                method=request.method,
                route=route,
                path=request.path,
                status=response.status_code,
                ms=round(took * 1000, 1),
                user=str(g.user["id"]) if g.get("user") else None,
            )
        return response

    app.register_blueprint(OPERATIONS)


@OPERATIONS.get("/live")
def live():
    """The process is alive."""
    return {"status": "alive"}


@OPERATIONS.get("/health")
def health():
    """The gateway can do its work: database, migrations and broker are there."""
    engine = current_app.extensions["identity"].transactions.engine
    checks = {
        "database": _check(lambda: _database(engine)),
        "migrations": _check(lambda: check_migrations(engine, "gateway")),
        "broker": _check(current_app.extensions["calls"].client.is_ready),
        "feed": "ok" if current_app.extensions["feed"].connected else "not connected",
    }
    ready = set(checks.values()) == {"ok"}
    return {"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503


@OPERATIONS.get("/metrics")
def metrics():
    """Everything that this process counts, for Prometheus."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _database(engine):
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT 1"))


def _check(probe) -> str:
    try:
        probe()
        return "ok"
    except Blocked as error:
        return str(error)
    except Exception as error:  # whatever it is, the answer is that this part is not ready
        return type(error).__name__
