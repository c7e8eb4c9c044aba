"""Which offer may serve which need, and which of them are suggested. No I/O."""

import dataclasses
import heapq
from collections.abc import Callable, Iterator
from datetime import datetime

from contracts.fields import LATEST
from services.matching.board.domain import Need, Offer
from services.matching.matches.domain import Match
from services.matching.occasions.domain import Part, occasions
from services.matching.score.domain import Fit, Surroundings, say, weigh

SUGGESTIONS = 5
EDGES = 20
OCCASIONS = 3  # of one pair
CANDIDATES, MOST_NEEDS = 40, 200  # offers for a need, and needs for an offer
UNSORTED = "other.unsorted"
ALIKE, ALIKE_UNSORTED = 0.4, 0.05  # of titles, at least: of different categories, and where nobody has said what it is
STAYS = 5  # points by which a new suggestion has to be better than the one that it takes the place of

Alike = Callable[[Offer, Need], float]


def hindrance(offer: Offer, need: Need, alike: float, around: Surroundings) -> str | None:
    """Return which hard rule speaks against a pair, as a slug; none where it may be."""
    broken = _broken_rule(offer, need, alike, around)
    return broken or (None if next(chances(offer, need, around.now), None) else "nothing_left_in_time")


def _broken_rule(offer, need, alike, around) -> str | None:
    if not need.left:
        return "need_has_nothing_open"
    if not offer.open:
        return "offer_not_on_the_board"
    if offer.unit != need.unit:
        return "another_unit"
    if not _fits(offer, need, alike, around):
        return "another_category"
    if offer.serves and need.community not in offer.serves and need.community != offer.community:
        return "community_not_served"
    if offer.target_groups and need.target_group not in offer.target_groups:
        return "another_target_group"
    if need.client_id and offer.provider_id and (offer.provider_id, need.client_id) in around.blocked:
        return "pair_blocked"
    if (need.id, offer.id) in around.decided:
        return "pair_" + around.decided[need.id, offer.id]
    starts, ends = window(offer, need, around.now)
    return "another_time" if starts >= ends else None


def window(offer: Offer, need: Need, now: datetime) -> tuple[datetime, datetime]:
    """Return the time that is left for a pair, half open: from now on, and within what both of them allow."""
    starts = max(filter(None, (now, offer.starts_at, need.starts_at)))
    return starts, min(filter(None, (LATEST, offer.ends_at, need.ends_at)))


def chances(offer: Offer, need: Need, now: datetime) -> Iterator[tuple[Part, int]]:
    """Yield the occasions at which an offer has something left for a need, with how much, the earliest first."""
    for part in occasions(offer, *window(offer, need, now)):
        if "T" in part.key and part.starts_at < now:
            continue  # it has begun
        left = offer.left_at(part.key) if part.capacity is None else part.capacity - offer.taken.get(part.key, 0)
        if left > 0:
            yield part, left


def fits(offer: Offer, need: Need, alike: float, around: Surroundings, most: int = OCCASIONS) -> list[Fit]:
    """Return how well a pair fits at its next occasions, the best first; nothing where a hard rule speaks against it."""
    if _broken_rule(offer, need, alike, around):
        return []
    found = []
    for part, left in chances(offer, need, around.now):
        found.append(weigh(offer, need, part, left, alike, around))
        if len(found) == most:
            break
    return sorted(found, key=lambda fit: -fit.score)


def best_for(need: Need, offers: list[Offer], alike: Alike, around: Surroundings) -> list[Fit]:
    """Return the best pairs of a need at their occasions, best first, as many as are kept for the plan."""
    first = (fit for offer in offers for fit in fits(offer, need, alike(offer, need), around, most=1))
    best = heapq.nsmallest(EDGES, _good(first, around), key=_order)
    # Later occasions are looked for only where the first one is good: there are many, and days take time to count.
    found = (more for fit in best for more in ([fit] if not fit.part.key else fits(fit.offer, need, fit.alike, around)))
    return heapq.nsmallest(EDGES, _good(found, around), key=_order)


def suggested(found: list[Fit], open_pairs: dict[str, int]) -> tuple[list[Fit], list[str]]:
    """Choose what is suggested for a need, and which of its open suggestions fall away for something better.

    `open_pairs` has the score of each offer that is suggested already. Each pair comes once, at its best
    occasion, and there are at most SUGGESTIONS; what is there goes only for what is better by STAYS.
    """
    new = list({fit.offer.id: fit for fit in sorted(found, key=_order, reverse=True)}.values())
    new = sorted((fit for fit in new if fit.offer.id not in open_pairs), key=_order)
    standing = sorted(((score + STAYS, id) for id, score in open_pairs.items()), reverse=True)
    chosen, gone = [], []
    for fit in new:
        if len(chosen) + len(standing) < SUGGESTIONS:
            chosen.append(fit)
        elif standing and fit.score > standing[-1][0]:
            gone.append(standing.pop()[1])
            chosen.append(fit)
        else:
            break
    return chosen, gone


def renewed(match: Match, found: list[Fit], around: Surroundings) -> Match | None:
    """Return an open suggestion as it is by now, at its own occasion while that is to be had; None where it suits no more."""
    good = sorted(_good(found, around), key=lambda fit: fit.part.key != match.occasion)
    if not good:
        return None
    fit = good[0]
    facts = {"quantity": fit.quantity, "occasion": fit.part.key, "score": fit.score, "parts": say(fit, around)}
    if facts == {name: getattr(match, name) for name in facts}:
        return match
    return dataclasses.replace(match, version=match.version + 1, **facts)


def matches_of(chosen: list[Fit], around: Surroundings, new_id) -> list[Match]:
    """Make suggestions, the best the newest: a list by id, newest first, then begins with the best."""
    ids = [new_id() for _ in chosen][::-1]
    return [
        Match(
            id=id,
            version=1,
            need_id=fit.need.id,
            offer_id=fit.offer.id,
            quantity=fit.quantity,
            score=fit.score,
            parts=say(fit, around),
            occasion=fit.part.key,
        )
        for id, fit in zip(ids, chosen, strict=True)
    ]


def _good(found, around) -> Iterator[Fit]:
    least = around.weights["least_score"]
    return (fit for fit in found if fit.score >= least)


def _order(fit: Fit):
    return -fit.score, fit.offer.id, fit.part.key


def _fits(offer, need, alike, around) -> bool:
    """Tell whether it is the same sort of thing.

    Where the categories are neither the same nor related, or nobody has sorted one of them yet, the titles have to be
    alike: whoever chose the category may have been wrong.
    """
    if offer.category == need.category != UNSORTED or around.is_related(offer, need):
        return True
    if UNSORTED in (offer.category, need.category):
        return alike >= ALIKE_UNSORTED
    return alike >= ALIKE
