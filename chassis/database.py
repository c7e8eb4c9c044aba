"""A service's own database: transactions in which rows and events leave together, or not at all.

The events that a store publishes are written to the outbox by the transaction that it stands for.
"""

import json
import time
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import msgspec
import psycopg2
import sqlalchemy
from psycopg2.extras import Json
from sqlalchemy.exc import DisconnectionError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis import outbox
from contracts.base import Envelope, Event, enclose

ROOT = Path(__file__).parent.parent
HOMES = {"chassis": ROOT / "chassis"}  # of what is not in services/<name>
FRESH_SECONDS = 1.0
PAGE = 500  # rows in one round to the database
REFUSED_SECONDS = 10  # how long a refusal is told of; a consumer tries again more often than this


def connect(url: str, *, name: str, pool_size: int = 5, statement_timeout_ms: int = 15_000) -> sqlalchemy.Engine:
    """Return an engine whose sessions speak UTC and give up on what takes too long.

    A session that rested is looked after before it is used; one that was just used is not, because the
    question costs as much as the work itself, and whoever loses a session tries again anyway.
    """
    options = {
        "timezone": "UTC",
        "statement_timeout": statement_timeout_ms,
        "lock_timeout": 10_000,
        # The server too gives up a client that is gone, and with it the client's locks.
        "tcp_keepalives_idle": 10,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    engine = sqlalchemy.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_use_lifo=True,  # what was just used is warm
        pool_timeout=5,
        pool_recycle=1800,
        json_deserializer=msgspec.json.decode,
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
            "application_name": name,
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
        },
    )
    sqlalchemy.event.listen(engine, "checkin", _note_use)
    sqlalchemy.event.listen(engine, "checkout", _look_after)
    return engine


def _note_use(session, record):
    record.info["used"] = time.monotonic()


def _look_after(session, record, proxy):
    """Make the pool take another session where this one rested and does not answer any more."""
    if time.monotonic() - record.info.get("used", time.monotonic()) > FRESH_SECONDS:
        try:
            with session.cursor() as cursor:
                cursor.execute("SELECT 1")
            session.rollback()
        except psycopg2.Error as error:
            raise InvalidatePoolError("the session is gone") from error


def is_transient(error: BaseException) -> bool:
    """Tell whether the database was away, full or in contention, so that the same work may succeed later."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, psycopg2.Error) and original.pgcode:
        return original.pgcode[:2] in ("08", "40", "53", "58") or original.pgcode.startswith(("57P", "55P03"))
    return isinstance(original, (psycopg2.OperationalError, psycopg2.InterfaceError, PoolTimeout, DisconnectionError))


def is_too_slow(error: BaseException) -> bool:
    """Tell whether a statement was given up because it took too long; the same one may, or may always."""
    return getattr(getattr(error, "orig", None) or error, "pgcode", None) == "57014"


def is_out_of_resources(error: BaseException) -> bool:
    """Tell whether the database has no disk, no memory or no connection left."""
    return (getattr(getattr(error, "orig", None) or error, "pgcode", None) or "")[:2] in ("53", "58")


@lru_cache(maxsize=2000)
def _statement(sql: str):
    return sqlalchemy.text(sql)


def as_json(value) -> Json:
    """Pass a value to a jsonb column, Chinese left readable."""
    return Json(value, dumps=lambda document: json.dumps(document, ensure_ascii=False))


def check_migrations(engine, service: str) -> None:
    """Raise where the newest of the numbered migration files has not run on this database.

    Looks at file names, because Alembic would cost each process 20 MB.
    """
    with engine.connect() as connection:
        for owner, table in (("chassis", "migrations_of_chassis"), (service, "migrations_of_service")):
            newest = max(path.name for path in migrations_of(owner).glob("[0-9]*.py")).split("_")[0]
            found = connection.execute(sqlalchemy.text(f"SELECT version_num FROM {table}")).scalar()
            if found != newest:
                raise RuntimeError(f"{owner} is at migration {found}, not {newest}")


def migrations_of(owner: str) -> Path:
    """Return the folder of the numbered migrations of a service, or of the chassis."""
    return HOMES.get(owner, ROOT / "services" / owner) / "migrations"


class Store:
    """One open transaction. Subclasses add the service's SQL, under names of the domain."""

    def __init__(self, connection, *, caller=None, correlation_id=None, causation_id=None):
        self.connection = connection
        self.caller = caller
        self.correlation_id, self.causation_id = correlation_id, causation_id
        self.published: list[Envelope] = []
        self.told = False  # whether events were written to the outbox
        self._added: dict[tuple[str, ...], list[tuple]] = {}

    def insert(self, table: str, **values) -> None:
        """Add a row; rows of one table and kind are written together, before the next other statement or the commit."""
        self._added.setdefault((table, *values), []).append(tuple(values.values()))

    def rows(self, sql: str, **values) -> list[dict]:
        """Return every row as a dict."""
        return [dict(row) for row in self._run(sql, values).mappings()]

    def row(self, sql: str, **values) -> dict | None:
        """Return the first row as a dict, or none."""
        row = self._run(sql, values).mappings().first()
        return dict(row) if row else None

    def execute(self, sql: str, **values) -> int:
        """Carry out a statement; return how many rows it touched."""
        return self._run(sql, values).rowcount

    def page(self, sql: str, *, after: str | None, limit: int, **values) -> dict:
        """Return one page of a list, newest first: {"items": rows, "next": cursor or None}.

        The statement selects `id` (an ordered UUID) and ends in a condition, to which the key of the
        page, the order and the limit are added.
        """
        sql += " AND id < CAST(:after AS uuid)" if after else ""
        rows = self.rows(sql + " ORDER BY id DESC LIMIT :most", after=after, most=limit + 1, **values)
        more = len(rows) > limit
        return {"items": rows[:limit], "next": str(rows[limit - 1]["id"]) if more else None}

    def publish(self, *events: Event) -> None:
        """Let events leave when, and only if, this transaction commits."""
        self.published += [
            enclose(event, correlation_id=self.correlation_id, causation_id=self.causation_id) for event in events
        ]

    def flush(self) -> None:
        """Write what was added, and the events published so far to the outbox, so that they take no memory."""
        self.told = self.told or bool(self.published)
        for envelope in self.published:
            self.insert("outbox", **outbox.row(envelope))
        self.published = []
        self._write_added()

    def _run(self, sql, values):
        self._write_added()
        return self.connection.execute(_statement(sql), values)

    def _write_added(self):
        """Write rows in few statements, and few of those at a time to the database."""
        added, self._added = self._added, {}
        if added:
            with self.connection.connection.cursor() as cursor:
                statements, size = [], 0
                for (table, *columns), rows in added.items():
                    row = f"({', '.join(['%s'] * len(columns))})"
                    for part in (rows[at : at + PAGE] for at in range(0, len(rows), PAGE)):
                        values = b",".join(cursor.mogrify(row, each) for each in part)
                        statements.append(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ".encode() + values)
                        size += len(part)
                        if size >= PAGE:
                            cursor.execute(b";".join(statements))
                            statements, size = [], 0
                if statements:
                    cursor.execute(b";".join(statements))


class Transactions:
    """Opens a service's transactions; tells the relay when one has left events behind."""

    def __init__(self, engine, store_class=Store, on_published=lambda: None):
        self.engine, self.store_class, self.on_published = engine, store_class, on_published
        self._refusal, self._refused_at = "", 0.0

    @property
    def state(self) -> str:
        """Return "ok", or why the database would not write lately: reading alone does not show a full disk."""
        return self._refusal if self._refusal and time.monotonic() - self._refused_at < REFUSED_SECONDS else "ok"

    @contextmanager
    def transaction(self, *, read_only: bool = False, **context):
        """Open a store; commit at the end of the block, or undo everything where it raises."""
        try:
            with self.engine.connect() as connection:
                if read_only:
                    connection.execution_options(postgresql_readonly=True)
                with connection.begin():
                    store = self.store_class(connection, **context)
                    yield store
                    store.flush()
        except Exception as error:
            if is_out_of_resources(error):
                self._refusal, self._refused_at = type(getattr(error, "orig", None) or error).__name__, time.monotonic()
            raise
        if store.told:
            self.on_published()
