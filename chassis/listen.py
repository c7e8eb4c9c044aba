"""@listen(Event): a method that hears an event.

    @listen(NeedCreated)
    def on_need_created(self, event, store):
        ...

The method is called inside an open transaction and is written for one event; many may share the
transaction when the service is under load. nameko's own event handler acks what failed and what it
could not read, so this entrypoint has a consumer of its own: one connection and one quorum queue a
service, acks only after the commit.
"""

import time
from collections import deque

import eventlet
from nameko.extensions import Entrypoint

from chassis import broker, metrics
from chassis.database import is_transient
from chassis.dependencies import Database
from chassis.inbox import Inbox, Listener, Message
from chassis.link import Link
from chassis.logs import log
from chassis.settings import BATCH, PREFETCH
from chassis.wire import drain

RETRY_SECONDS = 0.5
# After a stop: begin no batch later than this, so that the last one ends before the process gives up.
FINISH_SECONDS = 12
# Of a batch: what takes longer holds its rows, and a stop, too long.
BATCH_SECONDS = 1
# Bytes: more than this is left with the broker until a batch is done, so that large messages do not fill the memory.
HEAVY = 16_000_000


class Consumer(Link):
    """Takes what arrives in the service's queue to the inbox, in batches as large as what has arrived."""

    purpose = "events"
    # What was delivered to a connection that broke goes back to its place in the queue first; taken sooner, the
    # messages behind it would overtake it. A cluster needs about a second for that, when it has lost a node.
    rest_seconds = 2.0

    def start(self):
        database = next(x for x in self.container.dependencies if isinstance(x, Database))
        listeners = [listener.description(self.container) for listener in self._providers]
        self.inbox = Inbox(database.transactions, listeners)
        self.types = sorted({listener.type for listener in listeners})
        self.begin()
        self._retries = self.container.spawn_managed_thread(self._retry, "retries")

    def stop(self):
        """Finish what has arrived, ack it, and close."""
        self._finish_by = time.monotonic() + FINISH_SECONDS
        super().stop()
        self._retries.wait()

    def unregister_provider(self, provider):
        """Wait until nothing is in hand any more; the entrypoints stop first."""
        self.stop()
        super().unregister_provider(provider)

    def open(self, channel):
        # Bindings that an operator removed by mistake come back here, and in `look`.
        broker.declare_service(channel, self.container.service_name, self.types)
        channel.basic_qos(0, PREFETCH, False)
        self._waiting, self._size = deque(), BATCH
        self._tag = channel.basic_consume(self.container.service_name, callback=self._waiting.append)

    def look(self, connection, channel):
        waiting = broker.declare_service(channel, self.container.service_name, self.types)
        metrics.queue_length.set(waiting + len(self._waiting))
        metrics.queue_age.set(max(0.0, time.time() - self.inbox.newest) if waiting else 0)

    def arrived(self, connection, channel):
        while len(self._waiting) < BATCH and sum(len(each.body) for each in self._waiting) < HEAVY and drain(connection, 0):
            pass
        while self._waiting and not self._stopping:
            self._take(connection, channel)

    def close(self, connection, channel):
        """Take nothing more from the queue, and finish what has come; what there is no time for goes back."""
        self._cancel(channel)
        while self._waiting and time.monotonic() < self._finish_by:
            self._take(connection, channel)
        super().close(connection, channel)

    def _take(self, connection, channel):
        """Bring a batch to its end and ack it; handlers that are slow get smaller batches."""
        batch = [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]
        began = time.monotonic()
        beat = eventlet.spawn_after(broker.HEARTBEAT / 3, self._beat, connection)
        try:
            self._until_the_database_answers([message_of(delivered) for delivered in batch])
        finally:
            beat.cancel()
            beat.kill()
        took = time.monotonic() - began
        self._size = max(1, int(len(batch) / took)) if took > BATCH_SECONDS else min(BATCH, self._size * 2)
        metrics.batch_size.observe(len(batch))
        metrics.batch_seconds.observe(took)
        if self._stopping:
            self._cancel(channel)  # before the ack, which makes room for more
        with metrics.steps.labels("ack").time():
            channel.basic_ack(batch[-1].delivery_tag, multiple=True)

    def _cancel(self, channel):
        if self._tag:
            channel.basic_cancel(self._tag)
            self._tag = None

    def _until_the_database_answers(self, messages):
        pause = 0.2
        while True:
            try:
                self.inbox.take(messages)
                self.state = "ok"
                return
            except Exception as error:
                if not is_transient(error):
                    raise
                self.state = "waits for the database"
                metrics.waits.inc()
                log().warning("database_unavailable", error=type(error).__name__, again_in=pause)
                if self._stopping:
                    # Unacked, so it comes again to whoever consumes next.
                    raise ConnectionAbortedError("stopped while the database was away") from error
                eventlet.sleep(pause)
                pause = min(pause * 2, 5.0)

    @staticmethod
    def _beat(connection):
        """Keep the connection alive while a batch takes long, when nobody reads from it."""
        while True:
            connection.send_heartbeat()
            eventlet.sleep(broker.HEARTBEAT / 3)

    def _retry(self):
        while not self._stopping:
            try:
                self.inbox.retry_due()
            except Exception as error:
                if not is_transient(error):
                    raise
                eventlet.sleep(2)
            eventlet.sleep(RETRY_SECONDS)


class Listen(Entrypoint):
    """The entrypoint behind @listen."""

    consumer = Consumer()

    def __init__(self, event, **options):
        self.event = event
        super().__init__(**options)

    def setup(self):
        self.consumer.register_provider(self)

    def stop(self):
        self.consumer.unregister_provider(self)

    def description(self, container) -> Listener:
        """Return the listener as the inbox knows it."""
        service = container.service_cls()
        for dependency in container.dependencies:
            if not isinstance(dependency, Database):
                setattr(service, dependency.attr_name, dependency.get_dependency(None))
        return Listener(self.method_name, self.event.type, getattr(service, self.method_name))


listen = Listen.decorator


def heard_by(service_class) -> list[str]:
    """Return the event types that a service listens to."""
    return sorted(
        {
            entrypoint.event.type
            for name in dir(service_class)
            for entrypoint in getattr(getattr(service_class, name), "nameko_entrypoints", ())
            if isinstance(entrypoint, Listen)
        }
    )


def message_of(delivered) -> Message:
    """Return a message as the inbox knows it."""
    body = delivered.body.encode() if isinstance(delivered.body, str) else bytes(delivered.body)
    return Message(
        body=body,
        redelivered=bool(delivered.delivery_info.get("redelivered")),
        id=delivered.properties.get("message_id") or "",
        type=delivered.properties.get("type") or "",
    )
