"""Plans of the whole board: made when asked, and every few minutes."""

import time
from datetime import timedelta

import numpy
import uuid_utils

from chassis.every import every
from chassis.rpc import command, query
from contracts.calls.matching import plans as calls
from contracts.fields import Paging
from contracts.matching import BoardPlanned
from contracts.words import ScorePart
from services.matching.access import STAFF
from services.matching.matches.domain import Match
from services.matching.plans import domain
from services.matching.plans.domain import Edges
from services.matching.suggestions.service import proposed

MINUTES = 5
KEPT = timedelta(days=90)


class Plans:
    """The whole board at once. A plan is advice: it confirms nothing."""

    @command(returns=calls.PlanView, roles=STAFF)
    def plan_board(self, store):
        """Find out what serves everybody's needs best together, and recommend it."""
        return store.plan(_plan(store, store.caller.id))

    @every(MINUTES * 60)
    def plan_again(self, store, now):
        """Plan the board by itself, and forget what was planned long ago."""
        _plan(store, None)
        store.forget_plans(now - KEPT)

    @query(takes=Paging, returns=calls.PlanPage, roles=STAFF)
    def list_plans(self, store, **paging):
        return store.plans(**paging)

    @query(takes=calls.ChangeFilter, returns=calls.ChangePage, roles=STAFF)
    def list_plan_changes(self, store, **filters):
        return store.plan_changes(communities=store.caller.communities, **filters)

    @query(takes=calls.RecommendationFilter, returns=calls.RecommendationPage, roles=STAFF)
    def list_recommendations(self, store, **filters):
        return store.recommendations(communities=store.caller.communities, **filters)


def _plan(store, made_by: str | None) -> str | None:
    """Make a plan and recommend what it says; return its id. By itself it is only kept where it changes something."""
    store.plan_alone()
    began = time.monotonic()
    pairs, gone = [], []
    for pair in store.pairs():
        (pairs if pair[3] else gone).append(pair)
    edges, supplies = _edges(pairs)
    units = domain.best(edges, domain.STAYS)
    changed = domain.changes(edges, units) + [domain.Change(len(pairs) + at, 0, None, None) for at in range(len(gone))]
    if not changed and made_by is None:
        return None
    plan_id = _new_id()
    facts = {
        "needs": int((edges.lacks > 0).sum()),
        "offers": len({offer_id for offer_id, _ in supplies}),
        "value": domain.value(edges, units),
        "value_before": domain.value(edges, domain.possible_before(edges)),
        "changed": len(changed),
    }
    reasons = _reasons(store, changed, pairs + gone)
    milliseconds = round((time.monotonic() - began) * 1000)
    store.add_plan(id=plan_id, made_by=made_by, pairs=len(pairs), milliseconds=milliseconds, **facts)
    if changed:
        store.recommend(plan_id, reasons)
        _suggest_what_is_recommended(store)
    store.publish(BoardPlanned(version=1, plan_id=plan_id, **facts))
    return plan_id


def _edges(pairs) -> tuple[Edges, dict]:
    """Return the pairs as arrays, with the numbers of the supplies: (offer, occasion)."""
    needs, supplies, count = {}, {}, len(pairs)
    need = numpy.fromiter((needs.setdefault(p[0], len(needs)) for p in pairs), numpy.int64, count)
    supply = numpy.fromiter((supplies.setdefault(p[1:3], len(supplies)) for p in pairs), numpy.int64, count)
    lacks, has = numpy.zeros(len(needs), numpy.int64), numpy.zeros(len(supplies), numpy.int64)
    lacks[need] = [p[4] for p in pairs]
    has[supply] = [domain.ENDLESS if p[5] is None else p[5] for p in pairs]
    score, before = (numpy.array([p[at] for p in pairs], numpy.int64) for at in (3, 6))
    return Edges(need, supply, score, before, lacks, has), supplies


def _reasons(store, changed, pairs) -> list[dict]:
    """Return each change as it is kept, with why."""
    places = {p for c in changed for p in (c.place, c.instead_of, c.taken_by) if p is not None}
    needs = store.titles("needs", sorted({pairs[p][0] for p in places}))
    offers = store.titles("offers", sorted({pairs[p][1] for p in places}))
    offer_titles = {p: offers[pairs[p][1]][0] for p in places}
    need_titles = {p: needs[pairs[p][0]][0] for p in places}
    scores = {p: pairs[p][3] for p in places}
    return [
        {
            "id": _new_id(),
            "need_id": pairs[c.place][0],
            "offer_id": pairs[c.place][1],
            "occasion": pairs[c.place][2],
            "quantity": c.quantity,
            "before": pairs[c.place][6],
            "score": scores[c.place],
            "why": domain.why(c, offer_titles, need_titles, scores, needs[pairs[c.place][0]][1]),
        }
        for c in changed
    ]


def _suggest_what_is_recommended(store):
    """Make a suggestion, which can be confirmed, of each recommended pair that is none yet."""
    rows = store.unsuggested()
    matches = [
        Match(
            id=_new_id(),
            version=1,
            need_id=row["need_id"],
            offer_id=row["offer_id"],
            occasion=row["occasion"],
            quantity=row["quantity"],
            score=row["score"],
            parts=tuple(ScorePart(**part) for part in row["parts"]),
        )
        for row in rows
    ]
    for match in store.add_matches(matches):
        store.publish(proposed(match, store.entry("needs", match.need_id), store.entry("offers", match.offer_id)))


def _new_id() -> str:
    return str(uuid_utils.uuid7())
