"""Calls of the grants service."""

from marshmallow import fields

from contracts.fields import Call, Id, Moment, Paging, PublicText, Text, View, Yuan, one_of, page_of

STATES = ("draft", "submitted", "approved", "rejected")


class NewFund(Call):
    name = PublicText(required=True, most=80)
    amount = Yuan(required=True)


class NewApplication(Call):
    fund_id = Id(required=True)
    title = PublicText(required=True, most=80)
    purpose = Text(required=True, most=2000)
    requested = Yuan(required=True)


class Approval(Call):
    amount = Yuan(required=True)
    reason = PublicText(required=True, most=500)


class Rejection(Call):
    reason = PublicText(required=True, most=500)


class ApplicationFilter(Paging):
    fund_id = Id(load_default=None)
    state = fields.String(load_default=None, validate=one_of(*STATES))


class FundView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    amount = Yuan(required=True)
    granted = Yuan(required=True)
    available = Yuan(required=True)
    created_at = Moment(required=True)


class ApplicationView(View):
    id = Id(required=True)
    version = fields.Integer(required=True)
    fund_id = Id(required=True)
    title = fields.String(required=True)
    purpose = fields.String(required=True)
    requested = Yuan(required=True)
    granted = Yuan(required=True, allow_none=True)
    state = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    applicant = fields.String(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    submitted_at = Moment(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)


FundPage, ApplicationPage = map(page_of, (FundView, ApplicationView))
