"""Looking for what may be there twice; what is found is kept as pairs, and nothing else happens."""

from datetime import datetime

from services.resource.duplicates import domain
from services.resource.ids import new_id
from services.resource.private.domain import unseal


def seek_for_client(store, keyring, id: str) -> None:
    """Flag who may be the same as a client."""
    found = store.near_client(id)
    mine = _own(found, id)
    if mine is None:
        return
    for row in store.like_client(id, domain.MOST_PAIRS):
        _flag(store, "client", mine, row, row["reason"], 100)
    people = {row["id"]: unseal(keyring, f"client/{row['id']}", row) for row in found}
    near = [
        (likeness, row)
        for row in found
        if row["id"] != id and (likeness := domain.likeness_of_people(people[id], people[row["id"]])) is not None
    ]
    for likeness, row in _most_alike(near):
        _flag(store, "client", mine, row, "near_name_and_address", likeness)


def seek_for_need(store, id: str, now: datetime) -> None:
    """Flag what may be the same as a need."""
    found = store.near_need(id, now - domain.WITHIN)
    mine = _own(found, id)
    if mine is None:
        return
    near = [
        (likeness, row)
        for row in found
        if row["id"] != id and (likeness := domain.likeness_of_texts(mine["text_key"], row["text_key"])) is not None
    ]
    for likeness, row in _most_alike(near):
        _flag(store, "need", mine, row, "same_text", likeness)


def _own(found, id):
    return next((row for row in found if row["id"] == id), None)


def _most_alike(near):
    return sorted(near, key=lambda pair: (-pair[0], pair[1]["id"]))[: domain.MOST_PAIRS]


def _flag(store, kind, mine, row, reason, likeness) -> None:
    one, other = sorted((mine["id"], row["id"]))
    communities = sorted({mine["community"], row["community"]})
    pair = {
        "kind": kind,
        "one": one,
        "other": other,
        "reason": reason,
        "likeness": likeness,
        "communities": communities,
    }
    store.add_duplicate(new_id(), pair)
