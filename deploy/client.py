"""The running platform as its users see it: over HTTP, signed in by role."""

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx

from deploy import secrets, state
from deploy.state import ROOT, DeployError

ROLES = ("social_worker", "community_staff", "office", "partner", "operator")


class Refused(DeployError):
    """The platform answered with a problem; the message is its own Chinese sentence."""

    def __init__(self, answer: httpx.Response) -> None:
        try:
            problem = answer.json()
        except ValueError:
            problem = {}
        detail = problem.get("detail") or answer.text[:300]
        fields = "".join(f"\n  {each['field']}: {each['message']}" for each in problem.get("errors", []))
        super().__init__(f"{answer.request.method} {answer.request.url.path} → {answer.status_code}: {detail}{fields}")
        self.status = answer.status_code


class Person:
    """Somebody who is signed in at the running platform."""

    def __init__(self, address: str, token: str, user: dict, seconds: float = 30) -> None:
        self.address, self.token, self.user = address, token, user
        self.http = httpx.Client(
            base_url=address, timeout=seconds, trust_env=False, headers={"Authorization": f"Bearer {token}"}
        )

    def get(self, path: str, **parameters) -> dict:
        """Return what is at a path."""
        return _answer(self.http.get(path, params=parameters))

    def all(self, path: str, **parameters) -> list[dict]:
        """Return every item of a list, over all its pages."""
        items, after = [], {}
        while True:
            page = self.get(path, limit=200, **parameters, **after)
            items += page["items"]
            if not page["next"]:
                return items
            after = {"after": page["next"]}

    def post(self, path: str, body: dict | None = None, key: str | None = None) -> dict:
        """Post something and return the answer; the same key never does it twice, so a lost answer is asked for again."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        deadline = time.monotonic() + 30
        while True:
            try:
                answer = self.http.post(path, json=body or {}, headers=headers)
                if answer.status_code != 503 or time.monotonic() > deadline:
                    return _answer(answer)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.5)

    def upload(self, file: Path, kind: str | None, mapping: str | None) -> dict:
        """Import a table; return what became of its rows."""
        fields = {name: value for name, value in (("kind", kind), ("mapping", mapping)) if value}
        return _answer(
            self.http.post("/api/imports", files={"file": (file.name, file.read_bytes())}, data=fields, timeout=300)
        )

    def events(self, last_seen: str | None = None) -> Iterator[dict]:
        """Yield events as they happen, until the stream ends; the first is None: from here on, none is missed."""
        headers = {"Last-Event-ID": last_seen} if last_seen else {}
        # The gateway says something every 15 s; silence for longer means that it is gone.
        with self.http.stream("GET", "/api/events", headers=headers, timeout=httpx.Timeout(10, read=40)) as answer:
            if answer.status_code != 200:
                answer.read()
                raise Refused(answer)
            begun = False
            for line in answer.iter_lines():
                if not begun:
                    begun = True
                    yield None
                if line.startswith("data: ") and line != "data: {}":
                    yield json.loads(line.removeprefix("data: "))


def _answer(answer: httpx.Response) -> dict:
    if not answer.is_success:
        raise Refused(answer)
    return answer.json() if answer.content else {}


def address() -> str:
    """Return where the platform was last started."""
    known = state.recall()
    if "address" not in known:
        raise DeployError("Nothing was started here yet. Start it with ./run")
    return known["address"]


def _settings() -> dict[str, str]:
    return secrets.read(ROOT / ".env" if state.recall().get("mode") == "compose" else state.HOME / "secrets.env")


def has_demo() -> bool:
    """Tell whether this station has the demonstration's users; not so where JINLIN_DEMO is not 1 in its settings."""
    return _settings().get("JINLIN_DEMO") == "1"


def demo_password() -> str:
    """Return the password of the demonstration station's users."""
    if not has_demo():
        raise DeployError("This station has no demonstration users: JINLIN_DEMO is not 1 in its settings.")
    return _settings()["JINLIN_DEMO_PASSWORD"]


def sign_in(role: str) -> Person:
    """Sign in as the demonstration station's user of this role."""
    if role not in ROLES:
        raise DeployError(f"There is no role {role}. Roles: {', '.join(ROLES)}")
    where = address()
    try:
        answer = _answer(
            httpx.post(
                f"{where}/api/sessions",
                json={"username": role, "password": demo_password()},
                timeout=30,
                trust_env=False,
            )
        )
    except httpx.TransportError as error:
        raise DeployError(
            f"Nothing answers at {where} ({error}). Start it with ./run, look at it with ./run status"
        ) from error
    return Person(where, answer["token"], answer["user"])
