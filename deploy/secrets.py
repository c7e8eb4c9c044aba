"""Passwords and keys: generated once for each station, readable by the owner only, kept in one file of NAME=value."""

import base64
import secrets
from pathlib import Path

from deploy.server import write_private

SERVICES = ("resource", "venue", "matching", "grants", "notify", "gateway")


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _generated() -> dict[str, str]:
    passwords = {f"JINLIN_{name.upper()}_DATABASE_PASSWORD": secrets.token_urlsafe(24) for name in SERVICES}
    return passwords | {
        "JINLIN_DATA_KEYS": f"k1:{_key()}",
        "JINLIN_INDEX_KEY": _key(),
        "JINLIN_SECRET_KEY": secrets.token_urlsafe(48),
        "JINLIN_DEMO": "1",
        "JINLIN_DEMO_PASSWORD": secrets.token_urlsafe(9),
    }


def read(path: Path) -> dict[str, str]:
    """Return the assignments of a file; empty where there is none."""
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def ensure(path: Path, passwords: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the file's assignments, after adding what is missing; what is there is never changed."""
    there = read(path)
    wanted = _generated() | {name: secrets.token_urlsafe(24) for name in passwords}
    missing = {name: value for name, value in wanted.items() if name not in there}
    if missing:
        old = (
            path.read_text()
            if path.exists()
            else "# Written by ./run. Without these keys, encrypted data cannot be read.\n"
        )
        lines = "".join(f"{name}={value}\n" for name, value in missing.items())
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, old + ("" if old.endswith("\n") else "\n") + lines)
    return there | missing


def change(path: Path, name: str, value: str) -> None:
    """Set one assignment of a file, in its place or at the end."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith(f"{name}=")]
    write_private(path, "\n".join([*lines, f"{name}={value}"]) + "\n")


def database_passwords(known: dict[str, str]) -> str:
    """Return JINLIN_DATABASE_PASSWORDS, as the migrate command takes it."""
    return ",".join(f"{name}={known[f'JINLIN_{name.upper()}_DATABASE_PASSWORD']}" for name in SERVICES)
