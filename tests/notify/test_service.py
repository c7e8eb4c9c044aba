"""The notify service on a real database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.inbox import Message
from chassis.privacy import Keyring
from chassis.rpc import Caller, Context, carry_out
from contracts.base import enclose
from contracts.errors import Conflict, Invalid, NotFound
from contracts.notify import MessageSent
from services.notify.domain import MOST_CHANNELS
from services.notify.service import NotifyService
from services.notify.store import NotifyStore, about_address
from tests.notify import events
from tests.notify.events import ANNA, BEN, CARL
from tests.support import DATA_KEYS, call, database, hears, inbox_of, published, rows, service, transactions

SECRET = "0123456789abcdef" * 4
ADDRESS = f"dingtalk://{SECRET}"
UNKNOWN = "0190a000-0000-7000-8000-00000000dead"
EVENTS = [
    (events.need_matched(), [ANNA]),
    (events.match_confirmed(), [ANNA, BEN]),
    (events.match_scheduled(), [ANNA, BEN]),
    (events.match_delivered(), [ANNA, BEN]),
    (events.match_cancelled(), [ANNA, BEN]),
    (events.need_met(), [ANNA]),
    (events.claim_made(), [ANNA]),
    (events.claim_approved(), [BEN]),
    (events.claim_rejected(), [BEN]),
    (events.claim_reminded(), [BEN]),
    (events.claim_lapsed(), [BEN, ANNA]),
    (events.claim_released(), [BEN, ANNA]),
    (events.pairing_begun(), [BEN]),
    (events.pairing_changed(new_plan=True), [BEN]),
    (events.pairing_ended(), [ANNA, BEN]),
    (events.visit_rescheduled(), [BEN]),
    (events.visit_cancelled(), [ANNA]),
    (events.visit_missed(), [ANNA, BEN]),
    (events.pairing_alerted(), [ANNA]),
    (events.provider_verification_due(), [BEN]),
    (events.offer_used_up(), [BEN]),
    (events.grant_approved(), [ANNA]),
    (events.grant_rejected(), [ANNA]),
    (events.booking_approved(), [ANNA]),
    (events.booking_rejected(), [ANNA]),
    (events.booking_cancelled(), [ANNA]),
]


@pytest.fixture
def url(postgres):
    return database(postgres, "notify")


def inbox(url, who, **filters):
    return call(NotifyService, url, "list_messages", Caller(who), **filters)["items"]


def add_channel(url, who=ANNA, address=ADDRESS, key=None):
    instance = service(NotifyService, url)
    arguments = {"url": Keyring(DATA_KEYS).seal(address, "call/url")}
    try:
        return carry_out(instance, NotifyService.create_channel.spec, Context(Caller(who), "test", key=key), arguments)
    finally:
        instance.db.transactions.engine.dispose()


@pytest.mark.parametrize("event, recipients", EVENTS, ids=lambda x: getattr(x, "type", ""))
def test_each_event_tells_each_one_concerned_once_however_often_it_comes(url, event, recipients):
    hears(NotifyService, url, event, times=3)

    assert [len(inbox(url, who)) for who in recipients] == [1] * len(recipients)
    assert [sent.event.recipient for sent in published(url, MessageSent)] == recipients
    assert inbox(url, CARL) == []


def test_an_event_that_twenty_processes_hear_at_once_tells_each_one_once(url):
    body = enclose(events.match_confirmed()).to_json().encode()
    add_channel(url)
    inboxes = [inbox_of(NotifyService, url) for _ in range(20)]

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda inbox: inbox.take([Message(body)]), inboxes))

    assert (len(inbox(url, ANNA)), len(inbox(url, BEN))) == (1, 1)
    assert len(published(url, MessageSent)) == 2
    assert rows(url, "SELECT count(*) AS n FROM deliveries") == [{"n": 1}]
    for each in inboxes:
        each.transactions.engine.dispose()


def test_a_message_is_told_once_even_where_the_inbox_rows_are_gone(url):
    body = enclose(events.need_matched()).to_json().encode()
    for _ in range(2):
        inbox_of(NotifyService, url).take([Message(body)])
        rows(url, "DELETE FROM inbox")

    assert len(inbox(url, ANNA)) == len(published(url, MessageSent)) == 1


def test_what_is_said_is_what_is_in_the_inbox(url):
    hears(NotifyService, url, events.grant_approved())

    (message,) = inbox(url, ANNA)
    (sent,) = published(url, MessageSent)
    assert (sent.event.message_id, sent.event.title) == (message["id"], message["title"])
    assert (message["kind"], message["about"]) == ("grant.approved.v1", events.APPLICATION)
    assert sent.causation_id == str(rows(url, "SELECT event_id FROM messages")[0]["event_id"])
    assert message["read_at"] is None


def test_messages_come_newest_first_in_pages(url):
    for number in range(5):
        hears(NotifyService, url, events.need_matched(version=number + 1, need_title=f"需求{number}"))

    first = call(NotifyService, url, "list_messages", Caller(ANNA), limit=3)
    second = call(NotifyService, url, "list_messages", Caller(ANNA), limit=3, after=first["next"])

    titles = [message["title"][-3:] for message in first["items"] + second["items"]]
    assert titles == ["需求4", "需求3", "需求2", "需求1", "需求0"]
    assert second["next"] is None


def test_a_message_is_read_once(url):
    hears(NotifyService, url, events.need_matched(), events.grant_approved())
    newest, oldest = inbox(url, ANNA)

    first = call(NotifyService, url, "read_message", Caller(ANNA), id=oldest["id"])
    again = call(NotifyService, url, "read_message", Caller(ANNA), id=oldest["id"])

    assert first["read_at"] == again["read_at"] is not None
    assert [message["id"] for message in inbox(url, ANNA, unread=True)] == [newest["id"]]
    assert len(inbox(url, ANNA)) == 2


@pytest.mark.parametrize("whose", ["somebody else's", "nobody's"])
def test_only_ones_own_messages_can_be_read(url, whose):
    hears(NotifyService, url, events.need_matched())
    id = inbox(url, ANNA)[0]["id"] if whose == "somebody else's" else UNKNOWN

    with pytest.raises(NotFound) as refused:
        call(NotifyService, url, "read_message", Caller(BEN), id=id)

    assert (refused.value.slug, refused.value.field) == ("unknown_message", "id")
    assert rows(url, "SELECT read_at FROM messages") == [{"read_at": None}]


def test_an_address_is_kept_sealed_and_never_shown(url):
    channel = add_channel(url, key="k1")

    assert set(channel) == {"id", "kind", "created_at"}
    assert channel["kind"] == "dingtalk"
    everything = rows(
        url,
        "SELECT string_agg(row_to_json(c)::text, '') || (SELECT result::text FROM commands) AS t FROM channels AS c",
    )
    assert SECRET not in everything[0]["t"]
    (kept,) = rows(url, "SELECT id::text AS id, url FROM channels")
    assert Keyring(DATA_KEYS).open(kept["url"], about_address(kept["id"])) == ADDRESS


def test_the_address_that_a_group_shows_for_its_bot_is_understood(url):
    hook = f"https://oapi.dingtalk.com/robot/send?access_token={SECRET}"

    assert add_channel(url, address=hook)["kind"] == "dingtalk"
    with pytest.raises(Conflict, match="channel_known_already"):
        add_channel(url, address=ADDRESS)


@pytest.mark.parametrize(
    "address, slug",
    [
        ("json://", "unknown_channel"),
        ("mailto://", "unknown_channel"),
        ("wecombot://", "unknown_channel"),
        ("json://[::1", "unknown_channel"),
        ("nothing", "channel_not_allowed"),
        ("file:///etc/passwd", "channel_not_allowed"),
        ("syslog://", "channel_not_allowed"),
        ("dbus://", "channel_not_allowed"),
        ("windows://", "channel_not_allowed"),
        ("https://example.org/hook", "channel_not_allowed"),
        ("json://127.0.0.1/?method=DELETE", "channel_option_not_allowed"),
        ("json://127.0.0.1/?Redirect=yes", "channel_option_not_allowed"),
        ("mailto://a:b@example.org?pgp=sign&pgpprv=/etc/passwd", "channel_option_not_allowed"),
    ],
)
def test_an_address_that_cannot_or_may_not_be_used_is_refused(url, address, slug):
    with pytest.raises(Invalid) as refused:
        add_channel(url, address=address)

    assert (refused.value.slug, refused.value.field) == (slug, "url")
    assert rows(url, "SELECT FROM channels") == []


def test_nobody_has_more_than_five_channels_even_where_ten_come_at_once(url):
    def add(number):
        try:
            return add_channel(url, address=f"json://127.0.0.1/{number}")
        except Conflict as conflict:
            return conflict.slug

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(add, range(10)))

    assert answers.count("too_many_channels") == 10 - MOST_CHANNELS
    assert rows(url, "SELECT count(*) AS n FROM channels") == [{"n": MOST_CHANNELS}]
    assert add_channel(url, who=BEN)["kind"] == "dingtalk"


def test_channels_are_ones_own(url):
    mine = add_channel(url)

    assert call(NotifyService, url, "list_channels", Caller(ANNA))["items"] == [mine]
    assert call(NotifyService, url, "list_channels", Caller(BEN))["items"] == []
    with pytest.raises(NotFound) as refused:
        call(NotifyService, url, "delete_channel", Caller(BEN), id=mine["id"])
    assert refused.value.slug == "no_such_channel"


def test_a_channel_deleted_twice_with_one_key_is_deleted_once(url):
    channel = add_channel(url)

    answers = [call(NotifyService, url, "delete_channel", Caller(ANNA), key="k", id=channel["id"]) for _ in range(2)]

    assert answers == [None, None]


def test_a_deleted_channel_takes_what_was_still_to_be_sent_with_it(url):
    channel = add_channel(url)
    hears(NotifyService, url, events.need_matched())

    call(NotifyService, url, "delete_channel", Caller(ANNA), id=channel["id"])

    assert rows(url, "SELECT FROM deliveries") == []
    assert len(inbox(url, ANNA)) == 1


def test_a_message_is_put_on_its_way_to_the_channels_of_its_recipient_only(url):
    add_channel(url, ANNA)
    add_channel(url, ANNA, "json://127.0.0.1/anna")
    add_channel(url, CARL)

    hears(NotifyService, url, events.match_confirmed(), times=2)

    found = rows(url, "SELECT c.owner, d.state FROM deliveries AS d JOIN channels AS c ON c.id = d.channel_id")
    assert found == [{"owner": ANNA, "state": "waiting"}] * 2


def test_addresses_are_sealed_anew_with_the_current_key(url):
    for number in range(3):
        add_channel(url, address=f"json://127.0.0.1/{number}")
    newer = Keyring((("t2", b"N" * 32), *DATA_KEYS))
    work = transactions(NotifyService, url)

    steps = []
    for _ in range(3):
        with work.transaction() as store:
            steps.append(store.reseal(newer, limit=2))

    assert steps == [2, 1, 0]
    only_new = Keyring((("t2", b"N" * 32),))
    kept = rows(url, "SELECT id::text AS id, url FROM channels ORDER BY id")
    assert [only_new.open(row["url"], about_address(row["id"])) for row in kept] == [
        f"json://127.0.0.1/{number}" for number in range(3)
    ]
    assert isinstance(store, NotifyStore)
    work.engine.dispose()
