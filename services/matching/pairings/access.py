"""Who may see and change which pairing."""

from contracts.errors import Conflict, NotFound
from services.matching.access import is_staff


def seen(store, id) -> dict:
    """Return a pairing as it is shown to the caller. Raises NotFound, Forbidden."""
    row = store.pairing(id)
    if row is None or not (is_staff(store.caller) or helps(store.caller, row["helpers"])):
        raise NotFound("unknown_pairing", "id")
    if is_staff(store.caller):
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
    if is_staff(store.caller):
        return {"communities": store.caller.communities, "only_of": None}
    return {"communities": (), "only_of": store.caller.id}


def helps(caller, helpers) -> bool:
    """Tell whether a caller is one of the helpers, or registered the provider that one is."""
    return any(one["account"] == caller.id for one in helpers)


def must_be_writable(store, client_id: str, **written) -> None:
    """Raise Conflict where somebody writes about a person who withdrew consent."""
    field = next((name for name, value in written.items() if value), None)
    if field and store.client(client_id).forgotten:
        raise Conflict("consent_withdrawn", field)
