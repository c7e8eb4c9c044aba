"""Commands and queries about categories and communities, and the duties that tell of them and learn."""

from collections import Counter
from functools import lru_cache

import msgspec

from chassis.every import every
from chassis.rpc import command, query
from contracts.calls.resource import words as calls
from contracts.errors import Conflict, Invalid
from contracts.fields import Paging
from contracts.resource import CategoryChanged, CommunityChanged
from contracts.words import Thing
from services.resource import access
from services.resource.search.domain import words_of
from services.resource.words.domain import Vocabulary

BATCH = 200
LINKS = ("related", "things")


class Words:
    """Words that operators edit."""

    @query(takes=Paging, returns=calls.CategoryPage, roles=access.EVERYBODY)
    def list_categories(self, store, after, limit):
        return {"items": store.categories(), "next": None}

    @query(takes=calls.CategoryCode, returns=calls.CategoryView, roles=access.EVERYBODY)
    def get_category(self, store, code):
        """Return a category with its things."""
        found = store.category(code)
        if found is None:
            raise Invalid("unknown_category", "code")
        return found

    @command(takes=calls.NewCategory, returns=calls.CategoryView, roles=access.OPERATORS)
    def create_category(self, store, code, name, synonyms, **named):
        """Add a category, or give one that is there another name and synonyms and, where named, other links and things."""
        store.lock_words()
        parent = code.rpartition(".")[0] or None
        if code.count(".") > 1 or (parent and store.category(parent) is None):
            raise Invalid("unknown_parent_category", "code")
        before = store.category(code) or {"related": [], "things": []}
        facts = {"parent": parent, "name": name, "synonyms": synonyms, **{each: before[each] for each in LINKS}}
        return _kept_category(store, code, facts | named)

    @command(takes=calls.CategoryChange, returns=calls.CategoryView, roles=access.OPERATORS)
    def change_category(self, store, code, version, **changes):
        store.lock_words()
        before = _seen(store.category(code), version, "unknown_category")
        facts = {name: before[name] for name in ("parent", "name", "synonyms", *LINKS)}
        return _kept_category(store, code, facts | changes)

    @command(takes=calls.CategoryRemoval, returns=calls.CategoryView, roles=access.OPERATORS)
    def delete_category(self, store, code, version):
        """Delete a category that nothing is filed under; return it as it was. Raises Conflict."""
        store.lock_words()
        before = _seen(store.category(code), version, "unknown_category")
        if not store.delete_category(code):
            raise Conflict("category_in_use", "code")
        _tell(store)
        return before

    @query(takes=calls.Suggest, returns=calls.SuggestedCategories, roles=access.EVERYBODY)
    def suggest_category(self, store, text):
        """Say which categories somebody's own words may mean; a person decides."""
        words = words_of(text)
        vocabulary = _vocabulary(msgspec.json.encode(store.categories_whole()))
        return {"items": vocabulary.suggest(text, words, store.decided(words))}

    @query(takes=Paging, returns=calls.CommunityPage, roles=access.EVERYBODY)
    def list_communities(self, store, after, limit):
        return {"items": store.communities_whole(), "next": None}

    @command(takes=calls.NewCommunity, returns=calls.CommunityView, roles=access.OPERATORS)
    def create_community(self, store, code, name, neighbours=None):
        """Add a community, or rename one that is there and, where named, give it other neighbours."""
        store.lock_words()
        before = store.community(code) or {"neighbours": []}
        return _kept_community(store, code, name, before["neighbours"] if neighbours is None else neighbours)

    @command(takes=calls.CommunityChange, returns=calls.CommunityView, roles=access.OPERATORS)
    def change_community(self, store, code, version, **changes):
        store.lock_words()
        facts = _seen(store.community(code), version, "unknown_community") | changes
        return _kept_community(store, code, facts["name"], facts["neighbours"])

    @every(60)
    def tell_words(self, store, now):
        """Tell of the words that a station starts with, which came without events."""
        store.lock_words()
        return _tell(store)

    @every(60)
    def learn_categories(self, store, now):
        """Count the words of the titles that people have filed since."""
        titles = store.take_decided_titles(BATCH)
        counts = Counter()
        for each in titles:
            for word in ("", *words_of(each["title"])):
                counts[word, each["category"]] += each["times"]
        if counts:
            store.count_words(counts)
        return len(titles) == BATCH


@lru_cache(maxsize=2)
def _vocabulary(categories: bytes) -> Vocabulary:
    """Return the words of a table of categories, put in order once while nobody edits it."""
    return Vocabulary(msgspec.json.decode(categories))


def _kept_category(store, code, facts):
    known = {row["code"] for row in store.categories() if row["parent"]}
    if not set(facts["related"]) <= known - {code}:
        raise Invalid("unknown_related_category", "related")
    store.save_category(code, **facts | {"synonyms": list(dict.fromkeys(facts["synonyms"]))})
    _tell(store)
    return store.category(code)


def _kept_community(store, code, name, neighbours):
    if store.community_named(name) not in (None, code):
        raise Conflict("community_name_taken", "name")
    if not set(neighbours) <= set(store.communities()) - {code}:
        raise Invalid("unknown_neighbour", "neighbours")
    store.save_community(code, name, neighbours)
    _tell(store)
    return store.community(code)


def _seen(row, version, slug):
    if row is None:
        raise Invalid(slug, "code")
    if row["version"] != version:
        raise Conflict("stale_version", "version", current=row["version"])
    return row


def _tell(store) -> bool:
    """Tell of every word as it is now that nobody was told of; return whether more is waiting."""
    categories, communities = store.untold("category", BATCH), store.untold("community", BATCH)
    store.publish(*(_category_event(row) for row in categories), *(_community_event(row) for row in communities))
    return BATCH in (len(categories), len(communities))


def _category_event(row):
    lists = {name: tuple(row[name]) for name in ("synonyms", "related")}
    things = tuple(Thing(name=each["name"], words=tuple(each["words"])) for each in row["things"])
    return CategoryChanged(
        version=row["version"], code=row["code"], parent=row["parent"] or "", name=row["name"], things=things, **lists
    )


def _community_event(row):
    return CommunityChanged(
        version=row["version"], code=row["code"], name=row["name"], neighbours=tuple(row["neighbours"])
    )
