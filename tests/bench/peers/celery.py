"""Celery with quorum queues, acks_late and psycopg2, dual write: the transaction first, then the follow-up, then the ack.

One worker process with sixteen threads: with a forked process, its default, it is less than half as fast. A task that
fails is acked, as is Celery's default; after a crash it comes again.
"""

import celery
from psycopg2.pool import ThreadedConnectionPool

from tests.bench.peers.common import BROKER, DATABASE, FOLLOWED, LISTENER, QUEUE, effect, follow_up

THREADS = 16

app = celery.Celery("bench", broker=BROKER)
app.conf.update(
    task_default_queue=QUEUE,
    task_default_queue_type="quorum",
    task_create_missing_queue_type="quorum",
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=4,
    worker_hijack_root_logger=False,
    broker_pool_limit=THREADS,
    broker_transport_options={"confirm_publish": True},
)
pool = ThreadedConnectionPool(THREADS, THREADS, DATABASE)


@app.task(name="on_number_passed")
def on_number_passed(event):
    """Only sent here; the observer of the bench reads the queue."""


@app.task(name="on_number_made")
def on_number_made(event):
    connection = pool.getconn()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO inbox (listener, event_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", (LISTENER, event["id"])
            )
            if cursor.rowcount:
                cursor.execute("INSERT INTO effects (line, number) VALUES (%s, %s)", effect(event))
    finally:
        pool.putconn(connection)
    on_number_passed.apply_async((follow_up(event),), queue=FOLLOWED)
