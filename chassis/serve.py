"""One service process: wait for the broker, run the service, stop gracefully on SIGTERM."""

import importlib
import os
import signal
import time

import amqp
import eventlet
import psycopg2
from eventlet.hubs import trampoline
from nameko.runners import ServiceRunner
from psycopg2 import extensions

from chassis import broker, logs
from chassis.logs import log
from chassis.settings import Settings

STOP_SECONDS = 20
# Longer than the database lets any statement take; chassis/database.py
SILENCE_SECONDS = 18


class DatabaseSilent(psycopg2.OperationalError):
    """The database takes what is sent and says nothing; the session is closed."""


def service_class(name: str):
    """Return the nameko class of a service: the one in services.<name>.service that has this name."""
    module = importlib.import_module(f"services.{name}.service")
    return next(x for x in vars(module).values() if isinstance(x, type) and getattr(x, "name", None) == name)


def serve(service: type, settings: Settings) -> int:
    """Run a service until it is told to stop; return the exit status."""
    logs.configure(service.name, settings.log_level)
    extensions.set_wait_callback(wait_for_database)
    runner = ServiceRunner(
        {"AMQP_URI": settings.broker_url, "HEARTBEAT": 20, "max_workers": settings.max_workers, "settings": settings}
    )
    runner.add_service(service)
    _wait_for_broker(settings)
    stopping = []

    def stop(signum, frame):
        if not stopping:
            stopping.append(signum)
            log().info("stopping", signal=signal.Signals(signum).name)
            eventlet.spawn_after(STOP_SECONDS, _give_up)
            eventlet.spawn_n(runner.stop)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    runner.start()
    log().info("started", service=service.name)
    runner.wait()
    log().info("stopped", service=service.name)
    return 0


def wait_for_database(connection) -> None:
    """Let others work until the database has answered; give up a session in which it is silent for too long.

    eventlet's own way to wait has no end, and the kernel knows nothing of a server that takes what is
    sent and says nothing, or of a firewall that forgot the connection.
    """
    while (state := connection.poll()) != extensions.POLL_OK:
        reads = state == extensions.POLL_READ
        trampoline(connection.fileno(), read=reads, write=not reads, timeout=SILENCE_SECONDS, timeout_exc=DatabaseSilent)


def _wait_for_broker(settings):
    pause = 0.2
    while True:
        try:
            broker.connect(settings.broker_url, name="jinlin start").close()
            return
        except (OSError, amqp.exceptions.AMQPError) as error:
            log().warning("waiting_for_broker", broker=str(broker.Address.read(settings.broker_url)), error=repr(error))
            time.sleep(pause)
            pause = min(pause * 2, 3.0)


def _give_up():
    log().error("stop_took_too_long", seconds=STOP_SECONDS)
    os._exit(1)
