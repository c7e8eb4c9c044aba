"""The grants service: opens funds, takes applications, and keeps what is granted within what there is."""

from datetime import UTC, datetime

import uuid_utils

from chassis.dependencies import Database
from chassis.health import Health
from chassis.rpc import command, query
from contracts.calls.grants import (
    ApplicationFilter,
    ApplicationPage,
    ApplicationView,
    Approval,
    FundPage,
    FundView,
    NewApplication,
    NewFund,
    Rejection,
)
from contracts.errors import Forbidden, NotFound
from contracts.fields import Paging
from contracts.grants import FundOpened, GrantApproved, GrantRejected, GrantSubmitted
from services.grants import domain
from services.grants.domain import Application, Fund
from services.grants.store import GrantsStore

STAFF = ("social_worker", "community_staff", "office")
APPLICANTS = (*STAFF, "partner")
OFFICE = ("office",)


class GrantsService:
    """See services/grants/__init__.py."""

    name = "grants"

    db = Database(GrantsStore)
    health = Health()

    @command(takes=NewFund, returns=FundView, roles=OFFICE)
    def create_fund(self, store, name, amount):
        """Open a fund for applications."""
        fund = Fund(id=_new_id(), name=name, amount=amount, created_by=store.caller.id, created_at=_now())
        store.add_fund(fund)
        store.publish(FundOpened(version=fund.version, fund_id=fund.id, name=fund.name, amount_fen=fund.amount))
        return fund

    @query(returns=FundView, roles=APPLICANTS)
    def get_fund(self, store, id):
        return _known_fund(store, id, "id")

    @query(takes=Paging, returns=FundPage, roles=APPLICANTS)
    def list_funds(self, store, **page):
        return store.funds(**page)

    @command(takes=NewApplication, returns=ApplicationView, roles=APPLICANTS)
    def create_application(self, store, fund_id, **application):
        """Keep a draft; nobody is asked for anything before it is submitted."""
        _known_fund(store, fund_id, "fund_id")
        application = Application(
            id=_new_id(), fund_id=fund_id, applicant=store.caller.id, created_at=_now(), **application
        )
        store.add_application(application)
        return application

    @command(returns=ApplicationView, roles=APPLICANTS)
    def submit_application(self, store, id):
        """Put a draft before the office."""
        application = _visible(store, store.lock_application(id))
        if application.applicant != store.caller.id and not _has_role(store.caller, OFFICE):
            raise Forbidden("applicant_or_office_required")
        application = domain.submit(application, _now())
        store.save_application(application)
        store.publish(
            GrantSubmitted(
                version=application.version,
                application_id=application.id,
                fund_id=application.fund_id,
                title=application.title,
                requested_fen=application.requested,
                applicant=application.applicant,
            )
        )
        return application

    @command(takes=Approval, returns=ApplicationView, roles=OFFICE)
    def approve_application(self, store, id, amount, reason):
        """Grant an amount; the fund has it set aside from then on."""
        application = _visible(store, store.lock_application(id))
        fund = store.lock_fund(application.fund_id)
        application, fund = domain.approve(application, fund, amount, reason, store.caller.id, _now())
        store.save_application(application)
        store.save_fund(fund)
        store.publish(GrantApproved(amount_fen=application.granted, **_decision(application)))
        return application

    @command(takes=Rejection, returns=ApplicationView, roles=OFFICE)
    def reject_application(self, store, id, reason):
        """Turn an application down; the fund keeps its money."""
        application = domain.reject(_visible(store, store.lock_application(id)), reason, store.caller.id, _now())
        store.save_application(application)
        store.publish(GrantRejected(**_decision(application)))
        return application

    @query(returns=ApplicationView, roles=APPLICANTS)
    def get_application(self, store, id):
        return _visible(store, store.application(id))

    @query(takes=ApplicationFilter, returns=ApplicationPage, roles=APPLICANTS)
    def list_applications(self, store, **filters):
        return store.applications(applicant=None if _has_role(store.caller, STAFF) else store.caller.id, **filters)


def _known_fund(store, id: str, field: str) -> Fund:
    fund = store.fund(id)
    if fund is None:
        raise NotFound("unknown_fund", field)
    return fund


def _visible(store, application: Application | None) -> Application:
    """Return an application that the caller may see: staff see all of them, others their own."""
    if application and (application.applicant == store.caller.id or _has_role(store.caller, STAFF)):
        return application
    raise NotFound("unknown_application", "id")


def _has_role(caller, roles) -> bool:
    return bool(set(roles) & set(caller.roles))


def _decision(application: Application) -> dict:
    return {
        "version": application.version,
        "application_id": application.id,
        "fund_id": application.fund_id,
        "title": application.title,
        "reason": application.reason,
        "applicant": application.applicant,
        "decided_by": application.decided_by,
    }


def _new_id() -> str:
    return str(uuid_utils.uuid7())


def _now() -> datetime:
    return datetime.now(UTC)
