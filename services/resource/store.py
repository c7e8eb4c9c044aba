"""The SQL of the resource library: rows in, domain objects out."""

from psycopg2.extras import execute_values

from chassis.database import Store
from services.resource.domain import PRIVATE, Need, Offer, Provider

PROVIDER = ("id", "version", "kind", "name", "community", "registered_by", "state")
OFFER = ("id", "version", "provider_id", "title", "community", "serves", "category", "quantity", "unit",
         "starts_at", "ends_at", "target_groups", "registered_by", "state")  # fmt: skip
NEED = ("id", "version", "title", "community", "category", "quantity", "unit", "starts_at", "ends_at",
        "target_group", "urgency", "registered_by", "state")  # fmt: skip
SHAPES = {Provider: ("providers", PROVIDER), Offer: ("offers", OFFER), Need: ("needs", NEED)}
PRIVATE_COLUMNS = {
    Provider: ("contact_name", "contact_phone", "contact_address"),
    Offer: (),
    Need: ("contact_name", "contact_phone", "contact_address", "details"),
}


class ResourceStore(Store):
    """Communities, categories, providers, offers, needs and the record of reveals."""

    def add(self, *things, private: list[dict] | None = None) -> None:
        """Keep new providers, offers or needs (all of one kind), with their sealed private data."""
        table, columns = SHAPES[type(things[0])]
        sealed = (*PRIVATE_COLUMNS[type(things[0])], "phone_digest") if private else ()
        rows = [
            (*_values(thing, columns), *((private[i].get(name) for name in sealed) if private else ()))
            for i, thing in enumerate(things)
        ]
        casts = ["%s::uuid" if name in ("id", "provider_id") else "%s" for name in (*columns, *sealed)]
        cursor = self.connection.connection.cursor()
        execute_values(
            cursor,
            f"INSERT INTO {table} ({', '.join((*columns, *sealed))}) VALUES %s",
            rows,
            template=f"({', '.join(casts)})",
            page_size=500,
        )
        cursor.close()

    def save(self, thing, private: dict | None = None) -> None:
        """Keep a changed provider, offer or need, and what changed of its private data."""
        table, columns = SHAPES[type(thing)]
        values = {**dict(zip(columns, _values(thing, columns), strict=True)), **(private or {})}
        settings = ", ".join(f"{name} = :{name}" for name in values if name not in ("id", "provider_id"))
        self.execute(f"UPDATE {table} SET {settings} WHERE id = CAST(:id AS uuid)", **values)

    def lock(self, kind, id: str):
        """Return a provider, offer or need for a change, or none; nobody else changes it meanwhile."""
        table, columns = SHAPES[kind]
        row = self.row(f"SELECT {_select(columns)} FROM {table} WHERE id = :id FOR UPDATE", id=id)
        return row and _thing(kind, row)

    def view(self, kind, id: str) -> dict | None:
        """Return a provider, offer or need as it is shown."""
        return self.row(f"{_view(kind)} WHERE id = :id", id=id)

    def page_of(self, kind, /, *, communities, registered_by=None, after, limit, **filters) -> dict:
        """Return a page of what the filters leave; a category stands for all below it too."""
        sql, values = f"{_view(kind)} WHERE true", {}
        if communities:
            sql += " AND community = ANY(:communities)"
            values["communities"] = list(communities)
        if registered_by:
            filters["registered_by"] = registered_by
        category = filters.pop("category", None)
        if category:
            sql += " AND (category = :category OR category LIKE :below)"
            values |= {"category": category, "below": category.replace("_", r"\_") + ".%"}
        for name, value in filters.items():
            if value is not None:
                sql += f" AND {name} = :{name}"
                values[name] = value
        return self.page(sql, after=after, limit=limit, **values)

    def open_offers_of(self, provider_id: str) -> list[Offer]:
        rows = self.rows(
            f"SELECT {_select(OFFER)} FROM offers WHERE provider_id = :id AND state = 'open' ORDER BY id FOR UPDATE",
            id=provider_id,
        )
        return [_thing(Offer, row) for row in rows]

    def providers_named(self, names: list[str]) -> dict[str, str]:
        """Return the id of an active provider for each of these names that has one."""
        rows = self.rows(
            "SELECT name, min(id::text) AS id FROM providers WHERE state = 'active' AND name = ANY(:names) GROUP BY name ORDER BY name",
            names=names,
        )
        return {row["name"]: row["id"] for row in rows}

    def private(self, kind, id: str) -> dict:
        """Return the sealed private data of a provider or need."""
        table, _ = SHAPES[kind]
        return self.row(f"SELECT {', '.join(PRIVATE_COLUMNS[kind])} FROM {table} WHERE id = :id", id=id)

    def with_phone(self, kind, digest: bytes, communities) -> list[dict]:
        """Return the needs or providers that carry a phone number."""
        return self.rows(
            f"""{_view(kind)} WHERE phone_digest = :digest
                  AND (cardinality(CAST(:communities AS text[])) = 0 OR community = ANY(CAST(:communities AS text[])))
                ORDER BY id DESC LIMIT 100""",
            digest=digest,
            communities=list(communities),
        )

    def record_reveal(self, id: str, subject_id: str, purpose: str, by: str) -> dict:
        return self.row(
            """INSERT INTO reveals (id, subject_id, purpose, revealed_by) VALUES (:id, :subject_id, :purpose, :by)
               RETURNING id, subject_id, purpose, revealed_by, revealed_at""",
            id=id,
            subject_id=subject_id,
            purpose=purpose,
            by=by,
        )

    def reveals_of(self, subject_id: str, *, after, limit) -> dict:
        return self.page(
            "SELECT id, subject_id, purpose, revealed_by, revealed_at FROM reveals WHERE subject_id = :subject_id",
            subject_id=subject_id,
            after=after,
            limit=limit,
        )

    def communities(self) -> dict[str, str]:
        """Return the name of each community by its code."""
        return {r["code"]: r["name"] for r in self.rows("SELECT code, name FROM communities ORDER BY code")}

    def save_community(self, code: str, name: str) -> None:
        self.execute(
            "INSERT INTO communities (code, name) VALUES (:code, :name) ON CONFLICT (code) DO UPDATE SET name = :name",
            code=code,
            name=name,
        )

    def community_named(self, name: str) -> str | None:
        row = self.row("SELECT code FROM communities WHERE name = :name", name=name)
        return row and row["code"]

    def categories(self) -> list[dict]:
        return self.rows("SELECT code, parent, name, synonyms FROM categories ORDER BY code")

    def category(self, code: str) -> dict | None:
        return self.row("SELECT code, parent, name, synonyms FROM categories WHERE code = :code", code=code)

    def save_category(self, code: str, parent: str | None, name: str, synonyms: list[str]) -> None:
        self.execute(
            """INSERT INTO categories (code, parent, name, synonyms)
               VALUES (:code, :parent, :name, CAST(:synonyms AS text[]))
               ON CONFLICT (code) DO UPDATE SET name = :name, synonyms = CAST(:synonyms AS text[])""",
            code=code,
            parent=parent,
            name=name,
            synonyms=synonyms,
        )

    def record_import(self, **values) -> None:
        self.execute(
            """INSERT INTO imports (id, kind, mapping, rows, created, rejected, imported_by)
               VALUES (:id, :kind, :mapping, :rows, :created, :rejected, :imported_by)""",
            **values,
        )

    def reseal(self, keyring, limit: int) -> int:
        """Seal private data anew that an older key sealed; return how many values. Nothing is left at 0."""
        changed = 0
        for kind, subject in ((Provider, "provider"), (Need, "need")):
            table, names = SHAPES[kind][0], PRIVATE_COLUMNS[kind]
            old = " OR ".join(f"{name} NOT LIKE :current" for name in names)
            rows = self.rows(
                f"SELECT id::text AS id, {', '.join(names)} FROM {table} WHERE {old} ORDER BY id LIMIT :limit FOR UPDATE",
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
                self.execute(f"UPDATE {table} SET {settings} WHERE id = CAST(:id AS uuid)", id=row["id"], **fresh)
                changed += len(fresh)
        return changed


STORE = ResourceStore


def _view(kind) -> str:
    table, columns = SHAPES[kind]
    shown = ", ".join((*columns, "created_at"))
    sealed = [name for name in PRIVATE if name in PRIVATE_COLUMNS[kind]]
    if sealed:
        shown += f", ({' OR '.join(f'{name} IS NOT NULL' for name in sealed)}) AS has_contact"
    return f"SELECT {shown} FROM {table}"


def _select(columns) -> str:
    return ", ".join(f"{name}::text AS {name}" if name in ("id", "provider_id") else name for name in columns)


def _values(thing, columns) -> tuple:
    return tuple(list(v) if isinstance(v := getattr(thing, name), tuple) else v for name in columns)


def _thing(kind, row):
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})
