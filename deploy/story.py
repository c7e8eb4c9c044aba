"""The two stories, told through the running gateway; every hop is shown with its time."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import httpx
from rich.console import Console

from deploy.client import Person, sign_in
from deploy.state import DeployError

# A hop that takes longer counts as one that never comes.
HOP_SECONDS = 30


class Hops:
    """What happens after something was done: events and answers, each with the milliseconds since then."""

    def __init__(self, console: Console) -> None:
        self.console, self.events, self.began, self.correlation = console, [], 0.0, None
        self._listening = threading.Event()
        threading.Thread(target=self._listen, args=(sign_in("operator"),), daemon=True).start()
        if not self._listening.wait(HOP_SECONDS):
            raise DeployError("The live feed at /api/events does not answer.")

    def _listen(self, operator: Person) -> None:
        """Watch for as long as the story lasts; a stream that breaks is taken up again after the last event seen."""
        last = None
        while True:
            with suppress(httpx.TransportError):
                for event in operator.events(last):
                    if event is None:
                        self._listening.set()
                    else:
                        last = event["id"]
                        self.events.append((time.perf_counter(), event))
            time.sleep(0.2)

    def do(self, words: str, person: Person, path: str, body: dict | None = None) -> dict:
        """Do something, from which the time of what follows is counted; return the answer."""
        self.began = time.perf_counter()
        answer = person.post(path, body)
        self._show(
            f"[bold]{words}[/bold]",
            f"POST {path.partition(answer['id'])[0]}…" if answer["id"] in path else f"POST {path}",
        )
        return answer

    def event(self, type: str, about: str) -> dict:
        """Wait for an event of this type about this id; return its data."""

        def find():
            return next(((at, e) for at, e in self.events if e["type"] == type and about in e["data"].values()), None)

        at, event = self._until(f"the event {type}", find)
        self._show(f"event {type}", f"correlation {event['correlationid']}", at)
        return event["data"]

    def answer(self, words: str, ask: Callable[[], dict | None]) -> dict:
        """Wait until a question has an answer; return it."""
        found = self._until(words, ask)
        self._show(words, found.get("title") or "")
        return found

    def _until(self, words: str, find: Callable):
        deadline = time.perf_counter() + HOP_SECONDS
        while not (found := find()):
            if time.perf_counter() > deadline:
                raise DeployError(f"The story stops here: {words} did not come within {HOP_SECONDS} s.")
            time.sleep(0.005)
        return found

    def _show(self, words: str, more: str, at: float | None = None) -> None:
        took = ((at or time.perf_counter()) - self.began) * 1000
        self.console.print(f"{took:9.1f} ms  {words}  [dim]{more}[/dim]", soft_wrap=True, highlight=False)


def _message(person: Person, kind: str, about: set[str]) -> Callable[[], dict | None]:
    def find():
        return next(
            (each for each in person.get("/api/messages")["items"] if each["kind"] == kind and each["about"] in about),
            None,
        )

    return find


def tell(console: Console) -> None:
    """Tell both stories; raises DeployError at the first hop that does not come."""
    worker, office, partner = (sign_in(role) for role in ("social_worker", "office", "partner"))
    hops = Hops(console)
    mark = datetime.now().strftime("%H:%M:%S")

    console.print("\n[bold cyan]1. A need is created, and the matching service answers[/bold cyan]")
    provider = hops.do(
        "a merchant joins",
        worker,
        "/api/providers",
        {"kind": "merchant", "name": "故事里的餐馆", "community": "jiangtou"},
    )
    what = {"title": f"爱心午餐 {mark}", "community": "jiangtou", "category": "care.meals", "quantity": 3, "unit": "份"}
    offer = hops.do("and offers meals", worker, "/api/offers", {"provider_id": provider["id"], **what})
    hops.event("offer.published.v1", offer["id"])
    need = hops.do("a resident needs meals", worker, "/api/needs", {**what, "urgency": 2})
    hops.event("need.created.v1", need["id"])
    match = hops.answer(
        "a match is suggested",
        lambda: next(
            (m for m in worker.get("/api/matches", need_id=need["id"])["items"] if m["offer_id"] == offer["id"]), None
        ),
    )
    hops.event("match.proposed.v1", match["id"])
    hops.event("need.matched.v1", need["id"])
    hops.answer("a message to the social worker", _message(worker, "need.matched.v1", {need["id"], match["id"]}))
    hops.do("the social worker confirms", worker, f"/api/matches/{match['id']}/confirm")
    hops.event("match.confirmed.v1", match["id"])
    hops.answer("a message to the social worker", _message(worker, "match.confirmed.v1", {need["id"], match["id"]}))

    console.print("\n[bold cyan]2. A grant is approved, and the applicant is told[/bold cyan]")
    fund = hops.do("the office opens a fund", office, "/api/funds", {"name": f"故事基金 {mark}", "amount": "1000.00"})
    body = {"fund_id": fund["id"], "title": f"楼道微花园 {mark}", "purpose": "种花", "requested": "800.00"}
    application = hops.do("a partner drafts an application", partner, "/api/applications", body)
    hops.do("and submits it", partner, f"/api/applications/{application['id']}/submit")
    hops.event("grant.submitted.v1", application["id"])
    decision = {"amount": "600.00", "reason": "预算合理"}
    hops.do("the office approves 600 yuan", office, f"/api/applications/{application['id']}/approve", decision)
    hops.event("grant.approved.v1", application["id"])
    hops.answer("a message to the partner", _message(partner, "grant.approved.v1", {application["id"]}))
    console.print("\n[green]Both stories came to their end.[/green]")
