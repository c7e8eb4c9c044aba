"""Funds, and the applications for what they hold."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        -- Money is whole fen.
        CREATE TABLE funds (
            id          uuid PRIMARY KEY,
            version     int NOT NULL,
            name        text NOT NULL,
            amount      bigint NOT NULL CHECK (amount > 0),
            granted     bigint NOT NULL DEFAULT 0,
            created_by  text NOT NULL,
            created_at  timestamptz NOT NULL,
            CONSTRAINT fund_not_overdrawn CHECK (granted BETWEEN 0 AND amount)
        );

        CREATE TABLE applications (
            id            uuid PRIMARY KEY,
            version       int NOT NULL,
            fund_id       uuid NOT NULL REFERENCES funds,
            title         text NOT NULL,
            purpose       text NOT NULL,
            requested     bigint NOT NULL CHECK (requested > 0),
            granted       bigint,
            state         text NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'rejected')),
            reason        text,
            applicant     text NOT NULL,
            decided_by    text,
            created_at    timestamptz NOT NULL,
            submitted_at  timestamptz,
            decided_at    timestamptz,
            CONSTRAINT granted_at_most_what_was_asked CHECK (granted BETWEEN 1 AND requested),
            CONSTRAINT granted_when_approved CHECK ((state = 'approved') = (granted IS NOT NULL)),
            CONSTRAINT draft_until_submitted CHECK ((state = 'draft') = (submitted_at IS NULL)),
            CONSTRAINT decided_by_somebody_for_a_reason CHECK (
                (state IN ('approved', 'rejected')) = (decided_by IS NOT NULL)
                AND (decided_by IS NULL) = (decided_at IS NULL)
                AND (decided_by IS NULL) = (reason IS NULL)
            )
        );
        CREATE INDEX applications_of_fund ON applications (fund_id, id DESC);
        CREATE INDEX applications_of_fund_by_state ON applications (fund_id, state, id DESC);
        CREATE INDEX applications_by_state ON applications (state, id DESC);
        CREATE INDEX applications_of_applicant ON applications (applicant, id DESC);
    """)
