"""The SQL of what matching knows of needs and offers, and of what is set aside of them."""

import msgspec

from chassis.database import Store, as_json
from contracts.words import Date, Slot
from services.matching.board.domain import Need, Offer, put_back, set_aside
from services.matching.occasions.domain import capacity_at, manner

SHARED = (
    "id::text AS id, version, title, community, community_name, category, category_name, "
    "quantity, unit, starts_at, ends_at, registered_by, open, words"
)
NEED = f"{SHARED}, allocated, target_group, urgency, client_id::text AS client_id, client_kind, source, created_at"
OFFER = (
    f"{SHARED}, serves, target_groups, provider_id::text AS provider_id, form, period, slots, days_off, dates, "
    "transport, conditions"
)


class BoardStore(Store):
    """Needs and offers."""

    def save_need(self, need: Need) -> bool:
        """Keep a need as its publisher describes it; return whether this was newer than what is known."""
        return bool(
            self.execute(
                """INSERT INTO needs AS known (id, version, title, community, community_name, category, category_name,
                       quantity, unit, starts_at, ends_at, target_group, urgency, registered_by, open, client_id,
                       client_kind, source, words, keys)
                   VALUES (:id, :version, :title, :community, :community_name, :category, :category_name,
                       :quantity, :unit, :starts_at, :ends_at, :target_group, :urgency, :registered_by, :open,
                       CAST(:client_id AS uuid), :client_kind, :source, CAST(:words AS text[]), CAST(:keys AS text[]))
                   ON CONFLICT (id) DO UPDATE SET version = excluded.version, title = excluded.title,
                       community = excluded.community, community_name = excluded.community_name,
                       category = excluded.category, category_name = excluded.category_name,
                       quantity = excluded.quantity, unit = excluded.unit, starts_at = excluded.starts_at,
                       ends_at = excluded.ends_at, target_group = excluded.target_group, urgency = excluded.urgency,
                       open = excluded.open, client_id = excluded.client_id, client_kind = excluded.client_kind,
                       source = excluded.source, words = excluded.words, keys = excluded.keys,
                       allocated_before = known.allocated
                   WHERE known.version < excluded.version""",
                **{**vars(need), "words": list(need.words), "keys": list(need.keys)},
            )
        )

    def save_offer(self, offer: Offer) -> bool:
        """Keep an offer as its publisher describes it; return whether this was newer than what is known."""
        lists = {name: list(getattr(offer, name)) for name in ("serves", "target_groups", "days_off", "words", "keys")}
        values = {
            **vars(offer),
            **lists,
            "slots": as_json(msgspec.to_builtins(offer.slots)),
            "dates": as_json(msgspec.to_builtins(offer.dates)),
            "is_stock": manner(offer) == "stock",
        }
        saved = self.execute(
            """INSERT INTO offers AS known (id, version, title, community, community_name, serves, category,
                   category_name, quantity, unit, starts_at, ends_at, target_groups, registered_by, open, provider_id,
                   form, period, slots, days_off, dates, transport, conditions, words, keys,
                   is_stock)
               VALUES (:id, :version, :title, :community, :community_name, CAST(:serves AS text[]), :category,
                   :category_name, :quantity, :unit, :starts_at, :ends_at, CAST(:target_groups AS text[]),
                   :registered_by, :open, CAST(:provider_id AS uuid), :form, :period, :slots,
                   CAST(:days_off AS text[]), :dates, :transport, :conditions, CAST(:words AS text[]), CAST(:keys AS text[]),
                   :is_stock)
               ON CONFLICT (id) DO UPDATE SET version = excluded.version, title = excluded.title,
                   community = excluded.community, community_name = excluded.community_name,
                   serves = excluded.serves, category = excluded.category,
                   category_name = excluded.category_name, quantity = excluded.quantity, unit = excluded.unit,
                   starts_at = excluded.starts_at, ends_at = excluded.ends_at,
                   target_groups = excluded.target_groups, open = excluded.open, provider_id = excluded.provider_id,
                   form = excluded.form, period = excluded.period, slots = excluded.slots,
                   days_off = excluded.days_off, dates = excluded.dates, transport = excluded.transport,
                   conditions = excluded.conditions, words = excluded.words, keys = excluded.keys, is_stock = excluded.is_stock,
                   allocated_before = known.allocated
               WHERE known.version < excluded.version""",
            **values,
        )
        if saved and offer.version > 1:
            self.execute("UPDATE allocations SET allocated_before = allocated WHERE offer_id = :id", id=offer.id)
        return bool(saved)

    def close_need(self, id: str, version: int) -> bool:
        """Take a need off the board; return whether that was news. One never heard of leaves its mark."""
        return bool(
            self.execute(
                """INSERT INTO needs AS known (id, version, title, community, community_name, category, category_name,
                       quantity, unit, target_group, urgency, registered_by, open)
                   VALUES (:id, :version, '', '', '', '', '', 0, '', '', 1, '', false)
                   ON CONFLICT (id) DO UPDATE SET open = false, version = excluded.version
                   WHERE known.version < excluded.version""",
                id=id,
                version=version,
            )
        )

    def close_offer(self, id: str, version: int) -> bool:
        """Take an offer off the board; return whether that was news. One never heard of leaves its mark."""
        return bool(
            self.execute(
                """INSERT INTO offers AS known (id, version, title, community, community_name, serves, category,
                       category_name, quantity, unit, target_groups, registered_by, open)
                   VALUES (:id, :version, '', '', '', '{}', '', '', 0, '', '{}', '', false)
                   ON CONFLICT (id) DO UPDATE SET open = false, version = excluded.version
                   WHERE known.version < excluded.version""",
                id=id,
                version=version,
            )
        )

    # Rows are locked in one order: the need, the offer, what is set aside of it, the match. The key of a row never
    # changes, so that whoever only refers to it does not have to wait.

    def lock_need(self, id: str) -> Need | None:
        row = self.row(f"SELECT {NEED} FROM needs WHERE id = :id FOR NO KEY UPDATE", id=id)
        return row and need_of(row)

    def lock_offer(self, id: str) -> Offer | None:
        """Return an offer with all that is set aside of it; nobody else sets anything aside meanwhile."""
        row = self.row(f"SELECT {OFFER} FROM offers WHERE id = :id FOR NO KEY UPDATE", id=id)
        return row and offer_of(row, self.taken([id]).get(id, {}))

    def taken(self, offer_ids: list[str]) -> dict[str, dict[str, int]]:
        """Return what is set aside of offers, by occasion."""
        found: dict[str, dict[str, int]] = {}
        for row in self.rows(
            """SELECT offer_id::text AS id, occasion, allocated FROM allocations
               WHERE offer_id = ANY(CAST(:ids AS uuid[])) ORDER BY offer_id, occasion""",
            ids=offer_ids,
        ):
            found.setdefault(row["id"], {})[row["occasion"]] = row["allocated"]
        return found

    def reserve(self, need: Need, offer: Offer, occasion: str, quantity: int) -> tuple[Need, Offer]:
        """Set a quantity aside on both sides; return the need and the offer as they are then.

        Both were locked by `lock_need` and `lock_offer`, in this order and in this transaction. Raises
        Conflict where either has not that much left. The database refuses whatever slips past.
        """
        need_then, offer_then = set_aside(need, offer, occasion, quantity)
        self._move(need.id, offer.id, occasion, quantity, capacity_at(offer, occasion))
        return need_then, offer_then

    def release(self, need_id: str, offer_id: str, occasion: str, quantity: int) -> tuple[Need, Offer]:
        """Put a quantity that was set aside on the board again; return the need and the offer as they are then."""
        need, offer = self.lock_need(need_id), self.lock_offer(offer_id)
        self._move(need_id, offer_id, occasion, -quantity, None)
        self.look_again(need_ids=[need_id], offer_ids=[offer_id])
        return put_back(need, offer, occasion, quantity)

    def look_again(self, need_ids: list[str] = (), offer_ids: list[str] = ()) -> None:
        """Let suggestions be looked for anew, soon, for these needs and offers."""
        for id in need_ids:
            self.insert("stale", need_id=id, correlation_id=self.correlation_id)
        for id in offer_ids:
            self.insert("stale", offer_id=id, correlation_id=self.correlation_id)

    def _move(self, need_id, offer_id, occasion, quantity, capacity):
        values = {"need_id": need_id, "offer_id": offer_id, "occasion": occasion, "quantity": quantity}
        self.execute(
            "UPDATE needs SET allocated = allocated + :quantity WHERE id = :need_id", **only_of(values, "need_id")
        )
        if occasion == "":
            self.execute(
                "UPDATE offers SET allocated = allocated + :quantity WHERE id = :offer_id",
                **only_of(values, "offer_id"),
            )
        if quantity > 0:
            self.execute(
                """INSERT INTO allocations AS known (offer_id, occasion, capacity, allocated)
                   VALUES (:offer_id, :occasion, :capacity, :quantity)
                   ON CONFLICT (offer_id, occasion) DO UPDATE
                   SET capacity = excluded.capacity, allocated = known.allocated + excluded.allocated""",
                capacity=capacity,
                **only_of(values, "offer_id", "occasion"),
            )
        else:
            self.execute(
                "UPDATE allocations SET allocated = allocated + :quantity WHERE offer_id = :offer_id AND occasion = :occasion",
                **only_of(values, "offer_id", "occasion"),
            )


def only_of(values: dict, *names) -> dict:
    return {name: values[name] for name in (*names, "quantity")}


def only(thing, *names) -> dict:
    return {name: getattr(thing, name) for name in names}


def need_of(row) -> Need:
    return Need(**{**row, "words": tuple(row["words"])})


def offer_of(row, taken: dict[str, int]) -> Offer:
    for name in ("serves", "target_groups", "days_off", "words"):
        row[name] = tuple(row[name])
    row["slots"] = msgspec.convert(row["slots"], tuple[Slot, ...]) if row["slots"] else ()
    row["dates"] = msgspec.convert(row["dates"], tuple[Date, ...]) if row["dates"] else ()
    return Offer(**row, taken=taken)
