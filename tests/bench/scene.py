"""What every bench needs: a station of its own, figures about processes, and how results are printed."""

import json
import os
import platform
import shutil
from contextlib import contextmanager
from pathlib import Path

from chassis import logs
from deploy import processes
from deploy.servers import Broker, Postgres
from tests.conftest import PLACE
from tests.flows.people import Platform
from tests.station import SERVICES

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def station(name: str):
    """Run a whole station on empty servers; the database keeps its promises to the disk, as in use."""
    logs.configure("bench", "WARNING")
    folder = PLACE / f"bench-{name}-{os.getpid()}"
    try:
        with Broker(folder / "broker") as broker, Postgres(folder / "postgres") as postgres:
            station = Platform(broker, postgres, folder / "logs")
            station.migrate()
            try:
                yield station.start()
            finally:
                station.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def megabytes(pid: int, field: str, file: str = "status") -> float:
    """Return a figure of /proc/PID/status (VmRSS, VmHWM) or smaps_rollup (Pss) in MB of 1,000,000 bytes."""
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def parts(station) -> dict[str, list[int]]:
    """Return the processes of each part of the platform."""
    roots = {name: station.processes[name].pid for name in (*SERVICES, "gateway")}
    roots |= {"broker (RabbitMQ)": station.broker.pid, "database (PostgreSQL)": station.postgres.pid}
    return {name: processes.family(pid) for name, pid in roots.items()}


def cpu_seconds(station) -> dict[str, float]:
    """Return how long each part of the platform has been at work on a processor so far."""
    found = {}
    for name, pids in parts(station).items():
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
        found[name] = sum(int(each[11]) + int(each[12]) for each in fields) / TICKS
    return found


def percentile(values: list[float], part: float) -> float:
    """Return the value that this part of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def show(title: str, rows: list[dict], **facts) -> dict:
    """Print a table for people and, last, everything as one line of JSON; return what that line says."""
    machine = {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "load_before": _load_before,
    }
    print(f"\n{title}\n{machine['cores']} cores ({machine['processor']}), Python {machine['python']}, ", end="")
    print(f"load before the start {_load_before}\n")
    heads = list(rows[0])
    texts = [heads, *[[_text(row[head]) for head in heads] for row in rows]]
    widths = [max(len(text[i]) for text in texts) for i in range(len(heads))]
    for number, text in enumerate(texts):
        print("| " + " | ".join(part.ljust(width) for part, width in zip(text, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    for name, value in facts.items():
        print(f"{name.replace('_', ' ')}: {_text(value)}")
    print()
    said = {"bench": title, "machine": machine, "rows": rows, **facts}
    print(json.dumps(said, ensure_ascii=False))
    return said


def _text(value) -> str:
    return (
        f"{value:,.{2 if abs(value) < 10 else 1}f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


_load_before = round(os.getloadavg()[0], 1)
