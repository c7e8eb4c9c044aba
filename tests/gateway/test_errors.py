"""Bad input and absent services: the right status, a slug, a Chinese sentence, the field; and nothing is called."""

import io
import json
import re

import pytest

from chassis.client import Broken, Unavailable
from contracts.errors import Conflict, Forbidden, Invalid, Late, NotFound

ID = "0190a000-0000-7000-8000-00000000abcd"
NEED = {
    "title": "轮椅一辆",
    "community": "jiangtou",
    "category": "aid.wheelchair",
    "quantity": 1,
    "unit": "辆",
}


def is_problem(answer, status, slug=None):
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    body = answer.json
    assert body["status"] == status
    assert re.search(r"[一-鿿]", body["title"]) and re.search(r"[一-鿿]", body["detail"])
    assert body["correlation_id"] == answer.headers["X-Correlation-Id"]
    if slug:
        assert body["slug"] == slug
    return body


@pytest.mark.parametrize(
    "data, slug",
    [
        (b"{", "malformed_json"),
        (b"", "malformed_json"),
        (b"\xff{}", "not_utf8"),
        (b'{"title": "\\ud800"}', "not_utf8"),
        (b"[]", "not_an_object"),
        (b'"x"', "not_an_object"),
        (b'{"quantity": NaN}', "malformed_json"),
        (b'{"quantity": 1e999}', "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b'{"quantity": ' + b"9" * 5000 + b"}", "malformed_json"),
    ],
)
def test_what_cannot_be_read_is_refused_here(client, services, headers, data, slug):
    answer = client.post("/api/needs", data=data, content_type="application/json", headers=headers())

    is_problem(answer, 400, slug)
    assert services.called == []


def test_another_type_of_content_is_refused(client, services, headers):
    is_problem(client.post("/api/needs", data="a=1", headers=headers()), 415)
    form = client.post("/api/needs", data={"title": "x"}, headers=headers())
    is_problem(form, 415, "unsupported_media_type")
    is_problem(client.post("/api/imports", json={}, headers=headers()), 415)
    assert services.called == []


@pytest.mark.parametrize("path", ["/api/needs", "/api/sessions", "/api/users", f"/api/bookings/{ID}/approve"])
def test_two_megabytes_are_too_much(client, services, headers, path):
    data = json.dumps({"title": "x" * 2_000_000}).encode()

    is_problem(client.post(path, data=data, content_type="application/json", headers=headers("operator")), 413)
    assert services.called == []


def test_an_import_may_be_larger_but_not_without_end(client, services, headers):
    def send(size):
        return client.post("/api/imports", data={"file": (io.BytesIO(b"x" * size), "needs.csv")}, headers=headers())

    assert send(3_000_000).status_code == 201
    assert send(8_000_000).status_code == 201
    is_problem(send(8_000_001), 413, "too_large")
    is_problem(send(10_000_000), 413, "too_large")


def test_unknown_addresses_and_methods(client, headers):
    is_problem(client.get("/api/nothing"), 404, "no_such_page")
    is_problem(client.get("/api/needs/not-an-id", headers=headers()), 404)
    wrong = client.delete("/api/needs", headers=headers())
    is_problem(wrong, 405, "method_not_allowed")
    assert set(wrong.headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_a_person_with_a_browser_gets_a_page(client):
    answer = client.get("/nothing", headers={"Accept": "text/html,*/*"})

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "没有这个地址" in answer.text


@pytest.mark.parametrize(
    "query, field, slug",
    [
        ("colour=red", "colour", "unknown_field"),
        ("limit=ten", "limit", "not_an_integer"),
        ("limit=1_0", "limit", "not_an_integer"),
        ("limit=0", "limit", "range"),
        ("limit=1&limit=2", "limit", "repeated"),
        ("state=lost", "state", "one_of"),
    ],
)
def test_query_parameters_are_checked(client, headers, query, field, slug):
    body = is_problem(client.get(f"/api/needs?{query}", headers=headers()), 422, "invalid_fields")

    assert body["errors"] == [{"field": field, "slug": slug, "message": body["errors"][0]["message"]}]


def test_booleans_in_a_query_are_true_or_false(client, services, headers):
    client.get("/api/messages?unread=true&limit=5", headers=headers())
    assert services.last("notify.list_messages")["arguments"] == {"unread": True, "limit": 5}

    is_problem(client.get("/api/messages?unread=1", headers=headers()), 422)


def test_each_field_is_named_with_what_is_wrong(client, headers):
    wrong = {**NEED, "quantity": -5, "title": "打 13800138000", "colour": "red", "starts_at": "soon"}
    del wrong["unit"]
    body = is_problem(client.post("/api/needs", json=wrong, headers=headers()), 422, "invalid_fields")

    assert {error["field"]: error["slug"] for error in body["errors"]} == {
        "quantity": "range",
        "title": "private_data_in_public_text",
        "colour": "unknown_field",
        "starts_at": "not_a_moment",
        "unit": "required",
    }
    assert body["field"] == body["errors"][0]["field"]


def test_ends_before_it_starts(client, headers):
    times = {"starts_at": "2026-03-02T09:00:00+08:00", "ends_at": "2026-03-01T09:00:00+08:00"}
    body = is_problem(client.post("/api/needs", json={**NEED, **times}, headers=headers()), 422)

    assert body["errors"] == [
        {"field": "ends_at", "slug": "ends_before_it_starts", "message": "结束时间应晚于开始时间"}
    ]


def test_a_body_cannot_say_another_id_than_the_path(client, services, headers):
    answer = client.post(f"/api/matches/{ID}/confirm", json={"id": ID}, headers=headers())

    is_problem(answer, 422)
    assert services.called == []


@pytest.mark.parametrize(
    "refusal, status",
    [
        (Invalid("unknown_category", "category"), 422),
        (NotFound("unknown_need", "id"), 404),
        (Conflict("fund_exhausted", "amount", available="12.50"), 409),
        (Forbidden("community_forbidden", "community"), 403),
        (Late("deadline_passed"), 503),
    ],
)
def test_a_refusal_becomes_a_status_and_a_sentence(client, services, headers, refusal, status):
    services.answer("create_need", refusal)

    body = is_problem(client.post("/api/needs", json=NEED, headers=headers()), status, refusal.slug)

    assert body["field"] == refusal.field
    assert refusal.slug not in body["detail"] and "…" not in body["detail"]


def test_a_service_that_is_away_for_a_moment_is_waited_for(client, services, headers):
    services.answer("create_need", Unavailable("away"), Unavailable("away"))

    answer = client.post("/api/needs", json=NEED, headers=headers())

    assert answer.status_code == 201
    assert len({made["key"] for made in services.called}) == 1
    assert [made["timeout"] for made in services.called] == sorted(
        (m["timeout"] for m in services.called), reverse=True
    )


def test_a_service_that_stays_away_is_said(client, services, headers, app):
    ticks = iter(range(100))
    app.extensions["calls"].clock, app.extensions["calls"].sleep = lambda: next(ticks), lambda seconds: None
    services.answer("list_needs", *[Unavailable("away")] * 20)

    answer = client.get("/api/needs", headers=headers())

    is_problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"]
    assert len(services.called) < 6


@pytest.mark.parametrize("failure", [Broken("resource.list_needs: KeyError"), KeyError("secret")])
def test_a_failure_gives_nothing_away(client, services, headers, failure):
    services.answer("list_needs", failure)

    answer = client.get("/api/needs", headers=headers())

    is_problem(answer, 500, "internal_error")
    assert "KeyError" not in answer.text and "secret" not in answer.text


@pytest.mark.parametrize("key", ["", "with space", "中文", "x" * 201, "a\tb"])
def test_a_bad_idempotency_key_is_refused(client, services, headers, key):
    answer = client.post(
        "/api/needs", json=NEED, headers=headers(**{"Idempotency-Key": key.encode().decode("latin-1")})
    )

    is_problem(answer, 422, "idempotency_key")
    assert services.called == []


def test_the_key_goes_with_the_call_and_without_one_each_request_has_its_own(client, services, headers):
    client.post("/api/needs", json=NEED, headers=headers(**{"Idempotency-Key": "k-1"}))
    assert services.called[-1]["key"] == "k-1"

    client.post("/api/needs", json=NEED, headers=headers())
    client.post("/api/needs", json=NEED, headers=headers())
    assert len({made["key"] for made in services.called}) == 3
