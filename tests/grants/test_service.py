"""The grants service on a real database."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from contracts.grants import FundOpened, GrantApproved, GrantRejected, GrantSubmitted
from services.grants.service import GrantsService
from tests.support import OFFICE, WORKER, Caller, call, database, published, rows

PARTNER = Caller("0190a000-0000-7000-8000-000000000003", ("partner",))
NEIGHBOUR = Caller("0190a000-0000-7000-8000-000000000004", ("partner",))
STAFF = Caller("0190a000-0000-7000-8000-000000000005", ("community_staff",), ("jiangtou",))
OPERATOR = Caller("0190a000-0000-7000-8000-000000000006", ("operator",))
NOBODY_ID = "0190a000-0000-7000-8000-00000000ffff"


@pytest.fixture(scope="module")
def url(postgres):
    return database(postgres, "grants")


@pytest.fixture
def ask(url):
    def ask(method, caller=WORKER, **arguments):
        return call(GrantsService, url, method, caller=caller, **arguments)

    return ask


@pytest.fixture
def fund(ask):
    return ask("create_fund", OFFICE, name="江头社区基金", amount="10000.00")


@pytest.fixture
def draft(ask, fund):
    def draft(applicant=WORKER, requested="800.00", fund=fund):
        return ask(
            "create_application",
            applicant,
            fund_id=fund["id"],
            title="助浴椅十把",
            purpose="独居老人洗浴安全",
            requested=requested,
        )

    return draft


@pytest.fixture
def submitted(ask, draft):
    def submitted(applicant=WORKER, **changes):
        return ask("submit_application", applicant, id=draft(applicant, **changes)["id"])

    return submitted


def at_once(work, things):
    """Do the work for all things at the same moment; return each result or refusal."""
    barrier = Barrier(len(things))

    def one(thing):
        barrier.wait()
        try:
            return work(thing)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(one, things))


def about(url, id):
    return [envelope.event for envelope in published(url) if envelope.event.subject == id]


def test_a_grant_goes_from_draft_to_approved(ask, url, fund):
    application = ask(
        "create_application",
        PARTNER,
        fund_id=fund["id"],
        title="助浴椅十把",
        purpose="独居老人洗浴安全",
        requested="800.50",
    )
    assert (application["state"], application["version"], application["requested"]) == ("draft", 1, "800.50")
    assert application["applicant"] == PARTNER.id
    assert about(url, application["id"]) == []

    ask("submit_application", PARTNER, id=application["id"])
    approved = ask("approve_application", OFFICE, id=application["id"], amount="700.25", reason="符合用途")

    assert (approved["state"], approved["version"], approved["granted"]) == ("approved", 3, "700.25")
    assert (approved["reason"], approved["decided_by"]) == ("符合用途", OFFICE.id)
    assert ask("get_application", PARTNER, id=application["id"]) == approved
    assert ask("get_fund", id=fund["id"]) == {**fund, "version": 2, "granted": "700.25", "available": "9299.75"}
    shared = dict(application_id=application["id"], fund_id=fund["id"], title="助浴椅十把", applicant=PARTNER.id)
    assert about(url, fund["id"]) == [
        FundOpened(version=1, fund_id=fund["id"], name="江头社区基金", amount_fen=10_000_00)
    ]
    assert about(url, application["id"]) == [
        GrantSubmitted(version=2, requested_fen=800_50, **shared),
        GrantApproved(version=3, amount_fen=700_25, reason="符合用途", decided_by=OFFICE.id, **shared),
    ]


def test_a_rejected_application_takes_nothing_from_the_fund(ask, url, fund, submitted):
    id = submitted()["id"]

    rejected = ask("reject_application", OFFICE, id=id, reason="材料不全")

    assert (rejected["state"], rejected["granted"], rejected["reason"]) == ("rejected", None, "材料不全")
    assert ask("get_fund", id=fund["id"]) == fund
    (_, event) = about(url, id)
    assert isinstance(event, GrantRejected)
    assert (event.version, event.reason, event.decided_by, event.applicant) == (3, "材料不全", OFFICE.id, WORKER.id)


def test_fifty_approvals_at_once_never_grant_more_than_the_fund_has(ask, url, submitted):
    fund = ask("create_fund", OFFICE, name="小额基金", amount="10.00")
    ids = [submitted(fund=fund, requested="0.70")["id"] for _ in range(50)]

    results = at_once(lambda id: ask("approve_application", OFFICE, id=id, amount="0.70", reason="符合用途"), ids)

    refused = [result for result in results if isinstance(result, Refusal)]
    assert len(refused) == 36
    assert {(r.slug, r.field) for r in refused} == {("fund_exhausted", "amount")}
    assert {r.facts["available"] for r in refused} == {"0.20"}
    (kept,) = rows(
        url,
        """SELECT amount, f.granted, f.version, sum(a.granted) AS given, count(a.granted) AS times
           FROM funds AS f JOIN applications AS a ON a.fund_id = f.id WHERE f.id = :id GROUP BY f.id""",
        id=fund["id"],
    )
    assert kept == {"amount": 1000, "granted": 980, "version": 15, "given": 980, "times": 14}
    assert sum(envelope.event.fund_id == fund["id"] for envelope in published(url, GrantApproved)) == 14


def test_two_who_decide_at_once_decide_once(ask, url, fund, submitted):
    id = submitted(requested="5.00")["id"]

    def decide(number):
        if number % 2:
            return ask("reject_application", OFFICE, id=id, reason="材料不全")
        return ask("approve_application", OFFICE, id=id, amount="5.00", reason="符合用途")

    results = at_once(decide, range(10))

    (decision,) = [result for result in results if isinstance(result, dict)]
    assert {r.slug for r in results if isinstance(r, Refusal)} == {"application_not_submitted"}
    granted = "5.00" if decision["state"] == "approved" else "0.00"
    assert ask("get_fund", id=fund["id"])["granted"] == granted
    assert len(about(url, id)) == 2


def test_a_command_repeated_under_its_key_is_done_once(ask, url, fund, submitted):
    id = submitted(requested="5.00")["id"]
    same = dict(key="approve-1", id=id, amount="5.00", reason="符合用途")

    results = at_once(lambda _: ask("approve_application", OFFICE, **same), range(5))

    assert all(result == results[0] for result in results)
    assert results[0]["state"] == "approved"
    assert ask("get_fund", id=fund["id"])["granted"] == "5.00"
    assert len(about(url, id)) == 2
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        ask("approve_application", OFFICE, **{**same, "amount": "4.00"})


def test_what_is_refused_changes_nothing(ask, url, fund, submitted):
    waiting = submitted(requested="5.00")

    with pytest.raises(Conflict) as refused:
        ask("approve_application", OFFICE, id=waiting["id"], amount="5.01", reason="符合用途")

    assert (refused.value.slug, refused.value.field) == ("more_than_requested", "amount")
    assert refused.value.facts == {"requested": "5.00"}
    assert ask("get_application", id=waiting["id"]) == waiting
    assert ask("get_fund", id=fund["id"]) == fund
    assert len(about(url, waiting["id"])) == 1


@pytest.mark.parametrize("method, rest", [("approve_application", {"amount": "1.00"}), ("reject_application", {})])
def test_a_draft_is_not_decided(ask, draft, method, rest):
    with pytest.raises(Conflict, match="application_not_submitted") as refused:
        ask(method, OFFICE, id=draft()["id"], reason="符合用途", **rest)

    assert refused.value.facts == {"state": "draft"}


def test_the_applicant_or_the_office_submits(ask, draft):
    assert ask("submit_application", OFFICE, id=draft(PARTNER)["id"])["applicant"] == PARTNER.id
    with pytest.raises(Forbidden, match="applicant_or_office_required"):
        ask("submit_application", STAFF, id=draft(WORKER)["id"])
    with pytest.raises(Conflict, match="application_already_submitted"):
        id = draft(STAFF)["id"]
        ask("submit_application", STAFF, id=id)
        ask("submit_application", STAFF, id=id)


def test_a_partner_sees_only_their_own_applications(ask, draft):
    mine, theirs = draft(PARTNER), draft(NEIGHBOUR)

    for method in ("get_application", "submit_application"):
        with pytest.raises(NotFound, match="unknown_application"):
            ask(method, NEIGHBOUR, id=mine["id"])
    assert ask("list_applications", NEIGHBOUR, limit=1)["items"] == [theirs]
    assert {item["applicant"] for item in ask("list_applications", PARTNER)["items"]} == {PARTNER.id}
    assert ask("list_applications", STAFF, limit=2)["items"] == [theirs, mine]


def test_lists_come_in_pages_newest_first(ask, draft, submitted):
    fund = ask("create_fund", OFFICE, name="新基金", amount="1.00")
    made = [draft(fund=fund)["id"] for _ in range(3)] + [submitted(fund=fund)["id"]]

    first = ask("list_applications", fund_id=fund["id"], limit=3)
    rest = ask("list_applications", fund_id=fund["id"], limit=3, after=first["next"])

    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None
    assert [item["id"] for item in ask("list_applications", fund_id=fund["id"], state="submitted")["items"]] == made[3:]
    assert ask("list_funds", limit=1)["items"] == [fund]


@pytest.mark.parametrize(
    "method, caller, arguments",
    [
        ("create_fund", WORKER, {"name": "基金", "amount": "1.00"}),
        ("approve_application", WORKER, {"id": NOBODY_ID, "amount": "1.00", "reason": "可"}),
        ("reject_application", PARTNER, {"id": NOBODY_ID, "reason": "否"}),
        ("create_application", OPERATOR, {"fund_id": NOBODY_ID, "title": "甲", "purpose": "乙", "requested": "1.00"}),
        ("list_funds", OPERATOR, {}),
    ],
)
def test_roles_are_held(ask, method, caller, arguments):
    with pytest.raises(Forbidden, match="role_required"):
        ask(method, caller, **arguments)


@pytest.mark.parametrize(
    "method, caller, arguments, slug, field",
    [
        ("get_fund", WORKER, {"id": NOBODY_ID}, "unknown_fund", "id"),
        ("create_application", WORKER, {"fund_id": NOBODY_ID, "title": "甲", "purpose": "乙", "requested": "1.00"},
         "unknown_fund", "fund_id"),
        ("get_application", WORKER, {"id": NOBODY_ID}, "unknown_application", "id"),
        ("submit_application", OFFICE, {"id": NOBODY_ID}, "unknown_application", "id"),
        ("approve_application", OFFICE, {"id": NOBODY_ID, "amount": "1.00", "reason": "可"}, "unknown_application", "id"),
        ("reject_application", OFFICE, {"id": NOBODY_ID, "reason": "否"}, "unknown_application", "id"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named(ask, method, caller, arguments, slug, field):
    with pytest.raises(NotFound) as refused:
        ask(method, caller, **arguments)

    assert (refused.value.slug, refused.value.field) == (slug, field)


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "1.005", "1e3", "10000000000000.01", 100, None])
def test_money_must_make_sense(ask, amount):
    with pytest.raises(Invalid, match="invalid_fields") as refused:
        ask("create_fund", OFFICE, name="基金", amount=amount)

    assert list(refused.value.fields) == ["amount"]
