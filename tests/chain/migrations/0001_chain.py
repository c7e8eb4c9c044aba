"""Lines and what came of them. No effect is unique by constraint: what is done twice must show."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("""
        CREATE TABLE lines (line text PRIMARY KEY, number int NOT NULL);
        CREATE TABLE effects (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text NOT NULL, number int NOT NULL,
                              at timestamptz NOT NULL DEFAULT clock_timestamp());
        CREATE INDEX effects_by_line ON effects (line, n);
    """)
