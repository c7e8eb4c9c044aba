"""POSTs that the gateway itself answers, and the venue, grants and notify services."""

from tests.flows.people import unique
from tests.flows.posts.people import People, a_user
from tests.station import eventually


class WorkThings(People):
    """Places, money and messages to post about."""

    def booking(self, **changes) -> dict:
        day = f"2032-{1 + int(unique(), 16) % 12:02d}-10T"
        times = {"starts_at": f"{day}09:00:00+08:00", "ends_at": f"{day}10:00:00+08:00"}
        return {"space_id": self.space(), "title": "排练", "people": 3, **times, **changes}

    def site(self) -> dict:
        return {"name": f"站点{unique()}", "community": "jiangtou", "address": "江头北路 8 号"}

    def room(self) -> dict:
        site = self.worker.post("/api/sites", self.site())["id"]
        return {"site_id": site, "name": "教室", "kind": "classroom", "capacity": 20}

    def space(self) -> str:
        return self.worker.post("/api/spaces", self.room())["id"]

    def booked(self) -> str:
        return self.worker.post("/api/bookings", self.booking())["id"]

    def fund(self) -> str:
        return self.office.post("/api/funds", {"name": f"基金{unique()}", "amount": "100.00"})["id"]

    def draft(self) -> dict:
        return {"fund_id": self.fund(), "title": "助学", "purpose": "文具", "requested": "50.00"}

    def drafted(self) -> str:
        return self.worker.post("/api/applications", self.draft())["id"]

    def submitted(self) -> str:
        return self.worker.post(f"/api/applications/{self.drafted()}/submit")["id"]

    def message(self) -> str:
        id = self.submitted()
        self.office.post(f"/api/applications/{id}/reject", {"reason": "重复申请"})
        return eventually(lambda: self.worker.told(id))[0]["id"]


# path: (who, service whose tables change, rows that are added to them, t -> (ids in the path, body))
CASES = {
    "/api/users": ("operator", "gateway", {"users": 1}, lambda t: ((), a_user("partner"))),
    "/api/sites": ("worker", "venue", {"sites": 1}, lambda t: ((), t.site())),
    "/api/spaces": ("worker", "venue", {"spaces": 1}, lambda t: ((), t.room())),
    "/api/bookings": ("worker", "venue", {"bookings": 1}, lambda t: ((), t.booking())),
    "/api/bookings/{id}/approve": ("worker", "venue", {}, lambda t: ((t.booked(),), {})),
    "/api/bookings/{id}/reject": ("worker", "venue", {}, lambda t: ((t.booked(),), {"reason": "检修"})),
    "/api/bookings/{id}/cancel": ("worker", "venue", {}, lambda t: ((t.booked(),), {"reason": "不来了"})),
    "/api/funds": ("office", "grants", {"funds": 1}, lambda t: ((), {"name": "基金", "amount": "12.50"})),
    "/api/applications": ("worker", "grants", {"applications": 1}, lambda t: ((), t.draft())),
    "/api/applications/{id}/submit": ("worker", "grants", {}, lambda t: ((t.drafted(),), {})),
    "/api/applications/{id}/approve": ("office", "grants", {}, lambda t: (
        (t.submitted(),), {"amount": "50.00", "reason": "同意"})),
    "/api/applications/{id}/reject": ("office", "grants", {}, lambda t: ((t.submitted(),), {"reason": "重复"})),
    "/api/messages/{id}/read": ("worker", "notify", {}, lambda t: ((t.message(),), {})),
    "/api/channels": ("worker", "notify", {"channels": 1}, lambda t: ((), {"url": "mailtos://u:p@example.org"})),
}  # fmt: skip
