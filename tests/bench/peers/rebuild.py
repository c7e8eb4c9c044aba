"""The limit of a rebuild: pika and psycopg2 by hand read the stream, 500 events a transaction, and nothing else.

No schemas, logs or metrics; the inbox and the effects by execute_values. Ends after as many events as it is told.
"""

import json
import sys

import pika
import psycopg2
from psycopg2.extras import execute_values

from tests.bench.peers.common import BROKER, DATABASE, LISTENER, effect

STREAM, BATCH, PREFETCH = "jinlin.public.history", 500, 2000


class Loop:
    def __init__(self, count: int):
        self.left, self.arrived = count, []
        self.database = psycopg2.connect(DATABASE)
        self.cursor = self.database.cursor()
        self.connection = pika.SelectConnection(pika.URLParameters(BROKER), on_open_callback=self.open)

    def open(self, connection):
        connection.channel(on_open_callback=self.open_incoming)

    def open_incoming(self, channel):
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(STREAM, on_message_callback=self.on_message, arguments={"x-stream-offset": "first"})

    def on_message(self, channel, method, properties, body):
        self.arrived.append(json.loads(body))
        if len(self.arrived) == min(BATCH, self.left):
            rows = {event["id"]: effect(event) for event in self.arrived}
            new = execute_values(
                self.cursor, "INSERT INTO inbox (listener, event_id) VALUES %s ON CONFLICT DO NOTHING RETURNING event_id::text",
                [(LISTENER, id) for id in rows], page_size=BATCH, fetch=True,
            )  # fmt: skip
            self.insert([rows[id] for (id,) in new])
            self.database.commit()
            channel.basic_ack(method.delivery_tag, multiple=True)
            self.left -= len(self.arrived)
            self.arrived.clear()
            if not self.left:
                self.connection.ioloop.stop()

    def insert(self, rows):
        execute_values(self.cursor, "INSERT INTO effects (line, number) VALUES %s", rows, page_size=BATCH)


if __name__ == "__main__":
    Loop(int(sys.argv[1])).connection.ioloop.start()
