"""A table from outside becomes needs or offers: one transaction, every row taken or reported."""

import base64
import binascii
import time

import uuid_utils
from marshmallow import ValidationError

from contracts.calls import resource as calls
from contracts.errors import Invalid
from contracts.resource import NeedCreated, OfferPublished, ProviderRegistered
from services.resource import domain, tables
from services.resource.domain import Need, Offer, Provider


def carry_out(store, keyring, filename: str, content: str, kind: str | None, mapping_text: str | None) -> dict:
    """Take a file's rows into the library; return the report (see contracts.calls.resource.ImportView)."""
    try:
        table = tables.read_table(filename, base64.b64decode(content, validate=True))
    except binascii.Error as error:
        raise Invalid("unreadable_file", "file") from error
    mapping = tables.choose_mapping(table[0][1], kind, mapping_text)
    job = _Import(store, keyring, mapping)
    for number, (line, cells) in enumerate(table):
        job.take(line, cells)
        if number % 100 == 0:
            time.sleep(0)  # let other calls of this process go on
    created = job.save()
    report = {"id": _new_id(), "kind": mapping["kind"], "mapping": mapping["name"], "rows": len(table), "created": created}
    store.record_import(**report | {"rejected": len(job.rejected), "imported_by": store.caller.id})
    return {**report, "rejected": job.rejected, "notes": job.notes}


class _Import:
    """The rows of one file on their way: what will be kept, what is rejected, what is worth a look."""

    def __init__(self, store, keyring, mapping):
        self.store, self.keyring, self.mapping = store, keyring, mapping
        self.communities = store.communities()
        self.categories = {row["code"]: row for row in store.categories()}
        by_name = {name: code for code, name in self.communities.items()}
        by_name |= {name.removesuffix("社区"): code for code, name in self.communities.items()}
        self.words = {
            "community": lambda text: text if text in self.communities else by_name.get(text),
            "category": tables.category_finder(list(self.categories.values())),
        }
        self.schema = {"needs": calls.NewNeed, "offers": calls.NewOffer}[mapping["kind"]]()
        self.provider_schema = calls.NewProvider()
        self.rejected, self.notes = [], []
        self.rows: list[tuple[int, dict, dict | None]] = []

    def take(self, line: int, cells: dict) -> None:
        """Check a row; keep it for `save`, or say what is wrong with it."""
        fields = self.mapping["fields"]
        data, notes = tables.fill(fields, cells, self.words)
        provider = None
        try:
            if self.mapping["kind"] == "offers":
                rules = self.mapping["provider"]
                provider, _ = tables.fill(rules, cells, self.words)
                provider = self._checked(self.provider_schema, provider, rules, line)
                data["provider_id"] = _NOBODY
            data = self._checked(self.schema, data, fields, line)
        except _Rejected:
            return
        self.notes += [{"line": line, "column": column, "slug": slug} for _, column, slug in notes]
        self.rows.append((line, data, provider))

    def save(self) -> int:
        """Keep everything that was taken, with its events; return how many needs or offers there are now."""
        if not self.rows:
            return 0
        if self.mapping["kind"] == "needs":
            self._save_needs()
        else:
            self._save_offers()
        return len(self.rows)

    def _save_needs(self):
        needs, private = [], []
        for _, data, _ in self.rows:
            public, secret = domain.split_private(data)
            need = Need(id=_new_id(), version=1, registered_by=self.store.caller.id, **public)
            needs.append(need)
            private.append(domain.seal(self.keyring, f"need/{need.id}", secret))
            time.sleep(0)
        self.store.add(*needs, private=private)
        self.store.publish(*(domain.need_event(NeedCreated, need, *self._names(need)) for need in needs))

    def _save_offers(self):
        ids = self.store.providers_named([provider["name"] for _, _, provider in self.rows])
        offers = []
        for _, data, provider in self.rows:
            if provider["name"] not in ids:
                ids[provider["name"]] = self._new_provider(provider)
            data = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
            data["provider_id"] = ids[provider["name"]]
            offers.append(Offer(id=_new_id(), version=1, registered_by=self.store.caller.id, **data))
        self.store.add(*offers)
        self.store.publish(*(domain.offer_event(OfferPublished, offer, *self._names(offer)) for offer in offers))

    def _new_provider(self, data) -> str:
        public, secret = domain.split_private(data)
        provider = Provider(id=_new_id(), version=1, registered_by=self.store.caller.id, **public)
        self.store.add(provider, private=[domain.seal(self.keyring, f"provider/{provider.id}", secret)])
        self.store.publish(domain.provider_event(ProviderRegistered, provider))
        return provider.id

    def _names(self, thing):
        return self.communities[thing.community], self.categories[thing.category]["name"]

    def _checked(self, schema, data, rules, line) -> dict:
        """Return a row's data as its schema loads them; report each mistake and raise _Rejected."""
        problems = []
        try:
            loaded = schema.load(data)
        except ValidationError as error:
            for name, messages in error.normalized_messages().items():
                problems += [(name, message) for message in (messages if isinstance(messages, list) else ["invalid"])]
        else:
            problems = list(self._mistakes(loaded))
        for name, slug in problems:
            slug = f"unknown_{name}" if slug == "code" and name in self.words else slug
            self.rejected.append({"line": line, "column": tables.column_of(rules, name) or name, "slug": slug})
        if problems:
            raise _Rejected
        return loaded

    def _mistakes(self, data):
        if data["community"] not in self.communities:
            yield "community", "unknown_community"
        elif not self.store.caller.may_see(data["community"]):
            yield "community", "community_forbidden"
        category = self.categories.get(data["category"]) if "category" in data else None
        if "category" in data and not (category and category["parent"]):
            yield "category", "unknown_category"
        if data.get("contact_phone"):
            try:
                domain.normal_phone(data["contact_phone"])
            except Invalid as refusal:
                yield "contact_phone", refusal.slug


class _Rejected(Exception):
    """A row was reported; nothing of it is kept."""


_NOBODY = "00000000-0000-0000-0000-000000000000"  # replaced by the provider's id when the rows are kept


def _new_id() -> str:
    return str(uuid_utils.uuid7())
