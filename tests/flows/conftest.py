"""One station for all flows, with everybody signed in; each test works on things of its own."""

import shutil

import pytest

from deploy.servers import Broker, Postgres
from tests.flows.people import Person, Platform
from tests.flows.watching import Tap


@pytest.fixture(scope="session")
def station(place):
    """Servers of its own, empty, because other tests consume from the same queues, and restart theirs."""
    for left in (Broker(place / "flows-broker"), Postgres(place / "flows-postgres")):
        left.kill()
    for name in ("flows", "flows-broker", "flows-postgres"):
        shutil.rmtree(place / name, ignore_errors=True)
    with Broker(place / "flows-broker") as broker, Postgres(place / "flows-postgres", durable=False) as postgres:
        station = Platform(broker, postgres, place / "flows")
        station.migrate()
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
