"""One broker and one database server for all contenders, and one contender at work on them at a time."""

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from deploy import processes
from tests.bench.pipe.contenders import ROOT, Contender
from tests.bench.pipe.usage import cpu_seconds, peak_megabytes
from tests.bench.pipe.wire import Wire
from tests.bench.scene import percentile
from tests.chain.drive import Chain
from tests.station import eventually

RATE, WARM_UP, WITHIN = 200, 0.5, 120
TABLES = """
    CREATE TABLE effects (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text NOT NULL, number int NOT NULL,
                          at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE INDEX effects_by_line ON effects (line, n);
    CREATE TABLE inbox (listener text NOT NULL, event_id uuid NOT NULL, handled_at timestamptz NOT NULL DEFAULT now(),
                        PRIMARY KEY (listener, event_id));
    CREATE TABLE outbox (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL UNIQUE, type text NOT NULL,
                         subject text NOT NULL, body text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())
        WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
"""


class Ring:
    """Where contenders are measured; ours has the database of the chain's middle, each peer one of its own."""

    def __init__(self, broker, postgres, directory: Path):
        self.broker, self.postgres, self.directory = broker, postgres, directory
        self.chain = Chain(broker, postgres, directory)
        self.chain.migrate()
        self._made: set[str] = set()

    def database(self, contender: Contender) -> str:
        """Return the address of a contender's database, made at the first call."""
        if contender.ours:
            return self.chain.database_url("middle").replace("+psycopg2", "")
        admin = self.postgres.admin_url.replace("+psycopg2", "")
        name = "bench_" + contender.name.replace("-", "_")
        url = f"{admin.rpartition('/')[0]}/{name}"
        if name not in self._made:
            self._made.add(name)
            self.sql(admin, f"CREATE DATABASE {name}")
            self.sql(url, TABLES)
        return url

    @staticmethod
    def sql(url: str, statement: str, fetch: bool = False):
        session = psycopg2.connect(url)
        session.autocommit = True
        try:
            with session.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchone() if fetch else None
        finally:
            session.close()

    def measure(self, contender: Contender, seconds: float, latency_seconds: float) -> dict:
        """Return the figures of one round."""
        wire, url = Wire(self.broker.url, contender), self.database(contender)
        wire.purge()
        self.sql(url, "TRUNCATE effects, inbox")
        events = int(contender.rate * seconds)
        wire.fill(events)
        self.sql(self.postgres.admin_url.replace("+psycopg2", ""), "CHECKPOINT")  # none pays for another's writing
        with self._running(contender) as started:
            figures = self._throughput(contender, wire, events, started)
            eventually(lambda: not self._in_hand(contender), within=WITHIN, every=0.2)
            figures["memory"] = peak_megabytes([each.pid for each in started])
            followed = wire.drain()
            if latency_seconds:
                times, seen = wire.stream(RATE, WARM_UP + latency_seconds)
                times = times[int(RATE * WARM_UP) :]
                figures["p50"], figures["p99"] = (percentile(times, part) * 1000 for part in (0.5, 0.99))
                followed += seen
        return figures | self._checked(url, wire, followed)

    def _throughput(self, contender, wire, events, started):
        """Time from the first tenth of the follow-ups, when everything is warm, to the last one."""
        warm = events // 10
        first = self._reached(contender, wire, warm, started)
        began, before = time.monotonic(), self._cpu(started)
        self._reached(contender, wire, events, started)
        took, after = time.monotonic() - began, self._cpu(started)
        counted = events - first
        figures = {"rate": counted / took, "seconds": took}
        for part in after:
            figures[f"cpu {part}"] = (after[part] - before[part]) * 1000 / counted
            figures[f"cores {part}"] = (after[part] - before[part]) / took
        return figures

    def _reached(self, contender, wire, count, started) -> int:
        def there():
            dead = [each.returncode for each in started if each.poll() is not None]
            assert not dead, f"{contender.name} ended with {dead}; see {self._log(contender)}"
            found = wire.count(contender.followed)
            return found if found >= count else 0

        return eventually(there, within=WITHIN, every=0.01)

    def _in_hand(self, contender) -> int:
        listed = self.broker.control("list_queues", "-p", "jinlin", "name", "messages")
        lengths = dict(line.rsplit("\t", 1) for line in listed.splitlines() if "\t" in line)
        return int(lengths[contender.queue])

    def _cpu(self, started):
        return cpu_seconds(
            {"service": [each.pid for each in started], "database": [self.postgres.pid], "broker": [self.broker.pid]}
        )

    def _checked(self, url, wire, followed) -> dict:
        """Count what was lost, doubled and out of order; nothing is under way any more."""
        total, different, disordered = self.sql(
            url,
            """SELECT count(*), count(DISTINCT (line, number)), count(*) FILTER (WHERE number < before)
               FROM (SELECT line, number, lag(number) OVER (PARTITION BY line ORDER BY n) AS before FROM effects) AS e""",
            fetch=True,
        )
        sent = len(set(followed))
        wire.close()
        return {
            "effects lost": wire.made - different, "effects doubled": total - different, "disordered": disordered,
            "follow-ups lost": wire.made - sent, "follow-ups doubled": len(followed) - sent,
        }  # fmt: skip

    def _log(self, contender) -> Path:
        return self.directory / f"{contender.name}.log"

    @contextmanager
    def _running(self, contender: Contender):
        """Start a contender's processes; end them, and whatever they started, at the end of the block."""
        started = []
        try:
            with self._log(contender).open("ab") as log:
                for number in range(contender.processes):
                    started.append(self._start(contender, number, log))
            yield started
        finally:
            for each in started:
                family = processes.family(each.pid)
                each.terminate()
                processes.end(lambda family=family: [pid for pid in family if processes.alive(pid)], 15)
                each.wait()

    def _start(self, contender, number, log):
        if contender.ours:
            python, environment = sys.executable, self.chain.environment("middle")
            environment["JINLIN_HEALTH_PORT"] = str(self.chain.port(f"middle:{number}"))
        else:
            python, environment = str(contender.python / "python"), self.chain.environment("bench")
            environment = {key: value for key, value in environment.items() if not key.startswith("JINLIN_")} | {
                "BENCH_NAME": contender.name,
                "BENCH_BROKER": self.broker.url,
                "BENCH_DATABASE": self.database(contender),
                "PATH": f"{contender.python}:{environment['PATH']}",
            }
        return subprocess.Popen(
            [python, *contender.command], cwd=ROOT, env=environment | contender.environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True,
        )  # fmt: skip
