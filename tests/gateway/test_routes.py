"""Every route calls what it says, and answers with the right status."""

import io

import pytest
from werkzeug.routing import Rule

from contracts.errors import NotFound
from tests.gateway.test_errors import ID, NEED

POSTS_THAT_ACT = (
    *("withdraw", "confirm", "decline", "approve", "reject", "cancel", "submit", "read", "lookups"),
    *("verify", "pause", "resume", "receive", "correct", "write-off"),  # providers and stock
    *("publish", "merge", "dismiss", "undo", "forget"),  # needs, duplicates and clients
    *("schedule", "deliver", "rate", "unblock", "plans"),  # matches and plans
    *("open", "close", "progress", "fulfil", "release", "hand-over"),  # the claim board
    *("transfer", "end", "reschedule", "acknowledge", "pairing-plans", "honour"),  # pairings and honours
    *("apply", "undo", "discard", "with-contacts"),  # lists
    *("delete", "suggest", "search"),  # words
)


def test_a_new_thing_is_answered_whole_with_its_address(client, headers):
    answer = client.post("/api/needs", json=NEED, headers=headers())

    assert answer.status_code == 201
    assert answer.json["title"] == NEED["title"]
    assert client.get(answer.headers["Location"], headers=headers()).json == answer.json


def test_what_people_write_goes_to_the_service_as_it_came(client, services, headers):
    need = {**NEED, "contact_phone": "13800138000", "details": "住三楼"}
    client.post("/api/needs", json=need, headers=headers())

    assert services.last("resource.create_need")["arguments"] == need


def test_a_decision_is_answered_with_the_changed_thing(client, services, headers):
    services.answer("confirm_match", {"id": ID, "state": "confirmed"})
    answer = client.post(f"/api/matches/{ID}/confirm", json={"quantity": 3}, headers=headers())

    assert (answer.status_code, answer.json["state"]) == (200, "confirmed")
    assert services.last("matching.confirm_match")["arguments"] == {"id": ID, "quantity": 3}


def test_a_decision_without_anything_to_say_needs_no_body(client, services, headers):
    services.answer("approve_booking", {"id": ID}, {"id": ID})
    assert client.post(f"/api/bookings/{ID}/approve", headers=headers("office")).status_code == 200
    assert client.post(f"/api/bookings/{ID}/approve", json={}, headers=headers("office")).status_code == 200


def test_a_decision_that_takes_all_as_it_is_needs_no_body(client, services, headers):
    services.answer("confirm_match", {"id": ID, "state": "confirmed"})

    assert client.post(f"/api/matches/{ID}/confirm", headers=headers()).status_code == 200
    assert services.last("matching.confirm_match")["arguments"] == {"id": ID}
    assert client.post(f"/api/matches/{ID}/decline", headers=headers()).status_code == 415


def test_removing_leaves_nothing(client, services, headers):
    made = client.post("/api/channels", json={"url": "mailto://a@example.org"}, headers=headers())
    gone = client.delete(f"/api/channels/{made.json['id']}", headers=headers())

    assert (made.status_code, gone.status_code, gone.data) == (201, 204, b"")


def test_an_import_carries_the_file(client, services, headers):
    form = {"file": (io.BytesIO("需求单位\n".encode("gb18030")), "需求.csv"), "kind": "needs"}
    answer = client.post("/api/imports", data=form, headers=headers(**{"Idempotency-Key": "import-1"}))

    made = services.last("resource.import_file")
    assert answer.status_code == 201
    assert made["arguments"] == {"filename": "需求.csv", "content": "0OjH87WlzrsK", "kind": "needs"}
    assert (made["key"], made["timeout"] > 100) == ("import-1", True)


def test_what_became_of_each_row_is_said_in_chinese(client, services, headers):
    row = {"line": 3, "column": "数量", "slug": "Missing data for required field."}
    services.answer("import_file", {"id": ID, "rejected": [row], "notes": [{**row, "slug": "quantity_unknown"}]})
    answer = client.post("/api/imports", data={"file": (io.BytesIO(b"x"), "a.csv")}, headers=headers()).json

    assert answer["rejected"] == [{"line": 3, "column": "数量", "slug": "required", "message": "必须填写"}]
    assert answer["notes"][0]["message"] == "没有写明数量，先按 1 登记，请核实。"


def test_an_import_without_a_file_is_refused(client, services, headers):
    answer = client.post("/api/imports", data={"kind": "needs"}, content_type="multipart/form-data", headers=headers())

    assert (answer.status_code, answer.json["errors"][0]["slug"]) == (422, "file_missing")


def routes(app) -> list[Rule]:
    ours = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    return [rule for rule in ours if not rule.rule.startswith(("/api/docs", "/api/openapi.json"))]


def test_every_route_but_the_sign_in_needs_a_user(app, client, services):
    for rule in routes(app):
        path = rule.rule.replace("<uuid:id>", ID)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            if (method, path) != ("POST", "/api/sessions"):
                assert client.open(path, method=method, json={}).status_code == 401, (method, path)
    assert services.called == []


def test_every_post_makes_or_acts(app):
    document = app.test_client().get("/api/openapi.json").json
    for path, operations in document["paths"].items():
        if "post" in operations:
            acts = path.rsplit("/", 1)[-1] in POSTS_THAT_ACT
            assert ("200" if acts else "201") in operations["post"]["responses"], path


@pytest.mark.parametrize("path", ["/live", "/metrics"])
def test_operators_can_look(client, path):
    assert client.get(path).status_code == 200


def test_calls_and_requests_are_counted(client, services, headers):
    services.answer("get_need", NotFound("unknown_need", "id"))
    client.get(f"/api/needs/{ID}", headers=headers())

    text = client.get("/metrics").text
    assert 'jinlin_gateway_calls_total{call="resource.get_need",outcome="not_found"}' in text
    assert 'jinlin_gateway_requests_total{method="GET",route="/api/needs/<uuid:id>",status="404"}' in text


def test_health_says_what_is_missing(client, feed):
    assert client.get("/health").json["status"] == "ready"

    feed.connected = False

    answer = client.get("/health")
    assert (answer.status_code, answer.json["checks"]["feed"]) == (503, "not connected")
