"""A need is posted, a match is proposed, a message is in the inbox: how long that takes at 20 and at 100 needs a second.

Needs are posted over HTTP at fixed moments, whether the ones before are answered or not, and every
time is counted from the moment that was planned, so that what waits in line counts as well. A match
counts when match.proposed.v1 comes by on /api/events, and a message when message.sent.v1 does, which
the relay sends after the message is in the inbox: what a person sees who looks at the start page.
"""

import http.client
import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from tests.bench import scene
from tests.flows.people import Person, a_need, unique
from tests.station import eventually

RATES, SECONDS, WARM_UP = (20, 100), 20, 3
COMMUNITIES = ("jiangtou", "lvcuo", "houpu")  # an offer in each, so that every need has three suggestions
THREADS = 48


class Watcher(threading.Thread):
    """Notes when the first match for a need and the message about it came by."""

    def __init__(self, person):
        super().__init__(daemon=True)
        self.matched, self.told, self.ended = {}, {}, False
        connection = http.client.HTTPConnection("127.0.0.1", person.station.port("gateway"))
        headers = {"Authorization": f"Bearer {person.token}"}
        connection.request("GET", "/api/events?types=match.proposed.v1,message.sent.v1", headers=headers)
        self._answer = connection.getresponse()
        assert self._answer.status == 200
        self._answer.readline()
        self.start()

    def run(self):
        for line in self._answer:
            if line.startswith(b"data: {"):
                now, event = time.monotonic(), json.loads(line[6:])
                if event["type"] == "match.proposed.v1":
                    self.matched.setdefault(event["data"]["need_id"], now)
                elif event["type"] == "message.sent.v1":
                    self.told.setdefault(event["data"]["about"], now)
        self.ended = True


class Poster:
    """Posts needs, with one connection for each thread."""

    def __init__(self, person, unit):
        self.person, self.unit, self.local = person, unit, threading.local()

    def post(self, planned: float):
        """Return (planned, answered, the need's id or none)."""
        body = a_need(self.unit, contact_name="欧阳锋", contact_phone="13912345678", details="独居，行动不便")
        headers = {
            "Authorization": f"Bearer {self.person.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        for _ in range(2):  # the gateway may end a connection that rests at the moment when it is used again
            if not hasattr(self.local, "line"):
                port = self.person.station.port("gateway")
                self.local.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                self.local.line.request("POST", "/api/needs", json.dumps(body), headers)
                answer = self.local.line.getresponse()
                document = json.loads(answer.read())
                return planned, time.monotonic(), document["id"] if answer.status == 201 else None
            except (OSError, http.client.HTTPException):
                del self.local.line
        return planned, time.monotonic(), None


def run(poster: Poster, watcher: Watcher, rate: int, seconds: float) -> dict:
    """Post at a rate; return what became of it."""
    began = time.monotonic() + 0.1
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = []
        for number in range(int(rate * seconds)):
            planned = began + number / rate
            time.sleep(max(0.0, planned - time.monotonic()))
            waiting.append(pool.submit(poster.post, planned))
        answers = [each.result() for each in waiting]
    took = max(answered for _, answered, _ in answers) - began
    good = [(planned, answered, id) for planned, answered, id in answers if id]
    eventually(lambda: watcher.ended or all(id in watcher.told for *_, id in good), within=120)
    times = {
        "answer": [answered - planned for planned, answered, _ in good],
        "match": [watcher.matched[id] - planned for planned, _, id in good if id in watcher.matched],
        "message": [watcher.told[id] - planned for planned, _, id in good if id in watcher.told],
    }
    row = {"needs/s": rate, "achieved/s": round(len(good) / max(took, seconds), 1), "errors": len(answers) - len(good)}
    row["not told"] = len(good) - len(times["message"])
    for name, values in times.items():
        for part in (50, 99):
            row[f"{name} p{part} ms"] = round(scene.percentile(values, part / 100) * 1000, 1)
    return row


def main():
    with scene.station("story") as station:
        worker, unit = Person(station, "social_worker"), f"部{unique()}"
        for community in COMMUNITIES:
            worker.offer(unit, community=community, quantity=1_000_000)
        eventually(lambda: station.value("matching", "SELECT count(*) FROM offers") == len(COMMUNITIES))
        watcher, poster = Watcher(worker), Poster(worker, unit)
        rows = []
        for rate in RATES:
            run(poster, watcher, rate, WARM_UP)
            before = scene.cpu_seconds(station)
            rows.append(run(poster, watcher, rate, SECONDS))
            after = scene.cpu_seconds(station)
        # Of the last rate; unlike times, it is nearly the same however busy the machine is with other things.
        work = {name: round((after[name] - before[name]) * 1000 / (rate * SECONDS), 2) for name in after}
    work["all"] = round(sum(work.values()), 2)
    title = "story: need posted, match proposed, message in the inbox"
    scene.show(title, rows, seconds_at_each_rate=SECONDS, processor_ms_for_each_need=work)
