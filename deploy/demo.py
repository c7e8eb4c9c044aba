"""The demonstration station, loaded through the running gateway as its users would enter it."""

import hashlib
import json
import time as clock
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from deploy.client import ROLES, Person, Refused, sign_in

STATION = Path(__file__).with_name("demo.toml")
STATION_TIME = ZoneInfo("Asia/Shanghai")
HEARD_SECONDS = 60


def load(say: Callable[[str], None] = print) -> bool:
    """Load what deploy/demo.toml describes; False where that was done before.

    A load that was broken off is taken up where it was: each request has a key made of what it asks for.
    """
    station = tomllib.loads(STATION.read_text())
    office, last = sign_in("office"), station["fund"][-1]["application"][-1]["title"]
    if any(each["title"] == last for each in office.all("/api/applications")):
        return False
    say("Loading the demonstration station …")
    people = {role: sign_in(role) for role in ROLES}
    today = datetime.now(STATION_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
    # Whole families side by side; what one of them needs comes before it. The fund is last: it tells that all is there.
    with ThreadPoolExecutor(6) as pool:
        jobs = [partial(_provider, people, each) for each in station["provider"]]
        jobs += [partial(_site, people, each, today) for each in station["site"]]
        list(pool.map(lambda job: job(), jobs))
        list(pool.map(partial(_need, people), station["need"]))
    for fund in station["fund"]:
        _fund(people, fund)
    say(f"Loaded {len(station['provider'])} providers, {len(station['need'])} needs, claims, a pairing, bookings and applications.")
    return True


def _post(people: dict[str, Person], by: str, path: str, body: dict | None = None) -> dict:
    asked = json.dumps([by, path, body], ensure_ascii=False, sort_keys=True)
    return people[by].post(path, body, key=f"demo-{hashlib.sha256(asked.encode()).hexdigest()[:32]}")


def _heard(people: dict[str, Person], by: str, path: str, body: dict) -> dict:
    """Post what a service takes as soon as it has heard of what it is about."""
    deadline = clock.monotonic() + HEARD_SECONDS
    while True:
        try:
            return _post(people, by, path, body)
        except Refused as refused:
            if refused.status not in (403, 404) or clock.monotonic() > deadline:
                raise
        clock.sleep(0.2)


def _need(people: dict[str, Person], need: dict) -> None:
    by, listing, claim, pairing = need.pop("by"), need.pop("listing", None), need.pop("claim", None), need.pop("pairing", None)
    made = _post(people, by, "/api/needs", need)
    if listing:
        _heard(people, "social_worker", f"/api/claim-board/{made['id']}/open", {"text": listing})
    if claim:
        body = {"provider_id": _own(people, claim["by"])["id"], "quantity": claim["quantity"]}
        _heard(people, claim["by"], f"/api/claim-board/{made['id']}/claims", body)
    if pairing:
        helper = {"helper": people[pairing["by"]].user["id"], "provider_id": _own(people, pairing.pop("by"))["id"], "role": "lead"}
        plan = {"first_on": datetime.now(STATION_TIME).date().isoformat(), **pairing.pop("plan")}
        _heard(people, by, "/api/pairings", {"client_id": made["client_id"], "helpers": [helper], "plan": plan, **pairing})


def _own(people: dict[str, Person], by: str) -> dict:
    """Return the first provider that somebody registered."""
    user = people[by].user["id"]
    return next(each for each in people[by].all("/api/providers") if each["registered_by"] == user)


def _provider(people: dict[str, Person], provider: dict) -> None:
    by, offers = provider.pop("by"), provider.pop("offer", [])
    made = _post(people, by, "/api/providers", provider)
    if made["state"] == "draft":
        _post(people, "social_worker", f"/api/providers/{made['id']}/verify", {})
    for offer in offers:
        _post(people, by, "/api/offers", {"provider_id": made["id"], "community": provider["community"], **offer})


def _site(people: dict[str, Person], site: dict, today: datetime) -> None:
    by, spaces = site.pop("by"), site.pop("space")
    made = _post(people, by, "/api/sites", site)
    for space in spaces:
        bookings = space.pop("booking", [])
        room = _post(people, by, "/api/spaces", {"site_id": made["id"], **space})
        for booking in bookings:
            _booking(people, room["id"], booking, today)


def _booking(people: dict[str, Person], space: str, booking: dict, today: datetime) -> None:
    day = today + timedelta(days=booking["day"])
    hours = {
        f"{name}s_at": datetime.combine(day, time.fromisoformat(booking[word]), STATION_TIME).isoformat()
        for name, word in (("start", "from"), ("end", "to"))
    }
    body = {"space_id": space, "title": booking["title"], "people": booking["people"], **hours}
    made = _post(people, booking["by"], "/api/bookings", body)
    if booking.get("approve"):
        _post(people, "office", f"/api/bookings/{made['id']}/approve")
    if "reject" in booking:
        _post(people, "office", f"/api/bookings/{made['id']}/reject", {"reason": booking["reject"]})


def _fund(people: dict[str, Person], fund: dict) -> None:
    applications = fund.pop("application")
    made = _post(people, "office", "/api/funds", fund)
    for each in applications:
        body = {"fund_id": made["id"], **{name: each[name] for name in ("title", "purpose", "requested")}}
        path = f"/api/applications/{_post(people, each['by'], '/api/applications', body)['id']}"
        _post(people, each["by"], f"{path}/submit")
        if "approve" in each:
            _post(people, "office", f"{path}/approve", {"amount": each["approve"], "reason": each["reason"]})
        if "reject" in each:
            _post(people, "office", f"{path}/reject", {"reason": each["reject"]})
