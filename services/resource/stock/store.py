"""The SQL of the ledger of stock."""

from chassis.database import Store
from services.resource.stock.domain import Movement


class StockStore(Store):
    """Movements; the database refuses to change or remove one."""

    def add_movements(self, *movements: Movement) -> None:
        for movement in movements:
            self.insert("stock_movements", **vars(movement))

    def is_booked(self, source: str) -> bool:
        """Tell whether a delivery is in the ledger already."""
        return bool(
            self.row(
                "SELECT id FROM stock_movements WHERE source = CAST(:source AS uuid) AND kind = 'given'", source=source
            )
        )

    def movements_of(self, offer_id: str, *, after, limit) -> dict:
        """Return a page of an offer's movements, newest first."""
        return self.page(
            """SELECT id, offer_id, kind, quantity, source, note, moved_by, moved_at FROM stock_movements
               WHERE offer_id = CAST(:offer_id AS uuid)""",
            offer_id=offer_id,
            after=after,
            limit=limit,
        )

    def stock_by_ledger(self, offer_id: str) -> dict:
        """Return what an offer's ledger comes to, replayed."""
        return self.row(
            """SELECT movements, received, returned, corrected, written_off, expired, given, on_hand
               FROM stock_by_ledger(CAST(:offer_id AS uuid))""",
            offer_id=offer_id,
        )
