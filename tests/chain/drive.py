"""Numbers through the chain while something breaks, and what became of each of them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

from chassis.client import Broken, Caller, Unavailable
from chassis.database import Transactions, connect
from contracts.errors import Late
from tests.chain.services import ChainStore
from tests.station import Station, eventually

MAKER = Caller("0190a000-0000-7000-8000-00000000000c", ("maker",))
EACH = 20
INSIST_SECONDS = 400
STILL_SECONDS = 6


class Chain(Station):
    """The three processes source, middle and sink; see Station for starting, killing and looking."""

    services = ("source", "middle", "sink")
    passwords = {name: f"test-{name}" for name in services}
    module = "tests.chain"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.changes: dict[str, str] = {}

    def environment(self, name):
        return {**super().environment(name), **self.changes}

    @contextmanager
    def changed(self, *names: str, **environment: str):
        """Run processes with more in their environment inside the block, and as they were after it."""
        before = self.changes
        self.restart(*names, **before, **environment)
        try:
            yield
        finally:
            self.restart(*names, **before)

    def restart(self, *names: str, **environment: str) -> None:
        """End processes and start them with this in their environment; it stays for what is started later."""
        for name in names:
            if name in self.processes:
                self.kill(name)
        self.changes = environment
        self.start(*names)

    def end(self, *names: str) -> None:
        """Kill processes for good: they are not started again for the next test."""
        for name in names:
            self.kill(name)
            del self.processes[name]

    def clear(self) -> None:
        """Forget what is under way and what was set aside; what an earlier test left must not count."""
        for service in self.services:
            self.rows(service, "WITH gone AS (DELETE FROM set_aside RETURNING 1) SELECT count(*) FROM gone")
            self.rows(service, "WITH gone AS (DELETE FROM begun RETURNING 1) SELECT count(*) FROM gone")
            self.rows(service, "WITH gone AS (DELETE FROM outbox RETURNING 1) SELECT count(*) FROM gone")
        for name, waiting in self.queue_lengths().items():
            if waiting:
                self.broker.control("purge_queue", "-p", "jinlin", name)


class Numbers:
    """The numbers of one scenario, in lines of its own; each line's numbers are made in order.

    `lost`, `doubled` and `disordered` are counted in the databases of middle and sink, line by line.
    """

    def __init__(self, chain: Chain, name: str, lines: int = 50):
        self.chain = chain
        self.lines = [f"{name}-{line}" for line in range(lines)]
        self.made = dict.fromkeys(self.lines, 0)
        self.refused: list[str] = []
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._posts = 0
        self.patience = 600.0  # the most that any check waits
        self._reached, self._since = None, 0.0

    def post(self, count: int = 10_000, *, per_second: float = 0, what: str | None = None, threads: int = 8) -> None:
        """Make numbers by commands, twenty each, every command under one key until it is answered."""
        self._posts += 1
        self._make(count, per_second, threads, lambda number, line: self._call(number, line, what))

    def commit(self, count: int = 10_000, *, per_second: float = 0, what: str | None = None, threads: int = 4) -> None:
        """Make numbers by transactions in source's database, as a timer of the service would; needs no broker."""
        engine = connect(self.chain.database_url("source"), name="tests", pool_size=threads)
        transactions = Transactions(engine, ChainStore)

        def one(number, line):
            with transactions.transaction() as store:
                store.next_numbers(line, EACH, what)

        try:
            self._make(count, per_second, threads, one)
        finally:
            engine.dispose()

    def one(self, what: str | None = None, *, line: int = 0) -> int:
        """Make one number, in source's database; return it."""
        engine = connect(self.chain.database_url("source"), name="tests", pool_size=1)
        try:
            with Transactions(engine, ChainStore).transaction() as store:
                number = store.next_numbers(self.lines[line], 1, what)
        finally:
            engine.dispose()
        self.made[self.lines[line]] += 1
        return number

    def begin(self, method, *arguments, **options) -> threading.Thread:
        """Run `post` or `commit` in the background; join the thread for the end of it. A failure there fails `check`."""

        def run():
            try:
                method(*arguments, **options)
            except Exception as error:
                self.refused.append(repr(error))

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    @property
    def total(self) -> int:
        return sum(self.made.values())

    def reached(self, service: str) -> int:
        """Return how many effects there are at a hop, doubled ones included."""
        return self.chain.value(service, "SELECT count(*) FROM effects WHERE line = ANY(:lines)", lines=self.lines)

    def half_way(self, service: str = "sink", of: int = 10_000, within: float = 60) -> None:
        """Return when half of the numbers have come to a hop."""
        eventually(lambda: self.reached(service) >= of / 2, within=within, every=0.02)

    def check(self, *, within: float = 60, parked: int = 0, ordered: bool = True, missing: int = 0) -> dict:
        """Wait until nothing is under way; fail unless every number arrived everywhere once and in order.

        Where nothing is under way any more it waits no longer for what has not come. `missing` numbers may be absent (those that are parked). Returns the figures, which are printed too.
        """
        began = time.monotonic()
        assert not self.refused, self.refused
        eventually(lambda: self.reached("sink") >= self.total - missing or self._is_still(), within=min(within, self.patience), every=0.1)
        settled = time.monotonic() - began
        eventually(self.chain.is_quiet, within=30, every=0.2)
        figures = {"numbers": self.total, "settled_in": round(settled, 1)}
        for service in ("middle", "sink"):
            for name, count in self._faults(service).items():
                figures[f"{name} in {service}"] = count
        figures["parked"] = sum(
            self.chain.value(name, "SELECT count(*) FROM set_aside WHERE state = 'parked'") for name in self.chain.services
        )
        figures["seconds"] = round(time.monotonic() - self._began, 1)
        print(f"\n{self.lines[0].rpartition('-')[0]}: {figures}")
        for service in ("middle", "sink"):
            assert figures[f"lost in {service}"] == missing, figures
            assert figures[f"doubled in {service}"] == 0, figures
            assert not ordered or figures[f"disordered in {service}"] == 0, figures
        assert figures["parked"] == parked, figures
        return figures

    def _is_still(self):
        """Tell whether nothing has come for longer than the broker takes to bring its figures up to date, and is to come."""
        reached = self.reached("middle"), self.reached("sink")
        if reached != self._reached:
            self._reached, self._since = reached, time.monotonic()
        return time.monotonic() - self._since > STILL_SECONDS and self.chain.is_quiet()

    def _faults(self, service):
        rows = self.chain.rows(
            service, "SELECT line, array_agg(number ORDER BY n) AS numbers FROM effects WHERE line = ANY(:lines) GROUP BY line",
            lines=self.lines,
        )  # fmt: skip
        found = {row["line"]: row["numbers"] for row in rows}
        lost = doubled = disordered = 0
        for line, made in self.made.items():
            numbers = found.get(line, [])
            lost += made - len(set(numbers))
            doubled += len(numbers) - len(set(numbers))
            disordered += sum(later < earlier for earlier, later in pairwise(numbers))
        return {"lost": lost, "doubled": doubled, "disordered": disordered}

    def _make(self, count, per_second, threads, one):
        began, rounds = time.monotonic(), count // EACH

        def work(share):
            for number in range(share, rounds, threads):
                if per_second:
                    time.sleep(max(0.0, began + number * EACH / per_second - time.monotonic()))
                line = self.lines[number % len(self.lines)]
                one(number, line)
                with self._lock:
                    self.made[line] += EACH

        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(work, share) for share in range(threads)]:
                done.result()

    def _call(self, number, line, what):
        key = f"{line}-{self._posts}-{number}"
        until = time.monotonic() + INSIST_SECONDS
        while True:
            try:
                return self.chain.call("source", "make", MAKER, key=key, timeout=5, line=line, count=EACH, what=what)
            except (Unavailable, Late, Broken):
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
