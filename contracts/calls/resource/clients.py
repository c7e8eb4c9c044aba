"""Clients: the people, households and organisations that are helped."""

from marshmallow import fields, validate

from contracts.calls.resource.private import Contact
from contracts.calls.resource.words import TARGET_GROUPS
from contracts.fields import Change, Code, Count, Id, Moment, Paging, Private, Truth, View, one_of, page_of

CLIENT_KINDS = ("person", "household", "organisation")
LEVELS = ("low", "medium", "high", "urgent")


class Person(Contact):
    """Who is helped and how to reach them; never shown but by a reveal."""

    guardian_name = Private(most=50, load_default=None, allow_none=True)
    guardian_phone = Private(most=30, load_default=None, allow_none=True)
    birth_date = Private(
        most=10,
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]\Z", error="day"),
        metadata={"description": "YYYY-MM-DD; under 14 a guardian has to consent before a need is published"},
    )


class NewClient(Person):
    kind = fields.String(load_default="person", validate=one_of(*CLIENT_KINDS))
    community = Code(required=True)
    target_group = fields.String(load_default="general", validate=one_of(*TARGET_GROUPS))
    birth_year = Count(
        load_default=None, allow_none=True, least=1900, most=2100, metadata={"description": "where the date is unknown"}
    )


class ClientChange(Change, NewClient):
    version = Count(required=True)


class ClientFilter(Paging):
    community = Code(load_default=None)
    kind = fields.String(load_default=None, validate=one_of(*CLIENT_KINDS))
    target_group = fields.String(load_default=None, validate=one_of(*TARGET_GROUPS))
    minor = Truth(load_default=None)
    active = Truth(load_default=None)


class ClientView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    kind = fields.String(required=True)
    community = fields.String(required=True)
    target_group = fields.String(required=True)
    birth_year = fields.Integer(required=True, allow_none=True)
    minor = fields.Boolean(required=True, metadata={"description": "under 14"})
    active = fields.Boolean(required=True)
    merged_into = fields.String(required=True, allow_none=True)
    has_contact = fields.Boolean(required=True)
    guardian_consents = fields.Boolean(required=True, metadata={"description": "to the service, and not withdrawn"})
    level = fields.String(
        required=True, allow_none=True, metadata={"description": "of the newest assessment: " + ", ".join(LEVELS)}
    )
    possible_duplicates = fields.Integer(required=True)
    registered_by = fields.String(required=True)
    created_at = Moment(required=True)


ClientPage = page_of(ClientView)
