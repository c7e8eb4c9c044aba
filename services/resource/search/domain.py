"""What a text is found by, and what is looked for where somebody types something. No I/O.

A text becomes lexemes of five sorts, told apart by a capital: W a whole word, P a syllable or two that follow one
another, I the initials of what begins with a word, and without one a character, two that follow one another, or the
end of a Latin word. What a search is narrowed by is a lexeme too, in small letters of its own (kind=offer). None has a place in the text: two that overlap stand for three in a row, which is as good and
needs no look at the row.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from services.resource.search.sounds.domain import WORD, initials_of, segmentations, sounds_of, syllables

FOUND_BY = ("word", "part", "pinyin", "initials", "category")  # best first
MOST_RUNS = 8  # of what is typed
LONGEST = 24  # letters of a Latin word
_RUN = re.compile(r"([\u3400-\u9fff\U00020000-\U0003ffff]+)|([a-z0-9]+)|([^\W\d_]+)")
_SMALL_WORDS = frozenset(
    [
        "的",
        "了",
        "和",
        "与",
        "或",
        "在",
        "是",
        "有",
        "要",
        "我",
        "你",
        "他",
        "她",
        "您",
        "请",
        "个",
        "些",
        "给",
        "把",
        "为",
        "想",
        "想要",
        "需要",
        "我要",
        "我想",
        "能",
        "可以",
        "帮",
        "帮忙",
        "吗",
        "呢",
        "吧",
        "啊",
        "等",
        "及",
    ]
)


@dataclass(frozen=True)
class Entry:
    """What is known of a thing where it is searched for."""

    id: str
    kind: str
    version: int
    title: str
    words: str
    community: str
    category: str | None
    state: str
    form: str | None
    target_groups: tuple[str, ...]
    registered_by: str
    reaches: tuple[str, ...]  # the communities an offer may flow to; '' for all


def entry_of(thing) -> Entry | None:
    """Return what an offer, a provider or a need is found by: public words only; none for what is not searched for."""
    kind = type(thing).__name__.lower()
    if kind not in ("offer", "provider", "need"):
        return None
    title = thing.name if kind == "provider" else thing.title
    organisation = getattr(thing, "organisation_name", None) or ""
    group = getattr(thing, "target_group", None)
    return Entry(
        id=thing.id,
        kind=kind,
        version=thing.version,
        title=title,
        words=f"{title} {organisation}".strip() if organisation != title else title,
        community=thing.community,
        category=getattr(thing, "category", None),
        state=thing.state,
        form=getattr(thing, "form", None),
        target_groups=tuple(getattr(thing, "target_groups", ())) or ((group,) if group else ()),
        registered_by=thing.registered_by,
        reaches=(thing.serves or ("",)) if kind == "offer" else (),
    )


@lru_cache(maxsize=200)  # what is saved again has its title still
def lexemes(text: str) -> tuple[str, ...]:
    """Return everything that a text is found by."""
    found = set()
    for han, latin, other in _runs(text):
        if han:
            found |= _of_han(han)
        else:
            run = (latin or other)[:LONGEST]
            found.add("W" + run)
            found.update(run[start:] for start in range(len(run)))
    return tuple(sorted(found))


def found_by(entry: Entry) -> list[str]:
    """Return every lexeme of an entry: of its words, and of what a search is narrowed by."""
    facts = {
        "kind": entry.kind,
        "community": entry.community,
        "state": entry.state,
        "registered_by": entry.registered_by,
    }
    found = [f"{name}={value}" for name, value in facts.items()]
    found += [f"form={entry.form}"] if entry.form else []
    found += [f"reaches={community}" for community in entry.reaches]
    found += [f"group={group}" for group in entry.target_groups or ("",)]
    if entry.category:
        found += [f"category={entry.category}", f"category={entry.category.partition('.')[0]}"]
    return sorted({*lexemes(entry.words), *found})


def narrowed(*, kinds, communities=(), **filters) -> str:
    """Return the tsquery that filters are; what is for no group in particular is for each.

    Who is limited to communities finds what is there, and offers that may flow there.
    """
    parts = [[f"kind={kind}" for kind in kinds]]
    if communities:
        parts.append(["reaches=", *(f"{what}={code}" for code in communities for what in ("community", "reaches"))])
    for name, value in filters.items():
        if name == "target_group" and value:
            parts.append([f"group={value}", "group="])
        elif value:
            parts.append([f"{name}={value}"])
    return " & ".join(f"({' | '.join(map(_quoted, part))})" for part in parts)


def queries(text: str, categories: list[str] = ()) -> list[tuple[str, str]]:
    """Return (found by, tsquery) for each way to understand what was typed, the best first; each leaves out the ones before.

    All of what was typed has to be in what is found, in any order; or it is the name of these categories.
    """
    ways = [ways for run in _runs(text)[:MOST_RUNS] if (ways := _ways(*run))]
    if len(ways) > 1:
        ways = [each for each in ways if each.get("word") not in _small_lexemes()] or ways
    found, before = [], None
    for number, name in enumerate(FOUND_BY, start=1):
        parts = [[way[each] for each in FOUND_BY[:number] if each in way] for way in ways]
        if not parts or not all(parts):
            continue
        whole = " & ".join(f"({' | '.join(dict.fromkeys(part))})" for part in parts)
        if whole != before:
            found.append((name, f"{whole} & !({before})" if before else whole))
        before = whole
    if categories:
        whole = " | ".join(_quoted(f"category={code}") for code in categories)
        found.append((FOUND_BY[-1], f"({whole}) & !({before})" if before else f"({whole})"))
    return found


def words_of(text: str) -> list[str]:
    """Return the words of a text that mean something, each once, in order."""
    import rjieba  # 33 MB, where it is needed

    words = []
    for han, latin, other in _runs(text):
        words += rjieba.cut_for_search(han) if han else [latin or other]
    return [word for word in dict.fromkeys(words) if word not in _SMALL_WORDS]


def _runs(text: str) -> list[tuple[str, str, str]]:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ü", "v")
    return _RUN.findall(plain)


def _of_han(run: str) -> set[str]:
    import rjieba

    found = {*run, *(a + b for a, b in pairwise(run))}
    found.update("W" + word for word in rjieba.cut_for_search(run))
    sounds = sounds_of(run)
    found.update("P" + sound for each in sounds for sound in each)
    found.update(f"P{a}-{b}" for first, second in pairwise(sounds) for a, b in product(first, second))
    start = 0
    for word in rjieba.cut(run):
        found.update("I" + initials for initials in initials_of(run[start : start + WORD]))
        start += len(word)
    return found


def _ways(han: str, latin: str, other: str) -> dict[str, str]:
    """Return the tsquery for a run in each way that it can be understood."""
    if han:
        import rjieba

        words = list(rjieba.cut(han))
        words = [word for word in words if word not in _SMALL_WORDS] or words
        parts = [a + b for a, b in pairwise(han)] or [han]
        return {"word": _all("W" + word for word in words), "part": _all(parts)}
    run = (latin or other)[:LONGEST]
    ways = {"word": _quoted("W" + run), "part": _quoted(run) + ":*"}
    if run.isascii() and run.isalpha():
        if read := segmentations(run):
            ways["pinyin"] = f"({' | '.join(map(_sounding, read))})"
        if not set(run) & set("iuv"):
            ways["initials"] = _quoted("I" + run[:WORD]) + ":*"
        if len(run) == 1:
            ways.pop("pinyin", None)  # a letter alone is an initial
    return ways


def _sounding(sounds: list[str]) -> str:
    begun = "" if sounds[-1] in syllables() else ":*"
    pairs = [f"P{a}-{b}" for a, b in pairwise(sounds)] or ["P" + sounds[0]]
    return f"({_all(pairs)}{begun})"


def _all(words) -> str:
    return " & ".join(map(_quoted, words))


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


@lru_cache(maxsize=1)
def _small_lexemes() -> frozenset[str]:
    return frozenset(_quoted("W" + word) for word in _SMALL_WORDS)
