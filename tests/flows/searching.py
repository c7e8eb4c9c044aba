"""Look for a text wherever a station may have left it."""

import base64
import json
import subprocess

from tests.station import PASSWORDS


def spellings(secret: str) -> list[str]:
    """Return how a text may look in files and messages: as it is, escaped in JSON, in hexadecimal and in base64."""
    data = secret.encode()
    inside = [base64.b64encode(b"x" * shift + data).decode()[4 if shift else 0 : -4] for shift in (0, 1, 2)]
    return [secret, json.dumps(secret)[1:-1], data.hex(), *(part for part in inside if len(part) > 7)]


def in_databases(station, secret: str) -> list[str]:
    """Return "service.table" for every table of every service in which a text stands."""
    found = []
    for service in PASSWORDS:
        for row in station.rows(service, "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"):
            sql = f"SELECT count(*) FROM {row['name']} AS t WHERE " + " OR ".join(
                f"t::text LIKE :s{i}" for i in range(len(spellings(secret)))
            )
            values = {f"s{i}": f"%{_literal(s)}%" for i, s in enumerate(spellings(secret))}
            if station.value(service, sql, **values):
                found.append(f"{service}.{row['name']}")
    return found


def in_files(secret: str, *folders) -> list[str]:
    """Return every file below these folders in which a text stands."""
    patterns = [part for spelling in spellings(secret) for part in ("-e", spelling)]
    command = ["grep", "-rlaF", *patterns, *map(str, folders)]
    # What is deleted meanwhile is no mistake; grep says so with status 2 all the same.
    done = subprocess.run(command, capture_output=True, text=True, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    return done.stdout.splitlines()


def in_messages(messages, secret: str) -> list[str]:
    """Return the messages of a tap in which a text stands."""
    wanted = spellings(secret)
    return [
        f"{exchange}: {text[:200]}"
        for exchange, properties, body in messages
        if any(s in (text := properties + body.decode("utf-8", "replace")) for s in wanted)
    ]


def _literal(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
