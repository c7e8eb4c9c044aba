"""Deliveries, and how they flow between communities."""

from marshmallow import fields, validate

from contracts.fields import Call, Code, Id, Moment, Paging, View, one_of, page_of

MOST_MONTHS = 36
CODE = r"[a-z][a-z0-9_.]{0,63}"


class Month(fields.String):
    """A month, YYYY-MM."""

    def __init__(self, **options):
        super().__init__(validate=validate.Regexp(r"20\d{2}-(0[1-9]|1[0-2])\Z", error="month"), **options)


class FlowFilter(Call):
    since = Month(load_default=None, metadata={"description": "first month, YYYY-MM; a year before the last, unless said"})
    until = Month(load_default=None, metadata={"description": "last month, YYYY-MM; this month, unless said"})
    category = Code(load_default=None, metadata={"description": "a category, or a group with all of its categories"})
    community = Code(load_default=None, metadata={"description": "where it came from or went to"})
    by = fields.String(
        load_default="category",
        validate=one_of("category", "group"),
        metadata={"description": "one row for each category, or for each group"},
    )
    after = fields.String(
        load_default=None,
        validate=validate.Regexp(rf"20\d{{2}}-\d{{2}}/({CODE})?/({CODE})?/{CODE}\Z", error="cursor"),
        metadata={"description": "cursor: `next` of the page before"},
    )
    limit = fields.Integer(
        load_default=500,
        validate=validate.Range(min=1, max=2000, error="range"),
        metadata={"description": "how many rows at most, 1 to 2000"},
    )


class UnitsView(View):
    unit = fields.String(required=True)
    quantity = fields.Integer(required=True)


class FlowTotals(View):
    deliveries = fields.Integer(required=True)
    people = fields.Integer(required=True, metadata={"description": "people of each delivery, added up"})
    person_times = fields.Integer(required=True)
    minutes = fields.Integer(required=True)


class FlowView(FlowTotals):
    """What flowed from one community to another (or within one), of one category, in one month."""

    month = fields.String(required=True)
    from_community = fields.String(required=True)
    to_community = fields.String(required=True)
    category = fields.String(required=True)
    quantities = fields.List(fields.Nested(UnitsView), required=True)


class FlowPage(View):
    items = fields.List(fields.Nested(FlowView), required=True)
    next = fields.String(required=True, allow_none=True)
    since = fields.String(required=True)
    until = fields.String(required=True)
    totals = fields.Nested(FlowTotals, required=True, metadata={"description": "of all rows, on every page"})
    between = fields.Nested(
        FlowTotals, required=True, metadata={"description": "of those that went from one community to another"}
    )


class DeliveryFilter(Paging):
    need_id = Id(load_default=None)
    offer_id = Id(load_default=None)
    provider_id = Id(load_default=None)
    client_id = Id(load_default=None)
    community = Code(load_default=None, metadata={"description": "where it came from or went to"})
    category = Code(load_default=None, metadata={"description": "a category, or a group with all of its categories"})
    source = fields.String(load_default=None, validate=one_of("match", "claim"))
    since = fields.Date(load_default=None, metadata={"description": "first day"})
    until = fields.Date(load_default=None, metadata={"description": "last day"})


class DeliveryView(View):
    id = Id(required=True, metadata={"description": "of the match or the claim"})
    source = fields.String(required=True)
    need_id = Id(required=True)
    offer_id = Id(required=True, allow_none=True)
    provider_id = Id(required=True, allow_none=True)
    client_id = Id(required=True, allow_none=True)
    from_community = fields.String(required=True)
    to_community = fields.String(required=True)
    category = fields.String(required=True)
    target_group = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit = fields.String(required=True)
    delivered_on = fields.Date(required=True)
    minutes = fields.Integer(required=True)
    people = fields.Integer(required=True)
    person_times = fields.Integer(required=True)
    recorded_by = fields.String(required=True)
    recorded_at = Moment(required=True)


DeliveryPage = page_of(DeliveryView)
