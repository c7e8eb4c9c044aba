"""The tables of grants hold the rules by themselves, and every list is read through an index."""

import pytest
from sqlalchemy.exc import IntegrityError

from chassis.database import connect
from services.grants.store import GrantsStore
from tests.support import database, rows

FUND_ID = "0190a000-0000-7000-8000-00000000f001"
NOTHING = {"applicant": None, "fund_id": None, "state": None, "after": None, "limit": 50}


@pytest.fixture(scope="module")
def url(postgres):
    """A database with 2 funds and 20,000 applications."""
    url = database(postgres, "grants")
    rows(
        url,
        """INSERT INTO funds (id, version, name, amount, granted, created_by, created_at)
           SELECT CAST('0190a000-0000-7000-8000-00000000f00' || n AS uuid), 1, '基金', 1000, 400, 'o', now()
           FROM generate_series(1, 2) AS n""",
    )
    rows(
        url,
        """INSERT INTO applications (id, version, fund_id, title, purpose, requested, state, applicant, created_at,
               submitted_at)
           SELECT gen_random_uuid(), 1, CAST('0190a000-0000-7000-8000-00000000f00' || 1 + n % 2 AS uuid), '申请', '用途',
               100, CASE WHEN n % 100 = 0 THEN 'submitted' ELSE 'draft' END, 'applicant ' || n % 1000, now(),
               CASE WHEN n % 100 = 0 THEN now() END
           FROM generate_series(1, 20000) AS n""",
    )
    rows(url, "ANALYZE applications")
    return url


@pytest.mark.parametrize(
    "change, constraint",
    [
        ("UPDATE funds SET granted = 1001", "fund_not_overdrawn"),
        ("UPDATE funds SET granted = -1", "fund_not_overdrawn"),
        ("UPDATE funds SET amount = 399", "fund_not_overdrawn"),
        ("UPDATE applications SET granted = 100", "granted_when_approved"),
        ("UPDATE applications SET granted = 101", "granted_at_most_what_was_asked"),
        ("UPDATE applications SET submitted_at = NULL WHERE state = 'submitted'", "draft_until_submitted"),
        ("UPDATE applications SET decided_by = 'o'", "decided_by_somebody_for_a_reason"),
    ],
)
def test_the_database_refuses_what_must_not_be(url, change, constraint):
    with pytest.raises(IntegrityError) as refused:
        rows(url, change)

    assert constraint in str(refused.value)


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"after": FUND_ID},
        {"fund_id": FUND_ID},
        {"state": "submitted"},
        {"fund_id": FUND_ID, "state": "submitted"},
        {"applicant": "applicant 7"},
        {"applicant": "applicant 7", "fund_id": FUND_ID, "state": "draft"},
    ],
)
def test_every_list_of_applications_is_read_through_an_index(url, filters):
    plan = plan_of(url, filters)

    assert "Index" in plan
    assert "Seq Scan" not in plan


def plan_of(url, filters):
    lines = []

    class Explaining(GrantsStore):
        def rows(self, sql, **values):
            lines.extend(row["QUERY PLAN"] for row in super().rows("EXPLAIN " + sql, **values))
            return []

    engine = connect(url, name="tests", pool_size=1)
    with engine.connect() as connection:
        Explaining(connection).applications(**{**NOTHING, **filters})
    engine.dispose()
    return "\n".join(lines)
