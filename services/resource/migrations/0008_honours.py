"""What was received and given, and who agreed to be named as giving back."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        -- A delivery may be heard of before anything else about the two sides: no foreign keys.
        CREATE TABLE services_received_given (
            id           uuid PRIMARY KEY,
            version      int NOT NULL,
            source       text NOT NULL CHECK (source IN ('match', 'claim')),
            provider_id  uuid NOT NULL,
            client_id    uuid,
            community    text NOT NULL,
            delivered_on date NOT NULL,
            quantity     bigint NOT NULL CHECK (quantity >= 0),
            unit         text NOT NULL,
            people       int NOT NULL CHECK (people >= 0),
            minutes      int NOT NULL CHECK (minutes >= 0)
        );
        CREATE INDEX services_given ON services_received_given (provider_id, delivered_on);
        CREATE INDEX services_received ON services_received_given (client_id, delivered_on) WHERE client_id IS NOT NULL;

        -- To be named at all is said in the provider's own entry. That somebody was helped before is another matter.
        CREATE TABLE honour_agreements (
            provider_id uuid PRIMARY KEY REFERENCES providers,
            client_id   uuid,
            agreed      boolean NOT NULL,
            recorded_by text NOT NULL,
            recorded_at timestamptz NOT NULL,
            CHECK (NOT agreed OR client_id IS NOT NULL)
        );
        CREATE INDEX providers_named ON providers (id) WHERE named;
    """)
