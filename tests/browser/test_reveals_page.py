"""Who looked at what, as the office reads it."""

from tests.gateway.conftest import PASSWORD, identity  # noqa: F401  (a fixture)


def test_records_are_read_by_person_and_day(page, address, sign_in, station, identity):  # noqa: F811
    office = identity.sign_in("office", PASSWORD, "reveals")["user"]
    worker = identity.sign_in("social_worker", PASSWORD, "reveals")["user"]
    station.add_reveal("送餐一周", revealed_by=worker["id"])
    station.add_reveal(None, kind="client", revealed_by=office["id"])
    sign_in("office")
    page.open(f"{address}/reveals")
    page.wait("document.querySelectorAll('#reveals-list li').length === 2")

    first = page.text("#reveals-list li")
    assert all(part in first for part in (office["display_name"], "服务对象", "回访", "江头社区", "2026年3月1日"))
    page.click("#reveals-list li:last-child button")
    page.wait("document.querySelectorAll('#reveals-list li').length === 1")
    assert "送餐一周" in page.text("#reveals-list li")
    assert station.last("resource.list_all_reveals")["arguments"]["revealed_by"] == worker["id"]
    page.click("#everybody")
    page.wait("document.querySelectorAll('#reveals-list li').length === 2")

    page.run("document.querySelector('#until').value = '2026-03-01'")
    page.click("#filter button.primary")
    page.wait("document.querySelector('#reveals-list').children.length === 2")
    assert station.last("resource.list_all_reveals")["arguments"]["until"] == "2026-03-01T16:00:00.000Z"
