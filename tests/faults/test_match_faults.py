"""Matching is killed in the midst of its commands: each is done once, and what is set aside adds up."""

import time
from concurrent.futures import ThreadPoolExecutor

from chassis.client import Broken, Unavailable
from contracts.errors import Late
from tests.faults.size import FULL, lasting
from tests.matching.board import DISAGREEMENTS
from tests.station import eventually

NEEDS = 400 if FULL else 60
OPEN = """SELECT m.id::text AS id FROM matches AS m JOIN needs AS n ON n.id = m.need_id
          WHERE n.unit = :unit AND m.state = 'proposed' ORDER BY m.id"""
STATES = """SELECT m.state, count(*) AS n FROM matches AS m JOIN needs AS n ON n.id = m.need_id
            WHERE n.unit = :unit AND m.state <> 'proposed' GROUP BY m.state ORDER BY m.state"""


def test_matching_is_killed_while_matches_are_confirmed_delivered_and_cancelled(station, load):
    load.post(NEEDS)
    load.check()
    ids = [row["id"] for row in station.rows("matching", OPEN, unit=load.unit)]

    def insist(id, method, **arguments):
        until = time.monotonic() + 120
        while True:
            try:
                return station.call("matching", method, id=id, key=f"{id}-{method}", timeout=3, **arguments)["state"]
            except (Unavailable, Late, Broken):
                load.retries += 1
                assert time.monotonic() < until
                time.sleep(0.2)

    def decide(numbered):
        number, id = numbered
        assert insist(id, "confirm_match") == "confirmed"
        if number % 2:
            return insist(id, "deliver_match", delivered_on="2026-01-05", people=1)
        return insist(id, "cancel_match", reason="recipient_no_show")

    with ThreadPoolExecutor(8) as pool:
        deciding = pool.map(decide, enumerate(ids))
        for _ in range(6 if FULL else 2):
            time.sleep(lasting(3, 0.7))
            station.kill("matching")
            station.start("matching", wait=False)
        outcomes = list(deciding)

    eventually(station.is_quiet, within=60, every=0.3)
    assert len(ids) == NEEDS and set(outcomes) == {"delivered", "cancelled"}
    assert station.rows("matching", DISAGREEMENTS) == []
    states = {row["state"]: row["n"] for row in station.rows("matching", STATES, unit=load.unit)}
    assert states == {"cancelled": NEEDS // 2, "delivered": NEEDS // 2}
    given = "SELECT sum(a.allocated) FROM allocations AS a JOIN offers AS o ON o.id = a.offer_id WHERE o.unit = :unit"
    assert station.value("matching", given, unit=load.unit) == NEEDS // 2
