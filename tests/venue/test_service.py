"""The venue service on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest

from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from contracts.venue import BookingApproved, BookingCancelled, BookingRejected, BookingRequested
from services.venue.service import VenueService
from tests.support import OFFICE, WORKER, Caller, call, database, published, rows

PARTNER = Caller("0190a000-0000-7000-8000-000000000003", ("partner",))
NEIGHBOUR = Caller("0190a000-0000-7000-8000-000000000004", ("partner",))
JIANGTOU = Caller("0190a000-0000-7000-8000-000000000005", ("community_staff",), ("jiangtou",))
LVCUO = Caller("0190a000-0000-7000-8000-000000000006", ("community_staff",), ("lvcuo",))
LVCUO_WORKER = Caller("0190a000-0000-7000-8000-000000000007", ("social_worker",), ("lvcuo",))
NOBODY_ID = "0190a000-0000-7000-8000-00000000ffff"


@pytest.fixture(scope="module")
def url(postgres):
    return database(postgres, "venue")


@pytest.fixture
def ask(url):
    def ask(method, caller=WORKER, **arguments):
        return call(VenueService, url, method, caller=caller, **arguments)

    return ask


@pytest.fixture
def site(ask):
    return ask("create_site", name="江头社工站", community="jiangtou", address="江头街道台湾街 1 号")


@pytest.fixture
def space(ask, site):
    return ask("create_space", site_id=site["id"], name="多功能厅", kind="hall", capacity=30)


@pytest.fixture
def book(ask, space):
    def book(caller=PARTNER, begins=9, ends=11, **changes):
        arguments = {"space_id": space["id"], "title": "长者合唱", "people": 20, **changes}
        return ask("create_booking", caller, starts_at=at(begins), ends_at=at(ends), **arguments)

    return book


def at(hour):
    return f"2090-03-02T{hour:02d}:00:00+08:00"


def at_once(work, count):
    """Do the work for each number at the same moment; return each result or refusal."""
    barrier = Barrier(count)

    def one(number):
        barrier.wait()
        try:
            return work(number)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def about(url, id):
    return [envelope.event for envelope in published(url) if envelope.event.subject == id]


def test_a_booking_is_asked_for_and_approved(ask, url, space, book):
    booking = book()
    approved = ask("approve_booking", OFFICE, id=booking["id"])

    assert (booking["state"], booking["version"], booking["requested_by"]) == ("requested", 1, PARTNER.id)
    assert (booking["starts_at"], booking["ends_at"]) == (at(9), at(11))
    assert (approved["state"], approved["version"], approved["decided_by"]) == ("approved", 2, OFFICE.id)
    assert ask("get_booking", PARTNER, id=booking["id"]) == approved
    shared = dict(
        booking_id=booking["id"], space_id=space["id"], space_name="多功能厅", site_name="江头社工站",
        community="jiangtou", title="长者合唱", requested_by=PARTNER.id,
        starts_at=datetime.fromisoformat(at(9)), ends_at=datetime.fromisoformat(at(11)),
    )  # fmt: skip
    assert about(url, booking["id"]) == [
        BookingRequested(version=1, **shared),
        BookingApproved(version=2, decided_by=OFFICE.id, **shared),
    ]


@pytest.mark.parametrize(
    "method, caller, event, who",
    [
        ("reject_booking", OFFICE, BookingRejected, "decided_by"),
        ("cancel_booking", PARTNER, BookingCancelled, "cancelled_by"),
    ],
)
def test_the_time_is_free_again_when_a_booking_is_rejected_or_called_off(ask, url, book, method, caller, event, who):
    booking = book()
    with pytest.raises(Conflict) as refused:
        book(NEIGHBOUR)
    assert (refused.value.slug, refused.value.field) == ("space_already_booked", "starts_at")

    closed = ask(method, caller, id=booking["id"], reason="设备检修")

    assert book(NEIGHBOUR)["state"] == "requested"
    assert (closed["reason"], closed["decided_by"], closed["version"]) == ("设备检修", caller.id, 2)
    (_, said) = about(url, booking["id"])
    assert (type(said), said.version, said.reason, getattr(said, who)) == (event, 2, "设备检修", caller.id)


@pytest.mark.parametrize("begins, ends", [(8, 10), (9, 11), (10, 11), (10, 12), (8, 12)])
def test_bookings_of_a_space_do_not_overlap(ask, url, space, book, begins, ends):
    ask("approve_booking", id=book()["id"])
    before = len(published(url))

    with pytest.raises(Conflict, match="space_already_booked"):
        book(NEIGHBOUR, begins, ends)

    assert [item["state"] for item in ask("list_bookings", space_id=space["id"])["items"]] == ["approved"]
    assert len(published(url)) == before


def test_one_booking_may_begin_when_another_ends_and_other_spaces_are_free(ask, site, book):
    other = ask("create_space", site_id=site["id"], name="个案室", kind="casework_room", capacity=4)

    book(begins=9, ends=11)
    book(begins=11, ends=12)
    book(begins=8, ends=9)
    book(begins=9, ends=11, space_id=other["id"], people=4)


def test_of_twenty_overlapping_bookings_at_once_exactly_one_is_taken(url, space, book):
    results = at_once(lambda number: book(begins=1 + number % 8, ends=9 + number % 8), 20)

    (taken,) = [result for result in results if isinstance(result, dict)]
    assert {r.slug for r in results if isinstance(r, Refusal)} == {"space_already_booked"}
    kept = rows(url, "SELECT CAST(id AS text) AS id FROM bookings WHERE space_id = :id", id=space["id"])
    assert kept == [{"id": taken["id"]}]
    said = [e.event.booking_id for e in published(url, BookingRequested) if e.event.space_id == space["id"]]
    assert said == [taken["id"]]


def test_decisions_and_new_bookings_at_once_leave_one_holder(ask, url, space, book):
    id = book()["id"]

    def act(number):
        if number % 3 == 0:
            return book(NEIGHBOUR)
        if number % 3 == 1:
            return ask("cancel_booking", PARTNER, id=id, reason="活动改期")
        return ask("approve_booking", id=id)

    results = at_once(act, 18)

    held = rows(
        url,
        "SELECT 1 FROM bookings WHERE space_id = :id AND state IN ('requested', 'approved')",
        id=space["id"],
    )
    assert len(held) <= 1
    done = [result for result in results if isinstance(result, dict)]
    assert [result["state"] for result in done].count("cancelled") == 1
    assert {r.slug for r in results if isinstance(r, Refusal)} <= {
        "space_already_booked", "booking_already_closed", "booking_already_decided"
    }  # fmt: skip
    versions = [event.version for event in about(url, id)]
    assert versions == list(range(1, len(versions) + 1))


def test_a_command_repeated_under_its_key_is_done_once(url, space, book):
    results = at_once(lambda _: book(key="booking-1"), 5)

    assert all(result == results[0] for result in results)
    assert len(about(url, results[0]["id"])) == 1
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        book(key="booking-1", begins=10)


def test_more_people_than_fit_are_refused(book):
    with pytest.raises(Conflict) as refused:
        book(people=31)

    assert (refused.value.slug, refused.value.field) == ("too_many_people", "people")
    assert refused.value.facts == {"capacity": 30}


@pytest.mark.parametrize(
    "starts_at, ends_at, slug, field",
    [
        ("2020-03-02T09:00:00+08:00", "2020-03-02T11:00:00+08:00", "starts_in_the_past", "starts_at"),
        ("2090-03-01T09:00:00+08:00", "2090-03-31T09:00:01+08:00", "booking_too_long", "ends_at"),
        ("2090-03-01T09:00:00+08:00", "2090-03-01T01:00:00+00:00", "invalid_fields", "ends_at"),
        ("2090-03-01T09:00:00", "2090-03-01T10:00:00+08:00", "invalid_fields", "starts_at"),
    ],
)
def test_times_must_make_sense(ask, space, starts_at, ends_at, slug, field):
    with pytest.raises(Invalid) as refused:
        ask("create_booking", space_id=space["id"], title="合唱", people=1, starts_at=starts_at, ends_at=ends_at)

    assert (refused.value.slug, refused.value.field) == (slug, field)


def test_thirty_days_to_the_second_are_taken(ask, space):
    times = {"starts_at": "2090-03-01T09:00:00+08:00", "ends_at": "2090-03-31T09:00:00+08:00"}

    assert ask("create_booking", space_id=space["id"], title="画展", people=1, **times)["state"] == "requested"


def test_a_partner_sees_only_their_own_bookings(ask, space, book):
    mine, theirs = book(PARTNER, 9, 10), book(NEIGHBOUR, 10, 11)

    for method, rest in (("get_booking", {}), ("cancel_booking", {"reason": "改期"})):
        with pytest.raises(NotFound, match="unknown_booking"):
            ask(method, NEIGHBOUR, id=mine["id"], **rest)
    assert ask("list_bookings", NEIGHBOUR, space_id=space["id"])["items"] == [theirs]
    assert ask("list_bookings", JIANGTOU, space_id=space["id"])["items"] == [theirs, mine]


def test_who_asked_or_keeps_the_spaces_calls_a_booking_off(ask, book):
    id = book()["id"]

    with pytest.raises(Forbidden, match="requester_or_keeper_required"):
        ask("cancel_booking", JIANGTOU, id=id, reason="改期")
    assert ask("cancel_booking", WORKER, id=id, reason="改期")["state"] == "cancelled"


def test_staff_limited_to_communities_stay_within_them(ask, site, space, book):
    booking = book()

    for method, arguments in (
        ("get_site", {"id": site["id"]}),
        ("get_space", {"id": space["id"]}),
        ("get_booking", {"id": booking["id"]}),
        ("create_space", {"site_id": site["id"], "name": "个案室", "kind": "other", "capacity": 1}),
        ("approve_booking", {"id": booking["id"]}),
        ("create_site", {"name": "分站", "community": "jiangtou", "address": "台湾街 2 号"}),
    ):
        with pytest.raises(Forbidden, match="community_forbidden"):
            ask(method, LVCUO_WORKER, **arguments)
    with pytest.raises(Forbidden, match="community_forbidden"):
        book(LVCUO, 14, 15)
    for method in ("list_sites", "list_spaces", "list_bookings"):
        assert ask(method, LVCUO)["items"] == []
    assert ask("get_booking", JIANGTOU, id=booking["id"]) == booking
    assert ask("list_sites", JIANGTOU, limit=1)["items"] == [site]
    assert ask("list_spaces", JIANGTOU, limit=1)["items"] == [space]


def test_lists_come_in_pages_newest_first_and_by_filter(ask, site, space, book):
    made = [book(begins=hour, ends=hour + 1) for hour in (9, 10, 11, 12)]
    ask("approve_booking", id=made[0]["id"])

    def listed(**filters):
        return [item["id"] for item in ask("list_bookings", space_id=space["id"], **filters)["items"]]

    ids = [booking["id"] for booking in made]
    first = ask("list_bookings", space_id=space["id"], limit=3)
    assert [item["id"] for item in first["items"]] == ids[:0:-1]
    assert listed(limit=3, after=first["next"]) == ids[:1]
    assert listed(state="approved") == ids[:1]
    assert listed(starts_after=at(10), starts_before=at(12)) == [ids[2], ids[1]]
    assert ask("list_spaces", site_id=site["id"]) == {"items": [space], "next": None}
    assert ask("list_sites", community="nowhere") == {"items": [], "next": None}


@pytest.mark.parametrize(
    "method, caller, arguments",
    [
        ("create_site", PARTNER, {"name": "站", "community": "jiangtou", "address": "街"}),
        ("create_space", JIANGTOU, {"site_id": NOBODY_ID, "name": "室", "kind": "hall", "capacity": 1}),
        ("approve_booking", PARTNER, {"id": NOBODY_ID}),
        ("reject_booking", JIANGTOU, {"id": NOBODY_ID, "reason": "否"}),
        ("list_sites", Caller(PARTNER.id), {}),
    ],
)
def test_roles_are_held(ask, method, caller, arguments):
    with pytest.raises(Forbidden, match="role_required"):
        ask(method, caller, **arguments)


@pytest.mark.parametrize(
    "method, arguments, slug, field",
    [
        ("get_site", {"id": NOBODY_ID}, "unknown_site", "id"),
        ("create_space", {"site_id": NOBODY_ID, "name": "室", "kind": "hall", "capacity": 1}, "unknown_site", "site_id"),
        ("get_space", {"id": NOBODY_ID}, "unknown_space", "id"),
        ("create_booking", {"space_id": NOBODY_ID, "title": "会", "people": 1, "starts_at": at(9), "ends_at": at(10)},
         "unknown_space", "space_id"),
        ("get_booking", {"id": NOBODY_ID}, "unknown_booking", "id"),
        ("approve_booking", {"id": NOBODY_ID}, "unknown_booking", "id"),
        ("cancel_booking", {"id": NOBODY_ID, "reason": "改期"}, "unknown_booking", "id"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named(ask, method, arguments, slug, field):
    with pytest.raises(NotFound) as refused:
        ask(method, **arguments)

    assert (refused.value.slug, refused.value.field) == (slug, field)
