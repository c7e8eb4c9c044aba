"""Take one mechanism away from a service of the chain: JINLIN_TEST_WITHOUT names it.

So a fault scenario can be shown to see that the mechanism is missing; tests/faults/test_switched_off.py does.
"""

import re

import psycopg2
import psycopg2.extensions


def leader():
    """Every relay thinks that it leads."""
    change_sql(r"pg_try_advisory_lock\(%s\)", "%s > 0")


def take_away(name: str | None) -> None:
    """Take away what the name says, or nothing."""
    if name:
        MECHANISMS[name]()


def change_sql(pattern: str, replacement: str) -> None:
    """Change a part of every statement that has it."""

    class Cursor(psycopg2.extensions.cursor):
        def execute(self, sql, values=None):
            return super().execute(re.sub(pattern, replacement, sql) if isinstance(sql, str) else sql, values)

    connect = psycopg2.connect
    psycopg2.connect = lambda *args, **options: connect(*args, **{**options, "cursor_factory": Cursor})


MECHANISMS = {function.__name__.replace("_", "-"): function for function in (leader,)}
