"""A small service of the tests' own, for what the chassis promises: it counts, and fails or dies when told to."""

import os

from marshmallow import fields
from nameko.extensions import DependencyProvider  # noqa: F401  (what a service module imports)

from chassis.database import Store
from chassis.dependencies import Database
from chassis.listen import listen
from chassis.rpc import command, query
from contracts.base import Event, event
from contracts.errors import Conflict
from contracts.fields import Call, Count, Text, View

TABLES = """
    CREATE TABLE seen (n bigint GENERATED ALWAYS AS IDENTITY, subject text NOT NULL, version int NOT NULL);
    CREATE TABLE made (name text PRIMARY KEY, amount int NOT NULL CHECK (amount < 1000));
"""


@event("things", "thing.happened.v1", subject="thing_id", public=False)
class ThingHappened(Event):
    """Something happened."""

    thing_id: str
    what: str = "fine"


@event("things", "thing.followed.v1", subject="thing_id", public=False, heard=False)
class ThingFollowed(Event):
    """Something followed."""

    thing_id: str


class Boom(Exception):
    pass


class NewThing(Call):
    name = Text(required=True, most=20)
    amount = Count(required=True)


class ThingView(View):
    name = fields.String(required=True)
    amount = fields.Integer(required=True)


class ThingsService:
    """Counts what happens."""

    name = "things"

    db = Database(Store)

    @listen(ThingHappened)
    def on_thing_happened(self, event, store):
        if event.what == "dies":
            os._exit(9)
        store.insert("seen", subject=event.thing_id, version=event.version)
        store.publish(ThingFollowed(version=event.version, thing_id=event.thing_id))
        if event.what == "fails" or (event.what == "fails until told" and not os.environ.get("TOLD")):
            raise Boom("13800138000")

    @command(takes=NewThing, returns=ThingView, roles=("maker",))
    def make(self, store, name, amount):
        store.execute("INSERT INTO made (name, amount) VALUES (:name, :amount)", name=name, amount=amount)
        store.publish(ThingHappened(version=1, thing_id=name))
        if amount == 13:
            raise Conflict("unlucky", "amount")
        return {"name": name, "amount": amount}

    @query(returns=ThingView)
    def writes_in_a_query(self, store):
        store.execute("INSERT INTO made (name, amount) VALUES ('q', 1)")
