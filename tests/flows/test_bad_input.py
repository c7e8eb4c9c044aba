"""What cannot be right gets the right status, a slug, a Chinese sentence and the field; and nothing is written."""

import json
import re
import socket
from http.client import HTTPResponse

import pytest

from tests.flows import posts
from tests.flows.people import Person, a_need, unique
from tests.station import PASSWORDS, eventually

NOBODY = "0190a000-0000-7000-8000-00000000dead"
DAY = "2031-05-05T"
CHINESE = re.compile(r"[一-鿿]")


def need(**changes):
    return a_need("部", **changes)


def provider(**changes):
    return {"kind": "volunteer", "name": "老李", "community": "jiangtou", **changes}


def window(start, end):
    return {"starts_at": f"{DAY}{start}:00+08:00", "ends_at": f"{DAY}{end}:00+08:00"}


# who, method, path, body; status, slug, (field, slug of the field)
CASES = [
    # fields that are not known, missing, of a wrong type
    ("worker", "POST", "/api/needs", need(colour="red"), 422, "invalid_fields", ("colour", "unknown_field")),
    ("worker", "POST", "/api/needs", {}, 422, "invalid_fields", ("title", "required")),
    ("worker", "POST", "/api/needs", need(id=NOBODY), 422, "invalid_fields", ("id", "unknown_field")),
    ("worker", "POST", "/api/needs", need(state="withdrawn"), 422, "invalid_fields", ("state", "unknown_field")),
    ("worker", "POST", "/api/needs", need(title=7), 422, "invalid_fields", ("title", "not_a_string")),
    ("worker", "POST", "/api/needs", need(title=None), 422, "invalid_fields", ("title", "null")),
    ("worker", "POST", "/api/needs", need(title={"a": 1}), 422, "invalid_fields", ("title", "not_a_string")),
    ("worker", "POST", "/api/needs", need(quantity="5"), 422, "invalid_fields", ("quantity", "not_an_integer")),
    ("worker", "POST", "/api/needs", need(quantity=1.5), 422, "invalid_fields", ("quantity", "not_an_integer")),
    ("worker", "POST", "/api/needs", need(quantity=True), 422, "invalid_fields", ("quantity", "not_an_integer")),
    ("worker", "POST", "/api/needs", need(starts_at="明天"), 422, "invalid_fields", ("starts_at", "not_a_moment")),
    ("worker", "POST", "/api/needs", need(starts_at="2031-05-05T09:00:00"), 422, "invalid_fields", ("starts_at", "not_a_moment")),
    ("worker", "POST", "/api/offers", {"serves": "lvcuo"}, 422, "invalid_fields", ("provider_id", "required")),
    # negative, absurd, too long, empty
    ("worker", "POST", "/api/needs", need(quantity=-1), 422, "invalid_fields", ("quantity", "range")),
    ("worker", "POST", "/api/needs", need(quantity=0), 422, "invalid_fields", ("quantity", "range")),
    ("worker", "POST", "/api/needs", need(quantity=10**9), 422, "invalid_fields", ("quantity", "range")),
    ("worker", "POST", "/api/needs", need(quantity=10**400), 422, "invalid_fields", ("quantity", "range")),
    ("worker", "POST", "/api/needs", need(urgency=4), 422, "invalid_fields", ("urgency", "range")),
    ("worker", "POST", "/api/needs", need(title="轮" * 81), 422, "invalid_fields", ("title", "length")),
    ("worker", "POST", "/api/needs", need(title="  "), 422, "invalid_fields", ("title", "length")),
    ("worker", "POST", "/api/needs", need(title="轮\u0000椅"), 422, "invalid_fields", ("title", "control_characters")),
    ("worker", "POST", "/api/needs", need(starts_at="1901-01-01T00:00:00+08:00"), 422, "invalid_fields", ("starts_at", "range")),
    ("office", "POST", "/api/funds", {"name": "基金", "amount": "-5"}, 422, "invalid_fields", ("amount", "money")),
    ("office", "POST", "/api/funds", {"name": "基金", "amount": "1.005"}, 422, "invalid_fields", ("amount", "money")),
    ("office", "POST", "/api/funds", {"name": "基金", "amount": 100}, 422, "invalid_fields", ("amount", "money")),
    ("office", "POST", "/api/funds", {"name": "基金", "amount": "0"}, 422, "invalid_fields", ("amount", "range")),
    # ends before beginnings
    ("worker", "POST", "/api/needs", need(**window("11:00", "09:00")), 422, "invalid_fields", ("ends_at", "ends_before_it_starts")),
    ("worker", "POST", "/api/needs", need(**window("09:00", "09:00")), 422, "invalid_fields", ("ends_at", "ends_before_it_starts")),
    ("worker", "POST", "/api/bookings", {"space_id": NOBODY, "title": "排练", "people": 1, **window("11:00", "09:00")},
     422, "invalid_fields", ("ends_at", "ends_before_it_starts")),
    # words and ids that are not known
    ("worker", "POST", "/api/needs", need(community="mars"), 422, "unknown_community", ("community", "unknown_community")),
    ("worker", "POST", "/api/needs", need(category="goods"), 422, "unknown_category", ("category", "unknown_category")),
    ("worker", "POST", "/api/needs", need(category="轮椅"), 422, "invalid_fields", ("category", "code")),
    ("worker", "POST", "/api/needs", need(target_group="rich"), 422, "invalid_fields", ("target_group", "one_of")),
    ("worker", "POST", "/api/providers", provider(kind="king"), 422, "invalid_fields", ("kind", "one_of")),
    ("worker", "POST", "/api/needs", need(contact_phone="12"), 422, "invalid_phone", ("contact_phone", "invalid_phone")),
    ("worker", "POST", "/api/needs", need(title="轮椅 139 1234 5678"), 422, "invalid_fields", ("title", "private_data_in_public_text")),
    ("worker", "POST", "/api/providers", provider(name="350203199001011234"), 422, "invalid_fields", ("name", "private_data_in_public_text")),
    ("worker", "GET", f"/api/needs/{NOBODY}", None, 404, "unknown_need", ("id", "unknown_need")),
    ("worker", "PATCH", f"/api/needs/{NOBODY}", {"version": 1}, 404, "unknown_need", ("id", "unknown_need")),
    ("worker", "POST", f"/api/needs/{NOBODY}/reveals", {"purpose": "assessment"}, 404, "unknown_need", ("id", "unknown_need")),
    ("worker", "POST", f"/api/matches/{NOBODY}/confirm", {}, 404, "unknown_match", ("id", "unknown_match")),
    ("worker", "POST", f"/api/bookings/{NOBODY}/approve", {}, 404, "unknown_booking", ("id", "unknown_booking")),
    ("office", "POST", f"/api/applications/{NOBODY}/approve", {"amount": "1", "reason": "好"}, 404, "unknown_application", ("id", "unknown_application")),
    ("worker", "POST", f"/api/messages/{NOBODY}/read", {}, 404, "unknown_message", ("id", "unknown_message")),
    ("worker", "GET", "/api/needs/7", None, 404, "no_such_page", None),
    ("worker", "PATCH", f"/api/needs/{NOBODY}", {"title": "轮椅"}, 422, "invalid_fields", ("version", "required")),
    ("worker", "GET", "/api/needs?limit=0", None, 422, "invalid_fields", ("limit", "range")),
    ("worker", "GET", "/api/needs?limit=ten", None, 422, "invalid_fields", ("limit", "not_an_integer")),
    ("worker", "GET", "/api/needs?after=7", None, 422, "invalid_fields", ("after", "not_an_id")),
    ("worker", "GET", "/api/needs?colour=red", None, 422, "invalid_fields", ("colour", "unknown_field")),
    ("worker", "DELETE", "/api/needs", None, 405, "method_not_allowed", None),
    # who may not
    ("partner", "POST", "/api/needs", need(), 403, "role_required", None),
    ("worker", "POST", "/api/funds", {"name": "基金", "amount": "1"}, 403, "role_required", None),
    ("worker", "POST", "/api/users", {}, 403, "role_required", None),
    ("staff", "POST", "/api/needs", need(community="lvcuo"), 403, "community_forbidden", ("community", "community_forbidden")),
    ("staff", "POST", "/api/providers", provider(community="lvcuo"), 403, "community_forbidden", ("community", "community_forbidden")),
]  # fmt: skip


# What duties have still to look at.
WAITING = (
    ("resource", "SELECT (SELECT count(*) FROM clients WHERE NOT sought) + (SELECT count(*) FROM needs WHERE NOT sought)"),
    ("matching", "SELECT count(*) FROM stale"),
)


@pytest.fixture(scope="module", autouse=True)
def quiet(station, worker, staff, office, partner, operator):
    """Everything that the tests before left under way is at its end, and everybody is signed in."""
    eventually(lambda: not any(station.value(*waiting) for waiting in WAITING), within=60)
    eventually(station.is_quiet, within=60, every=0.5)


@pytest.fixture
def unchanged(station, quiet):
    """Fail where anything in any database is different after the test, but for who is signed in."""

    def contents():
        everything = {service: station.contents(service) for service in PASSWORDS}
        del everything["gateway"]["sessions"], everything["gateway"]["answers"]
        return everything

    before = contents()
    yield
    assert contents() == before


def is_problem(answer, status, slug, mistake=None) -> None:
    """Fail unless an answer is a refusal of this kind, in words that people understand."""
    got, problem, headers = answer
    assert (got, problem["slug"]) == (status, slug), problem
    assert problem["status"] == status
    assert headers["Content-Type"] == "application/problem+json"
    assert CHINESE.search(problem["detail"]) and CHINESE.search(problem["title"])
    assert problem["correlation_id"] == headers["X-Correlation-Id"]
    if mistake:
        assert mistake in [(error["field"], error["slug"]) for error in problem["errors"]], problem
        assert all(CHINESE.search(error["message"]) for error in problem["errors"])
        assert problem["field"] == problem["errors"][0]["field"]
    else:
        assert (problem["field"], problem["errors"]) == (None, [])


@pytest.mark.parametrize("who, method, path, body, status, slug, mistake", CASES, ids=lambda value: str(value)[:50])
def test_it_is_refused(request, unchanged, who, method, path, body, status, slug, mistake):
    is_problem(request.getfixturevalue(who).ask(method, path, body), status, slug, mistake)


def test_every_post_refuses_who_is_not_signed_in_what_is_no_object_and_fields_that_are_not_known(
    station, unchanged, worker, office, partner, operator
):
    people = {"worker": worker, "newcomer": worker, "office": office, "operator": operator}
    for path, (who, *_) in posts.CASES.items():
        path = path.replace("{id}", NOBODY)

        is_problem(station.request("POST", path, {}), 401, "not_signed_in")
        is_problem(people[who].ask("POST", path, [1, 2]), 400, "not_an_object")
        answer = people[who].ask("POST", path, {"colour": "red"})
        is_problem(answer, 422, "invalid_fields", ("colour", "unknown_field"))


@pytest.mark.parametrize(
    "content, status, slug",
    [
        (b"{", 400, "malformed_json"),
        (b"", 400, "malformed_json"),
        (b"[1, 2]", 400, "not_an_object"),
        (b'{"title": "\xff\xfe"}', 400, "not_utf8"),
        ('{"title": "轮椅"}'.encode("gb18030"), 400, "not_utf8"),
        (b'{"title": "\\ud83d"}', 400, "not_utf8"),
        (b'{"quantity": NaN}', 400, "malformed_json"),
        (b'{"quantity": 1e999}', 400, "malformed_json"),
        (b"[" * 100_000, 400, "malformed_json"),
        (json.dumps({"title": "轮" * 700_000}, ensure_ascii=False).encode(), 413, "too_large"),
        (b" " * 2_000_000, 413, "too_large"),
    ],
    ids=["half", "empty", "list", "not utf-8", "gb18030", "surrogate", "nan", "infinite", "deep", "2 MB", "2 MB blank"],
)
def test_a_body_that_cannot_be_read_is_refused(station, worker, unchanged, content, status, slug):
    headers = {"Authorization": f"Bearer {worker.token}", "Content-Type": "application/json"}

    is_problem(station.send("POST", "/api/needs", content, headers), status, slug)


@pytest.mark.parametrize(
    "request_, status, slug",
    [
        (f"GET /api/needs?after={'9' * 5000} HTTP/1.1\r\n\r\n", 414, "address_too_long"),
        (f"GET /api/needs HTTP/1.1\r\nX-A: {'9' * 9000}\r\n\r\n", 431, "headers_too_large"),
        ("GET /api/needs HTTP/1.1\r\nno header\r\n\r\n", 400, "malformed_request"),
        ("nonsense\r\n\r\n", 400, "malformed_request"),
    ],
    ids=["address", "headers", "header", "line"],
)
def test_what_the_web_server_cannot_read_is_refused_like_all_else(station, unchanged, request_, status, slug):
    with socket.create_connection(("127.0.0.1", station.port("gateway")), timeout=10) as connection:
        connection.sendall(request_.encode())
        answer = HTTPResponse(connection)
        answer.begin()
        problem = json.loads(answer.read())

    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert (problem["status"], problem["slug"]) == (status, slug)
    assert CHINESE.search(problem["title"]) and CHINESE.search(problem["detail"])


def test_another_type_of_body_is_refused(station, worker, unchanged):
    headers = {"Authorization": f"Bearer {worker.token}", "Content-Type": "text/plain"}

    is_problem(station.send("POST", "/api/needs", b"title=x", headers), 415, "unsupported_media_type")


@pytest.mark.parametrize("key", ["", " ", "a" * 201, "键"])
def test_a_key_that_is_none_is_refused(worker, unchanged, key):
    key = key.encode().decode("latin-1")

    answer = worker.ask("POST", "/api/needs", need(), Idempotency_Key=key)

    is_problem(answer, 422, "idempotency_key", ("Idempotency-Key", "idempotency_key"))


def test_without_a_token_or_with_a_wrong_one_nobody_is_let_in(station, unchanged):
    is_problem(station.request("POST", "/api/needs", need()), 401, "not_signed_in")
    is_problem(station.request("GET", "/api/needs", token="abc"), 401, "session_ended")
    headers = {"Authorization": "Basic d29ya2VyOng="}
    is_problem(station.request("GET", "/api/needs", headers=headers), 401, "not_signed_in")


def test_an_expired_token_is_good_for_nothing(station, unchanged):
    guest = Person(station, "social_worker")
    end = "UPDATE sessions SET expires_at = now() WHERE token_hash = sha256(CAST(:token AS bytea)) RETURNING true"
    assert station.value("gateway", end, token=guest.token)

    is_problem(guest.ask("POST", "/api/needs", need()), 401, "session_ended")


def test_a_token_is_good_for_nothing_after_signing_out(station, unchanged):
    guest = Person(station, "social_worker")
    assert guest.ask("DELETE", "/api/sessions")[0] == 204

    is_problem(guest.ask("POST", "/api/needs", need()), 401, "session_ended")


def test_a_wrong_password_and_an_unknown_name_look_the_same(station, unchanged):
    for username in ("social_worker", f"nobody{unique()}"):
        answer = station.request("POST", "/api/sessions", {"username": username, "password": "wrong password"})
        is_problem(answer, 401, "wrong_username_or_password")


def test_someone_elses_community_is_closed(station, worker, staff):
    there = worker.need(f"部{unique()}", community="lvcuo", contact_phone="13912345678")
    eventually(station.is_quiet, within=30, every=0.5)
    before = station.contents("resource")
    path = f"/api/needs/{there['id']}"

    for method, address, body in [
        ("GET", path, None),
        ("PATCH", path, {"version": 1, "quantity": 9}),
        ("POST", f"{path}/withdraw", {"reason": "other"}),
        ("POST", f"{path}/reveals", {"purpose": "assessment"}),
        ("GET", f"{path}/reveals", None),
    ]:
        is_problem(staff.ask(method, address, body), 403, "community_forbidden", ("community", "community_forbidden"))
    assert all(item["community"] == "jiangtou" for item in staff.get("/api/needs?limit=200")["items"])
    assert staff.get("/api/needs?community=lvcuo")["items"] == []
    assert there["id"] not in str(staff.post("/api/lookups", {"contact_phone": "13912345678"}))
    assert {k: v for k, v in station.contents("resource").items() if k != "commands"} == {
        k: v for k, v in before.items() if k != "commands"
    }


def test_what_was_changed_meanwhile_is_not_overwritten(worker):
    there = worker.need(f"部{unique()}")
    worker.patch(f"/api/needs/{there['id']}", {"version": 1, "quantity": 2})

    answer = worker.ask("PATCH", f"/api/needs/{there['id']}", {"version": 1, "quantity": 3})

    is_problem(answer, 409, "stale_version", ("version", "stale_version"))
    assert worker.get(f"/api/needs/{there['id']}")["quantity"] == 2
