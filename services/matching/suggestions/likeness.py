"""How alike two titles are, by their words: no model, no download.

A title becomes a set of tokens: the words that jieba finds in it, without the empty ones, every two characters
that stand beside each other, and every character; what stands in brackets is left out. A word that is a synonym of a
category stands for the category as well, and the words of one of its things stand for that thing, so that two words
for one thing meet, and a trouble meets what helps: 冻醒 and 棉被. The likeness of two sets is their
cosine, each token weighed by how rare it is in the titles of the library (idf, learnt by a duty and kept in
`word_counts`); it is 1 for the same tokens and 0 for none in common.

Cost: rjieba's dictionary takes about 33 MB of a process, and only of one that cuts words; the counts at most
MOST_WORDS words, about 5 MB, and the meanings of MOST_MEANINGS titles, about 15 MB; each offer and need keeps its
tokens in its row, about 100 bytes. To compare a pair takes 2 to 3 microseconds.
"""

import math
from functools import lru_cache

from services.matching.suggestions.things import Things, is_thing
from services.matching.suggestions.words import EMPTY, is_pair, words_of

MOST_WORDS = 50_000
MOST_MEANINGS = 5_000  # titles that are known by heart: the same offers come into question again and again
FEW, MOST_LOOKED_UP = 1, 30
FEWEST_TITLES = 500  # a smaller library does not say what is rare
_WEAK = 0.5  # two characters that are no word say less than a word
_CHARACTER = 0.5  # as does one character: 米 in 米缸 and 大米
_THING = 3  # what is meant says more than how it is said


class Lexicon:
    """What words are worth: how rare they are, and for which category they stand."""

    def __init__(self, counts: dict[str, int], titles: int, synonyms: dict[str, tuple[str, ...]], things: Things):
        self.counts, self.titles = counts, max(FEWEST_TITLES, titles)
        self._stands_for = {word.lower(): "#" + code for code, words in synonyms.items() for word in words}
        self._things = things
        self._weights = _Weights(self._weigh)
        self.meaning = lru_cache(MOST_MEANINGS)(self._meaning)
        self._in_titles: dict[str, int] = {}  # how many have a character, at least
        for word, offers in counts.items():
            for character in word:
                self._in_titles[character] = max(offers, self._in_titles.get(character, 0))

    def _weigh(self, token: str) -> float:
        counts, share = (self._in_titles, _CHARACTER) if len(token) == 1 else (self.counts, 1)
        rarity = math.log(1 + self.titles / (1 + counts.get(token, 0)))
        return rarity * rarity * (_THING if is_thing(token) else _WEAK if is_pair(token) else share)

    def _meaning(self, title: str, words: tuple[str, ...]) -> "Meaning":
        """Return a title's tokens with what they stand for, ready to be compared with many."""
        stands_for = self._stands_for
        tokens = {*words, *"".join(words), *[stands_for[word] for word in words if word in stands_for]} - EMPTY
        tokens |= self._things.named_in(title)
        return Meaning(frozenset(tokens), sum(map(self._weights.__getitem__, tokens)))

    def rarest(self, words: tuple[str, ...], most: int) -> list[str]:
        """Return the tokens to look others up by, the one that says most first: so many, and all that few titles have.

        What is in no title that was counted costs next to nothing to look up, and takes no place from what is.
        """
        ranked = sorted(words, key=lambda word: (-self._weights[word], word))
        few = [word for word in ranked if self.counts.get(word, 0) <= FEW][:MOST_LOOKED_UP]
        return few + [word for word in ranked if word not in few][:most]

    def likeliest(self, words: tuple[str, ...], most: int) -> list[str]:
        """Return the tokens to look others up by that are all as good: those that titles have first, the rarest of them."""
        return sorted(words, key=lambda word: (word not in self.counts, -self._weights[word], word))[:most]

    def likeness(self, one: "Meaning", other: "Meaning") -> float:
        """Return how alike two titles are, 0 to 1."""
        common = one.tokens & other.tokens
        if not common:
            return 0.0
        return min(1.0, sum(map(self._weights.__getitem__, common)) / math.sqrt(one.size * other.size))


class _Weights(dict):
    """The square of what each token weighs, worked out when it is first asked for."""

    def __init__(self, weigh):
        super().__init__()
        self._weigh = weigh

    def __missing__(self, token):
        if len(self) > 2 * MOST_WORDS:
            self.clear()
        self[token] = found = self._weigh(token)
        return found


class Meaning:
    """The tokens of a title and the sum of their weights."""

    __slots__ = ("size", "tokens")

    def __init__(self, tokens: frozenset[str], size: float):
        self.tokens, self.size = tokens, size


def likeness(one: str, other: str) -> float:
    """Return how alike two titles are, 0 to 1, as far as can be said without a library."""
    lexicon = Lexicon({}, 0, {}, Things([]))
    return lexicon.likeness(lexicon.meaning(one, words_of(one)), lexicon.meaning(other, words_of(other)))
