"""The platform as containers: what docker-compose.yml needs, and the docker commands around it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from deploy import secrets, state
from deploy.server import port_is_free
from deploy.state import ROOT, DeployError

SETTINGS = ROOT / ".env"
FILE = ROOT / "docker-compose.yml"
PASSWORDS = ("JINLIN_POSTGRES_PASSWORD", "JINLIN_BROKER_PASSWORD")
BASE = "debian:trixie-slim"

Say = Callable[[str], None]


def _environment() -> dict[str, str]:
    # What .env says is what counts: compose would prefer the caller's variables.
    return {name: value for name, value in os.environ.items() if not name.startswith(("JINLIN_", "COMPOSE_"))}


def _run(*command: str, seconds: float | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=_environment(),
            text=True,
            capture_output=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def _show(*command: str) -> int:
    """Run a command whose progress the user sees."""
    return subprocess.run(command, cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL).returncode


def _compose(*arguments: str) -> int:
    """Run docker compose, with its progress where somebody watches."""
    return _show("docker", "compose", "--progress", "auto" if sys.stderr.isatty() else "quiet", *arguments)


def no_engine() -> str | None:
    """Say why there is no Docker engine to use; None where there is one."""
    if _run("docker", "--version").returncode:
        return "there is no docker command"
    if _run("docker", "version", "--format", "{{.Server.Version}}", seconds=15).returncode:
        return "no Docker engine answers"
    if _run("docker", "compose", "version").returncode:
        return "docker has no Compose v2 (its package is docker-compose-v2 or docker-compose-plugin)"
    return None


def images() -> dict[str, str]:
    """Return the images by their variable: as .env or the environment says, else as docker-compose.yml does."""
    known = dict(re.findall(r"\$\{(\w+_IMAGE):-([^}]+)\}", FILE.read_text()))
    chosen = os.environ | secrets.read(SETTINGS)
    return {name: chosen.get(name) or default for name, default in known.items()}


def _is_here(image: str) -> bool:
    return _run("docker", "image", "inspect", image).returncode == 0


def missing_images() -> list[str]:
    """List the images that the engine does not have; ours or the one that it is built on will do."""
    named = images()
    ours = named.pop("JINLIN_IMAGE")
    if _is_here(ours):
        del named["PYTHON_IMAGE"]
    return [image for image in named.values() if not _is_here(image)]


def fetch_images(say: Say) -> list[str]:
    """Pull the base images that are missing, or build their like from Debian alone; list what cannot be had."""
    missing = missing_images()
    for image in missing:
        say(f"Pulling {image} …")
        if _show("docker", "pull", "--quiet", image):
            break
    if missing and missing_images() and _is_here(BASE):
        say(
            f"No registry has them, but {BASE} is here: building images of the same contract from it (deploy/offline) …"
        )
        built = subprocess.run(
            [ROOT / "deploy" / "offline" / "build"],
            env=_environment() | _site(),
            stdout=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if built.returncode == 0:
            _prepare_settings()
            for name, value in _assignments(built.stdout).items():
                secrets.change(SETTINGS, name, value)
    return missing_images()


def _assignments(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _site() -> dict[str, str]:
    """Return how this machine reaches its packages, for builds."""
    return _assignments(_run(sys.executable, "deploy/offline/site").stdout)


def _prepare_settings() -> dict[str, str]:
    """Write .env at the first start: every secret, and how builds reach packages from here."""
    if not SETTINGS.exists():
        site = _site()
        secrets.ensure(SETTINGS, PASSWORDS)
        for name, value in site.items():
            secrets.change(SETTINGS, name, value)
    return secrets.ensure(SETTINGS, PASSWORDS)


def start(host: str | None, port: int | None, say: Say) -> str:
    """Build, start and wait until every container is healthy; return the address."""
    if reason := no_engine():
        raise DeployError(f"Compose needs a Docker engine, and {reason}. Without one: ./run local")
    if lacking := fetch_images(say):
        raise DeployError(
            f"These images cannot be had: {', '.join(lacking)}. See deploy/RUNBOOK.md, or use ./run local"
        )
    known = _prepare_settings()
    if host:
        secrets.change(SETTINGS, "JINLIN_BIND", host)
    _choose_port(known, host, port, say)
    if _is_here(images()["PYTHON_IMAGE"]):
        say("Building the image …")
        if _compose("build"):
            raise DeployError("The image could not be built (see above).")
    if _compose("up", "--detach", "--wait", "--wait-timeout", "300", "--no-build"):
        sick = [row["name"] for row in status() if row["state"] != "healthy"]
        logs = _run("docker", "compose", "logs", "--no-color", "--tail", "15", "migrate", *sick).stdout
        raise DeployError(f"Not everything became healthy:\n{logs}")
    known = secrets.read(SETTINGS)
    bind = known.get("JINLIN_BIND", "127.0.0.1")
    address = f"http://{'127.0.0.1' if bind == '0.0.0.0' else bind}:{known['JINLIN_PORT']}"
    state.remember(mode="compose", address=address, health={})
    return address


def _choose_port(known: dict[str, str], host: str | None, wanted: int | None, say: Say) -> None:
    if running() and not wanted:
        return
    bind = host or known.get("JINLIN_BIND", "127.0.0.1")
    before = int(known.get("JINLIN_PORT", 8080))
    if wanted and wanted != before and not port_is_free(wanted, bind):
        raise DeployError(f"Port {wanted} on {bind} is taken. Choose another with --port.")
    port = wanted or next(port for port in (before, *range(8080, 8200)) if port_is_free(port, bind))
    if not wanted and port != before:
        say(f"Port {before} is taken; using {port}.")
    secrets.change(SETTINGS, "JINLIN_PORT", str(port))


def running() -> bool:
    """Tell whether containers of this station are there."""
    return SETTINGS.exists() and bool(_run("docker", "compose", "ps", "--quiet", seconds=15).stdout.strip())


def stop() -> bool:
    """Stop and remove the containers, keeping their data; False where there were none."""
    if not running():
        return False
    return _compose("down") == 0


def reset() -> None:
    """Remove the containers, their data and the secrets."""
    if SETTINGS.exists() and no_engine() is None:
        _compose("down", "--volumes", "--remove-orphans")
    SETTINGS.unlink(missing_ok=True)
    state.forget()


def status() -> list[dict]:
    """Return for each container: name, state, checks, memory in bytes, seconds since it started."""
    listed = _run("docker", "compose", "ps", "--format", "json").stdout
    containers = [json.loads(line) for line in listed.splitlines() if line.startswith("{")]
    ids = [each["ID"] for each in containers]
    if not ids:
        return []
    stats = _run("docker", "stats", "--no-stream", "--format", "{{.ID}} {{.MemUsage}}", *ids).stdout
    used = {line.split()[0]: _bytes(line.split()[1]) for line in stats.splitlines()}
    begun = _run("docker", "inspect", "--format", "{{.State.StartedAt}}", *ids).stdout.splitlines()
    return [
        {
            "name": each["Service"],
            "state": each.get("Health") or each["State"],
            "checks": {"container": "ok" if each.get("Health") == "healthy" else each["Status"]},
            "rss": used.get(each["ID"][:12], 0),
            "pss": used.get(each["ID"][:12], 0),
            "seconds": int((datetime.now(UTC) - datetime.fromisoformat(start[:19] + "+00:00")).total_seconds()),
        }
        for each, start in zip(containers, begun, strict=True)
    ]


def _bytes(text: str) -> int:
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()
    return int(float(number) * {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}.get(unit, 1))
