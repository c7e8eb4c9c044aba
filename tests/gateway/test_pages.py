"""The pages beside the start page, and the names that records of who looked are shown with."""

import pytest

from contracts.calls.resource.private import RevealRecord
from tests.gateway.conftest import PASSWORD
from tests.gateway.fakes import example

NEED = "0190a000-0000-7000-8000-0000000000e0"


@pytest.fixture
def signed_in(client, identity):
    """Return a function that gives the browser the cookie of a demonstration user."""

    def signed_in(role):
        client.set_cookie("jinlin_session", identity.sign_in(role, PASSWORD, "pages")["token"])
        return client

    return signed_in


@pytest.mark.parametrize("path, call", [
    ("/api/reveals", "list_all_reveals"), (f"/api/needs/{NEED}/reveals", "list_reveals"),
    (f"/api/clients/{NEED}/reveals", "list_reveals"), (f"/api/providers/{NEED}/reveals", "list_reveals"),
])  # fmt: skip
def test_a_record_names_who_looked(client, identity, services, headers, path, call):
    office = identity.sign_in("office", PASSWORD, "tests")["user"]
    records = [example(RevealRecord, {"revealed_by": by}) for by in (office["id"], "somebody who is not there")]
    services.answer(call, {"items": records, "next": None})

    found = client.get(path, headers=headers()).json["items"]

    assert [record["who"] for record in found] == [office["display_name"], None]


PAGES = {
    "/reveals": "谁在什么时候、为什么看过",
    "/imports": "上传并预览",
    "/services": "进行中的服务",
    "/settings": "匹配评分",
    "/results": "反哺荣誉榜",
    "/claims": "认领板",
    "/pairings": "待探访",
    "/clients": "登记服务对象",
    "/library": "登记提供方",
}


@pytest.mark.parametrize("path, role", [
    ("/reveals", "office"), ("/reveals", "social_worker"),
    ("/imports", "office"), ("/imports", "social_worker"), ("/imports", "community_staff"),
    ("/services", "social_worker"), ("/services", "community_staff"), ("/services", "partner"),
    ("/settings", "operator"), ("/settings", "office"),
    ("/results", "partner"), ("/results", "operator"),
    ("/claims", "office"), ("/claims", "social_worker"), ("/claims", "community_staff"), ("/claims", "partner"),
    ("/pairings", "office"), ("/pairings", "social_worker"), ("/pairings", "community_staff"), ("/pairings", "partner"),
    ("/clients", "office"), ("/clients", "social_worker"), ("/clients", "community_staff"),
    ("/library", "office"), ("/library", "social_worker"), ("/library", "community_staff"), ("/library", "partner"),
])  # fmt: skip
def test_a_page_is_found_from_the_start_page(signed_in, path, role):
    client = signed_in(role)

    assert f'href="{path}"' in client.get("/").text
    assert PAGES[path] in client.get(path).text


@pytest.mark.parametrize("path, role", [
    ("/reveals", "community_staff"), ("/reveals", "partner"), ("/reveals", "operator"),
    ("/imports", "partner"), ("/imports", "operator"), ("/services", "operator"), ("/settings", "social_worker"),
    ("/claims", "operator"), ("/pairings", "operator"), ("/clients", "partner"), ("/clients", "operator"),
    ("/library", "operator"),
])  # fmt: skip
def test_who_may_not_do_what_a_page_is_for_is_not_led_to_it(signed_in, path, role):
    client = signed_in(role)

    assert path not in client.get("/").text
    assert client.get(path).location == "/"


@pytest.mark.parametrize("path", PAGES)
def test_without_a_session_a_page_leads_to_the_sign_in(client, path):
    assert client.get(path).location == "/sign-in"
