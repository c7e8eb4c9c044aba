"""Sites, spaces and bookings, of which no two share a space and a time."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        -- Lets an id stand beside a range in one exclusion constraint; a trusted extension, so that the
        -- owner of the database may create it.
        CREATE EXTENSION IF NOT EXISTS btree_gist;

        CREATE TABLE sites (
            id          uuid PRIMARY KEY,
            version     int NOT NULL,
            name        text NOT NULL,
            community   text NOT NULL,
            address     text NOT NULL,
            created_by  text NOT NULL,
            created_at  timestamptz NOT NULL
        );
        CREATE INDEX sites_of_community ON sites (community, id DESC);

        CREATE TABLE spaces (
            id          uuid PRIMARY KEY,
            version     int NOT NULL,
            site_id     uuid NOT NULL REFERENCES sites,
            name        text NOT NULL,
            kind        text NOT NULL CHECK (kind IN ('hall', 'casework_room', 'group_work_room', 'classroom',
                                                      'meeting_room', 'outdoor', 'other')),
            capacity    int NOT NULL CHECK (capacity > 0),
            created_by  text NOT NULL,
            created_at  timestamptz NOT NULL
        );
        CREATE INDEX spaces_of_site ON spaces (site_id, id DESC);

        CREATE TABLE bookings (
            id            uuid PRIMARY KEY,
            version       int NOT NULL,
            space_id      uuid NOT NULL REFERENCES spaces,
            title         text NOT NULL,
            starts_at     timestamptz NOT NULL,
            ends_at       timestamptz NOT NULL,
            people        int NOT NULL CHECK (people > 0),
            state         text NOT NULL CHECK (state IN ('requested', 'approved', 'rejected', 'cancelled')),
            reason        text,
            requested_by  text NOT NULL,
            decided_by    text,
            created_at    timestamptz NOT NULL,
            decided_at    timestamptz,
            CONSTRAINT ends_after_it_starts CHECK (ends_at > starts_at),
            CONSTRAINT at_most_thirty_days CHECK (ends_at - starts_at <= interval '30 days'),
            CONSTRAINT starts_after_it_is_requested CHECK (starts_at >= created_at),
            CONSTRAINT decided_by_somebody CHECK (
                (state = 'requested') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)
            ),
            CONSTRAINT refused_for_a_reason CHECK ((state IN ('rejected', 'cancelled')) = (reason IS NOT NULL)),
            CONSTRAINT space_not_booked_twice EXCLUDE USING gist (
                space_id WITH =, tstzrange(starts_at, ends_at) WITH &&
            ) WHERE (state IN ('requested', 'approved'))
        );
        CREATE INDEX bookings_of_space ON bookings (space_id, id DESC);
        CREATE INDEX bookings_of_space_by_start ON bookings (space_id, starts_at);
        CREATE INDEX bookings_by_start ON bookings (starts_at);
        CREATE INDEX bookings_by_state ON bookings (state, id DESC);
        CREATE INDEX bookings_of_requester ON bookings (requested_by, id DESC);
    """)
