"""How Chinese characters sound: toneless pinyin, every usual reading of a character. Reads one table of a package, once."""

import json
import unicodedata
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path

READINGS = 3  # of a character; 行 is xing, hang and heng
VARIANTS = 4  # of one word's initials
WORD = 8  # characters of a word whose initials are kept
SEGMENTATIONS = 6  # of letters that can be read in several ways


@cache
def readings() -> dict[str, tuple[str, ...]]:
    """Return the toneless readings of each character, the usual one first.

    The table of pypinyin is read by itself: importing the package costs each process 56 MB for its phrases,
    which are of no use where every reading of a character counts.
    """
    table = json.loads((Path(find_spec("pypinyin").submodule_search_locations[0]) / "pinyin_dict.json").read_text())
    known, found = {}, {}
    for code, sounds in table.items():
        if 0x4E00 <= int(code) <= 0x9FFF:
            plain = dict.fromkeys(each for sound in sounds.split(",") for each in _plain(sound))
            kept = tuple(known.setdefault(sound, sound) for sound in list(plain)[:READINGS])
            if kept:
                found[chr(int(code))] = known.setdefault(kept, kept)
    return found


@cache
def syllables() -> frozenset[str]:
    return frozenset(sound for sounds in readings().values() for sound in sounds)


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(sound[:length] for sound in syllables() for length in range(1, len(sound) + 1))


def sounds_of(run: str) -> list[tuple[str, ...]]:
    """Return the readings of each character; none for one that has none."""
    table = readings()
    return [table.get(character, ()) for character in run]


def initials_of(word: str) -> list[str]:
    """Return the initials of a word, in all of its readings up to a number."""
    letters = [tuple(dict.fromkeys(sound[0] for sound in sounds)) for sounds in sounds_of(word[:WORD]) if sounds]
    variants = 1
    for place, choices in enumerate(letters):
        if variants * len(choices) > VARIANTS:
            letters[place] = choices[:1]
        variants *= len(letters[place])
    return ["".join(each) for each in product(*letters)] if letters else []


def segmentations(letters: str) -> list[list[str]]:
    """Return the ways to read letters as syllables, those with fewest first; the last may be just begun where none fits."""
    whole = sorted(_split(letters, syllables(), syllables()), key=len)[:SEGMENTATIONS]
    return whole or sorted(_split(letters, syllables(), _beginnings()), key=len)[:SEGMENTATIONS]


def _split(letters: str, inner: frozenset, last: frozenset) -> list[list[str]]:
    """Return every way to cut letters into `inner` ones and one of `last`; at each place only the shortest few go on."""
    ways: list[list[list[str]]] = [[] for _ in letters] + [[[]]]
    for start in range(len(letters) - 1, -1, -1):
        found = [[letters[start:]]] if letters[start:] in last else []
        for end in range(start + 1, min(start + 6, len(letters) - 1) + 1):
            if letters[start:end] in inner:
                found += [[letters[start:end], *rest] for rest in ways[end]]
        ways[start] = sorted(found, key=len)[:SEGMENTATIONS]
    return ways[0]


def _plain(sound: str) -> tuple[str, ...]:
    """Return a reading without its tone; ü as people type it, v and u."""
    letters = unicodedata.normalize("NFD", sound)
    if "\u0308" in letters:
        base = "".join(c for c in letters.replace("u\u0308", "v") if not unicodedata.combining(c))
        return base, base.replace("v", "u")
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return (plain,) if set(plain) & set("aeiou") and plain.isascii() else ()
