"""Messages, the channels that people chose, and what is to be sent out on them."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        CREATE TABLE messages (
            id         uuid PRIMARY KEY,
            event_id   uuid NOT NULL,
            recipient  text NOT NULL CHECK (recipient <> ''),
            kind       text NOT NULL,
            about      text NOT NULL,
            title      text NOT NULL,
            body       text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            read_at    timestamptz,
            CONSTRAINT messages_tell_once UNIQUE (event_id, recipient)
        );
        CREATE INDEX messages_of_recipient ON messages (recipient, id DESC);
        CREATE INDEX messages_unread ON messages (recipient, id DESC) WHERE read_at IS NULL;

        CREATE TABLE channels (
            id         uuid PRIMARY KEY,
            owner      text NOT NULL CHECK (owner <> ''),
            kind       text NOT NULL,
            url        text NOT NULL CHECK (url LIKE '%:%' AND url NOT LIKE '%://%'),
            -- While something is on its way, and for a rest after a failure.
            busy_until timestamptz NOT NULL DEFAULT now(),
            created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX channels_of_owner ON channels (owner, id DESC);

        CREATE TABLE deliveries (
            id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            message_id     uuid NOT NULL REFERENCES messages,
            channel_id     uuid NOT NULL REFERENCES channels ON DELETE CASCADE,
            correlation_id text NOT NULL,
            state          text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
            attempts       int NOT NULL DEFAULT 0,
            next_at        timestamptz NOT NULL DEFAULT now(),
            reason         text,
            created_at     timestamptz NOT NULL DEFAULT now(),
            ended_at       timestamptz,
            CONSTRAINT deliveries_once UNIQUE (message_id, channel_id),
            CHECK ((state = 'waiting') = (ended_at IS NULL)),
            CHECK (state <> 'failed' OR reason IS NOT NULL)
        );
        CREATE INDEX deliveries_of_channel ON deliveries (channel_id);
        CREATE INDEX deliveries_waiting ON deliveries (channel_id, next_at) WHERE state = 'waiting';
    """)
