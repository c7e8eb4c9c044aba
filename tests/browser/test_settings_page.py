"""Operators set what counts for the station."""

import pytest

from contracts.calls.matching.claims import ClaimRulesView
from contracts.calls.matching.pairings import HolidayList
from contracts.calls.matching.suggestions import WeightView
from contracts.calls.resource.words import CategoryView
from contracts.errors import Conflict, Invalid
from tests.browser.station import Station
from tests.gateway.fakes import example

WEIGHTS = {"category": (40, "类别：相同的得满分，相关的得一半"), "nearness": (25, "远近：同社区、相邻社区、其他"), "against": (-5, "数量只够一部分"), "least_score": (40, "总分低于此数的不作建议")}
THINGS = [{"name": "棉被", "words": ["被子", "冻醒"]}, {"name": "热水袋", "words": []}]


class Settings(Station):
    def __init__(self):
        super().__init__()
        self.weights = {
            part: example(WeightView, {"part": part, "points": points, "about": about, "least": -50, "most": 60, "version": 1})
            for part, (points, about) in WEIGHTS.items()
        }
        rules = {"version": 3, "remind_after_days": 7, "lapse_after_days": 14, "most_live": 5}
        self.rules = example(ClaimRulesView, rules)
        self.holidays = [{"day": "2027-02-06", "kind": "holiday", "name": "春节", "entered": False}]
        self.category = example(CategoryView, {"code": "aid.wheelchair", "name": "轮椅", "synonyms": ["代步车"], "related": [], "things": THINGS})

    def _carry_out(self, method, arguments, takes, returns):
        match method:
            case "list_weights":
                return {"items": list(self.weights.values()), "next": None}
            case "change_weight":
                if arguments["points"] > 50:
                    raise Invalid("weights_too_high", "points", most=100)
                self.weights[arguments["part"]] |= {"points": arguments["points"], "version": 2}
                return self.weights[arguments["part"]]
            case "get_claim_rules":
                return self.rules
            case "change_claim_rules":
                if arguments["lapse_after_days"] <= arguments["remind_after_days"]:
                    raise Invalid("lapses_before_reminder", "lapse_after_days")
                self.rules |= arguments | {"version": 4}
                return self.rules
            case "list_holidays":
                return example(HolidayList, {"items": self.holidays, "published": False})
            case "set_holiday":
                self.holidays.append({**arguments, "entered": True})
                return self.holidays[-1]
            case "get_category":
                return self.category
            case "change_category":
                if arguments["name"] == "旧":
                    raise Conflict("stale_version", "version", current=2)
                return self.category | arguments
        return super()._carry_out(method, arguments, takes, returns)


@pytest.fixture
def station():
    return Settings()


@pytest.fixture
def settings(page, address, sign_in):
    def settings(role="operator"):
        sign_in(role)
        page.open(f"{address}/settings")
        page.wait("document.querySelector('#rules-most_live').value === '5'")
        page.wait("document.querySelector('#weights-sum').innerText && document.querySelector('#holidays-state').innerText")
        page.wait("document.querySelectorAll('#words-choice option').length > 2")

    return settings


def save(page, section):
    page.run(f"document.querySelector('#{section} form button.primary').click()")


def fill(page, **values):
    for id, value in values.items():
        page.run(f"document.getElementById({id.replace('__', '-')!r}).value = {value!r}")


def test_a_weight_is_changed_and_one_that_is_too_high_is_refused(page, settings, station):
    settings()
    assert "合计 65 分，还可以加 35 分" in page.text("#weights-sum")
    fill(page, weight__category="60")
    page.run("document.querySelector('#weights-list button').click()")
    page.wait("!document.querySelector('#weights > .alert').hidden")
    fill(page, weight__category="45")
    page.run("document.querySelector('#weights-list button').click()")

    page.wait("document.querySelector('#weights-sum').innerText.includes('合计 70 分')")
    assert page.run("document.querySelector('#weights > .alert').hidden")
    asked = station.last("matching.change_weight")["arguments"]
    assert (asked["part"], asked["points"], asked["version"]) == ("category", 45, 1)


def test_rules_of_claims_are_changed_and_a_mistake_is_said_at_its_field(page, settings, station):
    settings("office")
    fill(page, **{"rules__remind_after_days": "20"})
    save(page, "rules")
    page.wait("document.querySelector('#rules-lapse_after_days-error').innerText")
    assert page.run("document.activeElement.id") == "rules-lapse_after_days"
    fill(page, **{"rules__remind_after_days": "5"})
    save(page, "rules")

    page.wait("document.querySelector('#announce').innerText === '规则已保存'")
    assert page.text("#rules-lapse_after_days-error") == ""
    asked = station.last("matching.change_claim_rules")["arguments"]
    assert (asked["version"], asked["remind_after_days"], asked["lapse_after_days"], asked["most_live"]) == (3, 5, 14, 5)


def test_a_holiday_is_entered(page, settings, station):
    settings()
    assert "先按法定节假日算" in page.text("#holidays-state") and "2月6日 春节 放假" in page.text("#holidays-list")
    save(page, "holidays")
    page.wait("document.querySelector('#holidays-day-error').innerText === '请填写'")
    fill(page, holidays__day="2027-02-14", holidays__kind="workday", holidays__name="春节")
    save(page, "holidays")

    page.wait("document.querySelector('#holidays-list').innerText.includes('2月14日 春节 上班（登记）')")


def test_the_words_of_a_category_are_changed(page, settings, station):
    settings()
    page.run("const one = document.querySelector('#words-choice'); one.value = 'aid.wheelchair'; one.dispatchEvent(new Event('change'))")
    page.wait("document.querySelector('#words-things').value")
    assert page.run("document.querySelector('#words-things').value") == "棉被：被子、冻醒\n热水袋"
    fill(page, words__synonyms="代步车，推车", words__things="棉被:被子、冻醒、睡不暖\n\n热水袋")
    page.run("document.querySelector('#words-related option[value=\"care.company\"]').selected = true")
    save(page, "words")

    page.wait("document.querySelector('#announce').innerText.includes('已保存')")
    asked = station.last("resource.change_category")["arguments"]
    assert (asked["synonyms"], asked["related"]) == (["代步车", "推车"], ["care.company"])
    assert asked["things"] == [{"name": "棉被", "words": ["被子", "冻醒", "睡不暖"]}, {"name": "热水袋", "words": []}]
    fill(page, words__name="旧")
    save(page, "words")
    page.wait("document.querySelector('#words > .alert').innerText.includes('改过')")


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_and_every_field_has_a_name(page, settings, width):
    page.resize(width, 800)
    settings()

    assert page.run("document.documentElement.scrollWidth") <= width
    nameless = "[...document.querySelectorAll('input, select, textarea')].filter((one) => one.type !== 'hidden' && !one.labels.length)"
    assert page.run(f"{nameless}.map((one) => one.id).join()") == ""
