"""The demonstration station's sign-ins: one for each role, with the role as the username."""

from services.gateway.identity import Identity

PEOPLE = {
    "social_worker": ("林晓", []),
    "community_staff": ("陈燕", ["jiangtou"]),
    "office": ("王敏", []),
    "partner": ("益民便利店", []),
    "operator": ("周健", []),
}


def seed(identity: Identity, password: str) -> list[str]:
    """Add the demonstration users that are missing and return their usernames; those that are there stay as they are."""
    return [
        role
        for role, (name, communities) in PEOPLE.items()
        if identity.add_missing(
            {"username": role, "display_name": name, "roles": [role], "communities": communities}, password
        )
    ]
