"""The API does what its own document says, through the gateway to the real services and back."""

import os
import re
import subprocess
import sys
import uuid

import pytest

from tests.station import DEMO_PASSWORD, ROOT

EVERYTHING = ["social_worker", "office", "partner", "operator"]


@pytest.mark.timeout(1600)
def test_schemathesis_finds_nothing_in_the_whole_station(station):
    name = f"all_{uuid.uuid4().hex[:8]}"
    status, user, _ = station.request(
        "POST",
        "/api/users",
        {
            "username": name,
            "password": DEMO_PASSWORD,
            "display_name": "全部角色",
            "roles": EVERYTHING,
            "communities": [],
        },
        token=station.token("operator"),
    )
    assert status == 201, user
    _, session, _ = station.request("POST", "/api/sessions", {"username": name, "password": DEMO_PASSWORD})

    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", "tests/gateway/schemathesis.toml", "run"),
            f"http://127.0.0.1:{station.port('gateway')}/api/openapi.json",
            *("-H", f"Authorization: Bearer {session['token']}"),
            *("--max-examples", "6", "--seed", "20260301", "--no-color", "--generation-database", "none"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=1500,
    )

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 100, done.stdout[-2000:]
    for service in ("resource", "venue", "matching", "grants", "notify", "gateway"):
        lines = (station.directory / f"{service}.log").read_text().splitlines()
        assert [line for line in lines if "Traceback" in line] == [], "failed in a way that nobody foresaw"
