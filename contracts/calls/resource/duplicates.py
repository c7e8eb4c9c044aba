"""Duplicates: two clients or two needs that may be one, side by side, without private data."""

from marshmallow import fields

from contracts.fields import Call, Id, Moment, Paging, View, one_of, page_of

REASONS = ("same_phone", "same_name_and_birth_year", "near_name_and_address", "same_text")
STATES = ("open", "merged", "dismissed", "undone")


class DuplicateFilter(Paging):
    kind = fields.String(load_default=None, validate=one_of("client", "need"))
    state = fields.String(load_default="open", validate=one_of(*STATES))
    subject_id = Id(load_default=None, metadata={"description": "pairs that this client or need is one of"})


class Merge(Call):
    keep = Id(required=True, metadata={"description": "which of the two stays"})


class Side(View):
    """One of the two, as far as everybody with the task may know it."""

    id = Id(required=True)
    title = fields.String(required=True, metadata={"description": "of a need; empty for a client"})
    kind = fields.String(required=True, metadata={"description": "person, household or organisation"})
    community = fields.String(required=True)
    target_group = fields.String(required=True)
    birth_year = fields.Integer(required=True, allow_none=True)
    state = fields.String(required=True, metadata={"description": "a need's; active or inactive for a client"})
    client_id = fields.String(required=True, allow_none=True)
    registered_by = fields.String(required=True)
    created_at = Moment(required=True)


class DuplicateView(View):
    id = Id(required=True)
    kind = fields.String(required=True, metadata={"description": "client or need"})
    reason = fields.String(required=True, metadata={"description": ", ".join(REASONS)})
    likeness = fields.Integer(required=True, metadata={"description": "0 to 100"})
    state = fields.String(required=True, metadata={"description": ", ".join(STATES)})
    one = fields.Nested(Side, required=True)
    other = fields.Nested(Side, required=True)
    kept = fields.String(
        required=True, allow_none=True, metadata={"description": "which stayed, once they were merged"}
    )
    found_at = Moment(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)


DuplicatePage = page_of(DuplicateView)
