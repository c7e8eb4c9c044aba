"""The claim board on a real database."""

from datetime import date, timedelta

import pytest
from marshmallow import ValidationError

from chassis.privacy import Keyring
from contracts import matching as told
from contracts.calls.matching.claims import Opening
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.fields import STATION_TIME
from contracts.resource import (
    ClientForgotten,
    NeedChanged,
    NeedMet,
    OfferPublished,
    ProviderChanged,
    ProviderWithdrawn,
)
from services.matching.service import MatchingService
from services.matching.store import MatchingStore
from tests.matching.claim_board import (
    CLIENT,
    NOW,
    OTHER,
    PARTNER,
    TEXT,
    approved,
    claimed,
    days,
    does_call,
    listed,
    need,
    need_id,
    provider,
    provider_id,
    withdrawn,
)
from tests.support import DATA_KEYS, OFFICE, WORKER, Caller, database, does, hears, published, rows, transactions

ELSEWHERE = Caller("0190a000-0000-7000-8000-0000000000e1", ("community_staff",), ("lvling",))
OPERATOR = Caller("0190a000-0000-7000-8000-0000000000e2", ("operator",))
TODAY = NOW.astimezone(STATION_TIME).date()


@pytest.fixture
def url(postgres):
    return database(postgres, "matching")


def board(url, caller=PARTNER, **filters):
    return does_call(url, "list_listings", caller, **filters)["items"]


def sealed(text):
    return Keyring(DATA_KEYS).seal(text, "call/note")


def allocated(url):
    return rows(url, "SELECT n.allocated, l.taken FROM needs AS n JOIN listings AS l ON l.need_id = n.id")


def test_an_opened_need_is_listed_without_private_data(url):
    listed(url, quantity=4)

    (item,) = board(url)
    assert (item["text"], item["quantity_left"], item["unit"], item["days_waiting"]) == (TEXT, 4, "部", 0)
    assert not {"title", "client_id", "registered_by"} & set(item)
    (opened,) = published(url, told.NeedOpenedForClaim)
    assert (opened.event.quantity, opened.event.opened_by) == (4, WORKER.id)


@pytest.mark.parametrize(
    "text",
    ["住在吕岭路12号", "3栋502室的老人", "五单元", "电话0592 1234567", "证件350206194001010011", "门牌在巷口", "Ａ座"],
)
def test_words_that_lead_to_somebodys_door_are_refused(text):
    with pytest.raises(ValidationError):
        Opening().load({"text": text})


@pytest.mark.parametrize(
    "text", ["需要1部轮椅", "住5楼没有电梯，需要2人帮忙", "每周一次陪伴，共12次", "一室一厅大扫除"]
)
def test_plain_words_are_not(text):
    assert Opening().load({"text": text})["text"] == text


def test_no_more_is_listed_than_what_is_left(url):
    with pytest.raises(Conflict) as refusal:
        listed(url, quantity=11)

    assert (refusal.value.slug, refusal.value.facts) == ("need_has_less_left", {"left": 10})


def test_only_social_workers_and_the_office_open_and_only_their_communities(url):
    hears(MatchingService, url, need())
    for caller, slug in [(PARTNER, "role_required"), (ELSEWHERE, "role_required")]:
        with pytest.raises(Forbidden) as refusal:
            does_call(url, "open_for_claim", caller, id=need_id(), text=TEXT)
        assert refusal.value.slug == slug
    with pytest.raises(Forbidden) as refusal:
        does_call(url, "open_for_claim", Caller("w", ("social_worker",), ("lvling",)), id=need_id(), text=TEXT)
    assert refusal.value.slug == "community_forbidden"


def test_partners_without_a_verified_provider_see_nothing(url):
    listed(url)
    hears(MatchingService, url, ProviderChanged(**{**vars(provider()), "version": 2, "state": "paused"}))

    for method, arguments in [("list_listings", {}), ("get_listing", {"id": need_id()}), ("list_claim_ranking", {})]:
        with pytest.raises(Forbidden) as refusal:
            does_call(url, method, PARTNER, **arguments)
        assert refusal.value.slug == "verified_partner_required"
    assert len(board(url, OTHER)) == 1


def test_an_older_word_on_a_provider_never_overwrites_a_newer_one(url):
    hears(
        MatchingService, url,
        ProviderWithdrawn(version=3, provider_id=provider_id(), community="lvcuo", registered_by=PARTNER.id), provider(),
    )  # fmt: skip

    assert rows(url, "SELECT state, version FROM providers") == [{"state": "left", "version": 3}]


@pytest.mark.parametrize(
    "filters, found",
    [
        ({}, 2),
        ({"community": "jiangtou"}, 1),
        ({"category": "goods"}, 1),
        ({"category": "goods.aids"}, 1),
        ({"target_group": "disabled"}, 1),
        ({"urgency": 3}, 1),
        ({"since": TODAY + timedelta(days=9)}, 1),
        ({"until": TODAY + timedelta(days=1)}, 1),
        ({"since": TODAY + timedelta(days=4), "until": TODAY + timedelta(days=6)}, 2),
    ],
)
def test_listings_are_filtered(url, filters, found):
    listed(url)
    listed(
        url, 2, community="lvling", category="skills.hair", target_group="disabled", urgency=3,
        starts_at=NOW + timedelta(days=3), ends_at=NOW + timedelta(days=8),
    )  # fmt: skip

    assert len(board(url, **filters)) == found


def test_listings_are_paged(url):
    for number in range(1, 6):
        listed(url, number)
    first = does_call(url, "list_listings", PARTNER, limit=3)
    second = does_call(url, "list_listings", PARTNER, limit=3, after=first["next"])

    ids = [item["id"] for item in first["items"] + second["items"]]
    assert ids == [need_id(number) for number in (5, 4, 3, 2, 1)]
    assert second["next"] is None


def test_a_claim_sets_units_aside_that_no_match_can_have(url):
    listed(url)
    offer = OfferPublished(
        version=1, offer_id="0190a000-0000-7000-8000-00000000b001", provider_id=provider_id(), title="轮椅",
        community="jiangtou", community_name="江头社区", serves=(), category="goods.aids", category_name="康复辅具",
        quantity=20, unit="部", target_groups=(), registered_by=WORKER.id,
    )  # fmt: skip
    hears(MatchingService, url, offer)
    (proposed,) = published(url, told.MatchProposed)
    claim = claimed(url, quantity=4)

    assert (claim["state"], claim["quantity"], claim["claimer"]) == ("claimed", 4, PARTNER.id)
    with pytest.raises(Conflict) as refusal:
        does_call(url, "confirm_match", id=proposed.event.match_id, quantity=7)
    assert refusal.value.facts == {"left": 6}
    does_call(url, "confirm_match", id=proposed.event.match_id, quantity=6)
    with pytest.raises(Conflict) as refusal:
        claimed(url, OTHER)
    assert (refusal.value.slug, refusal.value.facts) == ("claimed_by_others", {"left": 0})
    assert allocated(url) == [{"allocated": 10, "taken": 4}]
    (made,) = published(url, told.ClaimMade)
    assert (made.event.quantity, made.event.need_registered_by, made.event.text) == (4, WORKER.id, TEXT)


def test_a_claim_for_more_than_is_left_says_what_is_left(url):
    listed(url)
    claimed(url, quantity=7)

    with pytest.raises(Conflict) as refusal:
        claimed(url, OTHER, quantity=4)
    assert (refusal.value.slug, refusal.value.facts) == ("claimed_by_others", {"left": 3})


def test_nobody_claims_for_a_provider_of_somebody_else(url):
    listed(url)

    with pytest.raises(NotFound):
        claimed(url, OTHER, provider_id=provider_id(1))


def test_a_partner_has_at_most_five_live_claims(url):
    listed(url)
    for _ in range(5):
        claim = claimed(url, quantity=1)

    with pytest.raises(Conflict) as refusal:
        claimed(url, quantity=1)
    assert (refusal.value.slug, refusal.value.facts) == ("too_many_claims", {"most": 5})
    does_call(url, "release_claim", PARTNER, id=claim["id"], reason="claimer_cannot")
    assert claimed(url, quantity=1)["state"] == "claimed"


def test_staff_approve_and_the_claimer_is_told_until_when(url):
    listed(url)
    claim = approved(url, quantity=2)

    assert (claim["state"], claim["approved_by"]) == ("approved", OFFICE.id)
    (event,) = published(url, told.ClaimApproved)
    assert event.event.due_on == (TODAY + timedelta(days=14)).isoformat()
    assert [step["step"] for step in claim["steps"]] == ["claimed", "approved"]
    with pytest.raises(Conflict) as refusal:
        does_call(url, "approve_claim", id=claim["id"])
    assert refusal.value.slug == "claim_in_another_state"


def test_only_staff_of_the_community_decide_and_only_the_claimer_sees_a_claim(url):
    listed(url)
    claim = claimed(url)

    with pytest.raises(Forbidden):
        does_call(url, "approve_claim", ELSEWHERE, id=claim["id"])
    with pytest.raises(Forbidden):
        does_call(url, "approve_claim", PARTNER, id=claim["id"])
    for method, arguments in [("get_claim", {}), ("release_claim", {"reason": "other"}), ("fulfil_claim", {})]:
        with pytest.raises(NotFound):
            does_call(url, method, OTHER, id=claim["id"], **arguments)
    assert does_call(url, "list_claims", OTHER)["items"] == []
    assert [item["id"] for item in does_call(url, "list_claims", PARTNER)["items"]] == [claim["id"]]
    assert does_call(url, "list_claims", ELSEWHERE)["items"] == []


def test_a_rejected_claim_frees_its_units_and_keeps_the_reason(url):
    listed(url)
    claim = does_call(url, "reject_claim", id=claimed(url)["id"], reason="已有安排")

    assert (claim["state"], claim["reason"]) == ("rejected", "已有安排")
    assert allocated(url) == [{"allocated": 0, "taken": 0}]
    assert published(url, told.ClaimRejected)[0].event.rejected_by == WORKER.id


def test_what_was_not_done_of_a_claim_is_free_again(url):
    listed(url)
    claim = approved(url, quantity=5)
    done = does_call(
        url, "fulfil_claim", PARTNER, id=claim["id"], quantity=3, minutes=90, people=2, person_times=6, note=sealed("老人很高兴"),
    )  # fmt: skip

    assert (done["state"], done["fulfilled"], done["ended_on"], done["has_note"]) == ("fulfilled", 3, str(TODAY), True)
    assert allocated(url) == [{"allocated": 3, "taken": 3}]
    (event,) = published(url, told.ClaimFulfilled)
    facts = event.event
    assert (facts.fulfilled, facts.quantity, facts.need_left, facts.client_id) == (3, 5, 7, CLIENT)
    assert (facts.minutes, facts.people, facts.person_times, facts.recorded_by) == (90, 2, 6, PARTNER.id)
    (row,) = rows(
        url, "SELECT source, quantity, from_community, to_community, client_id::text AS client FROM deliveries"
    )
    assert tuple(row.values()) == ("claim", 3, "lvcuo", "jiangtou", CLIENT)
    assert "老人" not in rows(url, "SELECT note FROM claims")[0]["note"]
    assert board(url)[0]["quantity_left"] == 7


@pytest.mark.parametrize(
    "arguments, slug",
    [
        ({"quantity": 6}, "more_than_claimed"),
        ({"delivered_on": TODAY + timedelta(days=1)}, "delivered_in_the_future"),
        ({"delivered_on": TODAY - timedelta(days=1)}, "delivered_before_it_was_claimed"),
        ({"people": 3, "person_times": 2}, "fewer_person_times_than_people"),
    ],
)
def test_what_cannot_have_been_done_is_refused(url, arguments, slug):
    listed(url)
    claim = approved(url, quantity=5)

    with pytest.raises((Conflict, Invalid)) as refusal:
        does_call(url, "fulfil_claim", PARTNER, id=claim["id"], **arguments)
    assert refusal.value.slug == slug


def test_a_note_is_shown_with_a_purpose_on_record(url):
    listed(url)
    claim = approved(url)
    does_call(url, "fulfil_claim", PARTNER, id=claim["id"], note=sealed("老人很高兴"))
    shown = does_call(url, "reveal_claim_note", OFFICE, id=claim["id"], purpose="follow_up")

    assert Keyring(DATA_KEYS).open(shown["note"], "call/note") == "老人很高兴"
    (record,) = does_call(url, "list_claim_note_reveals", id=claim["id"])["items"]
    assert (record["revealed_by"], record["purpose"]) == (OFFICE.id, "follow_up")


def test_notes_are_sealed_anew_with_a_new_key(url):
    listed(url)
    does_call(url, "fulfil_claim", PARTNER, id=approved(url)["id"], note=sealed("老人很高兴"))
    keyring = Keyring((("t2", b"x" * 32), *DATA_KEYS))
    with transactions(MatchingService, url).transaction() as store:
        assert isinstance(store, MatchingStore)
        assert (store.reseal(keyring, limit=5), store.reseal(keyring, limit=5)) == (1, 0)

    assert rows(url, "SELECT note FROM claims")[0]["note"].startswith("t2:")


def test_a_claim_is_handed_over_in_one_step(url):
    listed(url)
    old = approved(url, quantity=2)
    new = does_call(url, "hand_over_claim", id=old["id"], provider_id=provider_id(2), reason="对方离得近")

    assert (new["state"], new["claimer"], new["handed_from"]) == ("approved", OTHER.id, old["id"])
    (released,) = published(url, told.ClaimReleased)
    assert (released.event.reason, released.event.handed_to) == ("handed_over", new["id"])
    assert [(e.event.claim_id, e.event.handed_from) for e in published(url, told.ClaimApproved)] == [
        (old["id"], None), (new["id"], old["id"]),
    ]  # fmt: skip
    assert allocated(url) == [{"allocated": 2, "taken": 2}]


def test_a_claim_is_not_handed_to_who_is_not_verified(url):
    listed(url)
    claim = approved(url)
    hears(MatchingService, url, provider(3, state="draft"))

    for number, slug in [(3, "provider_not_verified"), (1, "provider_has_it_already")]:
        with pytest.raises(Conflict) as refusal:
            does_call(url, "hand_over_claim", id=claim["id"], provider_id=provider_id(number), reason="换人")
        assert refusal.value.slug == slug


def test_a_claim_without_action_is_reminded_once_and_then_lapses(url):
    listed(url)
    claim = approved(url, quantity=4)

    for count in (6, 7, 8, 13):
        does(MatchingService, url, "see_to_claims", days(count))
    (reminded,) = published(url, told.ClaimReminded)
    assert reminded.event.due_on == (TODAY + timedelta(days=14)).isoformat()
    assert published(url, told.ClaimLapsed) == []

    does(MatchingService, url, "see_to_claims", days(14))
    (lapsed,) = published(url, told.ClaimLapsed)
    assert lapsed.event.claim_id == claim["id"]
    assert allocated(url) == [{"allocated": 0, "taken": 0}]


def test_of_a_claim_that_nobody_decides_staff_are_reminded_and_it_never_counts_against_the_claimer(url):
    listed(url)
    does_call(url, "fulfil_claim", PARTNER, id=approved(url, quantity=1)["id"])
    claimed(url, quantity=2)

    for count in (6, 7, 8, 13):
        does(MatchingService, url, "see_to_claims", days(count))
    (reminded,) = published(url, told.ClaimReminded)
    assert (reminded.event.waits_for, reminded.event.opened_by) == ("staff", WORKER.id)
    assert published(url, told.ClaimLapsed) == []

    does(MatchingService, url, "see_to_claims", days(14))
    (lapsed,) = published(url, told.ClaimLapsed)
    assert lapsed.event.waits_for == "staff"
    assert allocated(url) == [{"allocated": 1, "taken": 1}]
    (rank,) = does_call(url, "list_claim_ranking")["items"]
    assert (rank["deliveries"], rank["lapsed_percent"]) == (1, 0)


def test_nobody_loses_a_claim_whose_reminder_came_late(url):
    listed(url)
    approved(url)
    does(MatchingService, url, "see_to_claims", days(20))

    (reminded,) = published(url, told.ClaimReminded)
    assert reminded.event.due_on == (TODAY + timedelta(days=27)).isoformat()
    assert published(url, told.ClaimLapsed) == []
    does(MatchingService, url, "see_to_claims", days(28))
    assert len(published(url, told.ClaimLapsed)) == 1


def test_progress_gives_a_claim_its_whole_time_again(url):
    listed(url)
    claim = approved(url)
    does(MatchingService, url, "see_to_claims", days(8))
    moved = does_call(url, "report_progress", PARTNER, id=claim["id"], progress="contacted")

    assert (moved["progress"], moved["reminded_at"], moved["state"]) == ("contacted", None, "approved")
    rows(url, "UPDATE claims SET due_at = due_at + interval '8 days', remind_at = remind_at + interval '8 days'")
    does(MatchingService, url, "see_to_claims", days(14))
    assert published(url, told.ClaimLapsed) == []


def test_operators_change_the_days_and_a_stale_page_does_not(url):
    listed(url)
    assert does_call(url, "get_claim_rules", OPERATOR)["lapse_after_days"] == 14
    changed = does_call(
        url, "change_claim_rules", OPERATOR, version=1, remind_after_days=2, lapse_after_days=3, most_live=1
    )
    assert (changed["version"], changed["changed_by"]) == (2, OPERATOR.id)
    for arguments, slug in [
        ({"version": 1, "remind_after_days": 2, "lapse_after_days": 9, "most_live": 1}, "stale_version"),
        ({"version": 2, "remind_after_days": 9, "lapse_after_days": 9, "most_live": 1}, "reminded_after_it_lapses"),
    ]:
        with pytest.raises((Conflict, Invalid)) as refusal:
            does_call(url, "change_claim_rules", OPERATOR, **arguments)
        assert refusal.value.slug == slug
    claimed(url, quantity=1)
    with pytest.raises(Conflict):
        claimed(url, quantity=1)
    for count in (2, 3):
        does(MatchingService, url, "see_to_claims", days(count))
    assert len(published(url, told.ClaimLapsed)) == 1


def test_suggestions_are_made_again_for_what_lapsed(url):
    offer = OfferPublished(
        version=1, offer_id="0190a000-0000-7000-8000-00000000b001", provider_id=provider_id(), title="轮椅",
        community="jiangtou", community_name="江头社区", serves=(), category="goods.aids", category_name="康复辅具",
        quantity=20, unit="部", target_groups=(), registered_by=WORKER.id,
    )  # fmt: skip
    listed(url)
    hears(MatchingService, url, offer)
    claimed(url)
    assert [e.event.reason for e in published(url, told.MatchLapsed)] == ["need_met"]
    for count in (8, 15):
        does(MatchingService, url, "see_to_claims", days(count))

    assert len(published(url, told.MatchProposed)) == 2


def test_a_withdrawn_need_leaves_the_board_and_lets_everybody_go(url):
    listed(url)
    approved(url, quantity=2)
    claimed(url, OTHER, quantity=3)
    hears(MatchingService, url, withdrawn(), times=2)

    assert board(url) == []
    assert [(e.event.reason, e.event.released_by) for e in published(url, told.ClaimReleased)] == [
        ("need_withdrawn", "")
    ] * 2
    assert [e.event.reason for e in published(url, told.NeedClosedForClaim)] == ["need_withdrawn"]
    assert allocated(url) == [{"allocated": 0, "taken": 0}]


def test_what_was_approved_of_a_need_whose_time_is_over_can_still_be_recorded(url):
    listed(url, ends_at=NOW + timedelta(hours=1))
    claim = approved(url, quantity=2)
    waiting = claimed(url, OTHER, quantity=3)
    hears(MatchingService, url, withdrawn(reason="window_over"), times=2)

    assert [e.event.claim_id for e in published(url, told.ClaimReleased)] == [waiting["id"]]
    assert board(url) == []
    done = does_call(url, "fulfil_claim", PARTNER, id=claim["id"], people=1)
    assert (done["state"], done["fulfilled"]) == ("fulfilled", 2)
    assert allocated(url) == [{"allocated": 2, "taken": 2}]
    assert published(url, told.ClaimFulfilled)[0].event.need_met is False


def test_a_claim_that_is_done_says_whether_all_of_the_need_is(url):
    listed(url, quantity=10)
    ids = [approved(url, caller, quantity=5)["id"] for caller in (PARTNER, OTHER)]
    for caller, id in zip((PARTNER, OTHER), ids, strict=True):
        does_call(url, "fulfil_claim", caller, id=id)

    assert [(e.event.need_left, e.event.need_met) for e in published(url, told.ClaimFulfilled)] == [
        (0, False),
        (0, True),
    ]


def test_a_changed_need_changes_its_listing(url):
    listed(url)
    claimed(url, quantity=3)
    change = {**vars(need()), "version": 2, "quantity": 5, "community": "lvling"}
    hears(MatchingService, url, NeedChanged(**change), times=2)

    (item,) = board(url)
    assert (item["quantity_left"], item["community"]) == (2, "lvling")
    assert [(e.event.version, e.event.quantity) for e in published(url, told.NeedOpenedForClaim)] == [(1, 10), (2, 2)]
    assert does_call(url, "list_claims", ELSEWHERE)["items"][0]["community"] == "lvling"


def test_a_need_that_asks_for_less_than_is_claimed_has_nothing_more_to_claim(url):
    listed(url)
    claim = claimed(url, quantity=8)
    hears(MatchingService, url, NeedChanged(**{**vars(need()), "version": 2, "quantity": 5}))

    assert board(url) == []
    does_call(url, "release_claim", PARTNER, id=claim["id"], reason="claimer_cannot")
    assert allocated(url) == [{"allocated": 0, "taken": 0}]


def test_a_met_need_leaves_the_board(url):
    listed(url)
    facts = {name: vars(need())[name] for name in ("need_id", "title", "community", "category", "target_group")}
    hears(MatchingService, url, NeedMet(version=2, quantity=10, met=10, unit="部", registered_by=WORKER.id, **facts))

    assert [e.event.reason for e in published(url, told.NeedClosedForClaim)] == ["need_met"]


def test_a_closed_listing_keeps_its_claims_and_can_be_opened_again(url):
    listed(url, quantity=6)
    claim = claimed(url, quantity=2)
    does_call(url, "close_for_claim", id=need_id())

    assert board(url) == []
    with pytest.raises(NotFound):
        does_call(url, "get_listing", PARTNER, id=need_id())
    assert does_call(url, "approve_claim", id=claim["id"])["state"] == "approved"
    again = does_call(url, "open_for_claim", id=need_id(), text="换个说法", quantity=8)
    assert (again["quantity_left"], again["text"], again["version"]) == (8, "换个说法", 3)
    with pytest.raises(Conflict):
        does_call(url, "open_for_claim", id=need_id(), text=TEXT)


def test_a_provider_that_left_gives_up_what_it_claimed(url):
    listed(url)
    approved(url)
    hears(
        MatchingService, url,
        ProviderWithdrawn(version=2, provider_id=provider_id(), community="lvcuo", registered_by=PARTNER.id),
    )  # fmt: skip

    (released,) = published(url, told.ClaimReleased)
    assert (released.event.reason, released.event.released_by) == ("claimer_cannot", "")


def test_no_word_stays_about_somebody_who_withdrew_consent(url):
    listed(url)
    does_call(url, "fulfil_claim", PARTNER, id=approved(url, quantity=2)["id"], note=sealed("老人很高兴"))
    does_call(url, "reject_claim", id=claimed(url, quantity=2)["id"], reason="老人不愿意")
    handed = claimed(url, quantity=2)["id"]
    does_call(url, "hand_over_claim", id=handed, provider_id=provider_id(2), reason="老人想换人")
    hears(MatchingService, url, ClientForgotten(version=3, client_id=CLIENT, community="jiangtou"))

    assert {(row["text"], row["note"]) for row in rows(url, "SELECT text, note FROM claims")} == {("", None)}
    assert rows(url, "SELECT reason FROM claim_steps WHERE reason IS NOT NULL") == []
    assert rows(url, "SELECT text FROM listings") == [{"text": ""}]


def test_rankings_count_what_was_done_and_not_what_was_claimed(url):
    listed(url, quantity=10)
    listed(url, 2, unit="次", community="lvling")
    for number, quantity in [(1, 2), (2, 3)]:
        claim = approved(url, PARTNER, number, quantity=4)
        does_call(url, "fulfil_claim", PARTNER, id=claim["id"], quantity=quantity, people=2, person_times=3)
    for _ in range(3):
        does_call(url, "release_claim", OTHER, id=approved(url, OTHER, 1, quantity=1)["id"], reason="claimer_cannot")
    does_call(url, "fulfil_claim", OTHER, id=approved(url, OTHER, 1, quantity=1)["id"], people=1)

    first, second = does_call(url, "list_claim_ranking")["items"]
    assert (first["provider_id"], first["deliveries"], first["people"], first["person_times"]) == (
        provider_id(1),
        2,
        4,
        6,
    )
    assert first["quantities"] == [{"unit": "次", "quantity": 3}, {"unit": "部", "quantity": 2}]
    assert (second["deliveries"], second["released_percent"], second["lapsed_percent"]) == (1, 75, 0)
    theirs = does_call(url, "list_claim_ranking", PARTNER, community="jiangtou")["items"]
    assert [(item["deliveries"], item["released_percent"]) for item in theirs] == [(1, None), (1, None)]
    assert does_call(url, "list_claim_ranking", since=date(2020, 1, 1), until=date(2020, 2, 1))["items"] == []


def test_what_became_of_claims_counts_for_the_provider_as_what_became_of_matches_does(url):
    listed(url, quantity=6)
    does_call(url, "fulfil_claim", PARTNER, id=approved(url, quantity=2)["id"], quantity=2)
    does_call(url, "release_claim", PARTNER, id=approved(url, quantity=2)["id"], reason="claimer_cannot")
    does_call(url, "release_claim", PARTNER, id=claimed(url, quantity=2)["id"], reason="claimer_cannot")
    does_call(url, "release_claim", id=approved(url, quantity=2)["id"], reason="recipient_declined")
    approved(url, quantity=2)
    for when in (days(8), days(15), days(30)):
        does(MatchingService, url, "see_to_claims", when)

    record = rows(url, "SELECT provider_id::text AS provider_id, recent, delivered, failed FROM provider_record")
    assert record == [{"provider_id": provider_id(1), "recent": 4, "delivered": 1, "failed": 2}]
