"""The SQL of blocked pairs."""

from chassis.database import Store

BLOCK = "SELECT id, version, provider_id, client_id, reason, by, at, unblocked_by, unblocked_at FROM blocked_pairs"


class BlockStore(Store):
    """Pairs that staff keep apart."""

    def blocked(self, client_ids: list[str], provider_id: str | None = None) -> frozenset[tuple[str, str]]:
        """Return the (provider, client) pairs that are kept apart among these."""
        rows = self.rows(
            """SELECT provider_id::text AS provider, client_id::text AS client FROM blocked_pairs
               WHERE unblocked_at IS NULL AND client_id = ANY(CAST(:clients AS uuid[]))
                 AND (CAST(:provider_id AS uuid) IS NULL OR provider_id = CAST(:provider_id AS uuid))
               ORDER BY client_id, provider_id""",
            clients=client_ids,
            provider_id=provider_id,
        )
        return frozenset((row["provider"], row["client"]) for row in rows)

    def who_is_known(self, provider_id: str, client_id: str) -> dict:
        """Return whether anything was heard of the provider, and of the client."""
        return self.row(
            """SELECT EXISTS (SELECT FROM providers WHERE id = :provider_id)
                      OR EXISTS (SELECT FROM offers WHERE provider_id = :provider_id) AS provider,
                      EXISTS (SELECT FROM clients WHERE id = :client_id)
                      OR EXISTS (SELECT FROM needs WHERE client_id = :client_id) AS client""",
            provider_id=provider_id,
            client_id=client_id,
        )

    def block(self, id: str, provider_id: str, client_id: str, reason: str, by: str, now) -> bool:
        """Keep a pair apart from now on; return whether it was not before."""
        return bool(
            self.execute(
                """INSERT INTO blocked_pairs (id, provider_id, client_id, reason, by, at)
                   VALUES (:id, :provider_id, :client_id, :reason, :by, :now)
                   ON CONFLICT (client_id, provider_id) WHERE unblocked_at IS NULL DO NOTHING""",
                id=id,
                provider_id=provider_id,
                client_id=client_id,
                reason=reason,
                by=by,
                now=now,
            )
        )

    def unblock(self, id: str, by: str, now) -> bool:
        """Keep a pair apart no longer; return whether it was until now."""
        return bool(
            self.execute(
                """UPDATE blocked_pairs SET unblocked_by = :by, unblocked_at = :now, version = version + 1
                   WHERE id = :id AND unblocked_at IS NULL""",
                id=id,
                by=by,
                now=now,
            )
        )

    def blocked_pair(self, id: str) -> dict | None:
        return self.row(f"{BLOCK} WHERE id = :id", id=id)

    def blocked_pairs(self, *, communities, provider_id, client_id, after, limit) -> dict:
        """Return the pairs that are kept apart; limited to clients who have a need in these communities."""
        return self.page(
            f"""{BLOCK} WHERE unblocked_at IS NULL
                  AND (CAST(:provider_id AS uuid) IS NULL OR provider_id = CAST(:provider_id AS uuid))
                  AND (CAST(:client_id AS uuid) IS NULL OR client_id = CAST(:client_id AS uuid))
                  AND (cardinality(CAST(:communities AS text[])) = 0 OR EXISTS (
                       SELECT FROM needs AS n WHERE n.client_id = blocked_pairs.client_id
                         AND n.community = ANY(CAST(:communities AS text[]))))""",
            communities=list(communities),
            provider_id=provider_id,
            client_id=client_id,
            after=after,
            limit=limit,
        )

    def communities_of_client(self, client_id: str) -> list[str]:
        sql = "SELECT DISTINCT community FROM needs WHERE client_id = CAST(:id AS uuid) AND community <> '' ORDER BY community"
        return [row["community"] for row in self.rows(sql, id=client_id)]

    def pairs_kept_apart(self, provider_id: str, client_id: str) -> tuple[list[str], list[str]]:
        """Return the needs of a client and the offers of a provider."""
        needs = self.rows(
            "SELECT id::text AS id FROM needs WHERE client_id = CAST(:id AS uuid) ORDER BY id", id=client_id
        )
        offers = self.rows(
            "SELECT id::text AS id FROM offers WHERE provider_id = CAST(:id AS uuid) ORDER BY id", id=provider_id
        )
        return [row["id"] for row in needs], [row["id"] for row in offers]

    def forget_edges_between(self, need_ids: list[str], offer_ids: list[str]) -> None:
        self.execute(
            """DELETE FROM edges WHERE need_id = ANY(CAST(:needs AS uuid[])) AND offer_id = ANY(CAST(:offers AS uuid[]))""",
            needs=need_ids,
            offers=offer_ids,
        )
