"""A claim board to test on: needs, providers, and the calls of partners and staff."""

from datetime import UTC, datetime, timedelta

from contracts.resource import NeedCreated, NeedWithdrawn, ProviderRegistered
from services.matching.service import MatchingService
from tests.support import OFFICE, WORKER, Caller, call, hears

NOW = datetime.now(UTC)
PARTNER, OTHER = (Caller(f"0190a000-0000-7000-8000-0000000000f{n}", ("partner",)) for n in (1, 2))
CLIENT = "0190a000-0000-7000-8000-00000000d001"
TEXT = "独居老人需要一部轮椅，出门看病用"


def need_id(number=1):
    return f"0190a000-0000-7000-8000-00000000a{number:03d}"


def provider_id(number=1):
    return f"0190a000-0000-7000-8000-00000000c{number:03d}"


def need(number=1, **changes):
    facts = dict(
        version=1, need_id=need_id(number), title="轮椅", community="jiangtou", community_name="江头社区",
        category="goods.aids", category_name="康复辅具", quantity=10, unit="部", target_group="elderly_alone",
        urgency=2, registered_by=WORKER.id, client_id=CLIENT,
    )  # fmt: skip
    return NeedCreated(**{**facts, **changes})


def withdrawn(number=1, version=2, reason="no_longer_needed"):
    return NeedWithdrawn(version=version, need_id=need_id(number), community="jiangtou", reason=reason)


def provider(number=1, by=PARTNER, **changes):
    facts = dict(
        version=1,
        provider_id=provider_id(number),
        kind="volunteer",
        community="lvcuo",
        registered_by=by.id,
        state="verified",
    )
    return ProviderRegistered(**{**facts, **changes})


def does_call(url, method, caller=WORKER, **arguments):
    return call(MatchingService, url, method, caller, **arguments)


def listed(url, number=1, quantity=None, **changes):
    """Put a need on the claim board, with two providers who may claim it."""
    hears(MatchingService, url, need(number, **changes), provider(1), provider(2, OTHER))
    return does_call(url, "open_for_claim", id=need_id(number), text=TEXT, quantity=quantity)


def claimed(url, caller=PARTNER, number=1, **arguments):
    arguments.setdefault("provider_id", provider_id(1 if caller == PARTNER else 2))
    return does_call(url, "claim_need", caller, id=need_id(number), **arguments)


def approved(url, caller=PARTNER, number=1, **arguments):
    return does_call(url, "approve_claim", OFFICE, id=claimed(url, caller, number, **arguments)["id"])


def days(count):
    """Return so many days from now, when claims made by now have become that old."""
    return datetime.now(UTC) + timedelta(days=count, minutes=5)
