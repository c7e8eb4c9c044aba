"""The SQL of providers as matching knows them."""

from chassis.database import Store
from services.matching.claims.providers.domain import Provider

PROVIDER = "id::text AS id, version, kind, community, state, registered_by, client_id::text AS client_id, named"


class ProviderStore(Store):
    """Providers."""

    def save_provider(self, provider: Provider) -> bool:
        """Keep a provider as its publisher describes it; return whether this was newer than what is known."""
        return bool(
            self.execute(
                """INSERT INTO providers AS known (id, version, kind, community, state, registered_by, client_id, named)
                   VALUES (:id, :version, :kind, :community, :state, :registered_by, CAST(:client_id AS uuid), :named)
                   ON CONFLICT (id) DO UPDATE SET version = excluded.version, kind = excluded.kind,
                       community = excluded.community, state = excluded.state, registered_by = excluded.registered_by,
                       client_id = excluded.client_id, named = excluded.named
                   WHERE known.version < excluded.version""",
                **vars(provider),
            )
        )

    def provider_left(self, id: str, version: int, community: str, registered_by: str) -> bool:
        """Keep that a provider left; return whether that was news. One never heard of leaves its mark."""
        return bool(
            self.execute(
                """INSERT INTO providers AS known (id, version, kind, community, state, registered_by)
                   VALUES (:id, :version, '', :community, 'left', :registered_by)
                   ON CONFLICT (id) DO UPDATE SET state = 'left', version = excluded.version
                   WHERE known.version < excluded.version""",
                id=id,
                version=version,
                community=community,
                registered_by=registered_by,
            )
        )

    def hold_provider(self, id: str) -> Provider | None:
        """Return a provider that stays as it is until the transaction ends."""
        row = self.row(f"SELECT {PROVIDER} FROM providers WHERE id = :id FOR SHARE", id=id)
        return row and Provider(**row)

    def has_verified_provider(self, registered_by: str) -> bool:
        return bool(
            self.row(
                "SELECT 1 AS one FROM providers WHERE registered_by = :by AND state = 'verified' ORDER BY id LIMIT 1",
                by=registered_by,
            )
        )
