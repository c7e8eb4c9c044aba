"""The SQL of deliveries, whether they came from a match or from a claim."""

from datetime import date

from chassis.database import Store

DELIVERY = (
    "id, source, need_id, offer_id, provider_id, client_id, from_community, to_community, category, target_group, "
    "quantity, unit, delivered_on, minutes, people, person_times, recorded_by, recorded_at"
)

IN_CATEGORY = "(category = :category OR category LIKE :group)"
TOUCHES = "(from_community = :community OR to_community = :community)"
SEEN = (
    "(cardinality(CAST(:communities AS text[])) = 0 OR from_community = ANY(CAST(:communities AS text[])) "
    "OR to_community = ANY(CAST(:communities AS text[])))"
)
FILTERS = {
    "need_id": "need_id = CAST(:need_id AS uuid)",
    "offer_id": "offer_id = CAST(:offer_id AS uuid)",
    "provider_id": "provider_id = CAST(:provider_id AS uuid)",
    "client_id": "client_id = CAST(:client_id AS uuid)",
    "community": TOUCHES,
    "category": IN_CATEGORY,
    "source": "source = :source",
    "since": "delivered_on >= :since",
    "until": "delivered_on <= :until",
}
SUMS = """coalesce(sum(deliveries), 0)::bigint AS deliveries, coalesce(sum(people), 0)::bigint AS people,
    coalesce(sum(person_times), 0)::bigint AS person_times, coalesce(sum(minutes), 0)::bigint AS minutes"""


class FlowStore(Store):
    """What was delivered."""

    def add_delivery(
        self,
        *,
        id: str,
        source: str,
        need_id: str,
        offer_id: str | None,
        provider_id: str | None,
        client_id: str | None,
        from_community: str,
        to_community: str,
        category: str,
        target_group: str,
        quantity: int,
        unit: str,
        delivered_on: date,
        minutes: int,
        people: int,
        person_times: int,
        recorded_by: str,
    ) -> None:
        """Keep that something was delivered; `id` is that of the match or the claim, `source` says which."""
        self.insert(
            "deliveries",
            id=id,
            source=source,
            need_id=need_id,
            offer_id=offer_id,
            provider_id=provider_id,
            client_id=client_id,
            from_community=from_community,
            to_community=to_community,
            category=category,
            target_group=target_group,
            quantity=quantity,
            unit=unit,
            delivered_on=delivered_on,
            minutes=minutes,
            people=people,
            person_times=person_times,
            recorded_by=recorded_by,
        )

    def delivered_for(self, need_id: str) -> int:
        """Return how many units of a need were delivered."""
        sql = "SELECT coalesce(sum(quantity), 0)::bigint AS delivered FROM deliveries WHERE need_id = CAST(:need_id AS uuid)"
        return self.row(sql, need_id=need_id)["delivered"]

    def deliveries(self, *, communities, after, limit, **filters) -> dict:
        """Return a page of deliveries that touch these communities, or of all where none are named; newest first."""
        given = {name: value for name, value in filters.items() if value is not None}
        conditions = " AND ".join([SEEN, *(FILTERS[name] for name in given)])
        if "category" in given:
            given["group"] = _group(given["category"])
        return self.page(
            f"SELECT * FROM (SELECT {DELIVERY} FROM deliveries) AS view WHERE {conditions}",
            communities=list(communities),
            after=after,
            limit=limit,
            **given,
        )

    def flows(self, first: date, until: date, *, communities, category, community, by, after, limit) -> dict:
        """Return a page of the matrix from `first` to before `until`, with the sums of all of it."""
        conditions = [SEEN, "delivered_on >= :first", "delivered_on < :until"]
        conditions += [IN_CATEGORY] if category else []
        conditions += [TOUCHES] if community else []
        each = f"""WITH each AS (
            SELECT to_char(delivered_on, 'YYYY-MM') AS month, from_community, to_community,
                {"split_part(category, '.', 1)" if by == "group" else "category"} AS kind, unit,
                count(*) AS deliveries, sum(quantity)::bigint AS quantity, sum(people) AS people,
                sum(person_times) AS person_times, sum(minutes) AS minutes
            FROM deliveries WHERE {" AND ".join(conditions)}
            GROUP BY 1, 2, 3, 4, 5)"""
        given = {"first": first, "until": until, "communities": list(communities)}
        given |= {"category": category, "group": _group(category)} if category else {}
        given |= {"community": community} if community else {}
        key = dict(zip(("month", "from", "to", "kind"), after.split("/"), strict=True)) if after else {}
        rows = self.rows(
            f"""{each} SELECT month, from_community, to_community, kind AS category, {SUMS},
                    jsonb_agg(jsonb_build_object('unit', unit, 'quantity', quantity) ORDER BY unit) AS quantities
                FROM each {"WHERE (month, from_community, to_community, kind) > (:month, :from, :to, :kind)" if after else ""}
                GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 LIMIT :most""",
            most=limit + 1,
            **given,
            **key,
        )
        last = rows[limit - 1] if len(rows) > limit else None
        return {
            "items": rows[:limit],
            "next": "/".join((last["month"], last["from_community"], last["to_community"], last["category"])) if last else None,
            "totals": self.row(f"{each} SELECT {SUMS} FROM each", **given),
            "between": self.row(f"{each} SELECT {SUMS} FROM each WHERE from_community <> to_community", **given),
        }


def _group(category: str) -> str:
    return category.replace("_", r"\_") + ".%"
