"""Events travel as CloudEvents and come out as they went in."""

import dataclasses
import json
import typing
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow.fields import AwareDateTime

from contracts import base
from contracts.__main__ import EVENTS
from contracts.base import Unreadable, enclose, read
from contracts.matching import MatchProposed
from contracts.resource import NeedCreated
from contracts.words import ScorePart

NEED = NeedCreated(
    version=3,
    need_id="0190a000-0000-7000-8000-00000000a001",
    title="轮椅一部",
    community="jiangtou",
    community_name="江头社区",
    category="goods.aids",
    category_name="康复辅具",
    quantity=1,
    unit="部",
    starts_at=datetime(2026, 3, 5, 6, 0, tzinfo=UTC),
    target_group="disabled",
    urgency=2,
    registered_by="0190a000-0000-7000-8000-000000000001",
)


def test_an_event_is_a_structured_cloud_event():
    document = json.loads(enclose(NEED, correlation_id="chain", causation_id="cause").to_json())

    assert document["specversion"] == "1.0"
    assert document["source"] == "/jinlin/resource"
    assert document["type"] == "need.created.v1"
    assert document["subject"] == NEED.need_id
    assert document["sequence"] == "3"
    assert (document["correlationid"], document["causationid"]) == ("chain", "cause")
    assert document["data"]["starts_at"] == "2026-03-05T06:00:00Z"


def test_an_event_comes_out_as_it_went_in():
    proposed = MatchProposed(
        version=1, match_id="m", need_id="n", offer_id="o", need_title="轮椅", offer_title="轮椅", community="houpu",
        quantity=1, unit="部", score=60, parts=(ScorePart(part="category", points=60, text="同为「康复辅具」"),),
        need_registered_by="a", offer_registered_by="b",
    )  # fmt: skip
    for event in (NEED, proposed):
        envelope = enclose(event)
        assert read(envelope.to_json()) == envelope


def test_a_first_event_begins_its_own_chain():
    envelope = enclose(NEED)

    assert envelope.correlation_id == envelope.id
    assert envelope.causation_id is None


def test_fields_that_a_reader_does_not_know_are_ignored():
    document = json.loads(enclose(NEED).to_json())
    document["data"]["colour"] = "red"
    document["traceparent"] = "00-x"

    assert read(json.dumps(document)).event == NEED


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(specversion="0.3"),
        lambda d: d.update(type="need.created.v9"),
        lambda d: d.update(id="not a uuid"),
        lambda d: d.pop("time"),
        lambda d: d.update(time="yesterday"),
        lambda d: d.pop("data"),
        lambda d: d["data"].pop("title"),
        lambda d: d["data"].update(quantity="many"),
        lambda d: d["data"].update(quantity=1.5),
        lambda d: d["data"].update(starts_at="yesterday"),
        lambda d: d.update(data=[1]),
        lambda d: d["data"].update(need_id="a\0b"),
        lambda d: d["data"].update(need_id="\ud800"),
        lambda d: d["data"].update(need_id="x" * 10_000),
    ],
)
def test_what_does_not_fit_is_unreadable(change):
    document = json.loads(enclose(NEED).to_json())
    change(document)

    with pytest.raises(Unreadable):
        read(json.dumps(document))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b'"text"', b"1", b"{}", b"[" * 100_000])
def test_what_is_no_event_at_all_is_unreadable(body):
    with pytest.raises(Unreadable):
        read(body)


def test_an_event_that_breaks_its_own_schema_never_leaves():
    with pytest.raises(TypeError):
        enclose(dataclasses.replace(NEED, quantity=None)).to_json()


@pytest.mark.parametrize("type", sorted(EVENTS))
def test_every_event_says_what_it_is(type):
    kind = EVENTS[type]

    assert kind.__doc__ and kind.__doc__.count("\n") == 0 and kind.__doc__.endswith(".")
    assert type.rsplit(".", 1)[1].startswith("v")
    assert kind.subject_field in kind.__dataclass_fields__
    assert dataclasses.fields(kind) and kind.__dataclass_params__.frozen
    for name, field in base.schema_of(kind).fields.items():
        assert field.metadata["description"], name
        # A plain datetime would let times without a zone in.
        assert not isinstance(field, AwareDateTime) or "Meta(tz=True)" in str(typing.get_type_hints(kind, include_extras=True)[name])


@pytest.mark.parametrize("type", sorted(EVENTS))
def test_no_event_has_a_field_for_private_data(type):
    words = ("phone", "address", "contact", "id_number", "birth", "details")

    assert [name for name in base.schema_of(EVENTS[type]).fields if any(word in name for word in words)] == []


def test_a_type_is_published_once():
    with pytest.raises(TypeError):
        base.event("resource", "need.created.v1", subject="need_id")(NeedCreated)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(datetime.isoformat)
    | st.sampled_from(["2026-03-05T06:00:00Z", "2026-03-05T06:00:00", "2026-03-05", "1e400"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2), max_leaves=3,
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.sampled_from([("data", name) for name in NEED.__dataclass_fields__] + ["id", "time", "type", "correlationid"]), ANYTHING)
def test_the_quick_way_reads_nothing_that_the_schema_would_not(place, value):
    document = json.loads(enclose(NEED).to_json())
    part, name = (document["data"], place[1]) if isinstance(place, tuple) else (document, place)
    part[name] = value
    body = json.dumps(document)

    try:
        found = read(body)
    except Unreadable:
        return
    assert found == base._read_slowly(body)
