"""Offers of every form: what each takes and refuses, when it is on the board, when it is to be had."""

from datetime import UTC, datetime

import pytest

from contracts.errors import Conflict, Invalid
from contracts.resource import OfferChanged, OfferPublished, OfferWithdrawn
from contracts.words import Date, Slot
from services.resource.service import ResourceService
from tests.support import WORKER, Caller, call, database, does, published, rows

PARTNER = Caller("0190a000-0000-7000-8000-000000000003", ("partner",))
MONDAY = {"weekday": 1, "starts": "09:00", "ends": "11:30"}
EVENING = {"weekday": 3, "starts": "20:00", "ends": "24:00"}
DAY = {"starts_at": "2031-03-08T09:00:00+08:00", "ends_at": "2031-03-08T12:00:00+08:00", "places": 4}
FORMS = {
    "goods": {"expires_on": "2031-06-30", "quantity": 20, "unit": "袋"},
    "money": {"purpose": "困难家庭学生的学费", "quantity": 5000, "unit": "元"},
    "goods_per_period": {"period": "week", "quantity": 10, "unit": "份"},
    "hours": {"slots": [EVENING, MONDAY], "days_off": ["2031-10-01"], "dates": [DAY], "quantity": 2, "unit": "小时"},
    "room": {"slots": [MONDAY], "quantity": 1, "unit": "间"},
    "posts": {"dates": [DAY], "unit": "人"},
    "unlimited": {"unit": "次"},
}


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
    """Return a function that registers an offer of a form, with a provider of its own."""

    def offer(form="goods", caller=WORKER, **changes):
        if "provider_id" not in changes:
            provider = ask("create_provider", caller, kind="merchant", name="好邻居", community="jiangtou")
            changes["provider_id"] = provider["id"]
        facts = {"title": "资源", "community": "jiangtou", "category": "other.unsorted", "form": form, **FORMS[form]}
        return ask("create_offer", caller, **{k: v for k, v in (facts | changes).items() if v is not ...})

    return offer


def told(url, kind) -> list:
    return [envelope.event for envelope in published(url, kind)]


# Forms


@pytest.mark.parametrize("form", FORMS)
def test_an_offer_of_every_form_is_kept_shown_and_told_of_whole(url, ask, offer, form):
    made = offer(form, transport="station", conditions="需提前一天预约", serves=["lvcuo"], target_groups=["disabled"])

    assert ask("get_offer", id=made["id"]) == made
    said = {name: value for name, value in FORMS[form].items() if name != "slots"}
    assert {name: made[name] for name in said} == said
    (event,) = told(url, OfferPublished)
    assert (event.form, event.transport, event.conditions, event.serves) == (
        form,
        "station",
        "需提前一天预约",
        ("lvcuo",),
    )
    assert (event.quantity, event.unit) == (made["quantity"], FORMS[form]["unit"])
    assert (made["on_hand"], made["given"]) == (made["quantity"] if form in ("goods", "money") else None, 0)


def test_a_timetable_is_told_of_in_order_with_its_exceptions(url, offer):
    made = offer("hours")

    (event,) = told(url, OfferPublished)
    assert event.slots == (Slot(**MONDAY), Slot(**EVENING))
    assert event.days_off == ("2031-10-01",)
    moments = {name: datetime.fromisoformat(DAY[name]) for name in ("starts_at", "ends_at")}
    assert event.dates == (Date(**moments, places=4),)
    assert (made["slots"], made["dates"], made["days_off"]) == ([MONDAY, EVENING], [DAY], ["2031-10-01"])
    assert event.ends_at is None


def test_goods_are_to_be_had_until_their_last_good_day_is_over(url, offer):
    offer("goods")
    offer("goods", ends_at="2031-05-01T00:00:00+08:00")

    ends = [event.ends_at for event in told(url, OfferPublished)]
    assert ends == [
        datetime.fromisoformat("2031-07-01T00:00:00+08:00"),
        datetime.fromisoformat("2031-05-01T00:00:00+08:00"),
    ]


def test_posts_have_the_places_of_their_dates_and_end_with_the_last(url, offer):
    later = {"starts_at": "2031-03-09T09:00:00+08:00", "ends_at": "2031-03-09T12:00:00+08:00", "places": 6}

    assert offer("posts", dates=[later, DAY])["quantity"] == 6

    (event,) = told(url, OfferPublished)
    assert [each.places for each in event.dates] == [4, 6]
    assert event.ends_at == datetime.fromisoformat(later["ends_at"])


def test_money_says_what_it_is_for(url, ask, offer):
    made = offer("money")
    ask("change_offer", id=made["id"], version=1, purpose="医药费")

    assert [event.purpose for event in (*told(url, OfferPublished), *told(url, OfferChanged))] == [
        "困难家庭学生的学费",
        "医药费",
    ]


@pytest.mark.parametrize(
    "form, changes, slug, field",
    [
        ("goods", {"period": "week"}, "not_for_this_form", "period"),
        ("goods", {"slots": [MONDAY]}, "not_for_this_form", "slots"),
        ("goods", {"purpose": "学费"}, "not_for_this_form", "purpose"),
        ("money", {"expires_on": "2031-01-01"}, "not_for_this_form", "expires_on"),
        ("money", {"purpose": ""}, "purpose_missing", "purpose"),
        ("money", {"unit": "分"}, "money_counts_in_yuan", "unit"),
        ("goods_per_period", {"period": ""}, "period_missing", "period"),
        ("goods_per_period", {"dates": [DAY]}, "not_for_this_form", "dates"),
        ("hours", {"slots": [], "dates": []}, "timetable_missing", "slots"),
        ("hours", {"slots": [MONDAY, MONDAY | {"starts": "11:00", "ends": "12:00"}]}, "slots_overlap", "slots"),
        ("hours", {"slots": [MONDAY | {"ends": "09:00"}]}, "ends_before_it_starts", "slots"),
        ("room", {"dates": [DAY, DAY | {"starts_at": "2031-03-08T11:00:00+08:00"}]}, "dates_overlap", "dates"),
        ("room", {"period": "day"}, "not_for_this_form", "period"),
        ("posts", {"dates": []}, "dates_missing", "dates"),
        ("posts", {"dates": [DAY, DAY]}, "dates_overlap", "dates"),
        ("posts", {"dates": [DAY | {"ends_at": DAY["starts_at"]}]}, "ends_before_it_starts", "dates"),
        ("posts", {"days_off": ["2031-10-01"]}, "not_for_this_form", "days_off"),
        ("posts", {"quantity": 3}, "invalid_fields", "quantity"),
        ("unlimited", {"quantity": 3}, "invalid_fields", "quantity"),
        ("unlimited", {"slots": [MONDAY]}, "not_for_this_form", "slots"),
        ("goods", {"quantity": ...}, "invalid_fields", "quantity"),
        ("goods", {"starts_at": "2031-07-01T00:00:00+08:00"}, "ends_before_it_starts", "expires_on"),
        ("hours", {"slots": [MONDAY | {"weekday": 8}]}, "invalid_fields", "slots"),
        ("hours", {"slots": [MONDAY | {"starts": "24:00"}]}, "invalid_fields", "slots"),
        ("hours", {"slots": [MONDAY | {"starts": "9:00"}]}, "invalid_fields", "slots"),
        ("goods", {"conditions": "打电话 13912345678"}, "invalid_fields", "conditions"),
        ("goods", {"transport": "nobody"}, "invalid_fields", "transport"),
    ],
)
def test_what_a_form_does_not_take_or_cannot_do_without_is_refused(url, offer, form, changes, slug, field):
    with pytest.raises(Invalid) as refusal:
        offer(form, **changes)

    assert (refusal.value.slug, refusal.value.field) == (slug, field)
    assert rows(url, "SELECT id FROM offers") == []


def test_slots_that_touch_do_not_overlap_and_posts_may_run_side_by_side(offer):
    offer("room", slots=[MONDAY, MONDAY | {"starts": "11:30", "ends": "12:00"}, MONDAY | {"weekday": 2}])
    offer("posts", dates=[DAY, DAY | {"starts_at": "2031-03-08T10:00:00+08:00"}])


def test_a_change_is_held_to_the_form_and_the_form_stays(ask, offer):
    made = offer("posts")
    with pytest.raises(Invalid, match="not_for_this_form"):
        ask("change_offer", id=made["id"], version=1, quantity=9)
    with pytest.raises(Invalid, match="dates_missing"):
        ask("change_offer", id=made["id"], version=1, dates=[])
    with pytest.raises(Invalid, match="invalid_fields"):
        ask("change_offer", id=made["id"], version=1, form="goods")

    after = ask("change_offer", id=made["id"], version=1, dates=[DAY | {"places": 9}])
    assert (after["quantity"], after["dates"][0]["places"], after["version"]) == (9, 9, 2)
    with pytest.raises(Conflict, match="stale_version"):
        ask("change_offer", id=made["id"], version=1, unit="名")


def test_the_database_holds_what_a_form_needs(url, offer):
    offer("goods")
    for wrong in ("period = 'week'", "form = 'money'", "form = 'hours', quantity = 0", "given = 21", "state = 'gone'",
                  "form = 'posts', slots = ARRAY['{}'::jsonb]"):  # fmt: skip
        with pytest.raises(Exception, match="violates check constraint"):
            rows(url, f"UPDATE offers SET {wrong}")


# Times


def test_an_offers_times_are_those_of_its_timetable(ask, offer):
    made = offer(
        "hours", slots=[{"weekday": 3, "starts": "09:00", "ends": "11:00"}], days_off=["2031-03-12"], dates=[DAY]
    )

    items = ask("get_offer_times", id=made["id"], since="2031-03-01", until="2031-03-27")["items"]

    assert [(item["occasion"], item["capacity"]) for item in items] == [
        ("2031-03-05T09:00:00+08:00", 2),
        ("2031-03-08T09:00:00+08:00", 4),
        ("2031-03-19T09:00:00+08:00", 2),
        ("2031-03-26T09:00:00+08:00", 2),
    ]
    assert items[0] == {
        "occasion": "2031-03-05T09:00:00+08:00", "starts_at": "2031-03-05T09:00:00+08:00",
        "ends_at": "2031-03-05T11:00:00+08:00", "capacity": 2,
    }  # fmt: skip


def test_a_stock_has_no_times_and_who_asks_for_too_many_gets_none(ask, offer):
    made = offer("goods")

    assert ask("get_offer_times", id=made["id"], since="2031-03-01", until="2031-06-01")["items"] == []
    for until in ("2031-06-02", "2031-03-01", "2031-02-01"):
        with pytest.raises(Invalid):
            ask("get_offer_times", id=made["id"], since="2031-03-01", until=until)


# Over


def test_what_is_over_leaves_the_board_by_itself(url, ask, offer):
    bad = offer("goods", expires_on="2031-03-31")
    over = offer("hours", ends_at="2031-03-31T12:00:00+08:00")
    last = offer("posts")
    stays = offer("goods")
    kept = offer("goods", expires_on=None, ends_at="2031-03-31T12:00:00+08:00")

    does(ResourceService, url, "expire_offers", datetime.fromisoformat("2031-03-08T11:59:00+08:00"))
    assert told(url, OfferWithdrawn) == []
    does(ResourceService, url, "expire_offers", datetime.fromisoformat("2031-03-31T23:59:00+08:00"))
    assert {event.offer_id for event in told(url, OfferWithdrawn)} == {over["id"], last["id"], kept["id"]}
    does(ResourceService, url, "expire_offers", datetime.fromisoformat("2031-04-01T00:00:00+08:00"))
    does(ResourceService, url, "expire_offers", datetime.fromisoformat("2031-04-02T00:00:00+08:00"))

    gone = {event.offer_id: (event.reason, event.version) for event in told(url, OfferWithdrawn)}
    assert gone == {each["id"]: ("expired", 2) for each in (bad, over, last, kept)}
    assert ask("get_offer", id=stays["id"])["state"] == "open"
    # What went bad is in the books; what only was not offered any longer is still somebody's.
    assert {each["id"]: each["on_hand"] for each in ask("list_offers", state="expired", form="goods")["items"]} == {
        bad["id"]: 0, kept["id"]: 20,
    }  # fmt: skip
    assert rows(url, "SELECT quantity FROM stock_movements WHERE kind = 'expired'") == [{"quantity": -20}]
    with pytest.raises(Conflict, match="already_expired"):
        ask("change_offer", id=bad["id"], version=2, quantity=9)
    with pytest.raises(Conflict, match="already_expired"):
        ask("withdraw_offer", id=bad["id"], reason="other")


def test_what_was_never_on_the_board_ends_without_a_word(url, ask, offer):
    made = offer("goods", PARTNER)

    does(ResourceService, url, "expire_offers", datetime.fromisoformat("2032-01-01T00:00:00+08:00"))

    assert ask("get_offer", id=made["id"])["state"] == "expired"
    assert told(url, OfferPublished) == told(url, OfferWithdrawn) == []


def test_much_that_is_over_is_taken_in_steps_by_an_index(url, offer):
    first = offer("goods")
    rows(
        url,
        """INSERT INTO offers (id, version, provider_id, title, community, serves, category, quantity, unit, target_groups,
               state, registered_by, over_at)
           SELECT gen_random_uuid(), 1, provider_id, title, community, serves, category, 1, unit, target_groups,
               CASE WHEN n <= 250 THEN 'open' ELSE 'withdrawn' END, registered_by, now() - interval '1 day'
           FROM offers, generate_series(1, 5000) AS n""",
    )

    assert does(ResourceService, url, "expire_offers", datetime.now(UTC)) == 2

    assert len(told(url, OfferWithdrawn)) == 250
    assert rows(url, "SELECT id FROM offers WHERE state = 'open'") == rows(
        url, "SELECT id FROM offers WHERE id = :id", id=first["id"]
    )
    rows(url, "ANALYZE offers")
    plan = rows(
        url,
        """EXPLAIN SELECT id FROM offers WHERE state IN ('held', 'open', 'paused', 'used_up') AND over_at <= now()
           ORDER BY over_at, id LIMIT 200""",
    )
    assert "offers_to_expire" in str(plan)


@pytest.mark.parametrize(
    "form, over, field",
    [("room", {"ends_at": "2026-03-01T09:00:00+08:00"}, "ends_at"), ("goods", {"expires_on": "2026-03-01"}, "expires_on"),
     ("posts", {"dates": [{"starts_at": "2026-03-01T09:00:00+08:00", "ends_at": "2026-03-01T10:00:00+08:00", "places": 4}]},
      "dates")],
)  # fmt: skip
def test_an_offer_that_is_over_already_is_refused(ask, offer, form, over, field):
    with pytest.raises(Invalid) as refusal:
        offer(form, **over)
    assert (refusal.value.slug, refusal.value.field) == ("over_already", field)

    made = offer(form)
    with pytest.raises(Invalid, match="over_already"):
        ask("change_offer", id=made["id"], version=1, **over)


def test_offers_are_listed_by_form_and_state(ask, offer):
    made = {form: offer(form)["id"] for form in FORMS}
    ask("withdraw_offer", id=made["room"], reason="other")

    assert [item["id"] for item in ask("list_offers", form="posts")["items"]] == [made["posts"]]
    assert [item["id"] for item in ask("list_offers", state="withdrawn")["items"]] == [made["room"]]
    assert ask("list_offers", form="room", state="open")["items"] == []
