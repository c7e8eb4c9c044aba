"""Needs, offers and matches for tests, and whether what is set aside adds up."""

from chassis.privacy import Keyring
from contracts.resource import NeedCreated, OfferPublished
from services.matching.service import MatchingService
from tests.support import DATA_KEYS, WORKER, call, hears, rows

PROVIDER = "0190a000-0000-7000-8000-00000000c001"
CLIENT = "0190a000-0000-7000-8000-00000000d001"

# What is set aside of needs and offers is what is confirmed, claimed or delivered; a row here is a difference.
DISAGREEMENTS = """
    WITH used AS (
        SELECT need_id, offer_id, occasion, quantity AS units FROM matches WHERE state IN ('confirmed', 'scheduled')
        UNION ALL SELECT need_id, offer_id, occasion, delivered FROM matches WHERE state = 'delivered'
    ), of_needs AS (
        SELECT need_id, sum(units) AS units FROM (
            SELECT need_id, units FROM used
            UNION ALL SELECT need_id, quantity FROM claims WHERE state IN ('claimed', 'approved')
            UNION ALL SELECT need_id, quantity FROM deliveries WHERE source = 'claim') AS every
        GROUP BY need_id
    ), of_offers AS (SELECT offer_id, occasion, sum(units) AS units FROM used GROUP BY offer_id, occasion)
    SELECT 'need' AS what, n.id::text AS id, n.allocated AS kept, coalesce(u.units, 0) AS counted
    FROM needs AS n LEFT JOIN of_needs AS u ON u.need_id = n.id WHERE n.allocated <> coalesce(u.units, 0)
    UNION ALL
    SELECT 'offer ' || coalesce(a.occasion, u.occasion), coalesce(a.offer_id, u.offer_id)::text,
        coalesce(a.allocated, 0), coalesce(u.units, 0)
    FROM allocations AS a FULL JOIN of_offers AS u ON u.offer_id = a.offer_id AND u.occasion = a.occasion
    WHERE coalesce(a.allocated, 0) <> coalesce(u.units, 0)
    UNION ALL
    SELECT 'match', m.id::text, m.delivered, d.quantity FROM matches AS m
    LEFT JOIN deliveries AS d ON d.id = m.id
    WHERE (m.state = 'delivered') <> (d.id IS NOT NULL) OR m.delivered <> d.quantity
    ORDER BY 1, 2"""


def need(number=1, **changes):
    facts = dict(
        version=1, need_id=f"0190a000-0000-7000-8000-00000a{number:06d}", title="轮椅一部", community="jiangtou",
        community_name="江头社区", category="goods.aids", category_name="康复辅具", quantity=1, unit="部",
        target_group="disabled", urgency=2, registered_by=WORKER.id, client_id=CLIENT,
    )  # fmt: skip
    return NeedCreated(**{**facts, **changes})


def offer(number=1, **changes):
    facts = dict(
        version=1, offer_id=f"0190a000-0000-7000-8000-00000b{number:06d}", provider_id=PROVIDER, title="闲置轮椅",
        community="lvcuo", community_name="吕厝社区", serves=(), category="goods.aids", category_name="康复辅具",
        quantity=2, unit="部", target_groups=(), registered_by=WORKER.id,
    )  # fmt: skip
    return OfferPublished(**{**facts, **changes})


def proposal(url, the_need, the_offer) -> str:
    """Let a need and an offer be heard of; return the id of the suggestion that they make."""
    hears(MatchingService, url, the_need, the_offer)
    return open_suggestion(url, the_need.need_id, the_offer.offer_id)


def open_suggestion(url, need_id, offer_id) -> str | None:
    """Return the id of the open suggestion of a pair."""
    found = rows(
        url,
        "SELECT id::text AS id FROM matches WHERE need_id = :need AND offer_id = :offer AND state = 'proposed' ORDER BY id",
        need=need_id,
        offer=offer_id,
    )
    return found[0]["id"] if found else None


def suggested_at(url, the_need, the_offer, occasion) -> str:
    """Let a need and an offer be heard of and be suggested at one of the offer's occasions; return the match's id."""
    hears(MatchingService, url, the_need, the_offer)
    rows(url, "DELETE FROM matches")
    (made,) = rows(
        url,
        """INSERT INTO matches (id, version, need_id, offer_id, quantity, score, parts, state, occasion)
           VALUES (gen_random_uuid(), 1, :need, :offer, 1, 80, '[]', 'proposed', :occasion) RETURNING id::text AS id""",
        need=the_need.need_id,
        offer=the_offer.offer_id,
        occasion=occasion,
    )
    return made["id"]


def does(url, method, id, **arguments):
    """Call a command of the matching service as the gateway would, private text sealed."""
    keyring = Keyring(DATA_KEYS)
    for name in {"note", "comment"} & set(arguments):
        arguments[name] = keyring.seal(arguments[name], f"call/{name}")
    return call(MatchingService, url, method, id=id, **arguments)


def adds_up(url) -> None:
    """Fail unless what is set aside is what is confirmed, claimed or delivered."""
    assert rows(url, DISAGREEMENTS) == []
