"""Queries that find what people look for, and the duty that keeps everything findable."""

from chassis.every import every
from chassis.rpc import query
from contracts.calls.resource import search as calls
from services.resource import access
from services.resource.needs.domain import Need
from services.resource.offers.domain import Offer
from services.resource.providers.domain import Provider
from services.resource.search.domain import FOUND_BY, narrowed, queries

KINDS = {"offer": Offer, "provider": Provider, "need": Need}
BATCH = 300


class Search:
    """Found by words, parts of words, pinyin and initials."""

    @query(takes=calls.SearchFor, returns=calls.FoundPage, roles=access.EVERYBODY)
    def search(self, store, text, kind, community, after, limit, **filters):
        """Find what the caller may see: by words, then parts, pinyin, initials and the category's name, each newest first."""
        partner = access.only_partner(store.caller)
        kinds = [each for each in KINDS if kind in (None, each) and not (partner and each == "need")]
        if not kinds:
            return {"items": [], "next": None}
        narrow = narrowed(
            kinds=kinds,
            communities=store.caller.communities,
            community=community,
            registered_by=store.caller.id if partner else None,
            **filters,
        )
        begin, before = after.split("_") if after else (FOUND_BY[0], None)
        ways = [each for each in queries(text, store.categories_called(text)) if FOUND_BY.index(each[0]) >= FOUND_BY.index(begin)]
        items = _found(store, ways, narrow, kind, begin, before, limit + 1)
        last = items[limit - 1] if len(items) > limit else None
        return {"items": items[:limit], "next": last and f"{last['found_by']}_{last['id']}"}

    @every(60)
    def keep_findable(self, store, now):
        """Write the entries of what was there before there were any, or was changed by other means."""
        return any([store.sweep(kind, BATCH) for kind in KINDS.values()])


def _found(store, ways, narrow, kind, begin, before, most) -> list[dict]:
    """Return the first so many that the ways find, each way's newest first.

    What is frequent is among the newest, at the price of a look at some of them; what is not is rare enough for the
    index, which has to gather all that it finds before it can say which is newest.
    """
    items, newest, seen = [], [], None
    for number, (found_by, asked) in enumerate(ways):
        begun = before if found_by == begin else None
        if number == 0 or begun != seen:
            newest, seen = store.newest([query for _, query in ways], narrow, kind=kind, before=begun), begun
        rows = [row for row in newest if row["way"] == number]
        missing = most - len(items)
        if len(rows) < missing:
            rows = store.found(f"({asked}) & {narrow}", before=begun, limit=missing)
        items += [{**row, "found_by": found_by} for row in rows[:missing]]
        if len(items) == most:
            break
    return items
