"""Private servers for the tests; one of each for every pytest process, whoever else runs tests here."""

import fcntl
from pathlib import Path

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from chassis import logs
from deploy.servers import Broker, Postgres

PLACE = Path(__file__).parent.parent / ".jinlin" / "test"
logs.configure("tests", "WARNING")
# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("jinlin", deadline=None)
hypothesis.settings.load_profile("jinlin")


@pytest.fixture(scope="session")
def place():
    """A folder under .jinlin/test that no other pytest process uses at the same time."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for number in range(100):
        lock = (PLACE / f"{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        yield PLACE / str(number)
        lock.close()
        return
    raise RuntimeError("a hundred test runs at once")


@pytest.fixture(scope="session")
def postgres(place):
    with Postgres(place / "postgres", durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def broker(place):
    with Broker(place / "broker") as server:
        yield server


class ByStation(LoadScopeScheduling):
    """Keeps together, on one of the processes that share the tests, what works on one station or is one file.

    Docker's networks come and go, and a browser drops what it is loading whenever the machine's network changes.
    """

    def _split_scope(self, nodeid):
        path = Path(nodeid.split("::")[0])
        if path.stem in ("test_compose", "test_images") or path.parent.name == "browser":
            return "browser, then docker"
        if path.stem in ("test_faults", "test_command_faults"):
            return "faults of the station"
        return path.parent.name if path.parent.name in ("faults", "flows") else str(path)


def pytest_xdist_make_scheduler(config, log):
    return ByStation(config, log)
