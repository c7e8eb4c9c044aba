"""Commands and queries about what may be there twice."""

from datetime import UTC, datetime

from chassis.every import every
from chassis.rpc import command, query
from contracts.calls.resource import duplicates as calls
from contracts.errors import NotFound
from services.resource import access
from services.resource.duplicates import domain, merging
from services.resource.duplicates.seek import seek_for_client, seek_for_need
from services.resource.ids import new_id

A_ROUND = 50


class Duplicates:
    """Two clients or two needs that may be one; a person decides, nothing waits for it."""

    @query(takes=calls.DuplicateFilter, returns=calls.DuplicatePage, roles=access.STAFF)
    def list_duplicates(self, store, **filters):
        found = store.duplicates(communities=store.caller.communities, **filters)
        return {**found, "items": _shown(store, found["items"])}

    @command(takes=calls.Merge, returns=calls.DuplicateView, roles=access.STAFF)
    def merge_duplicate(self, store, id, keep):
        """Make two one: all that is one's becomes the other's, or one of two needs is withdrawn."""
        duplicate = _decidable(store, id)
        kept, gone = domain.sides(duplicate, keep)
        domain.must_be_open(duplicate)
        effects = merging.MERGE[duplicate["kind"]](store, kept, gone)
        domain.must_be_open(store.duplicate(id, lock=True))  # nobody decided while the two were waited for
        store.add_merge(new_id(), duplicate["kind"], kept, gone, effects, store.caller.id)
        return _one(store, id)

    @command(returns=calls.DuplicateView, roles=access.STAFF)
    def dismiss_duplicate(self, store, id):
        """Note that two are two, whatever the reason was to think otherwise; nobody is asked again."""
        _decidable(store, id)
        duplicate = store.duplicate(id, lock=True)
        domain.must_be_open(duplicate)
        store.decide_pair(duplicate["one"], duplicate["other"], "dismissed", store.caller.id)
        return _one(store, id)

    @command(returns=calls.DuplicateView, roles=access.STAFF)
    def undo_merge(self, store, id):
        """Make two of one again, within a week: each has what was theirs."""
        duplicate = _decidable(store, id)
        merge = store.merge_of(duplicate)
        domain.must_be_undoable(duplicate, merge, datetime.now(UTC))
        merging.PART[merge["kind"]](store, str(merge["kept"]), str(merge["gone"]), merge["effects"])
        store.undo_merge(merge, store.caller.id)
        return _one(store, id)

    @every(10)
    def seek_duplicates(self, store, now):
        """Look for what is like what is new; also for what was entered at the same moment, or in a list."""
        clients = store.unsought("client", A_ROUND)
        for id in clients:
            seek_for_client(store, self.keyring, id)
        store.sought("client", clients)
        needs = store.unsought("need", A_ROUND)
        for id in needs:
            seek_for_need(store, id, now)
        store.sought("need", needs)
        return A_ROUND in (len(clients), len(needs))


def _decidable(store, id) -> dict:
    """Return a pair of which the caller may see both. Raises NotFound, Forbidden."""
    duplicate = store.duplicate(id)
    if duplicate is None:
        raise NotFound("unknown_duplicate", "id")
    for side in store.sides(duplicate["kind"], [duplicate["one"], duplicate["other"]]).values():
        store.caller.must_see(side["community"])
    return duplicate


def _one(store, id) -> dict:
    return _shown(store, [store.duplicate(id)])[0]


def _shown(store, duplicates: list[dict]) -> list[dict]:
    """Return pairs with what may be shown of both."""
    sides = {}
    for kind in ("client", "need"):
        ids = [row[side] for row in duplicates if row["kind"] == kind for side in ("one", "other")]
        sides |= store.sides(kind, ids) if ids else {}
    return [{**row, "one": sides[row["one"]], "other": sides[row["other"]]} for row in duplicates]
