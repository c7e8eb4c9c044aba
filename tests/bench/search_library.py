"""A library made up for searching: titles put together from words that are as unevenly frequent as words are."""

import itertools
import random

from services.resource.ids import new_id
from services.resource.needs.domain import Need
from services.resource.offers.domain import Offer
from services.resource.providers.domain import Provider
from services.resource.search.sounds.domain import initials_of, sounds_of
from tests.support import WORKER

THINGS = {
    "goods.aids": "轮椅 拐杖 助行器 护理床 助听器 坐便椅 防褥疮气垫床 洗澡椅 老花镜",
    "goods.food": "大米 食用油 面粉 牛奶 鸡蛋 新鲜蔬菜 月饼礼盒 粽子 罐头食品",
    "goods.clothing": "羽绒服 棉被 冬衣 童装 毛毯 校服 运动鞋",
    "goods.household": "电风扇 取暖器 电饭煲 洗衣机 旧冰箱 实木书桌 折叠床",
    "goods.learning": "书包 文具套装 绘本 课外图书 练习册 学习平板",
    "medical.masks": "口罩 N95口罩 KN95防护口罩 儿童口罩",
    "medical.equipment": "血压计 制氧机 血糖仪 雾化器 监护仪 呼吸机",
    "care.visit": "上门探访 陪伴聊天 电话问候 节日慰问 空巢老人陪护",
    "care.meals": "助餐送餐 午餐配送 长者食堂餐券 糖尿病营养餐",
    "care.escort": "陪诊就医 接送透析 代取药 出行搀扶 挂号陪同",
    "care.counselling": "心理疏导 情绪支持小组 哀伤辅导 亲子沟通咨询",
    "skills.hair": "义务理发 上门理发 剪发修面",
    "skills.repair": "家电维修 水电检修 疏通下水道 修雨伞 磨剪刀 换灯泡 油烟机清洗维修",
    "skills.legal": "法律咨询 劳动维权 遗嘱代书 合同审查 反诈宣传",
    "skills.health": "义诊 中医推拿 量血压测血糖 健康讲座 口腔检查",
    "skills.phone": "智能手机教学 微信视频通话教学 网上挂号辅导",
    "learning.tutoring": "课业辅导 四点半课堂 英语家教 数学补习 作业陪伴",
    "learning.classes": "书法班 太极拳 合唱排练 儿童绘画 剪纸手工 象棋",
    "learning.career": "职业体验 暑期实习岗位 简历修改 面试辅导 银行见习",
    "space.room": "会议室 多功能活动室 舞蹈室 小组工作室 户外场地",
    "money.aid": "助学金 医疗救助金 困难家庭慰问金 重病帮扶基金",
}
BEFORE = [
    "免费", "爱心", "公益", "闲置", "全新", "九成新", "周末", "节假日", "长期", "每月", "首次", "共建单位", "党员志愿者", "大学生", "退休教师",
    "独居老人", "残疾人", "低保家庭", "行动不便者",
]  # fmt: skip
AFTER = [
    "出借", "捐赠", "上门服务", "预约", "名额", "一批", "体验券", "优先安排", "可送货", "需自取", "限本社区", "长期有效", "每周二", "每周四", "下午场",
    "第二期",
]  # fmt: skip
NAMES = [
    "好邻居", "永辉", "厦港", "重阳", "长乐", "曾厝", "朝阳", "银杏", "同行", "乐龄", "会展", "吕岭", "金尚", "仙岳", "湖里", "江头", "万家",
    "蓝天", "行知", "朴朴",
]  # fmt: skip
KINDS = [
    "超市", "药房", "志愿队", "社工中心", "理发店", "律师事务所", "幼儿园", "银行网点", "物业公司", "餐饮店", "家电行", "培训学校", "基金会", "商会",
]  # fmt: skip
COMMUNITIES = [
    "jiangtou", "lvcuo", "lvling", "yuanshan", "jinshang", "jiangcun", "caitang", "houpu", "jintai",
    "subdistrict",
]  # fmt: skip
GROUPS = [
    "general", "low_income", "extreme_poverty", "disabled", "elderly_alone", "children_in_need",
    "workers_in_need",
]  # fmt: skip
UNANSWERED = ["直升机", "潜水艇", "火箭发射", "zhishengji", "qqqq", "恐龙化石", "钻石", "xyz123"]


def uneven(chance: random.Random, choices: list):
    """Return one of the choices, the first much oftener than the last."""
    return choices[min(len(choices) - 1, int(chance.paretovariate(0.8)) - 1)]


class Library:
    """Makes offers, providers and needs."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        self.things = [(code, thing) for code, things in THINGS.items() for thing in things.split()]
        chance.shuffle(self.things)

    def title(self) -> tuple[str, str]:
        """Return a category and a title."""
        code, thing = (
            uneven(self.chance, self.things) if self.chance.random() < 0.6 else self.chance.choice(self.things)
        )
        parts = [thing]
        if self.chance.random() < 0.7:
            parts.insert(0, self.chance.choice(BEFORE))
        if self.chance.random() < 0.7:
            parts.append(self.chance.choice(AFTER))
        if self.chance.random() < 0.3:
            parts.append(f"（{self.chance.choice(NAMES)}{self.chance.choice(KINDS)}）")
        return code, "".join(parts)

    def facts(self) -> dict:
        code, title = self.title()
        return {"id": new_id(), "version": 1, "title": title, "community": self.chance.choice(COMMUNITIES), "category": code,
                "quantity": self.chance.randint(1, 50), "unit": "份", "starts_at": None, "ends_at": None,
                "registered_by": WORKER.id, "state": "withdrawn" if self.chance.random() < 0.2 else "open"}  # fmt: skip

    def provider(self) -> Provider:
        name = f"{self.chance.choice(NAMES)}{self.chance.choice(KINDS)}{self.chance.randint(1, 99)}店"
        return Provider(new_id(), 1, "merchant", name, self.chance.choice(COMMUNITIES), WORKER.id)

    def offer(self, provider_id: str) -> Offer:
        groups = tuple(self.chance.sample(GROUPS, 1)) if self.chance.random() < 0.3 else ()
        return Offer(provider_id=provider_id, serves=(), target_groups=groups, **self.facts())

    def need(self) -> Need:
        return Need(target_group=self.chance.choice(GROUPS), urgency=1, **self.facts() | {"state": "open"})


def pinyin(word: str) -> str:
    return "".join(sounds[0] for sounds in sounds_of(word) if sounds)


def searches(library: Library, count: int) -> list[tuple[str, dict]]:
    """Return (sort, call) of each search."""
    chance = library.chance

    def thing():
        return chance.choice(library.things)[1]

    def cut(word):
        start = chance.randint(0, max(0, len(word) - 3))
        return word[start : start + chance.randint(2, 3)]

    sorts = {
        "word": thing,
        "two words": lambda: f"{chance.choice(BEFORE)}{chance.choice(['', ' '])}{thing()}",
        "sentence": lambda: f"我想要{thing()}，{chance.choice(AFTER)}",
        "part": lambda: cut(thing()),
        "character": lambda: chance.choice(thing()),
        "pinyin": lambda: pinyin(thing()),
        "begun pinyin": lambda: pinyin(cut(thing()))[:-1],
        "initials": lambda: chance.choice(initials_of(thing()) or ["ly"]),
        "a letter or two": lambda: (initials_of(cut(thing())) or ["sm"])[0][: chance.randint(1, 2)],
        "mixed": lambda: f"{pinyin(chance.choice(BEFORE))} {thing()}",
        "provider": lambda: chance.choice(NAMES) + chance.choice(KINDS),
        "unanswered": lambda: chance.choice(UNANSWERED),
    }
    made = []
    for number, sort in zip(range(count), itertools.cycle(sorts)):
        call = {"text": sorts[sort]()[:60] or thing()}
        if number % 5:
            call["kind"] = "provider" if sort == "provider" else chance.choice(["offer", "offer", "offer", "need"])
        if chance.random() < 0.3:
            call["community"] = chance.choice(COMMUNITIES)
        if chance.random() < 0.2:
            code = chance.choice(library.things)[0]
            call["category"] = chance.choice([code, code.split(".")[0]])
        if chance.random() < 0.4:
            call["state"] = "open"
        if chance.random() < 0.1:
            call["target_group"] = chance.choice(GROUPS)
        made.append((sort, call))
    return made
