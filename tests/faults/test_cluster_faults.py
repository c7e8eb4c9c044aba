"""A cluster of three brokers loses one node after the other: nothing is lost, nothing is done twice."""

import shutil
import time

import pytest

from chassis.client import Unavailable
from deploy.servers import Postgres
from tests.chain.drive import MAKER, Chain, Numbers
from tests.faults.cluster import Cluster
from tests.faults.size import EVENTS, FULL
from tests.station import eventually


@pytest.fixture
def cluster(place):
    shutil.rmtree(place / "cluster", ignore_errors=True)
    with Cluster(place / "cluster") as cluster:
        yield cluster


@pytest.fixture
def chain(place, cluster):
    with Postgres(place / "faults-cluster-postgres", durable=False) as postgres:
        chain = Chain(cluster, postgres, place / "faults-cluster-logs")
        chain.migrate()
        try:
            yield chain.start(*chain.services)
        finally:
            chain.stop()


@pytest.mark.skipif(not FULL, reason="three nodes take longer to start and come back than a short run may; ./test faults")
def test_each_node_of_a_cluster_is_killed_in_turn(cluster, chain):
    numbers = Numbers(chain, f"c{time.time_ns() // 10**8 % 10**8}")
    eventually(lambda: len(cluster.members("middle")) == 3, within=30)
    posting = numbers.begin(numbers.commit, EVENTS, per_second=150)
    eventually(lambda: numbers.reached("sink") > 200, within=30)
    pauses, calls = [], []
    for _ in range(3):
        node = cluster.leader("middle")
        numbers.half_way(of=2 * numbers.reached("sink") + 100)
        node.kill()
        pauses.append(longest_pause(numbers))
        calls.append(answered_after(chain))
        node.start()
        eventually(lambda: len(cluster.running()) == 3, within=60, every=0.5)
        eventually(lambda: min(len(cluster.members(name)) for name in ("middle", "sink")) == 3, within=60, every=0.5)
    assert posting.is_alive(), "the last node was not killed under load"
    posting.join()

    print(f"\nthe longest pauses while a node was away: {pauses} s; a call was answered after {calls} s")
    numbers.check()


def longest_pause(numbers, seconds: float = 15) -> float:
    """Return the longest time without any new number at the end, from now on for so long."""
    longest, last, seen = 0.0, time.monotonic(), numbers.reached("sink")
    until = last + seconds
    while time.monotonic() < until:
        time.sleep(0.05)
        found = numbers.reached("sink")
        longest = max(longest, time.monotonic() - last)
        if found > seen:
            last, seen = time.monotonic(), found
    return round(longest, 1)


def answered_after(chain) -> float:
    """Return after how many seconds a call is answered."""
    began = time.monotonic()

    def answers():
        try:
            return chain.call("source", "make", MAKER, key=f"cluster-{began}", timeout=5, line="none", count=1)
        except Unavailable:
            return None

    eventually(answers, within=30)
    return round(time.monotonic() - began, 1)
