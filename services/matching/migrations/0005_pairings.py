"""Who may be helped, pairings with their helpers and plans, their visits, alerts and reveals, and the holidays."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE TABLE clients (
            id           uuid PRIMARY KEY,
            version      int NOT NULL,
            kind         text NOT NULL,
            community    text NOT NULL,
            target_group text NOT NULL,
            minor        boolean NOT NULL,
            active       boolean NOT NULL,
            forgotten    boolean NOT NULL DEFAULT false
        );

        CREATE TABLE pairings (
            id              uuid PRIMARY KEY,
            version         int NOT NULL,
            client_id       uuid NOT NULL REFERENCES clients,
            community       text NOT NULL,
            target_group    text NOT NULL,
            kinds           text[] NOT NULL
                CHECK (cardinality(kinds) BETWEEN 1 AND 2 AND kinds <@ ARRAY['material', 'emotional']),
            lead            text NOT NULL,
            worker          text NOT NULL,
            guardian_agreed boolean NOT NULL,
            goals           text,
            begun_on        date NOT NULL,
            begun_by        text NOT NULL,
            state           text NOT NULL CHECK (state IN ('active', 'ended')),
            rule            text NOT NULL,
            visit_time      text NOT NULL CHECK (visit_time ~ '^[0-9]{2}:[0-9]{2}$'),
            visit_minutes   int NOT NULL CHECK (visit_minutes BETWEEN 5 AND 1440),
            first_on        date NOT NULL,
            on_holidays     text NOT NULL CHECK (on_holidays IN ('move', 'keep', 'skip')),
            last_on         date,
            end_told        boolean NOT NULL DEFAULT false,
            planned_until   date NOT NULL DEFAULT '-infinity',
            planned_at      timestamptz NOT NULL DEFAULT '-infinity',
            ended_on        date,
            ended_by        text,
            reason          text,
            stars           int CHECK (stars BETWEEN 1 AND 5),
            goals_reached   text CHECK (goals_reached IN ('yes', 'partly', 'no')),
            evaluation      text,
            created_at      timestamptz NOT NULL DEFAULT now(),
            CHECK ((state = 'ended') = (ended_on IS NOT NULL AND ended_by IS NOT NULL AND reason IS NOT NULL
                                        AND stars IS NOT NULL AND goals_reached IS NOT NULL)),
            CHECK (ended_on >= begun_on)
        );
        -- The same helper leads one pairing with a person at a time.
        CREATE UNIQUE INDEX pairings_one_active ON pairings (client_id, lead) WHERE state = 'active';
        CREATE INDEX pairings_of_client ON pairings (client_id, id DESC);
        CREATE INDEX pairings_by_community ON pairings (community, id DESC);
        CREATE INDEX pairings_by_worker ON pairings (worker, id DESC);
        CREATE INDEX pairings_to_plan ON pairings (planned_until) WHERE state = 'active';
        CREATE INDEX pairings_planned_at ON pairings (planned_at) WHERE state = 'active';
        CREATE INDEX pairings_that_end ON pairings (last_on) WHERE state = 'active' AND NOT end_told;
        CREATE INDEX pairings_by_time ON pairings (begun_on, ended_on);

        CREATE TABLE pairing_helpers (
            pairing_id  uuid NOT NULL REFERENCES pairings,
            position    int NOT NULL,
            helper      text NOT NULL,
            provider_id text NOT NULL,
            role        text NOT NULL CHECK (role IN ('lead', 'visitor', 'material', 'tutor', 'other')),
            PRIMARY KEY (pairing_id, position),
            UNIQUE (pairing_id, helper, provider_id),
            CHECK (helper <> '' OR provider_id <> '')
        );
        CREATE UNIQUE INDEX pairing_helpers_one_lead ON pairing_helpers (pairing_id) WHERE role = 'lead';
        CREATE INDEX pairing_helpers_by_helper ON pairing_helpers (helper, pairing_id) WHERE helper <> '';
        CREATE INDEX pairing_helpers_by_provider ON pairing_helpers (provider_id, pairing_id) WHERE provider_id <> '';

        CREATE TABLE pairing_transfers (
            id             uuid PRIMARY KEY,
            pairing_id     uuid NOT NULL REFERENCES pairings,
            reason         text NOT NULL,
            from_worker    text NOT NULL,
            to_worker      text NOT NULL,
            from_lead      text NOT NULL,
            to_lead        text NOT NULL,
            transferred_by text NOT NULL,
            transferred_at timestamptz NOT NULL DEFAULT now(),
            CHECK (from_worker <> to_worker OR from_lead <> to_lead)
        );
        CREATE INDEX pairing_transfers_of_pairing ON pairing_transfers (pairing_id, id DESC);

        CREATE TABLE visits (
            id              uuid PRIMARY KEY,
            pairing_id      uuid NOT NULL REFERENCES pairings,
            community       text NOT NULL,
            state           text NOT NULL CHECK (state IN ('planned', 'recorded', 'missed', 'cancelled')),
            -- The day that the plan gives; stays when the visit is put off, so that the plan does not add it again.
            slot_on         date,
            planned_on      date,
            planned_time    text,
            planned_minutes int,
            rescheduled     boolean NOT NULL DEFAULT false,
            took_on         date,
            kinds           text[] NOT NULL DEFAULT '{}',
            minutes         int CHECK (minutes BETWEEN 0 AND 1440),
            came            jsonb NOT NULL DEFAULT '[]',
            mood            int CHECK (mood BETWEEN 1 AND 5),
            health          int CHECK (health BETWEEN 1 AND 5),
            living          int CHECK (living BETWEEN 1 AND 5),
            note            text,
            goods           jsonb NOT NULL DEFAULT '[]',
            reason          text,
            recorded_by     text,
            recorded_at     timestamptz,
            created_at      timestamptz NOT NULL DEFAULT now(),
            CHECK ((state = 'recorded') = (took_on IS NOT NULL AND minutes IS NOT NULL AND recorded_by IS NOT NULL)),
            CHECK (state = 'recorded' OR planned_on IS NOT NULL),
            UNIQUE (pairing_id, slot_on)
        );
        CREATE UNIQUE INDEX visits_one_a_day ON visits (pairing_id, planned_on) WHERE state <> 'cancelled';
        -- The same people on the same day are one visit, however often it is recorded.
        CREATE UNIQUE INDEX visits_recorded_once ON visits (pairing_id, took_on, came) WHERE state = 'recorded';
        CREATE INDEX visits_of_pairing ON visits (pairing_id, id DESC);
        CREATE INDEX visits_by_community ON visits (community, id DESC);
        CREATE INDEX visits_overdue ON visits (planned_on, pairing_id) WHERE state = 'planned';
        CREATE INDEX visits_by_day ON visits (took_on, community) WHERE state = 'recorded';
        CREATE INDEX visits_missed_by_day ON visits (planned_on, community) WHERE state = 'missed';

        CREATE TABLE pairing_alerts (
            id              uuid PRIMARY KEY,
            pairing_id      uuid NOT NULL REFERENCES pairings,
            community       text NOT NULL,
            reason          text NOT NULL CHECK (reason IN ('visits_missed', 'person_worse', 'plan_ends')),
            visit_id        uuid REFERENCES visits,
            acknowledged_by text,
            acknowledged_at timestamptz,
            note            text,
            created_at      timestamptz NOT NULL DEFAULT now(),
            CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL))
        );
        CREATE UNIQUE INDEX pairing_alerts_one_open ON pairing_alerts (pairing_id, reason) WHERE acknowledged_at IS NULL;
        CREATE INDEX pairing_alerts_open ON pairing_alerts (community, id DESC) WHERE acknowledged_at IS NULL;
        CREATE INDEX pairing_alerts_of_pairing ON pairing_alerts (pairing_id, id DESC);

        CREATE TABLE pairing_reveals (
            id          uuid PRIMARY KEY,
            pairing_id  uuid NOT NULL REFERENCES pairings,
            subject     text NOT NULL CHECK (subject IN ('pairing', 'visit', 'alert')),
            subject_id  uuid NOT NULL,
            purpose     text NOT NULL,
            revealed_by text NOT NULL,
            revealed_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX pairing_reveals_of_pairing ON pairing_reveals (pairing_id, id DESC);

        CREATE TABLE holidays (
            day        date PRIMARY KEY,
            kind       text NOT NULL CHECK (kind IN ('holiday', 'workday', 'as_usual')),
            name       text NOT NULL,
            changed_by text NOT NULL,
            changed_at timestamptz NOT NULL DEFAULT now()
        );
    """)
