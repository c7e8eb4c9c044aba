"""Who gets in, who does not, and what they are told."""

import re
from datetime import timedelta

import pytest

from services.gateway import identity as rules
from tests.gateway.conftest import PASSWORD


def sign_in(client, username="social_worker", password=PASSWORD, **headers):
    return client.post("/api/sessions", json={"username": username, "password": password}, headers=headers)


def test_a_sign_in_gives_a_token_that_is_kept_as_a_hash_only(client, identity):
    answer = sign_in(client)

    assert answer.status_code == 201
    token = answer.json["token"]
    assert answer.json["user"]["roles"] == ["social_worker"]
    with identity.transactions.transaction() as store:
        assert store.row("SELECT 1 FROM sessions WHERE token_hash = :hash", hash=rules.token_hash(token))
        assert not store.row("SELECT 1 FROM answers WHERE answer LIKE '%' || :token || '%'", token=token)
    who = client.get("/api/sessions", headers={"Authorization": f"Bearer {token}"})
    assert who.json["user"]["username"] == "social_worker"


def test_the_same_key_signs_in_once(client):
    first = sign_in(client, **{"Idempotency-Key": "once"})
    again = sign_in(client, **{"Idempotency-Key": "once"})
    other = sign_in(client, **{"Idempotency-Key": "another"})

    assert first.json == again.json
    assert other.json["token"] != first.json["token"]


@pytest.mark.parametrize("username, password", [("social_worker", "wrong"), ("nobody", PASSWORD), ("社工", PASSWORD)])
def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(client, username, password):
    answer = sign_in(client, username, password)

    assert answer.status_code == 401
    assert answer.json["slug"] == "wrong_username_or_password"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_unknown_user_costs_the_same_work(identity, monkeypatch):
    tried = []
    monkeypatch.setattr(rules._hasher.__class__, "verify", lambda self, hash, password: tried.append(hash))

    with pytest.raises(rules.WrongPassword):
        identity.sign_in("nobody", "x", "key")

    assert tried == [rules._NOBODY]


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic dTpw", "Bearer a b"])
def test_without_a_good_token_nothing_is_called(client, services, header):
    answer = client.get("/api/needs", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert services.called == []


def test_a_session_ends_when_signed_out_and_when_it_is_too_old(client, token, identity, monkeypatch):
    old, gone = sign_in(client).json["token"], sign_in(client).json["token"]
    client.delete("/api/sessions", headers={"Authorization": f"Bearer {gone}"})
    later = rules.now() + rules.SESSION + timedelta(seconds=1)
    assert client.get("/api/sessions", headers={"Authorization": f"Bearer {gone}"}).status_code == 401

    monkeypatch.setattr(rules, "now", lambda: later)

    answer = client.get("/api/sessions", headers={"Authorization": f"Bearer {old}"})
    assert (answer.status_code, answer.json["slug"]) == (401, "session_ended")


def test_guessing_is_stopped_and_others_are_not(client):
    guesses = [sign_in(client, "office", "guess").status_code for _ in range(12)]

    assert guesses == [401] * 10 + [429] * 2
    assert sign_in(client, "office").status_code == 429
    assert sign_in(client, "operator").status_code == 201


def test_signing_in_rightly_is_never_limited(client):
    assert {sign_in(client).status_code for _ in range(15)} == {201}


def test_the_caller_and_the_correlation_id_travel_with_the_call(client, services, headers):
    id = "0190a000-0000-7000-8000-00000000abcd"
    answer = client.get("/api/needs", headers=headers("community_staff", **{"X-Correlation-Id": id}))

    made = services.last("resource.list_needs")
    assert made["caller"].roles == ("community_staff",)
    assert made["caller"].communities == ("jiangtou",)
    assert made["correlation_id"] == answer.headers["X-Correlation-Id"] == id


def test_a_correlation_id_that_is_none_is_replaced(client):
    answer = client.get("/live", headers={"X-Correlation-Id": "x\ty"})

    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Correlation-Id"])


class TestPages:
    """The same session in a cookie, which needs a proof that the request comes from our own page."""

    def page_sign_in(self, client):
        page = client.get("/sign-in").text
        field = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        form = {"csrf_token": field, "username": "social_worker", "password": PASSWORD}
        return client.post("/sign-in", data=form)

    def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(self, client):
        answer = self.page_sign_in(client)

        cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("jinlin_session"))
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
        assert client.get("/").status_code == 200

    def test_the_cookie_is_secure_over_https(self, client):
        page = client.get("/sign-in", base_url="https://jinlin.example").text
        form = {
            "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1],
            "username": "office",
            "password": PASSWORD,
        }
        answer = client.post(
            "/sign-in",
            data=form,
            base_url="https://jinlin.example",
            headers={"Referer": "https://jinlin.example/sign-in"},
        )

        assert "Secure" in next(x for x in answer.headers.getlist("Set-Cookie") if x.startswith("jinlin_session"))

    def test_an_unsafe_request_by_cookie_needs_the_pages_token(self, client, services):
        self.page_sign_in(client)
        proof = re.search(r'csrf-token" content="([^"]+)"', client.get("/").text)[1]
        fund = {"name": "社区基金", "amount": "100.00"}

        without = client.post("/api/funds", json=fund)
        assert (without.status_code, without.json["slug"]) == (403, "csrf_token_missing")
        assert services.called == []

        assert client.post("/api/funds", json=fund, headers={"X-CSRFToken": proof}).status_code == 201

    def test_without_a_session_the_start_page_leads_to_the_sign_in(self, client):
        answer = client.get("/")

        assert (answer.status_code, answer.location) == (302, "/sign-in")

    def test_signing_out_ends_the_session(self, client):
        self.page_sign_in(client)
        proof = re.search(r'csrf-token" content="([^"]+)"', client.get("/").text)[1]

        client.post("/sign-out", data={"csrf_token": proof})

        assert client.get("/").status_code == 302

    @pytest.mark.parametrize("path", ["/", "/sign-in", "/api/needs", "/api/docs", "/nothing"])
    def test_every_answer_has_the_security_headers(self, client, path):
        answer = client.get(path)

        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"

    def test_no_page_has_anything_inline(self, client):
        self.page_sign_in(client)
        for path in ("/", "/sign-in", "/api/docs"):
            page = client.get(path).text
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page), path


def test_a_proxy_of_ours_is_believed_and_nobody_else(postgres, broker):
    from services.gateway.settings import GatewaySettings
    from services.gateway.wiring import application
    from tests.support import database, settings

    url = database(postgres, "gateway")
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9", "Referer": "https://localhost/sign-in"}
    body = {"username": "operator", "password": "demonstration"}
    for proxies, secure in ((0, False), (1, True)):
        app = application(GatewaySettings(settings(url, broker.url), "", 0, "a-secret-for-tests", "demonstration", proxies))
        page = app.test_client()
        token = page.get("/sign-in", headers=forwarded).text.split('name="csrf_token" value="')[1].split('"')[0]
        answer = page.post("/sign-in", data={**body, "csrf_token": token}, headers=forwarded)
        app.extensions["feed"].stop()
        cookies = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("jinlin_session=")]
        assert cookies, answer.text
        assert ("Secure" in cookies[0]) is secure
