"""Needs and offers as matching sees them, and the matches between them."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE TABLE needs (
            id              uuid PRIMARY KEY,
            version         int NOT NULL,
            title           text NOT NULL,
            community       text NOT NULL,
            community_name  text NOT NULL,
            category        text NOT NULL,
            category_name   text NOT NULL,
            quantity        bigint NOT NULL CHECK (quantity >= 0),
            allocated       bigint NOT NULL DEFAULT 0,
            unit            text NOT NULL,
            starts_at       timestamptz,
            ends_at         timestamptz,
            target_group    text NOT NULL,
            urgency         int NOT NULL,
            registered_by   text NOT NULL,
            open            boolean NOT NULL DEFAULT true,
            -- A change may ask for less than is already set aside; only a confirmation may not exceed it.
            CONSTRAINT need_not_over_allocated CHECK (allocated BETWEEN 0 AND greatest(quantity, allocated_before)),
            allocated_before bigint NOT NULL DEFAULT 0
        );
        CREATE INDEX needs_to_match ON needs (category, unit) WHERE open AND allocated < quantity;

        CREATE TABLE offers (
            id              uuid PRIMARY KEY,
            version         int NOT NULL,
            title           text NOT NULL,
            community       text NOT NULL,
            community_name  text NOT NULL,
            serves          text[] NOT NULL,
            category        text NOT NULL,
            category_name   text NOT NULL,
            quantity        bigint NOT NULL CHECK (quantity >= 0),
            allocated       bigint NOT NULL DEFAULT 0,
            unit            text NOT NULL,
            starts_at       timestamptz,
            ends_at         timestamptz,
            target_groups   text[] NOT NULL,
            registered_by   text NOT NULL,
            open            boolean NOT NULL DEFAULT true,
            CONSTRAINT offer_not_over_allocated CHECK (allocated BETWEEN 0 AND greatest(quantity, allocated_before)),
            allocated_before bigint NOT NULL DEFAULT 0
        );
        CREATE INDEX offers_to_match ON offers (category, unit) WHERE open AND allocated < quantity;

        CREATE TABLE matches (
            id          uuid PRIMARY KEY,
            version     int NOT NULL,
            need_id     uuid NOT NULL REFERENCES needs,
            offer_id    uuid NOT NULL REFERENCES offers,
            quantity    bigint NOT NULL CHECK (quantity > 0),
            score       int NOT NULL CHECK (score BETWEEN 0 AND 100),
            parts       jsonb NOT NULL,
            state       text NOT NULL CHECK (state IN ('proposed', 'confirmed', 'declined', 'lapsed')),
            reason      text,
            decided_by  text,
            decided_at  timestamptz,
            created_at  timestamptz NOT NULL DEFAULT now(),
            CHECK ((state IN ('confirmed', 'declined')) = (decided_by IS NOT NULL))
        );
        -- One open suggestion for a pair; a pair that was declined is never suggested again.
        CREATE UNIQUE INDEX matches_one_proposal ON matches (need_id, offer_id) WHERE state IN ('proposed', 'declined');
        CREATE INDEX matches_of_need ON matches (need_id, id DESC);
        CREATE INDEX matches_of_offer ON matches (offer_id, id DESC);
        CREATE INDEX matches_by_state ON matches (state, id DESC);
    """)
