"""How many of 100 of wuhan2020's needs get a sensible suggestion: `./test bench wuhan2020`.

Both lists are imported through the API of a whole station, as they are: 24 offers, 875 needs. What is first of each
need's suggestions, and what is among its first three, is then looked up in wuhan2020_suggestions.csv: for every item
of the sample (the one of wuhan2020_categories.csv) the offered items that would help, as one person judged them by hand
from the two names alone. For many items nothing in the 24 offers helps; then the right
answer is no suggestion.

JINLIN_REAL_LISTS names the folder with needs.csv and offers.csv.
"""

import csv
import os
from collections import Counter
from pathlib import Path

from tests.bench import scene
from tests.flows.people import Person
from tests.station import eventually

HERE = Path(__file__).parent
SUGGESTED = """
    SELECT n.id::text AS need_id, n.title AS item, m.score,
        (SELECT title FROM offers AS o WHERE o.id = m.offer_id) AS offered
    FROM needs AS n LEFT JOIN matches AS m ON m.need_id = n.id
    WHERE NOT EXISTS (SELECT FROM offers AS o WHERE o.id = n.id) ORDER BY n.id, m.score DESC, m.id DESC"""


def judged(found: list[dict], sample: list[tuple[int, str]], helps: dict[str, set[str]]) -> list[dict]:
    """Return how the suggestions of each need of the sample were: whether something would help, and what came.

    `found` has the needs in the order of the file; `sample` is (row, item).
    """
    needs: dict[str, tuple[str, list[str]]] = {}
    for row in found:
        needs.setdefault(row["need_id"], (row["item"], []))[1].extend([row["offered"]] if row["offered"] else [])
    in_file = list(needs.values())
    answers = []
    for row, item in sample:
        title, offered = in_file[row - 1]
        offered = [each.partition("（")[0] for each in offered]  # the rest says by whom
        assert title.startswith(item), (title, item)
        answers.append({
            "item": item, "first": offered[0] if offered else "", "something helps": bool(helps[item]),
            "suggested": bool(offered), "first helps": offered[:1] != [] and offered[0] in helps[item],
            "one of three helps": bool(helps[item].intersection(offered[:3])),
        })  # fmt: skip
    return answers


def main():
    if "JINLIN_REAL_LISTS" not in os.environ:
        return scene.show("wuhan2020: left out, JINLIN_REAL_LISTS does not name the folder", [{"needs": 0}])
    lists = Path(os.environ["JINLIN_REAL_LISTS"])
    with scene.station("wuhan2020") as station:
        worker = Person(station, "social_worker")
        for name in ("offers.csv", "needs.csv"):
            status, report, _ = worker.upload(name, (lists / name).read_bytes())
            assert (status, report["rejected"]) == (201, []), report
            eventually(station.is_quiet, within=300, every=1)
        eventually(lambda: not station.value("matching", "SELECT count(*) FROM stale"), within=300)
        found = station.rows("matching", SUGGESTED)
    with (lists / "needs.csv").open(encoding="utf-8-sig", newline="") as file:
        items = [row["物资"] for row in csv.DictReader(file)]
    with (HERE / "wuhan2020_categories.csv").open(encoding="utf-8", newline="") as file:
        sample = [(int(row["row"]), row["item"]) for row in csv.DictReader(file)]
    with (HERE / "wuhan2020_suggestions.csv").open(encoding="utf-8", newline="") as file:
        helps = {row["item"]: set(filter(None, row["helps"].split("；"))) for row in csv.DictReader(file)}
    answers = judged(found, sample, helps)
    count = lambda name, of: sum(a[name] for a in of)  # noqa: E731
    could, could_not = ([a for a in answers if a["something helps"] is b] for b in (True, False))
    for (item, first, good), times in Counter((a["item"], a["first"], a["first helps"]) for a in answers).most_common():
        print(f"{times:3} {'+' if good else '.' if not first and not helps[item] else '-'} {item} -> {first or 'nothing'}")
    suggested = len({row["need_id"] for row in found if row["offered"]})
    return scene.show(
        "wuhan2020: suggestions of 100 needs, judged by hand",
        [
            {"needs": "something in the library helps", "of 100": len(could), "first helps": count("first helps", could),
             "one of three helps": count("one of three helps", could),
             "nothing suggested": len(could) - count("suggested", could)},
            {"needs": "nothing in the library helps", "of 100": len(could_not), "first helps": 0, "one of three helps": 0,
             "nothing suggested": len(could_not) - count("suggested", could_not)},
        ],
        needs=len(items), with_suggestions=suggested,
        sensible_of_100=count("first helps", could) + len(could_not) - count("suggested", could_not),
    )  # fmt: skip
