"""`python -m services.gateway`: the gateway on gunicorn, one worker with 32 threads."""

import threading

import environs
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from chassis import logs
from services.gateway import settings
from services.gateway.serverlog import ServerLog

STOP_SECONDS = 20


class Worker(ThreadWorker):
    """A worker that ends the live streams first, so that stopping does not wait for people to leave."""

    def handle_exit(self, sig, frame):
        # On a thread of its own, because a signal must not wait for a lock that it interrupted.
        threading.Thread(target=self.wsgi.extensions["feed"].stop, daemon=True).start()
        super().handle_exit(sig, frame)

    handle_quit = handle_exit

    def handle_error(self, req, client, addr, exc):
        # Imported here, as in load(), for the same reason.
        from services.gateway import unreadable

        if not unreadable.refuse(client, exc):
            super().handle_error(req, client, addr, exc)


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
            "threads": settings.THREADS,
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
        # Imported in the worker only, so that the process that watches over it stays small.
        from services.gateway.wiring import application

        return application(self.config)


def main() -> None:
    try:
        config = settings.load()
    except environs.EnvValidationError as error:
        mistakes = (f"{name}: {', '.join(map(str, what))}" for name, what in error.error_messages.items())
        raise SystemExit("configuration: " + "; ".join(mistakes)) from error
    logs.configure("gateway", config.common.log_level)
    Gateway(config).run()


main()
