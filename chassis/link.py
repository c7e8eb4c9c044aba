"""A connection to the broker that a service process keeps for as long as it runs."""

import time

import amqp
import eventlet
from nameko.extensions import ProviderCollector, SharedExtension

from chassis import broker, metrics
from chassis.logs import log
from chassis.wire import drain

LOOK_SECONDS = 5
BEAT_SECONDS = 1


class Link(SharedExtension, ProviderCollector):
    """Opens a connection, reads from it, and opens another whenever it breaks or is silent for two heartbeats.

    Subclasses say what to consume (`open`), what to do with what has arrived (`arrived`) and what to
    look after every few seconds (`look`); all three may raise OSError or AMQPError.
    """

    purpose = "link"
    rest_seconds = 0.0  # at least so long between a connection that broke and the next

    def __init__(self):
        super().__init__()
        self.state = "starting"
        self._stopping = False
        self._thread = None

    def open(self, channel) -> None:
        raise NotImplementedError

    def arrived(self, connection, channel) -> None:
        """Deal with what was read; called whenever something may have been."""

    def look(self, connection, channel) -> None:
        """Look after what belongs to the connection."""

    def beat(self, connection) -> None:
        """Keep an idle connection alive and notice a dead one."""
        connection.heartbeat_tick()

    def close(self, connection, channel) -> None:
        """Leave in good order."""
        connection.close()

    def begin(self) -> None:
        """Keep the connection from now on, until `stop`."""
        if self._thread is None:
            self._thread = self.container.spawn_managed_thread(self._run, identifier=self.purpose)

    def stop(self) -> None:
        """Finish what is in hand and close the connection."""
        self._stopping = True
        if self._thread is not None:
            self._thread.wait()

    def _run(self):
        pause = 0.1
        while not self._stopping:
            connection = None
            try:
                name = f"jinlin {self.container.service_name} {self.purpose}"
                connection = broker.connect(self.container.config["settings"].broker_url, name=name)
                channel = connection.channel()
                self.open(channel)
                self.state, pause = "ok", 0.1
                self._read(connection, channel)
                self.close(connection, channel)
            except (OSError, amqp.exceptions.AMQPError) as error:
                # The broker's own words name the queue that is not as it should be.
                said = getattr(error, "reply_text", "") or ""
                self.state = f"{type(error).__name__}{said and f': {said}'}, connecting again"
                rest = max(pause, self.rest_seconds)
                metrics.interruptions.labels(self.purpose).inc()
                log().warning("link_interrupted", purpose=self.purpose, error=repr(error), again_in=rest)
                eventlet.sleep(rest)
                pause = min(pause * 2, 2.0)
            finally:
                if connection:
                    connection.collect()

    def _read(self, connection, channel):
        looked = beaten = time.monotonic()
        while not self._stopping:
            drain(connection, 0.25)
            self.arrived(connection, channel)
            now = time.monotonic()
            if now - beaten > BEAT_SECONDS:
                beaten = now
                self.beat(connection)
            if now - looked > LOOK_SECONDS:
                looked = now
                self.look(connection, channel)
