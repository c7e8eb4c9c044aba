"""Search: offers, providers and needs by what people type."""

from marshmallow import fields, validate

from contracts.calls.resource.words import TARGET_GROUPS
from contracts.fields import Call, Code, Id, Private, View, one_of

SEARCHED = ("offer", "provider", "need")
_CURSOR = r"(word|part|pinyin|initials|category)_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"


class SearchFor(Call):
    """What is looked for; in a body, because people type names."""

    text = Private(required=True, most=60, metadata={"description": "words, parts of words, pinyin or its initials, or the name of a category"})
    kind = fields.String(load_default=None, validate=one_of(*SEARCHED))
    community = Code(load_default=None)
    category = Code(
        load_default=None,
        metadata={"description": "a category, or a group with all of its categories"},
    )
    state = Code(load_default=None)
    form = Code(load_default=None, metadata={"description": "form of an offer"})
    target_group = fields.String(
        load_default=None,
        validate=one_of(*TARGET_GROUPS),
        metadata={"description": "what is for this group, or for everyone"},
    )
    after = fields.String(
        load_default=None,
        validate=validate.Regexp(_CURSOR, error="cursor"),
        metadata={"description": "cursor: `next` of the page before"},
    )
    limit = fields.Integer(
        load_default=20,
        strict=True,
        validate=validate.Range(min=1, max=100, error="range"),
        metadata={"description": "how many at most, 1 to 100"},
    )


class FoundView(View):
    id = Id(required=True)
    kind = fields.String(required=True, metadata={"description": "offer, provider or need"})
    version = fields.Integer(required=True)
    title = fields.String(required=True, metadata={"description": "title, or the provider's display name"})
    community = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    form = fields.String(required=True, allow_none=True)
    target_groups = fields.List(fields.String(), required=True)
    found_by = fields.String(required=True, metadata={"description": "word, part, pinyin, initials or category"})


class FoundPage(View):
    items = fields.List(fields.Nested(FoundView), required=True)
    next = fields.String(required=True, allow_none=True)
