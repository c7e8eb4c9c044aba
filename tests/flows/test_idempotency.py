"""Every POST of the API, ten at once and once more under one Idempotency-Key: one answer, one effect."""

import json
import urllib.request
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flows.people import a_need, unique
from tests.flows.posts import CASES, Things
from tests.flows.posts.resource import two_needs
from tests.station import DEMO_PASSWORD, eventually

# What the platform itself keeps about work under way; it settles after an answer.
OWN = ("outbox", "inbox", "begun", "set_aside", "migrations_of_", "search_sweeps")
# What the platform keeps of an answer, so that it can be given again, and of who is signed in.
ANSWERS = ("commands", "answers", "sessions")
# Rows that are not added by the command itself but by listeners and duties, which work at the same time: they are not
# counted, or a case would fail for what another one began.
DERIVED = {
    "resource": (
        "search_", "decided_",  # the index and the words of titles, kept up by triggers and duties
        "duplicates",  # the duty that looks for what is alike
        "need_deliveries", "services_received_given", "contact_grants",  # heard of matching
    ),
    "matching": (
        "needs", "offers", "providers", "clients", "categories", "communities",  # heard of the library
        "stale", "edges", "word_counts",  # what is to be looked at again, and was found then
        "recommendations", "plan_changes",  # of plans, which a duty makes as well
    ),
    "notify": ("messages", "deliveries"),  # heard of everybody
}  # fmt: skip
# Of these a duty adds rows as well, which nobody asked for.
ASKED_FOR = {"plans": "made_by IS NOT NULL"}

# These have a test of their own below: they answer people who are not signed in yet, take a form, or answer with a file.
ELSEWHERE = {
    "/api/sessions",
    "/api/imports",
    "/api/imports/previews",
    "/api/exports/needs/with-contacts",
    "/api/exports/providers/with-contacts",
}


def settled(station, service: str) -> dict[str, str]:
    """Return what stands in the tables of a service, without what the platform keeps for itself."""
    return {name: text for name, text in station.contents(service).items() if not name.startswith(OWN)}


def counts(station, service: str) -> Counter:
    """Return how many rows there are in each table that commands add to."""
    left_out = ANSWERS + DERIVED.get(service, ())
    found = {name: int(text.split()[0]) for name, text in settled(station, service).items() if not name.startswith(left_out)}
    for name in found.keys() & ASKED_FOR:
        found[name] = station.value(service, f"SELECT count(*) FROM {name} WHERE {ASKED_FOR[name]}")
    return Counter(found)


def difference(before: Counter, after: Counter) -> dict[str, int]:
    """Return how many rows more or less there are, in each table where the number is another."""
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def at_once(ask) -> list:
    """Return the answers of ten who ask the same at the same time."""
    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(lambda _: ask(), range(10)))


def test_every_post_of_the_api_is_here(station):
    _, document, _ = station.request("GET", "/api/openapi.json")

    assert {path for path, methods in document["paths"].items() if "post" in methods} == set(CASES) | ELSEWHERE


@pytest.mark.parametrize("path", CASES)
def test_one_key_has_one_answer_and_one_effect(station, tap, worker, office, partner, operator, path):
    things = Things(station, worker, office, partner, operator)
    who, service, added, prepare = CASES[path]
    ids, body = prepare(things)
    for id in ids:
        path = path.replace("{id}", id, 1)
    person = getattr(things, who)
    before = counts(station, service)
    correlation, key = str(uuid.uuid4()), f"key-{unique()}"

    def ask():
        headers = {"Idempotency_Key": key, "X_Correlation_Id": correlation}
        return person.ask("POST", path, body, **headers)[:2]

    def ask_again() -> bool:
        """Ask once more; tell whether everything is as before, which listeners and duties change as well."""
        known = settled(station, service)
        answers.append(ask())
        return settled(station, service) == known

    answers = at_once(ask)
    after = counts(station, service)
    eventually(ask_again)

    assert {status for status, _ in answers} <= {200, 201}, answers
    assert len({json.dumps(answer, sort_keys=True) for answer in answers}) == 1
    assert difference(before, after) == added
    assert counts(station, service) == after
    if service != "gateway":
        eventually(lambda: not station.value(service, "SELECT count(*) FROM outbox"))
    said = Counter((event["type"], event["subject"]) for event in tap.events(correlationid=correlation))
    assert set(said.values()) <= {1}, said
    if path == "/api/channels":
        assert worker.ask("DELETE", f"/api/channels/{answers[0][1]['id']}")[0] == 204


def test_signing_in_again_under_one_key_is_one_session(station):
    body, key = {"username": "partner", "password": DEMO_PASSWORD}, f"key-{unique()}"
    before = station.value("gateway", "SELECT count(*) FROM sessions")

    answers = at_once(lambda: station.request("POST", "/api/sessions", body, headers={"Idempotency-Key": key})[:2])

    assert {status for status, _ in answers} == {201}
    assert len({answer["token"] for _, answer in answers}) == 1
    assert station.value("gateway", "SELECT count(*) FROM sessions") == before + 1


def test_a_file_sent_ten_times_under_one_key_is_imported_once(worker):
    unit, key = f"部{unique()}", f"key-{unique()}"
    offer, table = worker.offer(unit), two_needs(unit)

    answers = at_once(lambda: worker.upload("list.csv", table, Idempotency_Key=key)[:2])

    assert {status for status, _ in answers} == {201}, answers
    assert len({answer["id"] for _, answer in answers}) == 1
    eventually(lambda: len(worker.get(f"/api/matches?offer_id={offer['id']}")["items"]) == 2)


def test_a_file_sent_ten_times_under_one_key_is_previewed_once(station, worker):
    table, key = two_needs(), f"key-{unique()}"
    before = counts(station, "resource")

    answers = at_once(lambda: worker.upload("list.csv", table, path="/api/imports/previews", Idempotency_Key=key)[:2])

    assert {status for status, _ in answers} == {201}, answers
    assert len({answer["id"] for _, answer in answers}) == 1
    path = f"/api/imports/{answers[0][1]['id']}"
    eventually(lambda: worker.get(path)["state"] == "previewed")
    after = counts(station, "resource")
    assert difference(before, after) == {"imports": 1, "import_batches": 1, "import_rows": 2}


@pytest.mark.parametrize("kind", ["needs", "providers"])
def test_contacts_exported_under_one_key_are_shown_once(station, worker, operator, kind):
    community = operator.post("/api/communities", {"code": f"t{unique()}", "name": f"社区{unique()}"})["code"]
    for _ in range(2):
        contact = {"community": community, "contact_name": "欧阳"}
        worker.need(unique(), **contact) if kind == "needs" else worker.provider(**contact)
    before = counts(station, "resource")
    asked = {"community": community, "purpose": "follow_up", "format": "csv"}
    headers = {"Idempotency-Key": f"key-{unique()}", "Authorization": f"Bearer {worker.token}"}

    def ask():
        address = f"http://127.0.0.1:{station.port('gateway')}/api/exports/{kind}/with-contacts"
        more = {**headers, "Content-Type": "application/json"}
        request = urllib.request.Request(address, data=json.dumps(asked).encode(), headers=more)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()

    answers = [*at_once(ask), ask()]

    assert len(set(answers)) == 1
    assert answers[0][0] == 200 and answers[0][1].count("欧阳") == 2
    after = counts(station, "resource")
    assert difference(before, after) == {"reveals": 2}


def test_a_key_that_was_used_for_something_else_is_refused(worker):
    key, unit = f"key-{unique()}", unique()
    worker.post("/api/needs", a_need(unit), Idempotency_Key=key)

    for path, body in [
        ("/api/needs", a_need(unit, quantity=2)),
        ("/api/providers", {"kind": "volunteer", "name": "李", "community": "lvcuo"}),
    ]:
        status, problem, _ = worker.ask("POST", path, body, Idempotency_Key=key)
        assert (status, problem["slug"], problem["field"]) == (422, "idempotency_key_reused", "Idempotency-Key")


def test_two_people_may_use_the_same_key(worker, office):
    key, unit = f"key-{unique()}", unique()

    answers = [person.post("/api/needs", a_need(unit), Idempotency_Key=key)["id"] for person in (worker, office)]

    assert len(set(answers)) == 2
