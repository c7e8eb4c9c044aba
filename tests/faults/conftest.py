"""A station and a chain on servers of their own, which the tests here kill; kept for all of them, so each works under a name of its own."""

import time

import pytest

from deploy.servers import Broker, Postgres
from tests.chain.drive import Chain, Numbers
from tests.faults.load import Load
from tests.station import Station


@pytest.fixture(scope="session")
def servers(place):
    with Broker(place / "faults-broker") as broker, Postgres(place / "faults-postgres") as postgres:
        yield broker, postgres


@pytest.fixture(scope="session")
def station(place, servers):
    station = Station(*servers, place / "faults-logs")
    station.migrate()
    try:
        yield station.start("resource", "venue", "matching", "grants", "notify")
    finally:
        station.stop()


@pytest.fixture(scope="session")
def chain(place, servers):
    chain = Chain(*servers, place / "faults-chain-logs")
    chain.migrate()
    try:
        yield chain.start(*chain.services)
    finally:
        chain.stop()


@pytest.fixture
def load(station):
    """Numbered needs that all meet one offer."""
    _mend(station)
    load = Load(station, _name())
    yield load
    load.report()


@pytest.fixture
def numbers(chain):
    """Numbers of the test's own; the chain's services run."""
    _mend(chain)
    return Numbers(chain, _name())


def _mend(station):
    """Start again whatever an earlier test killed, and forget the second processes that it had."""
    for server in (station.broker, station.postgres):
        if server.pid is None:
            server.start()
    dead = [name for name, process in station.processes.items() if process.poll() is not None]
    for second in [name for name in dead if ":" in name]:
        del station.processes[second]
    if set(dead) & set(station.processes):
        station.start(*[name for name in dead if name in station.processes])


def _name() -> str:
    return f"f{time.time_ns() // 10**8 % 10**8}"
