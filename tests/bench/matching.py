"""Everything about matching: the whole board, one new need, confirms at once, and how good suggestions are.

Each part is a bench of its own as well (`plan`, `matching_one`, `confirm`, `quality`, `categories`, `wuhan2020`) and
prints its own table; the last table holds each figure beside its limit, and the last line everything as JSON.
"""

import contextlib
import io
import json
import sys

from tests.bench import confirm, matching_one, plan
from tests.quality import __main__ as quality
from tests.quality import categories, wuhan2020

PARTS = {
    "plan": plan.main, "one": matching_one.main, "confirm": confirm.main, "quality": quality.main,
    "categories": categories.main, "wuhan2020": wuhan2020.main,
}  # fmt: skip


def main():
    said = {}
    for name, part in PARTS.items():
        heard = io.StringIO()
        with contextlib.redirect_stdout(heard):
            said[name] = part()
        print(heard.getvalue().rstrip().rpartition("\n")[0], flush=True)  # without its own line of JSON
    print("\nmatching: all figures\n")
    for figure, found, limit in figures(said):
        print(f"| {figure:<62} | {found!s:>18} | {limit:<12} |")
    machine = next(iter(said.values()))["machine"]
    print()
    json.dump({"bench": "matching", "machine": machine, "parts": said}, sys.stdout, ensure_ascii=False)
    print()


def figures(said: dict) -> list[tuple]:
    """Return (figure, what was found, its limit) of each promise."""
    one, last = said["one"], said["one"]["rows"][-1]
    recall = ("recall@1", "recall@3", "MRR")
    return [
        ("plan: value equal to the exact optimum", said["plan"]["equal_to_the_optimum"], "True"),
        ("plan: ours to the bare solver", said["plan"]["ours_to_the_bare_solver"], f"<= {plan.LIMIT}"),
        ("plan: with its database, to the bare solver", said["plan"]["with_the_database_once_more"], ""),
        (f"one need, {last['offers']:,} offers: p50 ms", last["p50 ms"], f"< {matching_one.MOST_P50_MS}"),
        (f"one need, {last['offers']:,} offers: p99 ms", last["p99 ms"], f"< {matching_one.MOST_P99_MS}"),
        ("one need: growth from the smallest library", one["growth"], f"< {matching_one.MOST_GROWTH}"),
        ("confirms: units given twice", said["confirm"]["units_given_twice"], "0"),
        ("confirms: a second", said["confirm"]["rows"][0]["a second"], ""),
        *((f"quality, {row['way']}: {name}", row[name], "") for row in said["quality"]["rows"] for name in recall),
        ("wuhan2020: right category, of 100", said["categories"]["rows"][0]["right first %"], ""),
        ("wuhan2020: sensible suggestion or rightly none, of 100", said["wuhan2020"].get("sensible_of_100", "left out"), ""),
    ]

