"""The SQL of what was written about matches: read for a reveal, blanked, sealed anew."""

from chassis.database import Store


class NoteStore(Store):
    """Sealed notes on matches, and the record of who was shown them."""

    def written_about(self, match_id: str) -> dict:
        """Return the sealed note on a match and the sealed comments of both sides."""
        return self.row(
            """SELECT m.note, r.comment AS recipient_comment, p.comment AS provider_comment FROM matches AS m
               LEFT JOIN match_ratings AS r ON r.match_id = m.id AND r.side = 'recipient'
               LEFT JOIN match_ratings AS p ON p.match_id = m.id AND p.side = 'provider'
               WHERE m.id = :match_id""",
            match_id=match_id,
        )

    def record_match_reveal(self, id: str, match_id: str, purpose: str, by: str) -> dict:
        return self.row(
            """INSERT INTO match_reveals (id, match_id, purpose, revealed_by) VALUES (:id, :match_id, :purpose, :by)
               RETURNING id, match_id, purpose, revealed_by, revealed_at""",
            id=id,
            match_id=match_id,
            purpose=purpose,
            by=by,
        )

    def match_reveals(self, match_id: str, *, after, limit) -> dict:
        return self.page(
            "SELECT id, match_id, purpose, revealed_by, revealed_at FROM match_reveals WHERE match_id = :match_id",
            match_id=match_id,
            after=after,
            limit=limit,
        )

    def blank_notes_on(self, client_id: str) -> None:
        """Forget what was written about the matches of a person's needs."""
        self.execute(
            """UPDATE match_ratings SET comment = NULL WHERE comment IS NOT NULL AND match_id IN
                   (SELECT m.id FROM matches AS m JOIN needs AS n ON n.id = m.need_id WHERE n.client_id = :client_id)""",
            client_id=client_id,
        )
        self.execute(
            """UPDATE matches SET note = NULL, reason = CASE WHEN state = 'declined' THEN '' ELSE reason END
               WHERE (note IS NOT NULL OR state = 'declined')
                 AND need_id IN (SELECT id FROM needs WHERE client_id = :client_id)""",
            client_id=client_id,
        )

    def reseal_notes(self, keyring, limit: int) -> int:
        """Seal anew what an older key sealed; return how many values. Nothing is left at 0."""
        notes = self.rows(
            """SELECT id::text AS id, note FROM matches WHERE note NOT LIKE :current
               ORDER BY id LIMIT :limit FOR NO KEY UPDATE""",
            current=f"{keyring.current}:%",
            limit=limit,
        )
        for row in notes:
            fresh = _again(keyring, row["note"], f"match/{row['id']}/note")
            self.execute("UPDATE matches SET note = :fresh WHERE id = :id", fresh=fresh, id=row["id"])
        comments = self.rows(
            """SELECT match_id::text AS id, side, comment FROM match_ratings WHERE comment NOT LIKE :current
               ORDER BY match_id, side LIMIT :limit FOR NO KEY UPDATE""",
            current=f"{keyring.current}:%",
            limit=limit,
        )
        for row in comments:
            self.execute(
                "UPDATE match_ratings SET comment = :fresh WHERE match_id = :id AND side = :side",
                fresh=_again(keyring, row["comment"], f"match/{row['id']}/{row['side']}"),
                id=row["id"],
                side=row["side"],
            )
        return len(notes) + len(comments)


def _again(keyring, sealed, about):
    return keyring.seal(keyring.open(sealed, about), about)
