"""Pairings on a real database: who keeps coming to whom."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from chassis.privacy import Keyring, open_fields, seal_fields
from contracts.calls.matching import pairings, visits
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.matching import PairingBegun, PairingChanged, PairingEnded
from contracts.resource import ClientChanged, ClientForgotten, ClientRegistered
from services.matching.service import MatchingService
from services.matching.visits.plan import day_of
from tests.matching.claim_board import provider
from tests.support import DATA_KEYS, INDEX_KEY, OFFICE, WORKER, Caller, call, database, hears, published, rows

KEYRING = Keyring(DATA_KEYS, INDEX_KEY)
CLIENT = "0190a000-0000-7000-8000-00000000d001"
HELPER = Caller("0190a000-0000-7000-8000-00000000e001", ("partner",))
OTHER = Caller("0190a000-0000-7000-8000-00000000e002", ("partner",))
PROVIDER = provider().provider_id
GRID_WORKER = Caller("0190a000-0000-7000-8000-000000000005", ("community_staff",), ("lvcuo",))
TODAY = day_of(__import__("datetime").datetime.now(__import__("datetime").UTC))
DAILY = {"rule": "FREQ=DAILY", "visit_time": "15:00", "first_on": TODAY.isoformat(), "on_holidays": "keep"}
SCHEMAS = {
    "begin_pairing": pairings.NewPairing,
    "change_pairing": pairings.PairingChange,
    "end_pairing": pairings.Ending,
    "record_visit": visits.VisitRecord,
    "acknowledge_alert": pairings.Acknowledgement,
}


def client(kind=ClientRegistered, version=1, **changes):
    facts = dict(client_id=CLIENT, kind="person", community="jiangtou", target_group="elderly_alone", minor=False,
                 active=True, registered_by=WORKER.id)  # fmt: skip
    return kind(version=version, **{**facts, **changes})


@pytest.fixture
def url(postgres):
    made = database(postgres, "matching")
    hears(MatchingService, made, client(), provider(by=HELPER))
    return made


@pytest.fixture
def ask(url):
    """Return a function that calls the service as the gateway does, private fields sealed on the way."""

    def ask(method, caller=WORKER, key=None, **arguments):
        sealed = seal_fields(KEYRING, SCHEMAS.get(method), arguments)
        return call(MatchingService, url, method, caller=caller, key=key, **sealed)

    return ask


@pytest.fixture
def begin(ask):
    def begin(**changes):
        facts = {"client_id": CLIENT, "kinds": ["emotional"], "plan": DAILY,
                 "helpers": [{"helper": HELPER.id, "provider_id": PROVIDER, "role": "lead"}]}  # fmt: skip
        return ask("begin_pairing", **facts | changes)

    return begin


def told(url, kind) -> list:
    return [envelope.event for envelope in published(url, kind)]


def test_a_pairing_begins_is_told_of_and_its_visits_are_set(url, ask, begin):
    made = begin(goals="每周陪伴，缓解独居孤独")

    assert ask("get_pairing", id=made["id"]) == made
    assert (made["state"], made["version"], made["worker"], made["community"]) == ("active", 1, WORKER.id, "jiangtou")
    assert (made["next_visit_on"], made["has_goals"], made["plan"]["visit_minutes"]) == (TODAY.isoformat(), True, 60)
    (event,) = told(url, PairingBegun)
    assert (event.pairing_id, event.client_id, event.target_group) == (made["id"], CLIENT, "elderly_alone")
    assert (event.worker, event.begun_by) == (WORKER.id, WORKER.id)
    assert (event.helpers[0].helper, event.helpers[0].role, event.kinds) == (HELPER.id, "lead", ("emotional",))
    assert len(ask("list_visits", pairing_id=made["id"], state="planned")["items"]) == 36
    assert "独居" not in str(rows(url, "SELECT body FROM outbox") + rows(url, "SELECT p::text FROM pairings AS p"))


def test_who_is_not_known_or_active_any_more_is_paired_with_nobody(url, begin):
    with pytest.raises(NotFound, match="unknown_client"):
        begin(client_id="0190a000-0000-7000-8000-00000000dead")
    hears(MatchingService, url, client(ClientChanged, 2, active=False))
    with pytest.raises(Conflict, match="client_not_active"):
        begin()


def test_an_older_version_of_a_client_changes_nothing(url, begin):
    hears(MatchingService, url, client(ClientChanged, 3, community="lvcuo"))
    hears(MatchingService, url, client(ClientChanged, 2, community="houpu"))

    assert begin()["community"] == "lvcuo"


def test_a_guardian_must_agree_for_a_child(url, begin):
    hears(MatchingService, url, client(ClientChanged, 2, minor=True))

    with pytest.raises(Invalid, match="guardian_must_agree"):
        begin()
    assert begin(guardian_agreed=True)["guardian_agreed"] is True


@pytest.mark.parametrize(
    "helpers, slug",
    [
        ([{"helper": HELPER.id, "role": "visitor"}], "one_helper_leads"),
        ([{"helper": HELPER.id, "role": "lead"}, {"helper": OTHER.id, "role": "lead"}], "one_helper_leads"),
        ([{"helper": HELPER.id, "role": "lead"}, {"helper": HELPER.id, "role": "tutor"}], "helper_named_twice"),
        ([{"role": "lead"}], "helper_is_nobody"),
    ],
)
def test_exactly_one_helper_leads_and_each_is_somebody(begin, helpers, slug):
    with pytest.raises(Invalid, match=slug):
        begin(helpers=helpers)


def test_a_helper_is_no_provider_that_nobody_knows(ask, begin):
    unknown = {"provider_id": "0190a000-0000-7000-8000-00000000dead"}
    with pytest.raises(NotFound, match="unknown_provider"):
        begin(helpers=[{**unknown, "role": "lead"}])
    made = begin()
    with pytest.raises(NotFound, match="unknown_provider"):
        ask("transfer_pairing", id=made["id"], lead=unknown, reason="helper_left")


def test_the_same_helper_leads_one_pairing_with_a_person_at_a_time(ask, begin):
    made = begin()
    with pytest.raises(Conflict, match="pairing_exists"):
        begin()
    ask("end_pairing", id=made["id"], reason="helper_left", stars=3, goals_reached="no")

    assert begin()["state"] == "active"


def test_who_registered_a_provider_that_helps_sees_the_pairing_and_records_its_visits(url, ask, begin):
    made = begin(helpers=[{"provider_id": PROVIDER, "role": "lead"}, {"helper": OTHER.id, "role": "visitor"}])

    assert [one["account"] for one in made["helpers"]] == [HELPER.id, OTHER.id]
    assert [one.account for one in told(url, PairingBegun)[0].helpers] == [HELPER.id, OTHER.id]
    assert [one["id"] for one in ask("list_pairings", HELPER)["items"]] == [made["id"]]
    assert len(ask("list_visits", HELPER, pairing_id=made["id"], state="planned")["items"]) == 36
    visit = ask("record_visit", HELPER, id=made["id"], on=TODAY.isoformat(), kinds=["emotional"], minutes=30)
    assert [(one["helper"], one["provider_id"]) for one in visit["helpers"]] == [("", PROVIDER)]
    ask("change_pairing", id=made["id"], version=2, helpers=[{"helper": OTHER.id, "role": "lead"}])
    assert ask("list_pairings", HELPER)["items"] == []
    with pytest.raises(NotFound, match="unknown_pairing"):
        ask("get_pairing", HELPER, id=made["id"])


def test_of_many_who_begin_the_same_pairing_at_once_one_does(url, begin):
    def try_to():
        try:
            return begin()["id"]
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: try_to(), range(6)))

    assert sorted(results)[1:] == ["pairing_exists"] * 5
    assert len(told(url, PairingBegun)) == 1


def test_of_many_who_end_a_pairing_at_once_one_does(url, ask, begin):
    made = begin()

    def end(stars):
        try:
            return ask("end_pairing", id=made["id"], reason="goals_reached", stars=stars, goals_reached="yes")["stars"]
        except Conflict as refusal:
            assert refusal.slug == "pairing_has_ended"
            return None

    with ThreadPoolExecutor(5) as pool:
        (stars,) = [said for said in pool.map(end, range(1, 6)) if said]

    ended = ask("get_pairing", id=made["id"])
    assert (ended["state"], ended["stars"], ended["version"]) == ("ended", stars, 2)
    assert len(told(url, PairingEnded)) == 1


def test_a_pairing_that_ends_while_it_is_handed_over_and_visited_ends_once_with_each_version_told_once(url, ask, begin):
    made = begin()

    def attempt(method, **arguments):
        try:
            return ask(method, id=made["id"], **arguments) and None
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(3) as pool:
        jobs = [
            pool.submit(attempt, "end_pairing", reason="goals_reached", stars=5, goals_reached="yes"),
            pool.submit(attempt, "transfer_pairing", worker=OFFICE.id, reason="workload"),
            pool.submit(attempt, "record_visit", on=TODAY.isoformat(), kinds=["emotional"], minutes=30),
        ]
        said = [job.result() for job in jobs]

    assert said[0] is said[2] is None and said[1] in (None, "pairing_has_ended")
    ended = ask("get_pairing", id=made["id"])
    assert (ended["state"], ended["visits"], ended["worker"]) == ("ended", 1, WORKER.id if said[1] else OFFICE.id)
    assert ask("list_visits", pairing_id=made["id"], state="planned")["items"] == []
    versions = [e.event.version for e in published(url) if e.event.subject == made["id"]]
    assert sorted(versions) == list(range(1, ended["version"] + 1))


def test_of_two_pairings_handed_to_the_same_lead_at_once_one_is(url, ask, begin):
    ids = [begin(helpers=[{"helper": one.id, "role": "lead"}])["id"] for one in (HELPER, OTHER)]
    new = {"helper": WORKER.id}

    def transfer(id):
        try:
            return ask("transfer_pairing", id=id, lead=new, reason="helper_left")["state"]
        except Conflict as refusal:
            return refusal.slug

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(transfer, ids)) == ["active", "pairing_exists"]


def test_a_change_of_the_plan_moves_the_visits_to_come(url, ask, begin):
    made = begin()
    kept = ask("list_visits", pairing_id=made["id"], limit=200)["items"][0]
    ask("reschedule_visit", id=kept["id"], on=(TODAY + timedelta(days=90)).isoformat())

    plan = {**DAILY, "rule": "FREQ=WEEKLY;BYDAY=TU"}
    after = ask("change_pairing", id=made["id"], version=2, plan=plan, goals="新的目标")

    days = [date.fromisoformat(one["planned_on"]) for one in ask("list_visits", pairing_id=made["id"])["items"]]
    assert {day.weekday() for day in days if day < TODAY + timedelta(days=90)} == {1}
    assert TODAY + timedelta(days=90) in days
    assert after["version"] == 3
    (event,) = told(url, PairingChanged)
    assert (event.version, event.helpers[0].helper) == (3, HELPER.id)
    assert (event.new_plan, event.joined, event.left, event.worker_before) == (True, (), (), "")


def test_who_has_seen_another_version_changes_nothing(ask, begin):
    made = begin()
    ask("change_pairing", id=made["id"], version=1, kinds=["material", "emotional"])

    with pytest.raises(Conflict, match="stale_version"):
        ask("change_pairing", id=made["id"], version=1, worker=OFFICE.id)


def test_a_transfer_is_on_record(url, ask, begin):
    made = begin()

    after = ask("transfer_pairing", id=made["id"], worker=OFFICE.id, lead={"helper": OTHER.id}, reason="helper_left")

    assert (after["worker"], [one["helper"] for one in after["helpers"]]) == (OFFICE.id, [OTHER.id])
    (transfer,) = after["transfers"]
    assert (transfer["reason"], transfer["from_lead"], transfer["to_lead"]) == ("helper_left", HELPER.id, OTHER.id)
    assert (transfer["from_worker"], transfer["transferred_by"]) == (WORKER.id, WORKER.id)
    with pytest.raises(Invalid, match="transfer_changes_nothing"):
        ask("transfer_pairing", id=made["id"], worker=OFFICE.id, reason="workload")
    (event,) = told(url, PairingChanged)
    assert (event.worker, event.worker_before, event.changed_by) == (OFFICE.id, WORKER.id, WORKER.id)
    assert [[one.helper for one in side] for side in (event.joined, event.left)] == [[OTHER.id], [HELPER.id]]
    assert event.new_plan is False


def test_an_ending_is_evaluated_once_and_nothing_is_due_any_more(url, ask, begin):
    made = begin()
    ask("record_visit", id=made["id"], on=TODAY.isoformat(), kinds=["emotional"], minutes=30)

    after = ask(
        "end_pairing", id=made["id"], reason="goals_reached", stars=5, goals_reached="yes", evaluation="老人开朗多了"
    )

    assert (after["state"], after["stars"], after["has_evaluation"], after["next_visit_on"]) == ("ended", 5, True, None)
    (event,) = told(url, PairingEnded)
    assert (event.reason, event.visits, event.ended_by, event.client_id) == ("goals_reached", 1, WORKER.id, CLIENT)
    assert ([one.helper for one in event.helpers], event.worker) == ([HELPER.id], WORKER.id)
    for method, arguments in (
        ("end_pairing", {"reason": "other", "stars": 1, "goals_reached": "no"}),
        ("change_pairing", {"version": after["version"], "worker": OFFICE.id}),
        ("transfer_pairing", {"worker": OFFICE.id, "reason": "other"}),
    ):
        with pytest.raises(Conflict, match="pairing_has_ended"):
            ask(method, id=made["id"], **arguments)


def test_words_are_shown_with_a_purpose_on_record(ask, begin):
    made = begin(goals="陪伴就医")

    shown = ask("reveal_pairing", id=made["id"], purpose="handover")

    assert open_fields(KEYRING, pairings.PairingWordsView, shown)["goals"] == "陪伴就医"
    (record,) = ask("list_pairing_reveals", id=made["id"])["items"]
    assert (record["subject"], record["purpose"], record["revealed_by"]) == ("pairing", "handover", WORKER.id)


def test_partners_see_the_pairings_in_which_they_help_and_staff_those_of_their_communities(ask, begin):
    made = begin()

    assert [one["id"] for one in ask("list_pairings", HELPER)["items"]] == [made["id"]]
    assert ask("get_pairing", HELPER, id=made["id"])["id"] == made["id"]
    assert ask("list_pairings", OTHER)["items"] == ask("list_pairings", GRID_WORKER)["items"] == []
    assert ask("list_visits", OTHER)["items"] == ask("list_visits", GRID_WORKER)["items"] == []
    with pytest.raises(NotFound):
        ask("get_pairing", OTHER, id=made["id"])
    with pytest.raises(Forbidden, match="community_forbidden"):
        ask("get_pairing", GRID_WORKER, id=made["id"])
    with pytest.raises(Forbidden, match="role_required"):
        ask("reveal_pairing", HELPER, id=made["id"], purpose="handover")


@pytest.mark.parametrize(
    "filter",
    [{"worker": WORKER.id}, {"client_id": CLIENT}, {"helper": HELPER.id}, {"helper": PROVIDER}, {"state": "active"}],
)
def test_pairings_are_found_by_who_is_in_them(ask, begin, filter):
    made = begin()

    assert [one["id"] for one in ask("list_pairings", community="jiangtou", **filter)["items"]] == [made["id"]]
    wrong = {name: "ended" if name == "state" else "0190a000-0000-7000-8000-00000000dead" for name in filter}
    assert ask("list_pairings", **wrong)["items"] == []


def test_a_person_who_moves_takes_the_pairing_along(url, ask, begin):
    made = begin()

    hears(MatchingService, url, client(ClientChanged, 2, community="lvcuo"), times=2)

    assert ask("get_pairing", GRID_WORKER, id=made["id"])["version"] == 2
    (event,) = told(url, PairingChanged)
    assert (event.community, event.joined, event.left, event.worker_before) == ("lvcuo", (), (), "")


def test_the_staff_from_whom_a_person_moved_see_visits_and_alerts_no_more_and_the_others_do(url, ask, begin):
    there = Caller("0190a000-0000-7000-8000-000000000007", ("community_staff",), ("jiangtou",))
    made = begin()
    ask("record_visit", there, id=made["id"], on=TODAY.isoformat(), kinds=["emotional"], minutes=30, mood=1)

    hears(MatchingService, url, client(ClientChanged, 2, community="lvcuo"))

    assert ask("list_visits", there)["items"] == ask("list_alerts", there)["items"] == []
    assert len(ask("list_visits", GRID_WORKER, limit=200)["items"]) == 36
    assert {one["community"] for one in ask("list_visits", state="planned", limit=200)["items"]} == {"lvcuo"}
    assert [one["community"] for one in ask("list_visits", state="recorded")["items"]] == ["jiangtou"]
    (alert,) = ask("list_alerts", GRID_WORKER)["items"]
    assert ask("acknowledge_alert", GRID_WORKER, id=alert["id"], note="已上门")["acknowledged_by"] == GRID_WORKER.id


def test_when_consent_is_withdrawn_every_word_is_gone_and_no_new_one_is_taken(url, ask, begin):
    made = begin(goals="目标")
    visit = ask(
        "record_visit", id=made["id"], on=TODAY.isoformat(), kinds=["emotional"], minutes=30, mood=1, note="情绪低落"
    )
    (alert,) = ask("list_alerts")["items"]
    ask("acknowledge_alert", id=alert["id"], note="已转介")

    hears(MatchingService, url, ClientForgotten(version=2, client_id=CLIENT, community="jiangtou"), times=2)

    sealed = rows(url, """SELECT goals, evaluation FROM pairings WHERE goals IS NOT NULL OR evaluation IS NOT NULL
                          UNION ALL SELECT note, null FROM visits WHERE note IS NOT NULL OR mood IS NOT NULL
                          UNION ALL SELECT note, null FROM pairing_alerts WHERE note IS NOT NULL""")  # fmt: skip
    assert sealed == []
    assert ask("get_visit", id=visit["id"])["has_note"] is False
    for written in ({"note": "又写"}, {"mood": 3}, {"goods": [{"name": "大米", "quantity": 1, "unit": "袋"}]}):
        with pytest.raises(Conflict, match="consent_withdrawn"):
            ask("record_visit", id=made["id"], on=TODAY.isoformat(), kinds=["emotional"], minutes=9,
                helpers=[{"helper": HELPER.id, "provider_id": PROVIDER}], **written)  # fmt: skip
    with pytest.raises(Conflict, match="consent_withdrawn"):
        begin(helpers=[{"helper": OTHER.id, "role": "lead"}])


def test_when_consent_is_withdrawn_the_pairing_ends_and_nobody_comes_any_more(url, ask, begin):
    made = begin()
    ask("record_visit", id=made["id"], on=TODAY.isoformat(), kinds=["emotional"], minutes=30, mood=1)

    hears(MatchingService, url, ClientForgotten(version=2, client_id=CLIENT, community="jiangtou"), times=2)

    ended = ask("get_pairing", id=made["id"])
    assert (ended["state"], ended["reason"], ended["stars"], ended["ended_by"]) == (
        "ended",
        "consent_withdrawn",
        None,
        "",
    )
    assert ended["next_visit_on"] is None and ask("list_alerts")["items"] == []
    (event,) = told(url, PairingEnded)
    assert (event.reason, event.worker, event.helpers[0].helper) == ("consent_withdrawn", WORKER.id, HELPER.id)


def test_words_are_sealed_anew_with_the_current_key(url, begin):
    made = begin(goals="陪伴")
    keyring = Keyring((("t2", b"x" * 32), *DATA_KEYS), INDEX_KEY)
    from tests.support import transactions

    with transactions(MatchingService, url).transaction() as store:
        assert [store.reseal(keyring, 10), store.reseal(keyring, 10)] == [1, 0]
    (row,) = rows(url, "SELECT goals FROM pairings")
    assert keyring.open(row["goals"], f"pairing/{made['id']}/goals") == "陪伴"


def test_a_plan_is_previewed_before_it_is_kept(url, ask):
    plan = {**DAILY, "rule": "FREQ=WEEKLY;BYDAY=TH", "first_on": "2026-09-24", "on_holidays": "move"}

    preview = ask("preview_plan", plan=plan, since="2026-10-01", most=2)

    assert [(one["on"], one["rule_on"]) for one in preview["visits"]] == [
        ("2026-10-08", "2026-10-08"),
        ("2026-10-15", "2026-10-15"),
    ]
    assert rows(url, "SELECT 1 FROM pairings") == []
