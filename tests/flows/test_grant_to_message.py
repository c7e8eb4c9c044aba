"""An application is decided; the applicant is told what and why; the fund never promises more than it has."""

import pytest

from tests.flows.people import unique
from tests.station import eventually


@pytest.fixture
def fund(office):
    return office.post("/api/funds", {"name": f"江头社区基金{unique()}", "amount": "1000.00"})


@pytest.fixture
def application(partner, fund):
    """An application of the partner's that waits for a decision."""
    draft = {"fund_id": fund["id"], "title": "助学金", "purpose": "为三名困境儿童购买文具", "requested": "800.50"}
    application = partner.post("/api/applications", draft)
    return partner.post(f"/api/applications/{application['id']}/submit")


def test_an_approved_application_is_told_with_its_amount_and_reason(station, tap, office, partner, fund, application):
    approval = {"amount": "700.50", "reason": "符合章程"}
    approved = office.post(f"/api/applications/{application['id']}/approve", approval)

    assert (approved["state"], approved["granted"], approved["decided_by"]) == ("approved", "700.50", office.id)
    (told,) = eventually(lambda: partner.told(application["id"]))
    assert told["title"] == "资助申请已批准：助学金"
    assert "700.50元" in told["body"] and "符合章程" in told["body"]
    assert office.get(f"/api/funds/{fund['id']}")["available"] == "299.50"
    said = [event["type"] for event in tap.events(subject=application["id"])]
    assert said == ["grant.submitted.v1", "grant.approved.v1"]


def test_a_rejected_application_is_told_with_its_reason_and_costs_nothing(office, partner, fund, application):
    office.post(f"/api/applications/{application['id']}/reject", {"reason": "材料不全"})

    (told,) = eventually(lambda: partner.told(application["id"]))
    assert (told["kind"], told["title"]) == ("grant.rejected.v1", "资助申请未获批准：助学金")
    assert "材料不全" in told["body"]
    assert office.get(f"/api/funds/{fund['id']}")["available"] == "1000.00"


def test_what_the_fund_does_not_have_is_not_granted(office, partner, fund, application):
    office.post(f"/api/applications/{application['id']}/approve", {"amount": "800.50", "reason": "同意"})
    second = {"fund_id": fund["id"], "title": "第二份", "purpose": "同上", "requested": "200.00"}
    second = partner.post("/api/applications", second)
    partner.post(f"/api/applications/{second['id']}/submit")

    approval = {"amount": "200.00", "reason": "同意"}
    status, problem, _ = office.ask("POST", f"/api/applications/{second['id']}/approve", approval)

    assert (status, problem["slug"]) == (409, "fund_exhausted")
    assert problem["detail"] == "基金余额不足，目前可用 199.50 元。"
    assert office.get(f"/api/applications/{second['id']}")["state"] == "submitted"


def test_a_draft_is_nobodys_business_until_it_is_submitted(tap, partner, office, fund):
    draft = {"fund_id": fund["id"], "title": "草稿", "purpose": "还没想好", "requested": "1.00"}
    draft = partner.post("/api/applications", draft)

    status, problem, _ = office.ask(
        "POST", f"/api/applications/{draft['id']}/approve", {"amount": "1.00", "reason": "同意"}
    )

    assert (status, problem["slug"]) == (409, "application_not_submitted")
    assert tap.events(subject=draft["id"]) == []
