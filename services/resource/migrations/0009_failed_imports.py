"""Imports that are given up after so many attempts to read them."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE imports
            ADD attempts int NOT NULL DEFAULT 0,
            DROP CONSTRAINT imports_state_check,
            ADD CONSTRAINT imports_state_check
                CHECK (state IN ('reading', 'previewed', 'applied', 'undone', 'discarded', 'failed'));
    """)
