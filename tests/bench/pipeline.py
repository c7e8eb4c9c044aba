"""Event in, effect and inbox row written, one event out: ours, the same by hand, and the same on other tools.

All work on one private broker and one database server that keeps its promises to the disk, in processes of their own,
one after the other, several rounds; the medians are shown. *events/s*: the queue is full before the start, and the time
is that from the first tenth of the follow-ups to the last. *CPU s/1k*: processor seconds for a thousand events in that
time. *p50, p99*: from publishing an event to its follow-up's arrival, at 200 events a second. *Lost, doubled* and *out of
order* are counted one by one, over all rounds. Every queue that is worked on, and every queue of follow-ups, is a quorum queue.
"""

import argparse
import os
import shutil
import sys
from statistics import median

from chassis import logs
from deploy.servers import Broker, Postgres
from tests.bench import scene
from tests.bench.pipe.contenders import LISTED
from tests.bench.pipe.ring import RATE, Ring
from tests.conftest import PLACE

NAMES = [each.name for each in LISTED]
PEERS = [each.name for each in LISTED if not each.ours and each.name != "limit"]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./test bench pipeline", description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.5, help="of events that wait for each contender, about")
    parser.add_argument(
        "--latency", type=float, default=3.5, help=f"seconds at {RATE} events/s in each round; 0 for none"
    )
    parser.add_argument("--only", default=",".join(NAMES), help=",".join(NAMES))
    parser.add_argument("--keep", action="store_true", help="keep the logs of servers and contenders")
    return parser.parse_args(sys.argv[2:])


def main():
    chosen = options()
    contenders = [each for each in LISTED if each.name in chosen.only.split(",")]
    logs.configure("bench", "WARNING")
    folder = PLACE / f"bench-pipeline-{os.getpid()}"
    rounds = {each.name: [] for each in contenders}
    try:
        with Broker(folder / "broker") as broker, Postgres(folder / "postgres") as postgres:
            ring = Ring(broker, postgres, folder / "logs")
            for number in range(chosen.rounds):
                for each in contenders:
                    figures = ring.measure(each, chosen.seconds, chosen.latency)
                    rounds[each.name].append(figures)
                    print(f"round {number + 1}: {each.name}: {figures['rate']:,.0f} events/s", flush=True)
    finally:
        if not chosen.keep:
            shutil.rmtree(folder, ignore_errors=True)
    rows = {each.name: row(each, rounds[each.name]) for each in contenders}
    scene.show("pipeline: an event in, its effect, one event out", list(rows.values()), **ratios(rows, rounds))


def row(contender, rounds: list[dict]) -> dict:
    """Return a contender's line of the table: medians, and what went wrong in all rounds together."""

    def middle(name):
        return median(each[name] for each in rounds)

    def sums(*names):
        return "/".join(str(sum(each[name] for each in rounds)) for name in names)

    latency = {f"{name} ms": round(middle(name), 1) for name in ("p50", "p99") if name in rounds[0]}
    return {
        "contender": contender.name,
        "events/s": round(middle("rate")),
        "CPU s/1k": round(middle("cpu service"), 2),
        "database": round(middle("cpu database"), 2),
        "broker": round(middle("cpu broker"), 2),
        **latency,
        "peak MB": round(middle("memory"), 1),
        "effects lost/doubled": sums("effects lost", "effects doubled"),
        "follow-ups lost/doubled": sums("follow-ups lost", "follow-ups doubled"),
        "out of order": sums("disordered"),
        "guarantee as run": contender.guarantee,
    }


def ratios(rows: dict[str, dict], rounds: dict[str, list[dict]]) -> dict:
    """Return what the rates and times are to be, with what they are; only of contenders that ran."""
    rates = {name: each["events/s"] for name, each in rows.items()}
    best = max((name for name in PEERS if name in rates), key=rates.get, default=None)
    found = {}

    def compare(one, other, least, label):
        if one in rates and other in rates:
            found[label] = f"{rates[one] / rates[other]:.2f} (at least {least})"

    compare("ours", "limit", 0.7, "ours_to_the_limit")
    compare("ours", "faststream-outbox", 10, "ours_to_faststream-outbox")
    compare("ours", best, 4, f"ours_to_the_fastest_peer_({best})")
    compare("ours-singly", best, 1, f"one_event_at_a_time_to_the_fastest_peer_({best})")
    compare("ours-twice", "ours", 1.6, "two_processes_to_one,_where_the_cores_allow")
    if "p50 ms" in rows.get("ours", {}):
        found[f"ours_p50_at_{RATE}/s"] = f"{rows['ours']['p50 ms']} ms (at most 4)"
        found[f"ours_p99_at_{RATE}/s"] = f"{rows['ours']['p99 ms']} ms (at most 15)"
    for name in ("ours", "ours-twice", "limit"):
        if name in rounds:
            parts = ("service", "database", "broker")
            busy = {part: median(each[f"cores {part}"] for each in rounds[name]) for part in parts}
            told = ", ".join(f"{part} {cores:.2f}" for part, cores in busy.items())
            found[f"cores_at_work_({name})"] = f"{told}, together {sum(busy.values()):.2f} of {os.cpu_count()}"
    return found
