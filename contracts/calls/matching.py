"""Calls of the matching service."""

from marshmallow import fields

from contracts.fields import Call, Code, Count, Id, Moment, Paging, Text, View, one_of, page_of

STATES = ("proposed", "confirmed", "declined", "lapsed")


class Confirmation(Call):
    quantity = Count(
        load_default=None, allow_none=True, metadata={"description": "all that was suggested, unless said"}
    )


class Decline(Call):
    reason = Text(required=True, most=200, metadata={"description": "kept on record here; never in an event"})


class MatchFilter(Paging):
    need_id = Id(load_default=None)
    offer_id = Id(load_default=None)
    community = Code(load_default=None)
    state = fields.String(load_default=None, validate=one_of(*STATES))


class ScorePartView(View):
    part = fields.String(required=True)
    points = fields.Integer(required=True)
    text = fields.String(required=True)


class MatchView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    need_id = Id(required=True)
    offer_id = Id(required=True)
    need_title = fields.String(required=True)
    offer_title = fields.String(required=True)
    community = fields.String(required=True)
    state = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit = fields.String(required=True)
    score = fields.Integer(required=True)
    parts = fields.List(fields.Nested(ScorePartView), required=True)
    reason = fields.String(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    decided_at = Moment(required=True, allow_none=True)


MatchPage = page_of(MatchView)
