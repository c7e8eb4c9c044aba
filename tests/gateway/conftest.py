"""The gateway on a real database, with services and a feed that tests hold in their hands."""

import pytest

from chassis.database import Transactions, connect
from chassis.privacy import Keyring
from services.gateway.app import create_app
from services.gateway.calls import Calls
from services.gateway.feed import Feed
from services.gateway.identity import Identity
from services.gateway.seed import seed
from services.gateway.store import GatewayStore
from tests.gateway.fakes import FakeServices
from tests.support import DATA_KEYS, database

PASSWORD = "jiangtou-2026"


@pytest.fixture(scope="session")
def identity(postgres):
    """Users and sessions that all tests share, on a database of their own, with the demonstration's sign-ins."""
    engine = connect(database(postgres, "gateway"), name="tests", pool_size=8)
    identity = Identity(Transactions(engine, GatewayStore), Keyring(DATA_KEYS), b"s" * 32)
    seed(identity, PASSWORD)
    yield identity
    engine.dispose()


@pytest.fixture
def services():
    return FakeServices()


@pytest.fixture
def feed():
    """A feed that hears what a test publishes."""
    feed = Feed(None)
    feed.connected = True
    yield feed
    feed.stop()


@pytest.fixture
def app(identity, services, feed):
    return create_app(identity_of=identity, calls=Calls(services), feed=feed, secret_key="s" * 32)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def token(identity):
    """Return the token of a demonstration user."""
    return lambda role: identity.sign_in(role, PASSWORD, "tests")["token"]


@pytest.fixture
def headers(token):
    """Return the headers of a request by a demonstration user."""
    return lambda role="social_worker", **more: {"Authorization": f"Bearer {token(role)}", **more}
