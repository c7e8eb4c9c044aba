"""How good the suggestions are: `python -m tests.quality [tuning]`; see README.md beside this.

Ours is the real thing: the resource service sorts what a resident says into a category, the matching
service hears of every offer and then of every need, and its suggestions are read back best first.
"""

import csv
import math
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import rjieba

from contracts.matching import MatchProposed
from contracts.resource import CategoryChanged, CommunityChanged, NeedCreated, OfferPublished
from deploy.servers import Postgres
from services.matching.service import MatchingService
from services.matching.suggestions.domain import UNSORTED
from services.resource.service import ResourceService
from tests.bench import scene
from tests.conftest import PLACE
from tests.quality.categories import by_suggestion
from tests.quality.categories import table as categories
from tests.support import WORKER, database, does, hears, published, rows

HERE = Path(__file__).parent
ID = "0190a000-0000-7000-8000-0000000{:05d}".format


def table(name: str) -> list[dict]:
    return list(csv.DictReader((HERE / f"{name}.csv").open()))


def measure(postgres, name: str = "needs") -> list[dict]:
    """Return recall@1, recall@3 and MRR of each way to look for an offer, over the labelled needs."""
    offers, needs = table("offers"), table(name)
    right = [set(need["right"].split()) for need in needs]
    ways = {
        "ours, category chosen by a worker": ours(postgres, offers, needs, [need["category"] for need in needs]),
        "ours, first suggested category taken": ours(postgres, offers, needs, sorted_by_ours(needs)),
        "ours, nobody chose a category": ours(postgres, offers, needs, [UNSORTED] * len(needs)),
        "keyword search (words in common)": by_words(offers, needs),
        "character n-grams (cosine, 1 to 3)": by_ngrams(offers, needs),
    }
    return [{"way": way, **figures(found, right)} for way, found in ways.items()]


def figures(found: list[list[str]], right: list[set[str]]) -> dict:
    """Return the figures of ranked lists of offer ids; a need is found where any right offer is."""
    places = [next((i for i, id in enumerate(ids) if id in good), None) for ids, good in zip(found, right, strict=True)]
    count = len(places)
    return {
        "needs": count,
        "recall@1": round(sum(p == 0 for p in places) / count, 3),
        "recall@3": round(sum(p is not None and p < 3 for p in places) / count, 3),
        "MRR": round(sum(1 / (p + 1) for p in places if p is not None) / count, 3),
        "nothing found": sum(not ids for ids in found),
    }


def sorted_by_ours(needs) -> list[str]:
    """Return the category that is suggested first for each need, with nothing learnt beforehand."""
    suggested = by_suggestion(categories(own_words=True))
    return [next(iter(suggested(need["text"])[0]), UNSORTED) for need in needs]


def ours(postgres, offers, needs, filed: list[str]) -> list[list[str]]:
    library, matching = database(postgres, "resource"), database(postgres, "matching")
    names = {row["code"]: row["name"] for row in rows(library, "SELECT code, name FROM categories ORDER BY code")}
    _tell_words(library, matching)
    common = {"version": 1, "community": "jiangtou", "community_name": "江头社区", "registered_by": WORKER.id}
    hears(
        MatchingService,
        matching,
        *(
            OfferPublished(
                offer_id=ID(i), provider_id=ID(10_000 + i), title=offer["title"], serves=(), category=offer["category"],
                category_name=names[offer["category"]], quantity=1000, unit=offer["unit"], target_groups=(), **common,
            )
            for i, offer in enumerate(offers)
        ),
    )  # fmt: skip
    for i, (need, category) in enumerate(zip(needs, filed, strict=True)):
        event = NeedCreated(
            need_id=ID(20_000 + i), title=need["text"], category=category, category_name=names[category], quantity=1,
            unit=unit_of(need, offers), target_group="general", urgency=1, **common,
        )  # fmt: skip
        hears(MatchingService, matching, event)
    by_need = {}
    for envelope in published(matching, MatchProposed):
        by_need.setdefault(envelope.event.need_id, []).append((-envelope.event.score, envelope.event.offer_id))
    ids = {ID(i): offer["id"] for i, offer in enumerate(offers)}
    return [[ids[offer] for _, offer in sorted(by_need.get(ID(20_000 + i), []))] for i in range(len(needs))]


def _tell_words(library, matching):
    """Let matching hear of the categories and communities, as it does when a station starts."""
    does(ResourceService, library, "tell_words", datetime.now(UTC))
    told = [e.event for e in published(library) if isinstance(e.event, CategoryChanged | CommunityChanged)]
    hears(MatchingService, matching, *told)


def ranked(offers, need, likeness) -> list[str]:
    """Return the ids of the offers of the need's unit with any likeness, best first; equal ones in the library's order.

    Ours knows the unit as well, so the others are told it too.
    """
    unit = unit_of(need, offers)
    found = [(likeness(i), i) for i, offer in enumerate(offers) if offer["unit"] == unit]
    return [offers[i]["id"] for score, i in sorted(found, key=lambda each: (-each[0], each[1])) if score > 0][:5]


def unit_of(need, offers) -> str:
    """Return the unit of what would help: a worker who enters the need chooses it."""
    first = need["right"].split()[0]
    return next(offer["unit"] for offer in offers if offer["id"] == first)


def by_words(offers, needs) -> list[list[str]]:
    words = [set(rjieba.cut(offer["title"])) for offer in offers]
    asked = [set(rjieba.cut(need["text"])) for need in needs]
    return [ranked(offers, need, lambda i, a=a: len(words[i] & a)) for need, a in zip(needs, asked, strict=True)]


def by_ngrams(offers, needs) -> list[list[str]]:
    grams = [_grams(offer["title"]) for offer in offers]
    asked = [_grams(need["text"]) for need in needs]
    return [ranked(offers, need, lambda i, a=a: _cosine(a, grams[i])) for need, a in zip(needs, asked, strict=True)]


def _grams(text: str) -> Counter:
    return Counter(text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1))


def _cosine(one: Counter, other: Counter) -> float:
    product = sum(count * other[gram] for gram, count in one.items())
    return product / math.sqrt(sum(c * c for c in one.values()) * sum(c * c for c in other.values()))


def main(name: str = "needs") -> dict:
    with Postgres(PLACE / "quality", durable=False) as server:
        found = measure(server, name)
    return scene.show(f"suggestions: labelled needs in residents' own words ({name}.csv)", found)


if __name__ == "__main__":
    main(*sys.argv[1:])
