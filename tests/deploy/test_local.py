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
from deploy.server import tail

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"broker", "database", "resource", "venue", "matching", "grants", "notify", "gateway", "supervisor"}

pytestmark = pytest.mark.timeout(400)


class Station:
    """A copy of the project with a station of its own in it."""

    def __init__(self, directory: Path) -> None:
        self.home = directory / ".jinlin"
        self.directory = directory
        for name in ("contracts", "chassis", "services", "deploy"):
            shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
        # A docker command that finds no engine, whatever this machine has.
        docker = directory / "bin" / "docker"
        docker.parent.mkdir()
        docker.write_text('#!/bin/sh\n[ "$1" = --version ]\n')
        docker.chmod(0o755)
        self.environment = os.environ | {"PYTHONPATH": str(directory), "PATH": f"{docker.parent}:{os.environ['PATH']}"}

    def begin(self, *arguments):
        """Start a command as a terminal would, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", *arguments],
            cwd=self.directory, env=self.environment, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            # Who runs the tests in the background of a shell has it ignored, and every child with them.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
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
    """Wait until the check passes; its last assertion fails the test when the time runs out."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)


def is_well(local):
    rows = local.status()
    assert set(rows) == NAMES
    unwell = {name: row["checks"] for name, row in rows.items() if set(row["checks"].values()) != {"ok"}}
    assert not unwell, "\n".join(tail(local.home / "logs" / f"{name}.log") for name in unwell)


def is_dead(pid):
    assert not processes.alive(pid)


def both_stories_end(local):
    told = local.begin("story").communicate(timeout=300)[0]
    logs = (f"{log.name}\n{tail(log)}" for log in sorted((local.home / "logs").glob("*.log")))
    assert "Both stories came to their end" in told, "\n".join([told, *logs])


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    local = Station(tmp_path_factory.mktemp("近邻"))
    yield local
    local.run("reset", "--yes")
    assert not local.pids()


@pytest.fixture
def running(local):
    local.run("local", "--detach")
    return local


def test_the_first_start_loads_the_demonstration_and_the_next_one_does_not(local):
    first = local.run("local", "--detach")
    local.run("stop")
    second = local.run("local", "--detach")

    assert "Loaded 9 providers" in first
    assert "Loaded" not in second
    address = re.search(r"runs at (http://127\.0\.0\.1:\d+)", second)
    assert address
    is_well(local)


def test_without_an_engine_it_says_so_and_goes_on_locally(local):
    local.run("stop")

    printed = local.run("--detach")

    assert "Not with Docker: no Docker engine answers" in printed
    assert "All 6 processes are ready" in printed


def test_both_stories_come_to_their_end(running):
    both_stories_end(running)


def test_secrets_are_readable_by_their_owner_only_and_stay(running):
    kept = (running.home / "secrets.env").read_text()

    running.run("stop")
    running.run("local", "--detach")

    assert (running.home / "secrets.env").read_text() == kept
    for name in (
        "broker",
        "logs",
        "database/data",
        "secrets.env",
        "supervisord.conf",
        "broker/rabbitmq.conf",
        "broker/password",
        "database/password",
    ):
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
    log = (running.home / "logs/supervisord.log").read_text()
    pid = int(re.findall(rf"spawned: '{victim}' with pid (\d+)\n", log)[-1])

    os.kill(pid, signal.SIGKILL)

    eventually(lambda: is_dead(pid))
    eventually(lambda: is_well(running), seconds=90)
    # What was in hand when it died is tried again after up to ten seconds, and later events of its subject wait for it.
    eventually(lambda: both_stories_end(running), seconds=90)


def test_a_second_start_finds_the_first(running):
    assert "It was running already" in running.run("local", "--detach")


def test_two_who_stop_it_at_once_do_not_get_in_each_others_way(running):
    log = running.home / "logs/supervisord.log"
    before = len(log.read_text())
    stopping = [running.begin("stop") for _ in range(2)]

    for command in stopping:
        command.communicate(timeout=60)
    said = log.read_text()[before:]
    assert "exit status 0" in said
    assert not re.findall(r"SIGTERM|SIGKILL|exit status [^0]", said)
    assert not running.pids()


def test_a_start_ends_what_a_killed_supervisor_left_behind(running):
    supervisor = int((running.home / "supervisord.pid").read_text())
    os.kill(supervisor, signal.SIGKILL)
    eventually(lambda: is_dead(supervisor))
    assert running.pids()

    printed = running.run("local", "--detach")

    assert "earlier start left behind" in printed
    is_well(running)


@pytest.mark.parametrize("seconds", [0.7, 2, 5, None], ids=["at once", "servers", "services", "ready"])
def test_an_interrupt_leaves_nothing_running(local, seconds):
    local.run("stop")
    command = local.begin("local")
    if seconds is None:
        for line in command.stdout:
            if "Events as they flow" in line:
                break
    else:
        time.sleep(seconds)

    os.killpg(command.pid, signal.SIGINT)

    printed, _ = command.communicate(timeout=60)
    assert not local.pids(), printed
    assert command.returncode in (130, -signal.SIGINT), printed


def test_stopping_twice_and_asking_when_nothing_runs_say_so(local):
    local.run("stop")

    assert "Nothing was running" in local.run("stop")
    assert "Nothing is running. Start it with ./run" in local.run("status", code=1)
    assert "Start it with ./run" in local.run("story", code=1)


def test_a_service_that_cannot_start_is_named_with_its_log(local):
    local.run("stop")
    broken = local.directory / "services/venue/service.py"
    whole = broken.read_text()
    broken.write_text(whole.replace('    name = "venue"', '    name = "venue"\n    db = undefined'))
    try:
        printed = local.run("local", "--detach", code=1)
    finally:
        broken.write_text(whole)

    assert "NameError: name 'undefined' is not defined" in printed
    assert not local.pids()


def test_a_taken_port_is_refused_by_name(local):
    local.run("stop")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 is taken" in local.run("local", "--detach", "--port", str(port), code=1)
