"""The SQL of providers."""

from datetime import date

from services.resource.library import LibraryStore, columns_of, keep, thing_of, view_of
from services.resource.offers.domain import LIVE
from services.resource.providers.domain import Provider

keep(Provider, "providers", private=("contact_name", "contact_phone", "contact_address"))


class ProviderStore(LibraryStore):
    """Providers."""

    def providers_named(self, names: list[str]) -> dict[str, str]:
        """Return the id of a provider for each of these names that one who has not left has."""
        rows = self.rows(
            "SELECT name, min(id::text) AS id FROM providers WHERE state <> 'left' AND name = ANY(:names) GROUP BY name ORDER BY name",
            names=names,
        )
        return {row["name"]: row["id"] for row in rows}

    def states_of_providers(self, ids: list[str]) -> dict[str, str]:
        """Return the state of each of these providers; it stays so until the end of the transaction."""
        rows = self.rows(
            """SELECT id::text AS id, state FROM providers WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR SHARE""",
            ids=ids,
        )
        return {row["id"]: row["state"] for row in rows}

    def providers_without_offers(self, ids: list[str]) -> list[str]:
        """Return those of these providers who offer nothing (any more)."""
        rows = self.rows(
            """SELECT id::text AS id FROM providers AS p WHERE id = ANY(CAST(:ids AS uuid[])) AND NOT EXISTS (
                   SELECT FROM offers AS o WHERE o.provider_id = p.id AND o.state = ANY(:live)) ORDER BY p.id""",
            ids=ids,
            live=list(LIVE),
        )
        return [row["id"] for row in rows]

    def save_provider(self, provider: Provider, private: dict | None = None) -> None:
        """Keep a changed provider; also as whom it is helped, which other things never change."""
        self.save(provider, private)
        self.execute(
            "UPDATE providers SET client_id = CAST(:client_id AS uuid) WHERE id = CAST(:id AS uuid)",
            client_id=provider.client_id,
            id=provider.id,
        )

    def has_credit_code(self, code: str, other_than: str) -> bool:
        """Tell whether another provider has a code; whoever else asks for the same one waits for this transaction."""
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended('credit code ' || :code, 0))", code=code)
        return bool(
            self.row(
                """SELECT id FROM providers
                   WHERE credit_code = :code AND state <> 'left' AND id <> CAST(:other_than AS uuid)""",
                code=code,
                other_than=other_than,
            )
        )

    def providers_with_codes(self, codes: list[str]) -> dict[str, str]:
        """Return the id of the provider that has each of these codes and has not left."""
        rows = self.rows(
            """SELECT credit_code, id::text AS id FROM providers WHERE credit_code = ANY(:codes) AND state <> 'left'
               ORDER BY credit_code""",
            codes=codes,
        )
        return {row["credit_code"]: row["id"] for row in rows}

    def providers_due(
        self, due: bool, today: date, *, communities, registered_by, community, kind, after, limit
    ) -> dict:
        """Return a page of the verified providers that have to be confirmed again by now, or of the others."""
        return self.page(
            f"""{view_of(Provider)} WHERE state = 'verified' AND (due_on <= :today) = :due
                  AND (cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))
                  AND (CAST(:registered_by AS text) IS NULL OR registered_by = :registered_by)
                  AND (CAST(:community AS text) IS NULL OR community = :community)
                  AND (CAST(:kind AS text) IS NULL OR kind = :kind)""",
            due=due,
            today=today,
            communities=list(communities),
            registered_by=registered_by,
            community=community,
            kind=kind,
            after=after,
            limit=limit,
        )

    def providers_to_ask(self, today: date, limit: int) -> list[Provider]:
        """Return verified providers, locked, that are due and were not asked yet."""
        return self._locked("state = 'verified' AND pauses_on IS NULL AND due_on <= :today", "due_on", today, limit)

    def providers_to_pause(self, today: date, limit: int) -> list[Provider]:
        """Return verified providers, locked, whose time to answer is over."""
        return self._locked("state = 'verified' AND pauses_on <= :today", "pauses_on", today, limit)

    def _locked(self, condition, by, today, limit):
        rows = self.rows(
            f"""SELECT {columns_of(Provider)} FROM providers WHERE {condition}
                ORDER BY {by}, providers.id LIMIT :limit FOR UPDATE SKIP LOCKED""",
            today=today,
            limit=limit,
        )
        return [thing_of(Provider, row) for row in rows]
