"""Who may see and change what in the resource library."""

from contracts.errors import Invalid, NotFound

STAFF = ("social_worker", "community_staff", "office")
PROVIDERS = (*STAFF, "partner")
OPERATORS = ("operator", "office")
EVERYBODY = (*PROVIDERS, "operator")


def mine(store, kind, id):
    """Return a thing that the caller may change, locked. Raises NotFound, Forbidden."""
    thing = store.lock(kind, id)
    if thing is None or (only_partner(store.caller) and not may_touch(store.caller, thing)):
        raise NotFound(f"unknown_{kind.__name__.lower()}", "id")
    store.caller.must_see(thing.community)
    return thing


def seen(store, kind, id) -> dict:
    """Return a thing as it is shown to the caller. Raises NotFound, Forbidden."""
    row = store.view(kind, id)
    if row is None or (only_partner(store.caller) and row["registered_by"] != store.caller.id):
        raise NotFound(f"unknown_{kind.__name__.lower()}", "id")
    if not _may_flow(row, store.caller.communities):
        store.caller.must_see(row["community"])
    return row


def _may_flow(row: dict, communities) -> bool:
    """Tell whether something is an offer that may flow to one of these communities, who may see it therefore."""
    return "form" in row and (not row["serves"] or bool(set(row["serves"]) & set(communities)))


def page(store, kind, filters) -> dict:
    """Return a page of the things that the caller may see."""
    own = store.caller.id if only_partner(store.caller) else None
    return store.page_of(kind, communities=store.caller.communities, registered_by=own, **filters)


def only_partner(caller) -> bool:
    """Tell whether a caller is a partner and nothing more, who sees what they registered themselves."""
    return not set(caller.roles) & {*STAFF, "operator"}


def may_touch(caller, thing) -> bool:
    return not only_partner(caller) or thing.registered_by == caller.id


def known_community(store, code: str, field: str = "community") -> str:
    """Return a community's name. Raises Invalid for one that is not there, Forbidden for another's."""
    name = store.communities().get(code)
    if name is None:
        raise Invalid("unknown_community", field)
    if field == "community":
        store.caller.must_see(code)
    return name


def known_category(store, code: str) -> str:
    """Return a category's name. Raises Invalid for one that is not there, and for a group."""
    category = store.category_to_use(code)
    if category is None or category["parent"] is None:
        raise Invalid("unknown_category", "category")
    return category["name"]
