"""The resource service on a real database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.privacy import Keyring, open_fields, seal_fields
from contracts.calls.resource import needs, private, providers
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.resource import (
    NeedChanged,
    NeedCreated,
    NeedWithdrawn,
    OfferChanged,
    OfferPublished,
    OfferWithdrawn,
    ProviderChanged,
    ProviderRegistered,
    ProviderWithdrawn,
)
from services.resource.private import domain
from services.resource.service import ResourceService
from tests.support import DATA_KEYS, INDEX_KEY, OFFICE, WORKER, Caller, call, database, published, rows, transactions

KEYRING = Keyring(DATA_KEYS, INDEX_KEY)
PARTNER = Caller("0190a000-0000-7000-8000-000000000003", ("partner",))
OTHER_PARTNER = Caller("0190a000-0000-7000-8000-000000000004", ("partner",))
GRID_WORKER = Caller("0190a000-0000-7000-8000-000000000005", ("community_staff",), ("jiangtou",))
OPERATOR = Caller("0190a000-0000-7000-8000-000000000006", ("operator",))
NOBODY = "0190a000-0000-7000-8000-00000000dead"
CONTACT = {"contact_name": "欧阳锋", "contact_phone": "139 1234 5678", "contact_address": "江头东路 5 号"}
NEED = {"title": "轮椅一部", "community": "jiangtou", "category": "goods.aids", "quantity": 1, "unit": "部"}
PROVIDER = {"kind": "merchant", "name": "好邻居超市", "community": "jiangtou"}
SCHEMAS = {
    "create_provider": providers.NewProvider,
    "change_provider": providers.ProviderChange,
    "create_need": needs.NewNeed,
    "change_need": needs.NeedChange,
    "find_contact": needs.Lookup,
}
SUBJECTS = {"provider": PROVIDER, "need": NEED}


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    """Return a function that calls the service as the gateway does, private fields sealed on the way."""

    def ask(method, caller=WORKER, key=None, **arguments):
        sealed = seal_fields(KEYRING, SCHEMAS.get(method), arguments)
        return call(ResourceService, url, method, caller=caller, key=key, **sealed)

    return ask


@pytest.fixture
def offer(ask):
    def offer(caller=WORKER, **changes):
        provider_id = changes.pop("provider_id", None) or ask("create_provider", caller, **PROVIDER)["id"]
        facts = {"provider_id": provider_id, "title": "闲置轮椅", "community": "jiangtou", "category": "goods.aids"}
        return ask("create_offer", caller, **facts | {"quantity": 2, "unit": "部"} | changes)

    return offer


def told(url, kind) -> list:
    return [envelope.event for envelope in published(url, kind)]


def reveal(ask, kind, id, caller=WORKER) -> dict:
    return open_fields(KEYRING, private.RevealView, ask(f"reveal_{kind}", caller, id=id, purpose="assessment"))


# What is entered, changed and withdrawn


def test_a_need_is_kept_and_told_of_without_anything_private(url, ask):
    need = ask("create_need", **NEED, **CONTACT, details="独居", starts_at="2031-03-01T09:00:00+08:00", urgency=2)

    assert ask("get_need", id=need["id"]) == need
    assert (need["version"], need["state"], need["has_contact"], need["registered_by"]) == (1, "open", True, WORKER.id)
    assert need["starts_at"] == "2031-03-01T09:00:00+08:00"
    (event,) = told(url, NeedCreated)
    assert (event.need_id, event.version, event.title, event.urgency) == (need["id"], 1, "轮椅一部", 2)
    assert (event.community_name, event.category_name, event.target_group) == ("江头社区", "康复辅具", "general")
    everything = str(rows(url, "SELECT body FROM outbox") + rows(url, "SELECT n::text FROM needs AS n"))
    assert not any(text in everything for text in ("欧阳锋", "1234", "江头东路", "独居"))


def test_an_offer_and_its_provider_are_kept_and_told_of(url, offer):
    made = offer(serves=["jiangtou", "lvcuo"], target_groups=["disabled"])

    (registered,), (event,) = told(url, ProviderRegistered), told(url, OfferPublished)
    assert (registered.provider_id, registered.kind, registered.community) == (
        made["provider_id"],
        "merchant",
        "jiangtou",
    )
    assert (event.offer_id, event.serves, event.target_groups) == (made["id"], ("jiangtou", "lvcuo"), ("disabled",))


@pytest.mark.parametrize(
    "create, change, changes, kind",
    [
        ("create_need", "change_need", {"quantity": 3, "urgency": 3}, NeedChanged),
        ("create_provider", "change_provider", {"name": "新邻居超市"}, ProviderChanged),
    ],
)
def test_a_change_names_what_changes_and_the_rest_stays(url, ask, create, change, changes, kind):
    before = ask(create, **SUBJECTS[create.removeprefix("create_")])

    after = ask(change, id=before["id"], version=1, **changes)

    assert after == {**before, **changes, "version": 2}
    (event,) = told(url, kind)
    assert event.version == 2


def test_a_changed_offer_is_told_of_whole(url, ask, offer):
    made = offer(serves=["lvcuo"])

    ask("change_offer", id=made["id"], version=1, quantity=9)

    (event,) = told(url, OfferChanged)
    assert (event.quantity, event.serves, event.title, event.version) == (9, ("lvcuo",), "闲置轮椅", 2)


def test_a_list_can_be_emptied_and_a_time_taken_away(ask, offer):
    made = offer(serves=["lvcuo"], ends_at="2031-03-01T09:00:00+08:00")

    after = ask("change_offer", id=made["id"], version=1, serves=[], ends_at=None)

    assert (after["serves"], after["ends_at"]) == ([], None)


@pytest.mark.parametrize("kind", ["need", "provider"])
def test_who_has_seen_another_version_changes_nothing(url, ask, kind):
    made = ask(f"create_{kind}", **SUBJECTS[kind])
    ask(f"change_{kind}", id=made["id"], version=1, community="lvcuo")

    with pytest.raises(Conflict, match="stale_version") as refusal:
        ask(f"change_{kind}", id=made["id"], version=1, community="houpu")

    assert refusal.value.facts == {"current": 2}
    assert ask(f"get_{kind}", id=made["id"])["community"] == "lvcuo"


def test_of_many_changes_to_the_same_version_one_is_made(url, ask):
    need = ask("create_need", **NEED)

    def change(quantity):
        try:
            return ask("change_need", id=need["id"], version=1, quantity=quantity)["quantity"]
        except Conflict:
            return None

    with ThreadPoolExecutor(6) as pool:
        made = [quantity for quantity in pool.map(change, range(2, 8)) if quantity]

    assert len(made) == 1
    assert [event.quantity for event in told(url, NeedChanged)] == made


def test_a_change_that_would_end_before_it_starts_is_refused(ask):
    need = ask("create_need", **NEED, starts_at="2031-03-02T09:00:00+08:00")

    with pytest.raises(Invalid, match="ends_before_it_starts"):
        ask("change_need", id=need["id"], version=1, ends_at="2031-03-01T09:00:00+08:00")


def test_what_is_withdrawn_is_told_of_once_and_stays_withdrawn(url, ask):
    need = ask("create_need", **NEED)

    assert ask("withdraw_need", id=need["id"], reason="no_longer_needed")["state"] == "cancelled"
    with pytest.raises(Conflict, match="already_withdrawn"):
        ask("withdraw_need", id=need["id"], reason="other")
    with pytest.raises(Conflict, match="already_withdrawn"):
        ask("change_need", id=need["id"], version=2, quantity=3)

    (event,) = told(url, NeedWithdrawn)
    assert (event.need_id, event.version, event.reason) == (need["id"], 2, "no_longer_needed")


def test_a_provider_leaves_with_everything_that_it_offers(url, ask, offer):
    first = offer()
    second = offer(provider_id=first["provider_id"])
    gone = offer(provider_id=first["provider_id"])
    ask("withdraw_offer", id=gone["id"], reason="no_longer_offered")
    stays = offer()

    ask("withdraw_provider", id=first["provider_id"], reason="other")

    (left,) = told(url, ProviderWithdrawn)
    assert (left.provider_id, left.version) == (first["provider_id"], 2)
    withdrawn = {event.offer_id: event.reason for event in told(url, OfferWithdrawn)}
    assert withdrawn == {gone["id"]: "no_longer_offered", first["id"]: "provider_left", second["id"]: "provider_left"}
    assert ask("get_offer", id=stays["id"])["state"] == "open"
    with pytest.raises(Conflict, match="provider_withdrawn"):
        offer(provider_id=first["provider_id"])


@pytest.mark.parametrize(
    "changes, slug, field",
    [
        ({"community": "mars"}, "unknown_community", "community"),
        ({"category": "goods.rockets"}, "unknown_category", "category"),
        ({"category": "goods"}, "unknown_category", "category"),
        ({"contact_phone": "12"}, "invalid_phone", "contact_phone"),
        ({"title": "轮椅 13912345678"}, "invalid_fields", "title"),
        ({"quantity": 0}, "invalid_fields", "quantity"),
    ],
)
def test_what_is_not_known_or_makes_no_sense_is_refused(url, ask, changes, slug, field):
    with pytest.raises(Invalid) as refusal:
        ask("create_need", **NEED | changes)

    assert (refusal.value.slug, refusal.value.field) == (slug, field)
    assert published(url) == [] and rows(url, "SELECT id FROM needs") == []


@pytest.mark.parametrize("changes", [{"serves": ["mars"]}, {"provider_id": NOBODY}])
def test_an_offer_names_a_provider_and_communities_that_there_are(url, offer, changes):
    with pytest.raises(Invalid):
        offer(**changes)

    assert told(url, OfferPublished) == []


def test_a_command_repeated_under_its_key_is_done_once(url, ask):
    answers = [ask("create_need", key="k1", **NEED, **CONTACT) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert len(told(url, NeedCreated)) == 1
    assert "欧阳" not in str(rows(url, "SELECT c::text FROM commands AS c"))
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        ask("create_need", key="k1", **NEED, **CONTACT | {"contact_name": "黄药师"})


# Lists


def test_a_list_is_paged_by_key_newest_first(ask):
    ids = [ask("create_need", **NEED)["id"] for _ in range(5)]

    first = ask("list_needs", limit=2)
    second = ask("list_needs", limit=2, after=first["next"])
    third = ask("list_needs", limit=2, after=second["next"])

    assert [item["id"] for page in (first, second, third) for item in page["items"]] == ids[::-1]
    assert third["next"] is None


def test_a_list_is_narrowed_by_state_community_and_category(ask):
    aids = ask("create_need", **NEED)["id"]
    food = ask("create_need", **NEED | {"category": "goods.food", "community": "lvcuo"})["id"]
    hair = ask("create_need", **NEED | {"category": "skills.hair"})["id"]
    ask("withdraw_need", id=hair, reason="other")

    def ids(**filters):
        return {item["id"] for item in ask("list_needs", **filters)["items"]}

    assert ids(category="goods") == {aids, food}
    assert ids(category="goods.food") == ids(community="lvcuo") == {food}
    assert ids(state="cancelled") == {hair}
    assert ids(category="good") == set()


def test_offers_are_listed_by_provider(ask, offer):
    mine = offer()
    offer()

    assert [item["id"] for item in ask("list_offers", provider_id=mine["provider_id"])["items"]] == [mine["id"]]


# Who may see what


def test_a_partner_sees_and_changes_only_what_they_registered(ask, offer):
    mine, theirs = offer(PARTNER), offer(OTHER_PARTNER)

    assert [item["id"] for item in ask("list_offers", PARTNER)["items"]] == [mine["id"]]
    assert [item["id"] for item in ask("list_providers", PARTNER)["items"]] == [mine["provider_id"]]
    assert ask("change_offer", PARTNER, id=mine["id"], version=1, quantity=3)["quantity"] == 3
    for method, arguments in [
        ("get_offer", {}),
        ("change_offer", {"version": 1}),
        ("withdraw_offer", {"reason": "other"}),
    ]:
        with pytest.raises(NotFound, match="unknown_offer"):
            ask(method, PARTNER, id=theirs["id"], **arguments)
    with pytest.raises(Invalid, match="unknown_provider"):
        offer(PARTNER, provider_id=theirs["provider_id"])


def test_staff_see_what_partners_registered(ask, offer):
    made = offer(PARTNER)

    assert ask("get_offer", OFFICE, id=made["id"])["registered_by"] == PARTNER.id


@pytest.mark.parametrize("method", ["create_need", "list_needs", "list_clients", "find_contact", "list_reveals", "forget_client"])
def test_a_partner_has_nothing_to_do_with_needs(ask, method):
    with pytest.raises(Forbidden, match="role_required"):
        ask(method, PARTNER)


def test_who_is_limited_to_a_community_works_in_it_only(ask, offer):
    here, there = ask("create_need", **NEED), ask("create_need", **NEED | {"community": "lvcuo"})
    far, flows = offer(community="lvcuo", serves=["houpu"]), offer(community="lvcuo", serves=["jiangtou"])

    assert [item["id"] for item in ask("list_needs", GRID_WORKER)["items"]] == [here["id"]]
    assert ask("list_needs", GRID_WORKER, community="lvcuo")["items"] == []
    for method, id, arguments in [
        ("get_need", there["id"], {}),
        ("change_need", there["id"], {"version": 1, "quantity": 2}),
        ("withdraw_need", there["id"], {"reason": "other"}),
        ("reveal_need", there["id"], {"purpose": "assessment"}),
        ("list_reveals", there["id"], {}),
        ("get_offer", far["id"], {}),
        ("change_offer", flows["id"], {"version": 1, "quantity": 2}),
        ("list_stock_movements", flows["id"], {}),
        # Nobody pushes a need of their own out of their sight, or takes one in that is not theirs.
        ("change_need", here["id"], {"version": 1, "community": "lvcuo"}),
    ]:
        with pytest.raises(Forbidden, match="community_forbidden"):
            ask(method, GRID_WORKER, id=id, **arguments)
    assert ask("change_need", GRID_WORKER, id=here["id"], version=1, quantity=2)["version"] == 2


def test_who_is_limited_to_a_community_sees_the_offers_that_may_flow_to_it(ask, offer):
    here, near, everywhere = offer(), offer(community="lvcuo", serves=["jiangtou"]), offer(community="lvcuo", serves=[])
    offer(community="lvcuo", serves=["houpu"])

    seen = [here["id"], near["id"], everywhere["id"]]
    assert sorted(item["id"] for item in ask("list_offers", GRID_WORKER)["items"]) == sorted(seen)
    assert [ask("get_offer", GRID_WORKER, id=id)["id"] for id in seen] == seen


@pytest.mark.parametrize("kind", ["need", "offer", "provider"])
def test_an_id_that_there_is_not_is_not_found(ask, kind):
    for method, arguments in [("get", {}), ("change", {"version": 1}), ("withdraw", {"reason": "other"})]:
        with pytest.raises(NotFound, match=f"unknown_{kind}"):
            ask(f"{method}_{kind}", id=NOBODY, **arguments)


# Private data


@pytest.mark.parametrize("kind", ["need", "provider"])
def test_a_contact_is_kept_replaced_and_cleared_by_name(url, ask, kind):
    made = ask(f"create_{kind}", **SUBJECTS[kind], **CONTACT)
    changed = {"contact_phone": "13700000000", "contact_address": None}

    ask(f"change_{kind}", id=made["id"], version=1, **changed)

    shown = reveal(ask, kind, made["id"])
    assert {name: shown[name] for name in CONTACT} == {**CONTACT, **changed}
    found = ask("find_contact", contact_phone="137-0000-0000")
    assert [item["id"] for item in found[f"{kind}s"]] == [made["id"]]
    nothing = {"needs": [], "providers": [], "clients": []}
    assert ask("find_contact", contact_phone=CONTACT["contact_phone"]) == nothing

    ask(f"change_{kind}", id=made["id"], version=2, contact_phone=None, contact_name=None)
    assert ask(f"get_{kind}", id=made["id"])["has_contact"] is False
    assert ask("find_contact", contact_phone="137-0000-0000") == nothing


@pytest.mark.parametrize("kind", ["need", "provider"])
def test_every_reveal_is_on_record_and_none_without_a_purpose(ask, kind):
    made = ask(f"create_{kind}", **SUBJECTS[kind], **CONTACT)

    shown = [reveal(ask, kind, made["id"], caller) for caller in (WORKER, GRID_WORKER)]
    with pytest.raises(Invalid):
        ask(f"reveal_{kind}", id=made["id"], purpose="curiosity")

    assert {each["contact_name"] for each in shown} == {"欧阳锋"}
    record = ask("list_reveals", id=made["id"])["items"]
    assert [each["revealed_by"] for each in record] == [GRID_WORKER.id, WORKER.id]
    assert not set(CONTACT) & set(record[0])


def test_a_phone_number_is_looked_for_in_ones_own_communities(ask):
    ask("create_need", **NEED | {"community": "lvcuo"}, **CONTACT)
    here = ask("create_need", **NEED, **CONTACT)

    found = ask("find_contact", GRID_WORKER, contact_phone="+8613912345678")

    assert [item["id"] for item in found["needs"]] == [here["id"]]
    assert not set(CONTACT) & set(found["needs"][0])
    with pytest.raises(Invalid, match="invalid_phone"):
        ask("find_contact", contact_phone="12")


def test_private_data_are_sealed_anew_in_steps_until_nothing_is_left(url, ask):
    needs = [ask("create_need", **NEED, **CONTACT, details="独居") for _ in range(3)]
    provider = ask("create_provider", **PROVIDER, **CONTACT)
    new = Keyring((("t2", b"2" * 32), *DATA_KEYS), INDEX_KEY)
    everything = transactions(ResourceService, url)

    steps = []
    while not steps or steps[-1]:
        with everything.transaction() as store:
            steps.append(store.reseal(new, limit=2))

    assert sum(steps) == 3 * 4 + 3 and len(steps) > 2
    only_new = Keyring((("t2", b"2" * 32),), INDEX_KEY)
    sealed = rows(url, "SELECT details FROM needs ORDER BY id")
    opened = [domain.unseal(only_new, f"need/{need['id']}", row) for need, row in zip(needs, sealed, strict=True)]
    assert opened == [{"details": "独居"}] * 3
    sealed = rows(url, "SELECT contact_name, contact_phone, contact_address FROM clients ORDER BY id")
    opened = [domain.unseal(only_new, f"client/{need['client_id']}", row) for need, row in zip(needs, sealed, strict=True)]
    assert opened == [CONTACT] * 3
    (row,) = rows(url, "SELECT contact_name, contact_phone, contact_address FROM providers")
    assert domain.unseal(only_new, f"provider/{provider['id']}", row)["contact_phone"] == CONTACT["contact_phone"]
    # What is looked up by does not depend on the key that was changed.
    assert len(ask("find_contact", contact_phone=CONTACT["contact_phone"])["needs"]) == 3


# Words that operators edit


def test_operators_add_and_rename_categories_and_they_can_be_used_at_once(ask):
    ask("create_category", OPERATOR, code="pets", name="宠物")
    ask("create_category", OPERATOR, code="pets.walks", name="遛狗", synonyms=["代遛"])
    made = ask("create_category", OPERATOR, code="pets.walks", name="帮忙遛狗", synonyms=["代遛", "看狗"])

    facts = {"parent": "pets", "name": "帮忙遛狗", "synonyms": ["代遛", "看狗"], "related": [], "things": []}
    assert made == {"code": "pets.walks", "version": 2, **facts}
    assert made == ask("get_category", PARTNER, code="pets.walks")
    assert {**made, "things": None} in [{**row, "things": None} for row in ask("list_categories")["items"]]
    assert ask("create_need", **NEED | {"category": "pets.walks"})["category"] == "pets.walks"


@pytest.mark.parametrize("code", ["nothing.walks", "goods.aids.wheels"])
def test_a_category_stands_in_a_group_that_there_is(ask, code):
    with pytest.raises(Invalid, match="unknown_parent_category"):
        ask("create_category", OPERATOR, code=code, name="遛狗")


def test_operators_add_and_rename_communities_and_no_two_have_one_name(url, ask):
    ask("create_community", OPERATOR, code="hubin", name="湖滨社区")
    ask("create_community", OPERATOR, code="hubin", name="新湖滨社区")
    with pytest.raises(Conflict, match="community_name_taken"):
        ask("create_community", OPERATOR, code="hubin2", name="新湖滨社区")

    hubin = {"code": "hubin", "name": "新湖滨社区", "neighbours": [], "version": 2}
    assert hubin in ask("list_communities", PARTNER)["items"]
    ask("create_need", **NEED | {"community": "hubin"})
    assert told(url, NeedCreated)[0].community_name == "新湖滨社区"


@pytest.mark.parametrize("method", ["create_category", "create_community"])
def test_social_workers_do_not_edit_the_words(ask, method):
    with pytest.raises(Forbidden, match="role_required"):
        ask(method, WORKER, code="pets", name="宠物")
