"""Supervisor (supervisord.org): its configuration for this station, and talking to it."""

import hashlib
import http.client
import shlex
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from pathlib import Path

from supervisor.xmlrpc import SupervisorTransport

from deploy import processes
from deploy.server import write_private
from deploy.servers import Broker, Postgres
from deploy.state import HOME, ROOT

LOGS = HOME / "logs"
CONFIGURATION = HOME / "supervisord.conf"
# Whatever was started by this station's supervisor has this in its environment, even when the supervisor is gone.
MARK = "JINLIN_STATION"
# A Unix socket's path may have about a hundred bytes.
SOCKET = HOME / "supervisor.sock"
if len(str(SOCKET)) > 90:
    SOCKET = Path(tempfile.gettempdir(), f"jinlin-{hashlib.sha256(str(HOME).encode()).hexdigest()[:16]}.sock")

_HEAD = """\
[supervisord]
directory={root}
logfile={logs}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile={home}/supervisord.pid
childlogdir={logs}
nocleanup=true

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[group:servers]
programs=broker,database
priority=1

[group:services]
programs={services}
priority=10
"""

# It may fail as often as it likes while a database is away: it is tried again, ever more slowly.
_PROGRAM = """
[program:{name}]
command={command}
environment={environment}
autostart={autostart}
autorestart=true
startsecs=1
startretries=1000000
stopsignal={signal}
stopwaitsecs=25
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


def _escaped(text: object) -> str:
    return str(text).replace("%", "%%")


def configure(servers: dict[str, str], services: dict[str, dict[str, str]]) -> None:
    """Write the configuration: servers by name and stop signal, services by name and environment."""
    LOGS.mkdir(mode=0o700, parents=True, exist_ok=True)
    python = _escaped(shlex.quote(sys.executable))
    places = {"root": _escaped(ROOT), "logs": _escaped(LOGS), "home": _escaped(HOME), "socket": _escaped(SOCKET)}
    text = _HEAD.format(**places, services=",".join(services))
    for name, signal in servers.items():
        command = f"{python} -m deploy.servers {name} {_escaped(shlex.quote(str(HOME / name)))}"
        text += _PROGRAM.format(**places, name=name, command=command, environment="", autostart="true", signal=signal)
    for name, environment in services.items():
        module = "services.gateway" if name == "gateway" else f"chassis serve {name}"
        pairs = ",".join(f'{key}="{_escaped(value)}"' for key, value in environment.items())
        text += _PROGRAM.format(
            **places, name=name, command=f"{python} -m {module}", environment=pairs, autostart="false", signal="TERM"
        )
    write_private(CONFIGURATION, text)


def launch(environment: dict[str, str]) -> subprocess.Popen:
    """Start supervisord in a session of its own, so that a Ctrl-C at the terminal reaches the caller alone."""
    with (LOGS / "supervisord.out").open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--silent", "-c", str(CONFIGURATION)],
            cwd=ROOT,
            env=environment | {MARK: str(HOME), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def call(method: str, *arguments):
    """Call a method of supervisor's API; raises OSError when it does not run."""
    transport = SupervisorTransport(None, None, f"unix://{SOCKET}")
    try:
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport, allow_none=True) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)
    except http.client.HTTPException as error:  # it went away in the middle of an answer
        raise OSError(str(error)) from error


def programs() -> dict[str, dict]:
    """Return supervisor's view of each program by name; empty when it does not run."""
    try:
        return {each["name"]: each for each in call("getAllProcessInfo")}
    except (OSError, xmlrpc.client.Fault):  # a fault: it is shutting down
        return {}


def servers() -> tuple[Broker, Postgres]:
    """Return the station's broker and database."""
    return Broker(HOME / "broker"), Postgres(HOME / "database")


def leftovers() -> list[int]:
    """List every process that belongs to this station."""
    # The database runs as another user, whose environment not even root can always read.
    return [*processes.marked(MARK, str(HOME)), *(server.pid for server in servers() if server.pid)]


def shut_down(seconds: float = 60) -> None:
    """Stop the services, then the servers, then supervisor; end whatever is left."""
    deadline = time.monotonic() + seconds
    try:
        call("shutdown")
    except xmlrpc.client.Fault:
        pass  # somebody else has said so before
    except OSError:
        deadline = 0
    while leftovers() and time.monotonic() < deadline:
        time.sleep(0.1)
    processes.end(leftovers)
