"""`python -m services.gateway`: the gateway on gunicorn, one worker with 32 threads."""

import threading

import environs
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from chassis import logs
from chassis.client import Client
from chassis.database import Transactions, connect
from chassis.logs import log
from chassis.privacy import Keyring
from services.gateway import settings
from services.gateway.app import create_app
from services.gateway.calls import Calls
from services.gateway.feed import Feed
from services.gateway.identity import Identity
from services.gateway.seed import seed
from services.gateway.serverlog import ServerLog
from services.gateway.store import GatewayStore

THREADS = 32
STOP_SECONDS = 20


class Worker(ThreadWorker):
    """A worker that ends the live streams first, so that stopping does not wait for people to leave."""

    def handle_exit(self, sig, frame):
        # On a thread of its own, because a signal must not wait for a lock that it interrupted.
        threading.Thread(target=self.wsgi.extensions["feed"].stop, daemon=True).start()
        super().handle_exit(sig, frame)

    handle_quit = handle_exit


class Gateway(BaseApplication):
    """The gateway as gunicorn runs it; connections and threads are made in the worker, after the fork."""

    def __init__(self, config: settings.GatewaySettings):
        self.config = config
        super().__init__()

    def load_config(self):
        options = {
            "bind": f"{self.config.host}:{self.config.port}",
            "workers": 1,
            "worker_class": Worker,
            "threads": THREADS,
            "graceful_timeout": STOP_SECONDS,
            "timeout": 60,
            "keepalive": 5,
            "preload_app": False,
            "accesslog": None,
            "logger_class": ServerLog,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self):
        common = self.config.common
        engine = connect(common.database_url, name="jinlin-gateway", pool_size=THREADS // 2)
        identity = Identity(
            Transactions(engine, GatewayStore), Keyring(common.data_keys), self.config.secret_key.encode()
        )
        if self.config.demo_password:
            log().info("demo_users_added", users=seed(identity, self.config.demo_password))
        feed = Feed(common.broker_url)
        feed.start()
        client = Client(common.broker_url, common.data_keys)
        return create_app(identity_of=identity, calls=Calls(client), feed=feed, secret_key=self.config.secret_key)


def main() -> None:
    try:
        config = settings.load()
    except environs.EnvValidationError as error:
        mistakes = (f"{name}: {', '.join(map(str, what))}" for name, what in error.error_messages.items())
        raise SystemExit("configuration: " + "; ".join(mistakes)) from error
    logs.configure("gateway", config.common.log_level)
    Gateway(config).run()


main()
