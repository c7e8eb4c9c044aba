"""How clients live: a scored form, kept in versions."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.errors import Conflict, Forbidden, Invalid
from services.resource.clients.assessment import form, level_of, score
from tests.resource.people import CLIENT, GRID_WORKER, Asking
from tests.support import OFFICE, WORKER, database, rows

ITEMS = [item for part in form()["parts"] for item in part["items"]]
ANSWERS = [{"item": item["code"], "option": item["options"][-1]["code"]} for item in ITEMS]
BEST = [{"item": item["code"], "option": item["options"][0]["code"]} for item in ITEMS]


@pytest.fixture
def ask(postgres):
    return Asking(database(postgres, "resource"))


def test_five_parts_come_to_a_hundred_points_at_most():
    assert [part["code"] for part in form()["parts"]] == ["living", "health", "income", "support", "risk"]
    assert score(form(), 1, ANSWERS) == dict.fromkeys(("living", "health", "income", "support", "risk"), 20) | {
        "total": 100,
        "level": "urgent",
    }
    assert score(form(), 1, BEST)["total"] == 0
    for item in ITEMS:
        points = [option["points"] for option in item["options"]]
        assert points[0] == 0 and points == sorted(points)


@pytest.mark.parametrize(
    "total, level",
    [(0, "low"), (29, "low"), (30, "medium"), (49, "medium"), (50, "high"), (69, "high"), (70, "urgent")],
)
def test_the_points_give_a_level(total, level):
    assert level_of(form(), total) == level


@pytest.mark.parametrize("answers", [ANSWERS[:-1], [*ANSWERS, ANSWERS[0]], [*ANSWERS[:-1], ANSWERS[0]]])
def test_each_item_is_answered_once(answers):
    with pytest.raises(Invalid, match="answer_each_item_once"):
        score(form(), 1, answers)


def test_an_option_that_there_is_not_and_another_form_are_refused():
    with pytest.raises(Invalid, match="unknown_option"):
        score(form(), 1, [{**ANSWERS[0], "option": "whatever"}, *ANSWERS[1:]])
    with pytest.raises(Conflict, match="another_form"):
        score(form(), 2, ANSWERS)


def test_an_assessment_is_kept_beside_those_before_with_its_notes_sealed(ask):
    client = ask("create_client", **CLIENT)

    first = ask("assess_client", id=client["id"], form=1, answers=ANSWERS, notes="独居，无人照料")
    second = ask("assess_client", id=client["id"], form=1, answers=BEST)

    assert (first["version"], first["total"], first["level"], first["level_name"]) == (1, 100, "urgent", "紧急")
    assert (first["suggested_urgency"], first["has_notes"], first["assessed_by"]) == (3, True, WORKER.id)
    assert (second["version"], second["total"], second["suggested_urgency"]) == (2, 0, 1)
    assert ask("list_assessments", id=client["id"])["items"] == [second, first]
    assert ask("get_client", id=client["id"])["level"] == "low"
    assert rows(ask.url, "SELECT notes LIKE 't1:%' AS sealed FROM assessments ORDER BY version")[0] == {"sealed": True}
    assert "独居，无人照料" in ask.reveal("client", client["id"])["notes"]


def test_assessments_at_the_same_time_are_all_kept(ask):
    client = ask("create_client", **CLIENT)

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: ask("assess_client", id=client["id"], form=1, answers=BEST), range(4)))

    assert sorted(each["version"] for each in made) == [1, 2, 3, 4]


def test_a_social_worker_assesses_and_staff_of_the_community_read(ask):
    client = ask("create_client", **CLIENT)
    for caller in (OFFICE, GRID_WORKER):
        with pytest.raises(Forbidden, match="role_required"):
            ask("assess_client", caller, id=client["id"], form=1, answers=BEST)
        assert ask("list_assessments", caller, id=client["id"])["items"] == []
        assert ask("get_assessment_form", caller)["version"] == 1
