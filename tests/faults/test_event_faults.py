"""Single events are bad in every way, or come in every order and number: each has one effect, or is parked with its reason."""

import json
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chassis import broker as topology
from chassis.database import Transactions, connect
from chassis.inbox import DELAYS, MOST_CRASHES
from contracts.base import enclose
from deploy import packages
from tests.chain.services import ChainStore, NumberMade, NumberMadeV2
from tests.faults.events import MADE, Supervisor, hurry, publish, redrive, set_aside, usage
from tests.faults.size import EVENTS, FULL, lasting
from tests.faults.watch import counted
from tests.station import eventually

FEW = 100 if FULL else 10  # of each kind of unreadable message
PARKED = 1000 if FULL else 200
SENDING = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'
             AND query LIKE '%FROM outbox ORDER BY seq%' AND now() - state_change > interval '0.5 s'"""


@pytest.fixture(autouse=True)
def nothing_is_left(chain):
    """Begin without what an earlier test parked."""
    chain.clear()


def document(line: str, number: int, **data) -> dict:
    made = json.loads(enclose(NumberMade(version=number, line=line, made_at=0.0)).to_json())
    return {**made, "data": {**made["data"], **data}}


def body(line: str, number: int, **data) -> bytes:
    return json.dumps(document(line, number, **data)).encode()


def old(line: str, number: int):
    """An event from before its newest field."""
    made = document(line, number)
    del made["data"]["what"]
    return MADE, json.dumps(made).encode()


def newer(line: str, number: int):
    """An event from a version that has more fields, inside and outside."""
    return MADE, json.dumps({**document(line, number, colour="red", parts=[{"a": 1}]), "dataschema": "x"}).encode()


def second(line: str, number: int):
    """An event of the second version, which is another event."""
    made = NumberMadeV2(version=number, line=line, kind="long", ticks=1000)
    return made.type, enclose(made).to_json().encode()


def present(line: str, number: int):
    return MADE, body(line, number)


VERSIONS = (old, newer, second, present)
JUNK = {
    "not a CloudEvents 1.0 document: JSONDecodeError('Extra data": lambda n: body("junk", n) + b"{",
    "data does not fit its schema: {'version': ['Not a valid integer.']}": lambda n: body("junk", n, version="seven"),
    "unknown event type 'number.made.v9'": lambda n: body("junk", n).replace(b"made.v1", b"made.v9"),
    "not a CloudEvents 1.0 document: JSONDecodeError('Unterminated string": lambda n: body("junk" * 1_250_000, n)[:-99],
    "its subject is no short line of text": lambda n: body("ju\0nk" if n % 2 else "junk" * 1_250_000, n),
}


def test_unreadable_events_are_parked_with_their_reason(chain, numbers):
    posting = numbers.begin(numbers.commit, EVENTS, per_second=EVENTS / lasting(30, 3))
    for make in JUNK.values():
        publish(chain, [(MADE, make(n)) for n in range(FEW)])
    posting.join()
    eventually(lambda: len(set_aside(chain)) == len(JUNK) * FEW, within=min(lasting(300, 20), numbers.patience), every=0.3)

    most = Path(f"/proc/{chain.processes['middle'].pid}/status").read_text().split("VmHWM:")[1].split()[0]
    numbers.check(parked=len(JUNK) * FEW)
    reasons = [row["reason"] for row in set_aside(chain) if row["state"] == "parked"]
    for reason in JUNK:
        assert sum(said.startswith(reason) for said in reasons) == FEW, (reason, reasons)
    print(f"{len(reasons)} parked, each with its reason; the process took {int(most) // 1024} MB at most")


@pytest.mark.parametrize("how", ["at once", "behind one that fails"])
def test_an_event_that_kills_the_process_is_parked_alone(chain, numbers, how):
    with Supervisor(chain, "middle", most=MOST_CRASHES + 3) as supervisor:
        numbers.commit(240)
        if how != "at once":
            numbers.one("fails 3")
        numbers.one("dies")
        numbers.commit(260)
        eventually(
            lambda: supervisor.gave_up or any(row["state"] == "parked" for row in set_aside(chain)), within=60, every=0.2
        )
        assert not supervisor.gave_up, "it kills the process for ever"
        numbers.check(parked=1, missing=1)

    (culprit,) = [row for row in set_aside(chain) if row["state"] == "parked"]
    assert f"died {MOST_CRASHES} times" in culprit["reason"]
    print(f"one parked of {numbers.total}, after {supervisor.deaths} deaths")


def test_one_in_ten_tries_fails(chain, numbers):
    with chain.changed("middle", JINLIN_TEST_FAILS="0.1"):
        posting = numbers.begin(numbers.commit, EVENTS)
        # The first two waits of an event are real where there is time for that, the longer ones never.
        longest = lasting(DELAYS[1], 0)
        settled = threading.Event()

        def hasten():
            while not settled.wait(0.2):
                hurry(chain, longer_than=longest)

        hastening = threading.Thread(target=hasten)
        hastening.start()
        try:
            posting.join()
            numbers.check(within=400)
        finally:
            settled.set()
            hastening.join()

    rows = set_aside(chain)
    # What has no failed try of its own waited behind another one.
    failed = [row for row in rows if row["attempts"]]
    tries = sum(row["attempts"] for row in rows)
    most = max(row["attempts"] for row in rows)
    print(f"{len(failed)} of {EVENTS} failed, {tries} failed tries, {most} for one event at most, {len(rows)} set aside")
    assert {row["state"] for row in rows} == {"done"}
    assert most <= len(DELAYS)
    assert 0.05 * EVENTS < len(failed) <= tries < 0.15 * EVENTS, "not those were set aside that failed"


def test_the_same_event_a_thousand_times_at_once_has_one_effect(chain, numbers):
    chain.start("middle:2")
    try:
        before = [counted(chain, name, "jinlin_events_repeated_total") for name in ("middle", "middle:2")]
        publish(chain, [(MADE, body(numbers.lines[0], 1))] * 1000, channels=4)
        numbers.made[numbers.lines[0]] = 1
        numbers.check()
        repeated = [
            counted(chain, name, "jinlin_events_repeated_total") - n for name, n in zip(("middle", "middle:2"), before, strict=True)
        ]
    finally:
        chain.end("middle:2")

    print(f"one effect; known again in the two processes: {repeated}")
    assert sum(repeated) == 999


def test_long_transactions_commit_late_and_out_of_order(chain, numbers):
    engine = connect(chain.database_url("source"), name="tests", pool_size=20)
    transactions = Transactions(engine, ChainStore)
    rounds, longest = int(lasting(30, 8)), lasting(1.0, 0.4)

    def work(share):
        """Hold a line and places in the outbox for a while before the commit; return how often others went past."""
        dice, late = random.Random(share), 0
        for _ in range(rounds):
            line = numbers.lines[dice.randrange(20)]
            with transactions.transaction() as store:
                store.next_numbers(line, 5)
                store.flush()
                place = store.row("SELECT max(seq) AS seq FROM outbox")["seq"]
                time.sleep(dice.uniform(0, longest))
                late += store.row("SELECT last_value AS seq FROM outbox_seq_seq")["seq"] > place
                with lock:
                    numbers.made[line] += 5
        return late

    lock = threading.Lock()
    short = numbers.begin(numbers.commit, EVENTS, per_second=EVENTS / (rounds * longest))
    with ThreadPoolExecutor(20) as pool:
        late = sum(pool.map(work, range(20)))
    short.join()
    engine.dispose()

    print(f"{late} of {20 * rounds} long transactions committed after others had taken later places")
    assert late > 10 * rounds
    numbers.check()


def test_two_relays_that_both_think_they_lead_repeat_and_lose_nothing(chain, numbers):
    with chain.changed("source", "source:2", JINLIN_TEST_WITHOUT="the_lock_of_the_leader"):
        before = counted(chain, "middle", "jinlin_events_repeated_total")
        posting = numbers.begin(numbers.commit, EVENTS, per_second=EVENTS / lasting(20, 2))
        leading = [counted(chain, name, "jinlin_relay_leading") for name in ("source", "source:2")]
        posting.join()
        numbers.check()
        sent = [counted(chain, name, "jinlin_events_published_total") for name in ("source", "source:2")]
        repeated = counted(chain, "middle", "jinlin_events_repeated_total") - before
    chain.end("source:2")

    print(f"both lead: {leading}; sent {sent}; {repeated} repeats")
    assert leading == [1, 1] and min(sent) > 0
    # Every message that middle did not know already is an effect, and check has counted those.
    assert sum(sent) == numbers.total + repeated


def test_versions_of_an_event_are_mixed(chain, numbers):
    unknown = "number.made.v9"
    rounds = EVENTS // 50
    messages = [
        VERSIONS[(number + place) % len(VERSIONS)](line, number)
        for number in range(1, rounds + 1)
        for place, line in enumerate(numbers.lines)
    ]
    for place in range(FEW):
        messages.insert(place * 7, (unknown, body("unknown", place, row=7).replace(b"made.v1", b"made.v9")))
    numbers.made = dict.fromkeys(numbers.lines, rounds)
    with topology.connect(chain.broker.url) as connection:
        # As a newer version of the service leaves it when it is taken back.
        connection.channel().queue_bind("middle", topology.EVENTS, unknown)
        try:
            publish(chain, messages)
            numbers.check(parked=FEW)
        finally:
            connection.channel().queue_unbind("middle", topology.EVENTS, unknown)

    rows = set_aside(chain)
    print(f"{numbers.total} in {len(VERSIONS)} kinds were read, {len(rows)} of an unknown version parked")
    assert {row["reason"] for row in rows} == {f"unknown event type {unknown!r}"}


def test_parked_events_are_redriven_twice(chain, numbers):
    numbers.commit(PARKED, what="fails")
    eventually(lambda: len(set_aside(chain)) == PARKED, within=60, every=0.3)
    chain.rows("middle", "UPDATE set_aside SET state = 'parked' RETURNING id")
    with chain.changed("middle", JINLIN_TEST_MENDED="1"):
        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(lambda _: redrive(chain, "middle", "retry"), range(2)))
        numbers.check()
        said.append(redrive(chain, "middle", "retry"))
        numbers.check()

    print(f"two operators at once, and one afterwards: {said}")
    moved = [int(words.split()[0]) for words in said]
    assert sum(moved) == PARKED and moved[2] == 0


def test_the_broker_stalls_and_is_killed(chain, numbers):
    """What was written to a connection is not yet in a queue."""
    numbers.commit(100)
    eventually(chain.is_quiet, every=0.2)
    os.kill(chain.broker.pid, signal.SIGSTOP)
    try:
        numbers.commit(400)  # one batch of the relay
        # Either it has read and waits for the broker, or it believes that all is sent.
        eventually(lambda: chain.value("source", SENDING) or not chain.value("source", "SELECT count(*) FROM outbox"))
    finally:
        chain.broker.kill()
        chain.broker.start()

    numbers.check()


def test_a_binding_is_deleted_while_events_come(chain, numbers):
    with topology.connect(chain.broker.url) as connection:
        connection.channel().queue_unbind("middle", topology.EVENTS, MADE)
    before = counted(chain, "source", "jinlin_events_returned_total")
    posting = numbers.begin(numbers.commit, EVENTS, per_second=EVENTS / 4)
    posting.join()

    numbers.check()
    returned = counted(chain, "source", "jinlin_events_returned_total") - before
    print(f"{returned:.0f} messages returned before the binding was there again")
    assert returned > 0


@pytest.fixture
def clock(chain):
    """A clock of the chain's processes and of their database, set by writing to its file; the machine's own stays."""
    library = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
    if not library:
        packages.install(["faketime"], "faketime", [])
        (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    offset = chain.postgres.directory / "clock"  # where the user of the database can read
    offset.write_text("+0")
    faked = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}
    server, command = chain.postgres, chain.postgres.command()
    # Not where the user is changed: the library shares a semaphore that only the user who made it may open.
    at = command.index(str(server.programs / "postgres"))
    command[at:at] = ["env", *(f"{name}={value}" for name, value in faked.items())]
    with chain.changed(*chain.services, **faked):
        try:
            server.stop()
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(server, "command", lambda: command)
                server.start()
            yield offset
        finally:
            server.stop()
            server.start()


def test_the_clock_is_set_an_hour_forth_and_back(chain, numbers, clock):
    posting = numbers.begin(numbers.commit, EVENTS, per_second=EVENTS / lasting(60, 4))
    waiting = "SELECT count(*) FROM set_aside WHERE state = 'waiting'"
    for offset in ("+3600", "+0"):
        numbers.one("fails 2", line=1)
        eventually(lambda: chain.value("middle", waiting), every=0.01)
        clock.write_text(offset)
        ahead = float(chain.value("middle", "SELECT extract(epoch FROM now())")) - time.time()
        print(f"the database's clock is {ahead:.0f} s ahead")
        assert abs(ahead - float(offset)) < 5
        time.sleep(lasting(30, 2))
    posting.join()
    numbers.check()
    spent, lines = usage(chain)
    time.sleep(3)
    spent, lines = (after - before for after, before in zip(usage(chain), (spent, lines), strict=True))
    print(f"at rest for 3 s: {spent:.1f} CPU seconds and {lines} log lines of three processes")
    assert spent < 2 and lines < 30
