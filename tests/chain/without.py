"""Take one mechanism away from a service of the chain: JINLIN_TEST_WITHOUT names it.

So a fault scenario can be shown to see that the mechanism is missing; tests/faults/test_switched_off.py does.
"""

import json
import re
from collections import OrderedDict

import amqp
import psycopg2
import psycopg2.extensions

from chassis import inbox, relay
from chassis.inbox import Inbox
from chassis.relay import Sender
from contracts import base
from contracts.base import REGISTRY, Unreadable


def the_inbox():
    """Every delivery counts as new."""
    remember = inbox._remember
    inbox._remember = lambda store, pairs: (_keys(pairs), remember(store, pairs)[1])


def waiting_behind():
    """Later events of a subject do not wait for an earlier one that failed."""
    remember = inbox._remember
    inbox._remember = lambda store, pairs: (remember(store, pairs)[0], set())


def taking_singly():
    """A batch in which one fails is set aside whole."""
    Inbox._take_one = lambda self, *event: self._set_aside(*event, "its batch failed", 1)


def counting_deaths():
    """What killed the process is handled again for ever."""
    Inbox._kills = lambda self, event_id: False


def parking():
    """What cannot be read is acked and forgotten."""
    Inbox._park_unreadable = lambda self, message, error: None


def reading_newer_events():
    """A field that is not known makes an event unreadable."""
    read = base.read

    def strict(body):
        envelope = read(body)
        unknown = set(json.loads(body)["data"]) - set(REGISTRY[envelope.event.type].__dataclass_fields__)
        if unknown:
            raise Unreadable(f"unknown fields {unknown}")
        return envelope

    base.read = strict


def acking_after_the_commit():
    """The broker forgets a message as soon as it is on its way."""
    consume, ack = amqp.Channel.basic_consume, amqp.Channel.basic_ack

    def consume_acked(self, queue="", *args, **options):
        self.acked = queue in ("middle", "sink")
        return consume(self, queue, *args, **{**options, "no_ack": self.acked or options.get("no_ack", False)})

    amqp.Channel.basic_consume = consume_acked
    amqp.Channel.basic_ack = lambda self, *args, **options: None if self.acked else ack(self, *args, **options)


def waiting_for_confirms():
    """The relay removes what it has written to the connection."""

    class Nobody(OrderedDict):
        def __setitem__(self, tag, type):
            pass

    begin = Sender.__init__

    def begin_careless(self, url):
        begin(self, url)
        self.waiting = Nobody()

    Sender.__init__ = begin_careless


def sending_before_removing():
    """The relay removes first, and sends what it has removed."""

    class Early(psycopg2.extensions.cursor):
        held = None

        def execute(self, sql, values=None):
            super().execute(sql, values)
            if _READ.search(_text(sql)):
                self.held = super().fetchall()
                super().execute("DELETE FROM outbox WHERE seq = ANY(%s)", ([row[0] for row in self.held],))
                self.connection.commit()

        def fetchall(self):
            held, self.held = self.held, None
            return super().fetchall() if held is None else held

    _use(Early)


def reading_what_is_there():
    """The relay reads on from the last place that it has seen, and so past what commits late."""

    class Onward(psycopg2.extensions.cursor):
        last, reads = 0, False

        def execute(self, sql, values=None):
            self.reads = bool(_READ.search(_text(sql)))
            super().execute(_READ.sub(f"FROM outbox WHERE seq > {Onward.last} ORDER BY seq", _text(sql)), values)

        def fetchall(self):
            rows = super().fetchall()
            if self.reads and rows:
                Onward.last = rows[-1][0]
            return rows

    _use(Onward)


def mandatory():
    """What no queue wants is confirmed and dropped."""
    relay._is_wanted = lambda type: False


def the_lock_of_the_leader():
    """Every relay thinks that it leads."""

    class Leading(psycopg2.extensions.cursor):
        def execute(self, sql, values=None):
            super().execute(_text(sql).replace("pg_try_advisory_lock(%s)", "%s > 0"), values)

    _use(Leading)


def knowing_that_the_clock_went_back():
    """An event whose time has become far away waits for it."""

    class Patient(psycopg2.extensions.cursor):
        def execute(self, sql, values=None):
            super().execute(re.sub(r"next_at > now\(\) \+ make_interval", "false AND \\g<0>", _text(sql)), values)

    _use(Patient)


MECHANISMS = {
    function.__name__: function
    for function in (
        the_inbox, waiting_behind, taking_singly, counting_deaths, parking, reading_newer_events,
        acking_after_the_commit, waiting_for_confirms, sending_before_removing, reading_what_is_there, mandatory,
        the_lock_of_the_leader, knowing_that_the_clock_went_back,
    )
}  # fmt: skip
_READ = re.compile(r"FROM outbox ORDER BY seq")


def take_away(name: str | None) -> None:
    """Take away what the name says, or nothing."""
    if name:
        MECHANISMS[name]()


def _keys(pairs):
    return {(listener.name, envelope.id) for listener, envelope, _ in pairs}


def _text(sql):
    return sql.decode() if isinstance(sql, bytes) else str(sql)


def _use(cursor):
    connect = psycopg2.connect
    psycopg2.connect = lambda *args, **options: connect(*args, **{**options, "cursor_factory": cursor})
