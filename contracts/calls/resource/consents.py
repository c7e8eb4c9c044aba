"""Consents: what somebody agreed to, by whom it was given, and whether it was withdrawn."""

from marshmallow import fields

from contracts.fields import Call, Id, Moment, Private, View, one_of, page_of

CONSENTS = ("service", "share_with_partner", "be_named", "photos", "visits")
BY_WHOM = ("self", "guardian", "agent")
HOW = ("paper", "voice", "online")


class NewConsent(Call):
    what = fields.String(required=True, validate=one_of(*CONSENTS))
    by_whom = fields.String(required=True, validate=one_of(*BY_WHOM))
    how = fields.String(required=True, validate=one_of(*HOW))
    given_at = Moment(load_default=None, allow_none=True, metadata={"description": "now, where it is left out"})
    note = Private(most=500, load_default=None, allow_none=True)


class Forgetting(Call):
    """Who does not agree to the service any more, and how they said so."""

    by_whom = fields.String(required=True, validate=one_of(*BY_WHOM))
    how = fields.String(required=True, validate=one_of(*HOW))


class ConsentView(View):
    id = Id(required=True)
    client_id = Id(required=True)
    what = fields.String(required=True)
    by_whom = fields.String(required=True)
    how = fields.String(required=True)
    has_note = fields.Boolean(required=True)
    given_at = Moment(required=True)
    recorded_by = fields.String(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
    withdrawn_by = fields.String(required=True, allow_none=True)


ConsentPage = page_of(ConsentView)
