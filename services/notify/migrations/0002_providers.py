"""What providers agreed to be told in the inbox."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE TABLE providers (
            id            uuid PRIMARY KEY,
            version       int NOT NULL,
            registered_by text NOT NULL,
            serves        text[] NOT NULL,
            topics        text[] NOT NULL
        );
        CREATE INDEX providers_by_topic ON providers USING gin (topics);
    """)
