"""Providers are told what they agreed to, of the communities that they serve."""

import pytest

from contracts.resource import ProviderChanged, ProviderWithdrawn
from services.notify.service import NotifyService
from tests.notify import events
from tests.notify.events import BEN
from tests.support import Caller, call, database, hears

OTHER_PROVIDER = "0190a000-0000-7000-8000-0000000000fe"


@pytest.fixture
def url(postgres):
    return database(postgres, "notify")


def inbox(url, who):
    return call(NotifyService, url, "list_messages", Caller(who))["items"]


def test_who_wants_to_know_of_new_needs_is_told_of_those_of_their_communities_once(url):
    hears(NotifyService, url, events.provider(serves=("jiangtou", "lvcuo")), events.provider(provider_id=OTHER_PROVIDER))

    hears(NotifyService, url, events.need_opened_for_claim(), times=2)
    hears(NotifyService, url, events.need_opened_for_claim(version=3, community="houpu", text="另一件"))

    assert [one["body"][:10] for one in inbox(url, BEN)] == ["另一件（2部）。您或", "独居老人需要一部轮椅"]
    hears(NotifyService, url, events.need_opened_for_claim(version=4, opened_by=BEN))
    assert len(inbox(url, BEN)) == 2


@pytest.mark.parametrize(
    "changed",
    [{"tell": ("claims",)}, {"tell_by": ("phone",)}, {"state": "paused"}, {"state": "draft"}, {"serves": ("lvcuo",)},
     None],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_who_does_not_want_to_know_of_new_needs_or_left_is_not_told(url, changed, turned):
    left = ProviderWithdrawn(version=2, provider_id=events.PROVIDER, community="jiangtou", registered_by=BEN)
    after = left if changed is None else events.provider(ProviderChanged, version=2, **changed)
    hears(NotifyService, url, *((after, events.provider()) if turned else (events.provider(), after)))

    hears(NotifyService, url, events.need_opened_for_claim())

    assert inbox(url, BEN) == []
