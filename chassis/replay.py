"""History once more: takes the events of the public stream to a service's own listeners.

For a database that came back from a backup, for a listener that is newer than its events, and for a
projection that is built anew. Every event goes through the inbox, so what was handled is not handled
again unless it is to be forgotten first; versions keep what is live from being overwritten by what
was. May run beside the service, and again after an interruption.
"""

import time
from datetime import UTC, datetime, timedelta

from nameko.containers import ServiceContainer

from chassis import broker, tidy
from chassis.dependencies import Database
from chassis.inbox import Inbox
from chassis.listen import Listen, message_of
from chassis.wire import drain

BATCH = 500
PREFETCH = 2000
SILENCE_SECONDS = 10


class Incomplete(Exception):
    """The stream fell silent before its end; what was read is kept, and a second run reads on."""


def replay(service_class, settings, *, names=(), since: datetime | None = None, again=False, quiet=False, tell=None) -> dict:
    """Take the stream's events since a moment to the listeners of these names, or to all; return what was done.

    `since` is 13 weeks ago where it is not given, which is as long as the inbox remembers; for more,
    name the listeners. `again` makes the inbox forget what they handled. With `quiet`, what handlers
    publish is not published. `tell` is called with the counts now and then.

    Raises ValueError for a name that no listener has and for a moment before what the inbox remembers,
    Incomplete, OSError or AMQPError where the broker fails, and SQLAlchemyError where the database does.
    """
    remembered = datetime.now(UTC) - timedelta(seconds=tidy.WEEK * tidy.KEPT_WEEKS)
    if not names and since and since < remembered:
        raise ValueError(f"without names of listeners, not before {remembered:%Y-%m-%d}: the inbox forgets what is older")
    inbox = _inbox(service_class, settings, names, quiet)
    if again:
        with inbox.transactions.transaction() as store:
            store.execute("DELETE FROM inbox WHERE listener = ANY(:names)", names=sorted(_names(inbox)))
    counts = {"read": 0, "taken": 0}
    with broker.connect(settings.broker_url, name=f"jinlin replay {service_class.name}") as connection:
        last = _last_offset(connection)
        if last is not None:
            _read(connection, inbox, since or remembered, last, counts, tell or (lambda counts: None))
    return counts


def _read(connection, inbox, since, last, counts, tell):
    waiting, read, told = [], 0, time.monotonic()
    channel = _consume(connection, since, waiting.append)
    heard = time.monotonic()
    while read <= last:
        if drain(connection, 1):
            heard = time.monotonic()
        elif time.monotonic() - heard > SILENCE_SECONDS:
            raise Incomplete(f"no event for {SILENCE_SECONDS} s at {read} of {last}")
        while len(waiting) >= BATCH or (waiting and _offset(waiting[-1]) >= last):
            batch, waiting[:] = waiting[:BATCH], waiting[BATCH:]
            wanted = [m for m in map(message_of, batch) if m.type in inbox.listeners]
            inbox.take(wanted)
            channel.basic_ack(batch[-1].delivery_tag, multiple=True)
            read = _offset(batch[-1]) + 1
            counts["read"] += len(batch)
            counts["taken"] += len(wanted)
            if time.monotonic() - told > 5:
                told = time.monotonic()
                tell(counts)
            connection.heartbeat_tick()


def _last_offset(connection) -> int | None:
    """Return the offset of the newest event in the stream, or none while it is empty."""
    found = []
    channel = _consume(connection, "last", found.append)
    until = time.monotonic() + SILENCE_SECONDS / 5
    while time.monotonic() < until:
        if drain(connection, 0.2):
            until = time.monotonic() + 0.5
    channel.close()
    return max(map(_offset, found), default=None)


def _consume(connection, offset, callback):
    channel = connection.channel()
    channel.basic_qos(0, PREFETCH, False)
    channel.basic_consume(broker.HISTORY, callback=callback, arguments={"x-stream-offset": offset})
    return channel


def _offset(delivered) -> int:
    return delivered.headers["x-stream-offset"]


def _inbox(service_class, settings, names, quiet) -> Inbox:
    container = ServiceContainer(service_class, {"settings": settings})
    for dependency in container.dependencies:
        dependency.setup()
    database = next(x for x in container.dependencies if isinstance(x, Database))
    transactions = database.transactions
    transactions.on_published = lambda: None  # the service's own relay sends
    if quiet:
        transactions.store_class = type("Quiet", (transactions.store_class,), {"publish": lambda self, *events: None})
    listeners = [x.description(container) for x in container.entrypoints if isinstance(x, Listen)]
    unknown = set(names) - {listener.name for listener in listeners}
    if unknown:
        raise ValueError(f"{service_class.name} has no listener {', '.join(sorted(unknown))}")
    return Inbox(transactions, [listener for listener in listeners if not names or listener.name in names])


def _names(inbox) -> set[str]:
    return {listener.name for listeners in inbox.listeners.values() for listener in listeners}
