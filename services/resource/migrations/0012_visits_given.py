"""Visits count as given, beside matches and claims."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE services_received_given
            DROP CONSTRAINT services_received_given_source_check,
            ADD CONSTRAINT services_received_given_source_check CHECK (source IN ('match', 'claim', 'visit'));
    """)
