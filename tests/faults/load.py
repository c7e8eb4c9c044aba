"""Numbered needs, sent while something breaks, and counted in every database afterwards."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from chassis.client import Broken, Unavailable
from contracts.errors import Late
from tests.station import SERVICES, eventually

HOPS = """lost and doubled, counted where each hop ends:
need posted -> resource.needs -> matching.needs -> one match each -> one message each"""


class Load:
    """The needs of one fault scenario; `unit` keeps it apart from the others."""

    def __init__(self, station, unit: str):
        self.station, self.unit, self.posted = station, unit, 0
        self.retries = 0
        self._began = time.monotonic()
        provider = self._insist("p", "create_provider", kind="company", name=f"工厂{unit}", community="subdistrict")
        self._insist(
            "o", "create_offer", provider_id=provider["id"], title="口罩", community="subdistrict",
            category="medical.masks", quantity=1_000_000, unit=unit,
        )  # fmt: skip
        eventually(lambda: station.value("matching", "SELECT count(*) FROM offers WHERE unit = :u", u=unit) == 1)

    def post(self, count: int, threads: int = 8) -> None:
        """Post needs until each is accepted, under one key each, as the gateway does."""
        numbers = range(self.posted, self.posted + count)
        self.posted += count
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self._post_one, numbers))

    def begin(self, count: int) -> threading.Thread:
        """Post in the background; join the thread for the end of it."""
        thread = threading.Thread(target=self.post, args=(count,))
        thread.start()
        return thread

    def check(self, *, within: float = 300, parked: int = 0) -> None:
        """Wait until nothing is under way, and fail unless everything arrived everywhere exactly once."""
        began = time.monotonic()
        eventually(self.has_arrived, within=within, every=0.3)
        eventually(self.station.is_quiet, within=30, every=0.3)
        self.settled_in = time.monotonic() - began
        # What arrived must still be right once nothing more can come.
        assert self.counts() == dict.fromkeys(self.counts(), self.posted), self.counts()
        found = {
            service: self.station.value(service, "SELECT count(*) FROM set_aside WHERE state = 'parked'")
            for service in SERVICES
        }
        assert sum(found.values()) == parked, found
        reserved = self.station.rows("matching", "SELECT allocated FROM offers WHERE unit = :u", u=self.unit)
        assert reserved == [{"allocated": 0}]

    def has_arrived(self) -> bool:
        counts = self.counts()
        return all(number >= self.posted for number in counts.values())

    def counts(self) -> dict[str, int]:
        """Return how many there are at each hop; rows and distinct things, so that doubling shows."""
        unit = self.unit
        ids = [r["id"] for r in self.station.rows("resource", "SELECT id::text AS id FROM needs WHERE unit = :u", u=unit)]
        named = "SELECT count(DISTINCT title) FROM needs WHERE unit = :u"
        matches = "FROM matches AS m JOIN needs AS n ON n.id = m.need_id WHERE n.unit = :u"
        told = "FROM messages WHERE kind = 'need.matched.v1' AND about = ANY(:ids)"
        return {
            "needs": len(ids),
            "needs by name": self.station.value("resource", named, u=unit),
            "needs in matching": self.station.value("matching", "SELECT count(*) FROM needs WHERE unit = :u", u=unit),
            "matches": self.station.value("matching", f"SELECT count(*) {matches}", u=unit),
            "matched needs": self.station.value("matching", f"SELECT count(DISTINCT m.need_id) {matches}", u=unit),
            "messages": self.station.value("notify", f"SELECT count(*) {told}", ids=ids),
            "needs told of": self.station.value("notify", f"SELECT count(DISTINCT about) {told}", ids=ids),
        }

    def report(self) -> None:
        seconds = time.monotonic() - self._began
        print(f"\n{self.unit}: {self.posted} needs in {seconds:.1f} s, {self.retries} calls repeated, {self.counts()}")

    def _post_one(self, number):
        self._insist(
            str(number), "create_need", title=f"口罩{number}号", community="subdistrict", category="medical.masks",
            quantity=1, unit=self.unit,
        )  # fmt: skip

    def _insist(self, key, method, **arguments):
        until = time.monotonic() + 120
        while True:
            try:
                return self.station.call("resource", method, key=f"{self.unit}-{key}", timeout=5, **arguments)
            except (Unavailable, Late, Broken):
                self.retries += 1
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)


class Decisions:
    """Requests that are decided, each by several commands under keys of its own; told to who asked, once each.

    `steps(number)` yields (method, arguments given the id of what the first step made).
    """

    def __init__(self, station, service: str, asked_by, decided_by):
        self.station, self.service = station, service
        self.asked_by, self.decided_by = asked_by, decided_by
        self.ids: list[str] = []

    def carry_out(self, count: int, create, then) -> None:
        """Make and decide so many, from eight threads, each command until it is answered."""
        with ThreadPoolExecutor(8) as pool:
            self.ids = list(pool.map(lambda number: self._one(number, create, then), range(count)))

    def begin(self, count: int, create, then) -> threading.Thread:
        thread = threading.Thread(target=self.carry_out, args=(count, create, then))
        thread.start()
        return thread

    def insist(self, key: str, method: str, caller, **arguments):
        """Call under one key until there is an answer."""
        until = time.monotonic() + 120
        while True:
            try:
                return self.station.call(self.service, method, caller, key=key, timeout=5, **arguments)
            except (Unavailable, Late, Broken):
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def told(self) -> tuple[int, int]:
        """Return how many messages there are about these, and about how many of them."""
        row = self.station.rows(
            "notify", "SELECT count(*) AS n, count(DISTINCT about) AS d FROM messages WHERE about = ANY(:ids)", ids=self.ids
        )[0]
        return row["n"], row["d"]

    def _one(self, number, create, then):
        method, arguments = create(number)
        made = self.insist(f"{self.service}-{method}-{arguments}", method, self.asked_by, **arguments)
        for method, caller, arguments in then:
            self.insist(f"{made['id']}-{method}", method, caller, id=made["id"], **arguments)
        return made["id"]
