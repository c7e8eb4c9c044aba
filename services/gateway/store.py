"""The SQL of the gateway's own database: users, sessions, and answers kept for repeated requests."""

from datetime import datetime

from chassis.database import Store

_USER = "users.id, username, display_name, roles, communities, active, users.created_at"


class GatewayStore(Store):
    """One open transaction on users and sessions."""

    def add_user(self, user: dict) -> bool:
        """Add a user; return False where the username is taken."""
        return bool(
            self.execute(
                """
                INSERT INTO users (id, username, display_name, password, roles, communities, active, created_at)
                VALUES (:id, :username, :display_name, :password, :roles, :communities, true, :created_at)
                ON CONFLICT (username) DO NOTHING
                """,
                **user,
            )
        )

    def user(self, id: str, *, lock: bool = False) -> dict | None:
        return self.row(
            f"SELECT {_USER} FROM users WHERE id = CAST(:id AS uuid)" + (" FOR UPDATE" if lock else ""), id=id
        )

    def user_with_password(self, username: str) -> dict | None:
        return self.row(f"SELECT {_USER}, password FROM users WHERE username = :username", username=username)

    def users(self, *, after: str | None, limit: int) -> dict:
        """Return one page of users, newest first."""
        return self.page(f"SELECT {_USER} FROM users WHERE true", after=after, limit=limit)

    def names(self, ids: list[str]) -> dict[str, str]:
        """Return the display name of each of these users who is known."""
        rows = self.rows(
            "SELECT id::text AS id, display_name FROM users WHERE id::text = ANY(:ids) ORDER BY id", ids=ids
        )
        return {row["id"]: row["display_name"] for row in rows}

    def staff(self, roles: tuple[str, ...], *, after: str | None, limit: int) -> dict:
        """Return one page of the active users with one of these roles, newest first."""
        return self.page(
            f"SELECT {_USER} FROM users WHERE active AND roles && CAST(:roles AS text[])",
            roles=list(roles),
            after=after,
            limit=limit,
        )

    def save_user(self, user: dict) -> None:
        self.execute(
            """
            UPDATE users
            SET display_name = :display_name, roles = :roles, communities = :communities, active = :active
            WHERE id = CAST(:id AS uuid)
            """,
            **{name: user[name] for name in ("id", "display_name", "roles", "communities", "active")},
        )

    def save_password(self, id: str, password: str) -> None:
        self.execute("UPDATE users SET password = :password WHERE id = CAST(:id AS uuid)", id=id, password=password)

    def lock_operators(self) -> list[str]:
        """Return the ids of the active operators, locked so that no two requests remove the last two at once."""
        rows = self.rows("SELECT id FROM users WHERE active AND roles @> ARRAY['operator'] ORDER BY id FOR UPDATE")
        return [str(row["id"]) for row in rows]

    def add_session(self, token_hash: bytes, user_id: str, now: datetime, expires_at: datetime) -> None:
        self.execute(
            """
            INSERT INTO sessions (token_hash, user_id, created_at, expires_at)
            VALUES (:token_hash, CAST(:user_id AS uuid), :now, :expires_at)
            """,
            token_hash=token_hash,
            user_id=user_id,
            now=now,
            expires_at=expires_at,
        )

    def session(self, token_hash: bytes, now: datetime) -> dict | None:
        """Return the user of a session that is still good, with its expires_at."""
        return self.row(
            f"""
            SELECT {_USER}, expires_at FROM sessions JOIN users ON users.id = user_id
            WHERE token_hash = :token_hash AND revoked_at IS NULL AND expires_at > :now AND active
            """,
            token_hash=token_hash,
            now=now,
        )

    def revoke_session(self, token_hash: bytes, now: datetime) -> None:
        self.execute(
            "UPDATE sessions SET revoked_at = :now WHERE token_hash = :token_hash", token_hash=token_hash, now=now
        )

    def revoke_sessions_of(self, user_id: str, now: datetime) -> None:
        self.execute(
            "UPDATE sessions SET revoked_at = :now WHERE user_id = CAST(:user_id AS uuid) AND revoked_at IS NULL",
            user_id=user_id,
            now=now,
        )

    def lock_key(self, asked_by: str, key: str) -> None:
        """Let one request with this key at a time past here, until its transaction ends."""
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", name=f"{asked_by} {key}")

    def answer(self, asked_by: str, key: str) -> dict | None:
        return self.row(
            "SELECT fingerprint, answer FROM answers WHERE asked_by = CAST(:asked_by AS uuid) AND key = :key",
            asked_by=asked_by,
            key=key,
        )

    def keep_answer(self, asked_by: str, key: str, fingerprint: bytes, answer: str, now: datetime) -> None:
        self.execute(
            """
            INSERT INTO answers (asked_by, key, fingerprint, answer, created_at)
            VALUES (CAST(:asked_by AS uuid), :key, :fingerprint, :answer, :now)
            """,
            asked_by=asked_by,
            key=key,
            fingerprint=fingerprint,
            answer=answer,
            now=now,
        )

    def forget(self, before: datetime) -> None:
        """Remove sessions that ended and answers that were kept before this time."""
        self.execute("DELETE FROM sessions WHERE expires_at < :before", before=before)
        self.execute("DELETE FROM answers WHERE created_at < :before", before=before)
