"""Who posts, for the cases of every POST."""

from dataclasses import dataclass
from functools import cached_property

from tests.flows.people import Person, unique
from tests.station import DEMO_PASSWORD


@dataclass
class People:
    """Who posts; made anew for each case, so that a newcomer has done nothing before."""

    station: object
    worker: Person
    office: Person
    partner: Person
    operator: Person

    @cached_property
    def newcomer(self) -> Person:
        """A social worker of this case alone, whose claims nobody else's count against."""
        name = self.operator.post("/api/users", a_user("social_worker"))["username"]
        return Person(self.station, name)


def a_user(role: str) -> dict:
    return {"username": f"u{unique()}", "password": DEMO_PASSWORD, "display_name": "新人", "roles": [role]}
