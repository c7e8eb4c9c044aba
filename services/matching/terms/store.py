"""The SQL of categories and communities as matching knows them."""

from chassis.database import Store, as_json


class TermStore(Store):
    """Categories and communities."""

    def save_category(self, event) -> bool:
        """Keep a category as its publisher describes it; return whether this was newer than what is known."""
        return bool(
            self.execute(
                """INSERT INTO categories AS known (code, version, parent, name, synonyms, related, things)
                   VALUES (:code, :version, :parent, :name, CAST(:synonyms AS text[]), CAST(:related AS text[]),
                       CAST(:things AS jsonb))
                   ON CONFLICT (code) DO UPDATE SET version = excluded.version, parent = excluded.parent,
                       name = excluded.name, synonyms = excluded.synonyms, related = excluded.related,
                       things = excluded.things
                   WHERE known.version < excluded.version""",
                code=event.code,
                version=event.version,
                parent=event.parent,
                name=event.name,
                synonyms=list(event.synonyms),
                related=list(event.related),
                things=as_json([vars(thing) for thing in event.things]),
            )
        )

    def save_community(self, event) -> bool:
        """Keep a community as its publisher describes it; return whether this was newer than what is known."""
        return bool(
            self.execute(
                """INSERT INTO communities AS known (code, version, name, neighbours)
                   VALUES (:code, :version, :name, CAST(:neighbours AS text[]))
                   ON CONFLICT (code) DO UPDATE SET version = excluded.version, name = excluded.name,
                       neighbours = excluded.neighbours
                   WHERE known.version < excluded.version""",
                code=event.code,
                version=event.version,
                name=event.name,
                neighbours=list(event.neighbours),
            )
        )
