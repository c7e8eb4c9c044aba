"""A station on servers of its own, which the tests here kill; kept for all of them, so each works under a name of its own."""

import time

import pytest

from deploy.servers import Broker, Postgres
from tests.faults.load import Load
from tests.station import Station


@pytest.fixture(scope="session")
def station(place):
    with Broker(place / "faults-broker") as broker, Postgres(place / "faults-postgres") as postgres:
        station = Station(broker, postgres, place / "faults-logs")
        station.migrate()
        try:
            yield station.start("resource", "venue", "matching", "grants", "notify")
        finally:
            station.stop()


@pytest.fixture
def load(station):
    """Numbered needs that all meet one offer; whatever a test killed is started again before the next."""
    for server in (station.broker, station.postgres):
        if server.pid is None:
            server.start()
    dead = [name for name, process in station.processes.items() if process.poll() is not None and ":" not in name]
    if dead:
        station.start(*dead)
    load = Load(station, f"f{time.time_ns() // 10**8 % 10**8}")
    yield load
    load.report()
