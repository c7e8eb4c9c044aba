"""What becomes of a match: when it takes place, what was delivered, how it was, and who read the notes."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE matches
            ADD COLUMN declined_for text CHECK (declined_for IN ('staff', 'recipient', 'provider')),
            ADD COLUMN starts_at    timestamptz,
            ADD COLUMN ends_at      timestamptz,
            ADD COLUMN scheduled_by text,
            ADD COLUMN delivered    bigint CHECK (delivered BETWEEN 1 AND quantity),
            ADD COLUMN delivered_on date,
            ADD COLUMN minutes      int NOT NULL DEFAULT 0 CHECK (minutes >= 0),
            ADD COLUMN people       int NOT NULL DEFAULT 0 CHECK (people >= 0),
            ADD COLUMN person_times int NOT NULL DEFAULT 0 CHECK (person_times >= people),
            ADD COLUMN closed_by    text,
            ADD COLUMN closed_at    timestamptz,
            ADD COLUMN note         text;
        UPDATE matches SET declined_for = 'staff' WHERE state = 'declined';

        ALTER TABLE matches DROP CONSTRAINT matches_state_check, DROP CONSTRAINT matches_check;
        ALTER TABLE matches
            ADD CONSTRAINT match_state CHECK (state IN ('proposed', 'confirmed', 'scheduled', 'delivered',
                'declined', 'lapsed', 'cancelled')),
            ADD CONSTRAINT match_was_decided CHECK ((state IN ('proposed', 'lapsed')) = (decided_by IS NULL)),
            ADD CONSTRAINT match_was_declined_for CHECK ((state = 'declined') = (declined_for IS NOT NULL)),
            ADD CONSTRAINT match_was_delivered CHECK ((state = 'delivered') = (delivered IS NOT NULL)
                AND (state = 'delivered') = (delivered_on IS NOT NULL)),
            ADD CONSTRAINT match_was_closed CHECK ((state IN ('delivered', 'cancelled')) = (closed_at IS NOT NULL)),
            ADD CONSTRAINT match_has_a_time CHECK (state <> 'scheduled' OR starts_at IS NOT NULL),
            ADD CONSTRAINT match_ends_later CHECK ((starts_at IS NULL) = (ends_at IS NULL) AND starts_at < ends_at);
        -- What is set aside and neither delivered nor given back.
        CREATE INDEX matches_open_of_offer ON matches (offer_id) WHERE state = 'proposed';
        CREATE INDEX matches_live_of_need ON matches (need_id) WHERE state IN ('confirmed', 'scheduled');
        CREATE INDEX matches_live_of_offer ON matches (offer_id) WHERE state IN ('confirmed', 'scheduled');
        CREATE INDEX matches_scheduled ON matches (starts_at, id) WHERE starts_at IS NOT NULL;
        CREATE INDEX matches_with_notes ON matches (id) WHERE note IS NOT NULL;
        CREATE INDEX IF NOT EXISTS needs_of_client ON needs (client_id) WHERE client_id IS NOT NULL;

        CREATE TABLE match_ratings (
            match_id     uuid NOT NULL REFERENCES matches,
            side         text NOT NULL CHECK (side IN ('recipient', 'provider')),
            stars        int NOT NULL CHECK (stars BETWEEN 1 AND 5),
            comment      text,
            recorded_by  text NOT NULL,
            first_at     timestamptz NOT NULL,
            changed_at   timestamptz NOT NULL,
            PRIMARY KEY (match_id, side)
        );

        CREATE TABLE match_reveals (
            id           uuid PRIMARY KEY,
            match_id     uuid NOT NULL REFERENCES matches,
            purpose      text NOT NULL,
            revealed_by  text NOT NULL,
            revealed_at  timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX match_reveals_of_match ON match_reveals (match_id, id DESC);

        -- One row for each thing that was done, whether it came from a match or from a claim; the id is theirs.
        CREATE TABLE deliveries (
            id              uuid PRIMARY KEY,
            source          text NOT NULL CHECK (source IN ('match', 'claim')),
            need_id         uuid NOT NULL REFERENCES needs,
            offer_id        uuid REFERENCES offers,
            provider_id     uuid,
            client_id       uuid,
            from_community  text NOT NULL,
            to_community    text NOT NULL,
            category        text NOT NULL,
            target_group    text NOT NULL,
            quantity        bigint NOT NULL CHECK (quantity > 0),
            unit            text NOT NULL,
            delivered_on    date NOT NULL,
            minutes         int NOT NULL CHECK (minutes >= 0),
            people          int NOT NULL CHECK (people >= 0),
            person_times    int NOT NULL CHECK (person_times >= people),
            recorded_by     text NOT NULL,
            recorded_at     timestamptz NOT NULL DEFAULT now(),
            CHECK ((source = 'match') = (offer_id IS NOT NULL))
        );
        CREATE INDEX deliveries_by_day ON deliveries (delivered_on, from_community, to_community);
        CREATE INDEX deliveries_of_need ON deliveries (need_id);
        CREATE INDEX deliveries_of_offer ON deliveries (offer_id) WHERE offer_id IS NOT NULL;
        CREATE INDEX deliveries_of_provider ON deliveries (provider_id, id DESC);
        CREATE INDEX deliveries_of_client ON deliveries (client_id, id DESC) WHERE client_id IS NOT NULL;
        CREATE INDEX deliveries_from ON deliveries (from_community, id DESC);
        CREATE INDEX deliveries_to ON deliveries (to_community, id DESC);
    """)
