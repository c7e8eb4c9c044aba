"""Words that everything is filed under: categories, communities, groups of people, reasons."""

from marshmallow import ValidationError, fields, validate, validates_schema

from contracts.fields import Call, Code, Count, Moment, Private, PublicText, View, one_of, page_of

TARGET_GROUPS = (
    "general",
    "low_income",
    "extreme_poverty",
    "disabled",
    "elderly_alone",
    "children_in_need",
    "workers_in_need",
)
WITHDRAWAL_REASONS = ("no_longer_needed", "no_longer_offered", "provider_left", "entered_by_mistake", "other")


class Withdrawal(Call):
    reason = fields.String(required=True, validate=one_of(*WITHDRAWAL_REASONS))


class Window(Call):
    """From when until when; half open, either end may be left open."""

    starts_at = Moment(load_default=None, allow_none=True)
    ends_at = Moment(load_default=None, allow_none=True)

    @validates_schema
    def _ends_after_it_starts(self, data, **_):
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            raise ValidationError("ends_before_it_starts", "ends_at")


def _some(field, most: int, about: str, **options):
    options["metadata"] = {"description": about}
    return fields.List(field, validate=validate.Length(max=most, error="length"), **options)


def _synonyms(**options):
    return _some(PublicText(most=30), 300, "words that people use for it", **options)


def _related(**options):
    return _some(Code(), 20, "codes of the categories that may help out", **options)


def _neighbours(**options):
    return _some(Code(), 50, "codes of the communities next to it; they have it as theirs as well", **options)


class ThingIn(Call):
    """One of the goods or services of a category: 棉被, with 被子, 被窝, 冻醒. What names the same thing suits first."""

    name = PublicText(required=True, most=30)
    words = _some(
        PublicText(most=30), 100, "other names of it, and what people say who need it; two characters or more",
        required=True,
    )  # fmt: skip


def _things(**options):
    return _some(fields.Nested(ThingIn), 100, "the goods or services that it is made up of", **options)


class NewCategory(Call):
    code = Code(required=True, metadata={"description": "group, or group.item"})
    name = PublicText(required=True, most=30)
    synonyms = _synonyms(load_default=list)
    related = _related()
    things = _things()


class CategoryChange(Call):
    """A change of a category: only what is named changes; `version` is the one that the caller has seen."""

    code = Code(required=True)
    version = Count(required=True)
    name = PublicText(most=30)
    synonyms = _synonyms()
    related = _related()
    things = _things()


class CategoryCode(Call):
    code = Code(required=True)


class CategoryRemoval(Call):
    """A category that nobody uses is deleted; `version` is the one that the caller has seen."""

    code = Code(required=True)
    version = Count(required=True)


class ThingView(View):
    name = fields.String(required=True)
    words = fields.List(fields.String(), required=True)


class CategoryRow(View):
    code = fields.String(required=True)
    parent = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    synonyms = fields.List(fields.String(), required=True)
    related = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)


class CategoryView(CategoryRow):
    things = fields.List(fields.Nested(ThingView), required=True)


class Suggest(Call):
    """What somebody says, in their own words."""

    text = Private(required=True, most=300)


class SuggestedCategory(View):
    code = fields.String(required=True)
    name = fields.String(required=True)
    confidence = fields.Integer(required=True, metadata={"description": "0 to 100; a person decides"})
    words = fields.List(fields.String(), required=True, metadata={"description": "words that spoke for it"})


class SuggestedCategories(View):
    """Up to three categories, the likeliest first; none where nothing speaks for any."""

    items = fields.List(fields.Nested(SuggestedCategory), required=True)


class NewCommunity(Call):
    code = Code(required=True)
    name = PublicText(required=True, most=30)
    neighbours = _neighbours()


class CommunityChange(Call):
    """A change of a community: only what is named changes; `version` is the one that the caller has seen."""

    code = Code(required=True)
    version = Count(required=True)
    name = PublicText(most=30)
    neighbours = _neighbours()


class CommunityView(View):
    code = fields.String(required=True)
    name = fields.String(required=True)
    neighbours = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)


CategoryPage = page_of(CategoryRow)
CommunityPage = page_of(CommunityView)
