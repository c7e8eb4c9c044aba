"""The whole platform as ./run starts it, in a copy of the project: it starts, tells its stories, mends itself, stops."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy import processes

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"broker", "database", "resource", "venue", "matching", "grants", "notify", "gateway"}

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("local")]


class Station:
    """A copy of the project with a station of its own in it."""

    def __init__(self, directory: Path) -> None:
        self.home = directory / ".jinlin"
        self.directory = directory
        for name in ("contracts", "chassis", "services", "deploy"):
            shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
        (directory / "docker-compose.yml").write_text("")
        self.environment = os.environ | {"PYTHONPATH": str(directory)}
        self.environment["PATH"] = "/nowhere:/usr/sbin:/usr/bin:/sbin:/bin"

    def begin(self, *arguments):
        """Start a command as a terminal would, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", *arguments],
            cwd=self.directory, env=self.environment, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *arguments, code=0):
        """Run a command to its end and return what it prints."""
        command = self.begin(*arguments)
        printed, _ = command.communicate(timeout=300)
        assert command.returncode == code, printed
        return printed

    def status(self):
        return {row["name"]: row for row in json.loads(self.run("status", "--json"))}

    def pids(self):
        """Everything that was started for this station."""
        return processes.marked("JINLIN_STATION", str(self.home))


def eventually(check, seconds=60):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)


def is_well(station):
    rows = station.status()
    return set(rows) == NAMES and all(set(row["checks"].values()) == {"ok"} for row in rows.values())


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    station = Station(tmp_path_factory.mktemp("近邻"))
    yield station
    station.run("reset", "--yes")
    assert not station.pids()


@pytest.fixture
def running(station):
    station.run("local", "--detach")
    return station


def test_the_first_start_loads_the_demonstration_and_the_next_one_does_not(station):
    first = station.run("local", "--detach")
    station.run("stop")
    second = station.run("local", "--detach")

    assert "Loaded 9 providers" in first
    assert "Loaded" not in second
    address = re.search(r"runs at (http://127\.0\.0\.1:\d+)", second)
    assert address
    assert is_well(station)


def test_both_stories_come_to_their_end(running):
    assert "Both stories came to their end" in running.run("story")


def test_secrets_are_readable_by_their_owner_only_and_stay(running):
    kept = (running.home / "secrets.env").read_text()

    running.run("stop")
    running.run("local", "--detach")

    assert (running.home / "secrets.env").read_text() == kept
    for name in ("secrets.env", "supervisord.conf", "broker/rabbitmq.conf", "broker/password", "database/password"):
        assert (running.home / name).stat().st_mode & 0o077 == 0, name


def test_a_token_opens_the_api(running):
    token = running.run("token", "social_worker").strip()

    assert re.fullmatch(r"[\w-]{40,}", token)


def test_a_table_is_imported_and_its_bad_rows_are_named(running):
    table = running.directory / "needs.csv"
    table.write_text("标题,社区,类别,数量,单位\n旧书包,江头社区,文具书籍,3,个\n大米,江头社区,食品粮油,很多,袋\n")

    printed = running.run("import", str(table))

    assert "1 taken" in printed
    assert "1 not taken" in printed


@pytest.mark.parametrize("victim", ["matching", "broker", "database"])
def test_what_is_killed_comes_back_by_itself(running, victim):
    eventually(lambda: is_well(running))
    (line,) = re.findall(rf"spawned: '{victim}' with pid (\d+)\n", (running.home / "logs/supervisord.log").read_text())[
        -1:
    ]

    os.kill(int(line), signal.SIGKILL)

    eventually(lambda: not processes.alive(int(line)))
    eventually(lambda: is_well(running), seconds=90)
    assert "Both stories came to their end" in running.run("story")


def test_a_second_start_finds_the_first(running):
    assert "It is running already" in running.run("local", "--detach")


def test_a_start_ends_what_a_killed_supervisor_left_behind(running):
    supervisor = int((running.home / "supervisord.pid").read_text())
    os.kill(supervisor, signal.SIGKILL)
    eventually(lambda: not processes.alive(supervisor))
    assert running.pids()

    printed = running.run("local", "--detach")

    assert "earlier start left behind" in printed
    assert is_well(running)


@pytest.mark.parametrize("seconds", [0.7, 2, 5, None], ids=["at once", "servers", "services", "ready"])
def test_an_interrupt_leaves_nothing_running(station, seconds):
    station.run("stop")
    command = station.begin("local")
    if seconds is None:
        for line in command.stdout:
            if "Events as they flow" in line:
                break
    else:
        time.sleep(seconds)

    os.killpg(command.pid, signal.SIGINT)

    printed, _ = command.communicate(timeout=60)
    assert not station.pids(), printed
    assert command.returncode in (130, -signal.SIGINT), printed


def test_stopping_twice_and_asking_when_nothing_runs_say_so(station):
    station.run("stop")

    assert "Nothing was running" in station.run("stop")
    assert "Nothing is running. Start it with ./run" in station.run("status", code=1)
    assert "Start it with ./run" in station.run("story", code=1)


def test_a_service_that_cannot_start_is_named_with_its_log(station):
    station.run("stop")
    broken = station.directory / "services/venue/service.py"
    whole = broken.read_text()
    broken.write_text(whole.replace('    name = "venue"', '    name = "venue"\n    db = undefined'))
    try:
        printed = station.run("local", "--detach", code=1)
    finally:
        broken.write_text(whole)

    assert "NameError: name 'undefined' is not defined" in printed
    assert not station.pids()


def test_a_taken_port_is_refused_by_name(station):
    station.run("stop")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 is taken" in station.run("local", "--detach", "--port", str(port), code=1)
