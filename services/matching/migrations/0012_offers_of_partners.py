"""The matches of a partner's offers are found by the partner."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE INDEX offers_of ON offers (registered_by);
    """)
