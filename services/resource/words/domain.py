"""Which category somebody's own words may mean, from the words of the table and from what people decided before. No I/O.

Four things speak for a category, each as a chance between 0 and 1: its name, the synonyms that are in the text (a longer
one hides the shorter ones within it), characters in common with its words, and how people filed titles with the same
words (naive Bayes). They are put together as chances that are independent, and lowered by the strongest rival.
"""

import math
import unicodedata
from collections import defaultdict
from itertools import pairwise

MOST = 3
LEAST = 8  # what is less likely is not worth a look
SYNONYM = {1: 0.30, 2: 0.62, 3: 0.76, 4: 0.84}  # by its length
LONG_SYNONYM, WHOLE_SYNONYM, NAME = 0.88, 0.95, 1.0
ALIKE = 0.45  # at most, for characters in common
LEARNT = 0.90  # at most, for what people decided before
HALF_SURE = 3  # decisions after which half of that counts
FEW = 20  # titles, beside which one category may have most without meaning much
RIVAL = 0.6


class Vocabulary:
    """The words of a table of categories."""

    def __init__(self, categories: list[dict]):
        """Take rows with code, parent, name, synonyms and things, each of these with a name and words."""
        self._names = {category["code"]: category["name"] for category in categories if category["parent"]}
        self._by_start: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)  # word, code, whether it is the name
        self._by_pair: dict[str, set[str]] = defaultdict(set)
        for category in categories:
            code = category["code"]
            if code not in self._names:
                continue
            for number, word in enumerate(dict.fromkeys(map(_plain, _words_of(category)))):
                self._by_start[word[:1]].append((word, code, number == 0))
                for a, b in pairwise(word):
                    self._by_pair[a + b].add(code)

    def suggest(self, text: str, words: list[str], decided: dict | None = None) -> list[dict]:
        """Return up to three categories that a text may mean: code, name, confidence (0 to 100), the words that spoke for it.

        `words` are those of the text; `decided` says how often people filed what has a word under which category,
        with every title counted under ''.
        """
        plain = _plain(text)
        chances, reasons = defaultdict(list), defaultdict(list)
        for hit in self._hits(plain, words):
            chances[hit.code].append(hit.chance)
            reasons[hit.code].append(hit.word)
        for code, chance, said in (*self._alike(plain), *_learnt(words, decided or {}, self._names)):
            chances[code].append(chance)
            reasons[code] += said
        likely = {code: 1 - math.prod(1 - chance for chance in each) for code, each in chances.items()}
        first = {code: min(map(plain.find, reasons[code]), default=0) for code in likely}
        ranked = sorted(likely, key=lambda code: (-likely[code], first[code], code))
        found = []
        for place, code in enumerate(ranked[:MOST]):
            rival = likely[ranked[1 if place == 0 else 0]] if len(ranked) > 1 else 0
            confidence = round(100 * likely[code] ** 2 / (likely[code] + RIVAL * rival))
            if confidence >= LEAST:
                spoke = list(dict.fromkeys(reasons[code]))[:5]
                found.append({"code": code, "name": self._names[code], "confidence": confidence, "words": spoke})
        return found

    def _hits(self, text: str, words: list[str]) -> list["_Hit"]:
        found = {}
        for start, character in enumerate(text):
            for word, code, is_name in self._by_start.get(character, ()):
                if not text.startswith(word, start):
                    continue
                # One character says something only as a word of its own, or as what the whole is: 帽 in 医用帽.
                if len(word) == 1 and word not in words and not text.endswith(word):
                    continue
                chance = SYNONYM.get(len(word), LONG_SYNONYM)
                if word == text:
                    chance = NAME if is_name else WHOLE_SYNONYM
                found.setdefault((word, code), _Hit(start, word, code, chance))
        return [hit for hit in found.values() if not any(other.hides(hit) for other in found.values())]

    def _alike(self, text: str):
        """Yield (code, chance, words) for categories whose words have pairs of characters in common with the text."""
        pairs = {a + b for a, b in pairwise(text) if (a + b).isalnum()}
        of = defaultdict(list)
        for pair in sorted(pairs, key=text.find):
            for code in self._by_pair.get(pair, ()):
                of[code].append(pair)
        for code, common in of.items():
            share = sum(1 / len(self._by_pair[pair]) for pair in common) / math.sqrt(len(pairs))
            yield code, min(ALIKE, ALIKE * share), common


class _Hit:
    """A word of a category's in the text."""

    def __init__(self, start: int, word: str, code: str, chance: float):
        self.start, self.end, self.word, self.code, self.chance = start, start + len(word), word, code, chance

    def hides(self, other) -> bool:
        """Tell whether the other is only a part of this one."""
        return self.start <= other.start and other.end <= self.end and len(self.word) > len(other.word)


def _learnt(words: list[str], decided: dict[str, dict[str, int]], known_codes):
    """Yield (code, chance, words) for categories under which people filed titles with these words."""
    titles = {code: times for code, times in decided.get("", {}).items() if code in known_codes}
    known = [word for word in words if word in decided]
    if not known or not titles:
        return
    total = sum(titles.values())
    log = {
        code: math.log(times / total) + sum(math.log((decided[w].get(code, 0) + 0.1) / (times + 1)) for w in known)
        for code, times in titles.items()
    }
    top = max(log.values())
    shares = {code: math.exp(value - top) for code, value in log.items()}
    for code, share in shares.items():
        said = {
            word: decided[word][code] / sum(decided[word].values()) - titles[code] / (total + FEW)
            for word in known
            if code in decided[word]
        }
        times = sum(decided[word][code] * more for word, more in said.items() if more > 0)
        if times > 0:
            chance = LEARNT * share / sum(shares.values()) * times / (times + HALF_SURE)
            yield code, chance, [word for word, more in said.items() if more > 0]


def _words_of(category: dict):
    yield category["name"]
    yield from category["synonyms"]
    for thing in category["things"]:
        yield thing["name"]
        yield from thing["words"]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
