"""The live feed: every event of the broker, handed on to the people who are watching.

One thread listens on a queue of its own that lives as long as the connection. What passed while it was
away is not made up for here: a watcher who missed something is told to load again.
"""

import contextlib
import json
import queue
import threading
from collections import deque

import amqp
from prometheus_client import Counter, Gauge

from chassis import broker
from chassis.logs import log

KEPT = 500
BEHIND = 200
MOST_STREAMS = 20

seen = Counter("jinlin_gateway_events_total", "Events seen by the live feed")
watching = Gauge("jinlin_gateway_streams", "People watching the live feed")

AGAIN = {"id": None, "type": "reload"}
BEAT = {"id": None, "type": "beat"}


class Full(Exception):
    """As many people are watching as the threads of this process allow."""


class Watcher:
    """One open stream: a bounded queue of the events that it wants."""

    def __init__(self, wants):
        self.wants = wants
        self.waiting = queue.Queue(BEHIND)
        self.over = False

    def offer(self, event: dict) -> None:
        """Queue the event; give up on a watcher who is too far behind, who then connects again."""
        if self.wants(event):
            self._put(event)

    def end(self) -> None:
        """Let the stream end after what is queued."""
        self._put(None)

    def next(self, seconds: float) -> dict | None:
        """Return the next event, BEAT when there was none for so long, None at the end."""
        if self.over:
            return None
        try:
            return self.waiting.get(timeout=seconds)
        except queue.Empty:
            return BEAT

    def _put(self, event):
        try:
            self.waiting.put_nowait(event)
        except queue.Full:
            self.over = True


class Feed:
    """Keeps the last events and the watchers."""

    def __init__(self, url: str | None):
        self.url = url
        self.connected = False
        self._recent = deque(maxlen=KEPT)
        self._watchers: set[Watcher] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to listen; safe where the broker is not there yet."""
        threading.Thread(target=self._run, name="feed", daemon=True).start()

    def stop(self) -> None:
        """End every stream, so that the process can end."""
        self._stopping.set()
        with self._lock:
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher.end()

    def watch(self, wants, last_seen: str | None = None) -> Watcher:
        """Return a watcher of the events that `wants` accepts, begun after the one seen last.

        Where that one is not known any more, the first thing it gets is AGAIN. Raises Full.
        """
        watcher = Watcher(wants)
        with self._lock:
            if len(self._watchers) >= MOST_STREAMS or self._stopping.is_set():
                raise Full
            if last_seen:
                for event in self._since(last_seen):
                    watcher.offer(event)
            self._watchers.add(watcher)
            watching.set(len(self._watchers))
        return watcher

    def leave(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers.discard(watcher)
            watching.set(len(self._watchers))

    def publish(self, event: dict) -> None:
        """Keep an event and hand it to everybody who is watching."""
        with self._lock:
            self._recent.append(event)
            watchers = list(self._watchers)
            for watcher in watchers:
                watcher.offer(event)

    def _since(self, id):
        recent = list(self._recent)
        places = [place for place, event in enumerate(recent) if event["id"] == id]
        return recent[places[-1] + 1 :][-BEHIND:] if places else [AGAIN]

    def _run(self):
        pause = 0.2
        while not self._stopping.is_set():
            try:
                with broker.connect(self.url, name="jinlin gateway feed") as connection:
                    self._listen(connection)
            except (OSError, amqp.exceptions.AMQPError) as error:
                if self.connected:
                    self._interrupted()
                log().warning("feed_interrupted", error=repr(error), again_in=pause)
                self._stopping.wait(pause)
                pause = min(pause * 2, 3.0)
            else:
                pause = 0.2

    def _listen(self, connection):
        channel = connection.channel()
        name = channel.queue_declare("", exclusive=True, auto_delete=True).queue
        channel.queue_bind(name, broker.EVENTS, "#")
        channel.basic_consume(name, no_ack=True, callback=self._on_message)
        self.connected = True
        log().info("feed_listens")
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                connection.drain_events(timeout=2)
            connection.heartbeat_tick()

    def _interrupted(self):
        self.connected = False
        with self._lock:
            # Events may pass unseen until the connection is back, so nobody can resume across the gap.
            self._recent.clear()
            for watcher in self._watchers:
                watcher.end()

    def _on_message(self, message):
        try:
            document = json.loads(message.body)
            names = ("id", "type", "time", "subject", "sequence", "correlationid", "data")
            event = {name: document.get(name) for name in names}
            if not all(isinstance(event[name], str) for name in ("id", "type")) or not isinstance(event["data"], dict):
                raise ValueError("not an event")
        except ValueError:
            log().warning("feed_skipped_unreadable")
            return
        seen.inc()
        self.publish(event)
