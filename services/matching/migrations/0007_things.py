"""What categories are made up of, and how people speak of it."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade():
    op.execute("""
        SET lock_timeout = '5s';

        ALTER TABLE categories ADD things jsonb NOT NULL DEFAULT '[]';
        UPDATE weights SET about = '类别：同一类别得满分，相关类别得四分之三，同一大类得一半，只是说法相近得四分之一'
            WHERE part = 'category';
    """)
