"""The SQL of matches."""

import dataclasses

from psycopg2.extras import execute_values

from chassis.database import Store, as_json
from contracts.words import ScorePart
from services.matching.matches.domain import PARTNERS, Match, Rating

_IDS = ("id", "need_id", "offer_id")
MATCH = ", ".join(
    f"m.{field.name}::text AS {field.name}" if field.name in _IDS else f"m.{field.name}" for field in dataclasses.fields(Match)
)
CHANGES = [field.name for field in dataclasses.fields(Match) if field.name not in (*_IDS, "score", "parts")]
VIEW = """
    SELECT * FROM (
        SELECT m.id, m.version, m.need_id, m.offer_id, m.quantity, m.score, m.parts, m.occasion, m.state, m.reason,
            m.declined_for, m.decided_by, m.decided_at, m.starts_at, m.ends_at, m.scheduled_by, m.delivered,
            m.delivered_on, m.minutes, m.people, m.person_times, m.closed_by, m.closed_at, m.created_at,
            m.note IS NOT NULL AS has_note, n.title AS need_title, o.title AS offer_title, n.community, n.unit,
            o.community AS offer_community, o.provider_id, o.registered_by AS offered_by,
            (SELECT jsonb_build_object('quantity', p.quantity, 'occasion', p.occasion, 'why', p.why)
             FROM recommendations AS p
             WHERE m.state = 'proposed' AND p.need_id = m.need_id AND p.offer_id = m.offer_id
             ORDER BY p.occasion <> m.occasion, p.occasion LIMIT 1) AS recommended,
            (SELECT coalesce(jsonb_agg(jsonb_build_object('side', r.side, 'stars', r.stars,
                        'has_comment', r.comment IS NOT NULL, 'recorded_by', r.recorded_by) ORDER BY r.side), '[]')
             FROM match_ratings AS r WHERE r.match_id = m.id) AS ratings
        FROM matches AS m JOIN needs AS n ON n.id = m.need_id JOIN offers AS o ON o.id = m.offer_id) AS view"""
OWN = "(CAST(:partner AS text) IS NULL OR (offered_by = :partner AND state = ANY(CAST(:partners AS text[]))))"
SEEN = "(cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))"
# What a list may be narrowed down by, and the condition for it.
FILTERS = {
    "need_id": "need_id = CAST(:need_id AS uuid)",
    "offer_id": "offer_id = CAST(:offer_id AS uuid)",
    "provider_id": "provider_id = CAST(:provider_id AS uuid)",
    "community": "community = :community",
    "states": "state = ANY(CAST(:states AS text[]))",
    "since": "starts_at >= :since",
    "until": "starts_at < :until",
}


class MatchStore(Store):
    """Matches."""

    def lock_match(self, id: str) -> Match | None:
        row = self.row(f"SELECT {MATCH} FROM matches AS m WHERE id = :id FOR NO KEY UPDATE", id=id)
        return row and _match(row)

    def match_seen(self, id: str) -> dict | None:
        """Return what says who may see a match: its need, that one's community, its offer, who offers, its state."""
        return self.row(
            """SELECT m.need_id::text, m.offer_id::text, m.state, n.community, o.registered_by AS offered_by
               FROM matches AS m JOIN needs AS n ON n.id = m.need_id JOIN offers AS o ON o.id = m.offer_id
               WHERE m.id = :id""",
            id=id,
        )

    def proposals(
        self, *, need_id: str | None = None, offer_id: str | None = None, occasion: str | None = None
    ) -> list[Match]:
        """Return the open suggestions of a need or an offer (at an occasion only), and lock them.

        They are locked in one statement, in one order, so that two confirmations never wait for each other.
        """
        rows = self.rows(
            f"""SELECT {MATCH} FROM matches AS m WHERE state = 'proposed'
                  AND (need_id = CAST(:need_id AS uuid) OR (offer_id = CAST(:offer_id AS uuid)
                       AND (CAST(:occasion AS text) IS NULL OR occasion = :occasion)))
                ORDER BY m.id FOR NO KEY UPDATE""",
            need_id=need_id,
            offer_id=offer_id,
            occasion=occasion,
        )
        return [_match(row) for row in rows]

    def live_matches(self, *, need_id: str | None = None, offer_id: str | None = None) -> list[Match]:
        """Return what is confirmed of a need or an offer and neither delivered nor cancelled, and lock it."""
        rows = self.rows(
            f"""SELECT {MATCH} FROM matches AS m WHERE state IN ('confirmed', 'scheduled')
                  AND (need_id = CAST(:need_id AS uuid) OR offer_id = CAST(:offer_id AS uuid))
                ORDER BY m.id FOR NO KEY UPDATE""",
            need_id=need_id,
            offer_id=offer_id,
        )
        return [_match(row) for row in rows]

    def lock_needs_served_by(self, offer_id: str) -> None:
        """Lock the needs that something of an offer is confirmed for, before the offer itself is locked."""
        self.rows(
            """SELECT id FROM needs WHERE id IN (SELECT need_id FROM matches WHERE offer_id = :offer_id
                                                AND state IN ('confirmed', 'scheduled'))
               ORDER BY id FOR NO KEY UPDATE""",
            offer_id=offer_id,
        )

    def communities_of(self, need_ids: list[str]) -> dict[str, str]:
        """Return each need's community."""
        rows = self.rows(
            "SELECT id::text AS id, community FROM needs WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id",
            ids=sorted(set(need_ids)),
        )
        return {row["id"]: row["community"] for row in rows}

    def add_matches(self, matches: list[Match]) -> list[Match]:
        """Keep suggestions; return those whose pair had none yet."""
        if not matches:
            return []
        cursor = self.connection.connection.cursor()
        added = execute_values(
            cursor,
            """INSERT INTO matches (id, version, need_id, offer_id, quantity, score, parts, occasion, state) VALUES %s
               ON CONFLICT DO NOTHING RETURNING id::text""",
            [
                (m.id, m.version, m.need_id, m.offer_id, m.quantity, m.score, as_json([vars(p) for p in m.parts]),
                 m.occasion, m.state)
                for m in matches
            ],
            template="(%s::uuid, %s, %s::uuid, %s::uuid, %s, %s, %s, %s, %s)",
            page_size=500,
            fetch=True,
        )
        cursor.close()
        new = {id for (id,) in added}
        return [match for match in matches if match.id in new]

    def save_match(self, match: Match) -> None:
        settings = ", ".join(f"{name} = :{name}" for name in CHANGES)
        values = {name: getattr(match, name) for name in CHANGES}
        self.execute(f"UPDATE matches SET {settings} WHERE id = :id", id=match.id, **values)

    def save_renewed(self, match: Match) -> None:
        """Keep what an open suggestion says by now."""
        self.execute(
            """UPDATE matches SET version = :version, quantity = :quantity, occasion = :occasion, score = :score,
                   parts = :parts WHERE id = :id""",
            parts=as_json([vars(part) for part in match.parts]),
            **{name: getattr(match, name) for name in ("id", "version", "quantity", "occasion", "score")},
        )

    def needs_promised_more(self, need_id: str, need_left: int, offer_id: str, occasion: str, offer_left: int) -> list[str]:
        """Return the needs with open suggestions of more than is left of the need, or of the offer's occasion."""
        rows = self.rows(
            """SELECT DISTINCT need_id::text AS id FROM matches WHERE state = 'proposed'
                 AND ((need_id = :need_id AND quantity > :need_left)
                      OR (offer_id = :offer_id AND occasion = :occasion AND quantity > :offer_left))
               ORDER BY 1""",
            need_id=need_id,
            need_left=need_left,
            offer_id=offer_id,
            occasion=occasion,
            offer_left=offer_left,
        )
        return [row["id"] for row in rows]

    def save_lapsed(self, matches: list[Match], reason: str) -> None:
        """Keep that suggestions fell away, all of them for one reason."""
        self.execute(
            """UPDATE matches SET state = 'lapsed', reason = :reason, version = version + 1
               WHERE id = ANY(CAST(:ids AS uuid[]))""",
            ids=[match.id for match in matches],
            reason=reason,
        )

    def match(self, id: str) -> dict | None:
        return self.row(f"{VIEW} WHERE id = :id", id=id)

    def matches(self, *, communities, partner, after, limit, **filters) -> dict:
        """Return a page of matches, newest first; with a partner, what that one may see of their own."""
        given = {name: value for name, value in filters.items() if value}
        conditions = " AND ".join([SEEN, OWN, *(FILTERS[name] for name in given)])
        whose = {"communities": list(communities), "partner": partner, "partners": list(PARTNERS)}
        return self.page(f"{VIEW} WHERE {conditions}", after=after, limit=limit, **whose, **given)

    def rating(self, match_id: str, side: str) -> Rating | None:
        row = self.row(
            """SELECT match_id::text AS match_id, side, stars, comment, recorded_by, first_at, changed_at
               FROM match_ratings WHERE match_id = :match_id AND side = :side""",
            match_id=match_id,
            side=side,
        )
        return row and Rating(**row)

    def save_rating(self, rating: Rating) -> None:
        self.execute(
            """INSERT INTO match_ratings (match_id, side, stars, comment, recorded_by, first_at, changed_at)
               VALUES (:match_id, :side, :stars, :comment, :recorded_by, :first_at, :changed_at)
               ON CONFLICT (match_id, side) DO UPDATE SET stars = excluded.stars, comment = excluded.comment,
                   recorded_by = excluded.recorded_by, changed_at = excluded.changed_at""",
            **vars(rating),
        )


def _match(row) -> Match:
    return Match(**{**row, "parts": tuple(ScorePart(**part) for part in row["parts"])})
