"""The tables of venue hold the rules by themselves, and every list of bookings is read through an index."""

from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError

from chassis import migrate
from chassis.database import connect
from services.venue.store import VenueStore
from tests.support import database, rows

SPACE_ID = "0190a000-0000-7000-8000-00000000e001"
DAY = {"starts_after": datetime.fromisoformat("2090-03-02T00:00:00+08:00"),
       "starts_before": datetime.fromisoformat("2090-03-03T00:00:00+08:00")}  # fmt: skip
NOTHING = {
    "communities": (), "requested_by": None, "space_id": None, "state": None, "starts_after": None,
    "starts_before": None, "after": None, "limit": 50,
}  # fmt: skip


@pytest.fixture(scope="module")
def url(postgres):
    """A database with 40 spaces in 2 communities, and 20,000 bookings of an hour each."""
    url = database(postgres, "venue")
    rows(
        url,
        """INSERT INTO sites (id, version, name, community, address, created_by, created_at)
           SELECT CAST('0190a000-0000-7000-8000-00000000d00' || n AS uuid), 1, '站点', 'community' || n, '地址', 'w', now()
           FROM generate_series(1, 2) AS n""",
    )
    rows(
        url,
        """INSERT INTO spaces (id, version, site_id, name, kind, capacity, created_by, created_at)
           SELECT CAST('0190a000-0000-7000-8000-00000000e0' || to_char(n, 'FM00') AS uuid), 1,
               CAST('0190a000-0000-7000-8000-00000000d00' || 1 + n % 2 AS uuid), '场地', 'hall', 30, 'w', now()
           FROM generate_series(1, 40) AS n""",
    )
    rows(
        url,
        """INSERT INTO bookings (id, version, space_id, title, starts_at, ends_at, people, state, requested_by,
               created_at, decided_by, decided_at, reason)
           SELECT gen_random_uuid(), 1, CAST('0190a000-0000-7000-8000-00000000e0' || to_char(1 + n % 40, 'FM00') AS uuid),
               '活动', TIMESTAMPTZ '2090-01-01 00:00Z' + n / 40 * interval '4 hours',
               TIMESTAMPTZ '2090-01-01 01:00Z' + n / 40 * interval '4 hours', 10,
               CASE WHEN n % 100 = 0 THEN 'requested' ELSE 'approved' END, 'requester ' || n % 1000, now(),
               CASE WHEN n % 100 = 0 THEN NULL ELSE 'o' END, CASE WHEN n % 100 = 0 THEN NULL ELSE now() END, NULL
           FROM generate_series(1, 20000) AS n""",
    )
    rows(url, "ANALYZE")
    return url


@pytest.mark.parametrize(
    "change, constraint",
    [
        (
            "UPDATE bookings SET starts_at = '2090-01-01 00:00Z', ends_at = '2090-01-01 01:00Z'",
            "space_not_booked_twice",
        ),
        ("UPDATE bookings SET ends_at = starts_at", "ends_after_it_starts"),
        ("UPDATE bookings SET ends_at = starts_at + interval '30 days 1 second'", "at_most_thirty_days"),
        ("UPDATE bookings SET created_at = starts_at + interval '1 second'", "starts_after_it_is_requested"),
        ("UPDATE bookings SET decided_by = NULL", "decided_by_somebody"),
        ("UPDATE bookings SET state = 'rejected' WHERE state = 'approved'", "refused_for_a_reason"),
        ("UPDATE bookings SET people = 0", "bookings_people_check"),
        ("UPDATE spaces SET capacity = 0", "spaces_capacity_check"),
        ("DELETE FROM spaces", "bookings_space_id_fkey"),
    ],
)
def test_the_database_refuses_what_must_not_be(url, change, constraint):
    with pytest.raises(IntegrityError) as refused:
        rows(url, change)

    assert constraint in str(refused.value)


def test_the_owner_of_a_database_needs_no_superuser_to_make_the_tables(postgres):
    url = migrate.create_database(postgres.admin_url, "venue_alone", "password")
    rows(url, "DROP SCHEMA public CASCADE")
    rows(url, "CREATE SCHEMA public")

    assert "venue 0001" in migrate.upgrade(url, "venue")
    (role,) = rows(url, "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
    assert role == {"rolname": "jinlin_venue_alone", "rolsuper": False}


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"after": SPACE_ID},
        {"space_id": SPACE_ID},
        {"state": "requested"},
        {"requested_by": "requester 7"},
        {"communities": ("community1",)},
        DAY,
        {"space_id": SPACE_ID, **DAY},
        {"space_id": SPACE_ID, "state": "approved", "communities": ("community1", "community2"), **DAY},
    ],
)
def test_every_list_of_bookings_is_read_through_an_index(url, filters):
    plan = plan_of(url, filters)

    assert "Index" in plan
    assert "Seq Scan on bookings" not in plan


def plan_of(url, filters):
    lines = []

    class Explaining(VenueStore):
        def rows(self, sql, **values):
            lines.extend(row["QUERY PLAN"] for row in super().rows("EXPLAIN " + sql, **values))
            return []

    engine = connect(url, name="tests", pool_size=1)
    with engine.connect() as connection:
        Explaining(connection).bookings(**{**NOTHING, **filters})
    engine.dispose()
    return "\n".join(lines)
