"""Visits of pairings: what was planned, and what took place."""

from datetime import date

from marshmallow import ValidationError, fields, validate

from contracts.fields import Call, Code, Count, Id, Moment, Paging, Private, PublicText, View, one_of, page_of

CARE_KINDS = ("material", "emotional")
VISIT_STATES = ("planned", "recorded", "missed", "cancelled")
CANCEL_REASONS = ("person_away", "person_ill", "person_declined", "helper_unavailable", "weather", "other")


class Day(fields.Date):
    """A day in the station's time, YYYY-MM-DD."""

    def __init__(self, **options):
        options.setdefault("validate", validate.Range(min=date(2000, 1, 1), max=date(2099, 12, 31), error="range"))
        super().__init__(format="iso", **options)

    def _serialize(self, value, attr, obj, **kwargs):
        return value if isinstance(value, str) else super()._serialize(value, attr, obj, **kwargs)


def clock() -> validate.Regexp:
    """Accept a time of the day, HH:MM."""
    return validate.Regexp(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="clock")


def distinct(values: list) -> None:
    if len(set(values)) != len(values):
        raise ValidationError("repeated")


class HelperId(Call):
    """Who comes: a user, a provider, or a user of a provider."""

    helper = Id(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "user id, where the helper signs in: of staff the id in /api/staff. For a provider without one, who "
            "registered the provider is told, and sees the pairing"
        },
    )
    provider_id = Id(
        load_default=None, allow_none=True, metadata={"description": "the provider that the helper is or comes from"}
    )


class Given(Call):
    """Something that was given at a visit."""

    name = PublicText(required=True, most=40)
    quantity = Count(required=True)
    unit = PublicText(required=True, most=10)


class GivenView(View):
    name = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit = fields.String(required=True)


def degree(about: str) -> Count:
    return Count(
        least=1, most=5, load_default=None, allow_none=True, metadata={"description": f"{about}: 1 bad to 5 good"}
    )


class VisitRecord(Call):
    """What took place; without a visit the one that was planned for the day, or else one more."""

    visit_id = Id(load_default=None, allow_none=True)
    on = Day(required=True)
    kinds = fields.List(
        fields.String(validate=one_of(*CARE_KINDS)),
        required=True,
        validate=[validate.Length(min=1, max=2, error="length"), distinct],
        metadata={"uniqueItems": True},
    )
    minutes = Count(least=0, most=1440, required=True)
    helpers = fields.List(
        fields.Nested(HelperId),
        load_default=list,
        validate=validate.Length(max=10, error="length"),
        metadata={"description": "who came; left out: the helper who records it, or else all of them"},
    )
    mood = degree("mood")
    health = degree("health")
    living = degree("living conditions")
    note = Private(most=2000, load_default=None, allow_none=True)
    goods = fields.List(fields.Nested(Given), load_default=list, validate=validate.Length(max=20, error="length"))


class Reschedule(Call):
    on = Day(required=True)
    at = fields.String(load_default=None, allow_none=True, validate=clock(), metadata={"example": "15:00"})


class VisitCancellation(Call):
    reason = fields.String(required=True, validate=one_of(*CANCEL_REASONS))


class VisitFilter(Paging):
    pairing_id = Id(load_default=None)
    community = Code(load_default=None)
    state = fields.String(load_default=None, validate=one_of(*VISIT_STATES))
    since = Day(load_default=None, metadata={"description": "from this day on; the day planned, or of the visit"})
    until = Day(load_default=None, metadata={"description": "until this day, included"})


class CameView(View):
    helper = fields.String(required=True)
    provider_id = fields.String(required=True)
    role = fields.String(required=True)


class VisitView(View):
    id = Id(required=True)
    pairing_id = Id(required=True)
    pairing_version = fields.Integer(required=True)
    client_id = Id(required=True)
    community = fields.String(required=True)
    state = fields.String(required=True)
    planned_on = Day(required=True, allow_none=True)
    planned_time = fields.String(required=True, allow_none=True)
    planned_minutes = fields.Integer(required=True, allow_none=True)
    rescheduled = fields.Boolean(required=True)
    on = Day(required=True, allow_none=True, metadata={"description": "the day on which it took place"})
    kinds = fields.List(fields.String(), required=True)
    minutes = fields.Integer(required=True, allow_none=True)
    helpers = fields.List(fields.Nested(CameView), required=True, metadata={"description": "who came"})
    mood = fields.Integer(required=True, allow_none=True)
    health = fields.Integer(required=True, allow_none=True)
    living = fields.Integer(required=True, allow_none=True)
    goods = fields.List(fields.Nested(GivenView), required=True)
    has_note = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    recorded_by = fields.String(required=True, allow_none=True)
    recorded_at = Moment(required=True, allow_none=True)


VisitPage = page_of(VisitView)
