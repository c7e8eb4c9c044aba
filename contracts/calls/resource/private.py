"""Private data: contacts, reveals, and finding again."""

from marshmallow import ValidationError, fields, validates_schema

from contracts.fields import Call, Id, Moment, Paging, Private, View, one_of, page_of

REVEAL_PURPOSES = ("contact_for_service", "assessment", "follow_up", "correction", "complaint")


class Contact(Call):
    """Who to reach and how; never shown but by a reveal."""

    contact_name = Private(most=50, load_default=None, allow_none=True)
    contact_phone = Private(most=30, load_default=None, allow_none=True)
    contact_address = Private(most=200, load_default=None, allow_none=True)


class Reveal(Call):
    purpose = fields.String(required=True, validate=one_of(*REVEAL_PURPOSES))


class RevealView(View):
    """Private data, shown once; that it was shown is on record."""

    id = Id(required=True)
    subject_id = Id(required=True)
    purpose = fields.String(required=True)
    contact_name = Private(most=50, allow_none=True)
    contact_phone = Private(most=30, allow_none=True)
    contact_address = Private(most=200, allow_none=True)
    details = Private(most=1000, allow_none=True)
    guardian_name = Private(most=50, allow_none=True)
    guardian_phone = Private(most=30, allow_none=True)
    birth_date = Private(most=10, allow_none=True)
    notes = Private(most=20_000, allow_none=True, metadata={"description": "of a client's assessments and consents"})
    revealed_at = Moment(required=True)


class RevealRecord(View):
    """That somebody was shown private data, when and what for; without the data."""

    id = Id(required=True)
    subject_id = Id(required=True)
    purpose = fields.String(required=True)
    revealed_by = fields.String(required=True)
    revealed_at = Moment(required=True)
    kind = fields.String(metadata={"description": "what was looked at: need, client or provider"})
    title = fields.String(
        allow_none=True, metadata={"description": "a need's title or a provider's display name; null for a client"}
    )
    community = fields.String(allow_none=True)
    who = fields.String(
        allow_none=True, metadata={"description": "display name of who was shown them; the gateway adds it"}
    )


class RevealFilter(Paging):
    """Who looked at what, when."""

    revealed_by = Id(load_default=None)
    since = Moment(load_default=None, metadata={"description": "inclusive"})
    until = Moment(load_default=None, metadata={"description": "exclusive"})

    @validates_schema
    def _until_is_later(self, data, **_):
        if data.get("since") and data.get("until") and data["until"] <= data["since"]:
            raise ValidationError("ends_before_it_starts", "until")


RevealPage = page_of(RevealRecord)
