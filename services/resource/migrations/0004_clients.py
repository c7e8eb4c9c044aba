"""Clients with what they consented to and how they were assessed; who else may see a contact, and who looked."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE TABLE clients (
            id              uuid PRIMARY KEY,
            version         int NOT NULL,
            kind            text NOT NULL CHECK (kind IN ('person', 'household', 'organisation')),
            community       text NOT NULL REFERENCES communities,
            target_group    text NOT NULL,
            birth_year      int CHECK (birth_year BETWEEN 1900 AND 2100),
            minor           boolean NOT NULL DEFAULT false CHECK (NOT minor OR birth_year IS NOT NULL),
            active          boolean NOT NULL DEFAULT true,
            merged_into     uuid REFERENCES clients CHECK (merged_into <> id),
            registered_by   text NOT NULL,
            created_at      timestamptz NOT NULL DEFAULT now(),
            minor_seen_on   date NOT NULL DEFAULT '-infinity',
            forgotten_at    timestamptz CHECK (forgotten_at IS NULL OR NOT active),
            blanked_at      timestamptz,
            contact_name    text,
            contact_phone   text,
            contact_address text,
            guardian_name   text,
            guardian_phone  text,
            birth_date      text,
            phone_digest    bytea,
            person_digest   bytea,
            address_digest  bytea,
            sound_digest    bytea,
            surname_digest  bytea,
            sought          boolean NOT NULL DEFAULT false,
            CHECK (merged_into IS NULL OR NOT active)
        );
        CREATE INDEX clients_by_community ON clients (community, id DESC);
        CREATE INDEX clients_by_phone ON clients (phone_digest) WHERE phone_digest IS NOT NULL;
        CREATE INDEX clients_by_person ON clients (person_digest) WHERE person_digest IS NOT NULL;
        CREATE INDEX clients_by_address ON clients (community, address_digest) WHERE address_digest IS NOT NULL;
        CREATE INDEX clients_by_sound ON clients (community, sound_digest) WHERE sound_digest IS NOT NULL;
        CREATE INDEX clients_by_surname ON clients (community, surname_digest, id DESC) WHERE surname_digest IS NOT NULL;
        CREATE INDEX clients_merged ON clients (merged_into) WHERE merged_into IS NOT NULL;
        CREATE INDEX clients_to_blank ON clients (forgotten_at) WHERE forgotten_at IS NOT NULL AND blanked_at IS NULL;
        CREATE INDEX clients_growing_up ON clients (birth_year, minor_seen_on, id) WHERE minor AND active;
        CREATE INDEX clients_unsought ON clients (id) WHERE NOT sought;

        CREATE TABLE consents (
            id           uuid PRIMARY KEY,
            client_id    uuid NOT NULL REFERENCES clients,
            what         text NOT NULL,
            by_whom      text NOT NULL CHECK (by_whom IN ('self', 'guardian', 'agent')),
            how          text NOT NULL CHECK (how IN ('paper', 'voice', 'online')),
            note         text,
            given_at     timestamptz NOT NULL,
            recorded_by  text NOT NULL,
            withdrawn_at timestamptz,
            withdrawn_by text,
            CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
        );
        CREATE UNIQUE INDEX consents_given_once ON consents (client_id, what, by_whom) WHERE withdrawn_at IS NULL;
        CREATE INDEX consents_of_client ON consents (client_id, id DESC);

        CREATE TABLE assessments (
            id           uuid PRIMARY KEY,
            client_id    uuid NOT NULL REFERENCES clients,
            version      int NOT NULL CHECK (version > 0),
            form         int NOT NULL,
            answers      jsonb NOT NULL,
            living       int NOT NULL CHECK (living BETWEEN 0 AND 20),
            health       int NOT NULL CHECK (health BETWEEN 0 AND 20),
            income       int NOT NULL CHECK (income BETWEEN 0 AND 20),
            support      int NOT NULL CHECK (support BETWEEN 0 AND 20),
            risk         int NOT NULL CHECK (risk BETWEEN 0 AND 20),
            total        int NOT NULL CHECK (total = living + health + income + support + risk),
            level        text NOT NULL CHECK (level IN ('low', 'medium', 'high', 'urgent')),
            notes        text,
            assessed_by  text NOT NULL,
            assessed_at  timestamptz NOT NULL DEFAULT now(),
            UNIQUE (client_id, version)
        );
        CREATE INDEX assessments_of_client ON assessments (client_id, id DESC);

        ALTER TABLE reveals ADD COLUMN community text;
        CREATE INDEX reveals_by_person ON reveals (revealed_by, id DESC);
        CREATE INDEX reveals_by_community ON reveals (community, id DESC);

        -- A client's private data are blanked in the results of commands as well, which are kept for a week.
        CREATE INDEX commands_that_revealed ON commands ((result->>'subject_id')) WHERE command LIKE 'reveal_%';
    """)
