"""A need is posted; a match is proposed with its reasons; whoever is concerned is told; nothing private leaks."""

import json
import uuid

import pytest

from tests.flows import searching
from tests.flows.people import unique
from tests.flows.watching import history
from tests.station import eventually

HOPS = ("gateway", "resource", "matching", "notify")


@pytest.fixture(scope="module")
def secrets():
    """What somebody says about themselves, found nowhere else."""
    digits = str(uuid.uuid4().int)
    return {
        "contact_name": f"欧阳{digits[:6]}",
        "contact_phone": f"139{digits[:8]}",
        "contact_address": f"江头街道 {digits[:9]} 号 602 室",
        "details": f"腿脚不便，儿子在外地，备用钥匙在 {digits[:10]} 号信箱",
    }


@pytest.fixture(scope="module")
def story(station, tap, worker, partner, secrets):
    """The whole story, told once: partner offers, worker registers a need, and confirms."""
    unit, correlation = f"部{unique()}", str(uuid.uuid4())
    offer = partner.offer(unit, quantity=5)
    need = worker.need(unit, {"X_Correlation_Id": correlation}, quantity=2, urgency=3, **secrets)
    (match,) = eventually(lambda: worker.get(f"/api/matches?need_id={need['id']}")["items"])
    (told,) = eventually(lambda: worker.told(need["id"]))
    confirmed = worker.post(f"/api/matches/{match['id']}/confirm", {"quantity": 1})
    eventually(lambda: worker.told(match["id"]) and partner.told(match["id"]))
    return {"offer": offer, "need": need, "match": match, "told": told, "confirmed": confirmed, "id": correlation}


def test_a_match_is_proposed_with_its_reasons(story):
    match = story["match"]

    assert (match["offer_id"], match["state"], match["quantity"]) == (story["offer"]["id"], "proposed", 2)
    assert match["score"] == sum(part["points"] for part in match["parts"])
    assert {part["part"]: part["text"] for part in match["parts"]}.items() >= {
        "category": "同为「康复辅具」",
        "nearness": "都在江头社区",
        "urgency": "需求紧急",
    }.items()


def test_whoever_registered_the_need_is_told(story):
    assert story["told"]["kind"] == "need.matched.v1"
    assert story["told"]["title"] == "需求有了匹配建议：需要轮椅"
    assert "闲置轮椅" in story["told"]["body"]


def test_a_confirmation_is_told_on_both_sides_with_what_is_left(story, worker, partner):
    (to_worker,), (to_partner,) = worker.told(story["match"]["id"]), partner.told(story["match"]["id"])

    assert story["confirmed"]["state"] == "confirmed"
    assert "还差1部" in to_worker["body"]
    assert to_partner["title"] == "资源派上用场：闲置轮椅" and "还剩4部" in to_partner["body"]


def test_one_correlation_id_is_in_the_log_of_every_hop_and_every_event(story, station, tap):
    def named(hop):
        # Standard output is all JSON; what libraries say on standard error is here in the same file.
        lines = (station.directory / f"{hop}.log").read_text().split("\n")
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [line for line in found if line.get("correlation_id") == story["id"]]

    assert {hop: bool(named(hop)) for hop in HOPS} == dict.fromkeys(HOPS, True)
    chain = {event["type"]: event for event in tap.events(correlationid=story["id"])}
    hops = {"client.registered.v1", "need.created.v1", "match.proposed.v1", "need.matched.v1", "message.sent.v1"}
    assert set(chain) == hops
    assert chain["match.proposed.v1"]["causationid"] == chain["need.created.v1"]["id"]
    assert chain["message.sent.v1"]["causationid"] == chain["need.matched.v1"]["id"]


def test_what_is_private_can_be_read_nowhere(story, station, tap, worker, partner, secrets):
    stream = history(station.broker.url, until=story["match"]["id"])
    inboxes = json.dumps([worker.get("/api/messages"), partner.get("/api/messages")], ensure_ascii=False)
    places = (station.directory, station.broker.directory, station.postgres.directory)
    # The search itself works: what is public is found in each of these places.
    unit = story["need"]["unit"]
    assert searching.in_databases(station, unit) and searching.in_messages(tap.messages, unit)
    assert searching.in_files(unit, *places[1:])

    found = {
        name: (
            searching.in_databases(station, text),
            searching.in_messages(tap.messages, text),
            searching.in_messages([("stream", "", body) for body in stream], text),
            searching.in_files(text, *places),
            text in inboxes or text in json.dumps([story["need"], story["match"]], ensure_ascii=False),
        )
        for name, text in secrets.items()
    }

    assert found == dict.fromkeys(secrets, ([], [], [], [], False))
