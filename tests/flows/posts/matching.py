"""POSTs that the matching service answers."""

from datetime import date, datetime, timedelta

from contracts.fields import STATION_TIME
from tests.flows.people import unique
from tests.flows.posts.resource import ResourceThings
from tests.station import eventually

TEXT = {"text": "独居老人需要轮椅，出门看病用"}
FOLLOW_UP = {"purpose": "follow_up"}
ENDING = {"reason": "goals_reached", "stars": 5, "goals_reached": "yes"}


class MatchingThings(ResourceThings):
    """Matches, claims and pairings to post about."""

    def known(self, table: str, id: str) -> str:
        """Return the id of something of the library once matching has heard of it."""
        seen = f"SELECT count(*) FROM {table} WHERE id = CAST(:id AS uuid)"
        eventually(lambda: self.station.value("matching", seen, id=id))
        return id

    # Matches

    def match(self) -> str:
        unit = f"部{unique()}"
        self.worker.offer(unit)
        need = self.worker.need(unit)
        return eventually(lambda: self.worker.get(f"/api/matches?need_id={need['id']}")["items"])[0]["id"]

    def confirmed(self) -> str:
        return self.worker.post(f"/api/matches/{self.match()}/confirm")["id"]

    def delivered(self) -> str:
        return self.worker.post(f"/api/matches/{self.confirmed()}/deliver", {"delivered_on": day()})["id"]

    # The claim board; whoever claims is new, because nobody may have many claims at a time.

    def claimable(self) -> str:
        """A need that is on the board."""
        id = self.known("needs", self.need(quantity=3, target_group="elderly_alone"))
        return self.worker.post(f"/api/claim-board/{id}/open", TEXT)["id"]

    def promise(self) -> dict:
        return {"provider_id": self.known("providers", self.newcomer.provider()["id"]), "quantity": 2}

    def claim(self) -> str:
        body = self.promise()
        return self.newcomer.post(f"/api/claim-board/{self.claimable()}/claims", body)["id"]

    def approved(self) -> str:
        return self.worker.post(f"/api/claims/{self.claim()}/approve")["id"]

    def fulfilled(self) -> str:
        return self.newcomer.post(f"/api/claims/{self.approved()}/fulfil", {"note": "已送到"})["id"]

    def other(self) -> dict:
        """To whom a claim is handed over."""
        return {"provider_id": self.known("providers", self.provider()), "reason": "离得近"}

    # Pairings, with three visits to come

    def care(self) -> dict:
        helper = {"provider_id": self.known("providers", self.provider()), "role": "lead"}
        client_id = self.known("clients", self.client())
        return {"client_id": client_id, "kinds": ["emotional"], "helpers": [helper], "begun_on": day(-30), "plan": plan()}

    def pairing(self) -> str:
        return self.worker.post("/api/pairings", self.care())["id"]

    def planned(self) -> dict:
        """The first visit to come of a pairing."""
        found = self.worker.get(f"/api/pairing-visits?pairing_id={self.pairing()}")["items"]
        return min(found, key=lambda visit: visit["planned_on"])

    def put_off(self) -> tuple:
        visit = self.planned()
        later = date.fromisoformat(visit["planned_on"]) + timedelta(days=1)
        return (visit["id"],), {"on": later.isoformat()}

    def visited(self, **found) -> dict:
        return self.worker.post(f"/api/pairings/{self.pairing()}/visits", {**visit(), **found})

    def alert(self) -> str:
        """An alert that a visit raises at once: somebody is found as badly off as can be."""
        pairing = self.visited(mood=1)["pairing_id"]
        return self.worker.get(f"/api/pairing-alerts?pairing_id={pairing}")["items"][0]["id"]

    def handled(self) -> str:
        return self.worker.post(f"/api/pairing-alerts/{self.alert()}/acknowledge", {"note": "已上门"})["id"]

    # Who is kept apart

    def apart(self) -> dict:
        pair = {"provider_id": self.known("providers", self.provider()), "client_id": self.known("clients", self.client())}
        return {**pair, "reason": "曾有纠纷"}

    def blocked(self) -> str:
        return self.worker.post("/api/blocked-pairs", self.apart())["id"]


def day(ahead: int = 0) -> str:
    return (datetime.now(STATION_TIME).date() + timedelta(days=ahead)).isoformat()


def plan() -> dict:
    """Three visits, the last of them near the end of the weeks for which visits are set."""
    rule = "FREQ=WEEKLY;INTERVAL=2;COUNT=3"
    return {"rule": rule, "visit_time": "15:00", "first_on": day(3), "on_holidays": "keep"}


def visit() -> dict:
    return {"on": day(-1), "kinds": ["emotional"], "minutes": 30, "note": "聊了聊"}


def free_day() -> str:
    return (date(2060, 1, 1) + timedelta(days=int(unique(), 16) % 14_000)).isoformat()


# path: (who, service whose tables change, rows that are added to them, t -> (ids in the path, body))
CASES = {
    "/api/matches/{id}/confirm": ("worker", "matching", {"allocations": 1, "provider_days": 1, "provider_record": 1},
        lambda t: ((t.match(),), {})),
    "/api/matches/{id}/decline": ("worker", "matching", {}, lambda t: ((t.match(),), {"reason": "不合适"})),
    "/api/matches/{id}/schedule": ("worker", "matching", {}, lambda t: ((t.confirmed(),), {
        "starts_at": "2032-03-01T09:00:00+08:00", "ends_at": "2032-03-01T10:00:00+08:00"})),
    "/api/matches/{id}/deliver": ("worker", "matching", {"deliveries": 1}, lambda t: (
        (t.confirmed(),), {"delivered_on": day(), "people": 1, "note": "已送到"})),
    # Both sides are on the board again, and suggested to one another anew.
    "/api/matches/{id}/cancel": ("worker", "matching", {}, lambda t: (
        (t.confirmed(),), {"reason": "recipient_cancelled"})),
    "/api/matches/{id}/rate": ("worker", "matching", {"match_ratings": 1}, lambda t: (
        (t.delivered(),), {"side": "recipient", "stars": 5, "comment": "很好"})),
    "/api/matches/{id}/reveals": ("worker", "matching", {"match_reveals": 1}, lambda t: ((t.delivered(),), FOLLOW_UP)),
    "/api/claim-board/{id}/open": ("worker", "matching", {"listings": 1}, lambda t: (
        (t.known("needs", t.need(target_group="disabled")),), TEXT)),
    "/api/claim-board/{id}/close": ("worker", "matching", {}, lambda t: ((t.claimable(),), {})),
    "/api/claim-board/{id}/claims": ("newcomer", "matching", {"claims": 1, "claim_steps": 1}, lambda t: (
        (t.claimable(),), t.promise())),
    "/api/claims/{id}/approve": ("worker", "matching", {"claim_steps": 1, "provider_days": 1, "provider_record": 1},
                                 lambda t: ((t.claim(),), {})),
    "/api/claims/{id}/reject": ("worker", "matching", {"claim_steps": 1}, lambda t: ((t.claim(),), {"reason": "太远"})),
    "/api/claims/{id}/progress": ("newcomer", "matching", {"claim_steps": 1}, lambda t: (
        (t.approved(),), {"progress": "contacted"})),
    "/api/claims/{id}/fulfil": ("newcomer", "matching", {"claim_steps": 1, "deliveries": 1}, lambda t: (
        (t.approved(),), {"quantity": 1, "people": 1, "note": "已送到"})),
    "/api/claims/{id}/release": ("newcomer", "matching", {"claim_steps": 1}, lambda t: (
        (t.approved(),), {"reason": "claimer_cannot"})),
    "/api/claims/{id}/hand-over": ("worker", "matching",
                                   {"claims": 1, "claim_steps": 2, "provider_days": 1, "provider_record": 1},
                                   lambda t: ((t.claim(),), t.other())),
    "/api/claims/{id}/note-reveals": ("worker", "matching", {"claim_note_reveals": 1}, lambda t: (
        (t.fulfilled(),), FOLLOW_UP)),
    "/api/pairings": ("worker", "matching", {"pairings": 1, "pairing_helpers": 1, "visits": 3}, lambda t: ((), t.care())),
    "/api/pairings/{id}/transfer": ("worker", "matching", {"pairing_transfers": 1}, lambda t: (
        (t.pairing(),), {"worker": t.office.id, "reason": "workload"})),
    "/api/pairings/{id}/end": ("worker", "matching", {"visits": -3}, lambda t: ((t.pairing(),), ENDING)),
    "/api/pairings/{id}/visits": ("worker", "matching", {"visits": 1, "pairing_alerts": 1}, lambda t: (
        (t.pairing(),), {**visit(), "mood": 1})),
    "/api/pairings/{id}/reveals": ("worker", "matching", {"pairing_reveals": 1}, lambda t: ((t.pairing(),), FOLLOW_UP)),
    "/api/pairing-visits/{id}/reschedule": ("worker", "matching", {}, lambda t: t.put_off()),
    "/api/pairing-visits/{id}/cancel": ("worker", "matching", {}, lambda t: (
        (t.planned()["id"],), {"reason": "person_away"})),
    "/api/pairing-visits/{id}/reveals": ("worker", "matching", {"pairing_reveals": 1}, lambda t: (
        (t.visited()["id"],), FOLLOW_UP)),
    "/api/pairing-alerts/{id}/acknowledge": ("worker", "matching", {}, lambda t: ((t.alert(),), {"note": "已上门"})),
    "/api/pairing-alerts/{id}/reveals": ("worker", "matching", {"pairing_reveals": 1}, lambda t: (
        (t.handled(),), FOLLOW_UP)),
    "/api/holidays": ("operator", "matching", {"holidays": 1}, lambda t: (
        (), {"day": free_day(), "kind": "holiday", "name": "测试"})),
    "/api/plans": ("worker", "matching", {"plans": 1}, lambda t: ((), {})),
    "/api/blocked-pairs": ("worker", "matching", {"blocked_pairs": 1}, lambda t: ((), t.apart())),
    "/api/blocked-pairs/{id}/unblock": ("worker", "matching", {}, lambda t: ((t.blocked(),), {})),
    # Only asked.
    "/api/pairing-plans": ("worker", "matching", {}, lambda t: ((), {"plan": plan()})),
}  # fmt: skip
