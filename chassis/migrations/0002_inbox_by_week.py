"""The inbox in partitions, one for each week of the events' ids; chassis/tidy.py makes and drops them."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE inbox RENAME TO inbox_before;
        ALTER INDEX inbox_pkey RENAME TO inbox_before_pkey;
        CREATE TABLE inbox (
            listener   text NOT NULL,
            event_id   uuid NOT NULL,
            handled_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (listener, event_id)
        ) PARTITION BY RANGE (event_id);
        CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;
        INSERT INTO inbox SELECT * FROM inbox_before;
        DROP TABLE inbox_before;

        -- Every row of the outbox is removed within moments. Without this its dead rows would be read over and over.
        ALTER TABLE outbox SET (
            autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
            autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000
        );
    """)
