"""Commands through the gateway while the broker is away: done once or refused clearly, and whoever only reads goes on reading."""

import re
import threading
import time
import urllib.request

import pytest

from tests.faults.size import EVENTS, FULL, lasting
from tests.faults.watch import health
from tests.station import DEMO_PASSWORD, eventually

TIMES = 5 if FULL else 2
PAGES = ("/sign-in", "/api/docs", "/api/openapi.json", "/live")
CHINESE = re.compile("[一-鿿]")


@pytest.fixture(scope="module")
def gateway(station):
    """The station with its gateway, signed in."""
    station.start("gateway")
    try:
        yield station.token("social_worker")
    finally:
        station.terminate("gateway")


class Posts:
    """Needs posted one after another by four people until told to stop; half of the people repeat what was refused."""

    def __init__(self, station, token, unit):
        self.station, self.token, self.unit = station, token, unit
        self.done, self.refused, self.other = [], [], []
        self.slowest = 0.0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._post, args=(person,)) for person in range(4)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _post(self, person):
        number = 0
        while not self._stop.is_set():
            number += 1
            title = f"口罩{person}第{number}批"
            repeats = person % 2
            while not self._one(title, {"Idempotency-Key": f"{self.unit}-{title}".encode().hex()} if repeats else {}) and repeats:
                time.sleep(0.1)

    def _one(self, title, headers):
        body = dict(title=title, community="subdistrict", category="medical.masks", quantity=1, unit=self.unit)
        began = time.monotonic()
        status, document, _ = self.station.request("POST", "/api/needs", body, token=self.token, headers=headers, timeout=30)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if status == 201:
            self.done.append(title)
        elif status == 503 and CHINESE.search(document["detail"]):
            self.refused.append(title)
        else:
            self.other.append((status, document))
        return status == 201

    def check(self) -> dict:
        """Fail unless each command was done once, or refused clearly and done at most once; return the figures."""
        rows = self.station.rows("resource", "SELECT title, count(*) AS n FROM needs WHERE unit = :unit GROUP BY title", unit=self.unit)
        found = {row["title"]: row["n"] for row in rows}
        figures = {
            "done": len(self.done), "refused": len(self.refused), "slowest": round(self.slowest, 2),
            "lost": len(set(self.done) - set(found)), "doubled": sum(n > 1 for n in found.values()),
            "done though refused": len(set(found) - set(self.done)),
        }  # fmt: skip
        print(f"\n{self.unit}: {figures}")
        assert not self.other, self.other[:3]
        assert figures["lost"] == figures["doubled"] == 0, figures
        assert set(found) <= set(self.done) | set(self.refused)
        told = "SELECT count(*) FROM needs WHERE unit = :unit"
        eventually(lambda: self.station.value("matching", told, unit=self.unit) == len(found), within=60)
        eventually(self.station.is_quiet, within=30)
        return figures


def test_the_brokers_application_is_stopped_and_started_under_commands(station, gateway):
    with Posts(station, gateway, f"停{time.time_ns() % 10**9}") as posts:
        for _ in range(TIMES):
            done = len(posts.done)
            eventually(lambda done=done: len(posts.done) > done + 20, within=30)
            station.broker.pause()
            time.sleep(lasting(5, 1))
            station.broker.resume()
        done = len(posts.done)
        eventually(lambda: len(posts.done) > done + 20, within=30)

    assert posts.check()["done"] > 20 * TIMES


def test_the_broker_is_away_while_commands_are_posted_and_a_service_commits(station, gateway, chain, numbers):
    committing = numbers.begin(numbers.commit, EVENTS, per_second=EVENTS / lasting(500, 12))
    with Posts(station, gateway, f"无{time.time_ns() % 10**9}") as posts:
        eventually(lambda: len(posts.done) > 20)
        station.broker.stop()
        before = len(posts.refused)
        until = time.monotonic() + lasting(600, 15)
        while time.monotonic() < until:
            for path in PAGES:
                assert read(station, path) == 200, path
            status, session, _ = station.request("POST", "/api/sessions", {"username": "office", "password": DEMO_PASSWORD})
            assert status == 201
            assert read(station, "/", Authorization=f"Bearer {session['token']}") == 200
            assert health(station, "gateway")[1]["broker"] != "ok"
            time.sleep(1)
        committing.join()
        waiting = outboxes(chain)
        refused = len(posts.refused) - before
        station.broker.start()
    began = time.monotonic()
    eventually(lambda: outboxes(chain) == 0, within=60)
    print(f"\n{refused} commands refused, {waiting} events waited, sent {time.monotonic() - began:.1f} s after the return")

    assert refused and posts.slowest < 5
    assert waiting > EVENTS // 2
    posts.check()
    numbers.check()


def read(station, path, **headers) -> int:
    """Return the status of a page."""
    request = urllib.request.Request(f"http://127.0.0.1:{station.port('gateway')}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status


def outboxes(chain) -> int:
    """Return how many events wait to be sent."""
    return sum(chain.value(name, "SELECT count(*) FROM outbox") for name in chain.services)
