"""Offers: what providers offer, in which form, when, and how much of it is there."""

from datetime import date, timedelta

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.calls.resource.words import TARGET_GROUPS, Window
from contracts.fields import Call, Change, Code, Count, Id, Moment, Paging, PublicText, View, one_of, page_of

FORMS = ("goods", "money", "goods_per_period", "hours", "room", "posts", "unlimited")
PERIODS = ("day", "week", "month")
PAYERS = ("provider", "recipient", "station")
OFFER_STATES = ("held", "open", "paused", "used_up", "withdrawn", "expired")
WITHOUT_QUANTITY = ("posts", "unlimited")
MOST_DAYS = 92


class Day(fields.Date):
    """A day, YYYY-MM-DD, in the station's time."""

    def __init__(self, **options):
        limits = validate.Range(min=date(2000, 1, 1), max=date(2099, 12, 31), error="range")
        super().__init__(format="iso", validate=limits, **options)


class SlotIn(Call):
    weekday = Count(required=True, most=7, metadata={"description": "1 Monday to 7 Sunday"})
    starts = fields.String(required=True, validate=validate.Regexp(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="clock"))
    ends = fields.String(
        required=True,
        validate=validate.Regexp(r"(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z", error="clock"),
        metadata={"description": "later than it starts; 24:00 for midnight"},
    )


class DateIn(Call):
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    places = Count(required=True)


def _at_most(most):
    return validate.Length(max=most, error="length")


class NewOffer(Window):
    provider_id = Id(required=True)
    title = PublicText(required=True, most=80)
    form = fields.String(load_default="goods", validate=one_of(*FORMS))
    community = Code(required=True)
    serves = fields.List(
        Code(),
        load_default=list,
        metadata={"description": "codes of the communities it may flow to beside its own; empty for all"},
    )
    category = Code(required=True)
    quantity = Count(
        metadata={
            "description": "all there is of a stock, what there is each time of other forms; not for posts, unlimited"
        }
    )
    unit = PublicText(required=True, most=10, metadata={"description": "元 for money"})
    target_groups = fields.List(fields.String(validate=one_of(*TARGET_GROUPS)), load_default=list)
    period = fields.String(load_default="", validate=one_of("", *PERIODS))
    slots = fields.List(fields.Nested(SlotIn), load_default=list, validate=_at_most(100))
    days_off = fields.List(Day(), load_default=list, validate=_at_most(400))
    dates = fields.List(fields.Nested(DateIn), load_default=list, validate=_at_most(400))
    transport = fields.String(
        load_default="", validate=one_of("", *PAYERS), metadata={"description": "who pays for it"}
    )
    conditions = PublicText(least=0, most=200, load_default="")
    purpose = PublicText(least=0, most=200, load_default="", metadata={"description": "what money is for"})
    expires_on = Day(
        load_default=None, allow_none=True, metadata={"description": "the last day on which goods are good"}
    )

    @validates_schema
    def _has_a_quantity_where_one_counts(self, data, **_):
        form = data.get("form")
        if form in WITHOUT_QUANTITY and "quantity" in data:
            raise ValidationError("not_for_this_form", "quantity")
        if form and form not in WITHOUT_QUANTITY and "quantity" not in data:
            raise ValidationError("quantity_missing", "quantity")


class OfferChange(Change, NewOffer):
    class Meta(Call.Meta):
        exclude = ("provider_id", "form")

    version = Count(required=True)


class OfferFilter(Paging):
    community = Code(load_default=None)
    category = Code(load_default=None, metadata={"description": "a category, or a group with all of its categories"})
    state = fields.String(load_default=None, validate=one_of(*OFFER_STATES))
    form = fields.String(load_default=None, validate=one_of(*FORMS))
    provider_id = Id(load_default=None)


class SlotView(View):
    weekday = fields.Integer(required=True)
    starts = fields.String(required=True)
    ends = fields.String(required=True)


class DateView(View):
    starts_at = fields.String(required=True, metadata={"description": "ISO 8601, in the station's time"})
    ends_at = fields.String(required=True)
    places = fields.Integer(required=True)


class OfferView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    provider_id = Id(required=True)
    title = fields.String(required=True)
    form = fields.String(required=True)
    community = fields.String(required=True)
    serves = fields.List(fields.String(), required=True)
    category = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit = fields.String(required=True)
    on_hand = fields.Integer(required=True, allow_none=True, metadata={"description": "what is left of a stock"})
    given = fields.Integer(required=True, metadata={"description": "what went out of a stock"})
    starts_at = Moment(required=True, allow_none=True)
    ends_at = Moment(required=True, allow_none=True)
    target_groups = fields.List(fields.String(), required=True)
    period = fields.String(required=True)
    slots = fields.List(fields.Nested(SlotView), required=True)
    days_off = fields.List(fields.Date(), required=True)
    dates = fields.List(fields.Nested(DateView), required=True)
    transport = fields.String(required=True)
    conditions = fields.String(required=True)
    purpose = fields.String(required=True)
    expires_on = fields.Date(required=True, allow_none=True)
    state = fields.String(required=True)
    registered_by = fields.String(required=True)
    created_at = Moment(required=True)


class Days(Call):
    """Some days, the last one not among them."""

    since = Day(required=True)
    until = Day(required=True, metadata={"description": f"not included; at most {MOST_DAYS} days later"})

    @validates_schema
    def _are_not_too_many(self, data, **_):
        if data["until"] <= data["since"]:
            raise ValidationError("ends_before_it_starts", "until")
        if data["until"] - data["since"] > timedelta(days=MOST_DAYS):
            raise ValidationError("too_many_days", "until")


class OccasionShown(View):
    occasion = fields.String(required=True, metadata={"description": "what a match names it by"})
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    capacity = fields.Integer(required=True)


class OfferTimes(View):
    items = fields.List(fields.Nested(OccasionShown), required=True)


OfferPage = page_of(OfferView)
