"""A process that cannot work says why: every wrong setting at once, or what it waits for."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
import sqlalchemy

from tests.station import ROOT, eventually

NOWHERE = "127.0.0.1:9"  # the discard port, where nobody listens


def run(station, command: list[str], name: str, changes: dict[str, str | None]) -> subprocess.CompletedProcess:
    """Run a process to its end, with some settings changed and those that are None left out."""
    environment = {**station.environment(name), **changes}
    environment = {key: value for key, value in environment.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-m", *command], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=30
    )


def test_a_service_names_every_wrong_or_missing_setting_at_once_and_ends(station):
    wrong = {
        "JINLIN_BROKER_URL": None,
        "JINLIN_DATABASE_URL": "mysql://x",
        "JINLIN_HEALTH_PORT": "many",
        "JINLIN_DATA_KEYS": "k1:short",
        "JINLIN_LOG_LEVEL": "LOUD",
    }

    done = run(station, ["chassis", "serve", "matching"], "matching", wrong)

    assert done.returncode not in (0, None)
    said = done.stderr.splitlines()[-1]
    assert said.startswith("configuration: ")
    assert {name for name in wrong if name in said} == set(wrong)
    assert "mysql" not in said and "short" not in said  # a wrong value may be a password in the wrong place


def test_the_gateway_names_every_wrong_or_missing_setting_at_once_and_ends(station):
    wrong = {
        "JINLIN_BROKER_URL": "http://x",
        "JINLIN_DATABASE_URL": None,
        "JINLIN_HTTP_PORT": "eighty",
        "JINLIN_SECRET_KEY": "short",
        "JINLIN_DATA_KEYS": None,
        "JINLIN_DEMO_PASSWORD": None,
    }

    done = run(station, ["services.gateway"], "gateway", wrong)

    assert done.returncode not in (0, None)
    said = done.stderr.splitlines()[-1]
    assert {name for name in wrong if name in said} == set(wrong), said


def test_migrate_names_every_missing_setting_at_once_and_ends(station):
    names = ("JINLIN_ADMIN_DATABASE_URL", "JINLIN_BROKER_URL", "JINLIN_DATABASE_PASSWORDS")

    done = run(station, ["chassis", "migrate"], "migrate", dict.fromkeys(names))

    assert done.returncode not in (0, None)
    assert {name for name in names if name in done.stderr} == set(names)


@pytest.mark.parametrize("value", [None, "", "c2hvcnQ=", "not base64"])
def test_a_service_that_keeps_private_data_wants_its_keys(station, value):
    keys = {"JINLIN_DATA_KEYS": value and f"k1:{value}", "JINLIN_INDEX_KEY": value}

    done = run(station, ["chassis", "serve", "resource"], "resource", keys)

    assert done.returncode not in (0, None)
    said = done.stderr.splitlines()[-1]
    assert {name for name in keys if name in said} == set(keys), done.stderr


@contextmanager
def running(station, name: str, folder, changes: dict[str, str]):
    """Run a process of a station on another port, with some settings changed; yield it and what it says."""
    port = station.port(f"{name} elsewhere")
    command = ["services.gateway"] if name == "gateway" else ["chassis", "serve", name]
    environment = {
        **station.environment(name),
        "JINLIN_HEALTH_PORT": str(port),
        "JINLIN_HTTP_PORT": str(port),
        **changes,
    }
    log = folder / f"{name}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env=environment, cwd=ROOT, stdout=file, stderr=file
        )

    def lines(event: str) -> list[dict]:
        found = [json.loads(line) for line in log.read_text().split("\n") if line.startswith("{")]
        return [line for line in found if line["event"] == event]

    def health() -> tuple[int, dict] | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
                return answer.status, json.loads(answer.read())["checks"]
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())["checks"]
        except OSError:
            return None

    try:
        yield process, lines, health
        assert process.poll() is None, log.read_text()[-2000:]
    finally:
        process.terminate()
        process.wait(25)


@pytest.mark.parametrize("name", ["grants", "gateway"])
def test_without_its_database_a_process_stays_and_says_so(station, tmp_path, name):
    away = {"JINLIN_DATABASE_URL": f"postgresql+psycopg2://x:a-password@{NOWHERE}/x", "JINLIN_DEMO": "0"}

    with running(station, name, tmp_path, away) as (_, _, health):
        status, checks = eventually(health, within=30)

        assert status == 503
        assert "OperationalError" in checks["database"] and checks["broker"] == "ok"
        assert "a-password" not in str(checks)


def test_without_the_broker_a_service_waits_and_says_for_what(station, tmp_path):
    with running(station, "grants", tmp_path, {"JINLIN_BROKER_URL": f"amqp://x:a-password@{NOWHERE}/x"}) as (
        _,
        lines,
        _,
    ):
        said = eventually(lambda: len(found := lines("waiting_for_broker")) > 2 and found, within=30)

        assert NOWHERE.split(":")[0] in said[0]["broker"]
        assert "a-password" not in str(said)


def test_without_the_broker_the_gateway_stays_and_says_so(station, tmp_path):
    with running(station, "gateway", tmp_path, {"JINLIN_BROKER_URL": f"amqp://x:a-password@{NOWHERE}/x"}) as (
        _,
        _,
        health,
    ):
        status, checks = eventually(health, within=30)

        assert status == 503
        assert checks["broker"] != "ok" and checks["feed"] != "ok" and checks["database"] == "ok"


def test_a_database_that_was_not_migrated_is_said(station, tmp_path):
    url = sqlalchemy.engine.make_url(station.postgres.admin_url).set(database="template1")

    changes = {"JINLIN_DATABASE_URL": url.render_as_string(hide_password=False)}
    with running(station, "grants", tmp_path, changes) as (_, _, health):
        status, checks = eventually(health, within=30)

        assert status == 503
        assert checks["database"] == "ok" and checks["migrations"] != "ok"
