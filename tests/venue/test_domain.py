"""The rules of lending a space."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.errors import Conflict, Invalid
from services.venue import domain
from services.venue.domain import Booking, Space

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPACE = Space(
    id="p", site_id="s", name="多功能厅", kind="hall", capacity=30, created_by="w", created_at=NOW,
    site_name="江头社工站", community="jiangtou",
)  # fmt: skip


def booking(**changes):
    facts = dict(
        id="b", space_id="p", title="长者合唱", starts_at=NOW + HOUR, ends_at=NOW + 3 * HOUR, people=30,
        requested_by="u", created_at=NOW,
    )  # fmt: skip
    return Booking(**{**facts, **changes})


@pytest.mark.parametrize(
    "changes",
    [{}, {"starts_at": NOW}, {"starts_at": NOW, "ends_at": NOW + domain.LONGEST}, {"people": 1}],
)
def test_a_booking_that_keeps_to_the_rules_is_taken(changes):
    domain.check_request(booking(**changes), SPACE)


@pytest.mark.parametrize(
    "changes, kind, slug, field, facts",
    [
        ({"starts_at": NOW - timedelta(microseconds=1)}, Invalid, "starts_in_the_past", "starts_at", {}),
        ({"ends_at": NOW + HOUR + domain.LONGEST + timedelta(microseconds=1)}, Invalid, "booking_too_long", "ends_at",
         {"days": 30}),
        ({"people": 31}, Conflict, "too_many_people", "people", {"capacity": 30}),
    ],
)  # fmt: skip
def test_a_booking_that_breaks_a_rule_is_refused(changes, kind, slug, field, facts):
    with pytest.raises(kind) as refused:
        domain.check_request(booking(**changes), SPACE)

    assert (refused.value.slug, refused.value.field, refused.value.facts) == (slug, field, facts)


@pytest.mark.parametrize(
    "decide, state, reason",
    [
        (lambda b: domain.approve(b, "o", NOW), "approved", None),
        (lambda b: domain.reject(b, "设备检修", "o", NOW), "rejected", "设备检修"),
        (lambda b: domain.cancel(b, "活动改期", "o", NOW), "cancelled", "活动改期"),
    ],
)
def test_a_decision_is_on_record(decide, state, reason):
    decided = decide(booking())

    assert (decided.state, decided.reason, decided.version) == (state, reason, 2)
    assert (decided.decided_by, decided.decided_at) == ("o", NOW)


@pytest.mark.parametrize("state", ["approved", "rejected", "cancelled"])
@pytest.mark.parametrize(
    "decide", [lambda b: domain.approve(b, "o", NOW), lambda b: domain.reject(b, "设备检修", "o", NOW)]
)
def test_a_booking_is_decided_once(decide, state):
    with pytest.raises(Conflict, match="booking_already_decided") as refused:
        decide(booking(state=state))

    assert refused.value.facts == {"state": state}


def test_an_approved_booking_can_still_be_called_off_until_it_is_over():
    approved = booking(state="approved")

    assert domain.cancel(approved, "活动改期", "u", approved.ends_at - HOUR).state == "cancelled"
    with pytest.raises(Conflict, match="booking_is_over"):
        domain.cancel(approved, "活动改期", "u", approved.ends_at)


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_a_closed_booking_cannot_be_called_off(state):
    with pytest.raises(Conflict, match="booking_already_closed") as refused:
        domain.cancel(booking(state=state), "活动改期", "u", NOW)

    assert refused.value.facts == {"state": state}


def test_what_is_over_may_be_turned_down_but_not_approved():
    late = booking().ends_at

    assert domain.reject(booking(), "未及时处理", "o", late).state == "rejected"
    with pytest.raises(Conflict, match="booking_is_over"):
        domain.approve(booking(), "o", late)
