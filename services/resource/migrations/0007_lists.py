"""Imports that are previewed, applied, undone: their rows, sealed until they are applied, and what became of them."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade():
    op.execute(r"""
        SET lock_timeout = '5s';

        -- What is left of a title when width, case, blanks and punctuation do not count.
        CREATE FUNCTION plain_title(title text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
            SELECT regexp_replace(lower(normalize(title, NFKC)), '[[:space:][:punct:]。、《》“”‘’…—·「」【】]', '', 'g')
        $$;
        CREATE INDEX needs_by_plain_title ON needs (plain_title(title), community, created_at);
        CREATE INDEX offers_by_plain_title ON offers (plain_title(title), community, created_at);
        CREATE INDEX providers_by_plain_name ON providers (plain_title(name), community);

        ALTER TABLE imports
            ADD state       text NOT NULL DEFAULT 'applied'
                            CHECK (state IN ('reading', 'previewed', 'applied', 'undone', 'discarded')),
            ADD done        int NOT NULL DEFAULT 0,
            ADD columns     text[] NOT NULL DEFAULT '{}',
            ADD rules       jsonb NOT NULL DEFAULT '{}',
            ADD communities text[] NOT NULL DEFAULT '{}',
            ADD read_at     timestamptz,
            ADD applied_by  text,
            ADD applied_at  timestamptz,
            ADD undone_by   text,
            ADD undone_at   timestamptz,
            ALTER created SET DEFAULT 0,
            ALTER rejected SET DEFAULT 0;
        UPDATE imports SET done = rows, applied_by = imported_by, applied_at = imported_at;
        ALTER TABLE imports
            ADD CHECK (done <= rows),
            ADD CHECK (state NOT IN ('applied', 'undone') OR applied_at IS NOT NULL),
            ADD CHECK (state <> 'undone' OR undone_at IS NOT NULL);
        CREATE INDEX imports_to_read ON imports (id) WHERE state = 'reading';
        CREATE INDEX imports_of ON imports (imported_by, id DESC);

        -- The cells of up to 500 rows at a time, sealed; they go when the import is applied or discarded.
        CREATE TABLE import_batches (
            import_id  uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
            number     int NOT NULL,
            checked    boolean NOT NULL DEFAULT false,
            content    text NOT NULL,
            PRIMARY KEY (import_id, number)
        );

        -- What is to be said of each row, without private data.
        CREATE TABLE import_rows (
            import_id     uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
            line          int NOT NULL,
            outcome       text NOT NULL CHECK (outcome IN ('new', 'changed', 'unchanged', 'duplicate', 'wrong')),
            reasons       jsonb NOT NULL,
            title         text,
            community     text,
            category      text,
            provider      text,
            phone_digest  bytea,
            subject_id    uuid,
            version       int,
            twin          int,
            became        text CHECK (became IN ('created', 'changed', 'skipped', 'undone', 'left')),
            before        jsonb,
            made_provider uuid,
            plain         text GENERATED ALWAYS AS (plain_title(title)) STORED,
            PRIMARY KEY (import_id, line),
            CHECK (outcome = 'wrong' OR title IS NOT NULL),
            CHECK (outcome NOT IN ('changed', 'unchanged') OR (subject_id IS NOT NULL AND version IS NOT NULL))
        );
        CREATE INDEX import_rows_by_plain ON import_rows (import_id, plain) WHERE plain IS NOT NULL;
        CREATE INDEX import_rows_by_phone ON import_rows (phone_digest) WHERE phone_digest IS NOT NULL;
        CREATE INDEX import_rows_by_outcome ON import_rows (import_id, outcome, line);

        -- Files with private data of many are kept for a repeated request no longer than an hour.
        CREATE INDEX commands_that_exported ON commands (created_at) WHERE command LIKE 'export_%';
    """)
