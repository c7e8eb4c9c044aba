"""A whole station in processes of its own, for flows, faults and benches; killed and restarted at will."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import sqlalchemy

from chassis.client import Caller, Client
from chassis.database import connect
from tests import support

ROOT = Path(__file__).parent.parent
SERVICES = ("resource", "venue", "matching", "grants", "notify")
PASSWORDS = {name: f"test-{name}" for name in (*SERVICES, "gateway")}
DEMO_PASSWORD = "a-demonstration-password"


def eventually(probe, *, within: float = 15, every: float = 0.05):
    """Return what the probe returns once it is true; fail with its last value after `within` seconds."""
    until = time.monotonic() + within
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {within} s; last seen: {value!r}")
        time.sleep(every)


class Station:
    """The processes of a station on a broker and a database server that somebody else started."""

    services = SERVICES
    passwords = PASSWORDS
    module = "chassis"

    def __init__(self, broker, postgres, directory: Path):
        self.broker, self.postgres, self.directory = broker, postgres, Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.processes: dict[str, subprocess.Popen] = {}
        self.ports: dict[str, int] = {}
        self._client = None

    def database_url(self, service: str) -> str:
        url = sqlalchemy.engine.make_url(self.postgres.admin_url)
        url = url.set(username=f"jinlin_{service}", password=self.passwords[service], database=f"jinlin_{service}")
        return url.render_as_string(hide_password=False)

    def environment(self, name: str) -> dict[str, str]:
        """Return what the process of a service finds in its environment."""
        import base64

        keys = ",".join(f"{id}:{base64.b64encode(key).decode()}" for id, key in support.DATA_KEYS)
        values = {
            "JINLIN_BROKER_URL": self.broker.url,
            "JINLIN_DATABASE_URL": self.database_url(name) if name in self.passwords else "",
            "JINLIN_ADMIN_DATABASE_URL": self.postgres.admin_url,
            "JINLIN_DATABASE_PASSWORDS": ",".join(f"{k}={v}" for k, v in self.passwords.items()),
            "JINLIN_DATA_KEYS": keys,
            "JINLIN_INDEX_KEY": base64.b64encode(support.INDEX_KEY).decode(),
            "JINLIN_SECRET_KEY": "only-for-tests",
            "JINLIN_DEMO": "1",
            "JINLIN_DEMO_PASSWORD": DEMO_PASSWORD,
            "JINLIN_HEALTH_PORT": str(self.port(name)),
            "JINLIN_HTTP_PORT": str(self.port(name)),
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith("JINLIN_")}
        return {**kept, **values, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}

    def port(self, name: str) -> int:
        """Return the port of a process, the same each time it is started."""
        if name not in self.ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.ports[name] = probe.getsockname()[1]
        return self.ports[name]

    def migrate(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", self.module, "migrate"], env=self.environment("migrate"), cwd=ROOT,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, *names: str, wait: bool = True, **changes: str) -> "Station":
        """Start processes ("matching", or "matching:2" for a second one) and wait until they are ready.

        `changes` come into their environment, this once.
        """
        for name in names or (*SERVICES, "gateway"):
            service = name.split(":")[0]
            command = ["services.gateway"] if service == "gateway" else [self.module, "serve", service]
            log = (self.directory / f"{name.replace(':', '-')}.log").open("ab")
            environment = {**self.environment(service), "JINLIN_HEALTH_PORT": str(self.port(name)), **changes}
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *command], env=environment, cwd=ROOT, stdout=log, stderr=log
            )
        for name in (names or (*SERVICES, "gateway")) if wait else ():
            eventually(lambda name=name: self.is_ready(name), within=40)
        return self

    def is_ready(self, name: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port(name)}/health", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def kill(self, name: str) -> None:
        """End a process without warning."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def terminate(self, name: str, timeout: float = 25) -> int:
        """Ask a process to stop; return its exit status."""
        self.processes[name].send_signal(signal.SIGTERM)
        return self.processes[name].wait(timeout)

    def stop(self) -> None:
        """End everything."""
        if self._client:
            self._client.close()
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(25)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def client(self) -> Client:
        self._client = self._client or Client(self.broker.url, support.DATA_KEYS)
        return self._client

    def call(self, service: str, method: str, caller: Caller = support.WORKER, *, takes=None, returns=None,
             key=None, timeout=10, **arguments):  # fmt: skip
        """Call a service as the gateway does."""
        return self.client.call(
            service, method, arguments, caller=caller, takes=takes, returns=returns,
            idempotency_key=key, timeout=timeout,
        )  # fmt: skip

    def rows(self, service: str, sql: str, **values) -> list[dict]:
        engine = connect(self.database_url(service), name="tests", pool_size=1)
        try:
            with engine.begin() as connection:
                return [dict(row) for row in connection.execute(sqlalchemy.text(sql), values).mappings()]
        finally:
            engine.dispose()

    def value(self, service: str, sql: str, **values):
        return next(iter(self.rows(service, sql, **values)[0].values()))

    def is_quiet(self) -> bool:
        """Tell whether every outbox and every queue is empty and nothing waits for another try."""
        for service in self.services:
            waiting = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM set_aside WHERE state = 'waiting')"
            if self.value(service, waiting):
                return False
        return not any(self.queue_lengths().values())

    def queue_lengths(self) -> dict[str, int]:
        """Return how many messages wait, or are in hand, in each service's queue."""
        listed = self.broker.control("list_queues", "-p", "jinlin", "name", "messages", "--formatter", "json")
        return {row["name"]: row["messages"] for row in json.loads(listed) if row["name"] in self.services}

    def request(self, method: str, path: str, body=None, *, token=None, headers=None, timeout=15):
        """Send a request to the gateway; return (status, document, headers)."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port('gateway')}{path}", data=data, method=method,
            headers={
                **({"Content-Type": "application/json"} if data is not None else {}),
                **({"Authorization": f"Bearer {token}"} if token else {}),
                **(headers or {}),
            },
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.loads(answer.read() or b"null"), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null"), error.headers

    def token(self, role: str) -> str:
        """Sign in as the demonstration user of a role."""
        status, session, _ = self.request("POST", "/api/sessions", {"username": role, "password": DEMO_PASSWORD})
        assert status == 201, session
        return session["token"]
