"""A matching service's own database for each test."""

import pytest

from tests.support import database


@pytest.fixture
def url(postgres):
    return database(postgres, "matching")
