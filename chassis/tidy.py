"""What a service's database forgets, once nothing can ask for it any more.

The inbox is partitioned by the week that is in every event's id (UUIDv7), so that forgetting a week
is dropping a table. Ids of another kind, and of weeks without a partition, are in `inbox_default`.
"""

import time

from chassis.logs import log

WEEK = 7 * 24 * 3600
KEPT_WEEKS = 13  # longer than a message can wait for a service that is down, or for an operator
WEEKS_AHEAD = 2


def prepare(connection) -> None:
    """See to it that this week and the next have partitions, on a raw connection. Raises psycopg2.Error."""
    cursor = connection.cursor()
    week = int(time.time()) // WEEK
    missing = set(range(week - 1, week + WEEKS_AHEAD + 1)) - _weeks(cursor)
    if missing:
        # Nobody writes meanwhile, so what the default partition holds of a week can be moved.
        cursor.execute("SET LOCAL lock_timeout TO '2s'; LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
        for week in sorted(missing - _weeks(cursor)):
            bounds = {"first": _first_id(week), "next": _first_id(week + 1)}
            cursor.execute(
                f"""CREATE TABLE inbox_{week} (LIKE inbox INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
                    WITH moved AS (DELETE FROM inbox_default WHERE event_id >= %(first)s AND event_id < %(next)s RETURNING *)
                    INSERT INTO inbox_{week} SELECT * FROM moved;
                    ALTER TABLE inbox ATTACH PARTITION inbox_{week} FOR VALUES FROM (%(first)s) TO (%(next)s)""",
                bounds,
            )
    connection.commit()


def forget(connection) -> None:
    """Drop inbox rows, results of commands and settled failures that no repetition can ask for. Raises psycopg2.Error."""
    cursor = connection.cursor()
    oldest = int(time.time()) // WEEK - KEPT_WEEKS
    for week in sorted(_weeks(cursor)):
        if week < oldest:
            cursor.execute(f"SET LOCAL lock_timeout TO '2s'; DROP TABLE inbox_{week}")
            log().info("inbox_week_dropped", week=week)
    cursor.execute("DELETE FROM inbox_default WHERE handled_at < now() - make_interval(weeks => %s)", (KEPT_WEEKS,))
    cursor.execute("DELETE FROM commands WHERE created_at < now() - interval '7 days'")
    cursor.execute("DELETE FROM begun WHERE begun_at < now() - interval '7 days'")
    cursor.execute(
        "DELETE FROM set_aside WHERE state IN ('done', 'discarded') AND created_at < now() - interval '90 days'"
    )
    connection.commit()


def _weeks(cursor) -> set[int]:
    cursor.execute(
        """SELECT substring(inhrelid::regclass::text FROM 'inbox_([0-9]+)$')::int FROM pg_inherits
           WHERE inhparent = 'inbox'::regclass AND inhrelid <> 'inbox_default'::regclass"""
    )
    return {week for (week,) in cursor.fetchall()}


def _first_id(week: int) -> str:
    return f"{week * WEEK * 1000:012x}{'0' * 20}"
