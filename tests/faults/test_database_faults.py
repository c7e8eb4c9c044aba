"""The database is killed, away, full, or out of connections: consumption waits, callers are told, nothing is lost."""

import subprocess
import time
from contextlib import contextmanager

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from chassis.client import Unavailable
from contracts.errors import Late
from deploy.servers import Postgres
from tests.chain.drive import MAKER, Chain, Numbers
from tests.faults.size import EVENTS, FULL, lasting
from tests.faults.watch import health
from tests.station import eventually

# As PostgreSQL says it, with its last connections kept for a superuser or without.
NO_CONNECTION = ("too many clients", "connection slots are reserved")

ANSWER_SECONDS = 5
RESUME_SECONDS = 10
AWAY_SECONDS = lasting(300, 8)


def test_the_database_is_killed_three_times_under_load(chain, numbers):
    posting = numbers.begin(numbers.post, EVENTS, per_second=1000)
    for kill in range(3 if FULL else 1):
        eventually(lambda share=(kill + 1) / 5: numbers.reached("sink") > EVENTS * share, within=60, every=0.02)
        chain.postgres.kill()
        time.sleep(1)
        chain.postgres.start()
        assert _resumes(numbers, "middle") < RESUME_SECONDS
    posting.join()

    numbers.check()
    assert _all_run(chain)


def test_the_database_is_away(chain, numbers):
    posting = numbers.begin(numbers.post, EVENTS)
    eventually(lambda: numbers.reached("middle") > EVENTS / 5, within=60, every=0.02)
    chain.postgres.kill()
    began = time.monotonic()
    for name in chain.services:
        status, checks = health(chain, name)
        assert status == 503 and "OperationalError" in checks["database"], checks
    eventually(lambda: health(chain, "middle")[1]["consumer"] == "waits for the database")
    time.sleep(max(0.0, began + AWAY_SECONDS - time.monotonic()))
    assert _all_run(chain)
    chain.postgres.start()
    resumed = _resumes(numbers, "middle")
    posting.join()

    numbers.check()
    print(f"away for {AWAY_SECONDS:.0f} s; consumption resumed {resumed:.1f} s after the return")
    assert resumed < RESUME_SECONDS


def test_the_disk_of_the_database_is_full(chain, place):
    with _on_a_small_disk(place / "full-postgres") as (postgres, disk), _moved(chain, postgres, place) as small:
        numbers = Numbers(small, f"full{time.time_ns() // 10**8}")
        posting = numbers.begin(numbers.post, EVENTS)
        eventually(lambda: numbers.reached("sink") > EVENTS / 10, within=60, every=0.01)
        _fill(disk)
        began = time.monotonic()
        small.kill("middle")  # what it had in hand comes again, and again cannot be written
        small.start("middle", wait=False)
        refused = _ask(small, until=began + lasting(60, 8))
        said = {name: health(small, name) for name in small.services}
        (disk / "ballast").unlink()
        if postgres.pid is None:  # it could not write its log: an operator starts it again
            postgres.start()
        posting.join()

        numbers.check()
        print(f"{refused}; health while the disk was full: {said}")
        assert _all_run(small)
        telling = {name: checks for name, (status, checks) in said.items() if status == 503}
        assert telling and ("done" in refused or "source" in telling), said
        assert all("DiskFull" in checks["writes"] or checks["database"] != "ok" for checks in telling.values()), telling


def test_the_database_has_no_connection_left(chain, numbers):
    posting = numbers.begin(numbers.post, EVENTS, per_second=EVENTS / 5)
    eventually(lambda: numbers.reached("sink") > EVENTS / 10, within=60)
    with _every_connection(chain):
        began = time.monotonic()
        refused = _ask(chain, until=began + lasting(60, 6))
        said = {name: health(chain, name) for name in chain.services}
    resumed = _resumes(numbers, "middle")
    posting.join()

    numbers.check()
    print(f"{refused}; flowing again after {resumed:.1f} s; health meanwhile: {said}")
    assert _all_run(chain)
    for status, checks in said.values():
        assert status == 503 and any(words in checks["database"] for words in NO_CONNECTION), checks


def _ask(chain, until) -> dict[str, int]:
    """Post commands one after another, each with an answer in time; return how often they said what."""
    heard: dict[str, int] = {}
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            chain.call("source", "make", MAKER, key=f"asked-{began}", timeout=ANSWER_SECONDS, line="asked", count=1)
            answer = "done"
        except (Unavailable, Late) as error:
            answer = type(error).__name__ + (": no answer" if "Timeout" in str(error) else "")
        heard[answer] = heard.get(answer, 0) + 1
        assert time.monotonic() - began < ANSWER_SECONDS + 1
        time.sleep(0.2)
    return heard


def _resumes(numbers, service) -> float:
    """Wait until more numbers come to a hop; return after how long, counted from now."""
    began, before = time.monotonic(), numbers.reached(service)
    eventually(lambda: numbers.reached(service) > before or before == numbers.total, within=60, every=0.05)
    return time.monotonic() - began


def _all_run(chain) -> bool:
    return all(process.poll() is None for process in chain.processes.values())


@contextmanager
def _moved(chain, postgres, place):
    """Stop the chain and run another one on the same broker, with its databases elsewhere."""
    for name in chain.services:
        chain.terminate(name)
    other = Chain(chain.broker, postgres, place / "faults-moved-logs")
    try:
        other.migrate()
        yield other.start(*other.services)
    finally:
        other.stop()
        chain.start(*chain.services)


@contextmanager
def _on_a_small_disk(folder):
    """Run a database server whose disk holds 200 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        with Postgres(folder / "server", durable=False) as server:
            yield server, folder
    finally:
        subprocess.run(["umount", folder], check=True)


def _fill(disk):
    """Leave not one byte free."""
    with (disk / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(65536)):
                pass
        except OSError:
            pass


@contextmanager
def _every_connection(chain):
    """Hold every connection that the server allows; whoever had one has none."""
    url = make_url(chain.postgres.admin_url)
    arguments = dict(host=url.host, port=url.port, user=url.username, password=url.password, dbname="postgres")
    held = []
    try:
        while True:
            try:
                held.append(psycopg2.connect(**arguments))
            except psycopg2.OperationalError as error:
                if "too many clients" not in str(error):
                    raise
                with held[0].cursor() as cursor:
                    cursor.execute(
                        """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                           WHERE backend_type = 'client backend' AND application_name LIKE 'jinlin%'"""
                    )
                    if cursor.fetchone() == (0,):
                        break
                held[0].rollback()
        yield
    finally:
        for connection in held:
            connection.close()
