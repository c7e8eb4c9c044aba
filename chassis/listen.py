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

import amqp
import eventlet
from nameko.extensions import Entrypoint, ProviderCollector, SharedExtension

from chassis import broker, metrics
from chassis.database import Database, is_transient
from chassis.inbox import Inbox, Listener, Message
from chassis.logs import log
from chassis.settings import BATCH, PREFETCH

RETRY_SECONDS = 0.5


class Consumer(SharedExtension, ProviderCollector):
    """Takes what arrives in the service's queue to the inbox, in batches as large as what has arrived."""

    def __init__(self):
        super().__init__()
        self._stopping = False
        self._threads = []
        self._arrived: deque = deque()
        self.state = "starting"

    def start(self):
        database = next(x for x in self.container.dependencies if isinstance(x, Database))
        self.listeners = [listener.description(self.container) for listener in self._providers]
        self.inbox = Inbox(database.transactions, self.listeners)
        self.types = sorted({listener.type for listener in self.listeners})
        if not self._threads:
            spawn = self.container.spawn_managed_thread
            self._threads = [spawn(self._run, "consumer"), spawn(self._retry, "retries")]

    def stop(self):
        """Finish the batch in hand, ack it, and close."""
        self._stopping = True
        for thread in self._threads:
            thread.wait()

    def unregister_provider(self, provider):
        """Wait until nothing is in hand any more; the entrypoints stop first."""
        self.stop()
        super().unregister_provider(provider)

    def _run(self):
        pause = 0.1
        while not self._stopping:
            connection = None
            try:
                connection, channel = self._open()
                pause = 0.1
                self._consume(connection, channel)
            except (OSError, amqp.exceptions.AMQPError) as error:
                self.state = f"cannot consume: {type(error).__name__}"
                log().warning("consumer_interrupted", error=repr(error), again_in=pause)
                eventlet.sleep(pause)
                pause = min(pause * 2, 2.0)
            finally:
                if connection:
                    connection.collect()

    def _open(self):
        name = self.container.service_name
        connection = broker.connect(self.container.config["settings"].broker_url, name=f"jinlin {name} events")
        channel = connection.channel()
        # Bindings that an operator removed by mistake come back here.
        broker.declare_service(channel, name, self.types)
        channel.basic_qos(0, PREFETCH, False)
        self._arrived.clear()
        self._tag = channel.basic_consume(name, callback=self._arrived.append)
        self.state = "consuming"
        return connection, channel

    def _consume(self, connection, channel):
        checked = time.monotonic()
        while not self._stopping:
            if not self._arrived:
                self._drain(connection, 0.25)
            while len(self._arrived) < BATCH and self._drain(connection, 0):
                pass
            if self._arrived:
                self._take(connection, channel)
            if time.monotonic() - checked > 5:
                checked = time.monotonic()
                connection.heartbeat_tick()
                broker.declare_service(channel, self.container.service_name, self.types)
        channel.basic_cancel(self._tag)
        connection.close()

    @staticmethod
    def _drain(connection, timeout) -> bool:
        try:
            connection.drain_events(timeout=timeout or 0.0001)
            return True
        except TimeoutError:
            return False

    def _take(self, connection, channel):
        messages = [self._arrived.popleft() for _ in range(min(BATCH, len(self._arrived)))]
        began = time.monotonic()
        beat = eventlet.spawn(self._beat, connection)
        try:
            self._until_the_database_answers(
                [
                    Message(
                        body=m.body.encode() if isinstance(m.body, str) else bytes(m.body),
                        redelivered=bool(m.delivery_info.get("redelivered")),
                        id=m.properties.get("message_id") or "",
                    )
                    for m in messages
                ]
            )
        finally:
            beat.kill()
        channel.basic_ack(messages[-1].delivery_tag, multiple=True)
        metrics.batch_size.observe(len(messages))
        metrics.batch_seconds.observe(time.monotonic() - began)

    def _until_the_database_answers(self, messages):
        pause = 0.2
        while True:
            try:
                self.inbox.take(messages)
                self.state = "consuming"
                return
            except Exception as error:
                if not is_transient(error):
                    raise
                self.state = "waits for the database"
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
            eventlet.sleep(broker.HEARTBEAT / 3)
            connection.send_heartbeat()

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
            if isinstance(dependency, Database):
                continue
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
