"""What an operator does with events that were set aside; each deed is on record in the row's history.

The service's own processes do the retrying, so nothing here competes with them.
"""

from datetime import UTC, datetime, timedelta

from chassis.database import Store, as_json

COLUMNS = "id, listener, event_id, type, subject, state, attempts, next_at, reason, created_at"


def find(
    store: Store,
    *,
    state: str | None = "parked",
    listener: str | None = None,
    type: str | None = None,
    older_than: timedelta | None = None,
    ids: list[int] | None = None,
) -> list[dict]:
    """Return what was set aside, oldest first, narrowed by what is given."""
    return store.rows(
        f"""SELECT {COLUMNS} FROM set_aside
            WHERE (CAST(:state AS text) IS NULL OR state = :state)
              AND (CAST(:listener AS text) IS NULL OR listener = :listener)
              AND (CAST(:type AS text) IS NULL OR type = :type)
              AND (CAST(:before AS timestamptz) IS NULL OR created_at < :before)
              AND (CAST(:ids AS bigint[]) IS NULL OR id = ANY(CAST(:ids AS bigint[])))
            ORDER BY id""",
        state=state,
        listener=listener,
        type=type,
        before=datetime.now(UTC) - older_than if older_than else None,
        ids=ids,
    )


def show(store: Store, id: int) -> dict | None:
    """Return everything about one of them, with its message and its history."""
    row = store.row(f"SELECT {COLUMNS}, body, history FROM set_aside WHERE id = :id", id=id)
    return row and {**row, "body": bytes(row["body"]).decode(errors="replace")}


def retry(store: Store, ids: list[int], by: str) -> int:
    """Let parked events be tried again now; return how many. What could not be read stays parked."""
    return _move(store, ids, "waiting", f"retried by {by}", "AND listener <> 'unreadable'")


def discard(store: Store, ids: list[int], by: str, reason: str) -> int:
    """Give parked events up for good; return how many. They stay visible for 90 days."""
    return _move(store, ids, "discarded", f"discarded by {by}: {reason}", "")


def _move(store, ids, state, note, condition) -> int:
    return store.execute(
        f"""UPDATE set_aside SET state = :state, attempts = 0, next_at = now(), history = history || :note
            WHERE state = 'parked' AND id = ANY(CAST(:ids AS bigint[])) {condition}""",
        ids=ids,
        state=state,
        note=as_json([{"at": datetime.now(UTC).isoformat(timespec="seconds"), "reason": note}]),
    )
