"""An event is handled once; what fails is set aside alone, in order, with its reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import Mock

import psycopg2
import pytest

from chassis import inbox as inbox_module
from chassis import redrive
from chassis.inbox import Message
from contracts.base import enclose
from tests.chassis.things import ThingFollowed, ThingHappened, ThingsService
from tests.support import hears, inbox_of, published, rows, transactions


def thing(name="a", version=1, what="fine"):
    return ThingHappened(version=version, thing_id=name, what=what)


def body(event):
    return enclose(event).to_json().encode()


def seen(url):
    return [(row["subject"], row["version"]) for row in rows(url, "SELECT subject, version FROM seen ORDER BY n")]


def aside(url):
    return [
        (row["subject"], row["state"], row["attempts"])
        for row in rows(url, "SELECT subject, state, attempts FROM set_aside ORDER BY id")
    ]


def make_due(url):
    rows(url, "UPDATE set_aside SET next_at = now() WHERE state = 'waiting'")


def test_a_batch_is_handled_in_its_order(url):
    hears(ThingsService, url, thing("a", 1), thing("b", 1), thing("a", 2))

    assert seen(url) == [("a", 1), ("b", 1), ("a", 2)]


def test_what_an_event_causes_carries_its_chain(url):
    cause = enclose(thing(), correlation_id="chain")
    inbox_of(ThingsService, url).take([Message(cause.to_json().encode())])

    (followed,) = published(url, ThingFollowed)
    assert (followed.correlation_id, followed.causation_id) == ("chain", cause.id)


def test_the_same_event_a_thousand_times_at_once_has_one_effect(url):
    message = Message(body(thing()))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: inbox_of(ThingsService, url).take([message] * 25), range(40)))

    assert seen(url) == [("a", 1)]
    assert len(published(url)) == 1


def test_one_failing_event_leaves_its_neighbours_alone(url):
    hears(ThingsService, url, thing("a"), thing("b", what="fails"), thing("c"))

    assert seen(url) == [("a", 1), ("c", 1)]
    assert aside(url) == [("b", "waiting", 1)]
    assert [e.event.thing_id for e in published(url)] == ["a", "c"]


def test_the_reason_names_the_error_and_never_its_words(url):
    hears(ThingsService, url, thing(what="fails"))

    (row,) = rows(url, "SELECT reason, history FROM set_aside")
    assert row["reason"].startswith("Boom")
    assert "13800138000" not in str(row)


def test_later_events_of_a_subject_wait_behind_the_one_that_failed(url, monkeypatch):
    hears(ThingsService, url, thing("a", 1, "fails until told"), thing("a", 2), thing("b", 1))
    hears(ThingsService, url, thing("a", 3))
    assert seen(url) == [("b", 1)]

    monkeypatch.setenv("TOLD", "1")
    make_due(url)
    assert inbox_of(ThingsService, url).retry_due() == 3

    assert seen(url) == [("b", 1), ("a", 1), ("a", 2), ("a", 3)]
    assert {state for _, state, _ in aside(url)} == {"done"}


def test_tries_grow_apart_and_end_parked_with_their_history(url):
    hears(ThingsService, url, thing(what="fails"))
    waits = []
    for _ in range(len(inbox_module.DELAYS)):
        (row,) = rows(url, "SELECT extract(epoch FROM next_at - now()) AS left FROM set_aside")
        waits.append(float(row["left"]))
        make_due(url)
        inbox_of(ThingsService, url).retry_due()

    assert waits == pytest.approx(inbox_module.DELAYS, abs=0.9)
    assert aside(url) == [("a", "parked", len(inbox_module.DELAYS) + 1)]
    (row,) = rows(url, "SELECT history FROM set_aside")
    assert len(row["history"]) == len(inbox_module.DELAYS) + 1
    assert seen(url) == []


@pytest.mark.parametrize("junk", [b"{", b"\xff\xfe", b'{"specversion":"1.0","type":"thing.happened.v9"}', b"x" * 10_000_000])
def test_what_cannot_be_read_is_parked_with_its_reason(url, junk):
    inbox_of(ThingsService, url).take([Message(junk, id="1"), Message(body(thing())), Message(junk, id="1")])

    assert seen(url) == [("a", 1)]
    (row,) = rows(url, "SELECT listener, state, reason, body FROM set_aside")
    assert (row["listener"], row["state"], bytes(row["body"])) == ("unreadable", "parked", junk)
    assert row["reason"]


def test_a_message_that_killed_the_process_three_times_is_parked(url):
    deadly = Message(body(thing("d", what="dies")), redelivered=True)
    event_id = enclose(thing()).id
    rows(url, "INSERT INTO begun (event_id, times) VALUES (:id, 3)", id=__import__("json").loads(deadly.body)["id"])

    inbox_of(ThingsService, url).take([deadly, Message(body(thing("a")), redelivered=True)])

    assert event_id and seen(url) == [("a", 1)]
    assert aside(url) == [("d", "parked", 3)]
    assert rows(url, "SELECT * FROM begun") == []


def test_an_operator_finds_retries_and_discards_parked_events_on_record(url, monkeypatch):
    hears(ThingsService, url, thing("a", what="fails until told"), thing("b", what="fails"))
    rows(url, "UPDATE set_aside SET state = 'parked', created_at = now() - interval '2 hours' WHERE subject = 'a'")
    rows(url, "UPDATE set_aside SET state = 'parked' WHERE subject = 'b'")

    with transactions(ThingsService, url).transaction() as store:
        assert len(redrive.find(store, type="thing.happened.v1")) == 2
        assert redrive.find(store, listener="on_something_else") == []
        (old,) = redrive.find(store, older_than=timedelta(hours=1))
        (new,) = [row for row in redrive.find(store) if row["id"] != old["id"]]
        assert redrive.retry(store, [old["id"]], by="li") == 1
        assert redrive.retry(store, [old["id"]], by="li") == 0
        assert redrive.discard(store, [new["id"]], by="li", reason="a test") == 1
        assert redrive.show(store, new["id"])["history"][-1]["reason"] == "discarded by li: a test"

    monkeypatch.setenv("TOLD", "1")
    inbox_of(ThingsService, url).retry_due()
    assert seen(url) == [("a", 1)]
    assert [(s, state) for s, state, _ in aside(url)] == [("a", "done"), ("b", "discarded")]


def test_what_cannot_be_read_is_not_retried(url):
    inbox_of(ThingsService, url).take([Message(b"{")])

    with transactions(ThingsService, url).transaction() as store:
        (row,) = redrive.find(store)
        assert redrive.retry(store, [row["id"]], by="li") == 0


def test_a_waiting_event_that_kills_the_process_is_parked_in_the_end(url):
    hears(ThingsService, url, thing("a", 1, "fails until told"), thing("a", 2))
    rows(url, "INSERT INTO begun (event_id, times) SELECT event_id, 3 FROM set_aside WHERE attempts = 1")
    make_due(url)
    inbox_of(ThingsService, url).retry_due()

    assert seen(url) == [("a", 2)]
    assert aside(url) == [("a", "parked", 2), ("a", "done", 0)]
    assert rows(url, "SELECT * FROM begun") == []


def test_a_clock_that_was_set_back_keeps_no_event_waiting(url):
    hears(ThingsService, url, thing(what="fails"))
    rows(url, "UPDATE set_aside SET next_at = now() + interval '900 milliseconds'")
    assert inbox_of(ThingsService, url).retry_due() == 0

    rows(url, "UPDATE set_aside SET next_at = now() + interval '1 hour'")
    assert inbox_of(ThingsService, url).retry_due() == 1
    assert inbox_of(ThingsService, url).retry_due() == 0


def test_a_database_that_comes_and_goes_is_no_death(url, monkeypatch):
    inbox, message = inbox_of(ThingsService, url), Message(body(thing()), redelivered=True)
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "_take_batch", Mock(side_effect=psycopg2.OperationalError("away")))
        for _ in range(inbox_module.MOST_CRASHES + 1):
            with pytest.raises(psycopg2.OperationalError):
                inbox.take([message])
    inbox.take([message])

    assert (seen(url), aside(url)) == ([("a", 1)], [])
    assert rows(url, "SELECT * FROM begun") == []


@pytest.mark.parametrize("change", ["SET listener = 'on_something_gone'", "SET body = 'gone'"])
def test_what_waits_for_a_handler_that_is_gone_ends_parked(url, change):
    hears(ThingsService, url, thing(what="fails"))
    rows(url, f"UPDATE set_aside {change}")
    for _ in inbox_module.DELAYS:
        make_due(url)
        inbox_of(ThingsService, url).retry_due()

    assert aside(url) == [("a", "parked", len(inbox_module.DELAYS) + 1)]
