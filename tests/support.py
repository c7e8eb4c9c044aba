"""What many tests need: a service on a real database without a process of its own around it."""

import itertools
import json
import threading
from datetime import datetime
from types import SimpleNamespace

import sqlalchemy
from nameko.extensions import DependencyProvider
from sqlalchemy.engine import make_url

from chassis import every, migrate
from chassis.client import Caller, Context
from chassis.database import Transactions, connect
from chassis.dependencies import BoundDatabase, Database
from chassis.inbox import Inbox, Listener, Message
from chassis.listen import Listen
from chassis.rpc import carry_out
from chassis.settings import Settings
from contracts.base import Envelope, enclose, read

DATA_KEYS = (("t1", b"0123456789abcdef0123456789abcdef"),)
INDEX_KEY = b"fedcba9876543210fedcba9876543210"
WORKER = Caller("0190a000-0000-7000-8000-000000000001", ("social_worker",))
OFFICE = Caller("0190a000-0000-7000-8000-000000000002", ("office",))
_numbers = itertools.count(1)
_setting_up = threading.Lock()  # of what the tests' threads share
_templates: dict[tuple[str, str], str] = {}


def database(postgres, service: str) -> str:
    """Return the URL of a fresh, migrated database of a service; copied from a template, so it is quick."""
    admin = connect(postgres.admin_url, name="tests", pool_size=1, statement_timeout_ms=120_000).execution_options(
        isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        template = _templates.get((postgres.admin_url, service))
        if template is None:
            template = f"template_{service}_{next(_numbers)}"
            _statement(connection, f"DROP DATABASE IF EXISTS {template}")
            _statement(connection, f"CREATE DATABASE {template} TEMPLATE template0 ENCODING 'UTF8'")
            migrate.upgrade(_url(postgres, template), service)
            _templates[postgres.admin_url, service] = template
        name = f"test_{service}_{next(_numbers)}"
        _statement(connection, f"DROP DATABASE IF EXISTS {name}")
        _statement(connection, f"CREATE DATABASE {name} TEMPLATE {template}")
    admin.dispose()
    return _url(postgres, name)


def settings(url: str = "", broker_url: str = "") -> Settings:
    """Return the settings of a service process in a test."""
    return Settings(broker_url, url, "127.0.0.1", 0, "INFO", DATA_KEYS, INDEX_KEY, 10)


def transactions(service_class, url: str) -> Transactions:
    """Return what opens a service's transactions on a database."""
    provider = next(x for x in vars(service_class).values() if isinstance(x, Database))
    return Transactions(connect(url, name="tests", pool_size=2), provider.store_class)


def service(service_class, url: str):
    """Return a service whose dependencies are there as they are in its process."""
    instance = service_class()
    container = SimpleNamespace(config={"settings": settings(url)}, service_name=service_class.name)
    for name, provider in vars(service_class).items():
        if isinstance(provider, Database):
            instance.db = BoundDatabase(transactions(service_class, url), {})
        elif isinstance(provider, DependencyProvider) and type(provider).__name__ == "Keys":
            with _setting_up:
                provider.container = container
                provider.setup()
                setattr(instance, name, provider.get_dependency(None))
                provider.container = None
    return instance


def call(service_class, url: str, method: str, /, caller: Caller = WORKER, key: str | None = None, **arguments):
    """Call a command or query as the gateway would; return its result or raise its refusal."""
    instance = service(service_class, url)
    try:
        return carry_out(
            instance, getattr(service_class, method).spec, Context(caller, "test", key=key), json_ready(arguments)
        )
    finally:
        instance.db.transactions.engine.dispose()


def hears(service_class, url: str, *events, times: int = 1) -> None:
    """Deliver events to a service, each as often as said and with the same id."""
    bodies = [enclose(event).to_json().encode() for event in events]
    inbox = inbox_of(service_class, url)
    for _ in range(times):
        inbox.take([Message(body) for body in bodies])
    inbox.transactions.engine.dispose()


def inbox_of(service_class, url: str) -> Inbox:
    """Return the inbox of a service."""
    instance = service(service_class, url)
    listeners = [
        Listener(name, entrypoint.event.type, getattr(instance, name))
        for name in dir(service_class)
        for entrypoint in getattr(getattr(service_class, name), "nameko_entrypoints", ())
        if isinstance(entrypoint, Listen)
    ]
    return Inbox(instance.db.transactions, listeners)


def does(service_class, url: str, duty: str, now: datetime) -> int:
    """Do a duty of a service as often as there is work at this moment; return how often that was."""
    instance = service(service_class, url)
    rounds = 1
    while every.carry_out(instance, duty, instance.db.transactions, now):
        rounds += 1
    instance.db.transactions.engine.dispose()
    return rounds


def published(url: str, kind=None) -> list[Envelope]:
    """Return what waits in the outbox, in order; only events of one class where it is given."""
    found = [read(row["body"]) for row in rows(url, "SELECT body FROM outbox ORDER BY seq")]
    return [envelope for envelope in found if kind is None or type(envelope.event) is kind]


def rows(url: str, sql: str, /, **values) -> list[dict]:
    """Return what a statement finds in a database."""
    engine = connect(url, name="tests", pool_size=1)
    with engine.begin() as connection:
        result = connection.execute(sqlalchemy.text(sql), values)
        found = [dict(row) for row in result.mappings()] if result.returns_rows else []
    engine.dispose()
    return found


def json_ready(document):
    """Return arguments as they come out of JSON."""
    return json.loads(json.dumps(document, default=str))


def _statement(connection, sql):
    connection.exec_driver_sql(sql)


def _url(postgres, name):
    return make_url(postgres.admin_url).set(database=name).render_as_string(hide_password=False)
