"""Who claimed a need may learn who to reach, and who keeps coming to a person: while their work needs it."""

from datetime import date, timedelta

import pytest

from contracts.errors import Forbidden, Invalid, NotFound
from contracts.matching import (
    ClaimApproved,
    ClaimLapsed,
    ClaimRejected,
    ClaimReleased,
    PairingBegun,
    PairingChanged,
    PairingEnded,
)
from contracts.words import Helper
from services.resource.ids import new_id
from services.resource.service import ResourceService
from tests.resource.people import CLIENT, NEED, OFFER, PARTNER, PERSON, Asking
from tests.resource.test_needs import fulfilled
from tests.support import WORKER, Caller, database, hears

OTHER = Caller("0190a000-0000-7000-8000-000000000004", ("partner",))
REACH = {name: PERSON[name] for name in ("contact_name", "contact_phone", "contact_address")}


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    return Asking(url)


@pytest.fixture
def need(ask):
    return ask("create_need", **NEED, **PERSON, details="独居")


def claim(kind, need, claim_id, version, **more):
    return kind(
        claim_id=claim_id,
        version=version,
        need_id=need["id"],
        provider_id=OFFER,
        claimer=PARTNER.id,
        text="轮椅",
        community="jiangtou",
        quantity=1,
        unit="部",
        need_registered_by=WORKER.id,
        **more,
    )


def approved(need, claim_id, version=2):
    return claim(ClaimApproved, need, claim_id, version, approved_by=WORKER.id, due_on="2026-12-07")


def released(need, claim_id, version=3):
    return claim(ClaimReleased, need, claim_id, version, reason="claimer_cannot", released_by=PARTNER.id)


@pytest.fixture
def client(ask):
    return ask("create_client", **CLIENT)


def paired(client, kind=PairingBegun, version=1, who=PARTNER, pairing_id=OFFER):
    """Return an event of a pairing in which somebody helps, by the provider that they registered."""
    helpers = (Helper(helper="", provider_id=OFFER, role="lead", account=who.id),)
    facts = dict(pairing_id=pairing_id, version=version, client_id=client["id"], community="jiangtou", helpers=helpers,
                 worker=WORKER.id)  # fmt: skip
    if kind is PairingEnded:
        return PairingEnded(**facts, reason="goals_reached", visits=3, ended_on="2026-03-05", ended_by=WORKER.id)
    return kind(**facts, target_group="elderly_alone", kinds=("emotional",), begun_on="2026-03-01")


def test_a_partner_reaches_whom_they_claimed_to_help_and_that_is_on_record(url, ask, need):
    with pytest.raises(NotFound, match="unknown_need"):
        ask.reveal("need", need["id"], PARTNER)

    hears(ResourceService, url, approved(need, new_id()))

    assert ask.reveal("need", need["id"], PARTNER) == REACH | {"details": "独居"}
    (record,) = ask("list_reveals", id=need["id"])["items"]
    assert (record["revealed_by"], record["purpose"]) == (PARTNER.id, "contact_for_service")
    with pytest.raises(Invalid, match="purpose_not_for_partners"):
        ask.reveal("need", need["id"], PARTNER, "complaint")
    with pytest.raises(NotFound, match="unknown_need"):
        ask.reveal("need", need["id"], OTHER)
    with pytest.raises(NotFound, match="unknown_need"):
        ask.reveal("need", ask("create_need", **NEED)["id"], PARTNER)


@pytest.mark.parametrize(
    "end", [released, lambda n, c: claim(ClaimLapsed, n, c, 3),
            lambda n, c: claim(ClaimRejected, n, c, 3, rejected_by=WORKER.id)]
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_who_has_no_claim_any_more_reaches_nobody_whichever_was_heard_first(url, ask, need, end, turned):
    id = new_id()
    events = [approved(need, id), end(need, id)]

    for event in reversed(events) if turned else events:
        hears(ResourceService, url, event)

    with pytest.raises(NotFound, match="unknown_need"):
        ask.reveal("need", need["id"], PARTNER)


def test_one_claim_that_ended_leaves_another(url, ask, need):
    first, second = new_id(), new_id()
    hears(ResourceService, url, approved(need, first), approved(need, second), released(need, first))

    assert ask.reveal("need", need["id"], PARTNER)["contact_name"] == "欧阳锋"


@pytest.mark.parametrize("days, may", [(0, True), (6, True), (8, False)])
def test_a_week_after_it_was_done_the_contact_is_closed(url, ask, need, days, may):
    id = new_id()
    # The day of the station is at most one ahead of that of the machine.
    on = date.today() - timedelta(days=days + (1 if days == 8 else 0))
    done = fulfilled(need, 1, claim_id=id, version=3)
    hears(ResourceService, url, approved(need, id), type(done)(**{**vars(done), "delivered_on": on.isoformat()}))

    if may:
        assert ask.reveal("need", need["id"], PARTNER)["contact_name"] == "欧阳锋"
    else:
        with pytest.raises(NotFound, match="unknown_need"):
            ask.reveal("need", need["id"], PARTNER)


def test_who_does_not_want_partners_to_know_any_more_is_not_shown_to_them(url, ask, need):
    hears(ResourceService, url, approved(need, new_id()))
    sharing = {"id": need["client_id"], "what": "share_with_partner", "by_whom": "self", "how": "voice"}
    given = ask("give_consent", **sharing)
    assert ask.reveal("need", need["id"], PARTNER)["contact_name"] == "欧阳锋"

    ask("withdraw_consent", id=given["id"])

    with pytest.raises(Forbidden, match="sharing_withdrawn"):
        ask.reveal("need", need["id"], PARTNER)
    assert ask.reveal("need", need["id"])["contact_name"] == "欧阳锋"
    ask("give_consent", **sharing)
    assert ask.reveal("need", need["id"], PARTNER)["contact_name"] == "欧阳锋"


def test_of_who_withdrew_consent_no_partner_learns_anything(url, ask, need):
    hears(ResourceService, url, approved(need, new_id()))
    given = ask("give_consent", id=need["client_id"], what="service", by_whom="self", how="voice")

    ask("withdraw_consent", id=given["id"])

    with pytest.raises(NotFound, match="unknown_need"):
        ask.reveal("need", need["id"], PARTNER)


def test_who_keeps_coming_to_a_person_learns_where_and_that_is_on_record(url, ask, client):
    with pytest.raises(NotFound, match="unknown_client"):
        ask.reveal("client", client["id"], PARTNER)

    hears(ResourceService, url, paired(client))

    assert ask.reveal("client", client["id"], PARTNER) == REACH
    (record,) = ask("list_reveals", id=client["id"])["items"]
    assert (record["revealed_by"], record["purpose"]) == (PARTNER.id, "contact_for_service")
    with pytest.raises(Invalid, match="purpose_not_for_partners"):
        ask.reveal("client", client["id"], PARTNER, "complaint")
    with pytest.raises(NotFound, match="unknown_client"):
        ask.reveal("client", client["id"], OTHER)
    with pytest.raises(NotFound, match="unknown_client"):
        ask.reveal("client", new_id(), PARTNER)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("kind, who", [(PairingEnded, PARTNER), (PairingChanged, OTHER)])
def test_who_comes_no_more_reaches_nobody_whichever_was_heard_first(url, ask, client, kind, who, turned):
    events = [paired(client), paired(client, kind, 2, who)]

    for event in reversed(events) if turned else events:
        hears(ResourceService, url, event)

    with pytest.raises(NotFound, match="unknown_client"):
        ask.reveal("client", client["id"], PARTNER)


def test_one_pairing_that_ended_leaves_another(url, ask, client):
    hears(ResourceService, url, paired(client), paired(client, pairing_id=new_id()), paired(client, PairingEnded, 2))

    assert ask.reveal("client", client["id"], PARTNER) == REACH


def test_a_visitor_is_not_shown_who_does_not_want_that_or_withdrew(url, ask, client):
    hears(ResourceService, url, paired(client))
    sharing = {"id": client["id"], "what": "share_with_partner", "by_whom": "self", "how": "voice"}
    ask("withdraw_consent", id=ask("give_consent", **sharing)["id"])
    with pytest.raises(Forbidden, match="sharing_withdrawn"):
        ask.reveal("client", client["id"], PARTNER)

    ask("withdraw_consent", id=ask("give_consent", **{**sharing, "what": "service"})["id"])

    with pytest.raises(NotFound, match="unknown_client"):
        ask.reveal("client", client["id"], PARTNER)
