"""A pairing ends without evaluation where the person withdrew consent."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE pairings DROP CONSTRAINT pairings_check;
        ALTER TABLE pairings ADD CONSTRAINT pairing_ended_and_evaluated
            CHECK ((state = 'ended') = (ended_on IS NOT NULL AND ended_by IS NOT NULL AND reason IS NOT NULL)
                   AND (state = 'ended' AND reason <> 'consent_withdrawn')
                       = (stars IS NOT NULL AND goals_reached IS NOT NULL));
    """)
