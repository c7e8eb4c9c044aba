"""Needs: what residents need."""

from marshmallow import fields

from contracts.calls.resource.clients import CLIENT_KINDS, ClientView, Person
from contracts.calls.resource.providers import ProviderView
from contracts.calls.resource.words import TARGET_GROUPS, Window
from contracts.fields import (
    Call,
    Change,
    Code,
    Count,
    Id,
    Moment,
    Paging,
    Private,
    PublicText,
    Truth,
    View,
    one_of,
    page_of,
)

SOURCES = ("visit", "hotline", "grid_worker", "self", "other")
NEED_STATES = ("draft", "open", "partly_met", "met", "cancelled", "lapsed")


class NewNeed(Window, Person):
    """A need of a client who is known, or of one who is registered with it, or of nobody in particular."""

    title = PublicText(required=True, most=80)
    details = Private(most=1000, load_default=None, allow_none=True)
    community = Code(required=True)
    category = Code(required=True)
    quantity = Count(required=True)
    unit = PublicText(required=True, most=10)
    target_group = fields.String(load_default="general", validate=one_of(*TARGET_GROUPS))
    urgency = Count(load_default=1, most=3)
    client_id = Id(load_default=None, allow_none=True)
    client_kind = fields.String(load_default="person", validate=one_of(*CLIENT_KINDS))
    source = fields.String(load_default="", validate=one_of("", *SOURCES))
    draft = Truth(load_default=False, metadata={"description": "not published yet"})


class NeedChange(Change, NewNeed):
    """What is said about who needs it is changed of its client; a need without one gets one."""

    class Meta(Call.Meta):
        exclude = ("draft", "client_kind")

    version = Count(required=True)


class NeedFilter(Paging):
    community = Code(load_default=None)
    category = Code(load_default=None, metadata={"description": "a category, or a group with all of its categories"})
    state = fields.String(load_default=None, validate=one_of(*NEED_STATES))
    client_id = Id(load_default=None)


class NeedView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    community = fields.String(required=True)
    category = fields.String(required=True)
    quantity = fields.Integer(required=True)
    met = fields.Integer(required=True, metadata={"description": "units delivered so far"})
    unit = fields.String(required=True)
    starts_at = Moment(required=True, allow_none=True)
    ends_at = Moment(required=True, allow_none=True)
    target_group = fields.String(required=True)
    urgency = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"description": ", ".join(NEED_STATES)})
    closed_because = fields.String(required=True, metadata={"description": "slug of the reason, where it was closed"})
    client_id = fields.String(required=True, allow_none=True)
    client_kind = fields.String(required=True)
    source = fields.String(required=True)
    has_contact = fields.Boolean(required=True)
    possible_duplicates = fields.Integer(required=True)
    registered_by = fields.String(required=True)
    created_at = Moment(required=True)


class Lookup(Call):
    """A question by phone number; asked in a body, never in an address."""

    contact_phone = Private(required=True, most=30)


class LookupView(View):
    """What carries this phone number, without private data."""

    needs = fields.List(fields.Nested(NeedView), required=True)
    providers = fields.List(fields.Nested(ProviderView), required=True)
    clients = fields.List(fields.Nested(ClientView), required=True)


NeedPage = page_of(NeedView)
