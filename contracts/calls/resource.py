"""Calls of the resource service."""

from marshmallow import ValidationError, fields, validates_schema

from contracts.fields import (
    Call,
    Change,
    Code,
    Count,
    Id,
    Moment,
    Paging,
    Private,
    PublicText,
    Text,
    View,
    one_of,
    page_of,
)

PROVIDER_KINDS = ("partner_unit", "company", "merchant", "skilled_person", "social_organisation", "volunteer")
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
REVEAL_PURPOSES = ("contact_for_service", "assessment", "follow_up", "correction", "complaint")


class Contact(Call):
    """Who to reach and how; never shown but by a reveal."""

    contact_name = Private(most=50, load_default=None, allow_none=True)
    contact_phone = Private(most=30, load_default=None, allow_none=True)
    contact_address = Private(most=200, load_default=None, allow_none=True)


class _Window(Call):
    starts_at = Moment(load_default=None, allow_none=True)
    ends_at = Moment(load_default=None, allow_none=True)

    @validates_schema
    def _ends_after_it_starts(self, data, **_):
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            raise ValidationError("ends_before_it_starts", "ends_at")


class NewProvider(Contact):
    kind = fields.String(required=True, validate=one_of(*PROVIDER_KINDS))
    name = PublicText(required=True, most=80, metadata={"description": "display name; for a person not the full name"})
    community = Code(required=True)


class ProviderChange(Change, NewProvider):
    version = Count(required=True)


class NewOffer(_Window):
    provider_id = Id(required=True)
    title = PublicText(required=True, most=80)
    community = Code(required=True)
    serves = fields.List(Code(), load_default=list)
    category = Code(required=True)
    quantity = Count(required=True)
    unit = PublicText(required=True, most=10)
    target_groups = fields.List(fields.String(validate=one_of(*TARGET_GROUPS)), load_default=list)


class OfferChange(Change, NewOffer):
    class Meta(Call.Meta):
        exclude = ("provider_id",)

    version = Count(required=True)


class NewNeed(_Window, Contact):
    title = PublicText(required=True, most=80)
    details = Private(most=1000, load_default=None, allow_none=True)
    community = Code(required=True)
    category = Code(required=True)
    quantity = Count(required=True)
    unit = PublicText(required=True, most=10)
    target_group = fields.String(load_default="general", validate=one_of(*TARGET_GROUPS))
    urgency = Count(load_default=1, most=3)


class NeedChange(Change, NewNeed):
    version = Count(required=True)


class Withdrawal(Call):
    reason = fields.String(required=True, validate=one_of(*WITHDRAWAL_REASONS))


class Reveal(Call):
    purpose = fields.String(required=True, validate=one_of(*REVEAL_PURPOSES))


class Lookup(Call):
    """A question by phone number; asked in a body, never in an address."""

    contact_phone = Private(required=True, most=30)


class ProviderFilter(Paging):
    community = Code(load_default=None)
    kind = fields.String(load_default=None, validate=one_of(*PROVIDER_KINDS))
    state = fields.String(load_default=None, validate=one_of("active", "withdrawn"))


class OfferFilter(Paging):
    community = Code(load_default=None)
    category = Code(load_default=None, metadata={"description": "a category, or a group with all of its categories"})
    state = fields.String(load_default=None, validate=one_of("open", "withdrawn"))
    provider_id = Id(load_default=None)


class NeedFilter(Paging):
    community = Code(load_default=None)
    category = Code(load_default=None, metadata={"description": "a category, or a group with all of its categories"})
    state = fields.String(load_default=None, validate=one_of("open", "withdrawn"))


class NewCategory(Call):
    code = Code(required=True, metadata={"description": "group, or group.item"})
    name = PublicText(required=True, most=30)
    synonyms = fields.List(PublicText(most=30), load_default=list)


class CategoryView(View):
    code = fields.String(required=True)
    parent = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    synonyms = fields.List(fields.String(), required=True)


class NewCommunity(Call):
    code = Code(required=True)
    name = PublicText(required=True, most=30)


class CommunityView(View):
    code = fields.String(required=True)
    name = fields.String(required=True)


class ProviderView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    community = fields.String(required=True)
    state = fields.String(required=True)
    has_contact = fields.Boolean(required=True)
    registered_by = fields.String(required=True)
    created_at = Moment(required=True)


class OfferView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    provider_id = Id(required=True)
    title = fields.String(required=True)
    community = fields.String(required=True)
    serves = fields.List(fields.String(), required=True)
    category = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit = fields.String(required=True)
    starts_at = Moment(required=True, allow_none=True)
    ends_at = Moment(required=True, allow_none=True)
    target_groups = fields.List(fields.String(), required=True)
    state = fields.String(required=True)
    registered_by = fields.String(required=True)
    created_at = Moment(required=True)


class NeedView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    community = fields.String(required=True)
    category = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit = fields.String(required=True)
    starts_at = Moment(required=True, allow_none=True)
    ends_at = Moment(required=True, allow_none=True)
    target_group = fields.String(required=True)
    urgency = fields.Integer(required=True)
    state = fields.String(required=True)
    has_contact = fields.Boolean(required=True)
    registered_by = fields.String(required=True)
    created_at = Moment(required=True)


class RevealView(View):
    """Private data, shown once; that it was shown is on record."""

    id = Id(required=True)
    subject_id = Id(required=True)
    purpose = fields.String(required=True)
    contact_name = Private(most=50, allow_none=True)
    contact_phone = Private(most=30, allow_none=True)
    contact_address = Private(most=200, allow_none=True)
    details = Private(most=1000, allow_none=True)
    revealed_at = Moment(required=True)


class RevealRecord(View):
    """That somebody was shown private data, when and what for; without the data."""

    id = Id(required=True)
    subject_id = Id(required=True)
    purpose = fields.String(required=True)
    revealed_by = fields.String(required=True)
    revealed_at = Moment(required=True)


class LookupView(View):
    """What carries this phone number, without private data."""

    needs = fields.List(fields.Nested(NeedView), required=True)
    providers = fields.List(fields.Nested(ProviderView), required=True)


class NewImport(Call):
    """A table as people keep it: CSV (UTF-8 or GB18030) or an Excel workbook."""

    filename = Text(required=True, most=200)
    content = Private(required=True, least=0, most=11_000_000, metadata={"description": "the file, base64"})
    kind = fields.String(load_default=None, allow_none=True, validate=one_of("needs", "offers"))
    mapping = Text(load_default=None, allow_none=True, most=20_000, metadata={"description": "a mapping, TOML"})


class RowProblem(View):
    line = fields.Integer(required=True, metadata={"description": "line of the file, the heading is line 1"})
    column = fields.String(required=True, allow_none=True)
    slug = fields.String(required=True)
    message = fields.String(metadata={"description": "a Chinese sentence; the gateway adds it"})


class ImportView(View):
    id = Id(required=True)
    kind = fields.String(required=True)
    mapping = fields.String(required=True, metadata={"description": "name of the mapping used"})
    rows = fields.Integer(required=True)
    created = fields.Integer(required=True)
    rejected = fields.List(fields.Nested(RowProblem), required=True)
    notes = fields.List(fields.Nested(RowProblem), required=True, metadata={"description": "taken, but worth a look"})


ProviderPage, OfferPage, NeedPage, RevealPage = map(page_of, (ProviderView, OfferView, NeedView, RevealRecord))
CategoryPage, CommunityPage = map(page_of, (CategoryView, CommunityView))
