"""The inbox forgets by weeks, and never what a repetition can still ask for."""

import threading
import time
import uuid
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError

from chassis import tidy
from chassis.database import connect
from chassis.inbox import Message
from contracts.base import enclose
from tests.chassis.things import ThingHappened, ThingsService
from tests.support import hears, inbox_of, rows


@pytest.fixture
def raw(url):
    engine = connect(url, name="tests", pool_size=1)
    with engine.connect() as connection:
        yield connection.connection
    engine.dispose()


def where(url) -> dict[str, int]:
    found = rows(url, "SELECT tableoid::regclass::text AS part, count(*) AS n FROM inbox GROUP BY 1")
    return {row["part"]: row["n"] for row in found}


def weeks(url) -> list[int]:
    named = "SELECT inhrelid::regclass::text AS part FROM pg_inherits WHERE inhparent = 'inbox'::regclass ORDER BY 1"
    return [int(row["part"].split("_")[1]) for row in rows(url, named) if row["part"] != "inbox_default"]


def test_an_event_is_remembered_in_the_week_of_its_id(url, raw):
    tidy.prepare(raw)
    hears(ThingsService, url, ThingHappened(version=1, thing_id="a"))

    assert where(url) == {f"inbox_{weeks(url)[1]}": 1}


def test_what_came_before_its_week_had_a_partition_moves_there_and_stays_known(url, raw):
    message = Message(enclose(ThingHappened(version=1, thing_id="a")).to_json().encode())
    inbox_of(ThingsService, url).take([message])
    assert where(url) == {"inbox_default": 1}
    tidy.prepare(raw)
    assert where(url) == {f"inbox_{weeks(url)[1]}": 1}

    inbox_of(ThingsService, url).take([message])
    assert len(rows(url, "SELECT 1 FROM seen")) == 1


def test_old_weeks_go_and_the_others_stay(url, raw, monkeypatch):
    then = time.time() - 20 * tidy.WEEK
    monkeypatch.setattr(tidy, "time", SimpleNamespace(time=lambda: then))
    tidy.prepare(raw)
    monkeypatch.undo()
    tidy.prepare(raw)
    hears(ThingsService, url, ThingHappened(version=1, thing_id="a"))
    old = weeks(url)[:4]
    rows(url, "INSERT INTO inbox SELECT 'old', :id", id=str(uuid.UUID(tidy._first_id(old[1]))))
    rows(url, "INSERT INTO inbox VALUES ('strange', gen_random_uuid(), now() - interval '1 year')")

    tidy.forget(raw)

    assert not set(old) & set(weeks(url))
    assert len(weeks(url)) == 4
    assert sum(where(url).values()) == 1


def test_handlers_at_work_and_new_partitions_do_not_hurt_each_other(url, raw):
    bodies = [Message(enclose(ThingHappened(version=n, thing_id=f"t{n}")).to_json().encode()) for n in range(400)]

    def work(share):
        inbox = inbox_of(ThingsService, url)
        for message in share:
            while True:
                try:
                    inbox.take([message])
                    break
                except OperationalError:  # a deadlock's victim tries again, as the consumer does
                    pass

    threads = [threading.Thread(target=work, args=(bodies,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    tidy.prepare(raw)
    for thread in threads:
        thread.join()

    assert len(rows(url, "SELECT 1 FROM seen")) == 400
    assert list(where(url)) == [f"inbox_{weeks(url)[1]}"]


def test_somebody_in_the_way_is_not_waited_for(url, raw, monkeypatch):
    engine = connect(url, name="tests", pool_size=1)
    with engine.begin() as busy:
        busy.exec_driver_sql("INSERT INTO inbox VALUES ('a', gen_random_uuid())")
        with pytest.raises(Exception, match="lock timeout"):
            tidy.prepare(raw)
    raw.rollback()
    tidy.prepare(raw)
    assert weeks(url)
