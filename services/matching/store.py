"""The SQL of matching: rows in, domain objects out."""

from psycopg2.extras import execute_values

from chassis.database import Store, as_json
from contracts.words import ScorePart
from services.matching.domain import CANDIDATES, Match, Need, Offer

SHARED = (
    "id::text AS id, version, title, community, community_name, category, category_name, "
    "quantity, allocated, unit, starts_at, ends_at, registered_by, open"
)
MATCH = "id::text AS id, version, need_id::text AS need_id, offer_id::text AS offer_id, quantity, score, parts, state, reason, decided_by, decided_at"
VIEW = (
    "SELECT * FROM (SELECT m.id, m.version, m.need_id, m.offer_id, m.quantity, m.score, m.parts, m.state, m.reason, "
    "m.decided_by, m.decided_at, m.created_at, n.title AS need_title, o.title AS offer_title, n.community, n.unit "
    "FROM matches AS m JOIN needs AS n ON n.id = m.need_id JOIN offers AS o ON o.id = m.offer_id) AS view"
)


class MatchingStore(Store):
    """Needs, offers and matches."""

    def __init__(self, connection, **context):
        super().__init__(connection, **context)
        self._groups: set[str] = set()

    def save_need(self, need: Need) -> bool:
        """Keep a need as its publisher describes it; return whether this was newer than what is known."""
        return bool(
            self.execute(
                """INSERT INTO needs AS known (id, version, title, community, community_name, category, category_name,
                       quantity, unit, starts_at, ends_at, target_group, urgency, registered_by, open)
                   VALUES (:id, :version, :title, :community, :community_name, :category, :category_name,
                       :quantity, :unit, :starts_at, :ends_at, :target_group, :urgency, :registered_by, :open)
                   ON CONFLICT (id) DO UPDATE SET version = excluded.version, title = excluded.title,
                       community = excluded.community, community_name = excluded.community_name,
                       category = excluded.category, category_name = excluded.category_name,
                       quantity = excluded.quantity, unit = excluded.unit, starts_at = excluded.starts_at,
                       ends_at = excluded.ends_at, target_group = excluded.target_group,
                       urgency = excluded.urgency, open = excluded.open, allocated_before = known.allocated
                   WHERE known.version < excluded.version""",
                **vars(need),
            )
        )

    def save_offer(self, offer: Offer) -> bool:
        """Keep an offer as its publisher describes it; return whether this was newer than what is known."""
        values = {**vars(offer), "serves": list(offer.serves), "target_groups": list(offer.target_groups)}
        return bool(
            self.execute(
                """INSERT INTO offers AS known (id, version, title, community, community_name, serves, category,
                       category_name, quantity, unit, starts_at, ends_at, target_groups, registered_by, open)
                   VALUES (:id, :version, :title, :community, :community_name, CAST(:serves AS text[]), :category,
                       :category_name, :quantity, :unit, :starts_at, :ends_at, CAST(:target_groups AS text[]),
                       :registered_by, :open)
                   ON CONFLICT (id) DO UPDATE SET version = excluded.version, title = excluded.title,
                       community = excluded.community, community_name = excluded.community_name,
                       serves = excluded.serves, category = excluded.category,
                       category_name = excluded.category_name, quantity = excluded.quantity, unit = excluded.unit,
                       starts_at = excluded.starts_at, ends_at = excluded.ends_at,
                       target_groups = excluded.target_groups, open = excluded.open,
                       allocated_before = known.allocated
                   WHERE known.version < excluded.version""",
                **values,
            )
        )

    def close_need(self, id: str, version: int) -> bool:
        """Take a need off the board; return whether that was news. One never heard of leaves its mark."""
        return bool(
            self.execute(
                """INSERT INTO needs AS known (id, version, title, community, community_name, category, category_name,
                       quantity, unit, target_group, urgency, registered_by, open)
                   VALUES (:id, :version, '', '', '', '', '', 0, '', '', 1, '', false)
                   ON CONFLICT (id) DO UPDATE SET open = false, version = excluded.version
                   WHERE known.version < excluded.version""",
                id=id,
                version=version,
            )
        )

    def close_offer(self, id: str, version: int) -> bool:
        """Take an offer off the board; return whether that was news. One never heard of leaves its mark."""
        return bool(
            self.execute(
                """INSERT INTO offers AS known (id, version, title, community, community_name, serves, category,
                       category_name, quantity, unit, target_groups, registered_by, open)
                   VALUES (:id, :version, '', '', '', '{}', '', '', 0, '', '{}', '', false)
                   ON CONFLICT (id) DO UPDATE SET open = false, version = excluded.version
                   WHERE known.version < excluded.version""",
                id=id,
                version=version,
            )
        )

    def one_at_a_time(self, category: str) -> None:
        """Let no other process look for matches in this group of categories until the transaction ends.

        A need and an offer that arrive at the same moment would otherwise not see each other.
        """
        group = _group(category)
        if group not in self._groups:
            self.execute("SELECT pg_advisory_xact_lock(hashtextextended(:group, 0))", group=group)
            self._groups.add(group)

    def lock_need(self, id: str) -> Need | None:
        row = self.row(f"SELECT {SHARED}, target_group, urgency FROM needs WHERE id = :id FOR UPDATE", id=id)
        return row and Need(**row)

    def lock_offer(self, id: str) -> Offer | None:
        row = self.row(f"SELECT {SHARED}, serves, target_groups FROM offers WHERE id = :id FOR UPDATE", id=id)
        return row and _offer(row)

    def lock_match(self, id: str) -> Match | None:
        row = self.row(f"SELECT {MATCH} FROM matches WHERE id = :id FOR UPDATE", id=id)
        return row and _match(row)

    def match_pair(self, id: str) -> tuple[str, str, str] | None:
        """Return (need id, offer id, the need's community) of a match."""
        row = self.row(f"{VIEW} WHERE id = :id", id=id)
        return row and (str(row["need_id"]), str(row["offer_id"]), row["community"])

    def offers_for(self, need: Need) -> list[Offer]:
        """Return offers of the need's group that have something left and were not suggested or declined before."""
        rows = self.rows(
            f"""SELECT {SHARED}, serves, target_groups FROM offers AS o
                WHERE open AND allocated < quantity AND unit = :unit
                  AND (category = :category OR category LIKE :group)
                  AND (cardinality(serves) = 0 OR :community = ANY(serves) OR community = :community)
                  AND (cardinality(target_groups) = 0 OR :target_group = ANY(target_groups))
                  AND NOT EXISTS (SELECT FROM matches AS m WHERE m.need_id = :id AND m.offer_id = o.id
                                  AND m.state IN ('proposed', 'declined', 'confirmed'))
                ORDER BY category = :category DESC, community = :community DESC, id LIMIT {CANDIDATES}""",
            group=_group(need.category),
            **_only(need, "id", "unit", "category", "community", "target_group"),
        )
        return [_offer(row) for row in rows]

    def needs_for(self, offer: Offer) -> list[Need]:
        """Return needs of the offer's group that still lack something, the most urgent first."""
        rows = self.rows(
            f"""SELECT {SHARED}, target_group, urgency FROM needs AS n
                WHERE open AND allocated < quantity AND unit = :unit
                  AND (category = :category OR category LIKE :group)
                  AND (cardinality(CAST(:serves AS text[])) = 0 OR community = ANY(CAST(:serves AS text[]))
                       OR community = :community)
                  AND (cardinality(CAST(:groups AS text[])) = 0 OR target_group = ANY(CAST(:groups AS text[])))
                  AND NOT EXISTS (SELECT FROM matches AS m WHERE m.offer_id = :id AND m.need_id = n.id
                                  AND m.state IN ('proposed', 'declined', 'confirmed'))
                ORDER BY category = :category DESC, urgency DESC, id LIMIT {CANDIDATES}""",
            group=_group(offer.category),
            serves=list(offer.serves),
            groups=list(offer.target_groups),
            **_only(offer, "id", "unit", "category", "community"),
        )
        return [Need(**row) for row in rows]

    def proposals(self, *, need_id: str | None = None, offer_id: str | None = None) -> list[Match]:
        """Return the open suggestions of a need or an offer, and lock them."""
        rows = self.rows(
            f"""SELECT {MATCH} FROM matches WHERE state = 'proposed'
                  AND (need_id = CAST(:need_id AS uuid) OR offer_id = CAST(:offer_id AS uuid))
                ORDER BY id FOR UPDATE""",
            need_id=need_id,
            offer_id=offer_id,
        )
        return [_match(row) for row in rows]

    def add_matches(self, matches: list[Match]) -> list[Match]:
        """Keep suggestions; return those whose pair had none yet."""
        if not matches:
            return []
        cursor = self.connection.connection.cursor()
        added = execute_values(
            cursor,
            """INSERT INTO matches (id, version, need_id, offer_id, quantity, score, parts, state) VALUES %s
               ON CONFLICT DO NOTHING RETURNING id::text""",
            [
                (m.id, m.version, m.need_id, m.offer_id, m.quantity, m.score, as_json([vars(p) for p in m.parts]), m.state)
                for m in matches
            ],
            template="(%s::uuid, %s, %s::uuid, %s::uuid, %s, %s, %s, %s)",
            page_size=500,
            fetch=True,
        )
        cursor.close()
        new = {id for (id,) in added}
        return [match for match in matches if match.id in new]

    def save_match(self, match: Match) -> None:
        self.execute(
            """UPDATE matches SET version = :version, quantity = :quantity, state = :state, reason = :reason,
                   decided_by = :decided_by, decided_at = :decided_at WHERE id = :id""",
            **_only(match, "id", "version", "quantity", "state", "reason", "decided_by", "decided_at"),
        )

    def set_aside(self, need: Need, offer: Offer) -> None:
        """Keep what is set aside on both sides."""
        self.execute("UPDATE needs SET allocated = :allocated WHERE id = :id", **_only(need, "id", "allocated"))
        self.execute("UPDATE offers SET allocated = :allocated WHERE id = :id", **_only(offer, "id", "allocated"))

    def match(self, id: str) -> dict | None:
        return self.row(f"{VIEW} WHERE id = :id", id=id)

    def matches(self, *, communities, community, need_id, offer_id, state, after, limit) -> dict:
        return self.page(
            f"""{VIEW} WHERE (CAST(:need_id AS uuid) IS NULL OR need_id = CAST(:need_id AS uuid))
                  AND (CAST(:offer_id AS uuid) IS NULL OR offer_id = CAST(:offer_id AS uuid))
                  AND (CAST(:state AS text) IS NULL OR state = :state)
                  AND (CAST(:community AS text) IS NULL OR community = :community)
                  AND (cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))""",
            communities=list(communities),
            community=community,
            need_id=need_id,
            offer_id=offer_id,
            state=state,
            after=after,
            limit=limit,
        )


STORE = MatchingStore


def _group(category: str) -> str:
    return category.split(".")[0].replace("_", r"\_") + ".%"


def _only(thing, *names) -> dict:
    return {name: getattr(thing, name) for name in names}


def _offer(row) -> Offer:
    return Offer(**{**row, "serves": tuple(row["serves"]), "target_groups": tuple(row["target_groups"])})


def _match(row) -> Match:
    return Match(**{**row, "parts": tuple(ScorePart(**part) for part in row["parts"])})
