"""The whole board at once: our plan beside the bare solver, scipy and a greedy choice, on the same pairs.

5,000 needs x 2,000 offers x 20 candidates each. `value` is points times units. Ours is the time from arrays to units
for each pair; the bare solver gets the same arcs, already built, and is timed alone. With the database: edges are read
from the matching service's own tables, the plan is made, and recommendations with their reasons are written.
"""

import shutil
import time
import uuid
from statistics import median

import numpy
import psycopg2
import scipy.optimize
import scipy.sparse
from ortools.graph.python import min_cost_flow
from sqlalchemy.engine import make_url

from chassis import logs
from deploy.servers import Postgres
from services.matching.plans.domain import Edges, best, value
from services.matching.service import MatchingService
from tests.bench import scene
from tests.conftest import PLACE
from tests.support import call, database, rows

NEEDS, OFFERS, CANDIDATES, ROUNDS = 5_000, 2_000, 20, 5
LIMIT = 1.5  # our time to the bare solver's


def board(seed: int = 1) -> Edges:
    """Return a board on which offers are scarce, so that choosing matters."""
    random = numpy.random.default_rng(seed)
    need = numpy.repeat(numpy.arange(NEEDS), CANDIDATES)
    supply = numpy.concatenate([random.choice(OFFERS, CANDIDATES, replace=False) for _ in range(NEEDS)])
    return Edges(
        need=need,
        supply=supply,
        score=random.integers(40, 101, NEEDS * CANDIDATES),
        before=numpy.zeros(NEEDS * CANDIDATES, numpy.int64),
        lacks=random.integers(1, 6, NEEDS),
        has=random.integers(1, 8, OFFERS),
    )


def bare(edges: Edges):
    """Return the optimum of OR-tools' solver and the seconds of its call alone; arcs are built before."""
    flow = min_cost_flow.SimpleMinCostFlow()
    source, sink = NEEDS + OFFERS, NEEDS + OFFERS + 1
    needs, offers = numpy.arange(NEEDS), NEEDS + numpy.arange(OFFERS)
    zero = numpy.zeros(NEEDS, numpy.int64)
    units = numpy.minimum(edges.lacks[edges.need], edges.has[edges.supply])
    for tails, heads, capacities, costs in (
        (edges.need, NEEDS + edges.supply, units, -edges.score),
        (numpy.full(NEEDS, source), needs, edges.lacks, zero),
        (needs, numpy.full(NEEDS, sink), edges.lacks, zero),
        (offers, numpy.full(OFFERS, sink), edges.has, zero[:OFFERS]),
    ):
        flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
    total = int(edges.lacks.sum())
    flow.set_nodes_supplies(numpy.array([source, sink]), numpy.array([total, -total]))
    began = time.perf_counter()
    assert flow.solve() == flow.OPTIMAL
    return -flow.optimal_cost(), time.perf_counter() - began


def greedy(edges: Edges) -> numpy.ndarray:
    """Give to the best pair first, then the next best of what is left."""
    lacks, has, units = edges.lacks.copy(), edges.has.copy(), numpy.zeros(len(edges.need), numpy.int64)
    for place in numpy.argsort(-edges.score, kind="stable"):
        need, supply = edges.need[place], edges.supply[place]
        units[place] = min(lacks[need], has[supply])
        lacks[need] -= units[place]
        has[supply] -= units[place]
    return units


def by_scipy(edges: Edges) -> int:
    """Return the optimum of scipy's linear programming (HiGHS) on the same arcs."""
    places = numpy.arange(len(edges.need))
    ones = numpy.ones(len(places))
    limits = scipy.sparse.vstack(
        [
            scipy.sparse.csr_matrix((ones, (edges.need, places)), (NEEDS, len(places))),
            scipy.sparse.csr_matrix((ones, (edges.supply, places)), (OFFERS, len(places))),
        ]
    )
    found = scipy.optimize.linprog(
        -edges.score, A_ub=limits, b_ub=numpy.concatenate([edges.lacks, edges.has]), method="highs"
    )
    return round(-found.fun)


def timed(work, rounds: int = ROUNDS):
    """Return what the last round gave, and the median seconds of a round."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - began)
    return result, median(taken)


BOARD = """
    INSERT INTO needs (id, version, title, community, community_name, category, category_name, quantity, unit, target_group,
        urgency, registered_by)
    SELECT id::uuid, 1, '轮椅', 'jiangtou', '江头社区', 'goods.aids', '康复辅具', lacks, '部', 'disabled', 1, 'u'
    FROM unnest(%(needs)s, %(lacks)s) AS t (id, lacks);
    INSERT INTO offers (id, version, title, community, community_name, serves, category, category_name, quantity, unit,
        target_groups, registered_by)
    SELECT id::uuid, 1, '轮椅', 'lvcuo', '吕厝社区', '{}', 'goods.aids', '康复辅具', has, '部', '{}', 'v'
    FROM unnest(%(offers)s, %(has)s) AS t (id, has);
    INSERT INTO edges (need_id, offer_id, occasion, quantity, capacity, score, parts)
    SELECT (%(needs)s)[need + 1]::uuid, (%(offers)s)[supply + 1]::uuid, '',
        least((%(lacks)s)[need + 1], (%(has)s)[supply + 1]), (%(has)s)[supply + 1], score,
        '[{"part": "category", "points": 36, "text": "同为「康复辅具」"}, {"part": "nearness", "points": 8, "text": "来自吕厝社区"}]'
    FROM unnest(%(need)s, %(supply)s, %(score)s) AS t (need, supply, score)
    ON CONFLICT DO NOTHING;
    ANALYZE needs, offers, edges"""


def with_database(edges: Edges) -> tuple[int, float, float]:
    """Plan the same board in the matching service; return the value, and the seconds of the first and of a second plan.

    The first writes every recommendation, with why, and makes a suggestion of each; of the second nothing changes.
    """
    folder = PLACE / "bench-plan"
    shutil.rmtree(folder, ignore_errors=True)
    with Postgres(folder) as postgres:
        url = database(postgres, "matching")
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        ids = {"needs": NEEDS, "offers": OFFERS}
        named = {kind: [str(uuid.uuid4()) for _ in range(count)] for kind, count in ids.items()}
        numbers = {name: getattr(edges, name).tolist() for name in ("lacks", "has", "need", "supply", "score")}
        with psycopg2.connect(address) as connection, connection.cursor() as cursor:
            cursor.execute(BOARD, named | numbers)
        connection.close()
        taken = []
        for _ in range(2):
            began = time.perf_counter()
            plan = call(MatchingService, url, "plan_board")
            taken.append(time.perf_counter() - began)
        recommended = rows(url, "SELECT count(*) AS n FROM recommendations")[0]["n"]
    shutil.rmtree(folder, ignore_errors=True)
    assert plan["pairs"] == len(edges.need) and recommended, plan
    return plan["value"], *taken


def measure() -> tuple[list[dict], dict]:
    """Return a row for each way, and the facts that the limits are about."""
    edges = board()
    best(edges)
    optimum, solver = (lambda runs: (runs[0][0], median(s for _, s in runs)))([bare(edges) for _ in range(ROUNDS)])
    units, ours = timed(lambda: best(edges))
    chosen, slow = timed(lambda: greedy(edges), 3)
    linear, scipys = timed(lambda: by_scipy(edges), 1)
    planned, first, again = with_database(edges)
    found = [
        {"way": "ours (arrays -> units)", "seconds": round(ours, 3), "value": value(edges, units)},
        {"way": "ours, database and all that changed", "seconds": round(first, 3), "value": planned},
        {"way": "ours, database, once more", "seconds": round(again, 3), "value": planned},
        {"way": "OR-tools, bare solve()", "seconds": round(solver, 3), "value": optimum},
        {"way": "scipy, linear programming", "seconds": round(scipys, 3), "value": linear},
        {"way": "greedy, best pair first", "seconds": round(slow, 3), "value": value(edges, chosen)},
    ]
    return found, {
        "equal_to_the_optimum": value(edges, units) == optimum == linear == planned,
        "ours_to_the_bare_solver": round(ours / solver, 2),
        "limit": LIMIT,
        "with_the_database_once_more": round(again / solver, 2),
    }


def main():
    logs.configure("bench", "WARNING")
    found, facts = measure()
    return scene.show("plan: 5,000 needs x 2,000 offers x 20 candidates", found, **facts)
