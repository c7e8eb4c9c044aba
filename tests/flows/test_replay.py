"""A database comes back from last night's backup; the events since then are taken from the stream."""

import subprocess
import sys

from tests.flows.people import unique
from tests.station import ROOT, eventually


def test_what_a_restored_database_missed_is_there_after_a_replay(station, worker, partner):
    unit = f"部{unique()}"
    backup = station.value("matching", "SELECT clock_timestamp()::text")
    offer, need = partner.offer(unit), worker.need(unit)
    eventually(lambda: worker.get(f"/api/matches?need_id={need['id']}")["items"])
    for statement in (
        "DELETE FROM matches WHERE need_id = CAST(:need AS uuid) RETURNING 1",
        "DELETE FROM needs WHERE id = CAST(:need AS uuid) RETURNING 1",
        "DELETE FROM offers WHERE id = CAST(:offer AS uuid) RETURNING 1",
        "DELETE FROM inbox WHERE handled_at >= CAST(:backup AS timestamptz) RETURNING 1",
    ):
        assert station.rows("matching", statement, need=need["id"], offer=offer["id"], backup=backup)
    assert worker.get(f"/api/matches?need_id={need['id']}")["items"] == []

    done = subprocess.run(
        [sys.executable, "-m", "chassis", "replay", "matching"],
        env=station.environment("matching"), cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    (match,) = worker.get(f"/api/matches?need_id={need['id']}")["items"]
    assert match["offer_id"] == offer["id"]


def test_a_listener_that_is_not_there_is_named(station):
    done = subprocess.run(
        [sys.executable, "-m", "chassis", "replay", "matching", "--listener", "on_nothing"],
        env=station.environment("matching"), cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "replay: matching has no listener on_nothing"
