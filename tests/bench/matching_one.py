"""One new need against a library: how long the service takes from the event to its suggestions, committed.

The library holds --sizes offers, spread over the categories, communities, units and groups of a station, each with
a title made of words of its category. Needs come one by one (a transaction for each, on a warm session), as the
inbox takes them. Beside it, how many needs a second are handled in batches, against 2,000 offers.
"""

import argparse
import random
import shutil
import sys
import time
import uuid
from datetime import UTC, datetime

from chassis import logs
from chassis.inbox import Message
from contracts.base import enclose
from contracts.resource import CategoryChanged, CommunityChanged, NeedCreated, OfferPublished
from contracts.words import Slot, Thing
from deploy.servers import Postgres
from services.matching.service import MatchingService
from tests.bench import scene
from tests.conftest import PLACE
from tests.support import database, does, inbox_of, rows

MOST_P50_MS, MOST_P99_MS, MOST_GROWTH = 10, 30, 3
BATCH = 200
COMMUNITIES = ("jiangtou", "lvcuo", "lvling", "yuanshan", "jinshang", "jiangcun", "caitang", "houpu", "jintai")
GROUPS = ("general", "low_income", "extreme_poverty", "disabled", "elderly_alone", "children_in_need", "workers_in_need")
FORMS = ("goods", "goods", "goods_per_period", "hours", "unlimited")
FILLERS = ("全新", "闲置", "九成新", "便携", "上门", "周末", "免费", "爱心", "邻里", "老人专用", "学生", "大号", "小号", "加厚", "家用")


class Scene:
    """A matching service with a library of its own; made-up offers and needs, the same at every run."""

    def __init__(self, postgres, offers: int, categories: list[dict]):
        self.random, self.categories = random.Random(2026), categories
        self.url = database(postgres, "matching")
        self.inbox = inbox_of(MatchingService, self.url)
        groups = sorted({c["parent"] for c in categories})
        self.hear(
            *(
                CategoryChanged(
                    version=1, code=c["code"], parent=c["parent"], name=c["name"], synonyms=tuple(c["synonyms"]),
                    things=tuple(Thing(name=each["name"], words=tuple(each["words"])) for each in c["things"]),
                    related=tuple(d["code"] for d in categories if d["parent"] == c["parent"] and d != c)[:2],
                )
                for c in categories
            ),
            *(
                CommunityChanged(version=1, code=code, name=code, neighbours=(COMMUNITIES[i - 1], COMMUNITIES[(i + 1) % 9]))
                for i, code in enumerate(COMMUNITIES)
            ),
        )  # fmt: skip
        assert groups
        for begun in range(0, offers, BATCH):
            self.hear(*(self.offer() for _ in range(min(BATCH, offers - begun))))
        does(MatchingService, self.url, "learn_words", datetime.now(UTC))
        rows(self.url, "ANALYZE")

    def hear(self, *events):
        self.inbox.take([Message(enclose(event).to_json().encode()) for event in events])

    def offer(self) -> OfferPublished:
        pick, form = self.random.choice, self.random.choice(FORMS)
        slots = tuple(Slot(weekday=day, starts="09:00", ends="11:00") for day in self.random.sample(range(1, 8), 2))
        return OfferPublished(
            offer_id=self.id(), provider_id=self.id(), serves=pick(((), (), tuple(self.random.sample(COMMUNITIES, 3)))),
            target_groups=pick(((), (), (), (pick(GROUPS),))), quantity=self.random.randint(1, 50), form=form,
            period="month" if form == "goods_per_period" else "", slots=slots if form == "hours" else (), **self.common(),
        )  # fmt: skip

    def need(self) -> NeedCreated:
        pick = self.random.choice
        return NeedCreated(
            need_id=self.id(), client_id=self.id(), target_group=pick(GROUPS), urgency=pick((1, 1, 2, 3)),
            quantity=self.random.randint(1, 20), **self.common(),
        )  # fmt: skip

    def common(self) -> dict:
        category, community = self.random.choice(self.categories), self.random.choice(COMMUNITIES)
        words = [word for thing in category["things"] for word in (thing["name"], *thing["words"])]
        title = "".join(self.random.sample(FILLERS, 2)) + self.random.choice(words or [category["name"]])
        return {
            "version": 1, "title": title, "community": community, "community_name": community,
            "category": category["code"], "category_name": category["name"], "unit": self.random.choice("件次"),
            "registered_by": "u",
        }  # fmt: skip

    def id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def one_by_one(self, count: int) -> list[float]:
        """Return how many milliseconds each of so many needs took, after some that warm up."""
        taken = []
        for number in range(count + 50):
            need = self.need()
            began = time.perf_counter()
            self.hear(need)
            if number >= 50:
                taken.append((time.perf_counter() - began) * 1000)
        return taken


def main():
    parser = argparse.ArgumentParser(prog="./test bench matching_one", description=__doc__.split("\n\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--needs", type=int, default=500)
    parser.add_argument("--import", type=int, default=4_000, dest="imported")
    chosen = parser.parse_args(sys.argv[2:])
    logs.configure("bench", "WARNING")
    folder, found = PLACE / "bench-matching-one", []
    try:
        with Postgres(folder) as postgres:
            library = database(postgres, "resource")
            categories = rows(
                library, "SELECT code, parent, name, synonyms, things FROM categories WHERE parent IS NOT NULL ORDER BY code"
            )
            for size in chosen.sizes:
                began = time.monotonic()
                there = Scene(postgres, size, categories)
                filled = time.monotonic() - began
                taken = there.one_by_one(chosen.needs)
                found.append({
                    "offers": size, "needs": len(taken), "p50 ms": round(scene.percentile(taken, 0.5), 1),
                    "p90 ms": round(scene.percentile(taken, 0.9), 1), "p99 ms": round(scene.percentile(taken, 0.99), 1),
                    "offers/s heard": round(size / filled),
                    "suggestions a need": round(
                        rows(there.url, "SELECT count(*) AS n FROM matches")[0]["n"] / (chosen.needs + 50), 1
                    ),
                })  # fmt: skip
                print(found[-1], flush=True)
            there = Scene(postgres, 2_000, categories)
            began = time.monotonic()
            for begun in range(0, chosen.imported, BATCH):
                there.hear(*(there.need() for _ in range(min(BATCH, chosen.imported - begun))))
            rate = round(chosen.imported / (time.monotonic() - began))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    last, growth = found[-1], found[-1]["p50 ms"] / found[0]["p50 ms"]
    return scene.show(
        "matching: one new need against a library",
        found,
        p50_at_the_largest=f"{last['p50 ms']} ms (under {MOST_P50_MS})",
        p99_at_the_largest=f"{last['p99 ms']} ms (under {MOST_P99_MS})",
        growth=round(growth, 2),
        growth_limit=MOST_GROWTH,
        needs_a_second_in_batches_against_2000_offers=rate,
    )
