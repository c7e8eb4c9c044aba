"""Messages in and out of the broker: filling a queue, counting, draining, and a steady stream with an observer."""

import threading
import time

import amqp

from chassis import broker
from contracts.base import enclose
from tests.chain.services import NumberMade

LINES = 50


class Wire:
    """The bench's own connection, and what it sends to a contender and gets from it."""

    def __init__(self, url: str, contender):
        self.url, self.contender = url, contender
        self.connection = broker.connect(url, name="bench")
        self.connection.heartbeat = 0  # nobody beats while a bench measures
        self.channel = self.connection.channel()
        self.made = 0
        if not contender.ours:
            self._declare()

    def close(self) -> None:
        self.connection.close()

    def _declare(self):
        of, channel = self.contender, self.channel
        channel.queue_declare(of.queue, durable=True, auto_delete=False, arguments=of.arguments)
        if of.exchange:
            channel.exchange_declare(of.exchange, "topic", durable=True, auto_delete=False)
            channel.queue_bind(of.queue, of.exchange, of.key)
        arguments = of.arguments
        if "x-dead-letter-routing-key" in arguments:
            arguments = arguments | {"x-dead-letter-routing-key": f"{of.followed}.XQ"}
        channel.queue_declare(of.followed, durable=True, auto_delete=False, arguments=arguments)
        if of.from_exchange:
            exchange, key = of.from_exchange
            channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
            channel.queue_bind(of.followed, exchange, key)

    def purge(self) -> None:
        for queue in (self.contender.queue, self.contender.followed):
            self.channel.queue_purge(queue)

    def count(self, queue: str) -> int:
        """Return how many messages wait in a queue, apart from those in hand."""
        return self.channel.queue_declare(queue, passive=True).message_count

    def event(self):
        """Return the message of the next number; lines take turns."""
        number, line = divmod(self.made, LINES)
        self.made += 1
        event = NumberMade(version=number + 1, line=f"line-{line}", made_at=time.time())
        return self.contender.wrap(enclose(event).to_json())

    def fill(self, count: int) -> None:
        """Put events into the queue; return when the broker has confirmed all."""
        channel = self.connection.channel()
        confirms = Confirms(channel)
        for _ in range(count):
            confirms.publish(self.event(), self.contender.exchange, self.contender.key)
        confirms.wait(self.connection)
        channel.close()

    def drain(self) -> list[tuple[str, int]]:
        """Take every follow-up out of its queue; return their lines and numbers."""
        observer = Observer(self.url, self.contender)
        observer.read(0.3)
        observer.close()
        return [key for key, _ in observer.seen]

    def stream(self, rate: float, seconds: float) -> tuple[list[float], list[tuple[str, int]]]:
        """Publish at a steady rate; return how long each follow-up took, and the lines and numbers of those that came."""
        observer = Observer(self.url, self.contender)
        thread = threading.Thread(target=observer.read_until_told, daemon=True)
        thread.start()
        channel = self.connection.channel()
        confirms, sent, count = Confirms(channel), {}, int(rate * seconds)
        began = time.monotonic() + 0.05
        for each in range(count):
            number, line = divmod(self.made, LINES)
            message = self.event()
            time.sleep(max(0.0, began + each / rate - time.monotonic()))
            sent[f"line-{line}", number + 1] = time.monotonic()
            confirms.publish(message, self.contender.exchange, self.contender.key)
        confirms.wait(self.connection)
        channel.close()
        until = time.monotonic() + 10
        while len(observer.seen) < count and time.monotonic() < until:
            time.sleep(0.05)
        observer.told = True
        thread.join()
        observer.close()
        first: dict[tuple[str, int], float] = {}
        for key, moment in observer.seen:
            first.setdefault(key, moment)
        return [first[key] - moment for key, moment in sent.items() if key in first], [key for key, _ in observer.seen]


class Confirms:
    """Publishes on a channel and knows how many the broker has not confirmed yet."""

    def __init__(self, channel):
        self.channel, self.published = channel, 0
        self._up_to, self._singly = 0, set()
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)

    def publish(self, message: amqp.Message, exchange: str, key: str) -> None:
        self.channel.basic_publish(message, exchange, key)
        self.published += 1

    def wait(self, connection) -> None:
        while self._up_to + len(self._singly) < self.published:
            connection.drain_events(timeout=30)

    def _on_ack(self, tag, multiple):
        if multiple:
            self._up_to = tag
            self._singly = {each for each in self._singly if each > tag}
        else:
            self._singly.add(tag)


class Observer:
    """Consumes a contender's follow-ups and notes when each arrived."""

    def __init__(self, url: str, contender):
        self.connection = broker.connect(url, name="bench observer")
        self.unwrap, self.seen, self.told = contender.unwrap, [], False
        self.connection.channel().basic_consume(contender.followed, no_ack=True, callback=self._on_message)

    def _on_message(self, message):
        now = time.monotonic()
        body = message.body if isinstance(message.body, (bytes, str)) else bytes(message.body)
        event = self.unwrap(body)
        self.seen.append(((event["data"]["line"], int(event["sequence"])), now))

    def read(self, seconds: float) -> None:
        """Read until nothing has come for so long."""
        try:
            while True:
                self.connection.drain_events(timeout=seconds)
        except TimeoutError:
            pass

    def read_until_told(self) -> None:
        while not self.told:
            self.read(0.1)

    def close(self) -> None:
        self.connection.close()
