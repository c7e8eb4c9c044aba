"""Dramatiq with psycopg2, dual write: the transaction first, then the follow-up, then the ack.

One process with sixteen threads (with its default of eight it is slower) and a pool of as many sessions. Dramatiq
declares classic queues; the subclass makes the one that is worked on, and the follow-ups', quorum queues. A message
that failed comes again after a pause; after a crash it comes again at once.
"""

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from psycopg2.pool import ThreadedConnectionPool

from tests.bench.peers.common import BROKER, DATABASE, FOLLOWED, LISTENER, QUEUE, effect, follow_up

THREADS = 16


class QuorumBroker(RabbitmqBroker):
    def _build_queue_arguments(self, queue_name):
        return super()._build_queue_arguments(queue_name) | {"x-queue-type": "quorum"}


dramatiq.set_broker(QuorumBroker(url=BROKER, confirm_delivery=True))
pool = ThreadedConnectionPool(THREADS, THREADS, DATABASE)


@dramatiq.actor(queue_name=FOLLOWED)
def on_number_passed(event):
    """Only sent here; the observer of the bench reads the queue."""


@dramatiq.actor(queue_name=QUEUE)
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
    on_number_passed.send(follow_up(event))
