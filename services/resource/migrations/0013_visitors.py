"""Who keeps coming to whom, and may therefore learn who to reach."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE TABLE visitors (
            pairing_id uuid PRIMARY KEY,
            version    int NOT NULL,
            client_id  uuid NOT NULL,
            accounts   text[] NOT NULL
        );
        CREATE INDEX visitors_of_client ON visitors (client_id);
    """)
