"""A real browser before the gateway; the services behind it answer from memory."""

import re

import pytest

from deploy import packages
from services.gateway.access import COOKIE
from services.gateway.app import create_app
from services.gateway.calls import Calls
from services.gateway.feed import Feed
from tests.browser import chromium
from tests.browser.station import Station
from tests.gateway.conftest import PASSWORD, identity  # noqa: F401  (a fixture)
from tests.gateway.serving import serving


@pytest.fixture(scope="session")
def browser():
    if not chromium.found():
        try:
            packages.install(["chromium", "fonts-noto-cjk"], "Chromium", [])
        except packages.InstallError as error:
            pytest.skip(f"no Chromium on this machine: {error}")
    with chromium.Chromium() as browser:
        yield browser


@pytest.fixture
def station():
    return Station()


@pytest.fixture
def feed():
    feed = Feed(None)
    feed.connected = True
    return feed


@pytest.fixture
def address(identity, station, feed):  # noqa: F811
    app = create_app(identity_of=identity, calls=Calls(station), feed=feed, secret_key="s" * 32)
    with serving(app) as address:
        yield address


@pytest.fixture
def page(browser, address):
    """A page of the gateway whose console must stay clean."""
    page = browser.page()
    yield page
    page.close()
    assert [one for one in page.problems if not re.search(r"status of (401|409|422|503)", one)] == []


@pytest.fixture
def sign_in(page, address, identity):  # noqa: F811
    """Let the browser be signed in as a demonstration user, as after the form; no page is opened."""

    def sign_in(role="social_worker"):
        token = identity.sign_in(role, PASSWORD, "browser")["token"]
        page.send("Network.setCookie", name=COOKIE, value=token, url=address, httpOnly=True, sameSite="Strict")

    return sign_in
