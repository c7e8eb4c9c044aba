"""The SQL of categories and communities, and of the words in what people decided."""

from sqlalchemy.exc import IntegrityError

from chassis.database import Store, as_json

MOST_WORDS = 20_000
CATEGORY = """
    SELECT c.code, c.parent, c.name, c.synonyms, c.version, c.things,
           ARRAY(SELECT r.related FROM related_categories AS r WHERE r.code = c.code ORDER BY r.related) AS related
    FROM categories AS c"""
COMMUNITY = """
    SELECT c.code, c.name, c.version,
           ARRAY(SELECT n.other FROM neighbours AS n WHERE n.one = c.code
                 UNION SELECT n.one FROM neighbours AS n WHERE n.other = c.code ORDER BY 1) AS neighbours
    FROM communities AS c"""
TABLES = {"category": (CATEGORY, "categories"), "community": (COMMUNITY, "communities")}


class WordStore(Store):
    """Categories and communities."""

    def communities(self) -> dict[str, str]:
        """Return the name of each community by its code."""
        return {r["code"]: r["name"] for r in self.rows("SELECT code, name FROM communities ORDER BY code")}

    def communities_whole(self) -> list[dict]:
        """Return each community with its neighbours and version."""
        return self.rows(f"{COMMUNITY} ORDER BY c.code")

    def community(self, code: str) -> dict | None:
        return self.row(f"{COMMUNITY} WHERE c.code = :code", code=code)

    def community_named(self, name: str) -> str | None:
        row = self.row("SELECT code FROM communities WHERE name = :name", name=name)
        return row and row["code"]

    def categories(self) -> list[dict]:
        """Return each category but for its things, which are many words."""
        return self.rows(f"{CATEGORY.replace('c.things,', '')} ORDER BY c.code")

    def categories_whole(self) -> list[dict]:
        return self.rows(f"{CATEGORY} ORDER BY c.code")

    def category(self, code: str) -> dict | None:
        return self.row(f"{CATEGORY} WHERE c.code = :code", code=code)

    def category_to_use(self, code: str) -> dict | None:
        """Return a category that nobody deletes before this transaction ends."""
        return self.row("SELECT code, parent, name FROM categories WHERE code = :code FOR KEY SHARE", code=code)

    def lock_words(self) -> None:
        """Let nobody else edit categories or communities before this transaction ends: links go both ways."""
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended('words', 0))")

    def save_category(self, code: str, *, parent, name, synonyms, related, things) -> None:
        """Keep a category as the next version, what it is made up of, and which others may help out."""
        self.execute(
            """INSERT INTO categories (code, parent, name, synonyms, things, version)
               VALUES (:code, :parent, :name, CAST(:synonyms AS text[]), CAST(:things AS jsonb),
                       1 + coalesce((SELECT version FROM categories_deleted WHERE code = :code), 0))
               ON CONFLICT (code) DO UPDATE
               SET name = :name, synonyms = CAST(:synonyms AS text[]), things = CAST(:things AS jsonb),
                   version = categories.version + 1""",
            code=code,
            parent=parent,
            name=name,
            synonyms=list(synonyms),
            things=as_json(things),
        )
        self.execute("DELETE FROM related_categories WHERE code = :code", code=code)
        self.execute(
            """INSERT INTO related_categories (code, related)
               SELECT :code, code FROM categories WHERE code = ANY(:related) AND code <> :code""",
            code=code,
            related=list(related),
        )

    def delete_category(self, code: str) -> bool:
        """Delete a category and the links to it; tell whether it was possible: what is in use stays."""
        self.execute(
            """INSERT INTO categories_deleted (code, version) SELECT code, version FROM categories WHERE code = :code
               ON CONFLICT (code) DO UPDATE SET version = excluded.version""",
            code=code,
        )
        self.execute(
            """UPDATE categories SET version = version + 1
               WHERE code IN (SELECT r.code FROM related_categories AS r WHERE r.related = :code)""",
            code=code,
        )
        try:
            self.execute("DELETE FROM categories WHERE code = :code", code=code)
        except IntegrityError:  # the foreign keys know who uses it, also of what is being written at this moment
            return False
        return True

    def save_community(self, code: str, name: str, neighbours) -> None:
        """Keep a community as the next version, with its neighbours; whoever gains or loses it has a next version too."""
        self.execute(
            """INSERT INTO communities (code, name) VALUES (:code, :name)
               ON CONFLICT (code) DO UPDATE SET name = :name, version = communities.version + 1""",
            code=code,
            name=name,
        )
        before = set(self.community(code)["neighbours"])
        gained, lost = set(neighbours) - before, before - set(neighbours)
        self.execute(
            """DELETE FROM neighbours
               WHERE (one = :code AND other = ANY(:lost)) OR (other = :code AND one = ANY(:lost))""",
            code=code,
            lost=sorted(lost),
        )
        self.execute(
            """INSERT INTO neighbours (one, other)
               SELECT least(code, :code), greatest(code, :code) FROM communities WHERE code = ANY(:gained)""",
            code=code,
            gained=sorted(gained),
        )
        self.execute(
            "UPDATE communities SET version = version + 1 WHERE code = ANY(:codes)", codes=sorted(gained | lost)
        )

    def untold(self, kind: str, limit: int) -> list[dict]:
        """Return the categories or communities that nobody was told of as they are now; they count as told from now on."""
        whole, table = TABLES[kind]
        rows = self.rows(f"{whole} WHERE c.told < c.version ORDER BY c.code LIMIT :limit FOR UPDATE", limit=limit)
        self.execute(f"UPDATE {table} SET told = version WHERE code = ANY(:codes)", codes=[row["code"] for row in rows])
        return rows

    def decided(self, words: list[str]) -> dict[str, dict[str, int]]:
        """Return how often people filed what has each of these words under which category; '' counts every title."""
        found: dict[str, dict[str, int]] = {}
        for row in self.rows(
            "SELECT word, category, times FROM decided_words WHERE word = ANY(:words) ORDER BY word, category",
            words=["", *words],
        ):
            found.setdefault(row["word"], {})[row["category"]] = row["times"]
        return found

    def take_decided_titles(self, limit: int) -> list[dict]:
        """Return what people decided and was not counted yet, the oldest first; it counts as taken."""
        return self.rows(
            """WITH taken AS (
                   DELETE FROM decided_titles WHERE id IN (SELECT id FROM decided_titles ORDER BY id LIMIT :limit)
                   RETURNING id, title, category, times)
               SELECT title, category, times FROM taken ORDER BY id""",
            limit=limit,
        )

    def count_words(self, counts: dict[tuple[str, str], int]) -> None:
        """Add to the counts of words; forget the rarest where there are too many."""
        words = sorted((word, category, times) for (word, category), times in counts.items() if times)
        values = {
            "words": [word for word, _, _ in words],
            "categories": [category for _, category, _ in words],
            "times": [times for _, _, times in words],
        }
        change = """
            WITH change AS (
                SELECT * FROM unnest(CAST(:words AS text[]), CAST(:categories AS text[]), CAST(:times AS int[]))
                              AS each (word, category, times))"""
        self.execute(
            f"""{change} DELETE FROM decided_words AS d USING change AS c
                WHERE d.word = c.word AND d.category = c.category AND d.times + c.times <= 0""",
            **values,
        )
        self.execute(
            f"""{change} INSERT INTO decided_words AS d (word, category, times)
                SELECT c.word, c.category, c.times FROM change AS c JOIN categories AS k ON k.code = c.category
                WHERE c.times > 0 OR EXISTS (SELECT FROM decided_words AS o WHERE o.word = c.word AND o.category = c.category)
                ON CONFLICT (word, category) DO UPDATE SET times = d.times + excluded.times""",
            **values,
        )
        self.execute(
            """DELETE FROM decided_words WHERE (word, category) IN (
                   SELECT word, category FROM decided_words WHERE word <> '' ORDER BY times, word, category
                   LIMIT greatest(0, (SELECT count(*) FROM decided_words) - :most))""",
            most=MOST_WORDS,
        )
