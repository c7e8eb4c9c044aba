"""The transactional outbox: an event leaves if, and only if, the transaction that made it committed.

Events are stored by the transaction that they belong to; chassis/relay.py sends them. `seq` is
allocated while the subject's row is locked, so the order by `seq` is each subject's own order.
"""

from contracts.base import Envelope


def row(envelope: Envelope) -> dict:
    """Return an event as the outbox keeps it. Raises TypeError where it does not fit its own schema."""
    event = envelope.event
    return {"event_id": envelope.id, "type": event.type, "subject": event.subject, "body": envelope.to_json()}
