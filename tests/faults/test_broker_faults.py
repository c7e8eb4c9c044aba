"""The broker fails in every way: nothing is lost, nothing is done twice."""

import time

from tests.faults.size import EVENTS


def test_the_broker_is_killed_under_load(chain, numbers):
    posting = numbers.begin(numbers.commit, EVENTS, per_second=1000)
    numbers.half_way(of=EVENTS)
    chain.broker.kill()
    time.sleep(1)
    chain.broker.start()
    posting.join()

    numbers.check()
