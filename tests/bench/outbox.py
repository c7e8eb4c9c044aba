"""How soon an event is on the exchange after its commit, and how fast the relay drains what waits.

*Commit to exchange*: commands at a steady rate, each of which makes one event, go to the running process. The time of
each commit is the database's own (track_commit_timestamp), which it takes before it flushes to the disk, so the flush
counts as well. Arrival is at a queue of the bench's own, bound to `jinlin.events`.

*Drain*: events wait in the outbox while the process is away; from the first to the last that is on the exchange. The bare loop
publishes the same bodies to the same exchange, 500 at a time, each time waiting for the broker's confirms.
"""

import argparse
import json
import os
import shutil
import sys
import threading
import time
import uuid
from contextlib import contextmanager
from statistics import median

import amqp

from chassis import broker, logs
from chassis.client import CALL_HEADER, Context
from chassis.database import Transactions, connect
from contracts.base import CONTENT_TYPE
from deploy.servers import Broker, Postgres
from tests.bench import scene
from tests.bench.pipe.usage import cpu_seconds
from tests.bench.pipe.wire import Confirms
from tests.chain.drive import MAKER, Chain
from tests.chain.services import ChainStore, NumberMade
from tests.conftest import PLACE
from tests.station import eventually

BATCH, TRANSACTION, WARM_UP = 500, 500, 1.0


class CommitTimes(Postgres):
    """A database server that knows when each transaction was committed."""

    def command(self):
        return [*super().command(), "-c", "track_commit_timestamp=on"]


class Observer(threading.Thread):
    """Notes when each event came by, and counts what the commands' answers say."""

    def __init__(self, url: str):
        super().__init__(daemon=True)
        self.connection = broker.connect(url, name="bench observer")
        channel = self.connection.channel()
        self.arrived: dict[str, float] = {}
        self.answers, self.refused, self.reply_to, self.told = 0, [], str(uuid.uuid4()), False
        for exchange, key, callback in (
            (broker.EVENTS, NumberMade.type, self._on_event),
            (broker.CALLS, self.reply_to, self._on_answer),
        ):
            queue = channel.queue_declare("", exclusive=True, auto_delete=True).queue
            channel.queue_bind(queue, exchange, key)
            channel.basic_consume(queue, no_ack=True, callback=callback)
        self.start()

    def run(self):
        while not self.told:
            try:
                self.connection.drain_events(timeout=0.1)
            except TimeoutError:
                self.connection.heartbeat_tick()
        self.connection.close()

    def _on_event(self, message):
        now = time.time()
        self.arrived.setdefault(json.loads(message.body)["subject"], now)

    def _on_answer(self, message):
        answer = json.loads(message.body)
        self.answers += 1
        if answer["error"] or "result" not in answer["result"]:
            self.refused.append(answer)

    def end(self):
        self.told = True
        self.join()


def commit_to_exchange(chain, rate: int, seconds: float) -> dict:
    """Have events made one by one at a rate; return how long after its commit each was on the exchange."""
    observer = Observer(chain.broker.url)
    connection = broker.connect(chain.broker.url, name="bench")
    channel = connection.channel()
    name, count = f"steady-{uuid.uuid4().hex[:8]}", int(rate * (WARM_UP + seconds))
    roots = {"source": [chain.processes["source"].pid], "database": [chain.postgres.pid], "broker": [chain.broker.pid]}
    before = cpu_seconds(roots)
    began = time.monotonic() + 0.05
    for number in range(count):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        channel.basic_publish(
            _command(f"{name}-{number}", observer.reply_to), broker.CALLS, "source.make", mandatory=True
        )
    eventually(lambda: observer.answers >= count and len(observer.arrived) >= count, within=60)
    took = time.monotonic() - began
    after = cpu_seconds(roots)
    observer.end()
    connection.close()
    assert not observer.refused, observer.refused[:3]
    rows = chain.rows(
        "source",
        """SELECT line, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS committed FROM lines
           WHERE line LIKE :name""",
        name=f"{name}-%",
    )
    committed = {row["line"]: row["committed"] for row in rows}
    warm = [f"{name}-{number}" for number in range(int(rate * WARM_UP), count)]
    times = [(observer.arrived[line] - committed[line]) * 1000 for line in warm]
    return {
        "events/s": rate,
        "achieved/s": round(count / took, 1),
        "p50 ms": round(scene.percentile(times, 0.5), 2),
        "p99 ms": round(scene.percentile(times, 0.99), 2),
        "longest ms": round(max(times), 1),
        **{f"{part} cores": round((after[part] - before[part]) / took, 2) for part in roots},
    }


def _command(line: str, reply_to: str) -> amqp.Message:
    context = Context(MAKER, line, time.time() + 30, line)
    return amqp.Message(
        json.dumps({"args": [], "kwargs": {"line": line, "count": 1, "what": None}}),
        content_type="application/json", content_encoding="utf-8", delivery_mode=1, reply_to=reply_to, correlation_id=line,
        application_headers={f"nameko.{CALL_HEADER}": context.to_header()},
    )  # fmt: skip


def leave_waiting(chain, count: int) -> list[str]:
    """Commit events while nobody relays them; return their bodies in the order of the outbox."""
    engine = connect(chain.database_url("source"), name="bench", pool_size=1)
    try:
        transactions = Transactions(engine, ChainStore)
        for number in range(0, count, TRANSACTION):
            with transactions.transaction() as store:
                store.next_numbers(f"waiting-{number // TRANSACTION % 50}", min(TRANSACTION, count - number))
    finally:
        engine.dispose()
    return [row["body"] for row in chain.rows("source", "SELECT body FROM outbox ORDER BY seq")]


@contextmanager
def counter(chain):
    """Give a function that tells how many events wait in the middle's queue, which is emptied first."""
    with broker.connect(chain.broker.url, name="bench") as connection:
        channel = connection.channel()
        channel.queue_purge("middle")
        yield lambda: channel.queue_declare("middle", passive=True).message_count


def drained(chain, count: int) -> float:
    """Start the process; return the rate between the first and the last event on the exchange."""
    with counter(chain) as there:
        chain.start("source", wait=False)
        first = eventually(there, within=60, every=0.005)
        began = time.monotonic()
        eventually(lambda: there() >= count, within=300, every=0.01)
        rate = (count - first) / (time.monotonic() - began)
    eventually(lambda: not chain.value("source", "SELECT count(*) FROM outbox"), within=30)
    chain.terminate("source")
    return rate


def published(chain, bodies: list[str]) -> float:
    """Publish bodies by a bare loop; return its rate."""
    with counter(chain), broker.connect(chain.broker.url, name="bench loop") as connection:
        confirms, began = Confirms(connection.channel()), time.monotonic()
        for number in range(0, len(bodies), BATCH):
            with connection.transport.corked():
                for body in bodies[number : number + BATCH]:
                    message = amqp.Message(body.encode(), content_type=CONTENT_TYPE, delivery_mode=2)
                    confirms.publish(message, broker.EVENTS, NumberMade.type)
            confirms.wait(connection)
        return len(bodies) / (time.monotonic() - began)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./test bench outbox", description=__doc__.split("\n\n")[0])
    parser.add_argument("--rate", type=int, default=500, help="events a second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--waiting", type=int, default=100_000, help="events to drain")
    parser.add_argument(
        "--rounds", type=int, default=3, help="of draining and the bare loop, in turn; medians are shown"
    )
    return parser.parse_args(sys.argv[2:])


def main():
    chosen = options()
    logs.configure("bench", "WARNING")
    folder = PLACE / f"bench-outbox-{os.getpid()}"
    try:
        with Broker(folder / "broker") as broker_, CommitTimes(folder / "postgres") as postgres:
            chain = Chain(broker_, postgres, folder / "logs")
            chain.migrate()
            try:
                chain.start("source")
                row = commit_to_exchange(chain, chosen.rate, chosen.seconds)
                chain.terminate("source")
                relay, bare = [], []
                for _ in range(chosen.rounds):
                    bodies = leave_waiting(chain, chosen.waiting)
                    relay.append(drained(chain, chosen.waiting))
                    bare.append(published(chain, bodies))
            finally:
                chain.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    scene.show(
        "outbox: from commit to exchange, and what waits",
        [row],
        p50_after_the_commit=f"{row['p50 ms']} ms (under 5)",
        p99_after_the_commit=f"{row['p99 ms']} ms (under 30)",
        waiting_events=chosen.waiting,
        relay_drains_per_second=round(median(relay)),
        bare_loop_publishes_per_second=round(median(bare)),
        relay_to_bare_loop=f"{median(relay) / median(bare):.2f} (at least 0.6)",
    )
