"""The SQL of offers."""

import dataclasses
from datetime import datetime

from psycopg2.extensions import register_adapter
from psycopg2.extras import Json

from contracts.fields import STATION_TIME
from contracts.words import Date, Slot
from services.resource.library import LibraryStore, columns_of, keep, thing_of
from services.resource.offers.domain import Offer

keep(Offer, "offers", seen="community = ANY(:communities) OR serves = '{}' OR serves && CAST(:communities AS text[])")


class _Part(Json):
    """A slot or a date as an element of jsonb[], moments in the station's time."""

    def getquoted(self):
        return super().getquoted() + b"::jsonb"


def _part(value) -> _Part:
    return _Part(
        {
            name: each.astimezone(STATION_TIME).isoformat() if isinstance(each, datetime) else each
            for name, each in dataclasses.asdict(value).items()
        }
    )


register_adapter(Slot, _part)
register_adapter(Date, _part)


class OfferStore(LibraryStore):
    """Offers."""

    def offer(self, id: str) -> Offer:
        """Return an offer to look at."""
        return thing_of(Offer, self.row(f"SELECT {columns_of(Offer)} FROM offers WHERE id = :id", id=id))

    def offers_of(self, provider_id: str, *states: str) -> list[Offer]:
        """Return a provider's offers that are in one of these states, locked."""
        rows = self.rows(
            f"""SELECT {columns_of(Offer)} FROM offers WHERE provider_id = :id AND state = ANY(:states)
                ORDER BY offers.id FOR UPDATE""",
            id=provider_id,
            states=list(states),
        )
        return [thing_of(Offer, row) for row in rows]

    def state_of_provider_of(self, offer_id: str) -> str | None:
        """Return the state of an offer's provider; it stays so until the end of the transaction.

        To be asked before the offer is locked: whoever pauses a provider locks it before its offers.
        """
        row = self.row(
            "SELECT state FROM providers WHERE id = (SELECT provider_id FROM offers WHERE id = :id) FOR SHARE",
            id=offer_id,
        )
        return row and row["state"]

    def offers_that_are_over(self, now: datetime, limit: int) -> list[Offer]:
        """Return live offers whose time is over, locked."""
        rows = self.rows(
            f"""SELECT {columns_of(Offer)} FROM offers
                WHERE state IN ('held', 'open', 'paused', 'used_up') AND over_at <= :now
                ORDER BY over_at, offers.id LIMIT :limit FOR UPDATE SKIP LOCKED""",
            now=now,
            limit=limit,
        )
        return [thing_of(Offer, row) for row in rows]
