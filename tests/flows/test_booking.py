"""A space is asked for, decided on and told; nobody gets it for the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flows.people import unique
from tests.station import eventually


@pytest.fixture
def space(worker):
    site = {"name": f"文体楼{unique()}", "community": "jiangtou", "address": "江头北路 8 号"}
    site = worker.post("/api/sites", site)
    return worker.post("/api/spaces", {"site_id": site["id"], "name": "舞蹈室", "kind": "hall", "capacity": 30})


def booking(space, start="09:00", end="11:00", **changes):
    day = "2031-03-03T"
    times = {"starts_at": f"{day}{start}:00+08:00", "ends_at": f"{day}{end}:00+08:00"}
    return {"space_id": space["id"], "title": "排练", "people": 12, **times, **changes}


def test_an_approved_booking_is_told_with_its_place_and_time(tap, worker, partner, space):
    asked = partner.post("/api/bookings", booking(space))
    approved = worker.post(f"/api/bookings/{asked['id']}/approve")

    assert (asked["state"], approved["state"]) == ("requested", "approved")
    (told,) = eventually(lambda: partner.told(asked["id"]))
    assert told["title"] == "场地预约已批准：排练"
    assert "2031年3月3日（周一）09:00–11:00" in told["body"] and "舞蹈室" in told["body"]
    said = [event["type"] for event in tap.events(subject=asked["id"])]
    assert said == ["booking.requested.v1", "booking.approved.v1"]


def test_a_rejected_booking_is_told_and_its_time_is_free_again(worker, partner, space):
    asked = partner.post("/api/bookings", booking(space))
    worker.post(f"/api/bookings/{asked['id']}/reject", {"reason": "当天检修"})

    (told,) = eventually(lambda: partner.told(asked["id"]))
    assert told["kind"] == "booking.rejected.v1" and "当天检修" in told["body"]
    assert partner.post("/api/bookings", booking(space))["state"] == "requested"


def test_whose_booking_is_called_off_by_somebody_else_is_told(worker, partner, space):
    asked = partner.post("/api/bookings", booking(space))
    worker.post(f"/api/bookings/{asked['id']}/cancel", {"reason": "改作投票站"})

    (told,) = eventually(lambda: partner.told(asked["id"]))
    assert told["kind"] == "booking.cancelled.v1" and "改作投票站" in told["body"]


def test_of_ten_who_ask_for_the_same_time_one_gets_it(partner, space):
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: partner.ask("POST", "/api/bookings", booking(space)), range(10)))

    assert sorted(status for status, _, _ in answers) == [201] + [409] * 9
    assert {problem["slug"] for status, problem, _ in answers if status == 409} == {"space_already_booked"}


def test_one_may_begin_when_the_other_ends(partner, space):
    partner.post("/api/bookings", booking(space, "09:00", "10:00"))

    assert partner.post("/api/bookings", booking(space, "10:00", "11:00"))["state"] == "requested"
