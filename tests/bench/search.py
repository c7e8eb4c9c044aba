"""300 searches among 100,000 offers: milliseconds of the call in the service, beside ILIKE and pg_trgm in the same run.

The library is written by the service's own code: 100,000 offers, 3,000 providers, 10,000 needs with titles put together
from words that are as unevenly frequent as words are. The searches are words, several words, parts of words, single
characters, pinyin, initials and mixtures, rare and frequent, some with filters, for a later page, or without an answer.
A call is everything from the sealed text to the page of results, with its transaction. The peers search the titles of
offers by the same text with the same filters, 20 newest first: ILIKE on the table, and on a copy with a trigram index.
They know neither pinyin nor words in another order, so the share of searches that they answer is beside their times.
"""

import argparse
import os
import random
import shutil
import sys
import time

from chassis import logs
from chassis.client import Caller, Context
from chassis.database import connect
from chassis.privacy import seal_fields
from chassis.rpc import carry_out
from contracts.calls.resource.search import SearchFor
from deploy.servers import Postgres
from services.resource.search.domain import lexemes
from services.resource.service import ResourceService
from tests.bench import scene
from tests.bench.search_library import Library, searches
from tests.conftest import PLACE
from tests.support import WORKER, database, service

LIMIT_MS = 50
OPERATOR = Caller(WORKER.id, ("social_worker", "operator"))


def fill(transactions, library: Library, offers: int) -> float:
    """Write the library as the service does; return how many offers a second that were."""
    providers = [library.provider() for _ in range(3000)]
    with transactions.transaction() as store:
        store.add(*providers)
        store.add(*(library.need() for _ in range(10_000)))
    began = time.monotonic()
    for begun in range(0, offers, 5000):
        made = [library.offer(library.chance.choice(providers).id) for _ in range(min(5000, offers - begun))]
        with transactions.transaction() as store:
            store.add(*made)
    return offers / (time.monotonic() - began)


def ours(instance, call: dict) -> tuple[float, dict]:
    """Return the milliseconds that a search takes in the service, and its answer."""
    sealed = seal_fields(instance.keyring, SearchFor, dict(call))
    began = time.perf_counter()
    answer = carry_out(instance, ResourceService.search.spec, Context(OPERATOR, "bench"), sealed)
    return (time.perf_counter() - began) * 1000, answer


def peer(transactions, table: str, call: dict) -> tuple[float, int]:
    """Return the milliseconds that ILIKE takes for the same, and how many rows it finds."""
    sql, values = (
        f"SELECT id, title, community, category, state FROM {table} WHERE title ILIKE :text",
        {"text": f"%{call['text']}%"},
    )
    for name in ("community", "state"):
        if name in call:
            sql += f" AND {name} = :{name}"
            values[name] = call[name]
    if "category" in call:
        sql += " AND (category = :category OR category LIKE :below)"
        values |= {"category": call["category"], "below": call["category"] + ".%"}
    if "target_group" in call:
        sql += " AND (target_groups = '{}' OR :group = ANY(target_groups))"
        values["group"] = call["target_group"]
    began = time.perf_counter()
    with transactions.transaction(read_only=True) as store:
        found = len(store.rows(sql + " ORDER BY id DESC LIMIT 20", **values))
    return (time.perf_counter() - began) * 1000, found


def measure(instance, asked: list, rounds: int) -> dict[str, list]:
    """Return for each contender the (sort, milliseconds, found) of every search; contenders take turns."""
    transactions, found = instance.db.transactions, {"jinlin": [], "ILIKE": [], "ILIKE with pg_trgm": []}
    for turn in range(rounds):
        for sort, call in asked:
            took, answer = ours(instance, call)
            found["jinlin"].append((sort, took, len(answer["items"])))
            if turn == 0 and answer["next"]:
                took, more = ours(instance, {**call, "after": answer["next"]})
                found["jinlin"].append((f"{sort}, next page", took, len(more["items"])))
        for sort, call in asked if turn < 2 else ():
            for name, table in (("ILIKE", "offers"), ("ILIKE with pg_trgm", "offers_trgm")):
                found[name].append((sort, *peer(transactions, table, call)))
    return found


def row(name: str, sort: str, figures: list) -> dict:
    times = [took for _, took, _ in figures]
    return {
        "who": name,
        "searches": sort,
        "n": len(times),
        "p50 ms": round(scene.percentile(times, 0.5), 2),
        "p95 ms": round(scene.percentile(times, 0.95), 2),
        "p99 ms": round(scene.percentile(times, 0.99), 2),
        "max ms": round(max(times), 2),
        "answered %": round(100 * sum(1 for *_, found in figures if found) / len(figures), 1),
    }


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./test bench search", description=__doc__.split("\n\n")[0])
    parser.add_argument("--offers", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slowest", type=int, default=0, help="print so many of the slowest searches")
    return parser.parse_args(sys.argv[2:])


def main():
    chosen = options()
    logs.configure("bench", "WARNING")
    folder = PLACE / f"bench-search-{os.getpid()}"
    library = Library(random.Random(20231101))
    try:
        with Postgres(folder / "postgres") as postgres:
            url = database(postgres, "resource")
            instance = service(ResourceService, url)
            transactions = instance.db.transactions
            rate = fill(transactions, library, chosen.offers)
            lexemes.cache_clear()
            admin = connect(url, name="bench", pool_size=1).execution_options(isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
                connection.exec_driver_sql("CREATE TABLE offers_trgm (LIKE offers INCLUDING ALL)")
                connection.exec_driver_sql("INSERT INTO offers_trgm SELECT * FROM offers")
                connection.exec_driver_sql("CREATE INDEX ON offers_trgm USING gin (title gin_trgm_ops)")
                connection.exec_driver_sql("VACUUM ANALYZE")
                size = "SELECT pg_table_size('search_entries'), pg_indexes_size('search_entries')"
                table, indexes = connection.exec_driver_sql(size).one()
            asked = searches(library, chosen.searches)
            found = measure(instance, asked, chosen.rounds)
            transactions.engine.dispose()
            admin.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows = [row(name, "all", figures) for name, figures in found.items()]
    sorts = dict.fromkeys(sort.removesuffix(", next page") for sort, *_ in found["jinlin"])
    rows += [row("jinlin", sort, [each for each in found["jinlin"] if each[0].startswith(sort)]) for sort in sorts]
    calls = [call for _, call in asked]
    for took, sort, call in sorted(
        ((took, sort, call) for (sort, took, _), call in zip(found["jinlin"][-len(asked) :], calls, strict=True)),
        key=lambda each: -each[0],
    )[: chosen.slowest]:
        print(round(took, 1), sort, call)
    mine, plain, trigrams = rows[0], rows[1], rows[2]
    scene.show(
        f"search: {chosen.searches} searches among {chosen.offers:,} offers",
        rows,
        p99_ms=mine["p99 ms"],
        limit_ms=LIMIT_MS,
        ratio=round(mine["p99 ms"] / LIMIT_MS, 3),
        peer="PostgreSQL ILIKE with pg_trgm",
        ratio_to_peer=round(mine["p99 ms"] / trigrams["p99 ms"], 3),
        ratio_to_plain_ILIKE=round(mine["p99 ms"] / plain["p99 ms"], 3),
        offers_written_a_second=round(rate),
        entries_MB=round(table / 1e6, 1),
        indexes_MB=round(indexes / 1e6, 1),
        memory_of_the_bench_MB=round(scene.megabytes(os.getpid(), "VmRSS"), 1),
    )
