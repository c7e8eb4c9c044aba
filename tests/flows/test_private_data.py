"""Private data are shown on record only, and outlive a change of the keys that they are sealed with."""

import base64
import subprocess
import sys
import threading

import pytest

from tests import support
from tests.flows.people import unique
from tests.station import ROOT, eventually

PRIVATE = {
    "contact_name": "欧阳锋",
    "contact_phone": "+86 139-1234-5678",
    "contact_address": "江头东路 5 号",
    "details": "独居",
}
SEALED = ("resource", "notify", "gateway")


def keys(*names: str) -> dict[str, str]:
    """Return the setting for these keys, the first of them in use."""
    known = {**dict(support.DATA_KEYS), "t2": b"another key of thirty-two bytes."}
    return {"JINLIN_DATA_KEYS": ",".join(f"{name}:{base64.b64encode(known[name]).decode()}" for name in names)}


@pytest.fixture
def need(worker):
    return worker.need(f"部{unique()}", **PRIVATE)


def reveal(person, need) -> dict:
    shown = person.post(f"/api/needs/{need['id']}/reveals", {"purpose": "contact_for_service"})
    return {name: shown[name] for name in PRIVATE}


def test_what_is_shown_of_a_need_is_only_that_there_is_a_contact(worker, need):
    shown = worker.get(f"/api/needs/{need['id']}")

    assert shown["has_contact"] is True
    assert not set(PRIVATE) & set(shown)


def test_a_reveal_shows_what_was_entered_and_is_on_record(worker, office, need):
    assert reveal(office, need) == PRIVATE

    (record,) = worker.get(f"/api/needs/{need['id']}/reveals")["items"]
    assert (record["revealed_by"], record["purpose"]) == (office.id, "contact_for_service")
    assert not set(PRIVATE) & set(record)


def test_who_does_not_need_it_is_not_shown_it_and_that_is_no_reveal(worker, partner, operator, need):
    for person, body, status in [
        (partner, {"purpose": "contact_for_service"}, 404),
        (operator, {"purpose": "assessment"}, 403),
        (worker, {"purpose": "curiosity"}, 422),
        (worker, {}, 422),
    ]:
        assert person.ask("POST", f"/api/needs/{need['id']}/reveals", body)[0] == status
    assert worker.get(f"/api/needs/{need['id']}/reveals")["items"] == []


def test_a_phone_number_is_found_however_it_is_written_and_is_not_shown(worker):
    digits = f"137{int(unique(), 16) % 10**8:08d}"
    need = worker.need(f"部{unique()}", contact_phone=digits)
    provider = worker.provider(contact_phone=f"+86 {digits[:3]} {digits[3:7]} {digits[7:]}")

    found = worker.post("/api/lookups", {"contact_phone": f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"})

    assert [item["id"] for item in found["needs"]] == [need["id"]]
    assert [item["id"] for item in found["providers"]] == [provider["id"]]
    assert digits not in str(found)


def test_a_provider_of_somebody_elses_is_not_there_for_a_partner(worker, partner):
    provider = worker.provider(contact_phone="13912345678")

    assert partner.ask("GET", f"/api/providers/{provider['id']}")[0] == 404


@pytest.fixture
def rotating(station):
    """A station on which keys may be changed; on the first key again afterwards, with everything sealed by it."""
    yield station
    station.changes = keys("t1", "t2")
    station.restart(*SEALED)
    for service in ("resource", "notify"):
        rotate(station, service)
    station.changes = {}
    station.restart(*SEALED)


def rotate(station, service: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "chassis", "rotate", service], env=station.environment(service), cwd=ROOT,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def sealed_with(station, key: str) -> int:
    """Return how many values in the tables of private data are sealed with a key."""
    homes = {name: "needs" if name == "details" else "clients" for name in PRIVATE}
    needs = " + ".join(f"(SELECT count(*) FROM {home} WHERE {name} LIKE :key)" for name, home in homes.items())
    providers = "(SELECT count(*) FROM providers WHERE contact_name LIKE :key OR contact_phone LIKE :key)"
    channels = station.value("notify", "SELECT count(*) FROM channels WHERE url LIKE :key", key=f"{key}:%")
    return channels + station.value("resource", f"SELECT {needs} + {providers}", key=f"{key}:%")


def test_keys_are_changed_while_everybody_works_and_the_old_one_is_taken_away(rotating, worker, need):
    station = rotating
    channel = worker.post("/api/channels", {"url": f"mailtos://u:p@example.org?to={unique()}@example.org"})
    before, stop, shown = need, threading.Event(), []

    def look():
        while not stop.is_set():
            shown.append(reveal(worker, before))

    station.changes = keys("t1", "t2")
    station.restart(*SEALED)
    # From here on resource seals with another key than the gateway, and both read either.
    station.changes = keys("t2", "t1")
    station.restart("resource")
    looking = threading.Thread(target=look)
    looking.start()
    try:
        eventually(lambda: shown)
        said = rotate(station, "resource") + rotate(station, "notify")
        during = worker.need(f"部{unique()}", **PRIVATE)
        seen = len(shown)
        eventually(lambda: len(shown) > seen)
    finally:
        stop.set()
        looking.join()
    assert "sealed anew with key t2" in said
    assert sealed_with(station, "t1") == 0 and sealed_with(station, "t2") >= 8

    station.changes = keys("t2")
    station.restart(*SEALED)

    assert all(each == PRIVATE for each in shown)
    assert reveal(worker, before) == reveal(worker, during) == PRIVATE
    found = worker.post("/api/lookups", {"contact_phone": PRIVATE["contact_phone"]})["needs"]
    assert {before["id"], during["id"]} <= {item["id"] for item in found}
    assert worker.ask("DELETE", f"/api/channels/{channel['id']}")[0] == 204
