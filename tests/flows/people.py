"""A station whose settings a test may change, the people at it, and the things that they register."""

import json
import urllib.error
import urllib.request
import uuid
from functools import cache

from tests.station import DEMO_PASSWORD, Station


class Platform(Station):
    """A station whose processes find what `changes` says in their environment, from their next start on."""

    changes: dict[str, str] = {}

    def environment(self, name: str) -> dict[str, str]:
        return {**super().environment(name), **self.changes}

    def send(self, method: str, path: str, data: bytes | None, headers: dict[str, str], timeout: float = 60):
        """Send bytes as they are; return (status, document, headers)."""
        address = f"http://127.0.0.1:{self.port('gateway')}{path}"
        request = urllib.request.Request(address, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.loads(answer.read() or b"null"), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null"), error.headers

    def restart(self, *names: str) -> None:
        """End these processes in good order and start them again."""
        for name in names:
            self.processes[name].terminate()
        for name in names:
            assert self.processes[name].wait(25) == 0, name
        self.start(*names)

    def contents(self, service: str) -> dict[str, str]:
        """Return a hash of what stands in each table of a service's database."""
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        parts = [
            f"SELECT '{row['tablename']}' AS name, count(*) || ' ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') AS hash"
            f" FROM {row['tablename']} AS t"
            for row in self.rows(service, names)
        ]
        return {row["name"]: row["hash"] for row in self.rows(service, " UNION ALL ".join(parts))}


class Person:
    """The demonstration user of a role, signed in."""

    def __init__(self, station: Platform, role: str):
        self.station, self.role = station, role
        status, session, _ = station.request("POST", "/api/sessions", {"username": role, "password": DEMO_PASSWORD})
        assert status == 201, session
        self.token, self.id = session["token"], session["user"]["id"]

    def ask(self, method: str, path: str, body=None, **headers):
        """Return (status, document, headers)."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.station.request(method, path, body, token=self.token, headers=named)

    def get(self, path: str) -> dict:
        return self._good(*self.ask("GET", path))

    def post(self, path: str, body=None, **headers) -> dict:
        return self._good(*self.ask("POST", path, body if body is not None else {}, **headers))

    def patch(self, path: str, body) -> dict:
        return self._good(*self.ask("PATCH", path, body))

    def upload(self, name: str, content: bytes, *, token: str | None = None, path: str = "/api/imports", **fields):
        """Import a file; return (status, document, headers). Fields that begin with a capital are headers."""
        boundary = "a-boundary-of-the-tests"
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()]
        parts += [content, b"\r\n"]
        headers = {k.replace("_", "-"): v for k, v in fields.items() if k[0].isupper()}
        for key, value in fields.items():
            if not key[0].isupper():
                part = f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
                parts.append(part.encode())
        body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
        headers |= {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        headers |= {"Authorization": f"Bearer {token or self.token}"}
        return self.station.send("POST", path, body, headers, timeout=150)

    def download(self, path: str) -> tuple[bytes, dict]:
        """Return a file that the gateway makes, and the headers that came with it."""
        address = f"http://127.0.0.1:{self.station.port('gateway')}{path}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read(), answer.headers

    def told(self, about: str, kind: str | None = None) -> list[dict]:
        """Return the messages in this person's inbox about a thing."""
        items = self.get("/api/messages?limit=200")["items"]
        return [m for m in items if m["about"] == about and kind in (None, m["kind"])]

    def provider(self, **changes) -> dict:
        """Register a provider; a partner's, which is a draft at first, is verified by a social worker."""
        facts = {"kind": "merchant", "name": f"好邻居{unique()}", "community": "jiangtou"}
        made = self.post("/api/providers", facts | changes)
        if self.role == "partner":
            made = _social_worker(self.station).post(f"/api/providers/{made['id']}/verify")
        return made

    def offer(self, unit: str, **changes) -> dict:
        provider_id = changes.pop("provider_id", None) or self.provider()["id"]
        facts = {
            "provider_id": provider_id, "title": "闲置轮椅", "community": "jiangtou", "category": "goods.aids",
            "quantity": 5, "unit": unit,
        }  # fmt: skip
        return self.post("/api/offers", facts | changes)

    def need(self, unit: str, headers=None, **changes) -> dict:
        return self.post("/api/needs", a_need(unit, **changes), **(headers or {}))

    @staticmethod
    def _good(status, document, _):
        assert status in (200, 201), (status, document)
        return document


def a_need(unit: str, **changes) -> dict:
    facts = {"title": "需要轮椅", "community": "jiangtou", "category": "goods.aids", "quantity": 1, "unit": unit}
    return facts | changes


def unique() -> str:
    """Return six characters that no other test has used; only what has the same unit is ever matched."""
    return uuid.uuid4().hex[:6]


@cache
def _social_worker(station) -> Person:
    return Person(station, "social_worker")
