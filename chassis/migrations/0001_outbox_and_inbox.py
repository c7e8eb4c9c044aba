"""Outbox, inbox, what is set aside, and the results of commands."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE TABLE outbox (
            seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            event_id   uuid NOT NULL UNIQUE,
            type       text NOT NULL,
            subject    text NOT NULL,
            body       text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

        CREATE TABLE inbox (
            listener   text NOT NULL,
            event_id   uuid NOT NULL,
            handled_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (listener, event_id)
        );
        CREATE INDEX inbox_by_time ON inbox USING brin (handled_at);

        CREATE TABLE set_aside (
            id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            listener   text NOT NULL,
            event_id   uuid,
            type       text NOT NULL,
            subject    text NOT NULL,
            body       bytea NOT NULL,
            state      text NOT NULL CHECK (state IN ('waiting', 'parked', 'done', 'discarded')),
            attempts   int NOT NULL DEFAULT 0,
            next_at    timestamptz NOT NULL DEFAULT now(),
            reason     text NOT NULL,
            history    jsonb NOT NULL DEFAULT '[]',
            created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE UNIQUE INDEX set_aside_once ON set_aside (listener, event_id);
        CREATE INDEX set_aside_waiting ON set_aside (listener, subject, id) WHERE state = 'waiting';
        CREATE INDEX set_aside_parked ON set_aside (listener, type, id) WHERE state = 'parked';

        -- How often handling of a redelivered event was begun and never finished: what kills the
        -- process is known by this after it has done so a few times.
        CREATE TABLE begun (
            event_id uuid PRIMARY KEY,
            times    int NOT NULL,
            begun_at timestamptz NOT NULL DEFAULT now()
        );

        CREATE TABLE commands (
            caller      text NOT NULL,
            key         text NOT NULL,
            command     text NOT NULL,
            fingerprint bytea NOT NULL,
            result      jsonb,
            created_at  timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (caller, key)
        );
        CREATE INDEX commands_by_time ON commands USING brin (created_at);
    """)
