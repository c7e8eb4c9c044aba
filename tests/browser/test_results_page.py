"""What flowed between communities, and who is honoured."""

import pytest

from contracts.calls.matching.flows import FlowPage, FlowView
from contracts.calls.resource.honours import GiverView, HonourView
from tests.browser.station import Station
from tests.gateway.fakes import example

TOTALS = {"deliveries": 7, "people": 9, "person_times": 12, "minutes": 300}


def flow(month, from_, to, category, deliveries):
    known = {"month": month, "from_community": from_, "to_community": to, "category": category, "deliveries": deliveries}
    return example(FlowView, known)


class Results(Station):
    """Flows come in two pages; honours follow what people agreed to."""

    def __init__(self):
        super().__init__()
        self.giver = example(GiverView, {"id": "0190a000-0000-7000-8000-00000000000a", "name": "老陈", "giver": "person",
                                         "named": True, "as_giving_back": False})  # fmt: skip

    def _carry_out(self, method, arguments, takes, returns):
        match method:
            case "list_flows":
                first = not arguments.get("after")
                items = [flow("2026-10", "jiangtou", "lvcuo", "aid", 4), flow("2026-11", "jiangtou", "jiangtou", "food", 2)]
                more = [flow("2026-11", "lvcuo", "jiangtou", "aid", 1)]
                cursor = "2026-11/lvcuo/jiangtou/aid" if first else None
                return {**example(FlowPage, {"items": items if first else more, "next": cursor}), "since": "2025-12",
                        "until": "2026-11", "totals": TOTALS, "between": {**TOTALS, "deliveries": 5}}  # fmt: skip
            case "roll_of_honour":
                shown = self.giver["as_giving_back"] or arguments.get("section") == "giving"
                items = [example(HonourView, {"name": "老陈", "giver": "person", "times": 3, "given": []})]
                return {"items": items if shown else [], "next": None}
            case "list_givers_back":
                return {"items": [self.giver], "next": None}
            case "agree_to_honour":
                self.giver["as_giving_back"] = arguments["agreed"]
                return example(returns, {"agreed": arguments["agreed"]})
        return super()._carry_out(method, arguments, takes, returns)


@pytest.fixture
def station():
    return Results()


@pytest.fixture
def results(page, address, sign_in):
    def results(role="office"):
        sign_in(role)
        page.open(f"{address}/results")
        page.wait("!document.querySelector('[aria-busy=true]')")

    return results


def test_flows_are_a_matrix_by_community_and_a_table_by_category_and_month(page, results):
    results()

    assert "完成 7 次，12 人次；其中 5 次在不同社区之间" in page.text("#flows-sum")
    rows = "[...document.querySelectorAll('#flows-matrix tr')].map((row) => [...row.cells].map((cell) => cell.innerText).join('|'))"
    assert page.run(rows) == ["|江头社区|吕厝社区|合计", "江头社区|2|4|6", "吕厝社区|1||1"]
    assert page.run(rows.replace("matrix", "months")) == ["|2026-10|2026-11|合计", "辅具|4|1|5", "食品||2|2"]


def test_who_agrees_is_on_the_roll_and_who_withdraws_is_not(page, results, station):
    results("social_worker")
    assert page.run("document.querySelectorAll('#honours-list li').length") == 0
    page.wait("document.querySelector('#givers-list button') && !document.querySelector('#honours-empty').hidden")
    page.click("#givers-list button")

    page.wait("document.querySelector('#honours-list')?.innerText.includes('老陈')")
    assert station.last("resource.agree_to_honour")["arguments"]["agreed"] is True
    page.wait("document.querySelector('#givers-list button').innerText === '撤回上榜'")
    page.click("#givers-list button")
    page.wait("!document.querySelector('#honours-list li') && !document.querySelector('#honours-empty').hidden")


@pytest.mark.parametrize("role, shown", [("partner", []), ("operator", ["flows"]), ("office", ["flows", "givers"])])
def test_everybody_sees_the_roll_and_staff_the_rest(page, results, role, shown):
    results(role)

    assert "老陈" in page.text("#giving-list")
    assert page.run("['flows', 'givers'].filter((id) => document.getElementById(id))") == shown


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out(page, results, width):
    page.resize(width, 800)
    results()

    assert page.run("document.documentElement.scrollWidth") <= width
