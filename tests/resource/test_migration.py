"""What was there before offers had forms and stock stays, with books of its own."""

from datetime import UTC, datetime

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from sqlalchemy.engine import make_url

from chassis import migrate
from chassis.database import connect
from services.resource.providers.domain import VERIFIED_FOR, day_of
from services.resource.service import ResourceService
from tests.support import WORKER, call, rows

PROVIDERS = {"active": "0190a000-0000-7000-8000-0000000000a1", "withdrawn": "0190a000-0000-7000-8000-0000000000a2"}
OFFER = "0190a000-0000-7000-8000-0000000000b1"


def as_it_was(postgres) -> str:
    """Return the URL of a database at the migration before."""
    url = make_url(postgres.admin_url).set(database="test_before_stock").render_as_string(hide_password=False)
    admin = connect(postgres.admin_url, name="tests", pool_size=1).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS test_before_stock")
        connection.exec_driver_sql("CREATE DATABASE test_before_stock TEMPLATE template0 ENCODING 'UTF8'")
    admin.dispose()
    engine = connect(url, name="tests", pool_size=1)
    script = migrate._script("resource")
    steps = {"fn": lambda revision, context: script._upgrade_revs("0002", revision)}
    with engine.connect() as connection, EnvironmentContext(Config(), script, **steps) as environment:
        environment.configure(connection=connection, version_table="migrations_of_service")
        with environment.begin_transaction():
            environment.run_migrations()
        connection.commit()
    engine.dispose()
    return url


def test_providers_are_verified_or_have_left_and_offers_are_goods_with_a_ledger(postgres):
    url = as_it_was(postgres)
    for state, id in PROVIDERS.items():
        rows(
            url,
            """INSERT INTO providers (id, version, kind, name, community, state, registered_by, created_at)
               VALUES (:id, 3, 'merchant', '好邻居', 'jiangtou', :state, :by, '2026-01-05T09:00:00+08:00')""",
            id=id,
            state=state,
            by=WORKER.id,
        )
    rows(
        url,
        """INSERT INTO offers (id, version, provider_id, title, community, serves, category, quantity, unit, ends_at,
               target_groups, state, registered_by)
           VALUES (:id, 2, :provider, '大米', 'jiangtou', '{}', 'goods.food', 7, '袋', '2031-01-01T00:00:00+08:00', '{}',
               'open', :by)""",
        id=OFFER,
        provider=PROVIDERS["active"],
        by=WORKER.id,
    )

    migrate.upgrade(url, "resource")

    active, left = (call(ResourceService, url, "get_provider", id=id) for id in PROVIDERS.values())
    assert (active["state"], left["state"], active["version"]) == ("verified", "left", 3)
    assert active["due_on"] == str(day_of(datetime.now(UTC)) + VERIFIED_FOR)
    offer = call(ResourceService, url, "get_offer", id=OFFER)
    assert (offer["form"], offer["state"], offer["on_hand"], offer["version"]) == ("goods", "open", 7, 2)
    assert call(ResourceService, url, "reconcile_stock", id=OFFER)["agrees"]
    assert call(ResourceService, url, "receive_stock", id=OFFER, quantity=1)["on_hand"] == 8
    # When it is over follows from what was there.
    assert rows(url, "SELECT over_at = ends_at AS same FROM offers") == [{"same": True}]
