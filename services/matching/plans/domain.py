"""The best use of everything that is on the board, and why it differs from what was recommended before. No I/O.

Every unit of a need that an offer serves is worth the score of the pair. A plan gives units to pairs so
that the sum is the greatest there is, no need gets more than it lacks and no occasion of an offer gives more
than it has: a minimum-cost flow, solved exactly (Goldberg's cost-scaling push-relabel in OR-tools,
https://developers.google.com/optimization/flow/mincostflow).
"""

from dataclasses import dataclass

import numpy

STAYS = 2  # points a unit that a new recommendation has to be better by than the one it takes the place of
ENDLESS = 1 << 40  # units of an offer without a limit


@dataclass(frozen=True)
class Edges:
    """What may serve what: arrays of one length, a place for each pair, and the units on either side.

    `need` and `supply` are indexes into `lacks` and `has` (units, int64); `score` is points for each unit;
    `before` is the units that were recommended until now.
    """

    need: numpy.ndarray
    supply: numpy.ndarray
    score: numpy.ndarray
    before: numpy.ndarray
    lacks: numpy.ndarray
    has: numpy.ndarray


@dataclass(frozen=True)
class Change:
    """A pair that is recommended anew, with another quantity, or no more."""

    place: int
    quantity: int
    instead_of: int | None
    taken_by: int | None


def best(edges: Edges, stays: int = 0) -> numpy.ndarray:
    """Return the units for each pair, so that their value together is the greatest there is.

    A unit that was recommended before counts `stays` points more, so that nothing changes for little.
    """
    from ortools.graph.python import min_cost_flow  # 20 MB, for processes that plan

    if not len(edges.need):
        return numpy.zeros(0, numpy.int64)
    needs, supplies = len(edges.lacks), len(edges.has)
    source, sink = needs + supplies, needs + supplies + 1
    all_needs, all_supplies = numpy.arange(needs), numpy.arange(supplies)
    units = numpy.minimum(edges.lacks[edges.need], edges.has[edges.supply])
    kept = numpy.minimum(edges.before, units) if stays else numpy.zeros(0, numpy.int64)
    flow = min_cost_flow.SimpleMinCostFlow()

    def add(tails, heads, capacities, costs):
        flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)

    # A pair that stays has two arcs: the units of before, worth a little more, and the rest.
    if stays:
        add(edges.need, needs + edges.supply, kept, -(edges.score + stays))
        units = units - kept
    add(edges.need, needs + edges.supply, units, -edges.score)
    nothing = numpy.zeros(max(needs, supplies), numpy.int64)
    add(numpy.full(needs, source), all_needs, edges.lacks, nothing[:needs])
    add(all_needs, numpy.full(needs, sink), edges.lacks, nothing[:needs])  # what stays open
    add(needs + all_supplies, numpy.full(supplies, sink), edges.has, nothing[:supplies])
    total = int(edges.lacks.sum())
    flow.set_nodes_supplies(numpy.array([source, sink]), numpy.array([total, -total]))
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"the board has no plan: {status}")
    pairs = len(edges.need)
    flows = flow.flows(numpy.arange(pairs * (2 if stays else 1)))
    return flows[:pairs] + flows[pairs:] if stays else flows


def value(edges: Edges, units: numpy.ndarray) -> int:
    """Return what units for each pair are worth: points times units."""
    return int((edges.score * units).sum())


def possible_before(edges: Edges) -> numpy.ndarray:
    """Return the units that were recommended before, as far as they can still be had: in order, none beyond what there is."""
    lacks, has = edges.lacks.copy(), edges.has.copy()
    units = numpy.zeros(len(edges.before), numpy.int64)
    for place in numpy.flatnonzero(edges.before):
        need, supply = edges.need[place], edges.supply[place]
        units[place] = min(edges.before[place], lacks[need], has[supply])
        lacks[need] -= units[place]
        has[supply] -= units[place]
    return units


def changes(edges: Edges, units: numpy.ndarray) -> list[Change]:
    """Return where a plan differs from what was recommended before.

    Each says what it takes the place of for the same need, and what for the same supply takes its place.
    """
    different = numpy.flatnonzero(units != edges.before)
    gone = {int(edges.need[p]): int(p) for p in different if units[p] < edges.before[p]}
    more = {int(edges.supply[p]): int(p) for p in different if units[p] > edges.before[p]}
    found = []
    for place in map(int, different):
        grows = units[place] > edges.before[place]
        other = gone.get(int(edges.need[place])) if grows else None
        taker = None if grows else more.get(int(edges.supply[place]))
        found.append(Change(place, int(units[place]), other, taker))
    return found


def why(change: Change, offers, needs, scores, unit: str) -> str:
    """Return why a recommendation changed, as a Chinese sentence; titles and scores are by place."""
    place, offer = change.place, offers[change.place]
    if change.instead_of is not None:
        old = offers[change.instead_of]
        return f"改荐「{offer}」（{scores[place]}分）代替「{old}」（{scores[change.instead_of]}分）：全盘安排后总体更合适。"
    if change.quantity and change.taken_by is None:
        return f"全盘安排后，由「{offer}」提供{change.quantity}{unit}最合适（{scores[place]}分）。"
    if change.taken_by is not None:
        return f"「{offer}」改荐给更合适的需求「{needs[change.taken_by]}」（{scores[change.taken_by]}分）。"
    return f"「{offer}」已不再有余量，或这项需求已另有安排。"
