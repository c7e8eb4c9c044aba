"""Who signs in for a helper, also for one who is named by the provider alone."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE pairing_helpers ADD account text NOT NULL DEFAULT '';
        UPDATE pairing_helpers AS h SET account = h.helper WHERE h.helper <> '';
        UPDATE pairing_helpers AS h SET account = p.registered_by
        FROM providers AS p WHERE h.helper = '' AND p.id::text = h.provider_id;
        CREATE INDEX pairing_helpers_by_account ON pairing_helpers (account, pairing_id) WHERE account <> '';
    """)
