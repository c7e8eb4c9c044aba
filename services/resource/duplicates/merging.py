"""Two become one, and two again: what moves, what is told."""

from contracts.errors import Conflict
from contracts.resource import ClientChanged, NeedChanged
from services.resource.clients import domain as clients
from services.resource.clients.domain import Client, client_event
from services.resource.clients.register import must_agree
from services.resource.needs import domain as needs
from services.resource.needs.domain import Need, need_event
from services.resource.needs.service import withdraw


def merge_clients(store, kept_id: str, gone_id: str) -> dict:
    """Make everything of one client another's; return what has to be put back where this is undone."""
    kept, gone = _both(store, Client, kept_id, gone_id)
    clients.must_be_active(kept)
    clients.must_be_active(gone)
    moved = store.needs_of_client(gone_id)
    _assign(store, moved, kept)
    effects = {
        "needs": [need.id for need in moved],
        "consents": store.move_consents(gone_id, kept_id),
        "assessments": store.move_assessments(gone_id, kept_id),
    }
    must_agree(store, kept, moved, "keep")  # a guardian's consent may just have moved
    _keep_client(store, clients.merge(gone, kept_id))
    return effects


def part_clients(store, kept_id: str, gone_id: str, effects: dict) -> None:
    """Give a client back what was theirs and was not made somebody else's since. Raises Conflict."""
    kept, gone = _both(store, Client, kept_id, gone_id)
    clients.must_be_active(kept)
    gone = clients.unmerge(gone)
    theirs = set(effects["needs"])
    _assign(store, [need for need in store.needs_of_client(kept_id) if need.id in theirs], gone)
    store.move_consents(kept_id, gone_id, effects["consents"])
    store.return_assessments(gone_id, effects["assessments"])
    _keep_client(store, gone)


def merge_needs(store, kept_id: str, gone_id: str) -> dict:
    """Withdraw one of two needs that are the same; return what has to be put back where this is undone."""
    kept, gone = _both(store, Need, kept_id, gone_id)
    if kept.state in ("cancelled", "lapsed"):
        raise Conflict("kept_need_is_closed", "keep")
    withdraw(store, [gone], "merged")
    return {"state": gone.state}


def part_needs(store, kept_id: str, gone_id: str, effects: dict) -> None:
    """Look after a need again as before, with what was delivered meanwhile. Raises Conflict."""
    client_id = store.client_of_need(gone_id)
    if client_id:
        clients.must_be_active(store.lock(Client, client_id))
    _, gone = _both(store, Need, kept_id, gone_id)
    if (gone.state, gone.closed_because) != ("cancelled", "merged"):
        raise Conflict("duplicate_not_merged")
    names = store.communities()[gone.community], store.category(gone.category)["name"]
    need, events = needs.changed_events(gone, needs.reopen(gone, effects["state"]), names)
    store.save(need)
    store.publish(*events)


MERGE = {"client": merge_clients, "need": merge_needs}
PART = {"client": part_clients, "need": part_needs}


def _both(store, kind, kept_id: str, gone_id: str) -> tuple:
    """Return both of a pair, locked; always in the order of their ids, so that no two wait for each other."""
    things = {id: store.lock(kind, id) for id in sorted((kept_id, gone_id))}
    return things[kept_id], things[gone_id]


def _assign(store, found: list[Need], client: Client) -> None:
    names, categories = store.communities(), {row["code"]: row["name"] for row in store.categories()}
    for need in found:
        need = needs.assign(need, client.id, client.kind)
        store.save(need)
        if need.state in needs.LIVE:
            store.publish(need_event(NeedChanged, need, names[need.community], categories[need.category]))


def _keep_client(store, client: Client) -> None:
    store.save(client)
    store.publish(client_event(ClientChanged, client))
