"""When each need was last put into the line of what is looked at anew."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE needs ADD COLUMN looked_at timestamptz NOT NULL DEFAULT now();
        CREATE INDEX needs_looked_at ON needs (looked_at, id) WHERE open AND allocated < quantity;
    """)
