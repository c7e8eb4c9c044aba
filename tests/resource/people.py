"""What the tests of clients and needs share: callers, entries, and calls sealed as the gateway seals them."""

from chassis.privacy import Keyring, open_fields, seal_fields
from contracts.calls.resource import private
from services.resource.service import ResourceService
from tests.support import DATA_KEYS, INDEX_KEY, WORKER, Caller, call, published

KEYRING = Keyring(DATA_KEYS, INDEX_KEY)
PARTNER = Caller("0190a000-0000-7000-8000-000000000003", ("partner",))
GRID_WORKER = Caller("0190a000-0000-7000-8000-000000000005", ("community_staff",), ("jiangtou",))
OFFER = "0190a000-0000-7000-8000-0000000000f0"
NEED = {"title": "轮椅一部", "community": "jiangtou", "category": "goods.aids", "quantity": 1, "unit": "部"}
PERSON = {
    "contact_name": "欧阳锋",
    "contact_phone": "139 1234 5678",
    "contact_address": "江头东路 5 号 2 栋 301",
    "birth_date": "1948-05-06",
}
CLIENT = {"community": "jiangtou", "target_group": "elderly_alone", **PERSON}
CHILD = {
    "community": "jiangtou",
    "contact_name": "小明",
    "birth_date": "2020-02-29",
    "guardian_name": "大明",
    "guardian_phone": "13800000000",
}


class Asking:
    """Calls the service as the gateway does, private fields sealed on the way."""

    def __init__(self, url):
        self.url = url

    def __call__(self, method, caller=WORKER, key=None, **arguments):
        takes = getattr(ResourceService, method).spec.takes
        sealed = seal_fields(KEYRING, takes, arguments)
        return call(ResourceService, self.url, method, caller=caller, key=key, **sealed)

    def reveal(self, kind, id, caller=WORKER, purpose="contact_for_service") -> dict:
        """Return what is shown of a thing, without what is empty."""
        answer = self(f"reveal_{kind}", caller, id=id, purpose=purpose)
        shown = open_fields(KEYRING, private.RevealView, answer)
        names = ("contact_name", "contact_phone", "contact_address", "details", "guardian_name", "guardian_phone",
                 "birth_date", "notes")  # fmt: skip
        return {name: shown[name] for name in names if shown[name]}


def told(url, kind) -> list:
    """Return the events of one class that wait in the outbox."""
    return [envelope.event for envelope in published(url, kind)]
