"""The SQL of needs on the claim board."""

from chassis.database import Store
from services.matching.board.domain import Need
from services.matching.board.store import only
from services.matching.claims.listings.domain import Listing

LISTING = "need_id::text AS need_id, version, text, quantity, taken, open, opened_by, opened_at, closed_because"
BOARD = """
    SELECT n.id, l.version, l.text, n.community, n.community_name, n.category, n.category_name, n.target_group,
        CASE WHEN l.open AND n.open THEN greatest(0, least(l.quantity - l.taken, n.quantity - n.allocated)) ELSE 0
        END AS quantity_left,
        n.unit, n.starts_at, n.ends_at, n.urgency, l.open,
        greatest(0, CAST(:today AS date) - (l.opened_at AT TIME ZONE 'Asia/Shanghai')::date) AS days_waiting
    FROM listings AS l JOIN needs AS n ON n.id = l.need_id"""
COMMUNITIES = "(cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))"


class ListingStore(Store):
    """Listings."""

    def lock_listing(self, need_id: str) -> Listing | None:
        row = self.row(f"SELECT {LISTING} FROM listings WHERE need_id = :id FOR UPDATE", id=need_id)
        return row and Listing(**row)

    def save_listing(self, listing: Listing) -> None:
        self.execute(
            """INSERT INTO listings (need_id, version, text, quantity, taken, open, opened_by, opened_at, closed_because)
               VALUES (:need_id, :version, :text, :quantity, :taken, :open, :opened_by, :opened_at, :closed_because)
               ON CONFLICT (need_id) DO UPDATE SET version = excluded.version, text = excluded.text,
                   quantity = excluded.quantity, taken = excluded.taken, open = excluded.open,
                   opened_by = excluded.opened_by, opened_at = excluded.opened_at,
                   closed_because = excluded.closed_because""",
            **vars(listing),
        )

    def set_taken(self, need: Need, listing: Listing) -> None:
        """Keep what claims hold of a need, where matches count what they hold as well."""
        self.execute("UPDATE needs SET allocated = :allocated WHERE id = :id", **only(need, "id", "allocated"))
        self.execute("UPDATE listings SET taken = :taken WHERE need_id = :need_id", **only(listing, "need_id", "taken"))

    def listing(self, need_id: str, today) -> dict | None:
        return self.row(f"{BOARD} WHERE n.id = :id", id=need_id, today=today)

    def listings(
        self, *, today, communities, community, category, target_group, urgency, since, until, after, limit
    ) -> dict:
        """Return a page of what can be claimed; needs whose time is over by then are left out."""
        return self.page(
            f"""SELECT * FROM ({BOARD} WHERE l.open) AS board WHERE quantity_left > 0
                  AND (CAST(:community AS text) IS NULL OR community = :community) AND {COMMUNITIES}
                  AND (CAST(:category AS text) IS NULL OR category = :category OR starts_with(category, :category || '.'))
                  AND (CAST(:target_group AS text) IS NULL OR target_group = :target_group)
                  AND (CAST(:urgency AS int) IS NULL OR urgency >= :urgency)
                  AND (ends_at IS NULL OR ends_at > CAST(coalesce(:since, :today) AS date)::timestamp
                                                    AT TIME ZONE 'Asia/Shanghai')
                  AND (CAST(:until AS date) IS NULL OR starts_at IS NULL
                       OR starts_at < (CAST(:until AS date) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')""",
            today=today,
            communities=list(communities),
            community=community,
            category=category,
            target_group=target_group,
            urgency=urgency,
            since=since,
            until=until,
            after=after,
            limit=limit,
        )
