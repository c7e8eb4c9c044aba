"""Who received and later gave, and the roll of honour, on a real database."""

import ast
from pathlib import Path

import pytest

from chassis.privacy import Keyring, seal_fields
from contracts.calls.resource import providers
from contracts.errors import Forbidden, Invalid
from contracts.matching import ClaimFulfilled, MatchDelivered, VisitRecorded
from contracts.words import Helper
from services.resource.service import ResourceService
from tests.support import DATA_KEYS, INDEX_KEY, OFFICE, WORKER, Caller, call, database, hears, rows

KEYRING = Keyring(DATA_KEYS, INDEX_KEY)
PARTNER = Caller("0190a000-0000-7000-8000-000000000003", ("partner",))
GRID_WORKER = Caller("0190a000-0000-7000-8000-000000000005", ("community_staff",), ("lvcuo",))
OPERATOR = Caller("0190a000-0000-7000-8000-000000000006", ("operator",))
CLIENT = "0190a000-0000-7000-8000-00000000d001"
STRANGER = "0190a000-0000-7000-8000-00000000c999"
ROOT = Path(__file__).parents[2]


def delivered(number, provider_id, on, client_id=None, kind=MatchDelivered, version=3, **changes):
    id = f"0190a000-0000-7000-8000-0000000{number:05d}"
    shared = dict(
        version=version, need_id=id, provider_id=provider_id, client_id=client_id, community="jiangtou",
        category="goods.aids", target_group="general", quantity=2, unit="次", need_left=0, delivered_on=on, minutes=60,
        people=1, person_times=1, recorded_by=WORKER.id, need_registered_by=WORKER.id,
    )  # fmt: skip
    own = {
        MatchDelivered: dict(match_id=id, offer_id=id, need_title="陪诊", offer_title="陪诊", offer_community="jiangtou",
                             confirmed=2, offer_registered_by=WORKER.id),
        ClaimFulfilled: dict(claim_id=id, claimer=PARTNER.id, text="陪诊", fulfilled=1),
    }[kind]  # fmt: skip
    return kind(**{**shared, **own, **changes})


def visited(number, on, *helpers, **changes):
    id = f"0190a000-0000-7000-8000-0000000{number:05d}"
    facts = dict(version=2, pairing_id=id, visit_id=id, community="jiangtou", on=on, kinds=("emotional",), minutes=30,
                 helpers=helpers, recorded_by=WORKER.id)  # fmt: skip
    return VisitRecorded(**facts | changes)


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    def ask(method, caller=WORKER, **arguments):
        schemas = {"create_provider": providers.NewProvider, "change_provider": providers.ProviderChange}
        return call(ResourceService, url, method, caller=caller, **seal_fields(KEYRING, schemas.get(method), arguments))

    return ask


@pytest.fixture
def giver(ask):
    """Return a function that registers a provider who was helped as CLIENT, unless said otherwise."""

    def giver(**changes):
        facts = {"kind": "volunteer", "name": "林阿姨", "community": "jiangtou", "named": True, "client_id": CLIENT}
        return ask("create_provider", **facts | changes)

    return giver


def names(page) -> list[str]:
    return [one["name"] for one in page["items"]]


@pytest.mark.parametrize("kind", [MatchDelivered, ClaimFulfilled])
def test_who_received_and_later_gave_is_known_to_staff(url, ask, giver, kind):
    made = giver()
    received = delivered(1, STRANGER, "2026-03-01", CLIENT, kind)
    gave = delivered(2, made["id"], "2026-05-01", kind=kind, minutes=90, people=4)
    hears(ResourceService, url, gave, received, times=3)

    (found,) = ask("list_givers_back")["items"]

    assert (found["id"], found["client_id"], found["giver"]) == (made["id"], CLIENT, "person")
    assert (found["first_received_on"], found["first_gave_on"]) == ("2026-03-01", "2026-05-01")
    assert (found["times_received"], found["times_gave"], found["people"], found["minutes"]) == (1, 1, 4, 90)
    assert ask("list_givers_back", GRID_WORKER)["items"] == []
    assert ask("list_givers_back", giver="organisation")["items"] == []
    for caller in (PARTNER, OPERATOR):
        with pytest.raises(Forbidden, match="role_required"):
            ask("list_givers_back", caller)


def test_who_was_visited_and_later_comes_to_others_gives_back_as_well(url, ask, giver):
    made, club = giver(), giver(kind="social_organisation", name="邻里社", client_id=None)
    helpers = tuple(Helper(helper="", provider_id=one["id"], role="helper") for one in (made, club, made))
    received = visited(1, "2026-03-01", Helper(helper=WORKER.id, provider_id="", role="lead"), client_id=CLIENT)
    hears(ResourceService, url, received, delivered(2, STRANGER, "2026-03-01", CLIENT))
    hears(ResourceService, url, visited(3, "2026-05-01", *helpers, minutes=40), times=3)

    (found,) = ask("list_givers_back")["items"]
    assert (found["id"], found["times_gave"], found["minutes"]) == (made["id"], 1, 40)
    assert set(names(ask("roll_of_honour", section="giving"))) == {"林阿姨", "邻里社"}


def test_who_gave_before_receiving_only_did_not_give_back(url, ask, giver):
    made = giver()
    hears(ResourceService, url, delivered(1, made["id"], "2026-03-01"), delivered(2, STRANGER, "2026-05-01", CLIENT))

    assert ask("list_givers_back")["items"] == []


def test_a_correction_takes_the_place_of_what_was_said_before(url, ask, giver):
    made = giver()
    hears(ResourceService, url, delivered(1, made["id"], "2026-05-01", version=4, minutes=10, quantity=1))
    hears(ResourceService, url, delivered(1, made["id"], "2026-05-01", version=3, minutes=90))

    (found,) = ask("roll_of_honour", section="giving")["items"]
    assert (found["minutes"], found["given"]) == (10, [{"quantity": 1, "unit": "次"}])


def test_plain_givers_who_agreed_to_be_named_are_honoured_as_such(url, ask, giver):
    named = giver(kind="merchant", name="好邻居超市", client_id=None)
    silent = giver(name="无名", client_id=None, named=False)
    hears(ResourceService, url, delivered(1, named["id"], "2026-05-01"), delivered(2, silent["id"], "2026-05-01"),
          delivered(3, named["id"], "2026-06-01", unit="箱", quantity=5))  # fmt: skip

    for caller in (PARTNER, OPERATOR, OFFICE, GRID_WORKER):
        (found,) = ask("roll_of_honour", caller, section="giving")["items"]
    assert (found["name"], found["kind"], found["giver"], found["since"]) == (
        "好邻居超市",
        "merchant",
        "organisation",
        "2026-05-01",
    )
    assert (found["times"], found["given"]) == (2, [{"quantity": 2, "unit": "次"}, {"quantity": 5, "unit": "箱"}])
    assert ask("roll_of_honour", section="giving_back")["items"] == []
    assert "client_id" not in found


def test_to_be_named_as_giving_back_is_agreed_to_on_its_own_and_withdrawn_at_once(url, ask, giver):
    made = giver()
    hears(ResourceService, url, delivered(1, STRANGER, "2026-03-01", CLIENT), delivered(2, made["id"], "2026-05-01"),
          delivered(3, made["id"], "2026-02-01"))  # fmt: skip
    assert names(ask("roll_of_honour")) == [] and names(ask("roll_of_honour", section="giving")) == ["林阿姨"]

    agreement = ask("agree_to_honour", id=made["id"], agreed=True)
    assert (agreement["agreed"], agreement["recorded_by"]) == (True, WORKER.id)
    (found,) = ask("roll_of_honour", PARTNER)["items"]
    assert (found["name"], found["times"], found["since"]) == ("林阿姨", 1, "2026-05-01")
    assert ask("list_givers_back")["items"][0]["as_giving_back"] is True

    ask("agree_to_honour", id=made["id"], agreed=False)
    assert names(ask("roll_of_honour")) == [] and names(ask("roll_of_honour", section="giving")) == ["林阿姨"]


def test_who_is_not_to_be_named_any_more_is_gone_from_both_sections(url, ask, giver):
    made = giver()
    hears(ResourceService, url, delivered(1, STRANGER, "2026-03-01", CLIENT), delivered(2, made["id"], "2026-05-01"))
    ask("agree_to_honour", id=made["id"], agreed=True)

    ask("change_provider", id=made["id"], version=1, named=False)

    assert names(ask("roll_of_honour")) == names(ask("roll_of_honour", section="giving")) == []
    assert names(ask("list_givers_back")) == ["林阿姨"]


def test_an_agreement_is_about_one_person_only(url, ask, giver):
    made, other = giver(), "0190a000-0000-7000-8000-00000000d002"
    hears(ResourceService, url, delivered(1, STRANGER, "2026-03-01", other), delivered(2, made["id"], "2026-05-01"))
    ask("agree_to_honour", id=made["id"], agreed=True)

    ask("change_provider", id=made["id"], version=1, client_id=other)

    assert names(ask("roll_of_honour")) == []


@pytest.mark.parametrize(
    "changes, slug", [({"client_id": None}, "not_known_as_recipient"), ({"named": False}, "not_agreed_to_be_named")]
)
def test_only_who_received_and_may_be_named_agrees(ask, giver, changes, slug):
    made = giver(**changes)

    with pytest.raises(Invalid, match=slug):
        ask("agree_to_honour", id=made["id"], agreed=True)
    assert ask("agree_to_honour", id=made["id"], agreed=False)["agreed"] is False


def test_agreements_are_recorded_by_staff_of_the_community(ask, giver):
    made = giver()

    for caller in (PARTNER, GRID_WORKER):
        with pytest.raises(Forbidden):
            ask("agree_to_honour", caller, id=made["id"], agreed=True)


def test_somebody_registered_twice_received_under_both_entries_until_consent_is_withdrawn(url, ask, giver):
    add = """INSERT INTO clients (id, version, kind, community, target_group, active, merged_into, registered_by)
             VALUES (:id, 1, 'person', 'jiangtou', 'general', :active, CAST(:into AS uuid), 'x')"""
    twin = "0190a000-0000-7000-8000-00000000d002"
    rows(url, add, id=CLIENT, active=True, into=None)
    rows(url, add, id=twin, active=False, into=CLIENT)
    made = giver()
    hears(ResourceService, url, delivered(1, STRANGER, "2026-03-01", twin), delivered(2, made["id"], "2026-05-01"))
    ask("agree_to_honour", id=made["id"], agreed=True)
    assert names(ask("roll_of_honour")) == names(ask("list_givers_back")) == ["林阿姨"]

    rows(url, "UPDATE clients SET active = false, forgotten_at = now() WHERE id = :id", id=CLIENT)

    assert names(ask("roll_of_honour")) == []


def test_a_period_counts_what_was_given_in_it(url, ask, giver):
    made = giver(client_id=None)
    hears(ResourceService, url, *[delivered(n, made["id"], f"2026-0{n}-15") for n in range(1, 6)])

    (found,) = ask("roll_of_honour", section="giving", since="2026-02-01", until="2026-03-31")["items"]
    assert found["times"] == 2
    assert ask("roll_of_honour", section="giving", since="2026-09-01")["items"] == []


def test_the_roll_comes_in_pages(url, ask, giver):
    for number in range(5):
        made = giver(client_id=None, name=f"志愿者{number}")
        hears(ResourceService, url, delivered(number, made["id"], "2026-05-01"))

    first = ask("roll_of_honour", section="giving", limit=3)
    second = ask("roll_of_honour", section="giving", limit=3, after=first["next"])

    assert names(first) + names(second) == [f"志愿者{number}" for number in (4, 3, 2, 1, 0)]
    assert second["next"] is None


def test_nobodys_need_is_tied_to_what_they_gave(url):
    """What is kept here is read by nothing else: its tables are named in its own folder and migrations only."""
    migrations = {f"services/resource/migrations/{name}.py" for name in ("0008_honours", "0012_visits_given")}
    own = {"services/resource/honours/store.py", *migrations}
    reading = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "services").rglob("*.py")
        if any(
            isinstance(node, ast.Constant) and isinstance(node.value, str) and table in node.value
            for node in ast.walk(ast.parse(path.read_text()))
            for table in ("services_received_given", "honour_agreements")
        )
    }
    assert reading == own
    assert rows(url, "SELECT 1 FROM services_received_given") == []
