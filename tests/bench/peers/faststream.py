"""FastStream with asyncpg, dual write: the transaction first, then the follow-up, then the ack.

One process, a hundred messages in hand at once, a pool of twenty sessions, uvloop; nothing logged for each message.
A crash between commit and ack makes the message come again: its effect is then known, its follow-up goes out again.
"""

import asyncio
import logging

import asyncpg
import uvloop
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue

from tests.bench.peers.common import BROKER, DATABASE, EXCHANGE, FOLLOWED, LISTENER, QUEUE, effect, follow_up

broker = RabbitBroker(BROKER, default_channel=Channel(prefetch_count=100), log_level=logging.DEBUG)
exchange = RabbitExchange(EXCHANGE, type=ExchangeType.TOPIC, durable=True)
app = FastStream(broker)


@app.on_startup
async def open_pool():
    app.context.set_global("pool", await asyncpg.create_pool(DATABASE, min_size=20, max_size=20))


@broker.subscriber(RabbitQueue(QUEUE, queue_type=QueueType.QUORUM, durable=True), ack_policy=AckPolicy.NACK_ON_ERROR)
@broker.publisher(exchange=exchange, routing_key=FOLLOWED, persist=True)
async def on_number_made(event: dict) -> dict:
    async with app.context.get("pool").acquire() as connection, connection.transaction():
        new = await connection.fetchval(
            "INSERT INTO inbox (listener, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true",
            LISTENER,
            event["id"],
        )
        if new:
            await connection.execute("INSERT INTO effects (line, number) VALUES ($1, $2)", *effect(event))
    return follow_up(event)


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(app.run())
