"""The whole platform on this machine: private servers, six processes, one supervisor that restarts what dies."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial

import httpx

from deploy import processes, secrets, state, supervise
from deploy.server import free_ports, port_is_free, tail
from deploy.servers import Broker, Postgres
from deploy.state import HOME, ROOT, DeployError

SECRETS = HOME / "secrets.env"
# Enough for the slowest machine that is worth waiting for; what fails for good is noticed much earlier.
START_SECONDS = 120
HOPELESS_TRIES = 4

Say = Callable[[str], None]


def running() -> bool:
    """Tell whether this station's supervisor answers."""
    return bool(supervise.programs())


@contextmanager
def _alone():
    """Let one command at a time start, stop or empty the station."""
    HOME.mkdir(exist_ok=True)
    HOME.chmod(0o711)  # the database's user has to get through
    with (HOME / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DeployError("Another ./run is starting or stopping this station. Wait for it, or stop it.") from None
        yield


def start(host: str = "127.0.0.1", port: int | None = None, say: Say = print, wait: Say = print) -> str:
    """Start everything and return the address, when every process says that it is ready.

    `say` is told of milestones, `wait` of what is being waited for. When something does not start, all is stopped.
    """
    with _alone():
        if supervise.leftovers():
            say("Ending what an earlier start left behind …")
            supervise.shut_down()
        broker, database = supervise.servers()
        for server in (broker, database):
            server.install()
            server.choose_ports()
        environments = _environments(broker, database, host, _http_port(host, port, say))
        supervise.configure({"broker": "TERM", "database": "INT"}, environments["services"])
        clean = {name: value for name, value in os.environ.items() if not name.startswith("JINLIN_")}
        try:
            _bring_up(broker, database, environments, clean, say, wait)
        except BaseException:
            supervise.shut_down()
            raise
        gateway = environments["services"]["gateway"]
        address = f"http://{_reachable(host)}:{gateway['JINLIN_HTTP_PORT']}"
        state.remember(mode="local", address=address, health=environments["health"])
    return address


def _bring_up(broker, database, environments, clean, say: Say, wait: Say) -> None:
    begun = time.monotonic()
    supervisor = supervise.launch(clean)
    _until({"broker": broker.ready, "database": database.ready}, supervisor, wait)
    say(f"RabbitMQ and PostgreSQL are up after {time.monotonic() - begun:.1f} s.")
    wait("preparing tables and queues")
    done = subprocess.run(
        [sys.executable, "-m", "chassis", "migrate"],
        env=clean | environments["migrate"] | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        text=True,
        capture_output=True,
    )
    log = supervise.LOGS / "migrate.log"
    log.write_text(done.stdout + done.stderr)
    if done.returncode:
        raise DeployError(f"The databases could not be prepared. The end of {log}:\n{tail(log)}")
    say(f"Tables and queues are ready after {time.monotonic() - begun:.1f} s.")
    supervise.call("startProcessGroup", "services", False)
    _until({name: partial(healthy, url) for name, url in environments["health"].items()}, supervisor, wait)
    say(f"All {len(environments['health'])} processes are ready after {time.monotonic() - begun:.1f} s.")


def _until(ready: dict[str, Callable[[], bool]], supervisor: subprocess.Popen, wait: Say) -> None:
    """Wait until each has been ready; raise with a log when one will never be."""
    deadline, tries = time.monotonic() + START_SECONDS, {}
    waiting = list(ready)
    while waiting := [name for name in waiting if not ready[name]()]:
        wait(f"waiting for {', '.join(waiting)}")
        if supervisor.poll() is not None:
            raise DeployError(f"The supervisor ended.\n{tail(supervise.LOGS / 'supervisord.out')}")
        for name, info in supervise.programs().items():
            if info["statename"] in ("BACKOFF", "FATAL", "EXITED"):
                tries.setdefault(name, set()).add(info["stop"])
        hopeless = [name for name in waiting if len(tries.get(name, ())) >= HOPELESS_TRIES]
        if hopeless or time.monotonic() > deadline:
            name = (hopeless or waiting)[0]
            why = "does not stay up" if hopeless else f"was not ready after {START_SECONDS} s"
            log = supervise.LOGS / f"{name}.log"
            raise DeployError(f"{name} {why}. The end of {log}:\n{tail(log)}")
        time.sleep(0.2)


def _environments(broker: Broker, database: Postgres, host: str, port: int) -> dict:
    """Return what migrate and each process need to know, and where each answers for its health."""
    known = secrets.ensure(SECRETS)
    health_ports = dict(zip(secrets.SERVICES[:-1], free_ports(len(secrets.SERVICES) - 1), strict=True))
    keys = {name: known[name] for name in ("JINLIN_DATA_KEYS", "JINLIN_INDEX_KEY")}
    demo = {name: known[name] for name in ("JINLIN_DEMO", "JINLIN_DEMO_PASSWORD")}
    own = {
        "resource": keys,
        "matching": {"JINLIN_DATA_KEYS": known["JINLIN_DATA_KEYS"]},
        "notify": {"JINLIN_DATA_KEYS": known["JINLIN_DATA_KEYS"]},
        "gateway": {
            "JINLIN_DATA_KEYS": known["JINLIN_DATA_KEYS"],
            "JINLIN_SECRET_KEY": known["JINLIN_SECRET_KEY"],
            "JINLIN_HTTP_HOST": host,
            "JINLIN_HTTP_PORT": str(port),
            **demo,
        },
    }

    def of(name: str) -> dict[str, str]:
        password = known[f"JINLIN_{name.upper()}_DATABASE_PASSWORD"]
        return {
            "JINLIN_BROKER_URL": broker.url,
            "JINLIN_DATABASE_URL": f"postgresql+psycopg2://jinlin_{name}:{password}@127.0.0.1:{database.port}/jinlin_{name}",
            "JINLIN_HEALTH_PORT": str(health_ports.get(name, 0)),
            # Two arenas instead of eight for each core: a third less memory for processes that mostly wait.
            "MALLOC_ARENA_MAX": "2",
            **own.get(name, {}),
        }

    return {
        "services": {name: of(name) for name in secrets.SERVICES},
        "migrate": {
            "JINLIN_BROKER_URL": broker.url,
            "JINLIN_ADMIN_DATABASE_URL": database.admin_url,
            "JINLIN_DATABASE_PASSWORDS": secrets.database_passwords(known),
            **demo,
        },
        "health": {
            **{name: f"http://127.0.0.1:{each}/health" for name, each in health_ports.items()},
            "gateway": f"http://{_reachable(host)}:{port}/health",
        },
    }


def _http_port(host: str, wanted: int | None, say: Say) -> int:
    if wanted:
        if not port_is_free(wanted, host):
            raise DeployError(f"Port {wanted} on {host} is taken. Choose another with --port.")
        return wanted
    port = next(port for port in range(8080, 8200) if port_is_free(port, host))
    if port != 8080:
        say(f"Port 8080 is taken; using {port}.")
    return port


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host


def ask_health(url: str) -> dict | None:
    """Return a process's answer about its health, None where it gives none."""
    try:
        return _http().get(url).json()
    except (httpx.HTTPError, ValueError):
        return None


@cache
def _http() -> httpx.Client:
    # One for all, since making one reads every certificate of the machine; and plain HTTP needs none.
    return httpx.Client(timeout=6, trust_env=False, verify=False, limits=httpx.Limits(max_keepalive_connections=0))


def healthy(url: str) -> bool:
    """Tell whether a process says that it is ready."""
    return (ask_health(url) or {}).get("status") == "ready"


def stop() -> bool:
    """Stop everything in good order; False where nothing ran."""
    if not supervise.leftovers():
        return False
    supervise.shut_down()
    return True


def reset() -> None:
    """Stop everything and forget all data and secrets; the environments that were installed stay."""
    with _alone():
        stop()
        for name in ("broker", "database", "logs"):
            shutil.rmtree(HOME / name, ignore_errors=True)
        for path in (SECRETS, supervise.CONFIGURATION):
            path.unlink(missing_ok=True)
        state.forget()


def status() -> list[dict]:
    """Return for each process: name, state, checks, rss and pss in bytes, seconds since it started."""
    known = state.recall().get("health", {})
    programs = supervise.programs()
    broker, database = supervise.servers()
    ready = {"broker": broker.ready, "database": database.ready}
    with ThreadPoolExecutor() as pool:
        answers = dict(zip(known, pool.map(ask_health, known.values()), strict=True))
    rows = []
    for name, info in programs.items():
        if name in ready:
            checks = {"accepts connections": "ok" if ready[name]() else "no"}
        else:
            checks = (answers.get(name) or {}).get("checks", {"health": "no answer"})
        rows.append(_row(name, info["statename"].lower(), checks, info["pid"], info["now"] - info["start"]))
    if programs:
        pid = supervise.call("getPID")
        up = max(row["seconds"] for row in rows)
        rows.append(_row("supervisor", "running", {"answers": "ok"}, pid, up, family=[pid]))
    return rows


def _row(name: str, state: str, checks: dict, pid: int, up: int, family: list[int] | None = None) -> dict:
    sizes = [processes.memory(each) for each in family or (processes.family(pid) if pid else [])]
    rss, pss = sum(rss for rss, _ in sizes), sum(pss for _, pss in sizes)
    return {"name": name, "state": state, "checks": checks, "rss": rss, "pss": pss, "seconds": up if pid else 0}
