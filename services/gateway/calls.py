"""Calls to the services: tried again under one key until the time is up."""

import time
import uuid

from prometheus_client import Counter

from chassis.client import Unavailable
from chassis.logs import log

SECONDS = 5.0
FIRST_PAUSE = 0.1

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
        deadline, pause = self.clock() + seconds, FIRST_PAUSE
        key = key or str(uuid.uuid4())
        while True:
            try:
                return self.client.call(
                    service,
                    method,
                    arguments,
                    takes=takes,
                    returns=returns,
                    caller=caller,
                    timeout=max(0.1, deadline - self.clock()),
                    idempotency_key=key,
                    correlation_id=correlation_id,
                )
            except Unavailable as error:
                if self.clock() + pause >= deadline:
                    raise
                log().info("call_retried", call=f"{service}.{method}", error=str(error))
                retried.labels(f"{service}.{method}").inc()
            self.sleep(pause)
            pause = min(pause * 2, 1.0)
