"""Who is measured: how each is started, where it takes events from, and how an event looks on its wire."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import amqp

from chassis import broker
from contracts.base import CONTENT_TYPE
from tests.bench.peers.common import EXCHANGE

ROOT = Path(__file__).parents[3]
QUORUM = {"x-queue-type": "quorum"}


@dataclass(frozen=True)
class Contender:
    """A service that hears number.made.v1 and says number.passed.v1.

    `rate` is about what it does in a second on two cores, so that as many events wait for it as last some seconds.
    `wrap` makes its message of an event's JSON; `unwrap` takes the event out of the body of its follow-up.
    """

    name: str
    command: tuple[str, ...]
    rate: int
    guarantee: str
    queue: str
    followed: str
    python: Path | None = ROOT / ".jinlin" / "venv-bench" / "bin"
    exchange: str = ""
    key: str = ""
    arguments: dict = field(default_factory=lambda: QUORUM)
    from_exchange: tuple[str, str] | None = None  # exchange and key of its follow-ups
    wrap: Callable[[str], amqp.Message] = lambda text: _message(text)
    unwrap: Callable[[bytes], dict] = json.loads
    processes: int = 1
    environment: dict = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        return self.python is None


def _message(text: str, **properties) -> amqp.Message:
    options = {"content_type": "application/json", "content_encoding": "utf-8", "delivery_mode": 2} | properties
    return amqp.Message(text.encode(), **options)


def _cloudevent(text: str) -> amqp.Message:
    event = json.loads(text)
    return _message(text, content_type=CONTENT_TYPE, message_id=event["id"], type=event["type"])


def _celery(text: str) -> amqp.Message:
    event = json.loads(text)
    headers = {"lang": "py", "task": "on_number_made", "parent_id": None, "group": None}
    headers |= {"id": event["id"], "root_id": event["id"]}
    body = json.dumps([[event], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    return _message(body, application_headers=headers, correlation_id=event["id"])


def _dramatiq(text: str) -> amqp.Message:
    message = {
        "queue_name": "dramatiq.made", "actor_name": "on_number_made", "args": [json.loads(text)], "kwargs": {}, "options": {},
        "message_id": str(uuid.uuid4()), "message_timestamp": 0,
    }  # fmt: skip
    return _message(json.dumps(message))


def _peer(name: str, command: tuple[str, ...], rate: int, guarantee: str, **more) -> Contender:
    options = {"queue": f"{name}.made", "followed": f"{name}.passed", "from_exchange": (EXCHANGE, f"{name}.passed")}
    options["key"] = options["queue"]
    return Contender(name, command, rate, guarantee, **(options | more))


def _ours(name: str, rate: int, guarantee: str, **more) -> Contender:
    return Contender(
        name, ("-m", "tests.chain", "serve", "middle"), rate, guarantee, queue="middle", followed="sink", python=None,
        exchange=broker.EVENTS, key="number.made.v1", arguments=broker.QUEUE_ARGUMENTS, wrap=_cloudevent, **more,
    )  # fmt: skip


ONCE = "effect once; follow-up if and only if committed"
AGAIN = "effect once; follow-up after the commit, repeats have other ids"
DROPPED, AT_ONCE = "what fails is gone", "what fails comes again at once, for ever"
LISTED = (
    _ours("ours", 8000, f"{ONCE}; in order; what fails is tried again, then parked"),
    _ours("ours-singly", 1500, "as ours, one event a transaction", environment={"JINLIN_TEST_BATCH": "1"}),
    _peer("limit", ("-m", "tests.bench.peers.limit"), 9500, f"{ONCE}; in order; one failure stops everything"),
    _peer("faststream-outbox", ("-m", "tests.bench.peers.faststream_outbox"), 900, f"{ONCE}; no order; {AT_ONCE}"),
    _peer("faststream", ("-m", "tests.bench.peers.faststream"), 1000, f"{AGAIN}; no order; {AT_ONCE}"),
    _peer(
        "dramatiq", ("-m", "dramatiq", "tests.bench.peers.dramatiq", "--processes", "1", "--threads", "16",
                     "--queues", "dramatiq.made"), 1200,
        f"{AGAIN}; no order; what fails comes again after a pause",
        arguments=QUORUM | {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dramatiq.made.XQ"},
        from_exchange=None, wrap=_dramatiq, unwrap=lambda body: json.loads(body)["args"][0],
    ),
    _peer(
        "celery", ("-m", "celery", "-A", "tests.bench.peers.celery", "worker", "--pool", "threads", "--concurrency", "16",
                   "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"), 800,
        f"{AGAIN}; no order; {DROPPED}", from_exchange=None, wrap=_celery, unwrap=lambda body: json.loads(body)[0][0],
    ),
    _peer(
        "nameko", ("-m", "tests.bench.peers.nameko"), 700, f"{AGAIN}; no order; {DROPPED}",
        queue="evt-source-number.made.v1--middle.on_number_made", exchange="source.events", key="number.made.v1",
        from_exchange=("middle.events", "number.passed.v1"),
    ),
    _ours("ours-twice", 10000, "as ours, but two processes share the subjects", processes=2),
)  # fmt: skip
