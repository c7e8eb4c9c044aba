"""A process that dies at a step of its own: JINLIN_TEST_DIES_AT=step kills it the first time that it comes there.

The steps are seen from outside, by what is said to the database and to the broker, so that the code
under test knows nothing of them.
"""

import os
import signal

import amqp
import psycopg2
from psycopg2.extensions import connection, cursor

from chassis import broker
from chassis.inbox import Inbox

RELAY = ("rows read", "first published", "last published", "confirmed", "removed")
LISTENER = ("received", "inbox written", "handled", "outbox written", "committed", "acked")

# Statements, and the steps before them, after them and after the commit of their transaction.
STATEMENTS = {
    "DELETE FROM outbox": ("confirmed", "removed", None),
    "FROM outbox ORDER BY seq": (None, "rows read", None),
    "EXECUTE remember": (None, "inbox written", "committed"),
    "INSERT INTO effects": ("handled", "outbox written", None),
}

_chosen = None
_batch = {"rows": 0, "published": 0}


def prepare(step: str | None) -> None:
    """Make this process die at a step; without one, leave everything as it is."""
    global _chosen
    if not step:
        return
    if step not in RELAY + LISTENER:
        raise SystemExit(__doc__)
    _chosen = step
    original = psycopg2.connect
    psycopg2.connect = lambda *a, **k: original(*a, connection_factory=_Connection, cursor_factory=_Cursor, **k)
    Inbox.take = _before("received", Inbox.take)
    amqp.Channel.basic_ack = _after("acked", amqp.Channel.basic_ack)
    amqp.Channel.basic_publish = _counted(amqp.Channel.basic_publish)


def _comes_to(step, transport=None):
    if step == _chosen:
        if transport:  # what is held back to be sent in one piece may have left in part
            transport.sock.sendall(b"".join(transport._corked or []))
        os.kill(os.getpid(), signal.SIGKILL)


class _Connection(connection):
    said = frozenset()

    def commit(self):
        said, self.said = self.said, frozenset()
        super().commit()
        for words in said:
            _comes_to(STATEMENTS[words][2])


class _Cursor(cursor):
    def execute(self, statement, values=None):
        text = statement.decode() if isinstance(statement, bytes) else str(statement)
        words = next((words for words in STATEMENTS if words in text), None)
        if words is None:
            return super().execute(statement, values)
        _comes_to(STATEMENTS[words][0])
        result = super().execute(statement, values)
        if self.rowcount:
            if "FROM outbox ORDER BY seq" in text:
                _batch.update(rows=self.rowcount, published=0)
            self.connection.said |= {words}
            _comes_to(STATEMENTS[words][1])
        return result


def _before(step, function):
    def changed(*args, **kwargs):
        _comes_to(step)
        return function(*args, **kwargs)

    return changed


def _after(step, function):
    def changed(*args, **kwargs):
        result = function(*args, **kwargs)
        _comes_to(step)
        return result

    return changed


def _counted(publish):
    def changed(self, message, exchange="", *args, **kwargs):
        result = publish(self, message, exchange, *args, **kwargs)
        if exchange == broker.EVENTS:
            _batch["published"] += 1
            if _batch["published"] == 1:
                _comes_to("first published", self.connection.transport)
            if _batch["published"] == _batch["rows"]:
                _comes_to("last published", self.connection.transport)
        return result

    return changed
