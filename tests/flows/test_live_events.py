"""Events are shown to whoever may see them, as they happen."""

import pytest

from tests.flows.people import Person, unique
from tests.flows.watching import Live
from tests.station import eventually


def test_a_need_and_all_that_follows_is_seen_in_order_within_seconds(worker, partner):
    unit = f"部{unique()}"
    with Live(worker) as live:
        offer = partner.offer(unit)
        need = worker.need(unit)
        eventually(lambda: "need.matched.v1" in live.about(need["id"]))
        (match,) = [
            event for event in live.seen if event["data"].get("need_id") == need["id"] and "match_id" in event["data"]
        ]
        eventually(lambda: any(e["type"] == "message.sent.v1" and e["data"]["about"] == need["id"] for e in live.seen))

    assert live.about(offer["id"]) == ["offer.published.v1"]
    assert live.about(need["id"]) == ["need.created.v1", "need.matched.v1"]
    assert match["data"]["offer_id"] == offer["id"] and match["data"]["parts"]


def test_only_the_types_asked_for_are_shown(worker):
    with Live(worker, "?types=need.withdrawn.v1,offer.published.v1") as live:
        need = worker.need(f"部{unique()}")
        worker.post(f"/api/needs/{need['id']}/withdraw", {"reason": "other"})
        eventually(lambda: live.about(need["id"]))

    assert live.about(need["id"]) == ["need.withdrawn.v1"]


def test_a_type_that_there_is_not_is_refused(worker):
    status, problem, _ = worker.ask("GET", "/api/events?types=need.eaten.v1")

    assert (status, problem["slug"], problem["errors"][0]["slug"]) == (422, "invalid_fields", "unknown_event_type")


def test_nobody_watches_without_signing_in(station):
    assert station.request("GET", "/api/events")[0] == 401


def test_who_is_limited_to_a_community_sees_what_happens_there_only(worker, staff):
    with Live(staff) as live:
        elsewhere = worker.need(f"部{unique()}", community="lvcuo")
        here = worker.need(f"部{unique()}", community="jiangtou")
        eventually(lambda: live.about(here["id"]))

    assert live.about(elsewhere["id"]) == []


def test_a_partner_sees_what_became_of_their_own_only(worker, partner):
    unit = f"部{unique()}"
    with Live(partner) as live:
        other = worker.offer(f"部{unique()}")
        offer = partner.offer(unit)
        need = worker.need(unit)
        eventually(
            lambda: [e for e in live.seen if e["type"] == "match.proposed.v1" and e["data"]["need_id"] == need["id"]]
        )

    assert live.about(offer["id"]) == ["offer.published.v1"]
    assert live.about(other["id"]) == [] and live.about(need["id"]) == []


def test_a_message_is_shown_to_its_recipient_only(worker, office):
    unit = f"部{unique()}"
    with Live(worker) as to_worker, Live(office) as to_office:
        worker.offer(unit)
        need = worker.need(unit)
        told = "message.sent.v1"
        eventually(lambda: [e for e in to_worker.seen if e["type"] == told and e["data"]["about"] == need["id"]])
        last = worker.need(f"部{unique()}")
        eventually(lambda: to_office.about(last["id"]))

    assert "need.created.v1" in to_office.about(need["id"])
    assert [e for e in to_office.seen if e["type"] == told and e["data"]["recipient"] != office.id] == []


def test_who_comes_back_misses_nothing(worker):
    with Live(worker) as live:
        first = worker.need(f"部{unique()}")
        eventually(lambda: live.about(first["id"]))
    missed = worker.need(f"部{unique()}")
    seen = next(event["id"] for event in live.seen if event["subject"] == first["id"])

    with Live(worker, Last_Event_ID=seen) as again:
        eventually(lambda: again.about(missed["id"]))

    assert again.about(first["id"]) == []


@pytest.mark.timeout(90)
def test_who_signed_out_does_not_go_on_watching(station, worker):
    guest = Person(station, "social_worker")
    with Live(guest, "?types=fund.opened.v1") as live:
        assert guest.ask("DELETE", "/api/sessions")[0] == 204
        assert live.ended.wait(40)
