"""Providers that are verified again and again, offers of every form, and the ledger of their stock."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE providers
            ADD organisation_name text,
            ADD credit_code       text CHECK (credit_code ~ '^[0-9A-Z]{18}$'),
            ADD serves            text[] NOT NULL DEFAULT '{}',
            ADD tell              text[] NOT NULL DEFAULT '{}'
                CHECK (tell <@ ARRAY['new_needs', 'claims', 'reminders', 'news']),
            ADD tell_by           text[] NOT NULL DEFAULT '{}'
                CHECK (tell_by <@ ARRAY['inbox', 'phone', 'wechat', 'email']),
            ADD named             boolean NOT NULL DEFAULT false,
            ADD client_id         uuid,
            ADD verified_at       timestamptz,
            ADD due_on            date,
            ADD pauses_on         date,
            ADD paused_because    text,
            DROP CONSTRAINT providers_state_check;
        DROP INDEX providers_by_name;

        -- Who was active counts as confirmed when it joined, and has six months from now.
        UPDATE providers SET verified_at = created_at,
            due_on = ((now() AT TIME ZONE 'Asia/Shanghai') + interval '6 months')::date;
        UPDATE providers SET state = CASE state WHEN 'active' THEN 'verified' ELSE 'left' END;

        ALTER TABLE providers
            ADD CONSTRAINT provider_state CHECK (state IN ('draft', 'verified', 'paused', 'left')),
            ADD CONSTRAINT verified_until CHECK (state <> 'verified' OR (verified_at IS NOT NULL AND due_on IS NOT NULL)),
            ADD CONSTRAINT only_organisations_have_a_code
                CHECK (kind NOT IN ('skilled_person', 'volunteer') OR (credit_code IS NULL AND organisation_name IS NULL));
        CREATE UNIQUE INDEX providers_one_for_a_code ON providers (credit_code) WHERE state <> 'left';
        CREATE INDEX providers_by_name ON providers (name) WHERE state <> 'left';
        CREATE INDEX providers_by_state ON providers (state, id DESC);
        CREATE INDEX providers_of_client ON providers (client_id) WHERE client_id IS NOT NULL;
        CREATE INDEX providers_to_ask ON providers (due_on, id) WHERE state = 'verified' AND pauses_on IS NULL;
        CREATE INDEX providers_to_pause ON providers (pauses_on, id) WHERE state = 'verified';

        ALTER TABLE offers
            ADD form       text NOT NULL DEFAULT 'goods' CHECK (form IN
                ('goods', 'money', 'goods_per_period', 'hours', 'room', 'posts', 'unlimited')),
            ADD period     text NOT NULL DEFAULT '' CHECK (period IN ('', 'day', 'week', 'month')),
            ADD slots      jsonb[] NOT NULL DEFAULT '{}',
            ADD days_off   date[] NOT NULL DEFAULT '{}',
            ADD dates      jsonb[] NOT NULL DEFAULT '{}',
            ADD transport  text NOT NULL DEFAULT '' CHECK (transport IN ('', 'provider', 'recipient', 'station')),
            ADD conditions text NOT NULL DEFAULT '',
            ADD purpose    text NOT NULL DEFAULT '',
            ADD expires_on date,
            ADD over_at    timestamptz,
            ADD given      bigint NOT NULL DEFAULT 0 CHECK (given >= 0),
            DROP CONSTRAINT offers_state_check,
            DROP CONSTRAINT offers_quantity_check;
        UPDATE offers SET over_at = ends_at;
        ALTER TABLE offers
            ADD CONSTRAINT offer_state
                CHECK (state IN ('held', 'open', 'paused', 'used_up', 'withdrawn', 'expired')),
            ADD CONSTRAINT offer_quantity CHECK (quantity > 0 OR (quantity = 0 AND form IN ('goods', 'money'))),
            ADD CONSTRAINT offer_never_below_what_was_given CHECK (form NOT IN ('goods', 'money') OR given <= quantity),
            ADD CONSTRAINT offer_period CHECK ((period <> '') = (form = 'goods_per_period')),
            ADD CONSTRAINT offer_timetable CHECK (slots = '{}' OR form IN ('hours', 'room')),
            ADD CONSTRAINT offer_dates CHECK (dates = '{}' OR form IN ('hours', 'room', 'posts')),
            ADD CONSTRAINT offer_purpose CHECK ((purpose <> '') = (form = 'money')),
            ADD CONSTRAINT offer_expiry CHECK (expires_on IS NULL OR form = 'goods'),
            ADD CONSTRAINT offer_over_by_its_end CHECK (ends_at IS NULL OR over_at <= ends_at);
        CREATE INDEX offers_by_state ON offers (state, id DESC);
        CREATE INDEX offers_by_form ON offers (form, id DESC);
        CREATE INDEX offers_to_expire ON offers (over_at, id) WHERE state IN ('held', 'open', 'paused', 'used_up');

        CREATE TABLE stock_movements (
            id       uuid PRIMARY KEY,
            offer_id uuid NOT NULL REFERENCES offers,
            kind     text NOT NULL,
            quantity bigint NOT NULL,
            source   uuid,
            note     text NOT NULL DEFAULT '',
            moved_by text NOT NULL,
            moved_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT movement_sign CHECK (CASE
                WHEN kind IN ('received', 'returned') THEN quantity > 0
                WHEN kind IN ('given', 'written_off', 'expired') THEN quantity < 0
                WHEN kind = 'corrected' THEN quantity <> 0
                ELSE false END)
        );
        CREATE INDEX stock_movements_of_offer ON stock_movements (offer_id, id DESC);
        -- A delivery that is told of again is not booked again.
        CREATE UNIQUE INDEX stock_movement_once ON stock_movements (source, kind) WHERE source IS NOT NULL;

        -- What there was before the ledger, as its first movement; the offer's own id keeps the order of time.
        INSERT INTO stock_movements (id, offer_id, kind, quantity, moved_by, moved_at)
        SELECT id, id, 'received', quantity, registered_by, created_at FROM offers;

        CREATE FUNCTION a_ledger_is_never_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a movement of stock is not changed; book another one' USING ERRCODE = '23000';
        END $$;
        CREATE TRIGGER stock_movements_stay BEFORE UPDATE OR DELETE ON stock_movements
            FOR EACH ROW EXECUTE FUNCTION a_ledger_is_never_rewritten();

        CREATE FUNCTION stock_by_ledger(offer uuid)
        RETURNS TABLE (movements bigint, received bigint, returned bigint, corrected bigint, written_off bigint,
                       expired bigint, given bigint, on_hand bigint)
        LANGUAGE sql STABLE AS $$
            SELECT count(*),
                coalesce(sum(quantity) FILTER (WHERE kind = 'received'), 0)::bigint,
                coalesce(sum(quantity) FILTER (WHERE kind = 'returned'), 0)::bigint,
                coalesce(sum(quantity) FILTER (WHERE kind = 'corrected'), 0)::bigint,
                coalesce(-sum(quantity) FILTER (WHERE kind = 'written_off'), 0)::bigint,
                coalesce(-sum(quantity) FILTER (WHERE kind = 'expired'), 0)::bigint,
                coalesce(-sum(quantity) FILTER (WHERE kind = 'given'), 0)::bigint,
                coalesce(sum(quantity), 0)::bigint
            FROM stock_movements WHERE offer_id = offer
        $$;

        -- Every stock whose ledger, replayed, does not come to what its offer says: always empty.
        CREATE FUNCTION stock_differences() RETURNS TABLE (offer_id uuid, said_on_hand bigint, found_on_hand bigint,
                                                           said_given bigint, found_given bigint)
        LANGUAGE sql STABLE AS $$
            SELECT o.id, o.quantity - o.given, l.on_hand, o.given, l.given
            FROM offers AS o CROSS JOIN LATERAL stock_by_ledger(o.id) AS l
            WHERE o.form IN ('goods', 'money') AND (o.given <> l.given OR o.quantity - o.given <> l.on_hand)
            ORDER BY o.id
        $$;
    """)
