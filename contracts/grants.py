"""Events of the grants service: the community fund and the money it gives."""

from typing import Annotated

from contracts.base import Event, event
from contracts.words import ApplicationId, Fen, FundId, Reason, Title, UserId

Applicant = Annotated[UserId, "who applied and is told"]
DecidedBy = Annotated[UserId, "who decided"]


@event("grants", "fund.opened.v1", subject="fund_id")
class FundOpened(Event):
    """A fund is open for applications."""

    fund_id: FundId
    name: Title
    amount_fen: Annotated[Fen, "what the fund holds at its opening, in fen"]


@event("grants", "grant.submitted.v1", subject="application_id")
class GrantSubmitted(Event):
    """An application for a grant waits for a decision."""

    application_id: ApplicationId
    fund_id: FundId
    title: Title
    requested_fen: Annotated[Fen, "what is asked for, in fen"]
    applicant: Applicant


@event("grants", "grant.approved.v1", subject="application_id")
class GrantApproved(Event):
    """The office grants an amount; the fund has set it aside."""

    application_id: ApplicationId
    fund_id: FundId
    title: Title
    amount_fen: Annotated[Fen, "what is granted, in fen; at most what was asked for"]
    reason: Reason
    applicant: Applicant
    decided_by: DecidedBy


@event("grants", "grant.rejected.v1", subject="application_id")
class GrantRejected(Event):
    """The office decided against an application."""

    application_id: ApplicationId
    fund_id: FundId
    title: Title
    reason: Reason
    applicant: Applicant
    decided_by: DecidedBy
