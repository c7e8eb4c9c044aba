"""What every peer is told, and what it makes of an event; standard library only."""

import os
import uuid
from datetime import UTC, datetime

NAME = os.environ.get("BENCH_NAME", "")
BROKER = os.environ.get("BENCH_BROKER", "")
DATABASE = os.environ.get("BENCH_DATABASE", "")  # postgresql://user:password@host:port/name
QUEUE, FOLLOWED = f"{NAME}.made", f"{NAME}.passed"
EXCHANGE = "bench.events"
LISTENER = "on_number_made"


def effect(event: dict) -> tuple[str, int]:
    """Return the row for the table effects."""
    return event["data"]["line"], int(event["sequence"])


def follow_up(event: dict) -> dict:
    """Return the event that a number came through, as CloudEvents."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/jinlin/middle",
        "type": "number.passed.v1",
        "time": datetime.now(UTC).isoformat(timespec="microseconds"),
        "subject": event["subject"],
        "datacontenttype": "application/json",
        "sequence": event["sequence"],
        "correlationid": event["correlationid"],
        "causationid": event["id"],
        "data": {"line": event["data"]["line"], "made_at": event["data"]["made_at"]},
    }
