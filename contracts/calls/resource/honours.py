"""Giving back: who received and later gave, and the roll of honour of those who agreed to be named."""

from marshmallow import fields

from contracts.calls.resource.offers import Day
from contracts.calls.resource.providers import PROVIDER_KINDS
from contracts.fields import Call, Code, Id, Moment, Paging, Truth, View, one_of, page_of

SECTIONS = ("giving_back", "giving")
GIVERS = ("person", "organisation")


class GiverFilter(Paging):
    community = Code(load_default=None)
    kind = fields.String(load_default=None, validate=one_of(*PROVIDER_KINDS))
    giver = fields.String(load_default=None, validate=one_of(*GIVERS))


class GivenAmount(View):
    quantity = fields.Integer(required=True)
    unit = fields.String(required=True)


class GiverView(View):
    """Somebody who received and later gave; for staff only."""

    id = Id(required=True, metadata={"description": "the provider"})
    name = fields.String(required=True)
    kind = fields.String(required=True)
    giver = fields.String(required=True, metadata={"description": "person or organisation"})
    community = fields.String(required=True)
    client_id = Id(required=True)
    first_received_on = Day(required=True)
    first_gave_on = Day(required=True, metadata={"description": "the first time after that"})
    times_received = fields.Integer(required=True)
    times_gave = fields.Integer(required=True, metadata={"description": "since they had received"})
    people = fields.Integer(required=True, metadata={"description": "people reached by what they gave since"})
    minutes = fields.Integer(required=True)
    named = fields.Boolean(required=True, metadata={"description": "agreed to be named in public"})
    as_giving_back = fields.Boolean(required=True, metadata={"description": "agreed to be named as giving back"})


GiverPage = page_of(GiverView)


class HonourFilter(Paging):
    section = fields.String(load_default="giving_back", validate=one_of(*SECTIONS))
    giver = fields.String(load_default=None, validate=one_of(*GIVERS))
    since = Day(load_default=None, metadata={"description": "what was given from this day on"})
    until = Day(load_default=None, metadata={"description": "until this day, included"})


class HonourView(View):
    id = Id(required=True, metadata={"description": "the provider"})
    name = fields.String(required=True)
    kind = fields.String(required=True)
    giver = fields.String(required=True, metadata={"description": "person or organisation"})
    community = fields.String(required=True)
    since = Day(required=True, metadata={"description": "the first day of giving"})
    times = fields.Integer(required=True)
    people = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    given = fields.List(fields.Nested(GivenAmount), required=True, metadata={"description": "how much, by unit"})


HonourPage = page_of(HonourView)


class HonourAgreement(Call):
    agreed = Truth(
        required=True, metadata={"description": "to be named as somebody who received and gives back; false withdraws"}
    )


class HonourAgreementView(View):
    id = Id(required=True, metadata={"description": "the provider"})
    agreed = Truth(required=True)
    recorded_by = fields.String(required=True)
    recorded_at = Moment(required=True)
