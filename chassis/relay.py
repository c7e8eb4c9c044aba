"""The relay: sends what is in the outbox, ordered by `seq`, and removes what the broker has confirmed.

So an event may be sent twice (with the same id) but is never lost.

One relay leads, by an advisory lock on its own database session, whatever number of processes there
are. It is woken in process at each commit, and polls for what other processes left behind.
"""

import time
from collections import Counter, OrderedDict

import amqp
import eventlet
import psycopg2
from eventlet.event import Event as Signal
from nameko.extensions import SharedExtension
from sqlalchemy.exc import SQLAlchemyError

from chassis import broker, metrics, tidy
from chassis.link import BEAT_SECONDS
from chassis.logs import log
from chassis.wire import drain
from contracts.base import CONTENT_TYPE, REGISTRY

LEADER_LOCK = 0x6A696E6C  # "jinl"
BATCH = 500
POLL_SECONDS = 0.05
IDLE_LEADER_SECONDS = 1.0
CONFIRM_SECONDS = 30  # without a single confirm
FINISH_SECONDS = 5
TIDY_SECONDS = 3600
# A leader that says nothing to the database for so long, as one whose machine stands still, loses its session and lead.
SILENT_LEADER = "30s"
SAY_SECONDS = 5

# What is forgotten of a removal, because nobody waits for the disk, is sent once more under the same id.
LEAD = f"""SET synchronous_commit TO off;
           SELECT set_config(name, '{SILENT_LEADER}', false) FROM pg_settings WHERE name = 'idle_session_timeout'"""
REMOVE = "DELETE FROM outbox WHERE seq = ANY(%s);"
READ = """SELECT seq, event_id::text, type, body, extract(epoch FROM created_at)::float8
          FROM outbox ORDER BY seq LIMIT %s"""


class Unconfirmed(Exception):
    """The broker did not take everything; what it did not confirm is still in the outbox."""


class Sender:
    """A channel to the broker on which every message is confirmed, or is known not to be."""

    def __init__(self, url: str):
        self.connection = broker.connect(url, name="jinlin relay")
        self.channel = self.connection.channel()
        self.channel.confirm_select()
        self.channel.events["basic_ack"].add(self._on_ack)
        self.channel.events["basic_nack"].add(self._on_nack)
        self.channel.events["basic_return"].add(self._on_return)
        self.tag = 0
        self.waiting: OrderedDict[int, str] = OrderedDict()
        self.nacked = False
        self.unwanted: dict[str, str] = {}

    def send(self, rows, meanwhile=lambda: None) -> None:
        """Publish rows of (seq, event_id, type, body) and wait until the broker has confirmed all of them.

        `meanwhile` is called every few seconds. Raises Unconfirmed where one was refused or returned, or where the
        broker is silent too long; OSError or AMQPError where the connection broke. The sender is of no use after that.
        """
        self.unwanted.clear()
        with self.connection.transport.corked():
            for _, event_id, type, body in rows:
                message = amqp.Message(
                    body.encode(), content_type=CONTENT_TYPE, delivery_mode=2, message_id=event_id, type=type
                )
                self.channel.basic_publish(message, broker.EVENTS, type, mandatory=_is_wanted(type))
                self.tag += 1
                self.waiting[self.tag] = type
        heard, waiting = time.monotonic(), len(self.waiting)
        while self.waiting and not self.nacked:
            if not drain(self.connection, SAY_SECONDS):
                self.connection.heartbeat_tick()
                meanwhile()
            if len(self.waiting) < waiting:
                heard, waiting = time.monotonic(), len(self.waiting)
            elif time.monotonic() - heard > CONFIRM_SECONDS:
                raise Unconfirmed(self.connection.blocked or "the broker is silent")
        if self.unwanted:
            for type in self.unwanted.values():
                metrics.returned.labels(type).inc()
            raise Unconfirmed(f"no queue is bound to {sorted(set(self.unwanted.values()))}")
        if self.nacked:
            raise Unconfirmed("the broker refused a message")

    def beat(self) -> None:
        """Keep an idle connection alive and notice a dead one. Raises OSError or AMQPError."""
        drain(self.connection, 0.001)
        self.connection.heartbeat_tick()

    def close(self) -> None:
        try:
            self.connection.collect()
        except Exception as error:  # it is being thrown away because it is broken
            log().debug("relay_connection_close_failed", error=repr(error))

    def _on_ack(self, tag, multiple):
        if multiple:
            while self.waiting and next(iter(self.waiting)) <= tag:
                self.waiting.popitem(last=False)
        else:
            self.waiting.pop(tag, None)

    def _on_nack(self, tag, multiple):
        self.nacked = True

    def _on_return(self, error, exchange, routing_key, message):
        self.unwanted[message.properties["message_id"]] = routing_key


def _is_wanted(type: str) -> bool:
    """Tell whether somebody must take an event of a type; what is only for watchers may find nobody."""
    known = REGISTRY.get(type)
    return known is None or known.heard or known.public


class Relay(SharedExtension):
    """Sends what is in the outbox while it leads; follows quietly while another process does."""

    engine = None

    def __init__(self):
        self._signal = Signal()
        self._stopping = False
        self._sender = self._lead = self._thread = None
        self._confirmed: list[int] = []  # sent, and still to be removed
        self.state = "starting"

    def start(self):
        self._thread = self.container.spawn_managed_thread(self._run, identifier="relay")

    def stop(self):
        """Send what this process's last transactions left, then let another relay lead."""
        self._stopping = True
        self.wake()
        if self._thread:
            with eventlet.Timeout(FINISH_SECONDS, False):
                self._thread.wait()
            # First the thread: to close a session in which another thread waits stops the whole process for good.
            self._thread.kill()
        self._drop()

    def wake(self) -> None:
        """Say that there is something to send; called after each commit that published."""
        if not self._signal.ready():
            self._signal.send()

    def _run(self):
        pause = 0.1
        while not (self._stopping and self._lead is None):
            try:
                sent = self._turn()
                pause = 0.1
                if self._stopping and sent < BATCH:
                    # What others commit meanwhile is for the next leader.
                    self._remove_confirmed()
                    return
                if sent < BATCH:
                    self._sleep(POLL_SECONDS if self._lead else IDLE_LEADER_SECONDS)
            except (OSError, amqp.exceptions.AMQPError, SQLAlchemyError, psycopg2.Error, Unconfirmed) as error:
                self.state = f"cannot send: {error if isinstance(error, Unconfirmed) else type(error).__name__}"
                metrics.interruptions.labels("relay").inc()
                log().warning("relay_interrupted", error=repr(error), again_in=pause)
                self._drop()
                if self._stopping:
                    return
                eventlet.sleep(pause)
                pause = min(pause * 2, 2.0)

    def _turn(self) -> int:
        if not self._leads():
            self.state = "following"
            return 0
        self._look_after_things()
        if self._sender is None:
            self._sender = Sender(self.container.config["settings"].broker_url)
        with metrics.steps.labels("relay_read").time():
            rows = self._say(REMOVE + READ, self._confirmed, BATCH) if self._confirmed else self._say(READ, BATCH)
        self._confirmed = []
        self.state = "leading"
        metrics.outbox_age.set(max(0.0, time.time() - rows[0][4]) if rows else 0)
        metrics.outbox_length.set(len(rows))
        if rows:
            with metrics.steps.labels("relay_send").time():
                self._sender.send([row[:4] for row in rows], meanwhile=lambda: self._say("SELECT 1"))
            self._confirmed = [row[0] for row in rows]
            self._count(rows)
        return len(rows)

    def _remove_confirmed(self):
        if self._confirmed:
            self._say(REMOVE + READ, self._confirmed, 0)
            self._confirmed = []

    def _say(self, statement, *values) -> list[tuple]:
        """Say something to the database in the leader's session, where each saying is a transaction."""
        with self._lead.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    @staticmethod
    def _count(rows):
        now = time.time()
        for type, count in Counter(row[2] for row in rows).items():
            metrics.published.labels(type).inc(count)
        metrics.relay_batch.observe(len(rows))
        for row in rows:
            metrics.publish_delay.observe(max(0.0, now - row[4]))

    def _leads(self) -> bool:
        """Hold the lock on a database session of our own; the lock is gone when the session is."""
        if self._lead is None:
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            with connection.connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", (LEADER_LOCK,))
                (leads,) = cursor.fetchone()
                if leads:
                    cursor.execute(LEAD)
            if not leads:
                connection.close()
                metrics.leading.set(0)
                return False
            self._lead = connection
            self._tidy(tidy.prepare)
            self._beaten = self._tidied = time.monotonic()
            metrics.leading.set(1)
            log().info("relay_leads")
        return True

    def _look_after_things(self):
        now = time.monotonic()
        if self._sender and now - self._beaten > BEAT_SECONDS:
            self._beaten = now
            self._sender.beat()
        if now - self._tidied > TIDY_SECONDS:
            self._tidied = now
            self._tidy(tidy.prepare, tidy.forget)

    def _tidy(self, *works):
        """Keep house; where somebody is in the way, there is a next time."""
        try:
            with self.engine.connect() as connection:
                for work in works:
                    work(connection.connection)
        except (SQLAlchemyError, psycopg2.Error) as error:
            log().warning("tidying_put_off", error=type(error).__name__)

    def _sleep(self, seconds):
        with eventlet.Timeout(seconds, False):
            self._signal.wait()
        self._signal = Signal()

    def _drop(self):
        metrics.leading.set(0)
        if self._sender:
            self._sender.close()
        if self._lead:
            # The session ends here, so the lock cannot stay behind in a pooled connection.
            self._lead.invalidate()
            self._lead.close()
        self._sender = self._lead = None
