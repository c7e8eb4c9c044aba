"""The limit: pika and psycopg2 by hand, one thread, and nothing else.

Up to 200 messages are one transaction with their inbox, effects and outbox; they are acked after the commit; their
follow-ups go out in one batch with confirms; what is confirmed leaves the outbox in the next transaction, or at
once when nothing waits. No schemas, logs, metrics or retries, and nobody sends what a crash left in the outbox.

pika's asynchronous connection, because it takes less than half of py-amqp's time for each message in and out: it
reads and writes many frames at once.
"""

import json

import pika
import psycopg2
from psycopg2.extras import execute_values

from tests.bench.peers.common import BROKER, DATABASE, EXCHANGE, FOLLOWED, LISTENER, QUEUE, effect, follow_up

BATCH, PREFETCH = 200, 400


class Loop:
    def __init__(self):
        self.arrived: list[tuple[int, bytes]] = []
        self.known = 0  # of what arrived, how many at the last look
        self.planned = False
        self.published = 0
        self.unconfirmed: dict[int, int] = {}  # delivery tag: seq
        self.confirmed: list[int] = []
        self.database = psycopg2.connect(DATABASE)
        self.cursor = self.database.cursor()
        self.connection = pika.SelectConnection(pika.URLParameters(BROKER), on_open_callback=self.open)

    def open(self, connection):
        connection.channel(on_open_callback=self.open_outgoing)

    def open_outgoing(self, channel):
        self.outgoing = channel
        channel.confirm_delivery(self.on_confirm)
        self.connection.channel(on_open_callback=self.open_incoming)

    def open_incoming(self, channel):
        self.incoming = channel
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(QUEUE, on_message_callback=self.on_message)

    def on_message(self, channel, method, properties, body):
        self.arrived.append((method.delivery_tag, body))
        self.look_soon()

    def on_confirm(self, frame):
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        for each in [each for each in self.unconfirmed if each <= tag] if multiple else [tag]:
            self.confirmed.append(self.unconfirmed.pop(each))
        self.look_soon()

    def look_soon(self):
        if not self.planned:
            self.planned = True
            self.connection.ioloop.call_later(0, self.look)

    def look(self):
        """Take what arrived when it fills a batch, or when reading once more brought nothing."""
        self.planned = False
        if self.known < len(self.arrived) < BATCH:
            self.known = len(self.arrived)
            self.look_soon()
        elif self.arrived:
            batch, self.arrived = self.arrived[:BATCH], self.arrived[BATCH:]
            self.known = 0
            self.take(batch)
            self.look_soon()
        elif self.confirmed and not self.unconfirmed:
            self.cursor.execute("SET LOCAL synchronous_commit TO off")  # what is forgotten here is only sent twice
            self.remove_confirmed()
            self.database.commit()

    def take(self, batch):
        events = {event["id"]: event for event in (json.loads(body) for _, body in batch)}
        new = self.insert(
            "INSERT INTO inbox (listener, event_id) VALUES %s ON CONFLICT DO NOTHING RETURNING event_id::text",
            [(LISTENER, id) for id in events],
        )
        new = [events[id] for (id,) in new]
        self.insert("INSERT INTO effects (line, number) VALUES %s RETURNING n", [effect(event) for event in new])
        followed = [follow_up(event) for event in new]
        rows = [(e["id"], e["type"], e["subject"], json.dumps(e, separators=(",", ":"))) for e in followed]
        seqs = self.insert("INSERT INTO outbox (event_id, type, subject, body) VALUES %s RETURNING seq", rows)
        self.remove_confirmed()
        self.database.commit()
        self.incoming.basic_ack(batch[-1][0], multiple=True)
        for (id, type, _, body), (seq,) in zip(rows, seqs, strict=True):
            properties = pika.BasicProperties("application/json", delivery_mode=2, message_id=id, type=type)
            self.outgoing.basic_publish(EXCHANGE, FOLLOWED, body, properties)
            self.published += 1
            self.unconfirmed[self.published] = seq

    def insert(self, statement, rows):
        return execute_values(self.cursor, statement, rows, page_size=BATCH, fetch=True)

    def remove_confirmed(self):
        if self.confirmed:
            self.cursor.execute("DELETE FROM outbox WHERE seq = ANY(%s)", (self.confirmed,))
            self.confirmed = []


if __name__ == "__main__":
    Loop().connection.ioloop.start()
