"""The notify service as a process of its own, with a real broker, a real database and real channels."""

import base64
import os
import signal
import subprocess
import sys
import time

import pytest

from chassis import broker as topology
from chassis.database import ROOT
from chassis.listen import heard_by
from chassis.relay import Sender
from contracts.base import enclose
from services.notify.service import NotifyService
from tests.notify import events, sinks
from tests.notify.test_sender import add_channel
from tests.station import eventually
from tests.support import DATA_KEYS, database, rows


class Process:
    """A service process that can be killed and started again; keeps what it printed."""

    def __init__(self, broker, url, log):
        self.url, self.log = url, log
        keys = ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in DATA_KEYS)
        self.environment = os.environ | {
            "JINLIN_BROKER_URL": broker.url,
            "JINLIN_DATABASE_URL": url,
            "JINLIN_DATA_KEYS": keys,
            "JINLIN_LOG_LEVEL": "DEBUG",
        }
        topology.declare(broker.url, {"notify": heard_by(NotifyService)})
        self.broker = Sender(broker.url)
        self.channel = self.broker.connection.channel()
        self.channel.queue_purge("notify")

    def start(self):
        with self.log.open("a") as log:
            command = [sys.executable, "-m", "chassis", "serve", "notify"]
            self.child = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def end(self, how=signal.SIGTERM):
        self.child.send_signal(how)
        return self.child.wait(25)

    def tell(self, number):
        event = events.need_matched(version=number, need_title=f"需求{number}")
        envelope = enclose(event)
        self.broker.send([(0, envelope.id, event.type, envelope.to_json())])

    def messages(self):
        return rows(self.url, "SELECT count(*) AS n FROM messages")[0]["n"]

    def deliveries(self, state):
        return rows(self.url, "SELECT count(*) AS n FROM deliveries WHERE state = :state", state=state)[0]["n"]


@pytest.fixture
def hook():
    with sinks.web() as sink:
        yield sink


@pytest.fixture
def process(postgres, broker, tmp_path):
    found = Process(broker, database(postgres, "notify"), tmp_path / "log")
    found.start()
    yield found
    if found.child.poll() is None:
        found.end(signal.SIGKILL)
    found.broker.close()


def test_a_message_leaves_at_once_and_its_address_is_in_no_log(process, hook):
    add_channel(process.url, hook.address)
    process.tell(1)
    eventually(lambda: hook.got, within=30)

    began = time.monotonic()
    process.tell(2)
    eventually(lambda: len(hook.got) == 2)
    took = time.monotonic() - began

    assert took < 0.8, "woken by the commit, not by the clock"
    eventually(lambda: process.deliveries("sent") == 2)
    assert process.end() == 0
    log = process.log.read_text()
    assert "delivery_sent" in log
    assert "hook-secret" not in log


def test_a_channel_that_hangs_holds_up_neither_listeners_nor_other_channels(process, hook):
    with sinks.web() as hanging:
        hanging.pause = 8.0
        add_channel(process.url, hanging.address, number=1)
        add_channel(process.url, hook.address, number=2)
        for number in range(1, 31):
            process.tell(number)

        eventually(lambda: process.messages() == 30, within=30)
        eventually(lambda: process.deliveries("sent") == 30)
        assert (len(hook.got), len(hanging.got)) == (30, 0)

        eventually(lambda: rows(process.url, "SELECT FROM deliveries WHERE reason = 'not_taken'"))
        assert process.deliveries("waiting") == 30
        assert rows(process.url, "SELECT sum(attempts)::int AS n FROM deliveries WHERE state = 'waiting'") == [{"n": 1}]


def test_a_process_killed_while_it_sends_leaves_the_message_to_the_next(process, hook):
    hook.pause = 3.0
    add_channel(process.url, hook.address)
    process.tell(1)
    eventually(lambda: rows(process.url, "SELECT FROM deliveries WHERE attempts = 1"), within=30)

    process.end(signal.SIGKILL)
    hook.pause = 0.0
    process.start()
    rows(process.url, "UPDATE channels SET busy_until = now()")

    eventually(lambda: process.deliveries("sent") == 1, within=30)
    assert rows(process.url, "SELECT attempts FROM deliveries") == [{"attempts": 2}]


def test_a_stopping_process_ends_what_is_on_its_way(process, hook):
    hook.pause = 2.0
    add_channel(process.url, hook.address)
    process.tell(1)
    eventually(lambda: rows(process.url, "SELECT FROM deliveries WHERE attempts = 1"), within=30)

    assert process.end() == 0

    assert rows(process.url, "SELECT state, attempts FROM deliveries") == [{"state": "sent", "attempts": 1}]
