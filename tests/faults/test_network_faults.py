"""Processes stop without dying and networks go bad: it is noticed, nothing storms, nothing is lost."""

import signal
import time
from contextlib import contextmanager

import pytest

from chassis.broker import HEARTBEAT
from deploy import processes
from tests.faults.proxy import Proxy
from tests.faults.size import EVENTS, FULL, lasting
from tests.faults.watch import Log, counted, health
from tests.station import eventually

STOPPED_SECONDS = lasting(90, 6)
# An interruption is followed by a pause that grows to 2 s, and an attempt takes up to 5 s of silence.
MOST_INTERRUPTIONS = 40
long = pytest.mark.skipif(not FULL, reason="takes minutes: ./test faults")


@pytest.mark.parametrize("what", ["source", "middle", "sink", "broker", "database"])
def test_a_process_stands_still(chain, numbers, what):
    logs = [Log(chain, name) for name in chain.services]
    posting = numbers.begin(numbers.post, EVENTS, per_second=EVENTS / lasting(20, 4))
    eventually(lambda: numbers.reached("sink") > EVENTS / 10, within=60)
    with _stopped(_pid(chain, what)):
        began = time.monotonic()
        if what in chain.services:
            time.sleep(STOPPED_SECONDS)
        else:
            noticed = _noticed(chain, "middle", within=2 * HEARTBEAT)
            time.sleep(max(0.0, began + STOPPED_SECONDS - time.monotonic()))
            print(f"\nmiddle knows after {noticed:.1f} s that the {what} stands still")
    posting.join()

    numbers.check(within=120)
    _no_storm(logs)
    assert all(process.poll() is None for process in chain.processes.values())


@long
def test_the_leading_relay_stands_still_and_another_leads(chain, numbers):
    chain.start("middle:2")
    try:
        assert counted(chain, "middle", "jinlin_relay_leading") == 1
        with _stopped(_pid(chain, "middle")):
            began = time.monotonic()
            numbers.post(EVENTS)
            eventually(lambda: counted(chain, "middle:2", "jinlin_relay_leading") == 1, within=2 * HEARTBEAT)
            led = time.monotonic() - began
            time.sleep(max(0.0, began + STOPPED_SECONDS - time.monotonic()))
        numbers.check(within=120, ordered=False)
        print(f"another relay leads after {led:.1f} s")
    finally:
        chain.terminate("middle:2")


@long
@pytest.mark.parametrize("peer", ["broker", "database"])
def test_nothing_comes_through_any_more(chain, numbers, peer):
    with _between(chain, "middle", peer) as proxy:
        log = Log(chain, "middle")
        posting = numbers.begin(numbers.post, EVENTS, per_second=500)
        eventually(lambda: numbers.reached("sink") > EVENTS / 10, within=60)
        proxy.silent = True
        began = time.monotonic()
        said = _noticed(chain, "middle", within=2 * HEARTBEAT)
        dropped = _dropped(log, peer, began, within=2 * HEARTBEAT + 3)
        time.sleep(max(0.0, began + STOPPED_SECONDS - time.monotonic()))
        proxy.silent = False
        posting.join()

        numbers.check(within=120)
        print(f"health of middle says it after {said:.1f} s, the silent connections are given up after {dropped:.1f} s")
        _no_storm([log])


@pytest.mark.parametrize("peer", ["broker", pytest.param("database", marks=long)])
def test_everything_is_late(chain, numbers, peer):
    with _between(chain, "middle", peer) as proxy:
        log = Log(chain, "middle")
        proxy.delay = 0.2
        posting = numbers.begin(numbers.post, EVENTS, per_second=EVENTS / lasting(90, 4))
        posting.join()

        numbers.check(within=120)
        _no_storm([log], most=0)


@long
@pytest.mark.parametrize("peer", ["broker", "database"])
def test_hardly_anything_comes_through(chain, numbers, peer):
    with _between(chain, "middle", peer) as proxy:
        log = Log(chain, "middle")
        posting = numbers.begin(numbers.post, EVENTS, per_second=500)
        eventually(lambda: numbers.reached("sink") > EVENTS / 10, within=60)
        proxy.rate = 1000
        before = numbers.reached("middle")
        time.sleep(STOPPED_SECONDS)
        meanwhile = numbers.reached("middle") - before
        proxy.rate = 0
        posting.join()

        numbers.check(within=120)
        print(f"{meanwhile} events came through to middle meanwhile")
        _no_storm([log])


def test_connections_are_cut(chain, numbers):
    with _between(chain, "middle", "broker") as to_broker:
        log = Log(chain, "middle")
        posting = numbers.begin(numbers.post, EVENTS, per_second=EVENTS / lasting(20, 4))
        while posting.is_alive():
            to_broker.cut()
            time.sleep(1)
        posting.join()

        numbers.check()
        _no_storm([log])


def _pid(chain, what) -> int:
    if what in chain.services:
        return chain.processes[what].pid
    return {"broker": chain.broker, "database": chain.postgres}[what].pid


@contextmanager
def _stopped(pid: int):
    """Stop a process and its children, so that they hold their connections and answer nothing."""
    family = processes.family(pid)
    processes.send(family, signal.SIGSTOP)
    try:
        yield
    finally:
        processes.send(family, signal.SIGCONT)


@contextmanager
def _between(chain, service: str, peer: str):
    """Let a service reach the broker or the database through a proxy."""
    port = {"broker": chain.broker, "database": chain.postgres}[peer].port
    name = {"broker": "JINLIN_BROKER_URL", "database": "JINLIN_DATABASE_URL"}[peer]
    with Proxy(port) as proxy:
        chain.terminate(service)
        url = chain.environment(service)[name].replace(f":{port}/", f":{proxy.port}/")
        chain.start(service, **{name: url})
        try:
            yield proxy
        finally:
            chain.kill(service)
            chain.start(service)


def _noticed(chain, service, within) -> float:
    """Wait until a service's health says that something is wrong; return after how long."""
    began = time.monotonic()
    eventually(lambda: health(chain, service)[0] == 503, within=within)
    return time.monotonic() - began


def _dropped(log, peer, began, within) -> float:
    """Wait until the connections to the peer that have become silent are given up; return after how long."""
    events = {"broker": ("link_interrupted",), "database": ("database_unavailable",)}[peer]
    eventually(lambda: log.lines(*events) and log.lines("relay_interrupted"), within=within)
    return time.monotonic() - began


def _no_storm(logs, most=MOST_INTERRUPTIONS):
    """Fail where a process connected again and again."""
    found = [len(log.lines("link_interrupted", "relay_interrupted", "database_unavailable")) for log in logs]
    print(f"interruptions logged: {found}")
    assert max(found) <= most
