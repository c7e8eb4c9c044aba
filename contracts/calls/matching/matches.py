"""Matches: suggestions and what becomes of them."""

from marshmallow import fields, validate

from contracts.fields import Call, Code, Count, Id, Moment, Paging, Private, PublicText, View, one_of, page_of

STATES = ("proposed", "confirmed", "scheduled", "delivered", "declined", "lapsed", "cancelled")
SIDES = ("recipient", "provider")
CANCELLED_BECAUSE = (
    "recipient_cancelled",
    "provider_cancelled",
    "recipient_no_show",
    "provider_no_show",
    "entered_by_mistake",
    "other",
)
NOTE_PURPOSES = ("follow_up", "evaluation", "complaint", "correction")
MOST_MINUTES, MOST_PEOPLE = 100_000, 1_000_000


class Confirmation(Call):
    quantity = Count(
        load_default=None, allow_none=True, metadata={"description": "all that was suggested, unless said"}
    )
    occasion = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=40, error="length"),
        metadata={"description": "another of the offer's occasions than the one that was suggested"},
    )


class Decline(Call):
    reason = PublicText(required=True, most=200, metadata={"description": "kept on record here; never in an event"})
    side = fields.String(
        load_default="staff",
        validate=one_of("staff", *SIDES),
        metadata={"description": "who did not want it: staff, recipient or provider"},
    )


class Schedule(Call):
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)


class Delivery(Call):
    quantity = Count(load_default=None, allow_none=True, metadata={"description": "all that was confirmed, unless said"})
    delivered_on = fields.Date(required=True, metadata={"description": "the day, in the station's time"})
    minutes = Count(least=0, most=MOST_MINUTES, load_default=0, metadata={"description": "minutes of service"})
    people = Count(least=0, most=MOST_PEOPLE, load_default=0, metadata={"description": "different people reached"})
    person_times = Count(
        least=0,
        most=MOST_PEOPLE,
        load_default=None,
        allow_none=True,
        metadata={"description": "each person as often as they took part; as many as people, unless said"},
    )
    note = Private(most=2000, load_default=None, allow_none=True)


class Cancellation(Call):
    reason = fields.String(required=True, validate=one_of(*CANCELLED_BECAUSE))
    note = Private(most=2000, load_default=None, allow_none=True)


class Rating(Call):
    side = fields.String(required=True, validate=one_of(*SIDES))
    stars = Count(required=True, most=5)
    comment = Private(most=1000, load_default=None, allow_none=True)


class MatchReveal(Call):
    purpose = fields.String(required=True, validate=one_of(*NOTE_PURPOSES))


class MatchNotesView(View):
    """What was written about a match, shown once; that it was shown is on record."""

    id = Id(required=True)
    match_id = Id(required=True)
    purpose = fields.String(required=True)
    note = Private(most=2000, allow_none=True)
    recipient_comment = Private(most=1000, allow_none=True)
    provider_comment = Private(most=1000, allow_none=True)
    revealed_at = Moment(required=True)


class MatchRevealRecord(View):
    """That somebody was shown the notes on a match, when and what for; without the notes."""

    id = Id(required=True)
    match_id = Id(required=True)
    purpose = fields.String(required=True)
    revealed_by = fields.String(required=True)
    revealed_at = Moment(required=True)


class MatchFilter(Paging):
    need_id = Id(load_default=None)
    offer_id = Id(load_default=None)
    provider_id = Id(load_default=None)
    community = Code(load_default=None)
    state = fields.String(load_default=None, validate=one_of(*STATES))
    states = fields.String(
        load_default=None,
        validate=validate.Regexp(rf"({'|'.join(STATES)})(,({'|'.join(STATES)})){{0,6}}\Z", error="one_of"),
        metadata={"description": "several states, with commas between them"},
    )
    since = Moment(load_default=None, metadata={"description": "scheduled to begin at this moment or later"})
    until = Moment(load_default=None, metadata={"description": "scheduled to begin before this moment"})


class ScorePartView(View):
    part = fields.String(required=True)
    points = fields.Integer(required=True)
    text = fields.String(required=True)


class RatingView(View):
    side = fields.String(required=True)
    stars = fields.Integer(required=True)
    has_comment = fields.Boolean(required=True)
    recorded_by = fields.String(required=True)


class RecommendedView(View):
    """What a plan of the whole board gives to a pair, and why."""

    quantity = fields.Integer(required=True)
    occasion = fields.String(required=True)
    why = fields.String(required=True, metadata={"description": "a Chinese sentence"})


class MatchView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    need_id = Id(required=True)
    offer_id = Id(required=True)
    provider_id = Id(required=True, allow_none=True)
    need_title = fields.String(required=True)
    offer_title = fields.String(required=True)
    community = fields.String(required=True)
    offer_community = fields.String(required=True)
    state = fields.String(required=True)
    quantity = fields.Integer(required=True, metadata={"description": "suggested, or confirmed of it"})
    unit = fields.String(required=True)
    occasion = fields.String(required=True)
    score = fields.Integer(required=True)
    parts = fields.List(fields.Nested(ScorePartView), required=True)
    reason = fields.String(required=True, allow_none=True)
    declined_for = fields.String(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    decided_at = Moment(required=True, allow_none=True)
    starts_at = Moment(required=True, allow_none=True)
    ends_at = Moment(required=True, allow_none=True)
    scheduled_by = fields.String(required=True, allow_none=True)
    delivered = fields.Integer(required=True, allow_none=True, metadata={"description": "units delivered"})
    delivered_on = fields.Date(required=True, allow_none=True)
    minutes = fields.Integer(required=True)
    people = fields.Integer(required=True)
    person_times = fields.Integer(required=True)
    closed_by = fields.String(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    has_note = fields.Boolean(required=True)
    recommended = fields.Nested(
        RecommendedView,
        required=True,
        allow_none=True,
        metadata={"description": "of an open suggestion: what serves everybody best by the last plan; null for none"},
    )
    ratings = fields.List(fields.Nested(RatingView), required=True)


MatchPage = page_of(MatchView)
MatchRevealPage = page_of(MatchRevealRecord)
