"""Suggestions, made as soon as a need or an offer is there, and again where something changed."""

from collections import OrderedDict
from datetime import UTC, datetime

import uuid_utils

from chassis.every import every
from chassis.rpc import query
from contracts.calls.matching.suggestions import Pair, PairView
from contracts.errors import NotFound
from contracts.matching import MatchProposed, NeedMatched
from services.matching.access import STAFF
from services.matching.board.domain import Need, Offer
from services.matching.matches.domain import Match
from services.matching.matches.service import facts_of, lapse
from services.matching.score.domain import Surroundings, say
from services.matching.suggestions import domain
from services.matching.suggestions.likeness import MOST_WORDS, Lexicon
from services.matching.suggestions.things import Things

WORDS = 4  # of a title that others are looked for by
NAMES, SAYINGS = 2, 12  # of its things; more of what no category leads to, and of offers: needs are said in many ways
A_ROUND = 200  # needs that wait
TITLES = 20_000  # that say how rare a word is
HINDRANCES = {
    "need_has_nothing_open": "这项需求已经满足或已撤下",
    "offer_not_on_the_board": "这项资源已撤下",
    "another_unit": "单位不同，数量无法相抵",
    "another_category": "类别不同，也不相关",
    "community_not_served": "这项资源不服务需求所在的社区",
    "another_target_group": "这项资源不面向这类人群",
    "pair_blocked": "已登记不宜安排这两方",
    "pair_declined": "这一对此前没有采用",
    "pair_confirmed": "这一对已经确认，正在进行",
    "pair_scheduled": "这一对已经约定时间",
    "pair_cancelled": "这一对约好后又取消了",
    "another_time": "时间没有交集，或已过期",
    "nothing_left_in_time": "需求的时间内已没有余量",
}


class Suggestions:
    """Which offer may serve which need, and why."""

    @query(takes=Pair, returns=PairView, roles=STAFF)
    def explain_pair(self, store, need_id, offer_id):
        """Return what speaks for and against a pair, or which rule rules it out."""
        need, offer = store.entry("needs", need_id), store.entry("offers", offer_id)
        if need is None or not need.title:
            raise NotFound("unknown_need", "need_id")
        if offer is None or not offer.title:
            raise NotFound("unknown_offer", "offer_id")
        store.caller.must_see(need.community)
        known = _known(store)
        pairs = [p for p in store.pairs_of([need.id], offer.id) if p["state"] != "proposed"]
        around = known.around(
            store.record_of(offer.provider_id),
            blocked=_blocked(store, [need], offer),
            decided={(p["need_id"], p["offer_id"]): p["state"] for p in pairs},
        )
        alike = known.alike(offer, need)
        rule = domain.hindrance(offer, need, alike, around)
        found = domain.fits(offer, need, alike, around)
        best = found[0] if found else None
        return {
            "need_id": need.id,
            "offer_id": offer.id,
            "need_title": need.title,
            "offer_title": offer.title,
            "rule": rule,
            "against": HINDRANCES[rule] if rule else None,
            "likeness": round(alike, 2),
            "score": best.score if best else None,
            "least_score": around.weights["least_score"],
            "occasion": best.part.key if best else None,
            "quantity": best.quantity if best else None,
            "parts": say(best, around) if best else [],
        }

    @every(2)
    def look_again(self, store, now):
        """Look anew at a need or an offer of which something was put back, or for which the rules changed.

        One in each transaction, so that nobody who decides about two of them has to wait for a third.
        """
        found = store.next_stale()
        if found is None:
            return False
        need = store.lock_need(found[0]) if found[0] else None
        offer = store.lock_offer(found[1]) if found[1] else None
        if need and need.left:
            suggest_for_need(store, need, now)
        if offer and offer.open:
            suggest_for_offer(store, offer, now)
        return True

    @every(600)
    def look_daily(self, store, now):
        """Let each need that waits be looked at anew once a day: it has waited longer, times have passed, others gave."""
        return store.look_daily(now, A_ROUND) == A_ROUND

    @every(3600)
    def learn_words(self, store, now):
        """Learn which words are rare in the library's titles."""
        store.learn_words(TITLES, MOST_WORDS)


class _Known:
    """What suggestions are made by: the worth of words, what is related and near, the weights."""

    def __init__(self, found: dict):
        synonyms = {row["code"]: tuple(row["synonyms"]) for row in found["categories"]}
        self.things = Things(found["categories"])
        self.lexicon = Lexicon(found["counts"], found["titles"], synonyms, self.things)
        self.related = {row["code"]: frozenset(row["related"]) for row in found["categories"]}
        self.neighbours = {row["code"]: frozenset(row["neighbours"]) for row in found["communities"]}
        self.weights = found["weights"]
        self.helped: dict[str, list[str]] = {}
        for code, related in sorted(self.related.items()):
            for other in related:
                self.helped.setdefault(other, []).append(code)

    def around(self, records, now=None, **more) -> Surroundings:
        return Surroundings(
            now=now or _now(), weights=self.weights, neighbours=self.neighbours, related=self.related, records=records,
            **more,
        )  # fmt: skip

    def looked_up_by(self, one: Need | Offer, things: int) -> list[str]:
        """Return the tokens that others are looked up by: its own that say most, and so many of those of its things."""
        of_things = self.things.words_for(one.title, things)
        return list(dict.fromkeys([*self.lexicon.rarest(one.words, WORDS), *self.lexicon.likeliest(of_things, things)]))

    def alike(self, offer: Offer, need: Need) -> float:
        return self.alike_to(need)(offer, need)

    def alike_to(self, one: Need | Offer):
        """Return how alike each other is to one need or offer, whose words are looked at once only."""
        meaning, lexicon = self.lexicon.meaning(one.title, one.words), self.lexicon
        if isinstance(one, Need):
            return lambda offer, need: lexicon.likeness(meaning, lexicon.meaning(offer.title, offer.words))
        return lambda offer, need: lexicon.likeness(meaning, lexicon.meaning(need.title, need.words))


_cache: OrderedDict[str, _Known] = OrderedDict()  # by stamp, so that nothing here can be out of date


def _known(store) -> _Known:
    stamp = store.stamp()
    found = _cache.get(stamp)
    if found is None:
        found = _cache[stamp] = _Known(store.knowledge())
        if len(_cache) > 2:
            _cache.popitem(last=False)
    return found


def suggest_for_need(store, need: Need, now: datetime | None = None, *, is_new: bool = False):
    """Suggest offers for a need, and say so once; keep its best pairs for the plan.

    Of one that is new nothing was suggested before, so that nothing has to be looked up.
    """
    store.look_for_offers(need.unit)
    now, known = now or _now(), _known(store)
    offers, records = store.offers_for(
        need,
        starts=max(filter(None, (now, need.starts_at))),
        words=known.looked_up_by(need, NAMES if need.category != domain.UNSORTED else SAYINGS),
        neighbours=sorted(known.neighbours.get(need.community, ())),
        related=sorted(known.related.get(need.category, ())),
    )
    pairs, standing = ([], []) if is_new else (store.pairs_of([need.id]), store.proposals(need_id=need.id))
    for offer_id in {match.offer_id for match in standing} - {offer.id for offer in offers}:
        offers.append(store.entry("offers", offer_id))
        records |= store.record_of(offers[-1].provider_id)
    around = known.around(records, now, blocked=_blocked(store, [need]), decided=_decided(pairs))
    alike = known.alike_to(need)
    found = domain.best_for(need, offers, alike, around)
    store.keep_edges([(fit, say(fit, around)) for fit in found], need_id=None if is_new else need.id)
    good = _renew(store, need, standing, {offer.id: offer for offer in offers}, alike, around)
    chosen, gone = domain.suggested(found, {match.offer_id: match.score for match in good})
    lapse(store, [match for match in good if match.offer_id in gone], need.community, "better_found")
    _propose(store, need, chosen, around)


def suggest_for_offer(store, offer: Offer, now: datetime | None = None):
    """Suggest an offer to the needs that it suits, where it is better than what they have; keep the pairs for the plan."""
    store.look_for_needs(offer.unit)
    now, known = now or _now(), _known(store)
    helps = [*known.helped.get(offer.category, []), domain.UNSORTED]
    needs = store.needs_for(offer, words=known.looked_up_by(offer, SAYINGS), helps=helps)
    pairs = store.pairs_of([need.id for need in needs]) if needs else []
    around = known.around(
        store.record_of(offer.provider_id), now, blocked=_blocked(store, needs, offer), decided=_decided(pairs)
    )
    alike, edges, of_need = known.alike_to(offer), [], {}
    standing = {match.need_id: match for match in store.proposals(offer_id=offer.id)}
    for pair in pairs:
        of_need.setdefault(pair["need_id"], []).append(pair)
    best = []
    for need in needs:
        fits = [
            f for f in domain.fits(offer, need, alike(offer, need), around) if f.score >= around.weights["least_score"]
        ]
        edges += [(fit, say(fit, around)) for fit in fits]
        best += fits[:1]
        if need.id in standing:
            _renew(store, need, [standing[need.id]], {offer.id: offer}, alike, around)
    store.keep_edges(edges, offer_id=offer.id)
    for fit in sorted(best, key=lambda fit: (-fit.score, fit.need.id)):
        mine = of_need.get(fit.need.id, [])
        chosen, gone = domain.suggested([fit], {p["offer_id"]: p["score"] for p in mine if p["state"] == "proposed"})
        _give_way(store, fit.need, mine, gone)
        _propose(store, fit.need, chosen, around)


def _renew(store, need, standing: list[Match], offers: dict[str, Offer], alike, around) -> list[Match]:
    """Let open suggestions say what is so by now, and those fall away that suit no more; return the others."""
    good, gone = [], []
    for before in standing:
        offer = offers[before.offer_id]
        match = domain.renewed(before, domain.fits(offer, need, alike(offer, need), around), around)
        if match is None:
            gone.append(before)
            continue
        good.append(match)
        if match != before:
            store.save_renewed(match)
            store.publish(proposed(match, need, offer))
    lapse(store, gone, need.community, "suits_no_more")
    return good


def _propose(store, need, chosen, around):
    offers = {fit.offer.id: fit.offer for fit in chosen}
    found = store.add_matches(domain.matches_of(chosen, around, _new_id))
    for match in found:
        store.publish(proposed(match, need, offers[match.offer_id]))
    if found:
        store.publish(_matched(need, found, offers[found[0].offer_id]))


def _give_way(store, need, pairs, gone: list[str]):
    """Let open suggestions fall away for better ones, unless somebody decided about them just now."""
    ids = {p["id"] for p in pairs if p["offer_id"] in gone}
    if ids:
        lapse(store, [m for m in store.proposals(need_id=need.id) if m.id in ids], need.community, "better_found")


def _decided(pairs) -> dict[tuple[str, str], str]:
    return {(p["need_id"], p["offer_id"]): p["state"] for p in pairs if p["state"] != "proposed"}


def _blocked(store, needs: list[Need], offer: Offer | None = None) -> frozenset[tuple[str, str]]:
    clients = [need.client_id for need in needs if need.client_id]
    return store.blocked(clients, offer and offer.provider_id) if clients else frozenset()


def proposed(match: Match, need: Need, offer: Offer) -> MatchProposed:
    """Return what is told of a suggestion."""
    return MatchProposed(score=match.score, parts=match.parts, **facts_of(match, need, offer))


def _matched(need: Need, found: list[Match], best_offer: Offer) -> NeedMatched:
    return NeedMatched(
        version=need.version,
        need_id=need.id,
        need_title=need.title,
        community=need.community,
        suggestions=len(found),
        best_match_id=found[0].id,
        best_offer_title=best_offer.title,
        best_score=found[0].score,
        need_registered_by=need.registered_by,
    )


def _new_id() -> str:
    return str(uuid_utils.uuid7())


def _now() -> datetime:
    return datetime.now(UTC)
