"""Providers: who has joined the resource library."""

from marshmallow import fields, validate

from contracts.calls.resource.private import Contact
from contracts.fields import (
    Call,
    Change,
    Code,
    Count,
    Id,
    Moment,
    Paging,
    PublicText,
    Text,
    Truth,
    View,
    one_of,
    page_of,
)

PROVIDER_KINDS = ("partner_unit", "company", "merchant", "skilled_person", "social_organisation", "volunteer")
PROVIDER_STATES = ("draft", "verified", "paused", "left")
TOPICS = ("new_needs", "claims", "reminders", "news")
WAYS = ("inbox", "phone", "wechat", "email")


def _few(about, *codes):
    return fields.List(
        fields.String(validate=one_of(*codes)),
        load_default=list,
        validate=validate.Length(max=len(codes), error="length"),
        metadata={"description": about},
    )


class NewProvider(Contact):
    kind = fields.String(required=True, validate=one_of(*PROVIDER_KINDS))
    name = PublicText(required=True, most=80, metadata={"description": "display name; for a person not the full name"})
    community = Code(required=True)
    organisation_name = PublicText(
        most=100, load_default=None, allow_none=True, metadata={"description": "as it is registered; none for a person"}
    )
    credit_code = Text(
        most=30,
        load_default=None,
        allow_none=True,
        metadata={"description": "unified social credit code, 18 signs; none for a person"},
    )
    serves = fields.List(
        Code(),
        load_default=list,
        validate=validate.Length(max=100, error="length"),
        metadata={"description": "codes of the communities they serve; empty for all"},
    )
    tell = _few("what they agreed to be told: new_needs tells them of needs on the claim board; staff heed the rest", *TOPICS)
    tell_by = _few("how; without inbox, staff tell them (nobody said: inbox)", *WAYS)
    named = Truth(load_default=False, metadata={"description": "agreed to be named in public"})
    client_id = Id(
        load_default=None, allow_none=True, metadata={"description": "the same as somebody who is helped; staff only"}
    )
    draft = Truth(load_default=False, metadata={"description": "to be verified later; a partner's always is"})


class ProviderChange(Change, NewProvider):
    class Meta(Call.Meta):
        exclude = ("draft",)

    version = Count(required=True)


class ProviderFilter(Paging):
    community = Code(load_default=None)
    kind = fields.String(load_default=None, validate=one_of(*PROVIDER_KINDS))
    state = fields.String(load_default=None, validate=one_of(*PROVIDER_STATES))
    due = Truth(
        load_default=None, metadata={"description": "verified ones that have, or do not have, to be confirmed again"}
    )


class Verification(Call):
    version = Count(metadata={"description": "the version that was looked at"})


class Pause(Call):
    reason = PublicText(required=True, most=200)


class ProviderView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    community = fields.String(required=True)
    organisation_name = fields.String(required=True, allow_none=True)
    credit_code = fields.String(required=True, allow_none=True)
    serves = fields.List(fields.String(), required=True)
    tell = fields.List(fields.String(), required=True)
    tell_by = fields.List(fields.String(), required=True)
    named = fields.Boolean(required=True)
    client_id = Id(required=True, allow_none=True)
    state = fields.String(required=True)
    verified_at = Moment(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True, metadata={"description": "to be confirmed again by this day"})
    pauses_on = fields.Date(required=True, allow_none=True, metadata={"description": "asked; paused on this day"})
    paused_because = fields.String(required=True, allow_none=True)
    has_contact = fields.Boolean(required=True)
    registered_by = fields.String(required=True)
    created_at = Moment(required=True)


ProviderPage = page_of(ProviderView)
