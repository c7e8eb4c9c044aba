"""Private servers for the tests; one of each for every pytest worker."""

import os
from pathlib import Path

import pytest

from chassis import logs
from deploy.servers import Broker, Postgres

ROOT = Path(__file__).parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


logs.configure("tests", "WARNING")


@pytest.fixture(scope="session")
def postgres():
    with Postgres(ROOT / ".jinlin" / "test" / f"postgres-{WORKER}", durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def broker():
    with Broker(ROOT / ".jinlin" / "test" / f"broker-{WORKER}") as server:
        yield server
