"""The transactional outbox: an event leaves if, and only if, the transaction that made it committed.

Events are stored by the transaction that they belong to; chassis/relay.py sends them. `seq` is
allocated while the subject's row is locked, so the order by `seq` is each subject's own order.
"""

from psycopg2.extras import execute_values

from contracts.base import Envelope


def write(connection, envelopes: list[Envelope]) -> None:
    """Store events in the outbox of the transaction that is open on the connection."""
    if not envelopes:
        return
    rows = [(e.id, e.event.type, e.event.subject, e.to_json()) for e in envelopes]
    cursor = connection.connection.cursor()
    execute_values(cursor, "INSERT INTO outbox (event_id, type, subject, body) VALUES %s", rows, page_size=500)
    cursor.close()
