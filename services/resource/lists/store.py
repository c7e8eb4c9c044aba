"""The SQL of imports."""

from datetime import date

from psycopg2.extras import execute_values

from chassis.database import as_json
from contracts.words import Date, Slot
from services.resource.library import SHAPES, columns_of, thing_of
from services.resource.private.store import PrivateStore

GONE = ("withdrawn", "cancelled", "left", "merged", "expired")

# How a row's twin among what is there is recognised: t is the thing, r the row.
_TWINS = {
    "needs": """FROM needs AS t LEFT JOIN clients AS c ON c.id = t.client_id WHERE plain_title(t.title) = r.plain AND t.created_at > :since AND (
                   (t.community = r.community AND t.category = r.category
                    AND coalesce(coalesce(c.phone_digest, t.phone_digest) = r.phone_digest, true))
                   OR coalesce(c.phone_digest, t.phone_digest) = r.phone_digest)""",
    "offers": """FROM offers AS t JOIN providers AS p ON p.id = t.provider_id
                 WHERE plain_title(t.title) = r.plain AND t.community = r.community AND t.category = r.category
                   AND t.created_at > :since AND plain_title(p.name) = plain_title(r.provider)""",
    "providers": """FROM providers AS t WHERE plain_title(t.name) = r.plain
                      AND (t.community = r.community OR t.phone_digest = r.phone_digest)""",
}
_SAME_IN_FILE = {
    "needs": """((t.community = r.community AND t.category = r.category
                  AND coalesce(t.phone_digest = r.phone_digest, true)) OR t.phone_digest = r.phone_digest)""",
    "offers": """t.community = r.community AND t.category = r.category
                 AND plain_title(t.provider) = plain_title(r.provider)""",
    "providers": "(t.community = r.community OR t.phone_digest = r.phone_digest)",
}
_ROW = ("line", "outcome", "reasons", "title", "community", "category", "provider", "phone_digest", "subject_id", "version", "before")  # fmt: skip
_JOB = """id::text AS id, kind, mapping, state, attempts, rows, done, created, rejected, columns, rules, communities, imported_by,
          imported_at, read_at, applied_by, applied_at, undone_by, undone_at"""


class ListStore(PrivateStore):
    """What came in by lists."""

    def add_import(self, **values) -> None:
        self.execute(
            """INSERT INTO imports (id, kind, mapping, state, rows, columns, rules, communities, imported_by)
               VALUES (:id, :kind, :mapping, 'reading', :rows, CAST(:columns AS text[]), CAST(:rules AS jsonb),
                       CAST(:communities AS text[]), :imported_by)""",
            **values | {"rules": as_json(values["rules"])},
        )

    def add_batch(self, import_id: str, number: int, content: str) -> None:
        self.execute(
            "INSERT INTO import_batches (import_id, number, content) VALUES (:import_id, :number, :content)",
            import_id=import_id,
            number=number,
            content=content,
        )

    def import_of(self, id: str, *, lock: bool = False) -> dict | None:
        return self.row(f"SELECT {_JOB} FROM imports WHERE id = :id{' FOR UPDATE' if lock else ''}", id=id)

    def imports_by(self, by: str | None, *, after, limit) -> dict:
        """Return a page of imports; of one person's, where one is named."""
        mine = "imported_by = :by" if by else "true"
        return self.page(
            f"SELECT {_JOB} FROM imports WHERE {mine}", after=after, limit=limit, **({"by": by} if by else {})
        )

    def import_to_read(self) -> dict | None:
        """Return the import that failed least and has waited longest, unless somebody just decides about it."""
        return self.row(
            f"""SELECT {_JOB} FROM imports WHERE state = 'reading' ORDER BY attempts, id LIMIT 1
                FOR UPDATE SKIP LOCKED"""
        )

    def next_batch(self, import_id: str) -> dict | None:
        return self.row(
            """SELECT number, content FROM import_batches WHERE import_id = :import_id AND NOT checked
               ORDER BY number LIMIT 1""",
            import_id=import_id,
        )

    def batches(self, import_id: str):
        """Yield the sealed batches of an import, one at a time."""
        sql = "SELECT content FROM import_batches WHERE import_id = :import_id AND number = :number"
        number = 0
        while batch := self.row(sql, import_id=import_id, number=number):
            yield number, batch["content"]
            number += 1

    def save_batch(self, import_id: str, number: int, content: str) -> None:
        self.execute(
            """UPDATE import_batches SET content = :content, checked = true
               WHERE import_id = :import_id AND number = :number""",
            import_id=import_id,
            number=number,
            content=content,
        )

    def save_import(self, id: str, **values) -> None:
        settings = ", ".join(f"{name} = :{name}" for name in values)
        self.execute(f"UPDATE imports SET {settings} WHERE id = CAST(:id AS uuid)", id=id, **values)

    def drop_batches(self, import_id: str) -> None:
        self.execute("DELETE FROM import_batches WHERE import_id = :id", id=import_id)

    def drop_rows(self, import_id: str) -> None:
        self.execute("DELETE FROM import_rows WHERE import_id = :id", id=import_id)

    def imports_to_forget(self, before, limit: int) -> list[dict]:
        """Return old imports of which something is still kept."""
        return self.rows(
            f"""SELECT {_JOB} FROM imports AS i WHERE imported_at < :before
                  AND coalesce(applied_at, imported_at) < :before
                  AND (state IN ('reading', 'previewed')
                       OR EXISTS (SELECT FROM import_rows AS r WHERE r.import_id = i.id))
                ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED""",
            before=before,
            limit=limit,
        )

    def add_rows(self, import_id: str, rows: list) -> None:
        """Keep what is said of some rows, without their private data."""
        values = []
        for row in rows:
            known = row.outcome != "wrong"
            data = row.data if known else {}
            values.append(
                (
                    import_id, row.line, row.outcome, as_json(row.reasons), row.title, data.get("community"),
                    data.get("category"), (row.provider or {}).get("name") if known else None,
                    row.phone_digest if known else None, row.subject_id, row.version,
                    as_json({name: _text(value) for name, value in row.before.items()}) if row.before else None,
                )
            )  # fmt: skip
        with self.connection.connection.cursor() as cursor:
            execute_values(
                cursor,
                f"INSERT INTO import_rows (import_id, {', '.join(_ROW)}) VALUES %s",
                values,
                template=f"(%s::uuid, {', '.join('%s::uuid' if name == 'subject_id' else '%s' for name in _ROW)})",
                page_size=500,
            )

    def mark_twins(
        self, import_id: str, kind: str, *, first: int, last: int, since, column: str | None, letter: str
    ) -> int:
        """Mark new rows between two lines that are there already, or stand further up; return how many."""
        values = {"id": import_id, "first": first, "last": last, "column": column, "letter": letter}
        reason = """reasons = r.reasons || jsonb_build_array(jsonb_build_object('column', CAST(:column AS text),
                    'cell', CASE WHEN :letter = '' THEN NULL ELSE :letter || r.line END, 'slug', CAST(:slug AS text)))"""
        these = "r.import_id = CAST(:id AS uuid) AND r.outcome = 'new' AND r.became IS NULL AND r.line BETWEEN :first AND :last"
        # By its place, because new rows are not in the statistics yet: by line, each is compared with the whole import.
        there = self.execute(
            f"""UPDATE import_rows AS r SET outcome = 'duplicate', subject_id = twin.id, {reason}
                FROM (SELECT r.ctid, t.id FROM import_rows AS r CROSS JOIN LATERAL (
                          SELECT t.id {_TWINS[kind]} AND t.state <> ALL(:gone) ORDER BY t.id DESC LIMIT 1) AS t
                      WHERE {these}) AS twin
                WHERE r.ctid = twin.ctid""",
            slug="same_as_existing",
            gone=list(GONE),
            **values | ({} if kind == "providers" else {"since": since}),
        )
        further_up = self.execute(
            f"""UPDATE import_rows AS r SET outcome = 'duplicate', twin = up.twin, {reason}
                FROM (SELECT r.ctid, t.line AS twin FROM import_rows AS r CROSS JOIN LATERAL (
                          SELECT t.line FROM import_rows AS t
                          WHERE t.import_id = r.import_id AND t.plain = r.plain AND t.line < r.line
                            AND t.outcome <> 'wrong' AND {_SAME_IN_FILE[kind]}
                          ORDER BY t.line LIMIT 1) AS t
                      WHERE {these}) AS up
                WHERE r.ctid = up.ctid""",
            slug="same_as_earlier_row",
            **values,
        )
        return there + further_up

    def outcomes(self, import_id: str) -> dict[str, int]:
        """Return how many rows of an import there are of each outcome."""
        rows = self.rows(
            "SELECT outcome, count(*) AS n FROM import_rows WHERE import_id = :id GROUP BY outcome ORDER BY outcome",
            id=import_id,
        )
        return {row["outcome"]: row["n"] for row in rows}

    def became(self, import_id: str) -> dict[str, int]:
        """Return how many rows of an import became what."""
        rows = self.rows(
            """SELECT became, count(*) AS n FROM import_rows WHERE import_id = :id AND became IS NOT NULL
               GROUP BY became ORDER BY became""",
            id=import_id,
        )
        return {row["became"]: row["n"] for row in rows}

    def rows_between(self, import_id: str, first: int, last: int) -> dict[int, dict]:
        """Return outcome, subject and version of the rows between two lines."""
        rows = self.rows(
            """SELECT line, outcome, subject_id::text AS subject_id, version, community FROM import_rows
               WHERE import_id = :id AND line BETWEEN :first AND :last ORDER BY line""",
            id=import_id,
            first=first,
            last=last,
        )
        return {row["line"]: row for row in rows}

    def communities_of_rows(self, import_id: str) -> list[str]:
        rows = self.rows(
            "SELECT DISTINCT community FROM import_rows WHERE import_id = :id AND community IS NOT NULL ORDER BY community",
            id=import_id,
        )
        return [row["community"] for row in rows]

    def note_taken(self, import_id: str, taken: list[tuple]) -> None:
        """Keep what rows became: (line, became, subject, version, provider that was made for it)."""
        if taken:
            with self.connection.connection.cursor() as cursor:
                execute_values(
                    cursor,
                    """UPDATE import_rows AS r SET became = v.became, subject_id = v.subject_id, version = v.version,
                              made_provider = v.provider
                       FROM (VALUES %s) AS v (import_id, line, became, subject_id, version, provider)
                       WHERE r.import_id = v.import_id AND r.line = v.line""",
                    [(import_id, *row) for row in taken],
                    template="(%s::uuid, %s, %s, %s::uuid, %s, %s::uuid)",
                    page_size=500,
                )

    def note_skipped(self, import_id: str) -> None:
        self.execute("UPDATE import_rows SET became = 'skipped' WHERE import_id = :id AND became IS NULL", id=import_id)

    def taken_rows(self, import_id: str, after: int, limit: int = 500) -> list[dict]:
        """Return rows that became something, in the file's order."""
        return self.rows(
            """SELECT line, became, subject_id::text AS subject_id, version, before, made_provider::text AS made_provider
               FROM import_rows WHERE import_id = :id AND line > :after AND became IN ('created', 'changed')
               ORDER BY line LIMIT :limit""",
            id=import_id,
            after=after,
            limit=limit,
        )

    def note_undone(self, import_id: str, lines: list[int], became: str, reason: dict | None = None) -> None:
        self.execute(
            """UPDATE import_rows SET became = :became, reasons = reasons || CAST(:reasons AS jsonb)
               WHERE import_id = :id AND line = ANY(:lines)""",
            id=import_id,
            lines=lines,
            became=became,
            reasons=as_json([reason] if reason else []),
        )

    def reasons_of(self, import_id: str) -> list[dict]:
        """Return everything that is to be said of an import's rows, in the file's order."""
        return self.rows(
            """SELECT line, outcome, reason ->> 'column' AS column, reason ->> 'slug' AS slug,
                      reason -> 'suggested' AS suggested
               FROM import_rows, jsonb_array_elements(reasons) WITH ORDINALITY AS r (reason, place)
               WHERE import_id = :id ORDER BY line, place""",
            id=import_id,
        )

    def page_of_rows(self, import_id: str, *, outcome, became, after, limit) -> dict:
        """Return a page of an import's rows, in the file's order."""
        sql, values = "", {}
        for name, value in (("outcome", outcome), ("became", became)):
            if value:
                sql += f" AND {name} = :{name}"
                values[name] = value
        rows = self.rows(
            f"""SELECT line, outcome, reasons, title, subject_id, twin, became FROM import_rows
                WHERE import_id = :id AND line > :after{sql} ORDER BY line LIMIT :most""",
            id=import_id,
            after=after or 0,
            most=limit + 1,
            **values,
        )
        return {"items": rows[:limit], "next": str(rows[limit - 1]["line"]) if len(rows) > limit else None}

    def things(self, kind, ids: list[str], *, lock: bool = False) -> dict:
        """Return things of a kind by their ids; locked, nobody else changes them meanwhile."""
        rows = self.rows(
            f"SELECT {columns_of(kind)} FROM {SHAPES[kind].table} WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id"
            + (" FOR UPDATE" if lock else ""),
            ids=ids,
        )
        return {row["id"]: thing_of(kind, row) for row in rows}

    def sealed(self, kind, ids: list[str]) -> list[dict]:
        """Return the sealed private data of things by their ids."""
        shape = SHAPES[kind]
        return self.rows(
            f"""SELECT id::text AS id, {", ".join(shape.private)} FROM {shape.table}
                WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id""",
            ids=ids,
        )

    def record_reveals(self, shown: list[tuple[str, str, str]], purpose: str, by: str) -> None:
        """Put on record that private data of many were shown at once: (id of the record, whose, community)."""
        for id, subject, community in shown:
            self.insert("reveals", id=id, subject_id=subject, purpose=purpose, revealed_by=by, community=community)

    def forget_results_of_exports(self, before) -> None:
        """Let go results of commands that hold private data of many."""
        self.execute("DELETE FROM commands WHERE command LIKE 'export_%' AND created_at < :before", before=before)

    def one_apply_at_a_time(self) -> None:
        """Let no two imports be applied at once, because neither would see the other's rows."""
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended('apply import', 0))")

    def reseal(self, keyring, limit: int) -> int:
        """Seal private data anew that an older key sealed, batches of imports too; return how many values."""
        changed = super().reseal(keyring, limit)
        old = self.rows(
            """SELECT import_id::text AS import_id, number, content FROM import_batches WHERE content NOT LIKE :current
               ORDER BY import_id, number LIMIT 20 FOR UPDATE""",
            current=f"{keyring.current}:%",
        )
        for batch in old:
            about = f"import/{batch['import_id']}/{batch['number']}"
            self.execute(
                "UPDATE import_batches SET content = :content WHERE import_id = CAST(:import_id AS uuid) AND number = :number",
                **batch | {"content": keyring.seal(keyring.open(batch["content"], about), about)},
            )
        return changed + len(old)


def _text(value):
    if isinstance(value, (list, tuple)):
        return [_text(part) for part in value]
    if isinstance(value, (Slot, Date)):
        return {name: _text(part) for name, part in vars(value).items()}
    return value.isoformat() if isinstance(value, date) else value
