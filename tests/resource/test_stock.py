"""Stock: a ledger that can be replayed, whatever happens at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from contracts.errors import Conflict, Invalid, NotFound
from contracts.matching import MatchDelivered
from contracts.resource import OfferChanged, OfferUsedUp
from services.resource.service import ResourceService
from tests.support import WORKER, Caller, call, database, does, hears, published, rows

PARTNER = Caller("0190a000-0000-7000-8000-000000000003", ("partner",))
OTHER_PARTNER = Caller("0190a000-0000-7000-8000-000000000004", ("partner",))
OFFER = {"title": "大米", "community": "jiangtou", "category": "goods.food", "quantity": 10, "unit": "袋"}


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    def ask(method, caller=WORKER, **arguments):
        return call(ResourceService, url, method, caller=caller, **arguments)

    return ask


@pytest.fixture
def offer(ask):
    def offer(caller=WORKER, **changes):
        provider = ask("create_provider", caller, kind="merchant", name="好邻居", community="jiangtou")
        return ask("create_offer", caller, provider_id=provider["id"], **OFFER | changes)

    return offer


@pytest.fixture
def reconciled(url, ask):
    """Return a function that gives what is on hand and was given, once the ledger agrees with it."""

    def reconciled(id) -> tuple[int, int]:
        found = ask("reconcile_stock", id=id)
        assert found["agrees"], found
        assert rows(url, "SELECT * FROM stock_differences()") == []
        return found["on_hand"], found["given"]

    return reconciled


def told(url, kind) -> list:
    return [envelope.event for envelope in published(url, kind)]


def match(number: int) -> str:
    return f"0190a000-0000-7000-8000-0000000{number:05d}"


def delivered(offer, quantity, number=1, **changes) -> MatchDelivered:
    facts = {
        "version": 3, "match_id": match(number), "need_id": match(90000), "offer_id": offer["id"],
        "provider_id": offer["provider_id"], "need_title": "大米", "offer_title": "大米", "community": "lvcuo",
        "offer_community": "jiangtou", "category": "goods.food", "target_group": "general", "quantity": quantity,
        "confirmed": quantity, "unit": "袋", "need_left": 0, "delivered_on": "2026-11-23", "minutes": 0, "people": 1,
        "person_times": 1, "recorded_by": WORKER.id, "need_registered_by": WORKER.id, "offer_registered_by": WORKER.id,
    }  # fmt: skip
    return MatchDelivered(**facts | changes)


def movements(ask, offer) -> list:
    return [(m["kind"], m["quantity"]) for m in ask("list_stock_movements", id=offer["id"])["items"]][::-1]


def test_what_comes_in_and_goes_out_is_a_movement_each_and_told(url, ask, offer, reconciled):
    made = offer()

    ask("receive_stock", id=made["id"], quantity=5, note="第二批")
    ask("write_off_stock", id=made["id"], quantity=2)
    hears(ResourceService, url, delivered(made, 4))
    ask("receive_stock", id=made["id"], quantity=1, kind="returned")
    after = ask("correct_stock", id=made["id"], found=9)

    assert movements(ask, made) == [
        ("received", 10), ("received", 5), ("written_off", -2), ("given", -4), ("returned", 1), ("corrected", -1),
    ]  # fmt: skip
    assert (after["quantity"], after["given"], after["on_hand"], after["version"]) == (13, 4, 9, 5)
    assert reconciled(made["id"]) == (9, 4)
    # What was given stays part of what there ever was.
    assert [(event.version, event.quantity) for event in told(url, OfferChanged)] == [
        (2, 15),
        (3, 13),
        (4, 14),
        (5, 13),
    ]
    newest, *_ = ask("list_stock_movements", id=made["id"])["items"]
    assert (newest["moved_by"], newest["source"]) == (WORKER.id, None)


def test_a_count_that_finds_what_the_books_say_changes_nothing(url, ask, offer):
    made = offer()

    assert ask("correct_stock", id=made["id"], found=10)["version"] == 1
    assert told(url, OfferChanged) == [] and movements(ask, made) == [("received", 10)]


def test_a_delivery_is_booked_once_however_often_it_is_told(url, ask, offer, reconciled):
    made = offer()

    hears(ResourceService, url, delivered(made, 4), times=3)
    hears(ResourceService, url, delivered(made, 4), delivered(made, 3, number=2))

    assert reconciled(made["id"]) == (3, 7)
    sources = [m["source"] for m in ask("list_stock_movements", id=made["id"])["items"]]
    assert sources == [match(2), match(1), None]
    assert told(url, OfferChanged) == told(url, OfferUsedUp) == []


def test_a_stock_that_is_used_up_says_so_and_is_on_the_board_again_when_more_comes(url, ask, offer, reconciled):
    made = offer()
    hears(ResourceService, url, delivered(made, 10))

    (event,) = told(url, OfferUsedUp)
    assert (event.offer_id, event.version, event.title) == (made["id"], 2, "大米")
    assert ask("get_offer", id=made["id"])["state"] == "used_up"

    again = ask("receive_stock", id=made["id"], quantity=6)

    assert (again["state"], again["on_hand"], again["version"]) == ("open", 6, 3)
    (event,) = told(url, OfferChanged)
    assert (event.version, event.quantity) == (3, 16)
    assert reconciled(made["id"]) == (6, 10)


def test_what_is_written_off_to_nothing_is_used_up_too(url, ask, offer):
    made = offer()

    after = ask("write_off_stock", id=made["id"], quantity=10, note="受潮")

    assert (after["state"], after["quantity"], after["version"]) == ("used_up", 0, 3)
    assert [event.quantity for event in told(url, OfferChanged)] == [0]
    assert [event.version for event in told(url, OfferUsedUp)] == [3]


def test_more_delivered_than_the_books_had_is_booked_with_a_correction(url, ask, offer, reconciled):
    made = offer()

    hears(ResourceService, url, delivered(made, 13))

    assert movements(ask, made) == [("received", 10), ("corrected", 3), ("given", -13)]
    assert reconciled(made["id"]) == (0, 13)
    noted = [m for m in ask("list_stock_movements", id=made["id"])["items"] if m["kind"] == "corrected"]
    assert "补记" in noted[0]["note"]
    assert [event.quantity for event in told(url, OfferChanged)] == [13]
    assert [event.version for event in told(url, OfferUsedUp)] == [3]


def test_what_is_delivered_of_an_offer_that_ended_is_booked_all_the_same(url, ask, offer, reconciled):
    made = offer()
    ask("withdraw_offer", id=made["id"], reason="other")

    hears(ResourceService, url, delivered(made, 12))

    assert reconciled(made["id"]) == (0, 12)
    assert ask("get_offer", id=made["id"])["state"] == "withdrawn"
    assert told(url, OfferChanged) == told(url, OfferUsedUp) == []


def test_what_is_no_stock_or_not_known_is_not_booked(url, ask, offer):
    made = offer(form="goods_per_period", period="week")

    hears(ResourceService, url, delivered(made, 3), delivered({**made, "id": match(7)}, 1, number=2))

    assert movements(ask, made) == []
    assert ask("get_offer", id=made["id"])["given"] == 0
    for method, facts in [("receive_stock", {"quantity": 1}), ("correct_stock", {"found": 1}),
                          ("write_off_stock", {"quantity": 1})]:  # fmt: skip
        with pytest.raises(Invalid, match="not_a_stock"):
            ask(method, id=made["id"], **facts)


def test_a_balance_is_never_negative_and_never_below_what_was_given(url, ask, offer, reconciled):
    made = offer()
    hears(ResourceService, url, delivered(made, 7))

    with pytest.raises(Conflict, match="less_on_hand") as refusal:
        ask("write_off_stock", id=made["id"], quantity=4)
    assert refusal.value.facts == {"on_hand": 3}
    with pytest.raises(Conflict, match="less_than_was_given"):
        ask("change_offer", id=made["id"], version=1, quantity=6)
    with pytest.raises(Conflict, match="more_than_was_given"):
        ask("receive_stock", id=made["id"], quantity=8, kind="returned")
    for wrong in ("quantity = 6", "given = 11", "given = -1"):
        with pytest.raises(Exception, match="violates check constraint"):
            rows(url, f"UPDATE offers SET {wrong}")

    ask("change_offer", id=made["id"], version=1, quantity=8)
    assert reconciled(made["id"]) == (1, 7)
    assert movements(ask, made)[-1] == ("corrected", -2)


def test_what_came_back_cannot_come_back_again(url, ask, offer):
    made = offer()
    hears(ResourceService, url, delivered(made, 3))
    ask("receive_stock", id=made["id"], quantity=2, kind="returned")

    with pytest.raises(Conflict, match="more_than_was_given") as refusal:
        ask("receive_stock", id=made["id"], quantity=2, kind="returned")
    assert refusal.value.facts == {"given": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE stock_movements SET quantity = 9",
        "DELETE FROM stock_movements",
        "INSERT INTO stock_movements (id, offer_id, kind, quantity, moved_by) SELECT gen_random_uuid(), id, 'given', 1, '' FROM offers",
        "INSERT INTO stock_movements (id, offer_id, kind, quantity, moved_by) SELECT gen_random_uuid(), id, 'lent', 1, '' FROM offers",
    ],
)
def test_the_ledger_is_only_written_on(url, offer, wrong):
    offer()
    with pytest.raises(Exception, match=r"not changed|movement_sign"):
        rows(url, wrong)


def test_books_that_do_not_agree_are_found(url, ask, offer):
    made = offer()
    rows(url, "UPDATE offers SET quantity = 12")

    found = ask("reconcile_stock", id=made["id"])
    assert (found["agrees"], found["on_hand"], found["said_on_hand"]) == (False, 10, 12)
    assert len(rows(url, "SELECT * FROM stock_differences()")) == 1


def test_an_offer_that_is_off_the_board_keeps_its_books_and_says_nothing(url, ask, offer, reconciled):
    made = offer()
    ask("pause_provider", id=made["provider_id"], reason="装修")
    hears(ResourceService, url, delivered(made, 10))
    assert ask("get_offer", id=made["id"])["state"] == "paused"
    assert ask("receive_stock", id=made["id"], quantity=2)["state"] == "paused"
    ask("write_off_stock", id=made["id"], quantity=2)
    assert told(url, OfferChanged) == told(url, OfferUsedUp) == []

    ask("resume_provider", id=made["provider_id"])

    assert ask("get_offer", id=made["id"])["state"] == "used_up"
    assert reconciled(made["id"]) == (0, 10)
    assert [event.quantity for event in told(url, OfferChanged)] == [10]
    assert len(told(url, OfferUsedUp)) == 1


def test_what_is_used_up_while_its_provider_rests_comes_back_with_it(url, ask, offer):
    made = offer()
    hears(ResourceService, url, delivered(made, 10))
    ask("pause_provider", id=made["provider_id"], reason="装修")

    assert ask("receive_stock", id=made["id"], quantity=2)["state"] == "paused"
    assert told(url, OfferChanged) == []
    ask("resume_provider", id=made["provider_id"])
    assert [(event.quantity, event.offer_id) for event in told(url, OfferChanged)] == [(12, made["id"])]


def test_partners_keep_the_books_of_their_own_stock(ask, offer):
    made = offer(PARTNER)

    assert ask("receive_stock", PARTNER, id=made["id"], quantity=1)["on_hand"] == 11
    for method, facts in [("receive_stock", {"quantity": 1}), ("list_stock_movements", {}), ("reconcile_stock", {})]:
        with pytest.raises(NotFound, match="unknown_offer"):
            ask(method, OTHER_PARTNER, id=made["id"], **facts)


def test_movements_are_paged(ask, offer):
    made = offer()
    for _ in range(4):
        ask("receive_stock", id=made["id"], quantity=1)

    first = ask("list_stock_movements", id=made["id"], limit=3)
    second = ask("list_stock_movements", id=made["id"], limit=3, after=first["next"])
    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 2, None)


# At once


def test_twenty_at_once_book_everything_and_nothing_twice(url, ask, offer, reconciled):
    made = offer(quantity=5)

    def work(number):
        try:
            if number % 2:
                ask("receive_stock", id=made["id"], quantity=3)
                return 3
            ask("write_off_stock", id=made["id"], quantity=4)
            return -4
        except Conflict as refusal:
            assert refusal.slug == "less_on_hand"
            return 0

    with ThreadPoolExecutor(20) as pool:
        booked = list(pool.map(work, range(20)))

    assert sum(1 for each in booked if each == 3) == 10
    assert reconciled(made["id"]) == (5 + sum(booked), 0)
    versions = [envelope.event.version for envelope in published(url) if envelope.event.subject == made["id"]]
    assert versions == list(range(1, len(versions) + 1))


def test_deliveries_and_staff_at_once_agree_in_the_end(url, ask, offer, reconciled):
    made = offer(quantity=8)

    def work(number):
        if number % 2:
            hears(ResourceService, url, delivered(made, 2, number=number // 4))
        else:
            ask("receive_stock", id=made["id"], quantity=1)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(20)))

    on_hand, given = reconciled(made["id"])
    assert given == 2 * 5  # each of five deliveries is told of twice
    assert on_hand == 8 + 10 - given + sum(quantity for kind, quantity in movements(ask, made) if kind == "corrected")


def test_stock_and_a_provider_that_rests_at_once_do_not_wait_for_one_another(ask, offer, reconciled):
    made = offer(quantity=50)

    def work(number):
        if number % 4 == 0:
            step = "pause_provider" if number % 8 else "resume_provider"
            facts = {"reason": "装修"} if number % 8 else {}
            with suppress(Conflict):
                ask(step, id=made["provider_id"], **facts)
        else:
            ask("write_off_stock", id=made["id"], quantity=1)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(40)))

    assert reconciled(made["id"]) == (20, 0)
    state = ask("get_provider", id=made["provider_id"])["state"]
    assert ask("get_offer", id=made["id"])["state"] == {"verified": "open", "paused": "paused"}[state]


def test_expiry_and_a_receipt_at_once_leave_books_that_agree(url, ask, offer, reconciled):
    made, later = offer(expires_on="2031-01-01"), datetime(2031, 1, 2, tzinfo=UTC)

    def receive(_):
        try:
            ask("receive_stock", id=made["id"], quantity=1)
        except Conflict as refusal:
            assert refusal.slug == "already_expired"

    with ThreadPoolExecutor(8) as pool:
        expiring = pool.submit(does, ResourceService, url, "expire_offers", later)
        list(pool.map(receive, range(7)))
        expiring.result()
    does(ResourceService, url, "expire_offers", later)

    assert reconciled(made["id"]) == (0, 0)
    assert ask("get_offer", id=made["id"])["state"] == "expired"
