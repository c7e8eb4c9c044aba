"""POSTs that the resource service answers."""

import uuid

from tests.flows.people import a_need, unique
from tests.flows.posts.people import People
from tests.station import eventually

REVEAL, WITHDRAWAL = {"purpose": "correction"}, {"reason": "other"}
CONSENT = {"what": "service", "by_whom": "self", "how": "paper"}


class ResourceThings(People):
    """Things of the library to post about."""

    def provider(self, **facts) -> str:
        return self.worker.provider(**facts)["id"]

    def paused(self) -> str:
        return self.worker.post(f"/api/providers/{self.provider()}/pause", {"reason": "装修"})["id"]

    def giver(self) -> str:
        """A provider who is helped as well, and agreed to be named."""
        return self.provider(kind="volunteer", client_id=self.client(), named=True)

    def offer(self) -> str:
        return self.worker.offer(unique())["id"]

    def need(self, **facts) -> str:
        return self.worker.need(unique(), **facts)["id"]

    def client(self, **facts) -> str:
        return self.worker.post("/api/clients", {"community": "jiangtou", **facts})["id"]

    def consent(self) -> str:
        return self.worker.post(f"/api/clients/{self.client()}/consents", CONSENT)["id"]

    def assessment(self) -> dict:
        form = self.worker.get("/api/assessment-form")
        items = [item for part in form["parts"] for item in part["items"]]
        answers = [{"item": item["code"], "option": item["options"][0]["code"]} for item in items]
        return {"form": form["version"], "answers": answers}

    def twins(self) -> dict:
        """Two clients with one phone, flagged as a pair."""
        phone = f"139{uuid.uuid4().int % 10**8:08d}"
        id, _ = (self.client(contact_phone=phone) for _ in range(2))
        return self.worker.get(f"/api/duplicates?subject_id={id}")["items"][0]

    def merge(self) -> tuple:
        pair = self.twins()
        return (pair["id"],), {"keep": pair["one"]["id"]}

    def merged(self) -> str:
        (id,), body = self.merge()
        return self.worker.post(f"/api/duplicates/{id}/merge", body)["id"]

    def previewed(self) -> str:
        """A file with two needs, read and not applied yet."""
        _, made, _ = self.worker.upload("list.csv", two_needs(), path="/api/imports/previews")
        address = f"/api/imports/{made['id']}"
        return eventually(lambda: (now := self.worker.get(address))["state"] == "previewed" and now)["id"]

    def applied(self) -> str:
        return self.worker.post(f"/api/imports/{self.previewed()}/apply")["id"]

    def category(self) -> dict:
        """A new category, as a body that deletes it."""
        made = self.operator.post("/api/categories", {"code": f"goods.t{unique()}", "name": "测试"})
        return {"code": made["code"], "version": made["version"]}


def two_needs(unit: str | None = None) -> bytes:
    unit = unit or unique()
    rows = ["标题,社区,类别,数量,单位", *(f"轮椅{unique()},江头社区,轮椅,1,{unit}" for _ in range(2))]
    return "\n".join(rows).encode()


# path: (who, service whose tables change, rows that are added to them, t -> (ids in the path, body))
CASES = {
    "/api/providers": ("worker", "resource", {"providers": 1}, lambda t: (
        (), {"kind": "volunteer", "name": "老李", "community": "lvcuo"})),
    "/api/providers/{id}/withdraw": ("worker", "resource", {}, lambda t: ((t.provider(),), WITHDRAWAL)),
    "/api/providers/{id}/reveals": ("worker", "resource", {"reveals": 1}, lambda t: ((t.provider(),), REVEAL)),
    "/api/providers/{id}/verify": ("worker", "resource", {}, lambda t: ((t.provider(draft=True),), {})),
    "/api/providers/{id}/pause": ("worker", "resource", {}, lambda t: ((t.provider(),), {"reason": "装修"})),
    "/api/providers/{id}/resume": ("worker", "resource", {}, lambda t: ((t.paused(),), {})),
    "/api/providers/{id}/honour": ("worker", "resource", {"honour_agreements": 1}, lambda t: (
        (t.giver(),), {"agreed": True})),
    "/api/offers": ("worker", "resource", {"offers": 1, "stock_movements": 1}, lambda t: ((), {
        "provider_id": t.provider(), "title": "轮椅", "community": "lvcuo", "category": "goods.aids",
        "quantity": 1, "unit": unique()})),
    "/api/offers/{id}/withdraw": ("worker", "resource", {}, lambda t: ((t.offer(),), WITHDRAWAL)),
    "/api/offers/{id}/receive": ("worker", "resource", {"stock_movements": 1}, lambda t: (
        (t.offer(),), {"quantity": 3})),
    "/api/offers/{id}/correct": ("worker", "resource", {"stock_movements": 1}, lambda t: ((t.offer(),), {"found": 3})),
    "/api/offers/{id}/write-off": ("worker", "resource", {"stock_movements": 1}, lambda t: (
        (t.offer(),), {"quantity": 1})),
    "/api/needs": ("worker", "resource", {"needs": 1, "clients": 1}, lambda t: (
        (), a_need(unique(), contact_phone="13912345678"))),
    "/api/needs/{id}/publish": ("worker", "resource", {}, lambda t: ((t.need(draft=True),), {})),
    "/api/needs/{id}/withdraw": ("worker", "resource", {}, lambda t: ((t.need(),), WITHDRAWAL)),
    "/api/needs/{id}/reveals": ("worker", "resource", {"reveals": 1}, lambda t: (
        (t.need(contact_name="欧阳"),), REVEAL)),
    "/api/clients": ("worker", "resource", {"clients": 1}, lambda t: (
        (), {"community": "jiangtou", "contact_name": "欧阳"})),
    "/api/clients/{id}/reveals": ("worker", "resource", {"reveals": 1}, lambda t: (
        (t.client(contact_name="欧阳"),), REVEAL)),
    "/api/clients/{id}/consents": ("worker", "resource", {"consents": 1}, lambda t: ((t.client(),), CONSENT)),
    "/api/clients/{id}/assessments": ("worker", "resource", {"assessments": 1}, lambda t: (
        (t.client(),), t.assessment())),
    "/api/clients/{id}/forget": ("worker", "resource", {"consents": 1}, lambda t: (
        (t.client(),), {"by_whom": "self", "how": "voice"})),
    "/api/consents/{id}/withdraw": ("worker", "resource", {}, lambda t: ((t.consent(),), {})),
    "/api/duplicates/{id}/merge": ("worker", "resource", {"merges": 1}, lambda t: t.merge()),
    "/api/duplicates/{id}/dismiss": ("worker", "resource", {}, lambda t: ((t.twins()["id"],), {})),
    "/api/duplicates/{id}/undo": ("worker", "resource", {}, lambda t: ((t.merged(),), {})),
    "/api/imports/{id}/apply": ("worker", "resource", {"needs": 2, "import_batches": -1}, lambda t: (
        (t.previewed(),), {})),
    "/api/imports/{id}/undo": ("worker", "resource", {}, lambda t: ((t.applied(),), {})),
    "/api/imports/{id}/discard": ("worker", "resource", {"import_rows": -2, "import_batches": -1}, lambda t: (
        (t.previewed(),), {})),
    "/api/categories": ("operator", "resource", {"categories": 1}, lambda t: (
        (), {"code": f"goods.t{unique()}", "name": "测试"})),
    "/api/categories/delete": ("operator", "resource", {"categories": -1, "categories_deleted": 1}, lambda t: (
        (), t.category())),
    "/api/communities": ("operator", "resource", {"communities": 1}, lambda t: (
        (), {"code": f"t{unique()}", "name": f"社区{unique()}"})),
    # What is only asked; in a body, because people type names and phone numbers.
    "/api/lookups": ("worker", "resource", {}, lambda t: ((), {"contact_phone": "13900000000"})),
    "/api/search": ("worker", "resource", {}, lambda t: ((), {"text": f"查无{unique()}"})),
    "/api/categories/suggest": ("worker", "resource", {}, lambda t: ((), {"text": "老人想要一部轮椅"})),
}  # fmt: skip
