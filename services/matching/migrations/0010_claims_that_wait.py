"""A claim that nobody decides on is reminded of as well."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';
        SET CONSTRAINTS claims_add_up IMMEDIATE;

        ALTER TABLE claims DROP CONSTRAINT claims_check5;
        UPDATE claims SET remind_at = claimed_at + make_interval(days => (SELECT remind_after_days FROM claim_rules))
        WHERE state = 'claimed';
        ALTER TABLE claims ADD CONSTRAINT claim_reminded_while_live
            CHECK ((remind_at IS NOT NULL) = (state IN ('claimed', 'approved')));
    """)
