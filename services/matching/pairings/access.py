"""Who may see and change which pairing."""

from contracts.errors import Conflict, NotFound

STAFF = ("social_worker", "community_staff", "office")
HELPERS = (*STAFF, "partner")


def only_helper(caller) -> bool:
    """Tell whether a caller is a partner and nothing more, who sees the pairings in which they help."""
    return not set(caller.roles) & set(STAFF)


def seen(store, id) -> dict:
    """Return a pairing as it is shown to the caller. Raises NotFound, Forbidden."""
    row = store.pairing(id)
    if row is None or (only_helper(store.caller) and not helps(store.caller, row["helpers"])):
        raise NotFound("unknown_pairing", "id")
    if not only_helper(store.caller):
        store.caller.must_see(row["community"])
    return row


def mine(store, id):
    """Return a pairing that the caller may change, locked. Raises NotFound, Forbidden."""
    seen(store, id)
    return store.lock_pairing(id)


def seen_visit(store, id) -> dict:
    """Return a visit as it is shown to the caller. Raises NotFound, Forbidden."""
    row = store.visit(id)
    if row is None:
        raise NotFound("unknown_visit", "id")
    seen(store, row["pairing_id"])
    return row


def filters(store) -> dict:
    """Return which pairings and visits the caller may see, as the lists take it."""
    if only_helper(store.caller):
        return {"communities": (), "only_of": store.caller.id}
    return {"communities": store.caller.communities, "only_of": None}


def helps(caller, helpers) -> bool:
    return any(one["helper"] == caller.id for one in helpers)


def must_be_writable(store, client_id: str, **written) -> None:
    """Raise Conflict where somebody writes about a person who withdrew consent."""
    field = next((name for name, value in written.items() if value), None)
    if field and store.client(client_id).forgotten:
        raise Conflict("consent_withdrawn", field)
