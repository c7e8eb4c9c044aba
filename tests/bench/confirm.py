"""A thousand people confirm at once what a hundred offers can serve half of: how many a second, and no unit twice.

Sixteen threads call the command as a process of the service does, without the broker. The *bare* loop then carries out
the very statements of those calls, as the driver sent them, on a fresh copy of the same database with as many threads:
what is left is what the service adds in Python.
"""

import argparse
import shutil
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import sqlalchemy
from psycopg2.extensions import cursor as Cursor
from sqlalchemy.engine import make_url

from chassis import logs
from chassis.client import Context
from chassis.database import Transactions, connect, is_transient
from chassis.dependencies import BoundDatabase
from chassis.rpc import carry_out
from contracts.errors import Conflict
from deploy.servers import Postgres
from services.matching.service import MatchingService
from services.matching.store import MatchingStore
from tests.bench import scene
from tests.conftest import PLACE
from tests.matching.board import DISAGREEMENTS
from tests.support import WORKER, database, rows

SUGGESTIONS = 3  # for each need, so that confirming one lets others lapse
BOARD = """
    INSERT INTO needs (id, version, title, community, community_name, category, category_name, quantity, unit, target_group,
        urgency, registered_by)
    SELECT {id_n}, 1, '轮椅', 'jiangtou', '江头社区', 'goods.aids', '康复辅具', 1, '部', 'disabled', 1, 'u'
    FROM generate_series(0, {needs} - 1) AS n;
    INSERT INTO offers (id, version, title, community, community_name, serves, category, category_name, quantity, unit,
        target_groups, registered_by)
    SELECT {id_o}, 1, '轮椅', 'lvcuo', '吕厝社区', '{{}}', 'goods.aids', '康复辅具', {units}, '部', '{{}}', 'v'
    FROM generate_series(0, {offers} - 1) AS o;
    INSERT INTO matches (id, version, need_id, offer_id, quantity, score, parts, state)
    SELECT {id_m}, 1, {id_n}, {id_o}, 1, 80, '[]', 'proposed'
    FROM generate_series(0, {needs} - 1) AS n, generate_series(0, {each} - 1) AS k,
        LATERAL (SELECT (n + k * 37) % {offers} AS o) AS chosen;
    ANALYZE needs, offers, matches"""
_said = threading.local()


class Noting(Cursor):
    """Notes what goes over the wire."""

    def execute(self, *given):
        super().execute(*given)
        _said.statements.append(self.query)


def number(kind: str, text: str) -> str:
    return f"('00000000-0000-7000-8{kind}00-' || lpad(to_hex({text}), 12, '0'))::uuid"


def fill(url, needs, offers, units):
    ids = {"id_n": number("1", "n"), "id_o": number("2", "o"), "id_m": number("3", f"n * {SUGGESTIONS} + k")}
    rows(url, BOARD.format(needs=needs, offers=offers, units=units, each=SUGGESTIONS, **ids))


def confirm_all(url, needs, threads):
    """Confirm the first suggestion of every need; return outcomes, seconds of each, all seconds and the statements."""
    engine = connect(url, name="bench", pool_size=threads)
    sqlalchemy.event.listen(engine, "connect", lambda session, _: setattr(session, "cursor_factory", Noting))
    service, spec = MatchingService(), MatchingService.confirm_match.spec
    service.db, service.keyring = BoundDatabase(Transactions(engine, MatchingStore), {}), None
    transcripts = []

    def confirm(n):
        id = f"00000000-0000-7000-8300-{n * SUGGESTIONS:012x}"
        _said.statements, began = [], time.monotonic()
        try:
            outcome = carry_out(service, spec, Context(WORKER, "bench", key=f"key-{n}"), {"id": id})["state"]
        except Conflict as refusal:
            outcome = refusal.slug
        except sqlalchemy.exc.DBAPIError as error:
            if not is_transient(error):
                raise
            outcome = "unavailable"
        transcripts.append((_said.statements, outcome == "confirmed"))
        return outcome, time.monotonic() - began

    with ThreadPoolExecutor(threads) as pool:
        _said.statements = []
        began = time.monotonic()
        found = list(pool.map(confirm, range(needs)))
        seconds = time.monotonic() - began
    engine.dispose()
    return Counter(outcome for outcome, _ in found), [took for _, took in found], seconds, transcripts


def bare(url, transcripts, threads):
    """Carry out the same statements with the driver alone; return the seconds of each and all of them."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    own = threading.local()

    def carry_out_again(transcript):
        if not hasattr(own, "session"):
            own.session = psycopg2.connect(address)
        statements, done = transcript
        began = time.monotonic()
        with own.session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                if cursor.description:
                    cursor.fetchall()
        own.session.commit() if done else own.session.rollback()
        return time.monotonic() - began

    with ThreadPoolExecutor(threads) as pool:
        began = time.monotonic()
        each = list(pool.map(carry_out_again, transcripts))
        return each, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(prog="./test bench confirm", description=__doc__)
    parser.add_argument("bench")
    parser.add_argument("--confirms", type=int, default=1000)
    parser.add_argument("--offers", type=int, default=100)
    parser.add_argument("--units", type=int, default=5, help="of each offer")
    parser.add_argument("--threads", type=int, default=16)
    args = parser.parse_args()
    logs.configure("bench", "WARNING")
    place = PLACE / "bench-confirm"
    shutil.rmtree(place, ignore_errors=True)
    with Postgres(place) as postgres:
        urls = [database(postgres, "matching") for _ in range(2)]
        for url in urls:
            fill(url, args.confirms, args.offers, args.units)
        outcomes, each, seconds, transcripts = confirm_all(urls[0], args.confirms, args.threads)
        again, bare_seconds = bare(urls[1], transcripts, args.threads)
        wrong = rows(urls[0], DISAGREEMENTS)
        most = rows(urls[0], "SELECT max(allocated) AS most, sum(allocated) AS given FROM allocations")[0]
        bare_given = rows(urls[1], "SELECT sum(allocated) AS given FROM allocations")[0]["given"]
    shutil.rmtree(place, ignore_errors=True)
    said = scene.show(
        "confirm",
        [line("service", args.confirms, seconds, each), line("the same SQL, bare", args.confirms, bare_seconds, again)],
        threads=args.threads,
        offers=args.offers,
        units=args.offers * args.units,
        outcomes=dict(outcomes),
        given=int(most["given"]),
        given_bare=int(bare_given),
        most_of_one_offer=int(most["most"]),
        units_given_twice=max(0, outcomes["confirmed"] - int(most["given"])) + len(wrong),
        times_the_bare_loop=round(seconds / bare_seconds, 2),
    )
    assert not wrong and most["most"] <= args.units, wrong
    return said


def line(who, count, seconds, each) -> dict:
    return {
        "who": who,
        "confirms": count,
        "seconds": round(seconds, 2),
        "a second": round(count / seconds, 1),
        "p50 ms": round(scene.percentile(each, 0.5) * 1000, 1),
        "p99 ms": round(scene.percentile(each, 0.99) * 1000, 1),
    }
