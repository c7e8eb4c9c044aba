"""The inbox: each listener handles each event once, however often it is delivered.

A batch of messages is one transaction: an inbox row for each (listener, event), the handlers' work,
and the events that they publish. When anything in it fails, the batch is undone and taken one by
one, so that only the culprit is set aside, with its error and the time of its next try. Later
events of the same subject wait behind it. After the last try it is parked for an operator; what
cannot be read is parked at once. All of this is in the service's database, so it outlives a broker.
"""

import hashlib
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis import metrics
from chassis.database import Transactions, as_json, is_transient
from chassis.logs import about, log
from contracts import base
from contracts.base import Envelope, Unreadable

DELAYS = (1, 10, 60, 600, 3600)  # seconds until the 2nd, 3rd … try; then it is parked
MOST_CRASHES = 3
KILLS = f"the process died {MOST_CRASHES} times while it handled this"
HISTORY = 20
_log = log()  # kept, because to make one costs more than a line

# Prepared once in each session: to plan it takes three times as long as to do it.
PREPARE = """
    PREPARE remember (text[], uuid[], text[]) AS
    WITH new AS (
        INSERT INTO inbox (listener, event_id) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING
        RETURNING listener, event_id)
    SELECT listener, event_id::text, NULL FROM new
    UNION ALL
    SELECT DISTINCT listener, NULL, subject FROM set_aside WHERE state = 'waiting' AND subject = ANY($3)"""
REMEMBER = "EXECUTE remember (%s, %s::uuid[], %s)"


@dataclass(frozen=True)
class Listener:
    """One handler: `handle(event, store)` is called inside an open transaction."""

    name: str
    type: str
    handle: Callable


@dataclass(frozen=True)
class Message:
    """What the broker delivered, not looked into yet."""

    body: bytes
    redelivered: bool = False
    id: str = ""
    type: str = ""


class Inbox:
    """Takes messages to the listeners of one service."""

    def __init__(self, transactions: Transactions, listeners: list[Listener]):
        self.transactions = transactions
        self.listeners: dict[str, list[Listener]] = {}
        for listener in listeners:
            self.listeners.setdefault(listener.type, []).append(listener)
        self.newest = time.time()  # when the newest event was published that came here
        self._begun: dict[str, bool] = {}

    def take(self, messages: list[Message]) -> None:
        """Bring messages to a lasting end: handled, set aside or parked. They can be acked after this.

        Raises only where the database is away; nothing is lost then, and the same messages may be
        taken again.
        """
        fresh, unreadable = [], []
        for message in messages:
            try:
                envelope = base.read(message.body)
                if envelope.event.type not in self.listeners:
                    raise Unreadable(f"nobody here listens to {envelope.event.type}")
            except Unreadable as error:
                unreadable.append((message, error))
                continue
            if message.redelivered:
                self._take_redelivered(envelope, message.body)
            else:
                fresh.append((envelope, message.body))
        for message, error in unreadable:
            self._park_unreadable(message, error)
        if fresh:
            self._take_batch(fresh)

    def retry_due(self) -> int:
        """Try again what was set aside and is due, oldest of each subject first; return how many."""
        tried = 0
        while self._retry_one():
            tried += 1
        return tried

    def _take_batch(self, batch):
        pairs = [
            (listener, envelope, body) for envelope, body in batch for listener in self.listeners[envelope.event.type]
        ]
        began = time.monotonic()
        try:
            with self.transactions.transaction() as store:
                handled = self._handle(store, pairs)
                metrics.steps.labels("handle").observe(time.monotonic() - began)
                began = time.monotonic()
        except Exception as error:
            if is_transient(error):
                raise
            log().info("batch_taken_singly", events=len(batch), error=describe(error))
            for pair in pairs:
                self._take_one(*pair)
        else:
            metrics.steps.labels("commit").observe(time.monotonic() - began)
            self._count(handled)

    def _take_one(self, listener: Listener, envelope: Envelope, body: bytes):
        try:
            with self.transactions.transaction() as store:
                handled = self._handle(store, [(listener, envelope, body)])
        except Exception as error:
            if is_transient(error):
                raise
            metrics.failed.labels(listener.name).inc()
            with about_event(envelope, listener):
                log().warning("event_set_aside", error=describe(error))
            self._set_aside(listener, envelope, body, describe(error), 1)
        else:
            self._count(handled)

    def _handle(self, store, pairs) -> list[tuple[Listener, Envelope]]:
        """Call the handlers of what is new, in order; return what was handled."""
        new, held_up = _remember(store, pairs)
        handled = []
        for listener, envelope, body in pairs:
            if (listener.name, envelope.id) not in new:
                metrics.repeated.labels(listener.name).inc()
                continue
            new.discard((listener.name, envelope.id))
            if (listener.name, envelope.event.subject) in held_up:
                _store_set_aside(store, listener, envelope, body, "waits behind an earlier event of its subject", 0)
            else:
                _call(store, listener, envelope)
                handled.append((listener, envelope))
        return handled

    def _count(self, handled):
        now = time.time()
        for name, count in Counter(listener.name for listener, _ in handled).items():
            metrics.handled.labels(name).inc(count)
        for _, envelope in handled:
            self.newest = datetime.fromisoformat(envelope.time).timestamp()
            metrics.event_age.observe(max(0.0, now - self.newest))

    def _take_redelivered(self, envelope: Envelope, body: bytes):
        """Take one message that was delivered before, perhaps to a process that died of it."""
        metrics.redelivered.inc()
        if self._kills(envelope.id):
            for listener in self.listeners[envelope.event.type]:
                self._set_aside(listener, envelope, body, KILLS, MOST_CRASHES, state="parked")
        else:
            self._take_batch([(envelope, body)])
        with self.transactions.transaction() as store:
            _forget_begun(store, envelope.id)
        self._begun.pop(envelope.id, None)

    def _kills(self, event_id: str) -> bool:
        """Write down that handling begins; tell whether processes have died of it too often.

        Counts once for a process, which may begin many times while the database comes and goes.
        """
        if event_id not in self._begun:
            with self.transactions.transaction() as store:
                times = store.row(
                    """INSERT INTO begun (event_id, times) VALUES (:id, 1)
                       ON CONFLICT (event_id) DO UPDATE SET times = begun.times + 1, begun_at = now()
                       RETURNING times""",
                    id=event_id,
                )["times"]
            self._begun[event_id] = times > MOST_CRASHES
        return self._begun[event_id]

    def _set_aside(self, listener, envelope, body, reason, attempts, state="waiting"):
        """Keep an event for another try, or parked, unless it was handled meanwhile."""
        with self.transactions.transaction() as store:
            new, _ = _remember(store, [(listener, envelope, body)])
            if new:
                _store_set_aside(store, listener, envelope, body, reason, attempts, state)
                if state == "parked":
                    metrics.parked.labels(listener.name).inc()

    def _park_unreadable(self, message: Message, error: Unreadable):
        log().error("event_unreadable", reason=str(error)[:500], bytes=len(message.body))
        fingerprint = hashlib.sha256(message.id.encode() + b"\0" + message.body).digest()
        with self.transactions.transaction() as store:
            metrics.parked.labels("unreadable").inc(
                store.execute(
                    """INSERT INTO set_aside (listener, event_id, type, subject, body, state, reason, history)
                       VALUES ('unreadable', :event_id, 'unknown', '', :body, 'parked', :reason, :history)
                       ON CONFLICT (listener, event_id) DO NOTHING""",
                    event_id=str(uuid.UUID(bytes=fingerprint[:16])),
                    body=message.body,
                    reason=str(error)[:2000],
                    history=as_json([_note(str(error)[:500])]),
                )
            )

    def _retry_one(self) -> bool:
        row, handled = None, []
        try:
            with self.transactions.transaction() as store:
                row = _lock_due(store)
                if row is None:
                    return False
                if self._kills(row["event_id"]):
                    self._try_later_or_park(store, row, KILLS, park=True)
                else:
                    envelope = base.read(bytes(row["body"]))
                    (listener,) = [x for x in self.listeners[envelope.event.type] if x.name == row["listener"]]
                    _call(store, listener, envelope)
                    store.execute("UPDATE set_aside SET state = 'done' WHERE id = :id", id=row["id"])
                    handled.append((listener, envelope))
                _forget_begun(store, row["event_id"])
        except Exception as error:
            if row is None or is_transient(error):
                raise
            metrics.failed.labels(row["listener"]).inc()
            with self.transactions.transaction() as store:
                self._try_later_or_park(store, row, describe(error))
                _forget_begun(store, row["event_id"])
        else:
            self._count(handled)
        self._begun.pop(row["event_id"], None)
        return True

    def _try_later_or_park(self, store, row, reason, *, park=False):
        attempts = row["attempts"] + 1
        state = "parked" if park or attempts > len(DELAYS) else "waiting"
        if state == "parked":
            metrics.parked.labels(row["listener"]).inc()
            log().error("event_parked", listener=row["listener"], subject=row["subject"], error=reason)
        store.execute(
            """UPDATE set_aside SET attempts = :attempts, state = :state, reason = :reason, history = :history,
                   next_at = now() + make_interval(secs => :delay)
               WHERE id = :id AND state = 'waiting'""",
            id=row["id"],
            attempts=attempts,
            state=state,
            reason=reason,
            history=as_json((row["history"] + [_note(reason)])[-HISTORY:]),
            delay=DELAYS[min(attempts, len(DELAYS)) - 1],
        )


def describe(error: BaseException) -> str:
    """Return the kind of an error and where it arose; its own words may hold private data, so they are left out."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/services/" in frame.filename] or frames
    place = f" in {ours[-1].name}, line {ours[-1].lineno}" if ours else ""
    detail = getattr(error, "slug", "") or getattr(getattr(error, "orig", None), "pgcode", "") or ""
    return f"{type(error).__name__}{' ' + detail if detail else ''}{place}"


def about_event(envelope: Envelope, listener: Listener) -> about:
    """Put an event's ids on every log line inside the block."""
    return about(
        correlation_id=envelope.correlation_id,
        event_id=envelope.id,
        type=envelope.event.type,
        subject=envelope.event.subject,
        listener=listener.name,
    )


def _call(store, listener: Listener, envelope: Envelope):
    store.correlation_id, store.causation_id = envelope.correlation_id, envelope.id
    with about_event(envelope, listener):
        listener.handle(envelope.event, store)
        _log.info("event_handled")


def _remember(store, pairs) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Write inbox rows; return what was not there before, and what waits behind an earlier event.

    The former as (listener, event id), the latter as (listener, subject); one statement, one way to the database.
    """
    keys = sorted({(listener.name, envelope.id) for listener, envelope, _ in pairs})
    subjects = sorted({envelope.event.subject for _, envelope, _ in pairs})
    with store.connection.connection.cursor() as cursor:
        if not store.connection.info.get("remembers"):
            cursor.execute(PREPARE)
            store.connection.info["remembers"] = True
        cursor.execute(REMEMBER, ([listener for listener, _ in keys], [id for _, id in keys], subjects))
        rows = cursor.fetchall()
    new = {(listener, event_id) for listener, event_id, _ in rows if event_id}
    return new, {(listener, subject) for listener, event_id, subject in rows if not event_id}


def _lock_due(store) -> dict | None:
    """Return an event whose next try is due, the first of its subject; nobody else takes it meanwhile.

    One that is further away than its own delay is due too: the clock was set back since.
    """
    return store.row(
        """SELECT id, listener, event_id::text, subject, body, attempts, history FROM set_aside AS first
           WHERE state = 'waiting'
             AND (next_at <= now() OR next_at > now() + make_interval(secs => (CAST(:delays AS int[]))[attempts + 1]))
             AND NOT EXISTS (
               SELECT FROM set_aside AS earlier
               WHERE earlier.state = 'waiting' AND earlier.listener = first.listener
                 AND earlier.subject = first.subject AND earlier.id < first.id)
           ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED""",
        delays=[0, *DELAYS],
    )


def _forget_begun(store, event_id: str) -> None:
    store.execute("DELETE FROM begun WHERE event_id = :id", id=event_id)


def _store_set_aside(store, listener, envelope, body, reason, attempts, state="waiting"):
    store.execute(
        """INSERT INTO set_aside
               (listener, event_id, type, subject, body, state, attempts, reason, history, next_at)
           VALUES (:listener, :event_id, :type, :subject, :body, :state, :attempts, :reason, :history,
                   now() + make_interval(secs => :delay))
           ON CONFLICT (listener, event_id) DO NOTHING""",
        listener=listener.name,
        event_id=envelope.id,
        type=envelope.event.type,
        subject=envelope.event.subject,
        body=body,
        state=state,
        attempts=attempts,
        reason=reason,
        history=as_json([_note(reason)]),
        delay=DELAYS[0] if attempts else 0,
    )


def _note(reason: str) -> dict:
    return {"at": datetime.now(UTC).isoformat(timespec="seconds"), "reason": reason}

