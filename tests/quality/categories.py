"""How many of the real needs get a right category: `python -m tests.quality.categories [FILE.csv]`.

wuhan2020_categories.csv is a sample of 100 of wuhan2020's 875 needs (MIT; random.Random(2020).sample of the row numbers),
with the category that is right as one person judged it by hand, from the item alone. Those needs have only 23 different
items, of which the sample has 20, and the words of the table were written by people who had seen that list: the
figure says that the table covers it, not how well it would do on another. Nothing was changed after the judging.

Another file, with a heading that has `category` and one of `item`, `title` or `text`, is judged the same way.

Compared with what a plain search by keyword gives: the longest word of the table that is in the text, with the
words that a station starts with, and with those before residents' own words were added. Nothing is learnt beforehand.
With JINLIN_REAL_LISTS naming the folder with needs.csv, says also how many of all 875 get a category at all.
"""

import csv
import json
import os
import sys
from importlib import import_module
from pathlib import Path

from services.resource.search.domain import words_of
from services.resource.words.domain import Vocabulary

SAMPLE = Path(__file__).parent / "wuhan2020_categories.csv"
SURE = 50


def table(*, own_words: bool) -> list[dict]:
    """Return the categories that a station starts with, with or without residents' own words."""
    starting = import_module("services.resource.migrations.0002_starting_words").CATEGORIES
    added = import_module("services.resource.migrations.0006_words_and_search").SYNONYMS if own_words else {}
    things = import_module("services.resource.migrations.0010_things") if own_words else None
    return [
        {
            "code": code,
            "parent": code.rpartition(".")[0] or None,
            "name": name,
            "synonyms": list(dict.fromkeys([*synonyms, *added.get(code, "").split()])),
            "things": things.things_of(things.THINGS.get(code, "")) if things else [],
        }
        for code, (name, synonyms) in starting.items()
    ]


def by_suggestion(categories: list[dict]):
    """Return what gives a text's categories, the likeliest first, with the confidence of the first."""
    vocabulary = Vocabulary(categories)

    def answer(text):
        found = vocabulary.suggest(text, words_of(text))
        return [each["code"] for each in found], found[0]["confidence"] if found else 0

    return answer


def by_keyword(categories: list[dict]):
    """Return what gives the category of the longest word in the text, the first where several are as long."""
    words = [
        (word, each["code"]) for each in categories if each["parent"] for word in (each["name"], *each["synonyms"])
    ]

    def answer(text):
        hits = [(-len(word), text.find(word), code) for word, code in words if word in text]
        return [min(hits)[2]] if hits else [], 100 if hits else 0

    return answer


def judged(rows: list[tuple[str, str]], answer) -> dict:
    """Return how many of the (text, right category) rows are answered rightly."""
    answers = [(right, *answer(text)) for text, right in rows]
    sure = [right == codes[0] for right, codes, confidence in answers if confidence >= SURE]
    return {
        "rows": len(rows),
        "right first %": round(100 * sum(codes[:1] == [right] for right, codes, _ in answers) / len(rows), 1),
        "right in three %": round(100 * sum(right in codes for right, codes, _ in answers) / len(rows), 1),
        "none %": round(100 * sum(not codes for _, codes, _ in answers) / len(rows), 1),
        f"at least {SURE} sure %": round(100 * len(sure) / len(rows), 1),
        "right of those %": round(100 * sum(sure) / len(sure), 1) if sure else None,
    }


def read(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    text = next(name for name in ("item", "title", "text") if name in rows[0])
    return [(row[text], row["category"]) for row in rows]


def judge(path: Path) -> dict:
    """Print how many rows of a file are answered rightly, by whom; return what the last line says."""
    rows = read(path)
    contenders = {
        "jinlin": by_suggestion(table(own_words=True)),
        "keyword, same words": by_keyword(table(own_words=True)),
        "keyword, words before": by_keyword(table(own_words=False)),
    }
    results = [{"who": name, **judged(rows, answer)} for name, answer in contenders.items()]
    heads = list(results[0])
    print(f"\ncategories of {path.name}: {len(rows)} rows, {len(set(rows))} different texts\n")
    print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
    for each in results:
        print("| " + " | ".join(str(value) for value in each.values()) + " |")
    print()
    for text, right in dict.fromkeys(rows):
        codes, confidence = contenders["jinlin"](text)
        if codes[:1] != [right]:
            print(f"wrong: {text}: {codes[0] if codes else 'none'} ({confidence}), right would be {right}")
    facts = {}
    if path == SAMPLE and "JINLIN_REAL_LISTS" in os.environ:
        with (Path(os.environ["JINLIN_REAL_LISTS"]) / "needs.csv").open(encoding="utf-8-sig", newline="") as file:
            items = [row["物资"] for row in csv.DictReader(file)]
        assert [items[int(row["row"]) - 1] for row in csv.DictReader(SAMPLE.open(encoding="utf-8"))] == [
            t for t, _ in rows
        ]
        facts["all_needs"] = len(items)
        facts["with_a_category"] = sum(bool(contenders["jinlin"](item)[0]) for item in items)
        print(f"of all {facts['all_needs']} needs {facts['with_a_category']} get a category")
    said = {"bench": f"categories: {path.name}", "rows": results, **facts}
    print(json.dumps(said, ensure_ascii=False))
    return said


def main():
    return judge(SAMPLE)


if __name__ == "__main__":
    judge(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
