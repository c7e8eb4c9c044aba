"""Calls to the services: tried again under one key until the time is up."""

import time
import uuid

from prometheus_client import Counter, Histogram

from chassis.client import Unavailable
from chassis.logs import log
from contracts.errors import Refusal

SECONDS = 4.5  # people are told within five
FIRST_PAUSE = 0.1

made = Counter("jinlin_gateway_calls_total", "Calls to services, by what came of them", ["call", "outcome"])
seconds_taken = Histogram("jinlin_gateway_call_seconds", "From the first try of a call to its answer", ["call"])
retried = Counter("jinlin_gateway_calls_retried_total", "Calls tried again because nobody answered", ["call"])


class Calls:
    """Calls services on behalf of a user; waits out a short absence of the broker or of a service."""

    def __init__(self, client, *, clock=time.monotonic, sleep=time.sleep):
        self.client, self.clock, self.sleep = client, clock, sleep

    def call(
        self, service, method, arguments, *, takes, returns, caller, key=None, correlation_id=None, seconds=SECONDS
    ):
        """Return what the service answers.

        Every try has the same idempotency key, so a command that was carried out though its answer was
        lost is not carried out again. Raises Refusal; Unavailable when the time is up.
        """
        name, outcome = f"{service}.{method}", "failed"
        options = {"takes": takes, "returns": returns, "caller": caller, "correlation_id": correlation_id}
        try:
            with seconds_taken.labels(name).time():
                answer = self._until(seconds, service, method, arguments, options, key or str(uuid.uuid4()))
            outcome = "done"
            return answer
        except Refusal as refusal:
            outcome = refusal.kind
            raise
        except Unavailable:
            outcome = "unavailable"
            raise
        finally:
            made.labels(name, outcome).inc()

    def _until(self, seconds, service, method, arguments, options, key):
        deadline, pause = self.clock() + seconds, FIRST_PAUSE
        while True:
            try:
                timeout = max(0.1, deadline - self.clock())
                return self.client.call(service, method, arguments, timeout=timeout, idempotency_key=key, **options)
            except Unavailable as error:
                if self.clock() + pause >= deadline:
                    raise
                log().info("call_retried", call=f"{service}.{method}", error=str(error))
                retried.labels(f"{service}.{method}").inc()
            self.sleep(pause)
            pause = min(pause * 2, 1.0)
