"""/health (ready to work), /live (not stuck) and /metrics of a service process."""

import json

import eventlet
import eventlet.wsgi
import sqlalchemy
from nameko.extensions import DependencyProvider
from prometheus_client import make_wsgi_app

from chassis import broker, metrics
from chassis.answer import Answering
from chassis.database import check_migrations
from chassis.dependencies import Database
from chassis.listen import Consumer
from chassis.logs import log


class Health(DependencyProvider):
    """Serves the process's state on JINLIN_HEALTH_HOST:JINLIN_HEALTH_PORT; every service declares one."""

    _thread = None

    def start(self):
        config = self.container.config["settings"]
        if not config.health_port:
            return
        socket = eventlet.listen((config.health_host, config.health_port))
        self._thread = self.container.spawn_managed_thread(
            lambda: eventlet.wsgi.server(socket, self._answer, log_output=False, keepalive=False, debug=False),
            identifier="health",
        )

    def stop(self):
        if self._thread:
            self._thread.kill()

    def checks(self) -> dict[str, str]:
        """Return each check with "ok" or what is wrong."""
        database = next(x for x in self.container.dependencies if isinstance(x, Database))
        engine = database.transactions.engine
        asked = {
            "database": lambda: _database(engine),
            "migrations": lambda: check_migrations(engine, self.container.service_name),
            "broker": lambda: broker.check(self.container.config["settings"].broker_url),
        }
        # Side by side, so that the answer comes in time where all of them are silent.
        answers = {name: eventlet.spawn(_check, probe) for name, probe in asked.items()}
        checks = {
            **{name: answer.wait() for name, answer in answers.items()},
            "writes": database.transactions.state,
            "relay": "ok" if database.relay.state in ("leading", "following") else database.relay.state,
        }
        for link in self.container.subextensions:
            if isinstance(link, Consumer | Answering):
                checks["consumer" if isinstance(link, Consumer) else "calls"] = link.state
        return checks

    def _answer(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path == "/metrics":
            self._measure()
            return make_wsgi_app()(environ, start_response)
        if path == "/live":
            return _json(start_response, "200 OK", {"status": "alive"})
        if path != "/health":
            return _json(start_response, "404 Not Found", {"status": "unknown path"})
        checks = self.checks()
        ready = set(checks.values()) == {"ok"}
        status = "200 OK" if ready else "503 Service Unavailable"
        return _json(start_response, status, {"status": "ready" if ready else "not ready", "checks": checks})

    def _measure(self):
        database = next(x for x in self.container.dependencies if isinstance(x, Database))
        try:
            with database.transactions.transaction(read_only=True) as store:
                measure(store)
        except Exception as error:
            log().warning("metrics_incomplete", error=type(error).__name__)


def measure(store) -> None:
    """Read lengths and ages of what waits in the database into the metrics."""
    row = store.row("SELECT count(*) AS n, coalesce(extract(epoch FROM now() - min(created_at)), 0) AS age FROM outbox")
    metrics.outbox_length.set(row["n"])
    metrics.outbox_age.set(float(row["age"]))
    rows = store.rows(
        """SELECT state, count(*) AS n, coalesce(extract(epoch FROM now() - min(created_at)), 0) AS age
           FROM set_aside WHERE state IN ('waiting', 'parked') GROUP BY state ORDER BY state"""
    )
    found = {row["state"]: row for row in rows}
    for state in ("waiting", "parked"):
        metrics.set_aside.labels(state).set(found[state]["n"] if state in found else 0)
        metrics.set_aside_age.labels(state).set(float(found[state]["age"]) if state in found else 0)


def _database(engine):
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT 1"))


def _check(probe) -> str:
    try:
        with eventlet.Timeout(4):
            probe()
        return "ok"
    except broker.Blocked as error:
        return str(error)
    except (Exception, eventlet.Timeout) as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}".rstrip(": ")


def _json(start_response, status, document):
    start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [json.dumps(document, ensure_ascii=False).encode()]
