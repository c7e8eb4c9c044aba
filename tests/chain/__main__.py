"""Run a service of the chain, or make its databases: `python -m tests.chain serve|replay NAME`, `… migrate`.

JINLIN_TEST_BATCH=1 holds a service to one event a transaction.
"""

import sys

if sys.argv[1:2] == ["serve"]:
    import eventlet

    eventlet.monkey_patch()

import os

from chassis import broker, listen, logs, migrate, settings
from chassis.listen import heard_by
from chassis.replay import replay
from chassis.serve import serve
from tests.chain import dying, without
from tests.chain.services import SERVICES

if sys.argv[1] == "serve":
    dying.prepare(os.environ.get("JINLIN_TEST_DIES_AT"))
    without.take_away(os.environ.get("JINLIN_TEST_WITHOUT"))
    listen.BATCH = int(os.environ.get("JINLIN_TEST_BATCH", listen.BATCH))
    raise SystemExit(serve(SERVICES[sys.argv[2]], settings.load()))

if sys.argv[1] == "replay":
    logs.configure(sys.argv[2], "WARNING")  # as the command does
    print(replay(SERVICES[sys.argv[2]], settings.load(), quiet=True))
    raise SystemExit

logs.configure("migrate")
passwords = dict(pair.split("=") for pair in os.environ["JINLIN_DATABASE_PASSWORDS"].split(","))
for name in SERVICES:
    migrate.upgrade(migrate.create_database(os.environ["JINLIN_ADMIN_DATABASE_URL"], name, passwords[name]), name)
broker.declare(os.environ["JINLIN_BROKER_URL"], {name: heard_by(service) for name, service in SERVICES.items()})
