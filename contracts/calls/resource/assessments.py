"""Assessments: a scored form on how somebody lives, in versions that stay."""

from marshmallow import fields, validate

from contracts.calls.resource.clients import LEVELS
from contracts.fields import Call, Code, Count, Id, Moment, Private, View, page_of


class Answer(Call):
    """Which option of an item applies."""

    item = Code(required=True)
    option = Code(required=True)


class NewAssessment(Call):
    form = Count(required=True, metadata={"description": "version of the form that was filled in"})
    answers = fields.List(
        fields.Nested(Answer),
        required=True,
        validate=validate.Length(min=1, max=100, error="length"),
        metadata={"description": "one for each item of the form"},
    )
    notes = Private(most=2000, load_default=None, allow_none=True)


class AnswerView(View):
    item = fields.String(required=True)
    option = fields.String(required=True)


class AssessmentView(View):
    """Points for each part, up to 20; the total, up to 100, gives the level and the urgency that is suggested."""

    id = Id(required=True)
    client_id = Id(required=True)
    version = fields.Integer(required=True)
    form = fields.Integer(required=True)
    answers = fields.List(fields.Nested(AnswerView), required=True)
    living = fields.Integer(required=True)
    health = fields.Integer(required=True)
    income = fields.Integer(required=True)
    support = fields.Integer(required=True)
    risk = fields.Integer(required=True)
    total = fields.Integer(required=True)
    level = fields.String(required=True, metadata={"description": ", ".join(LEVELS)})
    level_name = fields.String(required=True)
    suggested_urgency = fields.Integer(required=True)
    has_notes = fields.Boolean(required=True)
    assessed_by = fields.String(required=True)
    assessed_at = Moment(required=True)


class FormOption(View):
    code = fields.String(required=True)
    label = fields.String(required=True)
    points = fields.Integer(required=True)


class FormItem(View):
    code = fields.String(required=True)
    label = fields.String(required=True)
    options = fields.List(fields.Nested(FormOption), required=True)


class FormPart(View):
    code = fields.String(required=True)
    label = fields.String(required=True)
    items = fields.List(fields.Nested(FormItem), required=True)


class FormLevel(View):
    code = fields.String(required=True)
    label = fields.String(required=True)
    least = fields.Integer(required=True, metadata={"description": "from how many points in all"})
    urgency = fields.Integer(required=True, metadata={"description": "that is suggested for needs"})


class FormView(View):
    version = fields.Integer(required=True)
    parts = fields.List(fields.Nested(FormPart), required=True)
    levels = fields.List(fields.Nested(FormLevel), required=True)


AssessmentPage = page_of(AssessmentView)
