"""Transactions on a real database."""

import pytest
import sqlalchemy

from chassis import database
from chassis.database import Transactions, connect, is_transient
from tests import support


@pytest.fixture
def transactions(postgres):
    return Transactions(connect(support.database(postgres, "grants"), name="tests", pool_size=1))


def test_a_session_that_read_only_may_write_again_afterwards(transactions):
    change = "INSERT INTO inbox (listener, event_id) VALUES ('a', gen_random_uuid())"

    with pytest.raises(sqlalchemy.exc.InternalError), transactions.transaction(read_only=True) as store:
        store.execute(change)
    with transactions.transaction() as store:
        assert store.execute(change) == 1


def test_a_session_that_rested_and_was_ended_meanwhile_is_replaced_unnoticed(transactions, postgres, monkeypatch):
    who = "SELECT pg_backend_pid() AS pid"
    with transactions.transaction() as store:
        before = store.row(who)["pid"]
    support.rows(postgres.admin_url, "SELECT pg_terminate_backend(:pid)", pid=before)
    monkeypatch.setattr(database, "FRESH_SECONDS", 0)

    with transactions.transaction() as store:
        assert store.row(who)["pid"] != before


def test_a_lock_that_somebody_else_holds_is_worth_waiting_for(postgres):
    url = support.database(postgres, "grants")
    first, second = (Transactions(connect(url, name="tests", pool_size=1)) for _ in range(2))

    with first.transaction() as store:
        store.execute("LOCK TABLE inbox")
        with pytest.raises(sqlalchemy.exc.OperationalError) as caught, second.transaction() as store:
            store.execute("SET LOCAL lock_timeout = 10; LOCK TABLE inbox")

    assert is_transient(caught.value)


@pytest.fixture
def written(transactions):
    """A store whose transaction has two tables, one of which refers to the other."""
    with transactions.transaction() as store:
        store.execute("CREATE TEMP TABLE plates (id int PRIMARY KEY, words text, more text)")
        store.execute("CREATE TEMP TABLE spoons (plate int REFERENCES plates)")
        yield store


def test_what_was_inserted_is_there_for_the_next_statement(written):
    written.insert("plates", id=1, words="50% of \'it\' \\ 米")

    assert written.rows("SELECT id, words FROM plates ORDER BY id") == [{"id": 1, "words": "50% of 'it' \\ 米"}]


def test_tables_are_written_in_the_order_of_their_first_row(written):
    written.insert("plates", id=1)
    written.insert("spoons", plate=1)

    assert written.execute("UPDATE spoons SET plate = 1") == 1


def test_more_rows_than_one_round_takes_and_rows_of_different_columns(written):
    for number in range(2 * database.PAGE + 1):
        written.insert("plates", id=number, words="one")
        written.insert("plates", id=-1 - number, more="other")

    found = written.row("SELECT count(*) AS n, count(words) AS words, count(more) AS more FROM plates")
    assert found == {"n": 4 * database.PAGE + 2, "words": 2 * database.PAGE + 1, "more": 2 * database.PAGE + 1}
