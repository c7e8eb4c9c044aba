"""The rules of grants."""

from datetime import UTC, datetime

import pytest

from contracts.errors import Conflict
from services.grants import domain
from services.grants.domain import Application, Fund

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def fund(**changes):
    return Fund(**{"id": "f", "name": "社区基金", "amount": 100_00, "created_by": "o", "created_at": NOW, **changes})


def application(**changes):
    facts = dict(
        id="a", fund_id="f", title="助浴服务", purpose="为独居老人购置助浴椅", requested=80_00, applicant="w",
        created_at=NOW, state="submitted",
    )  # fmt: skip
    return Application(**{**facts, **changes})


def test_a_draft_is_submitted_once():
    submitted = domain.submit(application(state="draft"), NOW)

    assert (submitted.state, submitted.submitted_at, submitted.version) == ("submitted", NOW, 2)
    with pytest.raises(Conflict, match="application_already_submitted") as refused:
        domain.submit(submitted, NOW)
    assert refused.value.facts == {"state": "submitted"}


def test_what_is_granted_is_set_aside_in_the_fund():
    approved, left = domain.approve(application(), fund(granted=30_00), 70_00, "符合用途", "o", NOW)

    assert (approved.state, approved.granted, approved.decided_by, approved.decided_at) == ("approved", 70_00, "o", NOW)
    assert (left.granted, left.available, left.version) == (100_00, 0, 2)


@pytest.mark.parametrize(
    "amount, granted, slug, facts",
    [
        (80_01, 0, "more_than_requested", {"requested": "80.00"}),
        (70_01, 30_00, "fund_exhausted", {"available": "70.00"}),
        (1, 100_00, "fund_exhausted", {"available": "0.00"}),
    ],
)
def test_no_more_is_granted_than_was_asked_for_or_is_there(amount, granted, slug, facts):
    with pytest.raises(Conflict) as refused:
        domain.approve(application(), fund(granted=granted), amount, "符合用途", "o", NOW)

    assert (refused.value.slug, refused.value.field, refused.value.facts) == (slug, "amount", facts)


@pytest.mark.parametrize("state", ["draft", "approved", "rejected"])
@pytest.mark.parametrize(
    "decide",
    [
        lambda waiting: domain.approve(waiting, fund(), 1, "符合用途", "o", NOW),
        lambda waiting: domain.reject(waiting, "不符合用途", "o", NOW),
    ],
)
def test_only_what_waits_is_decided(decide, state):
    with pytest.raises(Conflict, match="application_not_submitted") as refused:
        decide(application(state=state))

    assert refused.value.facts == {"state": state}


@pytest.mark.parametrize("fen, text", [(0, "0.00"), (5, "0.05"), (120050, "1200.50"), (10**15, "10000000000000.00")])
def test_fen_are_shown_as_yuan(fen, text):
    assert domain.yuan(fen) == text
