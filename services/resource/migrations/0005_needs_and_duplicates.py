"""Needs of clients, what was delivered for them, who may see their contact, and what may be there twice."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE needs
            DROP CONSTRAINT needs_state_check,
            ADD COLUMN client_id      uuid REFERENCES clients,
            ADD COLUMN client_kind    text NOT NULL DEFAULT 'person'
                                      CHECK (client_kind IN ('person', 'household', 'organisation')),
            ADD COLUMN source         text NOT NULL DEFAULT '',
            ADD COLUMN met            bigint NOT NULL DEFAULT 0 CHECK (met >= 0),
            ADD COLUMN closed_because text NOT NULL DEFAULT '',
            ADD COLUMN text_key       text NOT NULL DEFAULT '',
            ADD COLUMN sought         boolean NOT NULL DEFAULT true;
        ALTER TABLE needs ALTER COLUMN sought SET DEFAULT false;
        UPDATE needs SET state = 'cancelled', closed_because = 'other' WHERE state = 'withdrawn';
        UPDATE needs SET text_key = lower(replace(title, ' ', ''));
        ALTER TABLE needs
            ADD CONSTRAINT needs_state_check
                CHECK (state IN ('draft', 'open', 'partly_met', 'met', 'cancelled', 'lapsed')),
            ADD CONSTRAINT needs_met_as_state_says CHECK (CASE state
                WHEN 'draft' THEN met = 0
                WHEN 'open' THEN met = 0
                WHEN 'partly_met' THEN met > 0 AND met < quantity
                WHEN 'met' THEN met >= quantity
                ELSE true END);
        CREATE INDEX needs_of_client ON needs (client_id, id DESC) WHERE client_id IS NOT NULL;
        CREATE INDEX needs_by_end ON needs (ends_at, id) WHERE state IN ('draft', 'open', 'partly_met');
        CREATE INDEX needs_by_text ON needs (community, text_key, id DESC);
        CREATE INDEX needs_unsought ON needs (id) WHERE NOT sought;
        CREATE INDEX needs_with_contact ON needs (id)
            WHERE client_id IS NULL
              AND (contact_name IS NOT NULL OR contact_phone IS NOT NULL OR contact_address IS NOT NULL);

        CREATE TABLE need_deliveries (
            source_id    uuid NOT NULL,
            version      int NOT NULL,
            need_id      uuid NOT NULL REFERENCES needs,
            by_claim     boolean NOT NULL,
            quantity     bigint NOT NULL CHECK (quantity >= 0),
            delivered_on date NOT NULL,
            PRIMARY KEY (source_id, version)
        );
        CREATE INDEX deliveries_of_need ON need_deliveries (need_id);

        CREATE TABLE contact_grants (
            claim_id uuid PRIMARY KEY,
            version  int NOT NULL,
            need_id  uuid NOT NULL,
            user_id  text NOT NULL,
            live     boolean NOT NULL,
            ends_at  timestamptz
        );
        CREATE INDEX contact_grants_of_need ON contact_grants (need_id, user_id);

        CREATE TABLE merges (
            id        uuid PRIMARY KEY,
            kind      text NOT NULL CHECK (kind IN ('client', 'need')),
            kept      uuid NOT NULL,
            gone      uuid NOT NULL CHECK (gone <> kept),
            effects   jsonb NOT NULL,
            merged_by text NOT NULL,
            merged_at timestamptz NOT NULL DEFAULT now(),
            undone_by text,
            undone_at timestamptz,
            CHECK ((undone_by IS NULL) = (undone_at IS NULL))
        );
        CREATE UNIQUE INDEX merged_once ON merges (gone) WHERE undone_at IS NULL;
        CREATE INDEX merges_of_kept ON merges (kept, id) WHERE undone_at IS NULL;

        CREATE TABLE duplicates (
            id          uuid PRIMARY KEY,
            kind        text NOT NULL CHECK (kind IN ('client', 'need')),
            one         uuid NOT NULL,
            other       uuid NOT NULL,
            reason      text NOT NULL
                        CHECK (reason IN ('same_phone', 'same_name_and_birth_year', 'near_name_and_address', 'same_text')),
            likeness    int NOT NULL CHECK (likeness BETWEEN 0 AND 100),
            communities text[] NOT NULL,
            state       text NOT NULL CHECK (state IN ('open', 'merged', 'dismissed', 'undone')),
            merge_id    uuid REFERENCES merges,
            found_at    timestamptz NOT NULL DEFAULT now(),
            decided_by  text,
            decided_at  timestamptz,
            CHECK (one < other),
            CHECK ((state = 'open') = (decided_by IS NULL)),
            CHECK (state <> 'merged' OR merge_id IS NOT NULL),
            UNIQUE (one, other, reason)
        );
        CREATE INDEX duplicates_open ON duplicates (id DESC) WHERE state = 'open';
        CREATE INDEX duplicates_of_one ON duplicates (one) WHERE state = 'open';
        CREATE INDEX duplicates_of_other ON duplicates (other);
        CREATE INDEX duplicates_of_merge ON duplicates (merge_id) WHERE merge_id IS NOT NULL;
        CREATE INDEX duplicates_by_state ON duplicates (state, id DESC);
    """)
