"""A million events through one service: what its tables and its process grow to, and what forgetting gives back.

Events are put into the queue of the chain's middle while it works; at every step, when all have come through, the sizes
of its tables with their indexes are taken (pg_total_relation_size) and the memory of its process (VmRSS). Every other
event has an id of the week before, so that two partitions of the inbox fill; in the end it forgets as if that week were
too long ago.
"""

import argparse
import os
import shutil
import sys
import time
import uuid
from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import patch

import psycopg2

from chassis import logs, tidy
from contracts.base import enclose
from deploy.servers import Broker, Postgres
from tests.bench import scene
from tests.bench.pipe.contenders import LISTED
from tests.bench.pipe.wire import LINES, Confirms, Wire
from tests.chain.drive import Chain
from tests.chain.services import NumberMade
from tests.conftest import PLACE
from tests.station import eventually

CHUNK = 5000
SIZES = """
    SELECT c.relname AS table, pg_total_relation_size(c.oid) AS bytes, coalesce(s.n_dead_tup, 0) AS dead
    FROM pg_class AS c LEFT JOIN pg_stat_user_tables AS s ON s.relid = c.oid
    WHERE c.relkind = 'r' AND (c.relname = 'outbox' OR c.relname LIKE 'inbox%') ORDER BY c.relname"""
SETTINGS = """
    SELECT 'server: ' || string_agg(name || '=' || setting || coalesce(unit, ''), ', ' ORDER BY name) AS line FROM pg_settings
    WHERE name LIKE 'autovacuum%'
    UNION ALL
    SELECT relname || ': ' || array_to_string(reloptions, ', ') FROM pg_class WHERE relkind = 'r' AND reloptions IS NOT NULL"""


def put(wire: Wire, count: int) -> None:
    """Put events into the queue, half of them with ids of the week before."""
    channel = wire.connection.channel()
    confirms = Confirms(channel)
    for begun in range(0, count, CHUNK):
        with wire.connection.transport.corked():
            for number in range(begun, min(begun + CHUNK, count)):
                event = NumberMade(
                    version=wire.made // LINES + 1, line=f"line-{wire.made % LINES}", made_at=time.time()
                )
                envelope = enclose(event)
                if number % 2:
                    envelope = replace(envelope, id=_a_week_before(envelope.id))
                wire.made += 1
                confirms.publish(wire.contender.wrap(envelope.to_json()), wire.contender.exchange, wire.contender.key)
        confirms.wait(wire.connection)
    channel.close()


def _a_week_before(id: str) -> str:
    number = uuid.UUID(id).int
    return str(uuid.UUID(int=number - (tidy.WEEK * 1000 << 80)))


def sizes(chain) -> dict[str, float]:
    """Return the megabytes of the outbox and of each part of the inbox, and how many dead rows the outbox has."""
    found = chain.rows("middle", SIZES)
    return {f"{row['table']} MB": round(row["bytes"] / 1e6, 2) for row in found} | {
        "outbox dead rows": next(row["dead"] for row in found if row["table"] == "outbox")
    }


def forget(chain) -> dict[str, float]:
    """Let the service forget as it will when the older week is too long ago; return the sizes after that."""
    then = time.time() + tidy.KEPT_WEEKS * tidy.WEEK
    session = psycopg2.connect(chain.database_url("middle").replace("+psycopg2", ""))
    try:
        with patch.object(tidy, "time", SimpleNamespace(time=lambda: then)):
            tidy.forget(session)
    finally:
        session.close()
    return sizes(chain)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./test bench growth", description=__doc__.split("\n\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--step", type=int, default=100_000)
    return parser.parse_args(sys.argv[2:])


def main():
    chosen = options()
    logs.configure("bench", "WARNING")
    folder = PLACE / f"bench-growth-{os.getpid()}"
    rows = []
    try:
        with Broker(folder / "broker") as broker, Postgres(folder / "postgres") as postgres:
            chain = Chain(broker, postgres, folder / "logs")
            chain.migrate()
            try:
                chain.start("middle")
                wire = Wire(broker.url, next(each for each in LISTED if each.name == "ours"))
                while wire.made < chosen.events:
                    rows.append(step(chain, wire, min(chosen.step, chosen.events - wire.made)))
                    print(f"{wire.made:,} events: {rows[-1]}", flush=True)
                handled = chain.value("middle", "SELECT count(*) FROM effects")
                settings = [row["line"] for row in chain.rows("middle", SETTINGS)]
                after = forget(chain)
                wire.close()
            finally:
                chain.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    before, last = rows[0], rows[-1]
    inbox = sum(value for name, value in last.items() if name.startswith("inbox"))
    left = sum(value for name, value in after.items() if name.startswith("inbox"))
    scene.show(
        "growth: many events through one service",
        rows,
        effects=handled,
        memory_from_the_first_step_to_the_last=f"{before['VmRSS MB']} MB, then {last['VmRSS MB']} MB",
        largest_outbox_MB=max(row["outbox MB"] for row in rows),
        inbox_bytes_for_each_event=round(inbox * 1e6 / handled),
        inbox_MB_before_and_after_forgetting_a_week=f"{inbox:.1f}, then {left:.1f}",
        vacuum_settings="; ".join(settings),
    )


def step(chain, wire: Wire, count: int) -> dict:
    """Let so many more events through; return the sizes and the memory when all have come out."""
    began = time.monotonic()
    put(wire, count)
    eventually(lambda: wire.count(wire.contender.followed) >= count, within=600, every=0.1)
    eventually(lambda: not chain.value("middle", "SELECT count(*) FROM outbox"), within=30, every=0.1)
    seconds = time.monotonic() - began
    wire.channel.queue_purge(wire.contender.followed)
    memory = round(scene.megabytes(chain.processes["middle"].pid, "VmRSS"), 1)
    return {"events": wire.made, "events/s": round(count / seconds), "VmRSS MB": memory} | sizes(chain)
