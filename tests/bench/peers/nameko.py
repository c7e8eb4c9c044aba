"""nameko's own event_handler and EventDispatcher with psycopg2, dual write: the transaction, the follow-up, the ack.

One process, ten workers (its default). nameko declares classic queues; the subclass makes this one a quorum
queue. An event whose handler fails is acked and gone, as is nameko's default; after a crash it comes again.
"""

import eventlet

eventlet.monkey_patch()

from eventlet.queue import Queue
from nameko.events import EventDispatcher, EventHandler
from nameko.extensions import DependencyProvider
from nameko.runners import ServiceRunner
from psycopg2 import connect

from tests.bench.peers.common import BROKER, DATABASE, LISTENER, effect, follow_up

WORKERS = 10


class QuorumEventHandler(EventHandler):
    def setup(self):
        super().setup()
        self.queue.queue_arguments = {"x-queue-type": "quorum"}


event_handler = QuorumEventHandler.decorator


class Pool(DependencyProvider):
    """As many sessions as workers."""

    def setup(self):
        self.sessions = Queue()
        for _ in range(WORKERS):
            self.sessions.put(connect(DATABASE))

    def get_dependency(self, worker_ctx):
        return self.sessions


class Middle:
    name = "middle"

    sessions = Pool()
    dispatch = EventDispatcher()

    @event_handler("source", "number.made.v1")
    def on_number_made(self, event):
        session = self.sessions.get()
        try:
            with session, session.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO inbox (listener, event_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                    (LISTENER, event["id"]),
                )
                if cursor.rowcount:
                    cursor.execute("INSERT INTO effects (line, number) VALUES (%s, %s)", effect(event))
        finally:
            self.sessions.put(session)
        self.dispatch("number.passed.v1", follow_up(event))


if __name__ == "__main__":
    runner = ServiceRunner({"AMQP_URI": BROKER, "max_workers": WORKERS, "parent_calls_tracked": 1})
    runner.add_service(Middle)
    runner.start()
    runner.wait()
