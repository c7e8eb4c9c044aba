"""The SQL that providers, offers and needs share: a domain object is a row whose columns are its fields."""

import dataclasses

from psycopg2.extras import execute_batch, execute_values

from chassis.database import Store
from services.resource.private.domain import PRIVATE

UUIDS = ("id", "provider_id", "client_id", "merged_into")


@dataclasses.dataclass(frozen=True)
class Shape:
    """Where things of a kind are kept: the table, the columns of the domain object, those of sealed private data.

    `found_by` are columns beside them by which a thing is found again; `has_contact`, `shown` and `seen` are SQL: whether
    there is somebody to reach, what else a view shows, and what those see who are limited to communities.
    """

    table: str
    columns: tuple[str, ...]
    private: tuple[str, ...] = ()
    found_by: tuple[str, ...] = ()
    has_contact: str = ""
    shown: str = ""
    seen: str = "community = ANY(:communities)"


SHAPES: dict[type, Shape] = {}


def keep(kind, table: str, *, private: tuple[str, ...] = (), found_by=("phone_digest",), **shown: str) -> None:
    """Say in which table things of a kind are kept."""
    SHAPES[kind] = Shape(table, tuple(field.name for field in dataclasses.fields(kind)), private, found_by, **shown)


class LibraryStore(Store):
    """Things of the library, whatever their kind."""

    def add(self, *things, private: list[dict] | None = None) -> None:
        """Keep new things (all of one kind), with their sealed private data."""
        shape = SHAPES[type(things[0])]
        sealed = (*shape.private, *shape.found_by) if private else ()
        rows = [
            (*_values(thing, shape.columns), *((private[i].get(name) for name in sealed) if private else ()))
            for i, thing in enumerate(things)
        ]
        casts = ["%s::uuid" if name in UUIDS else "%s" for name in (*shape.columns, *sealed)]
        cursor = self.connection.connection.cursor()
        execute_values(
            cursor,
            f"INSERT INTO {shape.table} ({', '.join((*shape.columns, *sealed))}) VALUES %s",
            rows,
            template=f"({', '.join(casts)})",
            page_size=500,
        )
        cursor.close()
        self.kept(*things)

    def save(self, thing, private: dict | None = None) -> None:
        """Keep a changed thing, and what changed of its private data."""
        shape = SHAPES[type(thing)]
        values = {**dict(zip(shape.columns, _values(thing, shape.columns), strict=True)), **(private or {})}
        settings = ", ".join(
            f"{name} = CAST(:{name} AS uuid)" if name in UUIDS else f"{name} = :{name}" for name in values if name != "id"
        )
        self.execute(f"UPDATE {shape.table} SET {settings} WHERE id = CAST(:id AS uuid)", **values)
        self.kept(thing)

    def save_all(self, *things) -> None:
        """Keep changed things (all of one kind), in few rounds to the database."""
        if not things:
            return
        shape = SHAPES[type(things[0])]
        columns = [name for name in shape.columns if name != "id"]
        settings = ", ".join(f"{name} = %s{'::uuid' if name in UUIDS else ''}" for name in columns)
        self._write_added()
        with self.connection.connection.cursor() as cursor:
            execute_batch(
                cursor,
                f"UPDATE {shape.table} SET {settings} WHERE id = %s::uuid",
                [(*_values(thing, columns), thing.id) for thing in things],
            )
        self.kept(*things)

    def kept(self, *things) -> None:
        """Do what else is to be done about things (all of one kind) that were added or saved."""

    def lock(self, kind, id: str):
        """Return a thing for a change, or none; nobody else changes it meanwhile."""
        row = self.row(f"SELECT {columns_of(kind)} FROM {SHAPES[kind].table} WHERE id = :id FOR UPDATE", id=id)
        return row and thing_of(kind, row)

    def view(self, kind, id: str) -> dict | None:
        """Return a thing as it is shown."""
        return self.row(f"{view_of(kind)} WHERE id = :id", id=id)

    def page_of(self, kind, /, *, communities, registered_by=None, after, limit, **filters) -> dict:
        """Return a page of what the filters leave; a category stands for all below it too."""
        sql, values = f"{view_of(kind)} WHERE true", {}
        if communities:
            sql += f" AND ({SHAPES[kind].seen})"
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


def columns_of(kind) -> str:
    """Return the columns of a kind as a domain object takes them."""
    return ", ".join(f"{name}::text AS {name}" if name in UUIDS else name for name in SHAPES[kind].columns)


def view_of(kind) -> str:
    """Return the statement that shows things of a kind, without its condition."""
    shape = SHAPES[kind]
    shown = ", ".join((*shape.columns, "created_at"))
    sealed = [name for name in PRIVATE if name in shape.private]
    if sealed:
        own = " OR ".join(f"{name} IS NOT NULL" for name in sealed)
        shown += f", ({own}{' OR ' + shape.has_contact if shape.has_contact else ''}) AS has_contact"
    shown += f", {shape.shown}" if shape.shown else ""
    return f"SELECT {shown} FROM {shape.table}"


def thing_of(kind, row: dict):
    """Return a row as its domain object."""
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})


def _values(thing, columns) -> tuple:
    return tuple(list(v) if isinstance(v := getattr(thing, name), tuple) else v for name in columns)
