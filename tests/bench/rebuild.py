"""A projection of a million events, rebuilt from the public stream by `replay`, beside a bare loop that does the same.

Both write an inbox row and an effect for each event, in databases of their own on one server. The time is of the whole
command, its start included; memory is the process's (VmRSS) at every tenth of the way, and its peak (VmHWM).
"""

import argparse
import os
import shutil
import subprocess
import sys
import time

import amqp

from chassis import broker as topology
from chassis import logs
from contracts.base import CONTENT_TYPE, enclose
from deploy.servers import Broker, Postgres
from tests.bench import scene
from tests.bench.pipe.contenders import ROOT
from tests.bench.pipe.wire import LINES, Confirms
from tests.chain.drive import Chain
from tests.chain.services import NumberPassed
from tests.conftest import PLACE

CHUNK, LEAST, MOST_GROWTH_MB = 5000, 0.5, 10


def fill(url: str, count: int) -> None:
    """Put so many events into the public stream."""
    with topology.connect(url, name="bench") as connection:
        channel = connection.channel()
        confirms = Confirms(channel)
        for begun in range(0, count, CHUNK):
            with connection.transport.corked():
                for number in range(begun, min(begun + CHUNK, count)):
                    event = NumberPassed(version=number // LINES + 1, line=f"line-{number % LINES}", made_at=time.time())
                    envelope = enclose(event)
                    message = amqp.Message(
                        envelope.to_json(), content_type=CONTENT_TYPE, delivery_mode=2, message_id=envelope.id, type=event.type
                    )
                    confirms.publish(message, topology.PUBLIC, event.type)
            confirms.wait(connection)


def timed(name: str, command: list[str], environment: dict, count: int, chain: Chain, service: str) -> dict:
    """Run a command to its end; return what it took."""
    began, memory = time.monotonic(), []
    with (chain.directory / f"{name}.log").open("ab") as log:
        child = subprocess.Popen([sys.executable, "-W", "ignore", *command], env=environment, cwd=ROOT, stdout=log, stderr=log)
        while child.poll() is None:
            try:
                memory.append((scene.megabytes(child.pid, "VmRSS"), scene.megabytes(child.pid, "VmHWM")))
            except OSError:
                break
            time.sleep(0.2)
        assert child.wait() == 0, (chain.directory / f"{name}.log").read_text()[-2000:]
    seconds = time.monotonic() - began
    memory = [(rss, peak) for rss, peak in memory if rss]
    tenths = [memory[min(len(memory) - 1, len(memory) * tenth // 10)][0] for tenth in range(1, 11)]
    return {
        "contender": name,
        "events": count,
        "seconds": round(seconds, 1),
        "events/s": round(count / seconds),
        "MB at each tenth": " ".join(f"{each:.0f}" for each in tenths),
        "peak MB": round(memory[-1][1], 1),
        "lost/doubled": "{}/{}".format(*_faults(chain, service, count)),
    }


def _faults(chain, service, count) -> tuple[int, int]:
    row = chain.rows(service, "SELECT count(*) AS n, count(DISTINCT (line, number)) AS d FROM effects")[0]
    return count - row["d"], row["n"] - row["d"]


def main():
    parser = argparse.ArgumentParser(prog="./test bench rebuild", description=__doc__.split("\n\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    count = parser.parse_args(sys.argv[2:]).events
    logs.configure("bench", "WARNING")
    folder = PLACE / f"bench-rebuild-{os.getpid()}"
    try:
        with Broker(folder / "broker") as broker, Postgres(folder / "postgres") as postgres:
            chain = Chain(broker, postgres, folder / "logs")
            chain.migrate()
            fill(broker.url, count)
            by_hand = {
                **os.environ, "PYTHONPATH": str(ROOT), "BENCH_BROKER": broker.url,
                "BENCH_DATABASE": chain.database_url("middle").replace("+psycopg2", ""),
            }  # fmt: skip
            ours = timed("replay", ["-m", "tests.chain", "replay", "sink"], chain.environment("sink"), count, chain, "sink")
            limit = timed("limit", ["-m", "tests.bench.peers.rebuild", str(count)], by_hand, count, chain, "middle")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tenths = [int(each) for each in ours["MB at each tenth"].split()]
    scene.show(
        "rebuild: a projection from the public stream",
        [ours, limit],
        replay_to_the_limit=f"{ours['events/s'] / limit['events/s']:.2f} (at least {LEAST})",
        memory_from_the_second_tenth_to_the_last=f"{tenths[-1] - tenths[1]:+d} MB (at most {MOST_GROWTH_MB})",
    )
