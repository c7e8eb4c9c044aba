"""Plans: the whole board at once, and what it recommends."""

from marshmallow import fields

from contracts.fields import Code, Id, Moment, Paging, View, page_of


class PlanView(View):
    id = Id(required=True)
    made_by = fields.String(required=True, allow_none=True, metadata={"description": "nobody: made by itself"})
    needs = fields.Integer(required=True)
    offers = fields.Integer(required=True)
    pairs = fields.Integer(required=True, metadata={"description": "pairs that came into question"})
    value = fields.Integer(required=True, metadata={"description": "points times units of what is recommended"})
    value_before = fields.Integer(required=True, metadata={"description": "of what was recommended before"})
    changed = fields.Integer(required=True, metadata={"description": "pairs whose recommendation changed"})
    milliseconds = fields.Integer(required=True)
    created_at = Moment(required=True)


class ChangeFilter(Paging):
    plan_id = Id(load_default=None)
    need_id = Id(load_default=None)


class ChangeView(View):
    """What a plan changed, and why."""

    id = Id(required=True)
    plan_id = Id(required=True)
    need_id = Id(required=True)
    offer_id = Id(required=True)
    need_title = fields.String(required=True)
    offer_title = fields.String(required=True)
    community = fields.String(required=True)
    occasion = fields.String(required=True)
    quantity = fields.Integer(required=True, metadata={"description": "recommended now; 0 for no more"})
    before = fields.Integer(required=True, metadata={"description": "recommended before"})
    why = fields.String(required=True, metadata={"description": "a Chinese sentence"})


class RecommendationFilter(Paging):
    need_id = Id(load_default=None)
    offer_id = Id(load_default=None)
    community = Code(load_default=None)


class RecommendationView(View):
    """What serves a need best when everybody's needs are considered together."""

    id = Id(required=True)
    match_id = Id(required=True, metadata={"description": "the suggestion to confirm"})
    need_id = Id(required=True)
    offer_id = Id(required=True)
    need_title = fields.String(required=True)
    offer_title = fields.String(required=True)
    community = fields.String(required=True)
    occasion = fields.String(required=True, metadata={"description": "to be said when it is confirmed"})
    quantity = fields.Integer(
        required=True, metadata={"description": "to be said when it is confirmed; the suggestion may be of more"}
    )
    unit = fields.String(required=True)
    score = fields.Integer(required=True)
    why = fields.String(required=True, metadata={"description": "a Chinese sentence"})


PlanPage, ChangePage, RecommendationPage = map(page_of, (PlanView, ChangeView, RecommendationView))
