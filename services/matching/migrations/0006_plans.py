"""Plans of the whole board, and what they recommend now."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE TABLE plans (
            id           uuid PRIMARY KEY,
            version      int NOT NULL DEFAULT 1,
            made_by      text,  -- nobody: the regular duty
            needs        int NOT NULL,
            offers       int NOT NULL,
            pairs        int NOT NULL,
            value        bigint NOT NULL,
            value_before bigint NOT NULL,
            changed      int NOT NULL,
            milliseconds int NOT NULL,
            created_at   timestamptz NOT NULL DEFAULT now()
        );

        CREATE TABLE recommendations (
            need_id  uuid NOT NULL REFERENCES needs,
            offer_id uuid NOT NULL REFERENCES offers,
            occasion text NOT NULL,
            quantity bigint NOT NULL CHECK (quantity > 0),
            score    int NOT NULL,
            why      text NOT NULL,
            plan_id  uuid NOT NULL REFERENCES plans,
            PRIMARY KEY (need_id, offer_id, occasion)
        );
        CREATE INDEX recommendations_of_plan ON recommendations (plan_id);

        -- What a plan changed, and why: one row for each pair.
        CREATE TABLE plan_changes (
            id       uuid PRIMARY KEY,
            plan_id  uuid NOT NULL REFERENCES plans,
            need_id  uuid NOT NULL REFERENCES needs,
            offer_id uuid NOT NULL REFERENCES offers,
            occasion text NOT NULL,
            quantity bigint NOT NULL CHECK (quantity >= 0),
            before   bigint NOT NULL CHECK (before >= 0),
            why      text NOT NULL
        );
        CREATE INDEX plan_changes_of_plan ON plan_changes (plan_id, id DESC);
        CREATE INDEX plan_changes_of_need ON plan_changes (need_id, id DESC);
    """)
