"""The SQL of suggestions: who comes into question, and the best pairs for the plan.

Every part of a search reads a bounded number of rows from an index of what is on the board, so that it costs
no more in a large library than in a small one.
"""

from datetime import datetime, timedelta

import msgspec

from chassis.database import Store
from contracts.words import ScorePart
from services.matching.board.domain import Need, Offer, reach
from services.matching.board.store import NEED, OFFER, need_of, offer_of
from services.matching.score.domain import Fit, Record
from services.matching.suggestions.domain import CANDIDATES, EDGES, MOST_NEEDS

RUSH = 50
OFFERED = "open AND (NOT is_stock OR allocated < quantity)"
WAITING = "open AND allocated < quantity"
# Such a pair is not suggested again, or not now.
DECIDED = """(state IN ('declined', 'confirmed', 'scheduled')
    OR (state = 'cancelled' AND reason IN ('provider_cancelled', 'provider_no_show', 'recipient_cancelled')))"""

_SUITS = f"""{OFFERED} AND unit = $2 AND (target_groups = '{{}}' OR $3 = ANY(target_groups))
    AND (ends_at IS NULL OR ends_at > $4) AND (starts_at IS NULL OR $5 IS NULL OR starts_at < $5)"""
_SERVES = "(serves = '{}' OR community = $6 OR $6 = ANY(serves))"

# $1 category $2 unit $3 target group $4 starts $5 ends $6 community $7 neighbours $8 related $9 words $10 reach
OFFERS = f"""PREPARE offers_for (text, text, text, timestamptz, timestamptz, text, text[], text[], text[], text[]) AS
    WITH found AS (
        (SELECT id, 1 AS place FROM offers WHERE category = $1 AND community = $6 AND {_SUITS}
         ORDER BY id DESC LIMIT 40)
        UNION ALL
        (SELECT near.id, 2 FROM unnest($7) AS n (code) CROSS JOIN LATERAL
            (SELECT id FROM offers WHERE category = $1 AND community = n.code AND {_SUITS} AND {_SERVES}
             ORDER BY id DESC LIMIT 10) AS near LIMIT 30)
        UNION ALL
        (SELECT id, 3 FROM offers WHERE category = $1 AND serves = '{{}}' AND {_SUITS} ORDER BY id DESC LIMIT 20)
        UNION ALL
        (SELECT id, 3 FROM offers WHERE keys && $10 AND {_SUITS} LIMIT 20)
        UNION ALL
        (SELECT helps.id, 4 FROM unnest($8) AS r (code) CROSS JOIN LATERAL
            ((SELECT id FROM offers WHERE category = r.code AND community = $6 AND {_SUITS} ORDER BY id DESC LIMIT 10)
             UNION ALL
             (SELECT id FROM offers WHERE category = r.code AND serves = '{{}}' AND {_SUITS} ORDER BY id DESC LIMIT 5)
            ) AS helps LIMIT 20)
        UNION ALL
        (SELECT alike.id, 0 FROM unnest($9) AS w (key) CROSS JOIN LATERAL
            (SELECT id FROM offers WHERE keys @> ARRAY[w.key] AND {_SUITS} AND {_SERVES} LIMIT 10) AS alike LIMIT 40)
    ), best AS (SELECT id, min(place) AS place FROM found GROUP BY id ORDER BY min(place), id DESC LIMIT {CANDIDATES})
    SELECT o.id::text AS id, version, title, community, community_name, category, category_name, quantity, unit,
        starts_at, ends_at, registered_by, open, words, serves, target_groups, o.provider_id::text AS provider_id, form,
        period, slots, days_off, dates, transport, conditions,
        r.recent, r.delivered, r.failed, r.ratings, r.stars,
        (SELECT jsonb_object_agg(a.occasion, a.allocated) FROM allocations AS a WHERE a.offer_id = o.id) AS taken
    FROM best JOIN offers AS o ON o.id = best.id LEFT JOIN provider_record AS r ON r.provider_id = o.provider_id
    ORDER BY best.place, o.id DESC"""
RECORD = ("recent", "delivered", "failed", "ratings", "stars")


class SuggestionStore(Store):
    """Needs and offers that may suit each other."""

    def __init__(self, connection, **context):
        super().__init__(connection, **context)
        self._looking: set[tuple[str, str]] = set()
        self._looked = 0

    def look_for_offers(self, unit: str) -> None:
        """Let no offer of this unit appear unseen until the transaction ends; other needs may be looked at meanwhile."""
        self._look("_shared", unit)

    def look_for_needs(self, unit: str) -> None:
        """Let no need of this unit be looked at until the transaction ends.

        A need and an offer that arrive at the same moment would otherwise not see each other.
        """
        self._look("", unit)

    def _look(self, how, unit):
        if not {("", unit), (how, unit)} & self._looking:
            self.execute(f"SELECT pg_advisory_xact_lock{how}(hashtextextended('unit ' || :unit, 0))", unit=unit)
            self._looking.add((how, unit))

    def is_rush(self) -> bool:
        """Count the new needs of a transaction; tell whether so many came at once that the others can wait."""
        self._looked += 1
        return self._looked > RUSH

    def stamp(self) -> str:
        """Return what changes whenever words, categories, communities or weights do."""
        return self.row("SELECT stamp::text AS stamp FROM lexicon")["stamp"]

    def change_stamp(self) -> None:
        self.execute("UPDATE lexicon SET stamp = gen_random_uuid()")

    def knowledge(self) -> dict:
        """Return the words, categories, communities and weights that suggestions are made by."""
        return {
            "titles": self.row("SELECT titles FROM lexicon")["titles"],
            "counts": {r["word"]: r["offers"] for r in self.rows("SELECT word, offers FROM word_counts ORDER BY word")},
            "categories": self.rows("SELECT code, synonyms, related, things FROM categories ORDER BY code"),
            "communities": self.rows("SELECT code, neighbours FROM communities ORDER BY code"),
            "weights": {
                r["part"]: r["points"] for r in self.rows("SELECT part, points FROM weights ORDER BY position")
            },
        }

    def offers_for(
        self, need: Need, *, starts, words: list[str], neighbours: list[str], related: list[str]
    ) -> tuple[list[Offer], dict[str, Record]]:
        """Return the offers that come into question for a need, CANDIDATES at most, and their providers' records."""
        reached = [reach(category, need.unit, need.community) for category in (need.category, *related)]
        values = (
            need.category, need.unit, need.target_group, starts, need.ends_at, need.community, neighbours, related,
            [f"{need.unit}|{word}" for word in words], reached,
        )  # fmt: skip
        self._write_added()
        with self.connection.connection.cursor() as cursor:
            # Planned once in each session: to plan it takes longer than to do it.
            if not self.connection.info.get("looks_for_offers"):
                cursor.execute("SET plan_cache_mode = force_generic_plan")
                cursor.execute(OFFERS)
                self.connection.info["looks_for_offers"] = True
            cursor.execute(
                "EXECUTE offers_for (%s, %s, %s, %s, %s, %s, %s::text[], %s::text[], %s::text[], %s::text[])", values
            )
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        records, offers = {}, []
        for row in rows:
            record = [row.pop(name) for name in RECORD]
            if record[0] is not None:
                records[row["provider_id"]] = Record(*record)
            offers.append(offer_of(row, row.pop("taken") or {}))
        return offers, records

    def needs_for(self, offer: Offer, *, words: list[str], helps: list[str]) -> list[Need]:
        """Return the needs that come into question for an offer, MOST_NEEDS at most, the most urgent first."""
        rows = self.rows(
            f"""WITH found AS (
                    (SELECT id FROM needs WHERE {WAITING} AND category = :category AND unit = :unit
                        AND community = :community AND {_WANTS} ORDER BY urgency DESC, id LIMIT 80)
                    UNION
                    (SELECT f.id FROM unnest(CAST(:helps AS text[])) AS c (code) CROSS JOIN LATERAL
                        (SELECT id FROM needs WHERE {WAITING} AND category = c.code AND unit = :unit AND {_WANTS}
                            AND {_SERVED} ORDER BY urgency DESC, id LIMIT 120) AS f LIMIT 160)
                    UNION
                    (SELECT f.id FROM unnest(CAST(:keys AS text[])) AS w (key) CROSS JOIN LATERAL
                        (SELECT id FROM needs WHERE {WAITING} AND keys @> ARRAY[w.key] AND unit = :unit AND {_WANTS}
                            AND {_SERVED} LIMIT 20) AS f LIMIT 100))
                SELECT {NEED} FROM needs WHERE id IN (SELECT id FROM found)
                ORDER BY category = :category DESC, urgency DESC, id LIMIT {MOST_NEEDS}""",
            category=offer.category,
            unit=offer.unit,
            community=offer.community,
            helps=[offer.category, *helps],
            keys=[f"{offer.unit}|{word}" for word in words],
            serves=list(offer.serves),
            groups=list(offer.target_groups),
        )
        return [need_of(row) for row in rows]

    def record_of(self, provider_id: str | None) -> dict[str, Record]:
        sql = f"SELECT {', '.join(RECORD)} FROM provider_record WHERE provider_id = CAST(:id AS uuid)"
        row = self.row(sql, id=provider_id) if provider_id else None
        return {provider_id: Record(**row)} if row else {}

    def pairs_of(self, need_ids: list[str], offer_id: str | None = None) -> list[dict]:
        """Return the open suggestions and decided pairs of needs, with one offer only where it is given."""
        return self.rows(
            f"""SELECT id::text AS id, need_id::text AS need_id, offer_id::text AS offer_id, state, score FROM matches
               WHERE need_id = ANY(CAST(:ids AS uuid[])) AND (state = 'proposed' OR {DECIDED})
                 AND (CAST(:offer_id AS uuid) IS NULL OR offer_id = CAST(:offer_id AS uuid)) ORDER BY id""",
            ids=need_ids,
            offer_id=offer_id,
        )

    def entry(self, kind: str, id: str):
        """Return a need or an offer as it is, without keeping anybody from changing it."""
        columns = {"needs": NEED, "offers": OFFER}[kind]
        row = self.row(f"SELECT {columns} FROM {kind} WHERE id = CAST(:id AS uuid)", id=id)
        if row is None:
            return None
        return need_of(row) if kind == "needs" else offer_of(row, self.taken([id]).get(id, {}))

    def keep_edges(self, found: list[tuple[Fit, tuple[ScorePart, ...]]], *, need_id=None, offer_id=None) -> None:
        """Keep these pairs for the plan in place of what was kept for the need, or for the offer."""
        if need_id or offer_id:
            self.forget_edges(need_id=need_id, offer_id=offer_id)
        if not found:
            return
        edges = [
            {
                "need_id": fit.need.id, "offer_id": fit.offer.id, "occasion": fit.part.key, "quantity": fit.quantity,
                "capacity": fit.part.capacity, "ends_at": fit.part.ends_at or fit.offer.ends_at, "score": fit.score,
                "parts": parts,
            }
            for fit, parts in found
        ]  # fmt: skip
        # One document: to put hundreds of values into a statement one by one takes longer than to read them from it.
        self.execute(
            """INSERT INTO edges (need_id, offer_id, occasion, quantity, capacity, ends_at, score, parts)
               SELECT need_id, offer_id, occasion, quantity, capacity, ends_at, score, parts
               FROM jsonb_to_recordset(CAST(:edges AS jsonb)) AS e (need_id uuid, offer_id uuid, occasion text,
                   quantity bigint, capacity bigint, ends_at timestamptz, score int, parts jsonb)
               ON CONFLICT (need_id, offer_id, occasion) DO UPDATE SET quantity = excluded.quantity,
                   capacity = excluded.capacity, ends_at = excluded.ends_at, score = excluded.score,
                   parts = excluded.parts""",
            edges=msgspec.json.encode(edges).decode(),
        )
        if offer_id:
            self.execute(
                """DELETE FROM edges AS e USING (
                       SELECT need_id, offer_id, occasion, row_number()
                           OVER (PARTITION BY need_id ORDER BY score DESC, offer_id, occasion) AS place
                       FROM edges WHERE need_id = ANY(CAST(:ids AS uuid[]))) AS ranked
                   WHERE ranked.place > :most AND e.need_id = ranked.need_id AND e.offer_id = ranked.offer_id
                     AND e.occasion = ranked.occasion""",
                ids=sorted({fit.need.id for fit, _ in found}),
                most=EDGES,
            )

    def forget_edges(self, *, need_id: str | None = None, offer_id: str | None = None) -> None:
        self.execute(
            "DELETE FROM edges WHERE need_id = CAST(:need_id AS uuid) OR offer_id = CAST(:offer_id AS uuid)",
            need_id=need_id,
            offer_id=offer_id,
        )

    def next_stale(self) -> tuple[str | None, str | None] | None:
        """Return the (need id, offer id) that came last, and forget it; none where none waits.

        What is published from now on belongs to what that came from.

        Somebody may be waiting for what came just now, and nobody for the middle of a long list.
        """
        row = self.row("SELECT need_id, offer_id, correlation_id FROM stale ORDER BY seq DESC LIMIT 1")
        if row is None:
            return None
        self.correlation_id = row.pop("correlation_id")
        self.execute(
            """DELETE FROM stale WHERE need_id = CAST(:need_id AS uuid) OR offer_id = CAST(:offer_id AS uuid)""", **row
        )
        return row["need_id"] and str(row["need_id"]), row["offer_id"] and str(row["offer_id"])

    def all_stale(self) -> None:
        """Let suggestions be looked for anew for every need that waits, the most urgent first."""
        self.execute(f"INSERT INTO stale (need_id) SELECT id FROM needs WHERE {WAITING} ORDER BY urgency, id DESC")

    def look_daily(self, now: datetime, most: int) -> int:
        """Let needs that wait and were not looked at for a day be looked at anew; return how many there were."""
        waited = self.rows(
            f"""UPDATE needs SET looked_at = :now WHERE id IN (
                    SELECT id FROM needs WHERE {WAITING} AND looked_at < :since
                    ORDER BY looked_at, id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED)
                RETURNING id::text AS id""",
            now=now,
            since=now - timedelta(days=1),
            most=most,
        )
        self.look_again(need_ids=[row["id"] for row in waited])
        return len(waited)

    def learn_words(self, most_titles: int, most_words: int) -> None:
        """Count in how many titles of the newest offers each word is."""
        self.execute("DELETE FROM word_counts")
        self.execute(
            """INSERT INTO word_counts (word, offers)
               SELECT word, count(*) FROM (SELECT words FROM offers WHERE open ORDER BY id DESC LIMIT :titles) AS newest
               CROSS JOIN LATERAL unnest(newest.words) AS w (word)
               GROUP BY word HAVING count(*) > 1 ORDER BY count(*) DESC, word LIMIT :words""",
            titles=most_titles,
            words=most_words,
        )
        self.execute(
            "UPDATE lexicon SET titles = (SELECT count(*) FROM (SELECT FROM offers WHERE open LIMIT :most) AS newest)",
            most=most_titles,
        )
        self.change_stamp()


_WANTS = "(cardinality(CAST(:groups AS text[])) = 0 OR target_group = ANY(CAST(:groups AS text[])))"
_SERVED = """(cardinality(CAST(:serves AS text[])) = 0 OR community = ANY(CAST(:serves AS text[]))
    OR community = :community)"""
