"""The entrypoint behind @command and @query: answers calls that arrive in the service's `rpc-` queue.

The wire is nameko's RPC, so nameko's own clients can call. The server is ours because nameko's ends
the whole process when it cannot send an answer, and closes its connection under calls that are still
at work. A call whose answer could not be sent is delivered again; its idempotency key makes that
harmless.
"""

import json
from functools import partial

import amqp
from eventlet.semaphore import Semaphore
from nameko.exceptions import ContainerBeingKilled, MethodNotFound, serialize
from nameko.extensions import Entrypoint

from chassis import broker
from chassis.client import CALL_HEADER
from chassis.link import Link
from chassis.logs import log


class Answering(Link):
    """Reads calls, lets workers answer them, and sends the answers; closes after the last of them."""

    purpose = "calls"

    def __init__(self):
        super().__init__()
        self._sending = Semaphore(1)

    def start(self):
        self.begin()

    def open(self, channel):
        address = broker.Address.read(self.container.config["settings"].broker_url)
        queue = broker.declare_calls(channel, self.container.service_name, cluster=address.cluster)
        channel.basic_qos(0, self.container.max_workers, False)
        self._tag, self._unwanted = None, []
        if self._providers:
            self._tag = channel.basic_consume(queue, callback=partial(self._on_call, channel))

    def arrived(self, connection, channel):
        """Once the entrypoints have stopped, take no more calls and give back those that came meanwhile.

        Those in hand are answered before the connection closes.
        """
        if self._tag and not self._providers:
            with self._sending:
                channel.basic_cancel(self._tag)
                for tag in self._unwanted:
                    channel.basic_reject(tag, requeue=True)
            self._tag = None

    def beat(self, connection):
        with self._sending:
            super().beat(connection)

    def _on_call(self, channel, message):
        if not self._providers:
            self._unwanted.append(message.delivery_tag)
            return
        reply = partial(self._reply, channel, message)
        method = message.delivery_info["routing_key"].rpartition(".")[2]
        try:
            arguments = json.loads(message.body)["kwargs"]
            entrypoint = next((x for x in self._providers if x.method_name == method), None)
            if entrypoint is None or not isinstance(arguments, dict):
                raise MethodNotFound(method)
        except (ValueError, KeyError, TypeError, MethodNotFound) as error:
            log().warning("call_not_understood", call=method, error=type(error).__name__)
            reply(None, None, (type(error), error, None))
            return
        context = {CALL_HEADER: (message.headers or {}).get(f"nameko.{CALL_HEADER}")}
        try:
            self.container.spawn_worker(entrypoint, (), arguments, context_data=context, handle_result=reply)
        except ContainerBeingKilled:
            log().info("call_left_to_others", call=method)

    def _reply(self, channel, message, worker_ctx, result, exc_info):
        document = {"result": result, "error": serialize(exc_info[1]) if exc_info else None}
        answer = amqp.Message(
            json.dumps(document, ensure_ascii=False),
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=1,
            correlation_id=message.properties.get("correlation_id"),
        )
        try:
            with self._sending:
                channel.basic_publish(answer, broker.CALLS, message.properties.get("reply_to", ""))
                channel.basic_ack(message.delivery_tag)
        except (OSError, amqp.exceptions.AMQPError) as error:
            log().warning("answer_not_sent", error=repr(error))
        return result, exc_info


class Answer(Entrypoint):
    """One method that can be called."""

    server = Answering()

    def setup(self):
        self.server.register_provider(self)

    def stop(self):
        self.server.unregister_provider(self)
