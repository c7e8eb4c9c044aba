"""Why something is suggested, how much each part of a score counts, and who is kept apart."""

from marshmallow import fields, validate

from contracts.calls.matching.matches import ScorePartView
from contracts.fields import Call, Code, Id, Moment, Paging, Text, View, page_of


class Pair(Call):
    need_id = Id(required=True)
    offer_id = Id(required=True)


class PairView(View):
    need_id = Id(required=True)
    offer_id = Id(required=True)
    need_title = fields.String(required=True)
    offer_title = fields.String(required=True)
    rule = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the hard rule that rules the pair out; null where it may be"},
    )
    against = fields.String(required=True, allow_none=True, metadata={"description": "that rule as a Chinese sentence"})
    likeness = fields.Float(required=True, metadata={"description": "how alike the titles are, 0 to 1"})
    score = fields.Integer(required=True, allow_none=True)
    least_score = fields.Integer(required=True, metadata={"description": "below this, a pair is not suggested"})
    occasion = fields.String(required=True, allow_none=True, metadata={"description": "the best occasion for it"})
    quantity = fields.Integer(required=True, allow_none=True)
    parts = fields.List(fields.Nested(ScorePartView), required=True)


class WeightView(View):
    part = fields.String(required=True)
    version = fields.Integer(required=True)
    points = fields.Integer(required=True)
    least = fields.Integer(required=True)
    most = fields.Integer(required=True)
    about = fields.String(required=True)
    changed_by = fields.String(required=True, allow_none=True)
    changed_at = Moment(required=True, allow_none=True)


class WeightChange(Call):
    part = Code(required=True, metadata={"description": "one of the parts in the list of weights"})
    points = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=-50, max=100, error="range"),
        metadata={"description": "within the bounds of the part; what speaks for a pair adds up to at most 100"},
    )
    version = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=1_000_000_000, error="range"),
        metadata={"description": "the version that was seen"},
    )


class WeightChangeView(View):
    id = Id(required=True)
    part = fields.String(required=True)
    version = fields.Integer(required=True)
    points = fields.Integer(required=True)
    before = fields.Integer(required=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class NewBlock(Call):
    provider_id = Id(required=True)
    client_id = Id(required=True)
    reason = Text(required=True, most=200, metadata={"description": "kept on record here; never in an event"})


class BlockFilter(Paging):
    provider_id = Id(load_default=None)
    client_id = Id(load_default=None)


class BlockView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    provider_id = Id(required=True)
    client_id = Id(required=True)
    reason = fields.String(required=True)
    by = fields.String(required=True)
    at = Moment(required=True)
    unblocked_by = fields.String(required=True, allow_none=True)
    unblocked_at = Moment(required=True, allow_none=True)


WeightPage = page_of(WeightView)
WeightChangePage = page_of(WeightChangeView)
BlockPage = page_of(BlockView)
