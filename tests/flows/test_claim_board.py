"""A need goes on the claim board; a verified partner claims it, is approved, does it, and everybody is told."""

import json
import uuid

import pytest

from tests.flows.people import unique
from tests.station import eventually

TEXT = "独居老人需要轮椅，出门看病用"
SECRET = f"备用钥匙在 {uuid.uuid4().int} 号信箱"


@pytest.fixture(scope="module", autouse=True)
def rules(operator):
    """As a station starts with them, whatever a test before set."""
    version = operator.get("/api/claim-rules")["version"]
    usual = {"version": version, "remind_after_days": 7, "lapse_after_days": 14, "most_live": 5}
    return operator.patch("/api/claim-rules", usual)


@pytest.fixture(scope="module")
def provider(worker, partner):
    """A partner's provider, verified; before, the partner sees nothing of the board."""
    provider = partner.provider(kind="volunteer", tell=["new_needs"])
    if provider["state"] == "draft":
        worker.post(f"/api/providers/{provider['id']}/verify")
    eventually(lambda: partner.ask("GET", "/api/claim-board")[0] == 200)
    return provider


@pytest.fixture(scope="module")
def need(worker, provider):
    """A need that is on the board."""
    need = worker.need(f"部{unique()}", quantity=3, target_group="elderly_alone", details=SECRET)
    eventually(lambda: worker.ask("POST", f"/api/claim-board/{need['id']}/open", {"text": TEXT})[0] == 200)
    return need


def test_a_need_is_claimed_approved_and_done(need, provider, worker, partner, office):
    board = f"/api/claim-board/{need['id']}"
    listed = partner.get(board)
    assert (listed["text"], listed["quantity_left"]) == (TEXT, 3)
    assert SECRET not in json.dumps(listed, ensure_ascii=False) and "title" not in listed
    (told,) = eventually(lambda: partner.told(need["id"], "need.opened_for_claim.v1"))
    assert TEXT in told["body"]

    claim = partner.post(f"{board}/claims", {"provider_id": provider["id"], "quantity": 2})
    status, problem, _ = partner.ask("POST", f"{board}/claims", {"provider_id": provider["id"], "quantity": 2})
    assert (status, problem["detail"]) == (409, "已经被别人认领，目前还剩 1 可以认领。")
    assert eventually(lambda: worker.told(claim["id"], "claim.made.v1"))[0]["title"] == "需求有人认领，请审批"

    office.post(f"/api/claims/{claim['id']}/approve")
    (told,) = eventually(lambda: partner.told(claim["id"], "claim.approved.v1"))
    assert TEXT in told["body"] and SECRET not in told["body"]
    assert partner.post(f"/api/claims/{claim['id']}/progress", {"progress": "contacted"})["progress"] == "contacted"
    done = partner.post(f"/api/claims/{claim['id']}/fulfil", {"quantity": 1, "people": 1, "note": SECRET})

    assert (done["state"], done["fulfilled"], done["has_note"]) == ("fulfilled", 1, True)
    assert [step["step"] for step in done["steps"]] == ["claimed", "approved", "contacted", "fulfilled"]
    assert partner.get(board)["quantity_left"] == 2
    shown = office.post(f"/api/claims/{claim['id']}/note-reveals", {"purpose": "follow_up"})
    assert shown["note"] == SECRET
    ranked = {item["provider_id"]: item for item in worker.get("/api/claim-ranking")["items"]}[provider["id"]]
    assert (ranked["deliveries"], ranked["people"], ranked["lapsed_percent"]) == (1, 1, 0)


def test_a_need_that_is_withdrawn_leaves_the_board(provider, worker, partner):
    need = worker.need(f"部{unique()}", target_group="disabled")
    board = f"/api/claim-board/{need['id']}"
    eventually(lambda: worker.ask("POST", f"{board}/open", {"text": TEXT})[0] == 200)
    claim = partner.post(f"{board}/claims", {"provider_id": provider["id"]})
    worker.post(f"/api/needs/{need['id']}/withdraw", {"reason": "no_longer_needed"})

    eventually(lambda: partner.get(f"/api/claims/{claim['id']}")["state"] == "released")
    assert partner.ask("GET", board)[0] == 404
    assert eventually(lambda: partner.told(claim["id"], "claim.released.v1"))


def test_whoever_cannot_says_so_in_chinese(need, worker, partner, operator):
    status, problem, _ = worker.ask("POST", f"/api/claim-board/{need['id']}/open", {"text": "住吕岭路12号502室"})
    assert status == 422
    assert "门牌" in json.dumps(problem, ensure_ascii=False)
    assert partner.ask("POST", f"/api/claim-board/{need['id']}/close")[0] == 403
    rules = operator.get("/api/claim-rules")
    days = {name: rules[name] for name in ("remind_after_days", "lapse_after_days", "most_live")}
    assert operator.ask("PATCH", "/api/claim-rules", {**days, "version": rules["version"] + 5})[0] == 409
    changed = operator.patch("/api/claim-rules", {**days, "version": rules["version"]})
    assert changed["version"] == rules["version"] + 1
