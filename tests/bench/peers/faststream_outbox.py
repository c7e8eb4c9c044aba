"""FastStream with faststream-outbox, and an inbox by hand: the inbox row, the effect and the outbox row in one transaction.

One process, a hundred messages in hand at once, a pool of twenty sessions for them; the relay takes two hundred rows at a
time, has forty workers that publish with confirms, and removes rows in batches, all woken by LISTEN. uvloop;
nothing logged for each message.
"""

import asyncio
import logging

import uvloop
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue
from faststream_outbox import OutboxBroker, make_outbox_table
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.bench.peers.common import BROKER, DATABASE, EXCHANGE, FOLLOWED, LISTENER, QUEUE, effect, follow_up

URL = DATABASE.replace("postgresql://", "postgresql+asyncpg://")
REMEMBER = text("INSERT INTO inbox (listener, event_id) VALUES (:listener, :id) ON CONFLICT DO NOTHING RETURNING true")
ADD = text("INSERT INTO effects (line, number) VALUES (:line, :number)")

metadata = MetaData()
outbox_table = make_outbox_table(metadata, table_name="events_outbox")
engine = create_async_engine(URL, pool_size=70)
outbox = OutboxBroker(engine, outbox_table=outbox_table, log_level=logging.DEBUG)
broker = RabbitBroker(BROKER, default_channel=Channel(prefetch_count=100), log_level=logging.DEBUG)
exchange = RabbitExchange(EXCHANGE, type=ExchangeType.TOPIC, durable=True)
app = FastStream(broker, outbox)


@app.on_startup
async def make_table():
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)


@broker.subscriber(RabbitQueue(QUEUE, queue_type=QueueType.QUORUM, durable=True), ack_policy=AckPolicy.NACK_ON_ERROR)
async def on_number_made(event: dict) -> None:
    async with engine.begin() as connection:
        if (await connection.execute(REMEMBER, {"listener": LISTENER, "id": event["id"]})).scalar():
            line, number = effect(event)
            await connection.execute(ADD, {"line": line, "number": number})
            await outbox.publish(follow_up(event), queue="passed", session=connection)


@broker.publisher(exchange=exchange, routing_key=FOLLOWED, persist=True)
@outbox.subscriber("passed", max_workers=40, fetch_batch_size=200, terminal_flush_batch_size=50)
async def relay(body: dict) -> dict:
    return body


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(app.run())
