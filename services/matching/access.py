"""Who may see and change what in matching."""

STAFF = ("social_worker", "community_staff", "office")
EVERYBODY = (*STAFF, "partner")
OPERATORS = ("operator", "office")
READERS = (*STAFF, "operator")


def is_staff(caller) -> bool:
    """Tell whether a caller is of the station; a partner and nothing more sees what is their own."""
    return bool(set(caller.roles) & set(STAFF))
