"""A real Docker engine, and images built for it from debian:trixie-slim; skipped by name where there is none."""

import base64
import os
import re
import secrets
import subprocess
from pathlib import Path

import docker
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def engine():
    """A client of the engine."""
    try:
        client = docker.from_env(timeout=120)
        client.ping()
    except docker.errors.DockerException as error:
        pytest.skip(f"no Docker engine answers: {error}")
    if subprocess.run(["docker", "compose", "version"], check=False, capture_output=True).returncode:
        pytest.skip("the Docker engine has no Compose v2")
    yield client
    client.close()


@pytest.fixture(scope="session")
def settings(engine):
    """The environment of every docker command: this machine's way to its packages, and the images built here."""
    try:
        engine.images.get("debian:trixie-slim")
    except docker.errors.ImageNotFound:
        try:
            engine.images.pull("debian", "trixie-slim")
        except docker.errors.DockerException:
            pytest.skip("the image debian:trixie-slim is not there, and no registry is reached")
    # Nothing of an operator's own station may leak into the test's.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("JINLIN_", "COMPOSE_"))}
    environment |= assignments([ROOT / "deploy/offline/site"], environment)
    return environment | assignments([ROOT / "deploy/offline/build"], environment)


@pytest.fixture(scope="session")
def invented():
    """A secret for each one that docker-compose.yml insists on."""
    names = re.findall(r"\$\{(JINLIN_\w+):\?", (ROOT / "docker-compose.yml").read_text())
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {name: secrets.token_hex(16) for name in names} | {
        "JINLIN_DATA_KEYS": f"test:{key}",
        "JINLIN_INDEX_KEY": key,
    }


def assignments(command, environment):
    """Run a command and return the NAME=value lines that it prints."""
    done = subprocess.run(command, check=False, env=environment, text=True, capture_output=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show what the containers were doing when a test of the station failed."""
    report = yield
    station = getattr(item, "funcargs", {}).get("station")
    if report.failed and call.when == "call" and station:
        state = station.compose("ps", "--all") + station.compose("logs", "--no-color", "--timestamps", "--tail", "30")
        report.sections.append(("containers", state))
    return report
