"""The SQL of what may be there twice."""

from chassis.database import as_json
from services.resource.library import LibraryStore

DUPLICATE = """SELECT id, kind, one, other, reason, likeness, state, merge_id, communities, found_at, decided_by, decided_at,
                      (SELECT m.kept FROM merges AS m WHERE m.id = duplicates.merge_id) AS kept FROM duplicates"""
SIDES = {
    "client": """SELECT id, '' AS title, kind, community, target_group, birth_year, NULL AS client_id,
                        CASE WHEN active THEN 'active' ELSE 'inactive' END AS state, registered_by, created_at
                 FROM clients WHERE id = ANY(:ids) ORDER BY id""",
    "need": """SELECT id, title, client_kind AS kind, community, target_group, NULL::int AS birth_year, client_id, state,
                      registered_by, created_at
               FROM needs WHERE id = ANY(:ids) ORDER BY id""",
}


class DuplicateStore(LibraryStore):
    """Pairs, and what was made of them."""

    def unsought(self, kind: str, limit: int) -> list[str]:
        """Return clients or needs whose duplicates were not looked for since they changed, locked."""
        rows = self.rows(
            f"SELECT id::text AS id FROM {kind}s WHERE NOT sought ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED",
            limit=limit,
        )
        return [row["id"] for row in rows]

    def sought(self, kind: str, ids: list[str]) -> None:
        self.execute(f"UPDATE {kind}s SET sought = true WHERE id = ANY(CAST(:ids AS uuid[]))", ids=ids)

    def like_client(self, id: str, most: int) -> list[dict]:
        """Return who has the same phone, or the same name and birth year: id, community, reason."""
        same = """(SELECT c.id::text AS id, c.community, '{reason}' AS reason FROM clients AS c, me
                   WHERE c.{digest} = me.{digest} AND c.active AND c.id <> me.id ORDER BY c.id DESC LIMIT :most)"""
        phone = same.format(reason="same_phone", digest="phone_digest")
        person = same.format(reason="same_name_and_birth_year", digest="person_digest")
        return self.rows(
            f"""WITH me AS (SELECT * FROM clients WHERE id = CAST(:id AS uuid) AND active)
                {phone} UNION ALL {person} ORDER BY id, reason""",
            id=id,
            most=most,
        )

    def near_client(self, id: str) -> list[dict]:
        """Return who may live and be called alike, found by what is indexed: the sealed name and address of each.

        The client itself comes with them. At most 300 are looked at, whatever the size of the community.
        """
        near = """(SELECT c.id FROM clients AS c, me WHERE c.community = me.community
                   AND c.{digest} = me.{digest} AND c.active ORDER BY c.id DESC LIMIT {most})"""
        found = " UNION ".join(
            near.format(digest=digest, most=most)
            for digest, most in (("surname_digest", 200), ("sound_digest", 50), ("address_digest", 50))
        )
        return self.rows(
            f"""WITH me AS (SELECT * FROM clients WHERE id = CAST(:id AS uuid) AND active),
                     found AS ({found} UNION SELECT id FROM me)
                SELECT id::text AS id, community, contact_name, contact_address FROM clients
                WHERE id IN (SELECT id FROM found) ORDER BY id DESC""",
            id=id,
        )

    def near_need(self, id: str, since) -> list[dict]:
        """Return needs of lately that may say the same: the same text, the newest nearby, those of the client.

        The need itself comes with them; at most 360 are looked at.
        """
        lately = "n.created_at > :since AND n.state IN ('draft', 'open', 'partly_met', 'met') ORDER BY n.id DESC"
        return self.rows(
            f"""WITH me AS (SELECT id, community, text_key, client_id FROM needs
                            WHERE id = CAST(:id AS uuid) AND state IN ('draft', 'open', 'partly_met', 'met')),
                     found AS (
                       (SELECT n.id FROM needs AS n, me WHERE n.community = me.community AND n.text_key = me.text_key
                          AND {lately} LIMIT 10)
                       UNION
                       (SELECT n.id FROM needs AS n, me WHERE n.community = me.community AND {lately} LIMIT 300)
                       UNION
                       (SELECT n.id FROM needs AS n, me WHERE n.client_id = me.client_id AND {lately} LIMIT 50)
                       UNION SELECT id FROM me)
                SELECT id::text AS id, community, text_key FROM needs WHERE id IN (SELECT id FROM found)
                ORDER BY id DESC""",
            id=id,
            since=since,
        )

    def add_duplicate(self, id: str, pair: dict) -> None:
        """Keep a pair that is new; what somebody decided about is not asked again."""
        self.execute(
            """INSERT INTO duplicates (id, kind, one, other, reason, likeness, communities, state)
               VALUES (:id, :kind, :one, :other, :reason, :likeness, :communities, 'open')
               ON CONFLICT (one, other, reason) DO NOTHING""",
            id=id,
            **pair,
        )

    def duplicate(self, id: str, *, lock: bool = False) -> dict | None:
        return self.row(f"{DUPLICATE} WHERE id = CAST(:id AS uuid){' FOR UPDATE' if lock else ''}", id=id)

    def duplicates(self, *, kind, state, subject_id, communities, after, limit) -> dict:
        """Return a page of pairs; who is limited to communities sees those with both sides in them."""
        sql, values = f"{DUPLICATE} WHERE state = :state", {"state": state}
        if kind:
            sql, values = sql + " AND kind = :kind", values | {"kind": kind}
        if subject_id:
            sql += " AND (one = CAST(:subject AS uuid) OR other = CAST(:subject AS uuid))"
            values["subject"] = subject_id
        if communities:
            sql += " AND communities <@ CAST(:communities AS text[])"
            values["communities"] = list(communities)
        return self.page(sql, after=after, limit=limit, **values)

    def sides(self, kind: str, ids: list) -> dict:
        """Return what is shown of clients or needs, by id."""
        return {row["id"]: row for row in self.rows(SIDES[kind], ids=ids)}

    def decide_pair(self, one, other, state: str, by: str, merge_id: str | None = None) -> None:
        """Close all that is open of a pair."""
        self.execute(
            """UPDATE duplicates SET state = :state, merge_id = :merge_id, decided_by = :by, decided_at = now()
               WHERE one = :one AND other = :other AND state = 'open'""",
            one=one,
            other=other,
            state=state,
            by=by,
            merge_id=merge_id,
        )

    def close_duplicates_of(self, ids: list[str], by: str) -> None:
        """Nobody is asked any more about clients or needs that are gone."""
        self.execute(
            """UPDATE duplicates SET state = 'dismissed', decided_by = :by, decided_at = now()
               WHERE state = 'open' AND (one = ANY(CAST(:ids AS uuid[])) OR other = ANY(CAST(:ids AS uuid[])))""",
            ids=ids,
            by=by,
        )

    # Merging

    def add_merge(self, id: str, kind: str, kept: str, gone: str, effects: dict, by: str) -> None:
        self.execute(
            """INSERT INTO merges (id, kind, kept, gone, effects, merged_by)
               VALUES (:id, :kind, :kept, :gone, :effects, :by)""",
            id=id,
            kind=kind,
            kept=kept,
            gone=gone,
            effects=as_json(effects),
            by=by,
        )
        self.execute(
            """UPDATE duplicates SET state = 'merged', merge_id = :id, decided_by = :by, decided_at = now()
               WHERE state = 'open' AND (one = CAST(:gone AS uuid) OR other = CAST(:gone AS uuid))""",
            id=id,
            gone=gone,
            by=by,
        )

    def merge_of(self, duplicate: dict) -> dict | None:
        return self.row(
            "SELECT id, kind, kept, gone, effects, merged_at FROM merges WHERE id = :id AND undone_at IS NULL FOR UPDATE",
            id=duplicate["merge_id"],
        )

    def undo_merge(self, merge: dict, by: str) -> None:
        """Note that a merge was undone; what it had closed beside its own pair is open again."""
        self.execute(
            "UPDATE merges SET undone_by = :by, undone_at = now() WHERE id = :id AND undone_at IS NULL",
            id=merge["id"],
            by=by,
        )
        self.execute(
            """UPDATE duplicates SET state = 'undone', decided_by = :by, decided_at = now()
               WHERE merge_id = :id AND :kept IN (one, other)""",
            id=merge["id"],
            by=by,
            kept=merge["kept"],
        )
        self.execute(
            """UPDATE duplicates SET state = 'open', merge_id = NULL, decided_by = NULL, decided_at = NULL
               WHERE merge_id = :id AND state = 'merged'""",
            id=merge["id"],
        )

    def move_consents(self, source: str, target: str, ids: list[str] | None = None) -> list[str]:
        """Make the consents of one client another's, but for those that the other gave as well; return their ids."""
        rows = self.rows(
            f"""UPDATE consents AS mine SET client_id = CAST(:target AS uuid)
                WHERE client_id = CAST(:source AS uuid) {"AND id = ANY(CAST(:ids AS uuid[]))" if ids is not None else ""}
                  AND (withdrawn_at IS NOT NULL OR NOT EXISTS (
                    SELECT FROM consents AS theirs WHERE theirs.client_id = CAST(:target AS uuid)
                      AND theirs.what = mine.what AND theirs.by_whom = mine.by_whom AND theirs.withdrawn_at IS NULL))
                RETURNING id::text AS id""",
            source=source,
            target=target,
            **({} if ids is None else {"ids": ids}),
        )
        return [row["id"] for row in rows]

    def move_assessments(self, source: str, target: str) -> list[dict]:
        """Make the assessments of one client another's, after those; return their ids and former versions."""
        return self.rows(
            """WITH moved AS (
                   SELECT id, version, row_number() OVER (ORDER BY version)
                          + (SELECT coalesce(max(version), 0) FROM assessments WHERE client_id = CAST(:target AS uuid)) AS next
                   FROM assessments WHERE client_id = CAST(:source AS uuid))
               UPDATE assessments AS a SET client_id = CAST(:target AS uuid), version = moved.next FROM moved
               WHERE a.id = moved.id RETURNING a.id::text AS id, moved.version AS version""",
            source=source,
            target=target,
        )

    def return_assessments(self, target: str, moved: list[dict]) -> None:
        """Give assessments back with the versions that they had."""
        for row in moved:
            self.execute(
                """UPDATE assessments SET client_id = CAST(:target AS uuid), version = :version
                   WHERE id = CAST(:id AS uuid)""",
                target=target,
                **row,
            )
