"""Users, their sessions, and the answers kept for repeated requests."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE users (
            id uuid PRIMARY KEY,
            username text NOT NULL UNIQUE CHECK (username ~ '^[a-z][a-z0-9_.-]{1,31}$'),
            display_name text NOT NULL CHECK (display_name <> ''),
            password text NOT NULL,
            roles text[] NOT NULL,
            communities text[] NOT NULL DEFAULT '{}',
            active boolean NOT NULL DEFAULT true,
            created_at timestamptz NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE sessions (
            token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
            user_id uuid NOT NULL REFERENCES users (id),
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX sessions_of_user ON sessions (user_id)")
    op.execute("CREATE INDEX sessions_by_age ON sessions (expires_at)")
    op.execute(
        """
        CREATE TABLE answers (
            asked_by uuid NOT NULL REFERENCES users (id),
            key text NOT NULL,
            fingerprint bytea NOT NULL,
            answer text NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (asked_by, key)
        )
        """
    )
    op.execute("CREATE INDEX answers_by_age ON answers (created_at)")
