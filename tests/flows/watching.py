"""What goes through the broker, and what the gateway shows of it as it happens."""

import contextlib
import json
import threading
import time

import httpx
import pika


class Tap:
    """Keeps every message of every exchange that comes by: events, public events, calls and answers.

    RabbitMQ names the exchange at which a message came in, so that what went through two is found under the first.
    """

    EXCHANGES = ("jinlin.events", "jinlin.public", "nameko-rpc")

    def __init__(self, url: str, exchanges: tuple[str, ...] = EXCHANGES):
        self.url, self.exchanges, self.messages = url, exchanges, []

    def __enter__(self):
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(20)
        return self

    def __exit__(self, *_):
        self._connection.add_callback_threadsafe(self._channel.stop_consuming)
        self._thread.join(10)

    def events(self, **wanted) -> list[dict]:
        """Return the events seen so far whose envelope has these values."""
        found = [json.loads(body) for exchange, _, body in list(self.messages) if exchange == "jinlin.events"]
        return [event for event in found if all(event.get(name) == value for name, value in wanted.items())]

    def _run(self, ready):
        with pika.BlockingConnection(pika.URLParameters(self.url)) as self._connection:
            self._channel = self._connection.channel()
            queue = self._channel.queue_declare("", exclusive=True).method.queue
            for exchange in self.exchanges:
                self._channel.queue_bind(queue, exchange, "#")
            self._channel.basic_consume(queue, self._keep, auto_ack=True)
            ready.set()
            self._channel.start_consuming()

    def _keep(self, channel, delivery, properties, body):
        self.messages.append((delivery.exchange, str(properties), body))


class Live:
    """Somebody who watches /api/events."""

    def __init__(self, person, query: str = "", **headers):
        self.seen, self.began, self.ended = [], threading.Event(), threading.Event()
        port = person.station.port("gateway")
        self._client = httpx.Client(trust_env=False, timeout=httpx.Timeout(10, read=60))
        self._request = (
            f"http://127.0.0.1:{port}/api/events{query}",
            {"Authorization": f"Bearer {person.token}"} | {k.replace("_", "-"): v for k, v in headers.items()},
        )

    def __enter__(self):
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        assert self.began.wait(10)
        return self

    def __exit__(self, *_):
        self._client.close()

    def about(self, subject: str) -> list[str]:
        """Return the types of the events seen about a subject, in order."""
        return [event["type"] for event in list(self.seen) if event["subject"] == subject]

    def _read(self):
        address, headers = self._request
        with contextlib.suppress(httpx.HTTPError), self._client.stream("GET", address, headers=headers) as answer:
            assert answer.status_code == 200
            for line in answer.iter_lines():
                self.began.set()
                if line.startswith("data: ") and line != "data: {}":
                    self.seen.append(json.loads(line.removeprefix("data: ")) | {"seen_at": time.time()})
        self.ended.set()


def history(url: str, until: str, within: float = 20) -> list[bytes]:
    """Return every message of the public stream, from the first on, up to one that holds a text."""
    found, deadline = [], time.monotonic() + within

    def keep(channel, delivery, properties, body):
        found.append(body)
        channel.basic_ack(delivery.delivery_tag)

    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=500)
        channel.basic_consume("jinlin.public.history", keep, arguments={"x-stream-offset": "first"})
        while not any(until.encode() in body for body in found[-500:]):
            assert time.monotonic() < deadline, f"the stream does not come to {until}"
            connection.process_data_events(time_limit=0.2)
    return found
