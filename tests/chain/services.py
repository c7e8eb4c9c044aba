"""The services of the chain: numbers of a line are made in order, and every hop writes down what came to it.

What a number carries in `what` makes its handler misbehave: "dies", "fails", "fails 3" (so often), "takes 10".
JINLIN_TEST_FAILS=0.1 makes one in ten of all tries fail at random, but no number more than MOST_FAILURES times.
With JINLIN_TEST_VERSION=newer a process is of a version whose event has a field more.
"""

import os
import random
import time
from collections import Counter
from pathlib import Path

import eventlet
from marshmallow import fields

from chassis import database
from chassis.database import Store
from chassis.dependencies import Database
from chassis.health import Health
from chassis.listen import listen
from chassis.rpc import command
from contracts.base import Event, event
from contracts.fields import Call, Count, Text, View

FAILS = float(os.environ.get("JINLIN_TEST_FAILS", "0"))
NEWER = os.environ.get("JINLIN_TEST_VERSION") == "newer"
MOST_FAILURES = 4  # a number that fails five tries and one would rightly be parked
failures = Counter()


@event("source", "number.made.v1", subject="line", public=False)
class NumberMade(Event):
    """A line has its next number, which is its version; `made_at` in seconds since 1970."""

    line: str
    made_at: float
    what: str | None = None
    if NEWER:
        note: str = "of the newer version"


@event("source", "number.made.v2", subject="line", public=False)
class NumberMadeV2(Event):
    """As before; says when as ticks, whole thousandths of a second since 1970, and what kind of line it is."""

    line: str
    kind: str
    ticks: int


@event("middle", "number.passed.v1", subject="line", public=False)
class NumberPassed(Event):
    """A number came through the middle."""

    line: str
    made_at: float


class NewNumbers(Call):
    line = Text(required=True, most=80)
    count = Count(required=True)
    what = Text(load_default=None, allow_none=True, most=20)


class LineView(View):
    line = fields.String(required=True)
    number = fields.Integer(required=True)


class ChainStore(Store):
    """Lines and effects."""

    def next_numbers(self, line: str, count: int, what: str | None = None) -> int:
        """Publish the next numbers of a line, whose row is locked meanwhile; return the last."""
        last = self.row(
            """INSERT INTO lines VALUES (:line, :count) ON CONFLICT (line) DO UPDATE SET number = lines.number + :count
               RETURNING number""",
            line=line,
            count=count,
        )["number"]
        now = time.time()
        self.publish(*[NumberMade(version=n, line=line, made_at=now, what=what) for n in range(last - count + 1, last + 1)])
        return last


def fail(event, most: int) -> None:
    """Raise, unless the number has failed so often already."""
    if failures[event.line, event.version] < most:
        failures[event.line, event.version] += 1
        raise RuntimeError("as it was told")


class SourceService:
    """Makes numbers."""

    name = "source"

    db = Database(ChainStore)
    health = Health()

    @command(takes=NewNumbers, returns=LineView, roles=("maker",))
    def make(self, store, line, count, what):
        return {"line": line, "number": store.next_numbers(line, count, what)}


class MiddleService:
    """Passes numbers on."""

    name = "middle"

    db = Database(ChainStore)
    health = Health()

    @listen(NumberMade)
    def on_number_made(self, event, store):
        if event.what == "dies":
            os._exit(9)
        if event.what and event.what.startswith("takes"):
            eventlet.sleep(float(event.what.split()[1]))
        if FAILS and random.random() < FAILS:
            fail(event, MOST_FAILURES)
        if event.what and event.what.startswith("fails "):
            fail(event, int(event.what.split()[1]))
        store.insert("effects", line=event.line, number=event.version)
        store.publish(NumberPassed(version=event.version, line=event.line, made_at=event.made_at))
        if event.what == "fails" and not os.environ.get("JINLIN_TEST_MENDED"):
            raise RuntimeError("as it was told")

    @listen(NumberMadeV2)
    def on_number_made_v2(self, event, store):
        store.insert("effects", line=event.line, number=event.version)
        store.publish(NumberPassed(version=event.version, line=event.line, made_at=event.ticks / 1000))


class SinkService:
    """Keeps numbers."""

    name = "sink"

    db = Database(ChainStore)
    health = Health()

    @listen(NumberPassed)
    def on_number_passed(self, event, store):
        store.insert("effects", line=event.line, number=event.version)


SERVICES = {service.name: service for service in (SourceService, MiddleService, SinkService)}
for name in SERVICES:
    database.HOMES[name] = Path(__file__).parent
