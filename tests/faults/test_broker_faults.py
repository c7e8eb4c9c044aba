"""The broker fails in every way: nothing is lost, nothing is done twice."""

import time

import pytest

from chassis import broker as topology
from chassis.client import Unavailable
from tests.chain.drive import MAKER
from tests.faults.size import EVENTS, FULL, lasting
from tests.faults.watch import Log, counted, health
from tests.station import eventually

KILLS = 3 if FULL else 1
TYPE = "number.made.v1"


@pytest.fixture
def channel(chain, numbers):
    """A channel on which to do what an operator should not have done."""
    with topology.connect(chain.broker.url, name="tests") as connection:
        yield connection.channel()


def flows_again(numbers, *, within: float) -> float:
    """Wait until more numbers come to the end; return after how many seconds."""
    began, before = time.monotonic(), numbers.reached("sink")
    eventually(lambda: numbers.reached("sink") > before, within=within)
    return round(time.monotonic() - began, 1)


def test_the_broker_is_killed_three_times_under_load(chain, numbers):
    posting = numbers.begin(numbers.commit, EVENTS, per_second=lasting(200, 40))
    waits = []
    for kill in range(1, KILLS + 1):
        numbers.half_way(of=EVENTS * 2 * kill // (KILLS + 1))
        chain.broker.kill()
        chain.broker.start()
        waits.append(flows_again(numbers, within=30))
    assert posting.is_alive(), "the last kill was not under load"
    posting.join()

    print("\nflowing again after", waits, "s")
    numbers.check()


def test_the_queue_of_a_service_is_deleted_under_its_hands(chain, numbers, channel):
    numbers.commit(EVENTS // 2)
    numbers.check()
    channel.queue_delete("middle")
    posting = numbers.begin(numbers.commit, EVENTS // 2)

    print("\nflowing again after", flows_again(numbers, within=10), "s")
    posting.join()
    numbers.check()


def test_one_of_several_bindings_is_deleted(chain, numbers, channel):
    numbers.commit(EVENTS // 2)
    numbers.check()
    channel.queue_bind("middle", topology.EVENTS, "number.unheard.v1")
    before = counted(chain, "source", "jinlin_events_returned_total")
    posting = numbers.begin(numbers.commit, EVENTS // 2, per_second=EVENTS // 10)

    def returned():
        # Deleted again where the service has just repaired it.
        channel.queue_unbind("middle", topology.EVENTS, TYPE)
        return counted(chain, "source", "jinlin_events_returned_total") > before

    eventually(returned)
    said = health(chain, "source")[1]["relay"]

    print("\nflowing again after", flows_again(numbers, within=10), "s; meanwhile:", said)
    posting.join()
    numbers.check(within=10)
    channel.queue_unbind("middle", topology.EVENTS, "number.unheard.v1")


def test_a_queue_of_the_wrong_type_stands_where_a_service_starts(chain, numbers, channel):
    chain.terminate("middle")
    channel.queue_delete("middle")
    channel.queue_declare("middle", durable=True, auto_delete=False)
    try:
        log = Log(chain, "middle")
        chain.start("middle", wait=False)
        numbers.commit(EVENTS)
        said = eventually(lambda: said if "x-queue-type" in (said := consumer(chain)) else None, within=30)
        assert not chain.is_ready("middle")
        assert "PRECONDITION_FAILED" in said and "'middle'" in said
        assert "x-queue-type" in log.lines("link_interrupted")[0]["error"]
        eventually(lambda: TYPE in health(chain, "source")[1]["relay"])
        assert numbers.reached("middle") == 0
    finally:
        channel.queue_delete("middle")

    print("\nflowing again after", flows_again(numbers, within=10), "s; before:", said)
    numbers.check()
    assert chain.is_ready("middle")


def consumer(chain) -> str:
    """Return what middle says of its queue; nothing while it starts."""
    try:
        return health(chain, "middle")[1]["consumer"]
    except OSError:
        return ""


@pytest.mark.parametrize(
    "alarm, command, over",
    [
        ("memory", ("set_vm_memory_high_watermark", "0.0000001"), ("set_vm_memory_high_watermark", "0.4")),
        ("disk", ("set_disk_free_limit", str(10**15)), ("set_disk_free_limit", "50MB")),
    ],
)
def test_the_broker_takes_no_messages_for_want_of(chain, numbers, alarm, command, over):
    posting = numbers.begin(numbers.commit, EVENTS, per_second=EVENTS / lasting(50, 5))
    numbers.half_way(of=EVENTS // 5)
    refused = []
    chain.broker.control(*command)
    try:
        until = time.monotonic() + lasting(60, 6)
        eventually(lambda: health(chain, "source")[1]["broker"] == f"blocked by the broker: low on {alarm}", within=5)
        before = numbers.reached("sink")
        while time.monotonic() < until:
            began = time.monotonic()
            with pytest.raises(Unavailable, match=f"low on {alarm}"):
                chain.call("source", "make", MAKER, key=f"{numbers.lines[0]}-{began}", line="none", count=1)
            refused.append(time.monotonic() - began)
            time.sleep(0.5)
    finally:
        chain.broker.control(*over)
    held = numbers.total - before
    print(f"\n{len(refused)} commands refused within {max(refused):.2f} s, {held} numbers held up,", end=" ")
    print("flowing again after", flows_again(numbers, within=10), "s")
    posting.join()

    assert max(refused) < 5
    numbers.check()
    eventually(lambda: all(map(chain.is_ready, chain.services)))
