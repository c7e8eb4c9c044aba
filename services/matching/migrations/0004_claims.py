"""The claim board: providers as matching knows them, listings, claims and what was done about them."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE INDEX IF NOT EXISTS needs_of_client ON needs (client_id) WHERE client_id IS NOT NULL;

        CREATE TABLE providers (
            id             uuid PRIMARY KEY,
            version        int NOT NULL,
            kind           text NOT NULL,
            community      text NOT NULL,
            state          text NOT NULL,
            registered_by  text NOT NULL,
            client_id      uuid,
            named          boolean NOT NULL DEFAULT false
        );
        CREATE INDEX providers_verified ON providers (registered_by) WHERE state = 'verified';
        CREATE INDEX providers_of_client ON providers (client_id) WHERE client_id IS NOT NULL;

        CREATE TABLE listings (
            need_id        uuid PRIMARY KEY REFERENCES needs,
            version        int NOT NULL,
            text           text NOT NULL CHECK (char_length(text) <= 200),
            quantity       bigint NOT NULL,
            taken          bigint NOT NULL DEFAULT 0,
            open           boolean NOT NULL,
            opened_by      text NOT NULL,
            opened_at      timestamptz NOT NULL,
            closed_because text,
            -- What live claims hold and what claims have met is never more than there was to be claimed.
            CONSTRAINT listing_not_over_claimed CHECK (taken BETWEEN 0 AND quantity),
            CHECK (open = (closed_because IS NULL))
        );
        CREATE INDEX listings_open ON listings (need_id DESC) WHERE open;

        CREATE TABLE claims (
            id            uuid PRIMARY KEY,
            version       int NOT NULL,
            need_id       uuid NOT NULL REFERENCES listings,
            provider_id   uuid NOT NULL REFERENCES providers,
            claimer       text NOT NULL,
            text          text NOT NULL,
            community     text NOT NULL,
            quantity      bigint NOT NULL CHECK (quantity > 0),
            unit          text NOT NULL,
            state         text NOT NULL
                          CHECK (state IN ('claimed', 'approved', 'fulfilled', 'released', 'lapsed', 'rejected')),
            claimed_at    timestamptz NOT NULL,
            approved_by   text,
            progress      text NOT NULL DEFAULT '' CHECK (progress IN ('', 'contacted', 'arranged')),
            remind_at     timestamptz,
            reminded_at   timestamptz,
            due_at        timestamptz,
            reason        text,
            handed_from   uuid UNIQUE REFERENCES claims,
            fulfilled     bigint NOT NULL DEFAULT 0 CHECK (fulfilled BETWEEN 0 AND quantity),
            ended_on      date,
            minutes       int NOT NULL DEFAULT 0 CHECK (minutes >= 0),
            people        int NOT NULL DEFAULT 0 CHECK (people >= 0),
            person_times  int NOT NULL DEFAULT 0 CHECK (person_times >= people),
            note          text,
            CHECK ((state = 'fulfilled') = (fulfilled > 0)),
            CHECK ((state IN ('claimed', 'approved')) = (ended_on IS NULL)),
            CHECK ((state IN ('claimed', 'approved')) = (due_at IS NOT NULL)),
            CHECK (remind_at IS NULL OR state = 'approved'),
            CHECK (approved_by IS NOT NULL OR state NOT IN ('approved', 'fulfilled'))
        );
        CREATE INDEX claims_of_need ON claims (need_id, id DESC);
        CREATE INDEX claims_of_claimer ON claims (claimer, id DESC);
        CREATE INDEX claims_of_provider ON claims (provider_id, id DESC);
        CREATE INDEX claims_in_state ON claims (state, id DESC);
        CREATE INDEX claims_due ON claims (least(remind_at, due_at)) WHERE state IN ('claimed', 'approved');
        CREATE INDEX claims_ended ON claims (ended_on) WHERE ended_on IS NOT NULL;
        CREATE INDEX claims_with_note ON claims (id) WHERE note IS NOT NULL;

        CREATE TABLE claim_steps (
            claim_id  uuid NOT NULL REFERENCES claims,
            version   int NOT NULL,
            step      text NOT NULL,
            reason    text,
            by        text NOT NULL,
            at        timestamptz NOT NULL,
            PRIMARY KEY (claim_id, version)
        );

        CREATE TABLE claim_note_reveals (
            id           uuid PRIMARY KEY,
            claim_id     uuid NOT NULL REFERENCES claims,
            purpose      text NOT NULL,
            revealed_by  text NOT NULL,
            revealed_at  timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX claim_note_reveals_of ON claim_note_reveals (claim_id, id DESC);

        CREATE TABLE claim_rules (
            id                 int PRIMARY KEY DEFAULT 1 CHECK (id = 1),
            version            int NOT NULL DEFAULT 1,
            remind_after_days  int NOT NULL DEFAULT 7 CHECK (remind_after_days >= 1),
            lapse_after_days   int NOT NULL DEFAULT 14 CHECK (lapse_after_days BETWEEN 2 AND 365),
            most_live          int NOT NULL DEFAULT 5 CHECK (most_live BETWEEN 1 AND 100),
            changed_by         text NOT NULL DEFAULT '',
            changed_at         timestamptz NOT NULL DEFAULT now(),
            CHECK (remind_after_days < lapse_after_days)
        );
        INSERT INTO claim_rules DEFAULT VALUES;

        -- What a listing counts as taken is what its claims hold, whoever wrote either; a need counts at least that.
        CREATE FUNCTION claims_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT taken FROM listings WHERE need_id = NEW.need_id) <> (
                SELECT coalesce(sum(CASE WHEN state IN ('claimed', 'approved') THEN quantity ELSE fulfilled END), 0)
                FROM claims WHERE need_id = NEW.need_id)
            OR (SELECT n.allocated < l.taken FROM needs AS n JOIN listings AS l ON l.need_id = n.id
                WHERE n.id = NEW.need_id)
            THEN
                RAISE EXCEPTION USING MESSAGE = 'claims do not add up: need ' || NEW.need_id,
                    ERRCODE = 'check_violation', CONSTRAINT = 'claims_add_up';
            END IF;
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER claims_add_up AFTER INSERT OR UPDATE ON claims
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claims_add_up();
        CREATE CONSTRAINT TRIGGER claims_add_up AFTER INSERT OR UPDATE ON listings
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claims_add_up();
    """)
