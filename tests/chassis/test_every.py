"""A regular duty: one process at a time, in a transaction, again at once while there is more."""

import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from chassis import every
from chassis.database import Store, Transactions, connect
from tests.support import database, rows

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


class Duties:
    def __init__(self, waiting):
        self.waiting, self.fails = waiting, False

    def sweep(self, store, now):
        store.execute("CREATE TABLE IF NOT EXISTS swept (at timestamptz)")
        store.execute("INSERT INTO swept VALUES (:now)", now=now)
        if self.fails:
            raise ValueError
        self.waiting -= 1
        return self.waiting > 0


@pytest.fixture
def url(postgres):
    return database(postgres, "venue")


def test_a_duty_says_whether_there_is_more(url):
    duties, transactions = Duties(3), Transactions(connect(url, name="tests", pool_size=2))

    assert [every.carry_out(duties, "sweep", transactions, NOON) for _ in range(3)] == [True, True, False]
    assert [row["at"] for row in rows(url, "SELECT at FROM swept")] == [NOON] * 3


def test_a_duty_that_another_process_is_at_is_left_to_it(url):
    duties, transactions = Duties(3), Transactions(connect(url, name="tests", pool_size=2))
    with transactions.transaction() as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('every sweep', 0))")

        assert every.carry_out(duties, "sweep", transactions, NOON) is False
    assert duties.waiting == 3


def test_a_duty_that_fails_leaves_nothing_behind(url):
    duties, transactions = Duties(1), Transactions(connect(url, name="tests", pool_size=2))
    every.carry_out(duties, "sweep", transactions, NOON)
    duties.fails = True

    with pytest.raises(ValueError):
        every.carry_out(duties, "sweep", transactions, NOON)
    assert len(rows(url, "SELECT at FROM swept")) == 1


def test_a_failure_ends_neither_the_process_nor_the_duty(url):
    class Provider(every.Database):
        transactions = Transactions(connect(url, name="tests", pool_size=2), Store)

        def get_dependency(self, worker_ctx):
            return None

    duty = every.Every(0.01)
    duty.method_name = "sweep"
    done = []

    class Failing:
        def sweep(self, store, now):
            done.append(now)
            if len(done) < 3:
                raise ValueError
            duty._stopping.send()

    provider = Provider(Store)
    provider.attr_name = "db"
    duty.container = SimpleNamespace(service_cls=Failing, dependencies=[provider])
    before = time.monotonic()

    duty._run()

    assert len(done) == 3 and time.monotonic() - before < 10
