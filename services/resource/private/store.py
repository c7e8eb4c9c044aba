"""The SQL of private data: read for a reveal, found by a phone number, sealed anew."""

from services.resource.library import SHAPES, LibraryStore, view_of
from services.resource.needs.domain import Need

REVEAL = """SELECT id, subject_id, purpose, revealed_by, revealed_at, community,
                   CASE WHEN EXISTS (SELECT FROM needs AS n WHERE n.id = subject_id) THEN 'need'
                        WHEN EXISTS (SELECT FROM clients AS c WHERE c.id = subject_id) THEN 'client'
                        ELSE 'provider' END AS kind,
                   coalesce((SELECT n.title FROM needs AS n WHERE n.id = subject_id),
                            (SELECT p.name FROM providers AS p WHERE p.id = subject_id)) AS title
            FROM reveals"""


class PrivateStore(LibraryStore):
    """Sealed private data, and the record of who was shown them."""

    def private(self, kind, id: str) -> dict:
        """Return the sealed private data of a provider, need or client."""
        shape = SHAPES[kind]
        return self.row(f"SELECT {', '.join(shape.private)} FROM {shape.table} WHERE id = :id", id=id)

    def with_phone(self, kind, digest: bytes, communities) -> list[dict]:
        """Return the providers or clients that carry a phone number."""
        return self.rows(
            f"""{view_of(kind)} WHERE phone_digest = :digest
                  AND (cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))
                ORDER BY id DESC LIMIT 100""",
            digest=digest,
            communities=list(communities),
        )

    def needs_with_phone(self, digest: bytes, communities) -> list[dict]:
        """Return the needs whose clients carry a phone number, or that carry it themselves."""
        return self.rows(
            f"""{view_of(Need)} WHERE (phone_digest = :digest OR client_id IN
                    (SELECT c.id FROM clients AS c WHERE c.phone_digest = :digest))
                  AND (cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))
                ORDER BY id DESC LIMIT 100""",
            digest=digest,
            communities=list(communities),
        )

    def record_reveal(self, id: str, subject_id: str, purpose: str, by: str, community: str) -> dict:
        return self.row(
            """INSERT INTO reveals (id, subject_id, purpose, revealed_by, community)
               VALUES (:id, :subject_id, :purpose, :by, :community)
               RETURNING id, subject_id, purpose, revealed_by, revealed_at""",
            id=id,
            subject_id=subject_id,
            purpose=purpose,
            by=by,
            community=community,
        )

    def reveals(self, *, communities, revealed_by=None, since=None, until=None, after, limit) -> dict:
        """Return who looked at what; `since` and `until` are ids, which are in order of time."""
        sql = f"{REVEAL} WHERE true"
        sql += " AND revealed_by = :revealed_by" if revealed_by else ""
        sql += " AND community = ANY(:communities)" if communities else ""
        sql += " AND id >= CAST(:since AS uuid)" if since else ""
        sql += " AND id < CAST(:until AS uuid)" if until else ""
        values = {"revealed_by": revealed_by, "communities": list(communities), "since": since, "until": until}
        used = {name: value for name, value in values.items() if f":{name}" in sql}
        return self.page(sql, after=after, limit=limit, **used)

    def save_contact_grant(self, event, *, live: bool, ends_at=None) -> None:
        """Keep whether a claimer may reach a need's contact; what is older than what is known changes nothing."""
        self.execute(
            """INSERT INTO contact_grants AS known (claim_id, version, need_id, user_id, live, ends_at)
               VALUES (:claim_id, :version, :need_id, :user_id, :live, :ends_at)
               ON CONFLICT (claim_id) DO UPDATE SET version = EXCLUDED.version, need_id = EXCLUDED.need_id,
                   user_id = EXCLUDED.user_id, live = EXCLUDED.live, ends_at = EXCLUDED.ends_at
               WHERE known.version < EXCLUDED.version""",
            claim_id=event.claim_id,
            version=event.version,
            need_id=event.need_id,
            user_id=event.claimer,
            live=live,
            ends_at=ends_at,
        )

    def may_reach(self, need_id: str, user_id: str) -> bool:
        """Tell whether somebody's claim to a need gives them its contact now."""
        return bool(
            self.row(
                """SELECT 1 FROM contact_grants WHERE need_id = CAST(:need_id AS uuid) AND user_id = :user_id AND live
                     AND (ends_at IS NULL OR ends_at > now())""",
                need_id=need_id,
                user_id=user_id,
            )
        )

    def save_visitors(self, event, accounts: list[str]) -> None:
        """Keep who comes to a person by a pairing; what is older than what is known changes nothing."""
        self.execute(
            """INSERT INTO visitors AS known (pairing_id, version, client_id, accounts)
               VALUES (:pairing_id, :version, :client_id, :accounts)
               ON CONFLICT (pairing_id) DO UPDATE SET version = EXCLUDED.version, client_id = EXCLUDED.client_id,
                   accounts = EXCLUDED.accounts
               WHERE known.version < EXCLUDED.version""",
            pairing_id=event.pairing_id,
            version=event.version,
            client_id=event.client_id,
            accounts=accounts,
        )

    def comes_to(self, client_id: str, user_id: str) -> bool:
        """Tell whether somebody keeps coming to a person, by a pairing that lasts."""
        return bool(
            self.row(
                """SELECT 1 FROM visitors WHERE client_id = CAST(:client_id AS uuid)
                     AND CAST(:user_id AS text) = ANY(accounts) LIMIT 1""",
                client_id=client_id,
                user_id=user_id,
            )
        )

    def sharing_withdrawn(self, client_id: str) -> bool:
        """Tell whether a client once agreed that partners are told who they are, and nothing of that holds."""
        return bool(
            self.row(
                """SELECT 1 FROM consents WHERE client_id = CAST(:id AS uuid) AND what = 'share_with_partner'
                   GROUP BY client_id HAVING bool_and(withdrawn_at IS NOT NULL)""",
                id=client_id,
            )
        )

    def notes_of(self, client_id: str) -> list[dict]:
        """Return the sealed notes of a client's assessments and consents, newest first: note, about, on."""
        return self.rows(
            """SELECT notes AS note, 'assessment/' || id || '/notes' AS about, assessed_at AS "on" FROM assessments
               WHERE client_id = CAST(:id AS uuid) AND notes IS NOT NULL
               UNION ALL
               SELECT note, 'consent/' || id || '/note', given_at FROM consents
               WHERE client_id = CAST(:id AS uuid) AND note IS NOT NULL
               ORDER BY "on" DESC LIMIT 50""",
            id=client_id,
        )

    def reveals_of(self, subject_id: str, *, after, limit) -> dict:
        return self.page(f"{REVEAL} WHERE subject_id = :subject_id", subject_id=subject_id, after=after, limit=limit)

    def reseal(self, keyring, limit: int) -> int:
        """Seal private data anew that an older key sealed; return how many values. Nothing is left at 0."""
        changed = 0
        for kind, shape in SHAPES.items():
            if not shape.private:
                continue
            subject, names = kind.__name__.lower(), shape.private
            old = " OR ".join(f"{name} NOT LIKE :current" for name in names)
            rows = self.rows(
                f"SELECT id::text AS id, {', '.join(names)} FROM {shape.table} WHERE {old} ORDER BY id LIMIT :limit FOR UPDATE",
                current=f"{keyring.current}:%",
                limit=limit,
            )
            for row in rows:
                fresh = {
                    name: keyring.seal(
                        keyring.open(row[name], f"{subject}/{row['id']}/{name}"), f"{subject}/{row['id']}/{name}"
                    )
                    for name in names
                    if row[name] and not keyring.is_current(row[name])
                }
                settings = ", ".join(f"{name} = :{name}" for name in fresh)
                self.execute(f"UPDATE {shape.table} SET {settings} WHERE id = CAST(:id AS uuid)", id=row["id"], **fresh)
                changed += len(fresh)
        return changed
