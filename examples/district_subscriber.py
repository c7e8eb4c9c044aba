"""Read a station's public events, from the first one ever or from where we stopped: `python district_subscriber.py [FILE]`.

JINLIN_BROKER_URL says where (amqp://user:password@host:5672/jinlin); FILE remembers the last event that was dealt
with. An event may come twice, with the same id, when this ends between dealing with it and remembering it.
Needs pika (pip install pika) and nothing of the station's own code; docs/events.md says what the events mean.
"""

import json
import os
import sys
from pathlib import Path

import pika

remembered = Path(sys.argv[1] if len(sys.argv) > 1 else "district_subscriber.offset")
last = remembered.read_text() if remembered.exists() else ""


def on_event(channel, delivery, properties, body):
    event = json.loads(body)
    print(event["time"], event["type"], event["id"], json.dumps(event["data"], ensure_ascii=False), flush=True)
    remembered.write_text(str(properties.headers["x-stream-offset"]))
    channel.basic_ack(delivery.delivery_tag)


with pika.BlockingConnection(pika.URLParameters(os.environ["JINLIN_BROKER_URL"])) as connection:
    channel = connection.channel()
    channel.basic_qos(prefetch_count=100)  # a stream wants to know how far it may run ahead of the acks
    offset = {"x-stream-offset": int(last) + 1 if last else "first"}
    channel.basic_consume("jinlin.public.history", on_event, arguments=offset)
    channel.start_consuming()
