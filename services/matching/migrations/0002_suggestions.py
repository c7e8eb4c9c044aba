"""What is set aside by occasion; everything about offers and needs that suggestions look at."""

from alembic import op

revision = "0002"
down_revision = "0001"

# part: (points, least, most, what it does). The first eight add up to no more than 100; those below speak against a pair.
WEIGHTS = {
    "category": (36, 0, 100, "类别：同一类别得满分，相关类别得四分之三，只是同一大类得一半"),
    "nearness": (16, 0, 100, "远近：同一社区得满分，相邻社区或面向全街道得四分之三，其他社区得一半"),
    "time": (8, 0, 100, "时间：提供的时间盖住需求的时间，或需求不限时间，得满分"),
    "quantity": (8, 0, 100, "数量：能一次满足得满分，只能满足一部分按比例得分"),
    "text": (16, 0, 100, "文字：两边名称越像得分越高"),
    "urgency": (6, 0, 100, "缓急：紧急得满分，较急得一半；等得久的，每周加一分，不超过满分"),
    "fairness": (5, 0, 100, "轮流：近三十天没有被安排过的提供方得满分，每安排一次少五分之一"),
    "history": (5, 0, 100, "口碑：以往按约做到、评价好的得满分；还没有记录的得一半"),
    "conditions": (-2, -50, 0, "有附加条件需要先核实"),
    "transport": (-3, -50, 0, "运费或交通费要由受助方承担"),
    "shortfall": (-4, -50, 0, "只能满足一部分数量；差得越多扣得越多"),
    "partly": (-4, -50, 0, "时间只有一部分吻合"),
    "busy": (-4, -50, 0, "近三十天已被安排五次以上，宜让别人也有机会"),
    "unreliable": (-6, -50, 0, "以往取消、失约多于做到的一半，或评价低于三星"),
    "least_score": (40, 0, 100, "总分低于此数的不作建议"),
}


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE needs
            ADD COLUMN client_id uuid,
            ADD COLUMN client_kind text NOT NULL DEFAULT 'person',
            ADD COLUMN source text NOT NULL DEFAULT '',
            ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
            ADD COLUMN words text[] NOT NULL DEFAULT '{}',
            ADD COLUMN keys text[] NOT NULL DEFAULT '{}';

        ALTER TABLE offers
            ADD COLUMN provider_id uuid,
            ADD COLUMN form text NOT NULL DEFAULT 'goods',
            ADD COLUMN period text NOT NULL DEFAULT '',
            ADD COLUMN slots jsonb NOT NULL DEFAULT '[]',
            ADD COLUMN days_off text[] NOT NULL DEFAULT '{}',
            ADD COLUMN dates jsonb NOT NULL DEFAULT '[]',
            ADD COLUMN transport text NOT NULL DEFAULT '',
            ADD COLUMN conditions text NOT NULL DEFAULT '',
            ADD COLUMN words text[] NOT NULL DEFAULT '{}',
            ADD COLUMN keys text[] NOT NULL DEFAULT '{}',
            -- Whether the quantity is all there is; of such an offer `allocated` is what occasion '' has set aside.
            ADD COLUMN is_stock boolean NOT NULL DEFAULT true,
            DROP CONSTRAINT offer_not_over_allocated,
            ADD CONSTRAINT offer_not_over_allocated
                CHECK (allocated >= 0 AND (NOT is_stock OR allocated <= greatest(quantity, allocated_before)));

        CREATE TABLE allocations (
            offer_id         uuid NOT NULL REFERENCES offers,
            occasion         text NOT NULL,
            capacity         bigint CHECK (capacity >= 0),  -- none where there is no limit
            allocated        bigint NOT NULL,
            -- New terms may have less than is already set aside; only a reservation may not exceed them.
            allocated_before bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (offer_id, occasion),
            CONSTRAINT occasion_not_over_allocated
                CHECK (allocated >= 0 AND (capacity IS NULL OR allocated <= greatest(capacity, allocated_before)))
        );
        INSERT INTO allocations (offer_id, occasion, capacity, allocated, allocated_before)
        SELECT id, '', quantity, allocated, allocated_before FROM offers WHERE allocated > 0;

        ALTER TABLE matches ADD COLUMN occasion text NOT NULL DEFAULT '';

        -- What may still be given out, by where it is and by how it is called.
        DROP INDEX offers_to_match;
        CREATE INDEX offers_near ON offers (category, unit, community, id)
            WHERE open AND (NOT is_stock OR allocated < quantity);
        CREATE INDEX offers_for_all ON offers (category, unit, id)
            WHERE open AND (NOT is_stock OR allocated < quantity) AND serves = '{}';
        CREATE INDEX offers_by_key ON offers USING gin (keys) WITH (fastupdate = off)
            WHERE open AND (NOT is_stock OR allocated < quantity);
        CREATE INDEX offers_of_provider ON offers (provider_id);

        DROP INDEX needs_to_match;
        CREATE INDEX needs_waiting ON needs (category, unit, urgency DESC, id) WHERE open AND allocated < quantity;
        CREATE INDEX needs_waiting_near ON needs (category, unit, community, urgency DESC, id)
            WHERE open AND allocated < quantity;
        CREATE INDEX needs_by_key ON needs USING gin (keys) WITH (fastupdate = off) WHERE open AND allocated < quantity;
        CREATE INDEX needs_of_client ON needs (client_id);

        -- The best pairs for each need, from which the whole board is planned.
        CREATE TABLE edges (
            need_id   uuid NOT NULL REFERENCES needs ON DELETE CASCADE,
            offer_id  uuid NOT NULL REFERENCES offers ON DELETE CASCADE,
            occasion  text NOT NULL,
            quantity  bigint NOT NULL CHECK (quantity > 0),
            capacity  bigint,       -- of the occasion, whatever is set aside of it; none where there is no limit
            ends_at   timestamptz,  -- of the occasion
            score     int NOT NULL CHECK (score BETWEEN 0 AND 100),
            parts     jsonb NOT NULL,
            PRIMARY KEY (need_id, offer_id, occasion)
        );
        CREATE INDEX edges_of_offer ON edges (offer_id);

        -- Something changed that suggestions depend on: this need, or this offer, is looked at again soon. Only ever
        -- added to, so that nobody waits for a row of it.
        CREATE TABLE stale (
            seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            need_id  uuid,
            offer_id uuid,
            correlation_id text,  -- of what changed it
            CHECK ((need_id IS NULL) <> (offer_id IS NULL))
        );
        CREATE INDEX stale_needs ON stale (need_id) WHERE need_id IS NOT NULL;
        CREATE INDEX stale_offers ON stale (offer_id) WHERE offer_id IS NOT NULL;

        CREATE TABLE blocked_pairs (
            id          uuid PRIMARY KEY,
            version     int NOT NULL DEFAULT 1,
            provider_id uuid NOT NULL,
            client_id   uuid NOT NULL,
            reason      text NOT NULL,
            by          text NOT NULL,
            at          timestamptz NOT NULL,
            unblocked_by text,
            unblocked_at timestamptz,
            CHECK ((unblocked_by IS NULL) = (unblocked_at IS NULL))
        );
        CREATE UNIQUE INDEX blocked_once ON blocked_pairs (client_id, provider_id) WHERE unblocked_at IS NULL;
        CREATE INDEX blocked_by_provider ON blocked_pairs (provider_id, id DESC);

        -- What became of what each provider gave; `recent` counts what was confirmed in the last thirty days.
        CREATE TABLE provider_record (
            provider_id uuid PRIMARY KEY,
            recent      int NOT NULL DEFAULT 0 CHECK (recent >= 0),
            confirmed   int NOT NULL DEFAULT 0,
            delivered   int NOT NULL DEFAULT 0,
            failed      int NOT NULL DEFAULT 0,
            ratings     int NOT NULL DEFAULT 0,
            stars       int NOT NULL DEFAULT 0
        );
        CREATE TABLE provider_days (
            provider_id uuid NOT NULL,
            day         date NOT NULL,
            confirmed   int NOT NULL,
            PRIMARY KEY (provider_id, day)
        );
        CREATE INDEX provider_days_by_day ON provider_days (day, provider_id);

        CREATE TABLE categories (
            code text PRIMARY KEY, version int NOT NULL, parent text NOT NULL, name text NOT NULL,
            synonyms text[] NOT NULL, related text[] NOT NULL
        );
        CREATE TABLE communities (
            code text PRIMARY KEY, version int NOT NULL, name text NOT NULL, neighbours text[] NOT NULL
        );
        -- How many offers have a word in their title; the stamp changes with it and with the synonyms.
        CREATE TABLE word_counts (word text PRIMARY KEY, offers int NOT NULL);
        CREATE TABLE lexicon (
            one     boolean PRIMARY KEY DEFAULT true CHECK (one),
            stamp   uuid NOT NULL DEFAULT gen_random_uuid(),
            titles  int NOT NULL DEFAULT 0
        );
        INSERT INTO lexicon DEFAULT VALUES;

        CREATE TABLE weights (
            part       text PRIMARY KEY,
            version    int NOT NULL DEFAULT 1,
            points     int NOT NULL,
            least      int NOT NULL,
            most       int NOT NULL,
            about      text NOT NULL,
            position   int NOT NULL,
            changed_by text,
            changed_at timestamptz,
            CHECK (points BETWEEN least AND most)
        );
        CREATE TABLE weight_changes (
            id uuid PRIMARY KEY, part text NOT NULL REFERENCES weights, version int NOT NULL,
            points int NOT NULL, before int NOT NULL, by text NOT NULL, at timestamptz NOT NULL,
            UNIQUE (part, version)
        );
    """)
    connection = op.get_bind()
    for position, (part, (points, least, most, about)) in enumerate(WEIGHTS.items()):
        connection.exec_driver_sql(
            "INSERT INTO weights (part, points, least, most, about, position) VALUES (%s, %s, %s, %s, %s, %s)",
            (part, points, least, most, about, position),
        )
