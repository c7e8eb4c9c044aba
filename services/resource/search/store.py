"""The SQL of search: an entry for each thing, beside it and written by the same transaction."""

import dataclasses
import time

from psycopg2.extras import execute_values

from services.resource.library import SHAPES, LibraryStore, columns_of, thing_of
from services.resource.search.domain import Entry, entry_of, found_by

COLUMNS = tuple(field.name for field in dataclasses.fields(Entry) if field.name not in ("words", "reaches"))
UNSORTED = "other.unsorted"
SHOWN = "id, kind, version, title, community, category, state, form, target_groups"
NEWEST = 1500  # entries that are looked through before the index is asked
AT_ONCE = 500


class SearchStore(LibraryStore):
    """What things are found by."""

    def kept(self, *things) -> None:
        """Let things be found by what they are now; learn the category that a person decided for one.

        What comes in bulk was filed by a rule, and nothing is learnt of it.
        """
        super().kept(*things)
        entries = [entry for thing in things if (entry := entry_of(thing))]
        if not entries:
            return
        learnt = self._learn(entries[0]) if len(entries) == 1 else None
        self._write(entries, learnt)

    def sweep(self, kind, limit: int) -> int:
        """Look at the next things of a kind; write the entries that are missing or of another version; return how many.

        At the end it begins anew: what was changed by other means than `add` and `save` is found too, later.
        """
        name = kind.__name__.lower()
        begun = self.row('SELECT "after" FROM search_sweeps WHERE kind = :kind FOR UPDATE', kind=name)
        rows = self.rows(
            f"""SELECT {columns_of(kind)} FROM {SHAPES[kind].table}
                WHERE id > CAST(coalesce(:after, '00000000-0000-0000-0000-000000000000') AS uuid) ORDER BY id LIMIT :limit
                FOR SHARE SKIP LOCKED""",
            after=begun and begun["after"] and str(begun["after"]),
            limit=limit,
        )
        ids = [row["id"] for row in rows]
        fresh = {
            (row["id"], row["version"])
            for row in self.rows(
                "SELECT id::text AS id, version FROM search_entries WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id",
                ids=ids,
            )
        }
        entries = [entry_of(thing_of(kind, row)) for row in rows if (row["id"], row["version"]) not in fresh]
        if entries:
            self._write(entries, None)
        self.execute(
            """INSERT INTO search_sweeps (kind, "after") VALUES (:kind, CAST(:after AS uuid))
               ON CONFLICT (kind) DO UPDATE SET "after" = excluded."after" """,
            kind=name,
            after=ids[-1] if len(ids) == limit else None,
        )
        return len(entries)

    def newest(self, ways: list[str], narrowed: str, *, kind, before) -> list[dict]:
        """Return what is found among the newest entries of a kind, newest first, with the number of the way that found it."""
        where, order = "true", "id DESC"
        where += " AND id < CAST(:before AS uuid)" if before else ""
        if kind:  # as a range, so that the walk goes by kind and not through all the newer things of other kinds
            where = "kind BETWEEN :kind AND :kind"
            where += " AND (kind, id) < (:kind, CAST(:before AS uuid))" if before else ""
            order = "kind DESC, id DESC"
        found_by = " ".join(f"WHEN lexemes @@ CAST(:way{i} AS tsquery) THEN {i}" for i in range(len(ways)))
        return self.rows(
            f"""SELECT {SHOWN}, way
                FROM (SELECT {SHOWN}, CASE {found_by} END AS way, lexemes
                      FROM (SELECT {SHOWN}, lexemes FROM search_entries WHERE {where} ORDER BY {order} LIMIT {NEWEST}) AS entry
                      ) AS found
                WHERE way IS NOT NULL {"AND lexemes @@ CAST(:narrowed AS tsquery)" if narrowed else ""} ORDER BY id DESC""",
            kind=kind,
            before=before,
            narrowed=narrowed,
            **{f"way{i}": way for i, way in enumerate(ways)},
        )

    def found(self, query: str, *, before, limit) -> list[dict]:
        """Return what a tsquery finds, newest first, from before an id on, by the index of lexemes."""
        # Whether a walk through the newest ends soon is what the planner cannot know; `newest` has tried it.
        self.execute("SET LOCAL enable_seqscan = off")
        return self.rows(
            f"""WITH found AS MATERIALIZED (
                    SELECT {SHOWN} FROM search_entries WHERE lexemes @@ CAST(:query AS tsquery))
                SELECT {SHOWN} FROM found {"WHERE id < CAST(:before AS uuid)" if before else ""}
                ORDER BY id DESC LIMIT :limit""",
            query=query,
            before=before,
            limit=limit,
        )

    def categories_called(self, name: str) -> list[str]:
        """Return the codes of the categories, and groups of them, with this name."""
        rows = self.rows("SELECT code FROM categories WHERE name = trim(:name) ORDER BY code", name=name)
        return [row["code"] for row in rows]

    def _learn(self, entry: Entry) -> bool:
        """Note what a person decided, and take back what they had decided of the same thing before."""
        old = self.row("SELECT title, category, learnt FROM search_entries WHERE id = CAST(:id AS uuid)", id=entry.id)
        if entry.category is None:
            return False
        if old and (old["title"], old["category"]) == (entry.title, entry.category):
            return old["learnt"]
        if old and old["learnt"]:
            self.insert("decided_titles", title=old["title"], category=old["category"], times=-1)
        if entry.category != UNSORTED:
            self.insert("decided_titles", title=entry.title, category=entry.category, times=1)
        return entry.category != UNSORTED

    def _write(self, entries: list[Entry], learnt: bool | None) -> None:
        """Write entries; one whose thing was already written in a newer version stays as it is."""
        settings = ", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS[1:], "lexemes"))
        settings += "" if learnt is None else ", learnt = excluded.learnt"
        statement = f"""INSERT INTO search_entries ({", ".join(COLUMNS)}, learnt, lexemes) VALUES %s
                        ON CONFLICT (id) DO UPDATE SET {settings} WHERE search_entries.version <= excluded.version"""
        template = f"({', '.join(_template(name) for name in COLUMNS)}, %s, array_to_tsvector(%s::text[]))"
        self._write_added()
        with self.connection.connection.cursor() as cursor:
            for part in (entries[at : at + AT_ONCE] for at in range(0, len(entries), AT_ONCE)):
                rows = [
                    (*(_value(getattr(entry, name)) for name in COLUMNS), bool(learnt), found_by(entry))
                    for entry in part
                ]
                execute_values(cursor, statement, rows, template=template, page_size=AT_ONCE)
                time.sleep(0)  # let other calls of this process go on


def _template(name: str) -> str:
    return {"id": "%s::uuid", "target_groups": "%s::text[]"}.get(name, "%s")


def _value(value):
    return list(value) if isinstance(value, tuple) else value
