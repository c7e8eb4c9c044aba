"""Operators look after the users."""

import threading
import uuid

import pytest

from tests.gateway.conftest import PASSWORD


def new_user(**values):
    return {
        "username": f"u{uuid.uuid4().hex[:12]}",
        "password": "a-long-password",
        "display_name": "李梅",
        "roles": ["community_staff"],
        "communities": ["lvcuo"],
        **values,
    }


def test_an_operator_adds_a_user_who_can_sign_in(client, headers):
    user = new_user()
    answer = client.post("/api/users", json=user, headers=headers("operator"))

    assert answer.status_code == 201
    assert client.get(answer.headers["Location"], headers=headers("operator")).json == answer.json
    assert "password" not in answer.json
    given = {"username": user["username"], "password": user["password"]}
    assert client.post("/api/sessions", json=given).json["user"]["communities"] == ["lvcuo"]


def test_the_same_key_adds_once_and_another_body_is_refused(client, headers):
    user, key = new_user(), {"Idempotency-Key": str(uuid.uuid4())}
    first = client.post("/api/users", json=user, headers=headers("operator", **key))
    again = client.post("/api/users", json=user, headers=headers("operator", **key))
    other = client.post("/api/users", json=new_user(), headers=headers("operator", **key))

    assert first.json == again.json
    assert (other.status_code, other.json["slug"]) == (422, "idempotency_key_reused")


def test_twins_with_one_key_add_once(app, headers):
    user, head = new_user(), headers("operator", **{"Idempotency-Key": str(uuid.uuid4())})
    answers = []

    def add():
        answers.append(app.test_client().post("/api/users", json=user, headers=head))

    threads = [threading.Thread(target=add) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1


def test_a_username_is_taken_once(client, headers):
    answer = client.post("/api/users", json=new_user(username="office"), headers=headers("operator"))

    assert (answer.status_code, answer.json["slug"], answer.json["field"]) == (409, "username_taken", "username")


def test_staff_find_their_colleagues_and_learn_no_more_of_them(client, headers):
    gone = client.post("/api/users", json=new_user(), headers=headers("operator")).json
    client.patch(f"/api/users/{gone['id']}", json={"active": False}, headers=headers("operator"))

    answer = client.get("/api/staff?limit=200", headers=headers("community_staff"))

    assert answer.status_code == 200
    assert all(set(one) == {"id", "display_name", "roles", "communities"} for one in answer.json["items"])
    assert gone["id"] not in [one["id"] for one in answer.json["items"]]
    roles = {role for one in answer.json["items"] for role in one["roles"]}
    assert "social_worker" in roles and not roles & {"partner", "operator"}
    assert client.get("/api/staff", headers=headers("partner")).json["slug"] == "role_required"


@pytest.mark.parametrize("role", ["social_worker", "community_staff", "office", "partner"])
def test_nobody_else_sees_or_adds_users(client, headers, role):
    assert client.get("/api/users", headers=headers(role)).status_code == 403
    assert client.post("/api/users", json=new_user(), headers=headers(role)).json["slug"] == "role_required"


def test_a_user_who_is_stopped_is_out_at_once(client, headers):
    user = new_user()
    path = client.post("/api/users", json=user, headers=headers("operator")).headers["Location"]
    given = {"username": user["username"], "password": user["password"]}
    theirs = {"Authorization": "Bearer " + client.post("/api/sessions", json=given).json["token"]}
    assert client.get("/api/sessions", headers=theirs).status_code == 200

    assert client.patch(path, json={"active": False}, headers=headers("operator")).json["active"] is False

    assert client.get("/api/sessions", headers=theirs).status_code == 401
    assert client.post("/api/sessions", json=given).status_code == 401


def test_a_new_password_ends_the_sessions_of_the_old_one(client, headers):
    user = new_user()
    path = client.post("/api/users", json=user, headers=headers("operator")).headers["Location"]
    given = {"username": user["username"], "password": user["password"]}
    theirs = {"Authorization": "Bearer " + client.post("/api/sessions", json=given).json["token"]}

    client.patch(path, json={"password": "another-password"}, headers=headers("operator"))

    assert client.get("/api/sessions", headers=theirs).status_code == 401
    assert client.post("/api/sessions", json={**given, "password": "another-password"}).status_code == 201


def test_roles_change_at_once(client, headers):
    user = new_user()
    path = client.post("/api/users", json=user, headers=headers("operator")).headers["Location"]
    given = {"username": user["username"], "password": user["password"]}
    theirs = {"Authorization": "Bearer " + client.post("/api/sessions", json=given).json["token"]}

    client.patch(path, json={"roles": ["office"], "communities": []}, headers=headers("operator"))

    user = client.get("/api/sessions", headers=theirs).json["user"]
    assert (user["roles"], user["communities"]) == (["office"], [])


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["office"]}])
def test_the_last_operator_stays(client, headers, token, change):
    me = client.get("/api/sessions", headers=headers("operator")).json["user"]["id"]

    answer = client.patch(f"/api/users/{me}", json=change, headers=headers("operator"))

    assert (answer.status_code, answer.json["slug"]) == (409, "last_operator")
    assert client.post("/api/sessions", json={"username": "operator", "password": PASSWORD}).status_code == 201


@pytest.mark.parametrize(
    "wrong, field, slug",
    [
        ({"username": "Li Mei"}, "username", "username"),
        ({"password": "short"}, "password", "weak_password"),
        ({"roles": ["king"]}, "roles.0", "one_of"),
        ({"active": "yes"}, "active", "unknown_field"),
        ({"display_name": "a\x00b"}, "display_name", "control_characters"),
    ],
)
def test_what_is_wrong_with_a_user_is_said(client, headers, wrong, field, slug):
    answer = client.post("/api/users", json=new_user(**wrong), headers=headers("operator"))

    assert answer.status_code == 422
    assert [(error["field"], error["slug"]) for error in answer.json["errors"]] == [(field, slug)]


def test_the_list_is_paged(client, headers):
    for _ in range(3):
        client.post("/api/users", json=new_user(), headers=headers("operator"))
    first = client.get("/api/users?limit=2", headers=headers("operator")).json
    second = client.get(f"/api/users?limit=2&after={first['next']}", headers=headers("operator")).json

    assert len(first["items"]) == 2
    assert not {user["id"] for user in first["items"]} & {user["id"] for user in second["items"]}


@pytest.mark.parametrize(
    "change, field, slug",
    [
        ({"active": "yes"}, "active", "not_a_boolean"),
        ({"active": 1}, "active", "not_a_boolean"),
        ({"username": "other"}, "username", "unknown_field"),
        ({"roles": None}, "roles", "null"),
        ({"communities": ["No Code"]}, "communities.0", "code"),
    ],
)
def test_what_is_wrong_with_a_change_is_said(client, headers, change, field, slug):
    path = client.post("/api/users", json=new_user(), headers=headers("operator")).headers["Location"]
    answer = client.patch(path, json=change, headers=headers("operator"))

    assert answer.status_code == 422
    assert [(error["field"], error["slug"]) for error in answer.json["errors"]] == [(field, slug)]


def test_a_user_who_is_not_there_is_not_found(client, headers):
    path = f"/api/users/{uuid.uuid4()}"

    assert client.get(path, headers=headers("operator")).json["slug"] == "unknown_user"
    assert client.patch(path, json={}, headers=headers("operator")).status_code == 404
