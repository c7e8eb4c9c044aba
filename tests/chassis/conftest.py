"""A database of the small service's own."""

import pytest

from chassis import migrate
from tests.chassis import things
from tests.support import database, rows


@pytest.fixture
def url(postgres, monkeypatch):
    # The small service has no migrations beside the chassis's own.
    script = migrate._script
    monkeypatch.setattr(migrate, "_script", lambda owner: script("chassis"))
    monkeypatch.setattr(migrate, "_version_table", lambda owner: "migrations_of_chassis")
    made = database(postgres, "things")
    rows(made, things.TABLES)
    return made

