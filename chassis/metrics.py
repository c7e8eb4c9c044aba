"""What is counted and timed, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()

_QUICK = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_MANY = (1, 2, 5, 10, 20, 50, 100, 200, 500)

published = Counter("jinlin_events_published_total", "Events confirmed by the broker", ["type"])
returned = Counter("jinlin_events_returned_total", "Events that no queue wanted, kept in the outbox", ["type"])
outbox_length = Gauge("jinlin_outbox_events", "Events committed and not yet confirmed")
outbox_age = Gauge("jinlin_outbox_age_seconds", "Age of the oldest event in the outbox")
publish_delay = Histogram("jinlin_publish_delay_seconds", "From commit to the broker's confirm", buckets=_QUICK)
relay_batch = Histogram("jinlin_relay_batch_events", "Events sent and confirmed together", buckets=_MANY)
leading = Gauge("jinlin_relay_leading", "1 where this process's relay is the one that publishes")

queue_length = Gauge("jinlin_queue_events", "Messages in the service's queue, ready or in hand")
queue_age = Gauge("jinlin_queue_age_seconds", "While messages wait: age of the newest one that was taken")
interruptions = Counter("jinlin_interruptions_total", "Times that a connection to the broker, or the relay, broke off", ["link"])
waits = Counter("jinlin_database_waits_total", "Times that a batch waited because the database was away")
steps = Histogram("jinlin_step_seconds", "Time of each step on an event's way, a batch at a time", ["step"], buckets=_QUICK)

handled = Counter("jinlin_events_handled_total", "Events handled, each once", ["listener"])
repeated = Counter("jinlin_events_repeated_total", "Events that had been handled before", ["listener"])
redelivered = Counter("jinlin_events_redelivered_total", "Messages that the broker delivered again")
failed = Counter("jinlin_events_failed_total", "Tries of a handler that failed", ["listener"])
parked = Counter("jinlin_events_parked_total", "Events set aside for an operator", ["listener"])
batch_size = Histogram("jinlin_batch_events", "Events in one transaction", buckets=_MANY)
batch_seconds = Histogram("jinlin_batch_seconds", "From the first event of a batch to its ack", buckets=_QUICK)
event_age = Histogram("jinlin_event_age_seconds", "From commit at the publisher to handled here", buckets=_QUICK)
set_aside = Gauge("jinlin_set_aside_events", "Events that wait for another try, or are parked", ["state"])
set_aside_age = Gauge("jinlin_set_aside_age_seconds", "Age of the oldest of them", ["state"])

calls = Counter("jinlin_calls_total", "Calls answered", ["call", "outcome"])
call_seconds = Histogram("jinlin_call_seconds", "Time to answer a call", ["call"], buckets=_QUICK)

duties_failed = Counter("jinlin_duties_failed_total", "Times that a regular duty failed", ["duty"])
