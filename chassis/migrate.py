"""Roles, databases and tables: `python -m chassis migrate` brings all of them up to date.

Each service has a database and a role of its own, both named jinlin_<service>; its migrations are
numbered files in services/<service>/migrations, after those of the chassis. Safe to repeat, and to
run twice at once.
"""

from functools import cache

import sqlalchemy
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from psycopg2 import sql
from sqlalchemy.engine import make_url

from chassis.database import connect, migrations_of
from chassis.logs import log

MIGRATION_LOCK = 0x6A6D6967


def create_database(admin_url: str, service: str, password: str) -> str:
    """Create the service's role and database where they are missing, and set its password; return its URL."""
    name = f"jinlin_{service}"
    engine = connect(admin_url, name="jinlin migrate", pool_size=1)
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        raw.rollback()
        raw.autocommit = True
        cursor = raw.cursor()
        cursor.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
        verb = "ALTER" if cursor.fetchone() else "CREATE"
        cursor.execute(sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password)))
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if not cursor.fetchone():
            cursor.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(name), sql.Identifier(name)
                )
            )
            cursor.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        connection.invalidate()
    engine.dispose()
    return make_url(admin_url).set(username=name, password=password, database=name).render_as_string(False)


def upgrade(url: str, service: str) -> list[str]:
    """Bring the tables of one service up to date; return the names of the migrations that ran."""
    engine = connect(url, name="jinlin migrate", pool_size=1, statement_timeout_ms=600_000)
    ran = []
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.commit()
        for owner in ("chassis", service):
            script = _script(owner)

            def steps(revision, context, script=script, owner=owner):
                found = script._upgrade_revs("head", revision)
                ran.extend(f"{owner} {step.revision.revision}" for step in found)
                return found

            with EnvironmentContext(Config(), script, fn=steps) as environment:
                environment.configure(connection=connection, version_table=_version_table(owner))
                with environment.begin_transaction():
                    environment.run_migrations()
            connection.commit()
        connection.invalidate()
    engine.dispose()
    for step in ran:
        log().info("migrated", service=service, step=step)
    return ran


@cache
def _script(owner: str) -> ScriptDirectory:
    folder = str(migrations_of(owner))
    return ScriptDirectory(folder, version_locations=[folder])


def _version_table(owner: str) -> str:
    return "migrations_of_chassis" if owner == "chassis" else "migrations_of_service"
