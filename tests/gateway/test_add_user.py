"""The first sign-in of a station is made by hand."""

import subprocess
import sys

from tests.station import ROOT, Station
from tests.support import database, rows


def test_an_operator_is_added_once_with_a_password_from_standard_input(postgres, broker, place):
    url = database(postgres, "gateway")
    environment = {**Station(broker, postgres, place / "add-user").environment("gateway"), "JINLIN_DATABASE_URL": url}

    def add(password, *options):
        return subprocess.run(
            [sys.executable, "-m", "services.gateway.add_user", "zhou", *options],
            input=password + "\n", env=environment, cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip

    assert "at least 10" in add("short", "--role", "operator").stderr
    assert "roles are" in add("long enough password", "--role", "king").stderr
    assert "can sign in" in add("long enough password", "--role", "operator").stdout
    assert "already" in add("long enough password", "--role", "operator").stderr
    (user,) = rows(url, "SELECT username, roles, password FROM users")
    assert (user["username"], user["roles"]) == ("zhou", ["operator"])
    assert user["password"].startswith("$argon2id$")
