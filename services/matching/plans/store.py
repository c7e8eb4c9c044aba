"""The SQL of plans: the pairs that come into question, and what is recommended."""

from psycopg2.extras import execute_values

from chassis.database import Store
from services.matching.suggestions.store import DECIDED

NAMED = (
    "n.title AS need_title, o.title AS offer_title, n.community FROM {table} AS r "
    "JOIN needs AS n ON n.id = r.need_id JOIN offers AS o ON o.id = r.offer_id"
)
LIMITED = """(CAST(:communities AS text[]) IS NULL OR community = ANY(CAST(:communities AS text[])))"""


class PlanStore(Store):
    """Plans of the whole board."""

    def plan_alone(self) -> None:
        """Let nobody else plan until the transaction ends."""
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended('plan', 0))")

    def last_plan(self) -> dict | None:
        return self.row("SELECT id, created_at FROM plans ORDER BY id DESC LIMIT 1")

    def pairs(self) -> list[tuple]:
        """Return (need, offer, occasion, score, lacks, has, before) of every pair that comes into question.

        `lacks` is what the need still lacks, `has` what the occasion still has (none: no limit), `before` what is
        recommended. What is recommended and comes into question no more is among them, with a score of 0.
        """
        with self.connection.connection.cursor() as cursor:
            cursor.execute(
                f"""WITH live AS (
                        SELECT e.need_id, e.offer_id, e.occasion, e.score, n.quantity - n.allocated AS lacks,
                               e.capacity - coalesce(a.allocated, 0) AS has
                        FROM edges AS e
                        JOIN needs AS n ON n.id = e.need_id AND n.open AND n.allocated < n.quantity
                        JOIN offers AS o ON o.id = e.offer_id AND o.open AND (NOT o.is_stock OR o.allocated < o.quantity)
                        LEFT JOIN allocations AS a ON a.offer_id = e.offer_id AND a.occasion = e.occasion
                        WHERE (e.ends_at IS NULL OR e.ends_at > now())
                          AND (e.capacity IS NULL OR e.capacity > coalesce(a.allocated, 0))
                          AND NOT EXISTS (SELECT FROM matches AS m WHERE m.need_id = e.need_id
                                            AND m.offer_id = e.offer_id AND {DECIDED}))
                    SELECT need_id::text, offer_id::text, occasion, coalesce(live.score, 0), coalesce(lacks, 0), has,
                           coalesce(r.quantity, 0)
                    FROM live FULL JOIN recommendations AS r USING (need_id, offer_id, occasion)
                    ORDER BY 1, 2, 3"""
            )
            return cursor.fetchall()

    def titles(self, kind: str, ids: list[str]) -> dict[str, tuple[str, str]]:
        """Return (title, unit) of needs or offers."""
        table = {"needs": "needs", "offers": "offers"}[kind]
        rows = self.rows(
            f"SELECT id::text AS id, title, unit FROM {table} WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id", ids=ids
        )
        return {row["id"]: (row["title"], row["unit"]) for row in rows}

    def add_plan(self, **plan) -> None:
        self.execute(
            """INSERT INTO plans (id, made_by, needs, offers, pairs, value, value_before, changed, milliseconds)
               VALUES (:id, :made_by, :needs, :offers, :pairs, :value, :value_before, :changed, :milliseconds)""",
            **plan,
        )

    def recommend(self, plan_id: str, changed: list[dict]) -> None:
        """Keep what a plan changed: {id, need_id, offer_id, occasion, quantity, before, score, why} for each pair."""
        with self.connection.connection.cursor() as cursor:
            execute_values(
                cursor,
                """INSERT INTO plan_changes (id, plan_id, need_id, offer_id, occasion, quantity, before, why) VALUES %s""",
                [
                    (c["id"], plan_id, c["need_id"], c["offer_id"], c["occasion"], c["quantity"], c["before"], c["why"])
                    for c in changed
                ],
                template="(%s::uuid, %s::uuid, %s::uuid, %s::uuid, %s, %s, %s, %s)",
                page_size=500,
            )
            gone = [(c["need_id"], c["offer_id"], c["occasion"]) for c in changed if not c["quantity"]]
            if gone:
                execute_values(
                    cursor,
                    """DELETE FROM recommendations AS r USING (VALUES %s) AS gone (need_id, offer_id, occasion)
                       WHERE r.need_id = gone.need_id AND r.offer_id = gone.offer_id AND r.occasion = gone.occasion""",
                    gone,
                    template="(%s::uuid, %s::uuid, %s)",
                    page_size=500,
                )
            stays = [
                (c["need_id"], c["offer_id"], c["occasion"], c["quantity"], c["score"], c["why"], plan_id)
                for c in changed
                if c["quantity"]
            ]
            if stays:
                execute_values(
                    cursor,
                    """INSERT INTO recommendations (need_id, offer_id, occasion, quantity, score, why, plan_id) VALUES %s
                       ON CONFLICT (need_id, offer_id, occasion) DO UPDATE SET quantity = excluded.quantity,
                           score = excluded.score, why = excluded.why, plan_id = excluded.plan_id""",
                    stays,
                    template="(%s::uuid, %s::uuid, %s, %s, %s, %s, %s::uuid)",
                    page_size=500,
                )

    def unsuggested(self) -> list[dict]:
        """Return recommended pairs that are no suggestion yet, and lock their needs; those that are open still."""
        return self.rows(
            """SELECT r.need_id::text AS need_id, r.offer_id::text AS offer_id, r.occasion, r.quantity, e.score, e.parts
               FROM recommendations AS r JOIN needs AS n ON n.id = r.need_id
               JOIN edges AS e ON e.need_id = r.need_id AND e.offer_id = r.offer_id AND e.occasion = r.occasion
               WHERE n.open AND n.allocated < n.quantity AND NOT EXISTS (
                   SELECT FROM matches AS m WHERE m.need_id = r.need_id AND m.offer_id = r.offer_id
                     AND m.state IN ('proposed', 'declined'))
               ORDER BY r.need_id, r.offer_id, r.occasion FOR NO KEY UPDATE OF n"""
        )

    def forget_plans(self, before) -> None:
        """Remove plans and their changes that were made before a time, but for what is recommended still."""
        self.execute(
            "DELETE FROM plan_changes WHERE plan_id IN (SELECT id FROM plans WHERE created_at < :before)", before=before
        )
        self.execute(
            """DELETE FROM plans AS p WHERE created_at < :before
                 AND NOT EXISTS (SELECT FROM recommendations AS r WHERE r.plan_id = p.id)""",
            before=before,
        )

    def plans(self, *, after, limit) -> dict:
        return self.page(
            """SELECT id, made_by, needs, offers, pairs, value, value_before, changed, milliseconds, created_at
               FROM plans WHERE true""",
            after=after,
            limit=limit,
        )

    def plan(self, id: str) -> dict:
        return self.row(
            """SELECT id, made_by, needs, offers, pairs, value, value_before, changed, milliseconds, created_at
               FROM plans WHERE id = :id""",
            id=id,
        )

    def plan_changes(self, *, communities, plan_id, need_id, after, limit) -> dict:
        return self.page(
            f"""SELECT * FROM (SELECT r.id, r.plan_id, r.need_id, r.offer_id, r.occasion, r.quantity, r.before, r.why,
                    {NAMED.format(table="plan_changes")}) AS view
                WHERE (CAST(:plan_id AS uuid) IS NULL OR plan_id = CAST(:plan_id AS uuid))
                  AND (CAST(:need_id AS uuid) IS NULL OR need_id = CAST(:need_id AS uuid)) AND {LIMITED}""",
            communities=list(communities) or None,
            plan_id=plan_id,
            need_id=need_id,
            after=after,
            limit=limit,
        )

    def recommendations(self, *, communities, community, need_id, offer_id, after, limit) -> dict:
        """Return what is recommended, each with the suggestion that is to be confirmed."""
        return self.page(
            f"""SELECT * FROM (SELECT r.id, m.id AS match_id, r.need_id, r.offer_id, r.occasion, r.quantity, n.unit, r.score,
                    r.why,
                    {NAMED.format(table="recommendations")} JOIN matches AS m
                    ON m.need_id = r.need_id AND m.offer_id = r.offer_id AND m.state = 'proposed') AS view
                WHERE (CAST(:need_id AS uuid) IS NULL OR need_id = CAST(:need_id AS uuid))
                  AND (CAST(:offer_id AS uuid) IS NULL OR offer_id = CAST(:offer_id AS uuid))
                  AND (CAST(:community AS text) IS NULL OR community = :community) AND {LIMITED}""",
            communities=list(communities) or None,
            community=community,
            need_id=need_id,
            offer_id=offer_id,
            after=after,
            limit=limit,
        )
