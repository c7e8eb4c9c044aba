"""One station for all flows, with everybody signed in; each test works on things of its own."""

import shutil

import pytest

from chassis import broker as topology
from deploy.servers import Broker, Postgres
from tests.flows.people import Person, Platform
from tests.flows.watching import Tap


@pytest.fixture(scope="session")
def station(place):
    """Servers of its own, because other tests consume from the same queues, and restart theirs."""
    shutil.rmtree(place / "flows", ignore_errors=True)
    with Broker(place / "flows-broker") as broker, Postgres(place / "flows-postgres", durable=False) as postgres:
        station = Platform(broker, postgres, place / "flows")
        station.migrate()
        with topology.connect(broker.url) as connection:
            # It keeps for years what an earlier run published, also what was no event on purpose.
            connection.channel().queue_delete(topology.HISTORY)
        topology.declare(broker.url, {})
        try:
            yield station.start()
        finally:
            station.stop()


@pytest.fixture(scope="session")
def tap(station):
    with Tap(station.broker.url) as tap:
        yield tap


@pytest.fixture(scope="session")
def worker(station):
    return Person(station, "social_worker")


@pytest.fixture(scope="session")
def staff(station):
    """Somebody who is limited to the community of jiangtou."""
    return Person(station, "community_staff")


@pytest.fixture(scope="session")
def office(station):
    return Person(station, "office")


@pytest.fixture(scope="session")
def partner(station):
    return Person(station, "partner")


@pytest.fixture(scope="session")
def operator(station):
    return Person(station, "operator")
