"""Communities, categories, providers, offers, needs, and the record of reveals."""

from alembic import op

revision = "0001"
down_revision = None

CONTACT = """
            contact_name    text,
            contact_phone   text,
            contact_address text,
            phone_digest    bytea"""


def upgrade():
    op.execute(f"""
        SET lock_timeout = '5s';

        CREATE TABLE communities (
            code text PRIMARY KEY,
            name text NOT NULL UNIQUE
        );

        CREATE TABLE categories (
            code     text PRIMARY KEY,
            parent   text REFERENCES categories,
            name     text NOT NULL,
            synonyms text[] NOT NULL DEFAULT '{{}}',
            CHECK (parent IS NULL OR (code LIKE parent || '.%' AND parent NOT LIKE '%.%'))
        );

        CREATE TABLE providers (
            id            uuid PRIMARY KEY,
            version       int NOT NULL,
            kind          text NOT NULL,
            name          text NOT NULL,
            community     text NOT NULL REFERENCES communities,
            state         text NOT NULL CHECK (state IN ('active', 'withdrawn')),
            registered_by text NOT NULL,
            created_at    timestamptz NOT NULL DEFAULT now(), {CONTACT}
        );
        CREATE INDEX providers_by_community ON providers (community, id DESC);
        CREATE INDEX providers_by_name ON providers (name) WHERE state = 'active';
        CREATE INDEX providers_by_phone ON providers (phone_digest) WHERE phone_digest IS NOT NULL;

        CREATE TABLE offers (
            id            uuid PRIMARY KEY,
            version       int NOT NULL,
            provider_id   uuid NOT NULL REFERENCES providers,
            title         text NOT NULL,
            community     text NOT NULL REFERENCES communities,
            serves        text[] NOT NULL,
            category      text NOT NULL REFERENCES categories,
            quantity      bigint NOT NULL CHECK (quantity > 0),
            unit          text NOT NULL,
            starts_at     timestamptz,
            ends_at       timestamptz,
            target_groups text[] NOT NULL,
            state         text NOT NULL CHECK (state IN ('open', 'withdrawn')),
            registered_by text NOT NULL,
            created_at    timestamptz NOT NULL DEFAULT now(),
            CHECK (ends_at > starts_at)
        );
        CREATE INDEX offers_by_provider ON offers (provider_id, id DESC);
        CREATE INDEX offers_by_community ON offers (community, id DESC);
        CREATE INDEX offers_by_category ON offers (category text_pattern_ops, id DESC);

        CREATE TABLE needs (
            id            uuid PRIMARY KEY,
            version       int NOT NULL,
            title         text NOT NULL,
            community     text NOT NULL REFERENCES communities,
            category      text NOT NULL REFERENCES categories,
            quantity      bigint NOT NULL CHECK (quantity > 0),
            unit          text NOT NULL,
            starts_at     timestamptz,
            ends_at       timestamptz,
            target_group  text NOT NULL,
            urgency       int NOT NULL CHECK (urgency BETWEEN 1 AND 3),
            details       text,
            state         text NOT NULL CHECK (state IN ('open', 'withdrawn')),
            registered_by text NOT NULL,
            created_at    timestamptz NOT NULL DEFAULT now(), {CONTACT},
            CHECK (ends_at > starts_at)
        );
        CREATE INDEX needs_by_community ON needs (community, id DESC);
        CREATE INDEX needs_by_category ON needs (category text_pattern_ops, id DESC);
        CREATE INDEX needs_by_phone ON needs (phone_digest) WHERE phone_digest IS NOT NULL;

        CREATE TABLE reveals (
            id          uuid PRIMARY KEY,
            subject_id  uuid NOT NULL,
            purpose     text NOT NULL,
            revealed_by text NOT NULL,
            revealed_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX reveals_of_subject ON reveals (subject_id, id DESC);

        CREATE TABLE imports (
            id          uuid PRIMARY KEY,
            kind        text NOT NULL,
            mapping     text NOT NULL,
            rows        int NOT NULL,
            created     int NOT NULL,
            rejected    int NOT NULL,
            imported_by text NOT NULL,
            imported_at timestamptz NOT NULL DEFAULT now()
        );
    """)
