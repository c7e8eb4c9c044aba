"""Categories and communities that operators edit, what is told of them, and which category somebody's words may mean."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.privacy import Keyring, seal_fields
from contracts.calls.resource import needs, providers, words
from contracts.errors import Conflict, Forbidden, Invalid
from contracts.resource import CategoryChanged, CommunityChanged, NeedCreated
from contracts.words import Thing
from services.resource.search.domain import words_of
from services.resource.service import ResourceService
from services.resource.words.domain import Vocabulary
from tests.support import DATA_KEYS, INDEX_KEY, WORKER, Caller, call, database, does, published, rows

KEYRING = Keyring(DATA_KEYS, INDEX_KEY)
OPERATOR = Caller("0190a000-0000-7000-8000-000000000006", ("operator",))
SCHEMAS = {
    "create_need": needs.NewNeed,
    "create_provider": providers.NewProvider,
    "change_need": needs.NeedChange,
    "suggest_category": words.Suggest,
}
NOW = "2031-03-01T00:00:00+00:00"


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    def ask(method, caller=OPERATOR, **arguments):
        return call(ResourceService, url, method, caller=caller, **seal_fields(KEYRING, SCHEMAS.get(method), arguments))

    return ask


@pytest.fixture
def need(ask):
    def need(title, category="goods.aids", **facts):
        filed = {"community": "jiangtou", "quantity": 1, "unit": "次"}
        return ask("create_need", WORKER, title=title, category=category, **filed | facts)

    return need


def told(url, kind) -> list:
    return [envelope.event for envelope in published(url, kind)]


def of(items, code):
    return next(item for item in items if item["code"] == code)


# What is told


def test_the_words_a_station_starts_with_are_told_of_once(url, ask):
    does(ResourceService, url, "tell_words", NOW)
    does(ResourceService, url, "tell_words", NOW)

    categories, communities = told(url, CategoryChanged), told(url, CommunityChanged)
    assert [event.code for event in categories] == [each["code"] for each in ask("list_categories")["items"]]
    assert {event.code for event in communities} == {each["code"] for each in ask("list_communities")["items"]}
    food = of(map(vars, categories), "goods.food")
    assert (food["parent"], food["name"], food["version"]) == ("goods", "食品粮油", 1)
    assert "没米了" in food["synonyms"] and food["related"] == ("care.meals", "money.aid")
    assert "yuanshan" in of(map(vars, communities), "jiangtou")["neighbours"]


def test_everybody_is_the_neighbour_of_their_neighbours(ask):
    neighbours = {each["code"]: each["neighbours"] for each in ask("list_communities")["items"]}

    assert len(neighbours) == 10 and neighbours["subdistrict"] == []
    assert all(neighbours[code] for code in neighbours if code != "subdistrict")
    assert all(code in neighbours[other] for code, others in neighbours.items() for other in others)


def test_a_change_is_told_of_whole_with_the_next_version(url, ask):
    does(ResourceService, url, "tell_words", NOW)

    made = ask("change_category", code="care.meals", version=1, related=["goods.food", "skills.hair"])

    event = told(url, CategoryChanged)[-1]
    assert (event.code, event.version, event.related) == ("care.meals", 2, ("goods.food", "skills.hair"))
    assert (event.name, event.parent, event.synonyms) == ("助餐送餐", "care", tuple(made["synonyms"]))
    assert told(url, CategoryChanged).count(event) == 1 and len(event.synonyms) > 5


def test_the_things_of_a_category_are_told_of_and_help_to_suggest_it(url, ask):
    assert ask("suggest_category", WORKER, text="想要个篦子")["items"] == []

    things = [{"name": "梳子", "words": ["篦子", "木梳"]}, {"name": "镜子", "words": []}]
    made = ask("change_category", code="goods.household", version=1, things=things)

    assert made["things"] == things
    event = of(map(vars, told(url, CategoryChanged)), "goods.household")
    assert event["things"] == (Thing(name="梳子", words=("篦子", "木梳")), Thing(name="镜子", words=()))
    (best,) = ask("suggest_category", WORKER, text="想要个篦子")["items"]
    assert (best["code"], best["words"]) == ("goods.household", ["篦子"])


def test_a_new_neighbour_is_told_of_on_both_sides(url, ask):
    does(ResourceService, url, "tell_words", NOW)
    before = len(told(url, CommunityChanged))

    ask("create_community", code="hubin", name="湖滨社区", neighbours=["jiangtou"])
    ask("change_community", code="hubin", version=1, neighbours=["lvcuo"])

    events = told(url, CommunityChanged)[before:]
    newest = {event.code: (event.version, "hubin" in event.neighbours) for event in events}
    assert newest == {"hubin": (2, False), "jiangtou": (3, False), "lvcuo": (2, True)}
    assert of(ask("list_communities")["items"], "hubin")["neighbours"] == ["lvcuo"]


def test_to_replace_a_category_keeps_the_links_that_are_not_named(ask):
    before = ask("get_category", code="goods.food")
    ask("create_category", code="goods.food", name="吃的", synonyms=["米", "米"])

    assert len(before["things"]) > 2
    assert ask("get_category", code="goods.food") == {
        "code": "goods.food", "parent": "goods", "name": "吃的", "synonyms": ["米"], "related": ["care.meals", "money.aid"],
        "things": before["things"], "version": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    "method, facts, slug",
    [
        ("change_category", {"code": "goods.food", "related": ["goods.rockets"]}, "unknown_related_category"),
        ("change_category", {"code": "goods.food", "related": ["goods.food"]}, "unknown_related_category"),
        ("change_category", {"code": "goods.food", "related": ["care"]}, "unknown_related_category"),
        ("change_category", {"code": "goods.rockets", "name": "火箭"}, "unknown_category"),
        ("delete_category", {"code": "goods.rockets"}, "unknown_category"),
        ("change_community", {"code": "jiangtou", "neighbours": ["mars"]}, "unknown_neighbour"),
        ("change_community", {"code": "jiangtou", "neighbours": ["jiangtou"]}, "unknown_neighbour"),
        ("change_community", {"code": "mars", "name": "火星"}, "unknown_community"),
    ],
)
def test_what_makes_no_sense_changes_nothing(url, ask, method, facts, slug):
    with pytest.raises(Invalid, match=slug):
        ask(method, version=1, **facts)

    assert published(url) == []


@pytest.mark.parametrize(
    "method, facts",
    [
        ("change_category", {"code": "goods.food", "name": "吃的"}),
        ("delete_category", {"code": "goods.food"}),
        ("change_community", {"code": "jiangtou", "name": "江头"}),
    ],
)
def test_words_are_edited_by_operators_who_have_seen_them_as_they_are(ask, method, facts):
    with pytest.raises(Conflict, match="stale_version"):
        ask(method, version=7, **facts)
    with pytest.raises(Forbidden, match="role_required"):
        ask(method, WORKER, version=1, **facts)


def test_of_two_changes_to_the_same_version_one_is_made(ask):
    def change(name):
        try:
            return ask("change_category", code="goods.food", version=1, name=name)["version"]
        except Conflict:
            return None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(change, ["甲", "乙", "丙", "丁"]), key=str) == [2, None, None, None]


# What is deleted


def test_a_category_that_nobody_uses_is_deleted_and_no_longer_related(url, ask):
    does(ResourceService, url, "tell_words", NOW)

    gone = ask("delete_category", code="money.aid", version=1)

    assert gone["name"] == "困难救助金"
    assert "money.aid" not in [each["code"] for each in ask("list_categories")["items"]]
    food = [event for event in told(url, CategoryChanged) if event.code == "goods.food"][-1]
    assert (food.version, food.related) == (2, ("care.meals",))
    with pytest.raises(Invalid, match="unknown_category"):
        ask("change_category", code="money.aid", version=1, name="钱")


def test_a_category_that_comes_back_has_a_later_version_than_ever_before(url, ask):
    ask("change_category", code="money.aid", version=1, name="钱")
    ask("delete_category", code="money.aid", version=2)

    assert ask("create_category", code="money.aid", name="救助金")["version"] == 3
    assert [event.version for event in told(url, CategoryChanged) if event.code == "money.aid"] == [2, 3]


@pytest.mark.parametrize("code", ["goods.aids", "goods"])
def test_a_category_that_is_in_use_stays(url, ask, need, code):
    need("轮椅")
    before = ask("list_categories")

    with pytest.raises(Conflict, match="category_in_use"):
        ask("delete_category", code=code, version=1)

    assert ask("list_categories") == before


def test_a_need_and_the_deletion_of_its_category_do_not_pass_each_other(url, ask, need):
    def attempt(number):
        try:
            if number % 2:
                return ask("delete_category", code="skills.hair", version=1) and "deleted"
            return need("理发", "skills.hair") and "made"
        except (Conflict, Invalid) as refusal:
            return refusal.slug

    with ThreadPoolExecutor(8) as pool:
        outcomes = set(pool.map(attempt, range(8)))

    assert outcomes in ({"made", "category_in_use"}, {"deleted", "unknown_category"})
    assert bool(told(url, NeedCreated)) == ("made" in outcomes)


# What somebody's own words may mean


@pytest.mark.parametrize(
    "text, code",
    [
        ("家里没米了", "goods.food"), ("腿脚不便，出不了门", "goods.aids"), ("想找人说说话", "care.visit"),
        ("孩子作业没人管", "learning.tutoring"), ("灯坏了", "skills.repair"), ("油烟机堵了", "skills.repair"),
        ("看病没人陪", "care.escort"), ("食品粮油", "goods.food"), ("轮椅", "goods.aids"), ("给老人剪头发", "skills.hair"),
        ("医用防护口罩 | N95口罩", "medical.masks"), ("老板拖欠工资不给", "skills.legal"), ("手机不会用微信", "skills.phone"),
    ],
)  # fmt: skip
def test_residents_own_words_are_understood(ask, text, code):
    best, *others = ask("suggest_category", WORKER, text=text)["items"]

    assert best["code"] == code and best["name"] and best["words"]
    assert len(others) <= 2 and all(other["confidence"] <= best["confidence"] <= 100 for other in others)


@pytest.mark.parametrize("text", ["今天天气晴", "xyz", "！？", "一"])
def test_of_what_says_nothing_nothing_is_made(ask, text):
    assert all(item["confidence"] < 30 for item in ask("suggest_category", WORKER, text=text)["items"])


CATEGORIES = [
    {"code": "a", "parent": None, "name": "组", "synonyms": [], "things": []},
    {"code": "a.mask", "parent": "a", "name": "口罩", "synonyms": ["面罩"], "things": []},
    {"code": "a.shield", "parent": "a", "name": "护目用品", "synonyms": [], "things": [{"name": "面屏", "words": ["防护面罩"]}]},
    {"code": "a.cap", "parent": "a", "name": "帽子", "synonyms": ["帽"], "things": []},
]


def suggested(text, decided=None):
    return {item["code"]: item["confidence"] for item in Vocabulary(CATEGORIES).suggest(text, words_of(text), decided)}


def test_the_longest_synonym_wins_and_hides_what_is_in_it():
    (best,) = Vocabulary(CATEGORIES[:3]).suggest("医用防护面罩", words_of("医用防护面罩"))[:1]

    assert (best["code"], best["words"][0]) == ("a.shield", "防护面罩")


def test_a_name_is_certain_and_a_rival_lowers_the_confidence():
    assert suggested("口罩") == {"a.mask": 100}
    assert suggested("口罩和帽子")["a.mask"] < 60


def test_one_character_counts_as_a_word_or_at_the_end_only():
    assert list(suggested("圆帽")) == ["a.cap"]
    assert suggested("草帽节的活动") == {}


def test_what_people_decided_counts_the_more_the_oftener():
    few = {"": {"a.cap": 2, "a.mask": 50}, "遮阳": {"a.cap": 2}}
    many = {"": {"a.cap": 40, "a.mask": 50}, "遮阳": {"a.cap": 40}}

    assert suggested("遮阳") == {}
    assert 0 < suggested("遮阳", few)["a.cap"] < suggested("遮阳", many)["a.cap"] < 95


def test_what_people_decide_is_learnt(url, ask, need):
    assert ask("suggest_category", WORKER, text="遛狗")["items"] == []
    for _ in range(6):
        need("遛狗", "goods.food")

    does(ResourceService, url, "learn_categories", NOW)

    (item,) = ask("suggest_category", WORKER, text="请遛狗")["items"]
    assert (item["code"], item["words"]) == ("goods.food", ["遛狗"]) and item["confidence"] >= 40
    assert rows(url, "SELECT id FROM decided_titles") == []


def test_what_a_person_corrects_is_unlearnt(url, ask, need):
    made = need("代购", "goods.food")
    does(ResourceService, url, "learn_categories", NOW)

    ask("change_need", WORKER, id=made["id"], version=1, category="care.escort")
    ask("change_need", WORKER, id=made["id"], version=2, quantity=3)
    does(ResourceService, url, "learn_categories", NOW)

    assert rows(url, "SELECT word, category, times FROM decided_words ORDER BY word") == [
        {"word": "", "category": "care.escort", "times": 1},
        {"word": "代购", "category": "care.escort", "times": 1},
    ]


def test_what_nobody_sorted_teaches_nothing(url, ask, need):
    need("一些东西", "other.unsorted")

    assert rows(url, "SELECT id FROM decided_titles") == []


def test_what_is_learnt_has_a_bound_and_the_rarest_goes_first(url, need, monkeypatch):
    monkeypatch.setattr("services.resource.words.store.MOST_WORDS", 4)
    for title in ("轮椅", "轮椅 拐杖", "轮椅 护理床 助听器 假肢"):
        need(title)

    does(ResourceService, url, "learn_categories", NOW)

    words = [row["word"] for row in rows(url, "SELECT word FROM decided_words ORDER BY times DESC, word")]
    assert len(words) == 4 and words[:2] == ["", "轮椅"]
