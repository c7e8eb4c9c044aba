"""Pairings: who keeps coming to a person, by which plan, until when; the holidays that plans keep clear of."""

from marshmallow import fields, validate

from contracts.calls.matching.visits import CARE_KINDS, Day, HelperId, clock, distinct
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
    Truth,
    View,
    one_of,
    page_of,
)

ROLES = ("lead", "visitor", "material", "tutor", "other")
ON_HOLIDAYS = ("move", "keep", "skip")
TRANSFER_REASONS = (
    "worker_changed",
    "helper_left",
    "helper_unavailable",
    "person_asked",
    "workload",
    "better_fit",
    "other",
)
END_REASONS = ("goals_reached", "person_moved", "person_died", "helper_left", "person_declined", "other")
PURPOSES = ("next_visit", "handover", "assessment", "follow_up", "supervision", "complaint")
ALERT_REASONS = ("visits_missed", "person_worse", "plan_ends")


class NewHelper(HelperId):
    role = fields.String(required=True, validate=one_of(*ROLES), metadata={"description": "exactly one helper leads"})


class NewPlan(Call):
    """When visits are due."""

    rule = fields.String(
        required=True,
        validate=validate.Length(min=10, max=200, error="length"),
        metadata={
            "description": "RFC 5545: FREQ=DAILY, WEEKLY or MONTHLY with INTERVAL, BYDAY, BYMONTHDAY, BYSETPOS, and "
            "UNTIL (a day, 20271231) or COUNT; for example FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            "example": "FREQ=WEEKLY;BYDAY=TU",
        },
    )
    visit_time = fields.String(required=True, validate=clock(), metadata={"example": "15:00"})
    visit_minutes = Count(least=5, most=1440, load_default=60)
    first_on = Day(required=True, metadata={"description": "the rule is counted from this day"})
    on_holidays = fields.String(
        load_default="move",
        validate=one_of(*ON_HOLIDAYS),
        metadata={"description": "on a public holiday: move to the next working day, keep, or skip"},
    )


class NewPairing(Call):
    client_id = Id(required=True)
    kinds = fields.List(
        fields.String(validate=one_of(*CARE_KINDS)),
        required=True,
        validate=[validate.Length(min=1, max=2, error="length"), distinct],
        metadata={"uniqueItems": True},
    )
    helpers = fields.List(
        fields.Nested(NewHelper), required=True, validate=validate.Length(min=1, max=10, error="length")
    )
    worker = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "the social worker, an id of /api/staff; the caller, unless said"},
    )
    goals = Private(most=1000, load_default=None, allow_none=True)
    begun_on = Day(load_default=None, allow_none=True, metadata={"description": "today, unless said"})
    plan = fields.Nested(NewPlan, required=True)
    guardian_agreed = Truth(load_default=False, metadata={"description": "needed for who is under 14"})


class PairingChange(Change):
    version = Count(required=True)
    kinds = fields.List(
        fields.String(validate=one_of(*CARE_KINDS)),
        required=True,
        validate=[validate.Length(min=1, max=2, error="length"), distinct],
        metadata={"uniqueItems": True},
    )
    helpers = fields.List(
        fields.Nested(NewHelper), required=True, validate=validate.Length(min=1, max=10, error="length")
    )
    worker = Id(required=True)
    goals = Private(most=1000, required=True, allow_none=True)
    plan = fields.Nested(NewPlan, required=True)


class Transfer(Call):
    """To another social worker, to another lead, or both."""

    worker = Id(load_default=None, allow_none=True, metadata={"description": "an id of /api/staff"})
    lead = fields.Nested(HelperId, load_default=None, allow_none=True)
    reason = fields.String(required=True, validate=one_of(*TRANSFER_REASONS))


class Ending(Call):
    reason = fields.String(required=True, validate=one_of(*END_REASONS))
    stars = Count(least=1, most=5, required=True, metadata={"description": "1 bad to 5 very good"})
    goals_reached = fields.String(required=True, validate=one_of("yes", "partly", "no"))
    evaluation = Private(most=2000, load_default=None, allow_none=True)


class PairingFilter(Paging):
    community = Code(load_default=None)
    state = fields.String(load_default=None, validate=one_of("active", "ended"))
    worker = Id(load_default=None)
    client_id = Id(load_default=None)
    helper = Id(load_default=None, metadata={"description": "a helper's user id, or the provider's"})


class HelperView(View):
    helper = fields.String(required=True)
    provider_id = fields.String(required=True)
    role = fields.String(required=True)
    account = fields.String(
        required=True, metadata={"description": "who signs in for the helper: the helper, or who registered the provider"}
    )


class VisitPlanView(View):
    rule = fields.String(required=True)
    visit_time = fields.String(required=True)
    visit_minutes = fields.Integer(required=True)
    first_on = Day(required=True)
    on_holidays = fields.String(required=True)
    last_on = Day(required=True, allow_none=True)


class TransferView(View):
    reason = fields.String(required=True)
    from_worker = fields.String(required=True)
    to_worker = fields.String(required=True)
    from_lead = fields.String(required=True)
    to_lead = fields.String(required=True)
    transferred_by = fields.String(required=True)
    transferred_at = fields.String(required=True)


class PairingView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    client_id = Id(required=True)
    community = fields.String(required=True)
    target_group = fields.String(required=True)
    kinds = fields.List(fields.String(), required=True)
    helpers = fields.List(fields.Nested(HelperView), required=True)
    worker = fields.String(required=True)
    begun_on = Day(required=True)
    begun_by = fields.String(required=True)
    plan = fields.Nested(VisitPlanView, required=True)
    guardian_agreed = fields.Boolean(required=True)
    has_goals = fields.Boolean(required=True)
    state = fields.String(required=True)
    next_visit_on = Day(required=True, allow_none=True)
    last_visit_on = Day(required=True, allow_none=True)
    visits = fields.Integer(required=True, metadata={"description": "visits that took place"})
    transfers = fields.List(fields.Nested(TransferView), required=True)
    ended_on = Day(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    stars = fields.Integer(required=True, allow_none=True)
    goals_reached = fields.String(required=True, allow_none=True)
    has_evaluation = fields.Boolean(required=True)
    created_at = Moment(required=True)


PairingPage = page_of(PairingView)


class PlanPreview(Call):
    plan = fields.Nested(NewPlan, required=True)
    since = Day(load_default=None, allow_none=True, metadata={"description": "today, unless said"})
    most = Count(least=1, most=100, load_default=12)


class PlannedVisitView(View):
    on = Day(required=True)
    rule_on = Day(required=True, metadata={"description": "the day that the rule gives; another where it was moved"})
    holiday = fields.String(required=True, metadata={"description": "the holiday of that day; empty for none"})
    works = fields.Boolean(required=True, metadata={"description": "whether people work on the day of the visit"})


class PlanPreviewView(View):
    rule = fields.String(required=True, metadata={"description": "the rule in its one spelling"})
    last_on = Day(required=True, allow_none=True)
    visits = fields.List(fields.Nested(PlannedVisitView), required=True)


class WordsPurpose(Call):
    purpose = fields.String(required=True, validate=one_of(*PURPOSES))


class PairingWordsView(View):
    """What is written about the person in a pairing, shown once; that it was shown is on record."""

    id = Id(required=True)
    pairing_id = Id(required=True)
    purpose = fields.String(required=True)
    goals = Private(most=1000, allow_none=True)
    evaluation = Private(most=2000, allow_none=True)
    revealed_at = Moment(required=True)


class PairingNoteView(View):
    """A note, shown once; that it was shown is on record."""

    id = Id(required=True)
    pairing_id = Id(required=True)
    subject_id = Id(required=True)
    purpose = fields.String(required=True)
    note = Private(most=2000, allow_none=True)
    revealed_at = Moment(required=True)


class PairingRevealView(View):
    id = Id(required=True)
    pairing_id = Id(required=True)
    subject = fields.String(required=True)
    subject_id = Id(required=True)
    purpose = fields.String(required=True)
    revealed_by = fields.String(required=True)
    revealed_at = Moment(required=True)


PairingRevealPage = page_of(PairingRevealView)


class AlertFilter(Paging):
    community = Code(load_default=None)
    worker = Id(load_default=None)
    reason = fields.String(load_default=None, validate=one_of(*ALERT_REASONS))
    pairing_id = Id(load_default=None)
    open = Truth(
        load_default=True, metadata={"description": "those nobody has acknowledged; or else the others"}
    )


class Acknowledgement(Call):
    note = Private(required=True, most=2000, metadata={"description": "what was done"})


class AlertView(View):
    id = Id(required=True)
    pairing_id = Id(required=True)
    client_id = Id(required=True)
    community = fields.String(required=True)
    reason = fields.String(required=True)
    worker = fields.String(required=True)
    visit_id = Id(required=True, allow_none=True)
    acknowledged_by = fields.String(required=True, allow_none=True)
    acknowledged_at = Moment(required=True, allow_none=True)
    has_note = fields.Boolean(required=True)
    created_at = Moment(required=True)


AlertPage = page_of(AlertView)


class FiguresFilter(Call):
    since = Day(required=True, metadata={"description": "the month of this day is the first"})
    until = Day(required=True, metadata={"description": "the month of this day is the last; at most 36 months"})
    community = Code(load_default=None)


class PairingFiguresRow(View):
    month = fields.String(required=True, metadata={"description": "YYYY-MM"})
    community = fields.String(required=True)
    active = fields.Integer(required=True, metadata={"description": "pairings that were active in the month"})
    visits = fields.Integer(required=True)
    missed = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    people = fields.Integer(required=True, metadata={"description": "different persons visited"})
    material = fields.Integer(required=True, metadata={"description": "visits with material care"})
    emotional = fields.Integer(required=True, metadata={"description": "visits with emotional care"})


class PairingFigures(View):
    items = fields.List(fields.Nested(PairingFiguresRow), required=True)


class NewHoliday(Call):
    day = Day(required=True)
    kind = fields.String(
        required=True,
        validate=one_of("holiday", "workday", "as_usual"),
        metadata={"description": "as_usual takes back what was entered before"},
    )
    name = PublicText(most=20, load_default="")


class HolidayFilter(Call):
    year = fields.Integer(required=True, validate=validate.Range(min=2000, max=2099, error="range"))


class HolidayView(View):
    day = Day(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    entered = fields.Boolean(required=True, metadata={"description": "by an operator; or else as published"})


class HolidayList(View):
    items = fields.List(fields.Nested(HolidayView), required=True)
    published = fields.Boolean(required=True, metadata={"description": "whether the year's arrangement is known; else these are the days of the law"})
