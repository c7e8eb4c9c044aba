"""The claim board: what is listed on it, claims and what becomes of them, rules and rankings."""

import re
import unicodedata

from marshmallow import ValidationError, fields, validates_schema

from contracts.calls.resource.private import REVEAL_PURPOSES
from contracts.calls.resource.words import TARGET_GROUPS
from contracts.fields import Call, Code, Count, Id, Moment, Paging, Private, PublicText, View, one_of, page_of

STATES = ("claimed", "approved", "fulfilled", "released", "lapsed", "rejected")
PROGRESS = ("contacted", "arranged")
RELEASE_REASONS = ("claimer_cannot", "recipient_declined", "other")

# A door, a house or a room, in digits or in Chinese; and long runs of digits: landlines, identity and card numbers.
_NUMBER = "[0-9一二三四五六七八九十百零〇两]"
_ADDRESS = re.compile(
    rf"{_NUMBER}+ ?-? ?号(?!线|召)|[0-9A-Za-z一二三四五六七八九十]+ ?(?:栋|幢|单元)|{_NUMBER}{{2,}} ?室|[A-Za-z] ?座|门牌|[路街巷弄] ?[0-9]+"
)
_LONG_NUMBER = re.compile(r"(?:[0-9][\s-]?){6,}[0-9Xx]")


class ListingText(PublicText):
    """Plain public words: what looks like an address or an identity number is refused as well."""

    def _deserialize(self, value, attr, data, **kwargs):
        text = super()._deserialize(value, attr, data, **kwargs)
        plain = unicodedata.normalize("NFKC", text)
        if _ADDRESS.search(plain) or _LONG_NUMBER.search(plain):
            raise ValidationError("address_in_public_text")
        return text


class Opening(Call):
    text = ListingText(required=True, most=200, metadata={"description": "plain words without private data"})
    quantity = Count(
        load_default=None,
        allow_none=True,
        metadata={"description": "units to be claimed; all that is left, unless said"},
    )


class _Period(Call):
    """Days from when and until when, both included."""

    since = fields.Date(load_default=None, metadata={"description": "first day, YYYY-MM-DD"})
    until = fields.Date(load_default=None, metadata={"description": "last day, YYYY-MM-DD"})

    @validates_schema
    def _until_is_not_before_since(self, data, **_):
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            raise ValidationError("ends_before_it_starts", "until")


class ListingFilter(Paging, _Period):
    """`since` and `until` are the days on which somebody could help: needs for other days only are left out."""

    community = Code(load_default=None)
    category = Code(load_default=None, metadata={"description": "a category, or a group with all of its categories"})
    target_group = fields.String(load_default=None, validate=one_of(*TARGET_GROUPS))
    urgency = Count(load_default=None, most=3, metadata={"description": "at least this urgent"})


class ListingView(View):
    """What is needed, without who needs it."""

    id = Id(required=True, metadata={"description": "the need"})
    version = fields.Integer(required=True)
    text = fields.String(required=True)
    community = fields.String(required=True)
    community_name = fields.String(required=True)
    category = fields.String(required=True)
    category_name = fields.String(required=True)
    target_group = fields.String(required=True)
    quantity_left = fields.Integer(required=True, metadata={"description": "units that can still be claimed"})
    unit = fields.String(required=True)
    starts_at = Moment(required=True, allow_none=True)
    ends_at = Moment(required=True, allow_none=True)
    urgency = fields.Integer(required=True)
    days_waiting = fields.Integer(required=True, metadata={"description": "days on the claim board"})
    open = fields.Boolean(required=True)


class NewClaim(Call):
    provider_id = Id(required=True, metadata={"description": "a verified provider that the caller registered"})
    quantity = Count(load_default=None, allow_none=True, metadata={"description": "all that is left, unless said"})


class ClaimRejection(Call):
    reason = PublicText(required=True, most=200, metadata={"description": "shown to the claimer; never in an event"})


class Release(Call):
    reason = fields.String(required=True, validate=one_of(*RELEASE_REASONS))


class HandOver(Call):
    provider_id = Id(required=True, metadata={"description": "a verified provider that takes the claim over"})
    reason = PublicText(required=True, most=200, metadata={"description": "kept on record here; never in an event"})


class Progress(Call):
    progress = fields.String(required=True, validate=one_of(*PROGRESS))


class Fulfilment(Call):
    quantity = Count(load_default=None, allow_none=True, metadata={"description": "all of the claim, unless said"})
    delivered_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "today, unless said"})
    minutes = Count(load_default=0, least=0, most=60_000)
    people = Count(load_default=0, least=0, most=100_000, metadata={"description": "different people reached"})
    person_times = Count(
        load_default=None, allow_none=True, least=0, most=1_000_000, metadata={"description": "as people, unless said"}
    )
    note = Private(most=1000, load_default=None, allow_none=True)


class ClaimFilter(Paging):
    need_id = Id(load_default=None)
    provider_id = Id(load_default=None)
    community = Code(load_default=None)
    state = fields.String(load_default=None, validate=one_of(*STATES))


class ClaimStep(View):
    """One thing that was done about a claim."""

    version = fields.Integer(required=True)
    step = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class ClaimSummary(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    need_id = Id(required=True)
    provider_id = Id(required=True)
    claimer = fields.String(required=True)
    text = fields.String(required=True)
    community = fields.String(required=True)
    quantity = fields.Integer(required=True)
    unit = fields.String(required=True)
    state = fields.String(required=True)
    progress = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    claimed_at = Moment(required=True)
    due_at = Moment(required=True, allow_none=True)
    reminded_at = Moment(required=True, allow_none=True)
    handed_from = Id(required=True, allow_none=True)
    approved_by = fields.String(required=True, allow_none=True)
    fulfilled = fields.Integer(required=True)
    ended_on = fields.Date(required=True, allow_none=True)
    minutes = fields.Integer(required=True)
    people = fields.Integer(required=True)
    person_times = fields.Integer(required=True)
    has_note = fields.Boolean(required=True)


class ClaimView(ClaimSummary):
    steps = fields.List(fields.Nested(ClaimStep), required=True)


class NoteReveal(Call):
    purpose = fields.String(required=True, validate=one_of(*REVEAL_PURPOSES))


class NoteView(View):
    """What was noted when a claim was fulfilled, shown once; that it was shown is on record."""

    id = Id(required=True)
    claim_id = Id(required=True)
    purpose = fields.String(required=True)
    note = Private(most=1000, allow_none=True)
    revealed_at = Moment(required=True)


class NoteRevealRecord(View):
    id = Id(required=True)
    claim_id = Id(required=True)
    purpose = fields.String(required=True)
    revealed_by = fields.String(required=True)
    revealed_at = Moment(required=True)


class ClaimRulesChange(Call):
    version = Count(required=True)
    remind_after_days = Count(required=True, most=364)
    lapse_after_days = Count(required=True, least=2, most=365)
    most_live = Count(required=True, most=100, metadata={"description": "live claims that one partner may have"})


class ClaimRulesView(View):
    version = fields.Integer(required=True)
    remind_after_days = fields.Integer(required=True)
    lapse_after_days = fields.Integer(required=True)
    most_live = fields.Integer(required=True)
    changed_by = fields.String(required=True)
    changed_at = Moment(required=True)


class RankingFilter(_Period):
    community = Code(load_default=None)
    limit = fields.Integer(load_default=50, validate=Paging().fields["limit"].validate)


class UnitCount(View):
    unit = fields.String(required=True)
    quantity = fields.Integer(required=True)


class Rank(View):
    """What one provider has done; the shares are for staff only."""

    provider_id = Id(required=True)
    kind = fields.String(required=True)
    named = fields.Boolean(required=True)
    deliveries = fields.Integer(required=True)
    quantities = fields.List(fields.Nested(UnitCount), required=True)
    minutes = fields.Integer(required=True)
    people = fields.Integer(required=True)
    person_times = fields.Integer(required=True)
    lapsed_percent = fields.Integer(required=True, allow_none=True)
    released_percent = fields.Integer(required=True, allow_none=True)


class RankingView(View):
    items = fields.List(fields.Nested(Rank), required=True)


ListingPage = page_of(ListingView)
ClaimPage = page_of(ClaimSummary)
NoteRevealPage = page_of(NoteRevealRecord)
