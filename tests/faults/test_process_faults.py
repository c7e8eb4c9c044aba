"""Service processes are killed, stopped and replaced: nothing is lost, nothing is done twice."""

import signal
import time

import pytest

from chassis.database import connect
from chassis.settings import PREFETCH
from tests.chain import dying
from tests.chain.drive import MAKER
from tests.faults.size import EVENTS, FULL, lasting
from tests.faults.watch import Wire, counted
from tests.station import eventually

# A handler that takes long leaves its transaction open meanwhile.
IN_HAND = """SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND state = 'idle in transaction' AND now() - state_change > interval '0.5 s'"""


def test_the_listeners_are_killed_every_two_seconds(chain, numbers):
    posting = numbers.begin(numbers.commit, EVENTS, per_second=EVENTS / lasting(20, 7))
    kills = 0
    while posting.is_alive():
        time.sleep(2)
        for name in ("middle", "sink"):
            chain.kill(name)
            chain.start(name, wait=False)
        kills += 1
    posting.join()

    numbers.check()
    print(f"{kills} kills of each listener")
    assert kills >= 3


@pytest.mark.parametrize("step", dying.RELAY + dying.LISTENER)
def test_a_process_dies_at_each_step(chain, numbers, step):
    times = 3 if FULL else 1
    with Wire(chain.broker, numbers.lines) as wire:
        chain.terminate("middle")
        numbers.commit(EVENTS // 2)
        posting = numbers.begin(numbers.commit, EVENTS // 2, per_second=1000)
        for _ in range(times):
            chain.start("middle", wait=False, JINLIN_TEST_DIES_AT=step)
            assert chain.processes["middle"].wait(60) == -signal.SIGKILL
        chain.start("middle")
        posting.join()
        numbers.check()

        on_the_wire = wire.distinct("number.made.v1"), wire.distinct("number.passed.v1")
        print(f"died {times} times at {step!r}: {on_the_wire} ids on the wire, {wire.repeats()} messages more than once")
    assert on_the_wire == (numbers.total, numbers.total)


def test_a_process_that_is_told_to_stop_finishes_what_it_has(chain, numbers):
    chain.call("source", "make", line=numbers.lines[0], count=1, what="takes 10", caller=MAKER, key=numbers.lines[0])
    numbers.made[numbers.lines[0]] += 1
    eventually(lambda: chain.value("middle", IN_HAND))
    numbers.commit(EVENTS)
    # What the broker is sending at the moment of the cancel, it takes back by itself.
    eventually(lambda: chain.queue_lengths()["middle"] > 2 * PREFETCH)
    began = time.monotonic()
    status = chain.terminate("middle")
    took = time.monotonic() - began
    chain.start("middle")

    numbers.check()
    again = counted(chain, "middle", "jinlin_events_redelivered_total")
    print(f"stopped in {took:.1f} s with status {status}; {again:.0f} messages came again")
    assert took > 1, "nothing was in hand"
    assert (status, again) == (0, 0)


def test_a_process_is_told_to_stop_while_its_relay_waits_for_the_database(chain, numbers):
    engine = connect(chain.database_url("middle"), name="tests", pool_size=1)
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE outbox")
        eventually(lambda: chain.value("middle", "SELECT count(*) FROM pg_locks WHERE NOT granted"))
        assert chain.terminate("middle") == 0
    engine.dispose()
    chain.start("middle")
    numbers.post(100)

    numbers.check()


def test_every_process_is_replaced_under_load(chain, numbers):
    posting = numbers.begin(numbers.post, EVENTS, per_second=EVENTS / lasting(20, 10))
    replaced = 0
    while posting.is_alive():
        for name in chain.services:
            replaced += _replace(chain, name)
    posting.join()

    numbers.check(ordered=False)
    print(f"{replaced} processes replaced")
    assert replaced >= 6


def test_a_version_with_a_new_field_comes_and_goes(chain, numbers):
    """Two versions work side by side at each hop: each reads the other's events."""
    heard = {}
    with Wire(chain.broker, numbers.lines) as wire:
        posting = numbers.begin(numbers.post, EVENTS, per_second=EVENTS / lasting(20, 10))
        chain.start("source:2", "middle:2", JINLIN_TEST_VERSION="newer")
        before = len(wire.seen)
        eventually(lambda: len(wire.seen) > before + EVENTS / 10, within=30)
        heard = {name: counted(chain, name, "jinlin_events_handled_total") for name in ("middle", "middle:2")}
        for name in ("source", "middle"):
            assert chain.terminate(name) == 0
        for name in ("source", "middle"):
            chain.start(name)
            assert chain.terminate(f"{name}:2") == 0
        posting.join()
        numbers.check(ordered=False)
        made = [body["data"] for body in wire.bodies.values() if body["type"] == "number.made.v1"]
    newer = sum("note" in data for data in made)
    print(f"{newer} events of the newer version, {len(made) - newer} of the older; handled while mixed: {heard}")
    assert 0 < newer < len(made) == numbers.total
    assert all(heard.values())


def _replace(chain, name):
    """Let a second process work, then end the first, and the other way round."""
    chain.start(f"{name}:2")
    assert chain.terminate(name) == 0
    chain.start(name)
    assert chain.terminate(f"{name}:2") == 0
    return 2
