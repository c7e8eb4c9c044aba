"""Which things of which categories a title speaks of, by the words that people use for them. No I/O."""

from collections import defaultdict

from services.matching.suggestions.words import words_of

START = 2  # characters that a word begins with, by which it is found; shorter ones say too little
_OF = " "  # between a category and its thing; no word of a title has one


class Things:
    """The things of all categories."""

    def __init__(self, categories: list[dict]):
        """Take rows with `code` and `things`, each with a name and words."""
        self._words: dict[str, list[str]] = {}
        self._by_start: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for category in categories:
            for thing in category["things"]:
                words = dict.fromkeys(word.lower() for word in (thing["name"], *thing["words"]) if len(word) >= START)
                token = category["code"] + _OF + thing["name"]
                self._words[token] = [*words]
                for word in words:
                    self._by_start[word[:START]].append((word, token))
        for found in self._by_start.values():
            found.sort(key=lambda each: -len(each[0]))

    def named_in(self, title: str) -> set[str]:
        """Return a token for each thing that a title names; a word within a longer one names nothing of its own."""
        title, named, end = title.lower(), set(), 0
        for at in range(len(title) - START + 1):
            longest = 0
            for word, token in self._by_start.get(title[at : at + START], ()):
                if len(word) < longest:
                    break
                if at + len(word) > end and title.startswith(word, at):
                    longest = len(word)
                    named.add(token)
            end = max(end, at + longest)
        return named

    def words_for(self, title: str, most: int) -> tuple[str, ...]:
        """Return the tokens of other titles that name the same things by their first words, so many of each."""
        words = [word for token in sorted(self.named_in(title)) for word in self._words[token][:most]]
        return tuple(dict.fromkeys(token for word in words for token in words_of(word)))


def is_thing(token: str) -> bool:
    """Tell whether a token stands for a thing."""
    return _OF in token
