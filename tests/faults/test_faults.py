"""What breaks, breaks nothing: nothing lost, no effect doubled, every queue and outbox empty afterwards."""

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta

import amqp
import pytest

from chassis import broker as topology
from contracts.base import enclose
from contracts.fields import STATION_TIME
from contracts.resource import NeedCreated
from tests import support
from tests.faults.load import Decisions, Load
from tests.faults.size import FULL, lasting
from tests.station import ROOT, Station, eventually

EVENTS = 2000 if FULL else 400
PATIENCE = 300  # seconds for what has no promised time, on a slow machine that has other tests to do


def half_way(load: Load) -> None:
    """Return when half of what is posted has been kept."""
    eventually(lambda: load.counts()["needs"] > load.posted / 2, within=PATIENCE, every=0.02)


def need(number: int, unit: str, **changes) -> NeedCreated:
    facts = dict(
        version=1, need_id=f"0190b000-0000-7000-8000-{number:012x}", title=f"口罩{number}", community="subdistrict",
        community_name="江头街道", category="medical.masks", category_name="口罩", quantity=1, unit=unit,
        target_group="general", urgency=1, registered_by=support.WORKER.id,
    )  # fmt: skip
    return NeedCreated(**{**facts, **changes})


def publish(station: Station, *bodies: str | bytes, type: str = "need.created.v1") -> None:
    """Publish messages as they are, past every outbox."""
    with topology.connect(station.broker.url) as connection:
        channel = connection.channel()
        channel.confirm_select()
        for number, body in enumerate(bodies):
            message = amqp.Message(body, delivery_mode=2, message_id=f"{time.monotonic_ns()}-{number}")
            channel.basic_publish_confirm(message, topology.EVENTS, type)


def test_the_broker_is_killed_and_comes_back(station, load):
    posting = load.begin(EVENTS)
    half_way(load)
    station.broker.kill()
    time.sleep(1)
    station.broker.start()
    posting.join()

    load.check()


def test_the_database_is_killed_and_comes_back(station, load):
    posting = load.begin(EVENTS)
    half_way(load)
    station.postgres.kill()
    time.sleep(1)
    station.postgres.start()
    posting.join()

    load.check()


@pytest.mark.parametrize("service", ["resource", "matching", "notify"])
def test_a_service_is_killed_in_the_middle(station, load, service):
    posting = load.begin(EVENTS)
    half_way(load)
    station.kill(service)
    station.start(service, wait=False)
    posting.join()

    load.check()


def test_grants_is_killed_in_the_middle(station, load):
    decisions = Decisions(station, "grants", support.WORKER, support.OFFICE)
    fund = decisions.insist(f"fund-{load.unit}", "create_fund", support.OFFICE, name="社区基金", amount="1000000.00")
    working = decisions.begin(
        EVENTS // 2,
        lambda n: ("create_application", dict(fund_id=fund["id"], title=f"微项目{n}", purpose="助老", requested="10.00")),
        [
            ("submit_application", support.WORKER, {}),
            ("approve_application", support.OFFICE, {"amount": "10.00", "reason": "同意"}),
        ],
    )
    granted = "SELECT granted > :some FROM funds WHERE id = :id"
    eventually(lambda: station.value("grants", granted, id=fund["id"], some=EVENTS * 300), within=PATIENCE)
    station.kill("grants")
    station.start("grants", wait=False)
    working.join()

    eventually(lambda: decisions.told()[1] == EVENTS // 2, within=PATIENCE, every=0.3)
    eventually(station.is_quiet, every=0.3)
    assert decisions.told() == (EVENTS // 2, EVENTS // 2)
    assert station.value("grants", "SELECT granted FROM funds WHERE id = :id", id=fund["id"]) == EVENTS // 2 * 1000


def test_venue_is_killed_in_the_middle(station, load):
    decisions = Decisions(station, "venue", support.WORKER, support.OFFICE)
    site = decisions.insist("site", "create_site", support.OFFICE, name="社工站", community="jiangtou", address="江头西路")
    space = decisions.insist(
        f"space-{load.unit}", "create_space", support.OFFICE, site_id=site["id"], name="小组室", kind="hall", capacity=9
    )
    midnight = datetime.now(STATION_TIME).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

    def booking(n):
        starts_at = midnight + timedelta(hours=n)
        times = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=1)).isoformat()}
        return "create_booking", {"space_id": space["id"], "title": f"小组活动{n}", "people": 8, **times}

    working = decisions.begin(EVENTS // 2, booking, [("approve_booking", support.OFFICE, {})])
    taken = "SELECT count(*) FROM bookings WHERE space_id = :id"
    eventually(lambda: station.value("venue", taken, id=space["id"]) > EVENTS * 0.3, within=PATIENCE)
    station.kill("venue")
    station.start("venue", wait=False)
    working.join()

    eventually(lambda: decisions.told()[1] == EVENTS // 2, within=PATIENCE, every=0.3)
    eventually(station.is_quiet, every=0.3)
    assert decisions.told() == (EVENTS // 2, EVENTS // 2)
    assert station.value("venue", taken, id=space["id"]) == EVENTS // 2


@pytest.mark.parametrize(
    "service, step", [("resource", "published"), ("matching", "published"), ("matching", "committed"), ("notify", "taken")]
)
def test_a_service_dies_at_the_worst_moment_three_times(station, load, tmp_path, service, step):
    station.terminate(service)
    command = [sys.executable, "-m", "tests.faults.dying", step, "3", str(tmp_path), service]
    posting = load.begin(200)
    for _ in range(3):
        with (tmp_path / "log").open("ab") as log:
            done = subprocess.run(command, env=station.environment(service), cwd=ROOT, stdout=log, stderr=log, timeout=60)
        assert done.returncode == 9, (tmp_path / "log").read_text()[-2000:]
    station.start(service)
    posting.join()

    assert len(list(tmp_path.glob("death-*"))) == 3
    load.check()


def test_a_poisoned_event_stays_alone_among_good_ones(station, load):
    posting = load.begin(200)
    # Readable for every listener, but no database takes a quantity below zero; and one that nobody can read.
    poison = need(int(time.time()), load.unit, quantity=-7)
    publish(station, enclose(poison).to_json(), b'{"specversion": "1.0", "type": "need.created.v1"}')
    posting.join()
    eventually(load.has_arrived, within=30, every=0.2)

    (culprit,) = station.rows("matching", "SELECT state, reason, attempts FROM set_aside WHERE state = 'waiting'")
    assert "23514" in culprit["reason"]  # check_violation
    station.rows("matching", "UPDATE set_aside SET attempts = 99, next_at = now() WHERE state = 'waiting' RETURNING id")
    eventually(lambda: station.value("matching", "SELECT count(*) FROM set_aside WHERE state = 'parked'") == 2)
    load.check(parked=2)

    ids = [row["id"] for row in station.rows("matching", "SELECT id FROM set_aside WHERE state = 'parked'")]
    done = subprocess.run(
        [sys.executable, "-m", "chassis", "redrive", "discard", *map(str, ids), "--by", "the tests", "--reason", "poison"],
        env=station.environment("matching"), cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert "2 events are discarded" in done.stdout, done.stderr


def test_the_same_event_ten_times_has_one_effect(station, load):
    load.post(20)
    load.check()
    body = enclose(need(int(time.time()) + 1, load.unit)).to_json()
    publish(station, *[body] * 10)

    eventually(lambda: load.counts()["needs in matching"] == 21)
    eventually(station.is_quiet, every=0.2)
    assert load.counts()["matches"] == 21
    told = "SELECT count(*) FROM messages WHERE about = :id"
    assert station.value("notify", told, id=json.loads(body)["subject"]) == 1


def test_a_service_is_down_for_a_while(station, load):
    station.terminate("matching")
    load.post(500)
    time.sleep(lasting(60, 8))
    assert station.queue_lengths()["matching"] >= 500
    station.start("matching")

    load.check()


def test_two_processes_share_the_work_and_one_is_killed(station, load):
    station.start("matching:2", "notify:2")
    posting = load.begin(500)
    half_way(load)
    station.kill("matching")
    station.kill("notify:2")
    posting.join()

    load.check()
    station.terminate("matching:2")


def test_a_graceful_stop_under_load_exits_well_and_loses_nothing(station, load):
    posting = load.begin(500)
    half_way(load)
    assert station.terminate("matching") == 0
    assert station.terminate("notify") == 0
    station.start("matching", "notify")
    posting.join()

    load.check()
