"""Which offer suits which need, how well, and why. No I/O."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from contracts.errors import Conflict
from contracts.words import ScorePart

SUGGESTIONS = 5
CANDIDATES = 200
LEAST_SCORE = 40
UNSORTED = "other.unsorted"
ALIKE = 0.5

# Points that each part can add; they sum to 100.
CATEGORY, NEARNESS, TIME, QUANTITY, TEXT, URGENCY = 40, 20, 10, 10, 15, 5


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What needs and offers have in common; `left` is what nothing has been set aside of yet."""

    id: str
    version: int
    title: str
    community: str
    community_name: str
    category: str
    category_name: str
    quantity: int
    unit: str
    starts_at: datetime | None
    ends_at: datetime | None
    registered_by: str
    open: bool = True
    allocated: int = 0

    @property
    def left(self) -> int:
        return max(0, self.quantity - self.allocated) if self.open else 0


@dataclass(frozen=True, kw_only=True)
class Need(_Entry):
    """A need as matching knows it."""

    target_group: str
    urgency: int


@dataclass(frozen=True, kw_only=True)
class Offer(_Entry):
    """An offer as matching knows it; without communities or groups it is for all of them."""

    serves: tuple[str, ...]
    target_groups: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """A suggestion and what became of it."""

    id: str
    version: int
    need_id: str
    offer_id: str
    quantity: int
    score: int
    parts: tuple[ScorePart, ...]
    state: str = "proposed"
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


def may_serve(offer: Offer, need: Need) -> bool:
    """Tell whether an offer could serve a need at all; each rule here is hard."""
    return (
        offer.left > 0
        and need.left > 0
        and offer.unit == need.unit
        and _fits(offer, need)
        and (not offer.serves or need.community in offer.serves or need.community == offer.community)
        and (not offer.target_groups or need.target_group in offer.target_groups)
        and _overlap(offer, need)
    )


def score(offer: Offer, need: Need) -> tuple[ScorePart, ...]:
    """Say in parts how well an offer suits a need, each with its reason in Chinese."""
    parts = []

    def add(part, points, text):
        parts.append(ScorePart(part=part, points=points, text=text))

    if offer.category == need.category:
        add("category", CATEGORY, f"同为「{need.category_name}」")
    else:
        add("category", CATEGORY // 2, f"同属一大类：需要「{need.category_name}」，提供「{offer.category_name}」")
    if offer.community == need.community:
        add("nearness", NEARNESS, f"都在{need.community_name}")
    else:
        add("nearness", NEARNESS // 2, f"来自{offer.community_name}，可服务{need.community_name}")
    if need.starts_at or need.ends_at:
        fits = _covers(offer, need)
        add("time", TIME if fits else TIME // 2, "时间完全吻合" if fits else "时间部分吻合")
    else:
        add("time", TIME, "需求未限定时间")
    if offer.left >= need.left:
        add("quantity", QUANTITY, f"可一次满足{need.left}{need.unit}")
    else:
        add("quantity", QUANTITY * offer.left // need.left, f"可先满足{offer.left}{need.unit}，还差{need.left - offer.left}{need.unit}")
    alike = likeness(offer.title, need.title)
    if alike >= 0.2:
        add("text", round(TEXT * alike), "名称相近" if alike < 0.8 else "名称基本一致")
    if need.urgency > 1:
        add("urgency", URGENCY if need.urgency == 3 else URGENCY // 2, "需求紧急" if need.urgency == 3 else "需求较急")
    return tuple(parts)


def propose(need: Need, offers: list[Offer], new_id) -> list[Match]:
    """Return the best suggestions for a need, best first."""
    found = [_suggest(offer, need) for offer in offers if may_serve(offer, need)]
    return _named(sorted(found, key=lambda match: (-match.score, match.offer_id))[:SUGGESTIONS], new_id)


def propose_offer(offer: Offer, needs: list[Need], new_id) -> list[Match]:
    """Return the suggestions that an offer makes possible, best first, one for each need that it suits."""
    found = [_suggest(offer, need) for need in needs if may_serve(offer, need)]
    return _named(sorted(found, key=lambda match: (-match.score, match.need_id)), new_id)


def confirm(match: Match, need: Need, offer: Offer, quantity: int | None, by: str, now: datetime):
    """Set a quantity aside on both sides; return the match, the need and the offer as they are then.

    Raises Conflict where the match is decided already, or where either side has not that much left.
    """
    if match.state != "proposed":
        raise Conflict("match_already_decided", state=match.state)
    quantity = match.quantity if quantity is None else quantity
    if quantity > need.left:
        raise Conflict("need_has_less_left", "quantity", left=need.left)
    if quantity > offer.left:
        raise Conflict("offer_has_less_left", "quantity", left=offer.left)
    return (
        _decide(match, "confirmed", by, now, quantity=quantity),
        dataclasses.replace(need, allocated=need.allocated + quantity),
        dataclasses.replace(offer, allocated=offer.allocated + quantity),
    )


def decline(match: Match, reason: str, by: str, now: datetime) -> Match:
    """Decide against a suggestion. Raises Conflict where the match is decided already."""
    if match.state != "proposed":
        raise Conflict("match_already_decided", state=match.state)
    return _decide(match, "declined", by, now, reason=reason)


def lapse(match: Match, reason: str) -> Match:
    """Let a suggestion fall away."""
    return dataclasses.replace(match, state="lapsed", reason=reason, version=match.version + 1)


def likeness(one: str, other: str) -> float:
    """Return how alike two titles are, 0 to 1."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _suggest(offer, need) -> Match:
    parts = score(offer, need)
    return Match(
        id="",
        version=1,
        need_id=need.id,
        offer_id=offer.id,
        quantity=min(offer.left, need.left),
        score=min(100, max(0, sum(part.points for part in parts))),
        parts=parts,
    )


def _named(matches: list[Match], new_id) -> list[Match]:
    """Give ids to the good ones, the best the newest: a list by id, newest first, then begins with the best."""
    good = [match for match in matches if match.score >= LEAST_SCORE]
    return [dataclasses.replace(match, id=new_id()) for match in reversed(good)][::-1]


def _decide(match, state, by, now, **changes) -> Match:
    return dataclasses.replace(
        match, state=state, version=match.version + 1, decided_by=by, decided_at=now, **changes
    )


def _fits(offer, need) -> bool:
    """Tell whether it is the same sort of thing; where only the group is the same, the titles have to be alike."""
    if offer.category == need.category != UNSORTED:
        return True
    return _group(offer.category) == _group(need.category) and likeness(offer.title, need.title) > ALIKE


def _group(category: str) -> str:
    return category.split(".")[0]


def _overlap(offer, need) -> bool:
    starts_in_time = not (offer.starts_at and need.ends_at) or offer.starts_at < need.ends_at
    ends_late_enough = not (offer.ends_at and need.starts_at) or offer.ends_at > need.starts_at
    return starts_in_time and ends_late_enough


def _covers(offer, need) -> bool:
    begins = not offer.starts_at or bool(need.starts_at and offer.starts_at <= need.starts_at)
    ends = not offer.ends_at or bool(need.ends_at and offer.ends_at >= need.ends_at)
    return begins and ends
