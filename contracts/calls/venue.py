"""Calls of the venue service."""

from marshmallow import ValidationError, fields, validates_schema

from contracts.fields import Call, Code, Count, Id, Moment, Paging, PublicText, View, one_of, page_of

SPACE_KINDS = ("hall", "casework_room", "group_work_room", "classroom", "meeting_room", "outdoor", "other")
BOOKING_STATES = ("requested", "approved", "rejected", "cancelled")


class NewSite(Call):
    name = PublicText(required=True, most=80)
    community = Code(required=True)
    address = PublicText(required=True, most=200, metadata={"description": "the public address of the site"})


class NewSpace(Call):
    site_id = Id(required=True)
    name = PublicText(required=True, most=80)
    kind = fields.String(required=True, validate=one_of(*SPACE_KINDS))
    capacity = Count(required=True, most=10_000, metadata={"description": "people"})


class NewBooking(Call):
    space_id = Id(required=True)
    title = PublicText(required=True, most=80)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    people = Count(required=True, most=10_000)

    @validates_schema
    def _ends_after_it_starts(self, data, **_):
        if data["ends_at"] <= data["starts_at"]:
            raise ValidationError("ends_before_it_starts", "ends_at")


class BookingReason(Call):
    reason = PublicText(required=True, most=200)


class SiteFilter(Paging):
    community = Code(load_default=None)


class SpaceFilter(Paging):
    site_id = Id(load_default=None)


class BookingFilter(Paging):
    space_id = Id(load_default=None)
    state = fields.String(load_default=None, validate=one_of(*BOOKING_STATES))
    starts_after = Moment(load_default=None)
    starts_before = Moment(load_default=None)


class SiteView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    community = fields.String(required=True)
    address = fields.String(required=True)
    created_at = Moment(required=True)


class SpaceView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    site_id = Id(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    capacity = fields.Integer(required=True)
    created_at = Moment(required=True)


class BookingView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    space_id = Id(required=True)
    title = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    people = fields.Integer(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    requested_by = fields.String(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    decided_at = Moment(required=True, allow_none=True)


SitePage, SpacePage, BookingPage = map(page_of, (SiteView, SpaceView, BookingView))
