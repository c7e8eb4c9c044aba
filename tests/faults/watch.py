"""What an onlooker sees of the processes: what they publish, log, count and say of their health."""

import json
import threading
import urllib.error
import urllib.request
from collections import Counter

import amqp

from chassis import broker as topology


class Wire:
    """A queue of its own on the exchange of all events; inside the block it takes down every message about certain lines.

    `seen` counts messages by (type, id); `bodies` keeps the last body of each. The broker must live meanwhile.
    """

    def __init__(self, broker, lines: list[str]):
        self.lines = frozenset(lines)
        self.connection = topology.connect(broker.url, name="tests wire")
        self.channel = self.connection.channel()
        queue = self.channel.queue_declare("", exclusive=True).queue
        self.channel.queue_bind(queue, topology.EVENTS, "number.#")
        self.channel.basic_consume(queue, no_ack=True, callback=self._note)
        self.seen: Counter[tuple[str, str]] = Counter()
        self.bodies: dict[str, dict] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()
        self.connection.close()

    def distinct(self, type: str) -> int:
        """Return how many ids of a type there were."""
        return sum(kind == type for kind, _ in self.seen)

    def repeats(self) -> int:
        """Return how many messages had an id that was there before."""
        return self.seen.total() - len(self.seen)

    def _read(self):
        while not self._done.is_set():
            try:
                self.connection.drain_events(timeout=0.2)
            except TimeoutError:
                self.connection.heartbeat_tick()

    def _note(self, message: amqp.Message):
        document = json.loads(message.body)
        if document["subject"] in self.lines:
            self.seen[document["type"], document["id"]] += 1
            self.bodies[document["id"]] = document


def health(station, process: str, timeout: float = 15) -> tuple[int, dict]:
    """Return the status and the checks that a process answers to /health."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{station.port(process)}/health", timeout=timeout) as answer:
            return answer.status, json.loads(answer.read())["checks"]
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())["checks"]


def counted(station, process: str, metric: str) -> float:
    """Return what a process has counted, all labels together."""
    with urllib.request.urlopen(f"http://127.0.0.1:{station.port(process)}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((metric + "{", metric + " ")))


class Log:
    """What a process logs from now on."""

    def __init__(self, station, process: str):
        self.path = station.directory / f"{process.replace(':', '-')}.log"
        self.begin = self.path.stat().st_size if self.path.exists() else 0

    def lines(self, *events: str) -> list[dict]:
        """Return the lines about certain events."""
        with self.path.open("rb") as file:
            file.seek(self.begin)
            found = [json.loads(line) for line in file.read().splitlines() if line.startswith(b"{") and line.endswith(b"}")]
        return [line for line in found if line.get("event") in events]
