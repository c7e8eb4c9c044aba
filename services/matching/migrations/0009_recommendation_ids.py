"""Recommendations have ids of their own, by which they are paged; waiting tells urgent needs apart as well."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE recommendations ADD id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid();
        UPDATE weights SET about = '缓急：紧急得三分之二，较急得三分之一；每等一周加一分，不超过满分' WHERE part = 'urgency';
    """)
