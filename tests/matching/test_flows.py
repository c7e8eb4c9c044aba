"""What was delivered, and how it flows between communities."""

from datetime import date

import pytest

from contracts.errors import Invalid
from services.matching.flows.domain import months
from services.matching.service import MatchingService
from tests.matching.board import does, need, offer, proposal
from tests.support import Caller, call

HOUPU = Caller("0190a000-0000-7000-8000-0000000000f1", ("community_staff",), ("houpu",))


@pytest.mark.parametrize(
    "since, until, first, after",
    [
        (None, None, date(2025, 4, 1), date(2026, 4, 1)),
        ("2026-01", None, date(2026, 1, 1), date(2026, 4, 1)),
        ("2025-12", "2025-12", date(2025, 12, 1), date(2026, 1, 1)),
    ],
)
def test_months_are_whole_and_a_year_unless_said(since, until, first, after):
    assert months(since, until, date(2026, 3, 5)) == (first, after)


@pytest.mark.parametrize("since, until", [("2026-02", "2026-01"), ("2022-01", "2026-01")])
def test_months_that_make_no_sense_are_refused(since, until):
    with pytest.raises(Invalid):
        months(since, until, date(2026, 3, 5))


@pytest.fixture
def delivered(url):
    """Four deliveries: two from 吕厝 to 江头, one of them later; one within 吕厝; one of food from 后埔 to 江头."""
    for number, (source, target, category, unit, quantity, day) in enumerate(
        [
            ("lvcuo", "jiangtou", "goods.aids", "部", 1, "2026-01-05"),
            ("lvcuo", "jiangtou", "goods.aids", "部", 2, "2026-02-28"),
            ("lvcuo", "lvcuo", "goods.aids", "部", 3, "2026-01-31"),
            ("houpu", "jiangtou", "food.rice", "袋", 4, "2026-01-09"),
        ],
        start=1,
    ):
        kind = dict(category=category, category_name=category, quantity=quantity, unit=unit)
        id = proposal(url, need(number, community=target, **kind), offer(number, community=source, **kind))
        does(url, "confirm_match", id)
        does(url, "deliver_match", id, delivered_on=day, people=number, person_times=2 * number, minutes=30)


def flows(url, **filters):
    return call(MatchingService, url, "list_flows", **{"since": "2026-01", "until": "2026-03", **filters})


def test_the_matrix_counts_each_way_by_category_and_month(url, delivered):
    page = flows(url)

    found = [
        (f["month"], f["from_community"], f["to_community"], f["category"], f["quantities"], f["person_times"])
        for f in page["items"]
    ]
    assert found == [
        ("2026-01", "houpu", "jiangtou", "food.rice", [{"unit": "袋", "quantity": 4}], 8),
        ("2026-01", "lvcuo", "jiangtou", "goods.aids", [{"unit": "部", "quantity": 1}], 2),
        ("2026-01", "lvcuo", "lvcuo", "goods.aids", [{"unit": "部", "quantity": 3}], 6),
        ("2026-02", "lvcuo", "jiangtou", "goods.aids", [{"unit": "部", "quantity": 2}], 4),
    ]
    assert page["totals"] == {"deliveries": 4, "people": 10, "person_times": 20, "minutes": 120}
    assert page["between"]["deliveries"] == 3


def test_the_matrix_is_paged_and_its_sums_are_of_all_of_it(url, delivered):
    first = flows(url, limit=3)
    second = flows(url, limit=3, after=first["next"])

    assert first["items"] + second["items"] == flows(url)["items"]
    assert second["next"] is None and first["totals"] == second["totals"]


def test_the_matrix_is_narrowed_down(url, delivered):
    assert len(flows(url, category="food")["items"]) == 1
    assert len(flows(url, category="goods.aids", until="2026-01")["items"]) == 2
    assert len(flows(url, community="houpu")["items"]) == 1
    assert {f["category"] for f in flows(url, by="group")["items"]} == {"food", "goods"}


def test_people_of_a_community_see_what_touches_it(url, delivered):
    page = call(MatchingService, url, "list_flows", HOUPU, since="2026-01", until="2026-03")

    assert [f["from_community"] for f in page["items"]] == ["houpu"]
    assert page["totals"]["deliveries"] == 1
    assert len(call(MatchingService, url, "list_deliveries", HOUPU)["items"]) == 1


def test_deliveries_are_listed_newest_first_paged_and_narrowed_down(url, delivered):
    first = call(MatchingService, url, "list_deliveries", limit=3)
    second = call(MatchingService, url, "list_deliveries", limit=3, after=first["next"])
    ids = [d["id"] for d in first["items"] + second["items"]]

    assert len(ids) == 4 and ids == sorted(ids, reverse=True)
    for filters, found in [
        ({"since": "2026-01-09", "until": "2026-01-31"}, 2), ({"community": "lvcuo"}, 3), ({"category": "goods"}, 3),
        ({"source": "claim"}, 0), ({"need_id": need(2).need_id}, 1),
    ]:  # fmt: skip
        assert len(call(MatchingService, url, "list_deliveries", **filters)["items"]) == found
