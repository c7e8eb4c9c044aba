"""When an application may be submitted, granted or turned down. Money is whole fen. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from contracts.errors import Conflict


@dataclass(frozen=True)
class Fund:
    """Money to be granted; `available` is what nobody has been granted yet."""

    id: str
    name: str
    amount: int
    created_by: str
    created_at: datetime
    granted: int = 0
    version: int = 1

    @property
    def available(self) -> int:
        return self.amount - self.granted


@dataclass(frozen=True)
class Application:
    """Somebody asks a fund for money; `granted` is what they get, once that is decided."""

    id: str
    fund_id: str
    title: str
    purpose: str
    requested: int
    applicant: str
    created_at: datetime
    version: int = 1
    state: str = "draft"
    granted: int | None = None
    reason: str | None = None
    decided_by: str | None = None
    submitted_at: datetime | None = None
    decided_at: datetime | None = None


def submit(application: Application, now: datetime) -> Application:
    """Put a draft before the office. Raises Conflict where that was done already."""
    if application.state != "draft":
        raise Conflict("application_already_submitted", state=application.state)
    return _changed(application, state="submitted", submitted_at=now)


def approve(
    application: Application, fund: Fund, amount: int, reason: str, by: str, now: datetime
) -> tuple[Application, Fund]:
    """Grant an amount and set it aside in the fund; return both as they are then.

    Raises Conflict where the application does not wait for a decision, where the amount is more than
    was asked for, and where the fund has not that much left.
    """
    _must_wait(application)
    if amount > application.requested:
        raise Conflict("more_than_requested", "amount", requested=yuan(application.requested))
    if amount > fund.available:
        raise Conflict("fund_exhausted", "amount", available=yuan(fund.available))
    decided = _changed(application, state="approved", granted=amount, reason=reason, decided_by=by, decided_at=now)
    return decided, _changed(fund, granted=fund.granted + amount)


def reject(application: Application, reason: str, by: str, now: datetime) -> Application:
    """Turn an application down. Raises Conflict where it does not wait for a decision."""
    _must_wait(application)
    return _changed(application, state="rejected", reason=reason, decided_by=by, decided_at=now)


def yuan(fen: int) -> str:
    """Return an amount as people read it: "1200.50"."""
    return f"{fen // 100}.{fen % 100:02d}"


def _must_wait(application: Application) -> None:
    if application.state != "submitted":
        raise Conflict("application_not_submitted", state=application.state)


def _changed(thing, **changes):
    return dataclasses.replace(thing, version=thing.version + 1, **changes)
