"""How well an offer suits a need: points for each named part, and what speaks against it. No I/O."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from contracts.words import ScorePart
from services.matching.board.domain import Need, Offer
from services.matching.occasions.domain import Part

EVERYWHERE = ("", "subdistrict")  # where an offer belongs to the whole subdistrict
SEVERAL = 5  # times within thirty days after which others should have their turn
FEW_STARS = 3
ALIKE, QUITE_ALIKE, VERY_ALIKE = 0.05, 0.4, 0.8


@dataclass(frozen=True)
class Record:
    """What became of what a provider gave; `recent` is how often it was asked to within thirty days."""

    recent: int = 0
    delivered: int = 0
    failed: int = 0
    ratings: int = 0
    stars: int = 0


@dataclass(frozen=True)
class Surroundings:
    """What else a score depends on: the moment, the weights, what lies near and what is related to the need."""

    now: datetime
    weights: dict[str, int]
    neighbours: dict[str, frozenset[str]] = field(default_factory=dict)  # of each community
    related: dict[str, frozenset[str]] = field(default_factory=dict)  # what may help out, by the need's category
    records: dict[str, Record] = field(default_factory=dict)
    blocked: frozenset[tuple[str, str]] = frozenset()  # (provider, client)
    decided: dict[tuple[str, str], str] = field(default_factory=dict)  # state of (need, offer)

    def is_near(self, offer: Offer, need: Need) -> bool:
        return offer.community in self.neighbours.get(need.community, ())

    def is_related(self, offer: Offer, need: Need) -> bool:
        return offer.category in self.related.get(need.category, ())

    def record(self, offer: Offer) -> Record:
        return self.records.get(offer.provider_id or "", _NO_RECORD)


class Fit(NamedTuple):
    """How well a pair fits at one occasion: the points by part, before anything is said about it."""

    offer: Offer
    need: Need
    part: Part
    left: int
    alike: float
    points: dict[str, int]
    score: int

    @property
    def quantity(self) -> int:
        return min(self.left, self.need.left)


_NO_RECORD = Record()


def weigh(offer: Offer, need: Need, part: Part, left: int, alike: float, around: Surroundings) -> Fit:
    """Say how many points each part gives or takes."""
    weights, record, points = around.weights, around.record(offer), {}
    points["category"] = _share(weights["category"], _kinship(offer, need, around))
    points["nearness"] = _share(weights["nearness"], _nearness(offer, need, around))
    in_time = covers(offer, need, part)
    points["time"] = weights["time"] if in_time else weights["time"] // 2
    enough = left >= need.left
    points["quantity"] = weights["quantity"] if enough else weights["quantity"] * left // need.left
    if alike >= ALIKE:
        points["text"] = _share(weights["text"], alike)
    points["urgency"] = _urgency(need, around)
    points["fairness"] = _share(weights["fairness"], max(0, SEVERAL - record.recent) / SEVERAL)
    points["history"] = _share(weights["history"], _reliability(record))
    if offer.conditions:
        points["conditions"] = weights["conditions"]
    if offer.transport == "recipient":
        points["transport"] = weights["transport"]
    if not enough:
        points["shortfall"] = _share(weights["shortfall"], 1 - left / need.left)
    if not in_time:
        points["partly"] = weights["partly"]
    if record.recent >= SEVERAL:
        points["busy"] = weights["busy"]
    if is_unreliable(record):
        points["unreliable"] = weights["unreliable"]
    return Fit(offer, need, part, left, alike, points, min(100, max(0, sum(points.values()))))


def say(fit: Fit, around: Surroundings) -> tuple[ScorePart, ...]:
    """Give each part of a score its sentence; what adds nothing and says nothing is left out."""
    texts = _texts(fit, around)
    return tuple(
        ScorePart(part=part, points=points, text=texts[part])
        for part, points in fit.points.items()
        if texts[part] and (points or part in ("category", "nearness", "time", "quantity", "shortfall", "conditions"))
    )


def covers(offer: Offer, need: Need, part: Part) -> bool:
    """Tell whether an offer is to be had in all of the time in which the need is; an occasion has to lie within it."""
    if not (need.starts_at or need.ends_at):
        return True
    if part.starts_at:
        begins = not need.starts_at or part.starts_at >= need.starts_at
        return begins and (not need.ends_at or part.ends_at <= need.ends_at)
    begins = not offer.starts_at or bool(need.starts_at and offer.starts_at <= need.starts_at)
    return begins and (not offer.ends_at or bool(need.ends_at and offer.ends_at >= need.ends_at))


def is_unreliable(record: Record) -> bool:
    """Tell whether a provider broke its word often, or was rated badly."""
    broken = record.failed >= 2 and record.failed * 2 > record.delivered
    return broken or (record.ratings >= 2 and record.stars < FEW_STARS * record.ratings)


def _kinship(offer, need, around) -> float:
    if offer.category == need.category:
        return 1
    if around.is_related(offer, need):
        return 0.75
    return 0.5 if _same_group(offer, need) else 0.25


def _nearness(offer, need, around) -> float:
    if offer.community == need.community:
        return 1
    return 0.75 if around.is_near(offer, need) or offer.community in EVERYWHERE else 0.5


def _urgency(need, around) -> int:
    most = around.weights["urgency"]
    points = most * (need.urgency - 1) // 3  # the last third is for who has waited
    return min(most, points + weeks_waited(need, around.now))


def weeks_waited(need: Need, now: datetime) -> int:
    """Return for how many whole weeks a need has been waiting."""
    return max(0, (now - need.created_at).days // 7) if need.created_at else 0


def _reliability(record) -> float:
    """Return how far a provider keeps its word, 0 to 1; a half where nothing is known."""
    kept = (record.delivered + 1) / (record.delivered + record.failed + 2)
    return kept if not record.ratings else (kept + record.stars / (5 * record.ratings)) / 2


def _share(points: int, part: float) -> int:
    return round(points * part)


def _texts(fit, around) -> dict[str, str]:
    offer, need, left = fit.offer, fit.need, fit.left
    record, short = around.record(offer), f"可先满足{left}{need.unit}，还差{need.left - left}{need.unit}"
    kept = f"以往做到{record.delivered}次" + (f"，平均{record.stars / record.ratings:.1f}星" if record.ratings else "")
    return {
        "category": _category_text(offer, need, around),
        "nearness": _nearness_text(offer, need, around),
        "time": _time_text(fit),
        "quantity": f"可一次满足{need.left}{need.unit}" if left >= need.left else short,
        "text": _text_text(fit.alike),
        "urgency": _urgency_text(need, around),
        "fairness": f"近30天被安排{record.recent}次" if record.recent else "近30天没有被安排过，轮到出力",
        "history": kept if record.delivered or record.ratings else "还没有提供记录",
        "conditions": f"需要先核实条件：{offer.conditions}",
        "transport": "运费或交通费由受助方承担",
        "shortfall": "数量不够一次满足，其余要另找",
        "partly": "时间只有一部分吻合，需要商量",
        "busy": f"近30天已被安排{record.recent}次，宜让别人也有机会",
        "unreliable": f"以往取消或失约{record.failed}次" if record.failed * 2 > record.delivered else "以往评价偏低",
    }


def _category_text(offer, need, around) -> str:
    if offer.category == need.category:
        return f"同为「{need.category_name}」"
    kind = "类别相关" if around.is_related(offer, need) else "同属一大类" if _same_group(offer, need) else "名称相近"
    return f"{kind}：需要「{need.category_name}」，提供「{offer.category_name}」"


def _same_group(offer, need) -> bool:
    return offer.category.split(".")[0] == need.category.split(".")[0]


def _nearness_text(offer, need, around) -> str:
    if offer.community == need.community:
        return f"都在{need.community_name}"
    if offer.community in EVERYWHERE:
        return "面向全街道"
    near = "，两社区相邻" if around.is_near(offer, need) else ""
    return f"来自{offer.community_name}，可服务{need.community_name}{near}"


def _text_text(alike) -> str:
    if alike < QUITE_ALIKE:
        return "说法相近"
    return "名称相近" if alike < VERY_ALIKE else "名称基本一致"


def _time_text(fit) -> str:
    need, part = fit.need, fit.part
    when = f"，可约{part.starts_at:%-m月%-d日%H:%M}" if part.starts_at and "T" in part.key else ""
    if not (need.starts_at or need.ends_at):
        return "需求未限定时间" + when
    return ("时间完全吻合" if covers(fit.offer, need, part) else "时间部分吻合") + when


def _urgency_text(need, around) -> str:
    weeks = weeks_waited(need, around.now)
    words = ["需求紧急" if need.urgency == 3 else "需求较急" if need.urgency == 2 else ""]
    words += [f"已等{weeks}周"] if weeks else []
    return "，".join(word for word in words if word)
