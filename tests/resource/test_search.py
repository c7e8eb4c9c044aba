"""Finding offers, providers and needs by words, parts of words, pinyin and initials."""

import pytest

from chassis.privacy import Keyring, seal_fields
from contracts.calls.resource import needs, providers, search
from contracts.errors import Forbidden, Invalid
from services.resource.search.domain import lexemes, queries
from services.resource.search.sounds.domain import segmentations, sounds_of
from services.resource.service import ResourceService
from tests.support import DATA_KEYS, INDEX_KEY, WORKER, Caller, call, database, does, rows, transactions

KEYRING = Keyring(DATA_KEYS, INDEX_KEY)
PARTNER = Caller("0190a000-0000-7000-8000-000000000003", ("partner",))
GRID_WORKER = Caller("0190a000-0000-7000-8000-000000000005", ("community_staff",), ("jiangtou",))
SCHEMAS = {"create_need": needs.NewNeed, "create_provider": providers.NewProvider, "search": search.SearchFor}
NOW = "2031-03-01T00:00:00+00:00"


@pytest.fixture
def url(postgres):
    return database(postgres, "resource")


@pytest.fixture
def ask(url):
    def ask(method, caller=WORKER, **arguments):
        return call(ResourceService, url, method, caller=caller, **seal_fields(KEYRING, SCHEMAS.get(method), arguments))

    return ask


@pytest.fixture
def provider(ask):
    def provider(caller=WORKER, **facts):
        return ask(
            "create_provider", caller, **{"kind": "merchant", "name": "好邻居超市", "community": "jiangtou"} | facts
        )

    return provider


@pytest.fixture
def offer(ask, provider):
    def offer(title, caller=WORKER, **facts):
        known = facts.pop("provider_id", None) or provider(caller)["id"]
        filed = {"community": "jiangtou", "category": "goods.aids", "quantity": 2, "unit": "部", "provider_id": known}
        return ask("create_offer", caller, title=title, **filed | facts)

    return offer


@pytest.fixture
def need(ask):
    def need(title, **facts):
        filed = {"community": "jiangtou", "category": "goods.aids", "quantity": 1, "unit": "部"}
        return ask("create_need", title=title, **filed | facts)

    return need


@pytest.fixture
def titles(ask):
    """Return a function that gives the titles found, in order."""

    def titles(text, caller=WORKER, **filters):
        return [item["title"] for item in ask("search", caller, text=text, **filters)["items"]]

    return titles


# What is typed


@pytest.mark.parametrize(
    "text, found_by",
    [
        ("轮椅", "word"), ("老人 轮椅", "word"), ("轮椅老人", "word"), ("我要轮椅", "word"), ("N95", "word"), ("ｎ９５", "word"),
        ("用轮", "part"), ("轮", "part"), ("椅", "part"), ("n9", "part"), ("95", "part"),
        ("lunyi", "pinyin"), ("lun yi", "pinyin"), ("Lun'Yi", "pinyin"), ("luny", "pinyin"), ("laoren 轮椅", "pinyin"),
        ("ly", "initials"), ("lr", "initials"), ("lryly", "initials"),
    ],
)  # fmt: skip
def test_a_title_is_found_by_words_parts_pinyin_and_initials(ask, need, text, found_by):
    need("老人用轮椅、N95口罩")
    need("青菜萝卜两斤")

    (item,) = ask("search", text=text)["items"]

    assert (item["title"], item["found_by"], item["kind"]) == ("老人用轮椅、N95口罩", found_by, "need")


def test_the_name_of_a_category_finds_what_is_in_it_after_what_is_called_so(ask, need):
    need("手把手教用微信", category="skills.phone")
    need("智能手机教学录像", category="learning.classes")
    need("轮椅一部")

    first = ask("search", text="智能手机教学", limit=1)
    rest = ask("search", text=" 智能手机教学 ", limit=1, after=first["next"])

    found = [(item["title"], item["found_by"]) for page in (first, rest) for item in page["items"]]
    assert found == [("智能手机教学录像", "word"), ("手把手教用微信", "category")]
    assert rest["next"] is None


@pytest.mark.parametrize("text", ["chongqing", "zhongqing", "yinhang", "zhangzhe", "cq", "yh", "zhz", "lvcuo", "lucuo"])
def test_characters_that_are_read_in_two_ways_are_found_by_both(titles, need, text):
    title = {"c": "重庆同乡会", "y": "银行长者专窗", "z": "银行长者专窗", "l": "吕厝食堂"}[text[0]]
    title = "重庆同乡会" if text == "zhongqing" else title
    need(title)

    found = titles("zz" if text == "zhz" else text)

    assert found == [title]


@pytest.mark.parametrize(
    "text", ["和服", "火箭", "zzzz", "！！", "'", "&|!():*", "\\", "💊", "a" * 60, "没有 轮椅 xyz"]
)
def test_what_is_not_there_is_not_found_whatever_is_typed(titles, need, text):
    need("轮椅一部")

    assert titles(text) == []


def test_whole_words_come_before_parts_and_newer_before_older(titles, need):
    for title in ("生产和服务", "和服一套", "日本和服", "产品和服装"):
        need(title)

    assert titles("和服")[:2] == ["日本和服", "和服一套"]
    assert set(titles("和服")[2:]) == {"生产和服务", "产品和服装"}


@pytest.mark.parametrize(
    "letters, read",
    [("xian", [["xian"], ["xi", "an"]]), ("luny", [["lun", "y"]]), ("lunyi", [["lun", "yi"]]), ("bcd", [])],
)
def test_letters_are_read_as_syllables_in_every_way(letters, read):
    assert segmentations(letters) == read


def test_nothing_that_is_typed_costs_without_bound():
    assert len(str(queries("xianganxianganxianganxianganxian轮" * 10))) < 20_000
    assert len(lexemes("重行长" * 26)) < 600


# What is searched


def test_offers_providers_and_needs_are_found_together_or_by_kind(ask, titles, offer, need, provider):
    offer("轮椅出借", provider_id=provider(name="轮椅之家")["id"])
    need("急需轮椅")

    assert titles("轮椅") == ["急需轮椅", "轮椅出借", "轮椅之家"]
    assert [titles("轮椅", kind=kind) for kind in ("offer", "provider", "need")] == [
        ["轮椅出借"],
        ["轮椅之家"],
        ["急需轮椅"],
    ]


def test_a_search_is_narrowed_by_filters(titles, offer, need):
    offer("轮椅甲", target_groups=["disabled"])
    offer("轮椅乙", community="lvcuo")
    offer("轮椅丙", category="care.escort")
    need("轮椅丁", target_group="elderly_alone")

    assert titles("轮椅", community="lvcuo") == ["轮椅乙"]
    assert titles("轮椅", category="goods", kind="offer") == ["轮椅乙", "轮椅甲"]
    assert titles("轮椅", category="care.escort") == ["轮椅丙"]
    assert titles("轮椅", target_group="disabled") == ["轮椅丙", "轮椅乙", "轮椅甲"]
    assert titles("轮椅", target_group="elderly_alone") == ["轮椅丁", "轮椅丙", "轮椅乙"]
    assert titles("轮椅", state="paused") == []


def test_a_change_is_found_at_once_and_what_was_before_is_not(ask, titles, need):
    made = need("轮椅一部")

    ask("change_need", id=made["id"], version=1, title="拐杖一副")
    assert (titles("轮椅"), titles("guaizhang")) == ([], ["拐杖一副"])
    state = ask("withdraw_need", id=made["id"], reason="other")["state"]

    assert titles("拐杖", state="open") == []
    (item,) = ask("search", text="拐杖", state=state)["items"]
    assert (item["version"], item["id"]) == (3, made["id"])


def test_private_data_are_not_searched(ask, url, titles, need):
    ask("create_need", title="陪诊", community="jiangtou", category="care.escort", quantity=1, unit="次",
        contact_name="欧阳锋", contact_address="江头东路", details="独居")  # fmt: skip

    assert [titles(text) for text in ("欧阳锋", "ouyangfeng", "江头东路", "独居")] == [[], [], [], []]
    assert "欧阳" not in str(rows(url, "SELECT s::text FROM search_entries AS s"))


def test_everybody_finds_what_they_may_list(titles, offer, need):
    offer("轮椅甲", PARTNER, provider_id=None)
    offer("轮椅乙", community="lvcuo", serves=["houpu"])
    need("轮椅丙")
    offer("轮椅丁", community="lvcuo", serves=["houpu", "jiangtou"])
    offer("轮椅戊", community="lvcuo", serves=[])

    assert titles("轮椅", PARTNER) == ["轮椅甲"]
    assert titles("轮椅", GRID_WORKER) == ["轮椅戊", "轮椅丁", "轮椅丙", "轮椅甲"]  # with what may flow to them
    assert titles("轮椅", GRID_WORKER, community="lvcuo") == ["轮椅戊", "轮椅丁"]
    assert titles("轮椅", GRID_WORKER, community="houpu") == []
    assert titles("轮椅", PARTNER, kind="need") == []
    with pytest.raises(Forbidden):
        titles("轮椅", Caller(WORKER.id, ("visitor",)))


def test_pages_go_through_all_ways_of_finding_and_repeat_nothing(ask, need):
    for number in range(4):
        need(f"理发第{number}次")
        need(f"料理发放第{number}份")
        need(f"立法讲座{number}")

    seen, after = [], None
    while True:
        page = ask("search", text="理发", limit=3, after=after)
        seen += [(item["found_by"], item["title"]) for item in page["items"]]
        after = page["next"]
        if after is None:
            break

    assert len(seen) == len(set(seen)) == 8
    assert [way for way, _ in seen] == ["word"] * 4 + ["part"] * 4
    with pytest.raises(Invalid):
        ask("search", text="理发", after="sideways_1")


def test_what_was_there_before_is_made_findable_in_steps_and_once(url, titles, need, offer):
    need("轮椅甲")
    offer("轮椅乙")
    rows(url, "DELETE FROM search_entries")
    rows(url, "UPDATE needs SET title = '拐杖甲'")
    assert titles("轮椅") == []

    does(ResourceService, url, "keep_findable", NOW)

    assert (titles("轮椅"), titles("拐杖")) == (["轮椅乙"], ["拐杖甲"])
    before = rows(url, "SELECT xmin::text FROM search_entries ORDER BY id")
    assert does(ResourceService, url, "keep_findable", NOW) == 1
    assert rows(url, "SELECT xmin::text FROM search_entries ORDER BY id") == before


def test_what_was_changed_by_other_means_is_noticed_by_its_version(url, titles, need):
    need("轮椅甲")
    rows(url, "UPDATE needs SET title = '拐杖甲', version = 2")

    does(ResourceService, url, "keep_findable", NOW)

    assert (titles("轮椅"), titles("拐杖")) == ([], ["拐杖甲"])


@pytest.mark.parametrize("newest", [1, 4, 1000])
def test_the_order_does_not_depend_on_how_much_is_looked_through_first(ask, need, offer, provider, monkeypatch, newest):
    monkeypatch.setattr("services.resource.search.store.NEWEST", newest)
    shop = provider(name="理发之家")["id"]
    made = []
    for number in range(6):
        made += [
            need(f"理发{number}")["id"],
            offer(f"料理发放{number}", provider_id=shop)["id"],
            need(f"青菜{number}")["id"],
        ]
    words, parts = made[::3][::-1], made[1::3][::-1]

    def found(**filters):
        seen, after = [], None
        while True:
            page = ask("search", text="理发", limit=4, after=after, **filters)
            seen += [item["id"] for item in page["items"]]
            after = page["next"]
            if after is None:
                return seen

    assert found() == [*words, shop, *parts]
    assert found(kind="need") == words
    assert found(kind="offer") == parts
    assert found(kind="offer", category="goods", state="open", target_group="disabled") == parts


@pytest.mark.parametrize(
    "title", ["独居老人轮椅出借（重庆银行N95）", "四点半课堂·数学补习", "给行动不便者量血压、理发", "吕厝女儿绿豆汤"]
)
def test_every_part_of_a_title_finds_it_as_it_is_and_in_pinyin(url, title):
    known = list(lexemes(title))
    parts = {title[start : start + length] for length in range(1, 7) for start in range(len(title) - length + 1)}
    asked = {part: part for part in parts if any(letter.isalnum() for letter in part)}
    sounds = {part: [each[0] for each in sounds_of(part)] for part in asked if all(sounds_of(part))}
    asked |= {"".join(sound): part for part, sound in sounds.items() if len(part) > 1}
    asked |= {" ".join(sound): part for part, sound in sounds.items()}

    with transactions(ResourceService, url).transaction() as store:
        missed = [
            text
            for text in asked
            if not any(
                store.row(
                    "SELECT array_to_tsvector(:known) @@ CAST(:query AS tsquery) AS found", known=known, query=query
                )["found"]
                for _, query in queries(text)
            )
        ]

    assert missed == []
