"""Sends messages out on the channels, apart from the listeners, who only write down that it is to be done.

A channel is leased and the lease committed, then the message is sent outside of any transaction, then
what became of it is committed. A process that dies between the last two leaves a lease behind; when
it ends, after two minutes, the message is sent once more. So a message goes out at least once, and
in that one case twice. Any number of processes share the work.
"""

import logging

import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import DependencyProvider
from prometheus_client import Counter

from chassis.database import Transactions, is_transient
from chassis.dependencies import Database
from chassis.logs import about, log
from chassis.privacy import Keyring, Unsealable
from services.notify import domain, outgoing
from services.notify.domain import Delivery
from services.notify.store import about_address

MOST_AT_ONCE = 16
POLL_SECONDS = 1.0
STOP_SECONDS = 12

tries = Counter("jinlin_notify_tries_total", "Tries to send a message out", ["kind", "outcome"])


class Courier:
    """Takes deliveries, sends each, and writes down what became of it."""

    def __init__(self, transactions: Transactions, keyring: Keyring):
        self.transactions, self.keyring = transactions, keyring

    def claim(self, most: int) -> list[Delivery]:
        """Return up to so many deliveries that are due, leased to this process."""
        with self.transactions.transaction() as store:
            return store.claim_deliveries(most)

    def send(self, delivery: Delivery) -> str | None:
        """Try once; return why it was not taken, or none."""
        if delivery.attempts > domain.TRIES:
            return "the_process_died"
        try:
            url = self.keyring.open(delivery.url, about_address(delivery.channel_id))
        except Unsealable:
            return "unsealable"
        return outgoing.send(delivery.kind, url, delivery.title, delivery.body)

    def end(self, delivery: Delivery, refused: str | None) -> None:
        """Commit what became of a try."""
        outcome = domain.after(delivery.attempts, refused)
        with self.transactions.transaction() as store:
            if not store.end_delivery(delivery, outcome):
                log().warning("delivery_lease_lost", delivery=delivery.id)
        tries.labels(delivery.kind, outcome.state).inc()
        level = logging.ERROR if outcome.state == "failed" else logging.WARNING if refused else logging.INFO
        log().log(level, f"delivery_{outcome.state}", reason=refused)


class Sender(DependencyProvider):
    """Runs a courier in the service process: woken by each commit that wrote a message, and every second."""

    def __init__(self):
        self._signal = Signal()
        self._stopping = False
        self._loop = None
        self._in_hand = {}

    def start(self):
        database = next(x for x in self.container.dependencies if isinstance(x, Database))
        self.courier = Courier(database.transactions, Keyring(self.container.config["settings"].data_keys))
        tell_relay = database.transactions.on_published
        database.transactions.on_published = lambda: (tell_relay(), self.wake())
        self._loop = self.container.spawn_managed_thread(self._run, identifier="sender")

    def stop(self):
        """Take nothing new; give what is on its way the time that a try may take."""
        self._stopping = True
        self.wake()
        with eventlet.Timeout(STOP_SECONDS, False):
            for thread in [*filter(None, [self._loop]), *self._in_hand.values()]:
                thread.wait()

    def wake(self) -> None:
        """Say that there may be something to send."""
        if not self._signal.ready():
            self._signal.send()

    def _run(self):
        while not self._stopping:
            free = MOST_AT_ONCE - len(self._in_hand)
            claimed = self._until_the_database_answers(lambda most=free: self.courier.claim(most)) if free else None
            for delivery in claimed or []:
                self._in_hand[delivery.id] = self.container.spawn_managed_thread(
                    lambda delivery=delivery: self._deliver(delivery), identifier=f"delivery {delivery.id}"
                )
            if not claimed:
                with eventlet.Timeout(POLL_SECONDS, False):
                    self._signal.wait()
                self._signal = Signal()

    def _deliver(self, delivery):
        with about(
            correlation_id=delivery.correlation_id,
            channel=delivery.channel_id,
            kind=delivery.kind,
            attempt=delivery.attempts,
        ):
            refused = self.courier.send(delivery)
            self._until_the_database_answers(lambda: self.courier.end(delivery, refused))
        del self._in_hand[delivery.id]
        self.wake()

    def _until_the_database_answers(self, work):
        pause = 0.2
        while True:
            try:
                return work()
            except Exception as error:
                if not is_transient(error):
                    raise
                log().warning("sender_waits_for_the_database", error=type(error).__name__, again_in=pause)
                if self._stopping:
                    return None
                eventlet.sleep(pause)
                pause = min(pause * 2, 5.0)
