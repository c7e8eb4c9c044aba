"""Commands: one transaction, once per key, not after the deadline, only for those who may."""

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import DBAPIError

from chassis.rpc import CALL_HEADER, Caller, Context, carry_out, respond
from contracts.errors import Conflict, Forbidden, Invalid, Late, Refusal
from tests.chassis.things import ThingsService
from tests.support import call, published, rows, service

MAKER = Caller("u1", ("maker",))


def made(url):
    return [row["name"] for row in rows(url, "SELECT name FROM made ORDER BY name")]


def test_a_command_leaves_rows_and_events_together(url):
    assert call(ThingsService, url, "make", MAKER, name="a", amount=1) == {"name": "a", "amount": 1}

    assert made(url) == ["a"]
    assert len(published(url)) == 1


def test_a_refused_command_leaves_nothing(url):
    with pytest.raises(Conflict) as refusal:
        call(ThingsService, url, "make", MAKER, key="k", name="a", amount=13)

    assert (refusal.value.slug, refusal.value.field) == ("unlucky", "amount")
    assert (made(url), published(url), rows(url, "SELECT * FROM commands")) == ([], [], [])


def test_asked_twice_with_one_key_it_answers_the_same_and_does_it_once(url):
    answers = [call(ThingsService, url, "make", MAKER, key="k", name="a", amount=1) for _ in range(3)]

    assert answers == [{"name": "a", "amount": 1}] * 3
    assert len(published(url)) == 1


def test_twins_at_once_are_one(url):
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda _: call(ThingsService, url, "make", MAKER, key="k", name="a", amount=1), range(30))
        )

    assert answers == [{"name": "a", "amount": 1}] * 30
    assert len(published(url)) == 1


def test_a_key_belongs_to_one_caller_and_one_request(url):
    call(ThingsService, url, "make", MAKER, key="k", name="a", amount=1)

    with pytest.raises(Invalid) as refusal:
        call(ThingsService, url, "make", MAKER, key="k", name="b", amount=1)
    assert refusal.value.slug == "idempotency_key_reused"
    call(ThingsService, url, "make", Caller("u2", ("maker",)), key="k", name="c", amount=1)
    assert made(url) == ["a", "c"]


def test_a_late_call_is_refused(url):
    context = Context(MAKER, "c", deadline=time.time() - 1)

    with pytest.raises(Late):
        carry_out(service(ThingsService, url), ThingsService.make.spec, context, {"name": "a", "amount": 1})
    assert made(url) == []


def test_what_became_late_while_it_was_done_is_undone(url, monkeypatch):
    context = Context(MAKER, "c", deadline=time.time() + 0.2)
    slow = service(ThingsService, url)
    spec = ThingsService.make.spec
    original = spec.method

    def method(self, store, **data):
        time.sleep(0.4)
        return original(self, store, **data)

    with pytest.raises(Late):
        carry_out(slow, type(spec)(method, spec.takes, spec.returns, spec.roles, True, ()), context, {"name": "a", "amount": 1})
    assert made(url) == []


def test_only_who_may_is_heard(url):
    with pytest.raises(Forbidden):
        call(ThingsService, url, "make", Caller("u", ("visitor",)), name="a", amount=1)


@pytest.mark.parametrize(
    "arguments, field",
    [
        ({"name": "a"}, "amount"),
        ({"name": "a", "amount": 1, "colour": "red"}, "colour"),
        ({"name": "a", "amount": -1}, "amount"),
        ({"name": "a", "amount": "1"}, "amount"),
        ({"name": "a", "amount": 10**30}, "amount"),
        ({"name": "\x00", "amount": 1}, "name"),
        ({"name": ["a"], "amount": 1}, "name"),
    ],
)
def test_wrong_arguments_are_named(url, arguments, field):
    with pytest.raises(Invalid) as refusal:
        call(ThingsService, url, "make", MAKER, **arguments)

    assert refusal.value.slug == "invalid_fields"
    assert list(refusal.value.fields) == [field]


def test_a_query_cannot_write(url):
    with pytest.raises(DBAPIError):
        call(ThingsService, url, "writes_in_a_query", MAKER)


def test_a_refusal_survives_the_wire(url):
    answering = service(ThingsService, url)
    answering.db.context = {CALL_HEADER: Context(MAKER, "c").to_header()}
    answer = respond(answering, ThingsService.make.spec, {"name": "a", "amount": 13})

    refusal = Refusal.from_dict(answer["refused"])
    assert (type(refusal), refusal.slug, refusal.field) == (Conflict, "unlucky", "amount")


def test_a_database_that_is_away_is_said_to_be_unavailable(url):
    answering = service(ThingsService, url.replace("127.0.0.1:", "127.0.0.1:1"))
    answering.db.context = {CALL_HEADER: Context(MAKER, "c").to_header()}

    assert respond(answering, ThingsService.make.spec, {"name": "a", "amount": 1}) == {"unavailable": "database"}


def test_a_statement_that_takes_too_long_is_said_to_be_unavailable(url):
    answering = service(ThingsService, url)
    answering.db.context = {CALL_HEADER: Context(MAKER, "c").to_header()}
    spec = dataclasses.replace(
        ThingsService.make.spec,
        method=lambda self, store, **_: store.execute("SET LOCAL statement_timeout = 10; SELECT pg_sleep(1)"),
    )

    assert respond(answering, spec, {"name": "a", "amount": 1}) == {"unavailable": "database"}
