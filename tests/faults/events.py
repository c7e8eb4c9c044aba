"""What the scenarios about single events share: messages past every outbox, and processes watched by a supervisor."""

import os
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import amqp

from chassis import broker as topology
from tests.station import ROOT

MADE = "number.made.v1"


def publish(chain, messages: list[tuple[str, bytes]], *, channels: int = 1) -> None:
    """Publish (routing key, body) as they are, past every outbox; over several connections at once where it says so."""

    def work(share):
        with topology.connect(chain.broker.url) as connection:
            channel = connection.channel()
            channel.confirm_select()
            waiting = set()
            channel.events["basic_ack"].add(
                lambda tag, multiple: waiting.difference_update({each for each in waiting if each == tag or (multiple and each < tag)})
            )
            for tag, (key, body) in enumerate(messages[share::channels], start=1):
                message = amqp.Message(body, delivery_mode=2, message_id=str(uuid.uuid4()))
                waiting.add(tag)
                channel.basic_publish(message, topology.EVENTS, key)
            while waiting:
                connection.drain_events(timeout=30)

    with ThreadPoolExecutor(channels) as pool:
        list(pool.map(work, range(channels)))


class Supervisor:
    """Starts a process of the chain again whenever it dies, as supervisord does; gives up after so many deaths."""

    def __init__(self, chain, name: str, most: int):
        self.chain, self.name, self.most, self.deaths = chain, name, most, 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    @property
    def gave_up(self) -> bool:
        return self.deaths > self.most

    def _watch(self):
        while not self._done.wait(0.1) and not self.gave_up:
            if self.chain.processes[self.name].poll() is not None:
                self.deaths += 1
                self.chain.start(self.name, wait=False)


def set_aside(chain, service: str = "middle") -> list[dict]:
    """Return what a service has set aside, oldest first."""
    return chain.rows(service, "SELECT listener, subject, state, attempts, reason, body FROM set_aside ORDER BY id")


def hurry(chain, service: str = "middle", longer_than: float = 0) -> None:
    """Make due what waits longer than that for its next try."""
    chain.rows(
        service,
        """UPDATE set_aside SET next_at = now() WHERE state = 'waiting' AND next_at > now() + make_interval(secs => :more)
           RETURNING id""",
        more=longer_than,
    )


def redrive(chain, service: str, *arguments: str) -> str:
    """Run the operator's command with no more in its environment than it needs; return what it says."""
    environment = {"JINLIN_DATABASE_URL": chain.database_url(service), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", "chassis", "redrive", *arguments, "--by", "the tests"],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def usage(chain) -> tuple[float, int]:
    """Return the CPU seconds and the log lines of the chain's processes so far."""
    ticks = lines = 0
    for name, process in chain.processes.items():
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
        lines += (chain.directory / f"{name.replace(':', '-')}.log").read_bytes().count(b"\n")
    return ticks / os.sysconf("SC_CLK_TCK"), lines
