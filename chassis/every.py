"""@every(seconds): a duty that time, and no event, calls for.

    @every(60)
    def lapse_claims(self, store, now):
        ...

The method is called inside an open transaction, by one process of the service at a time, and must do
no more than a second's work in it; it returns whether more is waiting, and is then called again at
once. `now` is handed in, so that a test can say what time it is. A database that is away is waited
for; any other failure is logged, counted, and tried again after the same time.
"""

from datetime import UTC, datetime

import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint

from chassis import metrics
from chassis.database import is_transient
from chassis.dependencies import Database
from chassis.logs import about, log


class Every(Entrypoint):
    """Calls a method again and again, so many seconds after it has ended."""

    def __init__(self, seconds: float, **options):
        super().__init__(**options)
        self.seconds = seconds
        self._stopping = Signal()
        self._thread = None

    def start(self):
        self._thread = self.container.spawn_managed_thread(self._run, identifier=f"every {self.method_name}")

    def stop(self):
        """Finish the transaction in hand."""
        if not self._stopping.ready():
            self._stopping.send()
        if self._thread is not None:
            self._thread.wait()

    def _run(self):
        database = next(x for x in self.container.dependencies if isinstance(x, Database))
        service = self.container.service_cls()
        for dependency in self.container.dependencies:
            setattr(service, dependency.attr_name, dependency.get_dependency(_NoCall))
        while not self._stopping.ready():
            more = False
            with about(duty=self.method_name):
                try:
                    more = carry_out(service, self.method_name, database.transactions, datetime.now(UTC))
                except Exception as error:
                    if is_transient(error):
                        log().warning("duty_waits_for_the_database", error=type(error).__name__)
                    else:
                        metrics.duties_failed.labels(self.method_name).inc()
                        log().error("duty_failed", exc_info=error)
            if not more:
                with eventlet.Timeout(self.seconds, False):
                    self._stopping.wait()


class _NoCall:
    """What a dependency is asked for outside of a call."""

    data: dict = {}


def carry_out(service, name: str, transactions, now: datetime) -> bool:
    """Do a duty once, unless another process is at it; return whether more is waiting."""
    with transactions.transaction() as store:
        lock = "SELECT pg_try_advisory_xact_lock(hashtextextended('every ' || :name, 0)) AS free"
        if not store.row(lock, name=name)["free"]:
            return False
        return bool(getattr(service, name)(store, now))


every = Every.decorator
