"""The SQL of needs and what was delivered for them."""

from services.resource.library import LibraryStore, columns_of, keep, thing_of
from services.resource.needs.domain import Need

keep(
    Need,
    "needs",
    # Contacts of needs that were entered before there were clients; a duty moves them.
    private=("contact_name", "contact_phone", "contact_address", "details"),
    found_by=("phone_digest", "text_key", "sought"),
    has_contact="""EXISTS (SELECT FROM clients AS c WHERE c.id = needs.client_id AND
        (c.contact_name IS NOT NULL OR c.contact_phone IS NOT NULL OR c.contact_address IS NOT NULL
         OR c.guardian_name IS NOT NULL OR c.guardian_phone IS NOT NULL))""",
    shown="""(SELECT count(*) FROM duplicates AS d WHERE d.state = 'open'
                AND (d.one = needs.id OR d.other = needs.id OR d.one = needs.client_id OR d.other = needs.client_id))
             AS possible_duplicates""",
)


class NeedStore(LibraryStore):
    """Needs."""

    def client_of_need(self, id: str) -> str | None:
        """Return whose need it is, without locking it: the client is locked first, always."""
        row = self.row("SELECT client_id::text AS id FROM needs WHERE id = CAST(:id AS uuid)", id=id)
        return row and row["id"]

    def needs_of_client(self, client_id: str) -> list[Need]:
        """Return all needs of a client, locked."""
        return self._needs("client_id = CAST(:id AS uuid) ORDER BY id FOR UPDATE", id=client_id)

    def needs_over(self, now, limit: int) -> list[Need]:
        """Return needs whose time has passed and that nobody else is at, locked."""
        return self._needs(
            """state IN ('draft', 'open', 'partly_met') AND ends_at <= :now
               ORDER BY ends_at, id LIMIT :limit FOR UPDATE SKIP LOCKED""",
            now=now,
            limit=limit,
        )

    def needs_with_contact_of_their_own(self, limit: int) -> list[Need]:
        """Return needs that were entered before there were clients, locked."""
        return self._needs(
            """client_id IS NULL
               AND (contact_name IS NOT NULL OR contact_phone IS NOT NULL OR contact_address IS NOT NULL)
               ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED""",
            limit=limit,
        )

    def add_delivery(self, need_id: str, source_id: str, version: int, **facts) -> bool:
        """Note what was delivered for a need; return false for what was noted before."""
        return bool(
            self.execute(
                """INSERT INTO need_deliveries (source_id, version, need_id, by_claim, quantity, delivered_on)
                   VALUES (:source_id, :version, :need_id, :by_claim, :quantity, :delivered_on)
                   ON CONFLICT (source_id, version) DO NOTHING""",
                need_id=need_id,
                source_id=source_id,
                version=version,
                **facts,
            )
        )

    def delivered(self, need_id: str) -> int:
        """Return how many units were delivered for a need."""
        return self.row(
            "SELECT coalesce(sum(quantity), 0)::bigint AS met FROM need_deliveries WHERE need_id = :id", id=need_id
        )["met"]

    def _needs(self, condition: str, **values) -> list[Need]:
        rows = self.rows(f"SELECT {columns_of(Need)} FROM needs WHERE {condition}", **values)
        return [thing_of(Need, row) for row in rows]
