"""Rows of a table are checked: what the calls say of them, and what is there already."""

import time
import uuid
from datetime import datetime

from marshmallow import ValidationError

from contracts.calls.resource.providers import NewProvider
from contracts.errors import Invalid, Refusal
from contracts.fields import STATION_TIME
from services.resource.clients import domain as clients
from services.resource.domain import must_be_to_come
from services.resource.lists import tables, timetables
from services.resource.lists.domain import Columns, Row, differences
from services.resource.needs import domain as needs
from services.resource.needs.domain import Need
from services.resource.offers import domain as offers
from services.resource.offers.domain import Offer
from services.resource.private import domain as private_data
from services.resource.providers import domain as providers
from services.resource.providers.domain import Provider

KINDS = {"needs": Need, "offers": Offer, "providers": Provider}
ID = "编号"
FIXED = ("provider_id", "form", "client_kind")  # these no change takes
NOBODY = "00000000-0000-0000-0000-000000000000"  # stands for the provider until its row is kept


class Checker:
    """What is needed to judge the rows of one import, for as many batches as there are."""

    def __init__(self, store, keyring, job: dict, caller):
        self.store, self.keyring, self.caller = store, keyring, caller
        self.kind, self.rules = job["kind"], job["rules"]
        self.columns = Columns(tuple(job["columns"]))
        self.codes = {}
        self.communities = store.communities()
        categories = store.categories_whole()
        self.categories = {row["code"]: row for row in categories}
        by_name = {name: code for code, name in self.communities.items()}
        by_name |= {name.removesuffix("社区"): code for code, name in self.communities.items()}

        def community(text):
            return text if text in self.communities else by_name.get(text)

        self.find_category = tables.category_finder(categories)
        self.words = {"community": community, "serves": community, "category": lambda text: self.find_category(text)[0]}
        self.schema, self.provider_schema = tables.SCHEMAS[self.kind](), NewProvider()
        self.has_form = tables.column_of(self.rules["fields"], "form") in self.columns.names
        self.given = {
            name for name in self.rules["fields"] if tables.column_of(self.rules["fields"], name) in self.columns.names
        } - {*private_data.PRIVATE, *FIXED}

    def check(self, batch: list[tuple[int, dict]]) -> list[Row]:
        """Return what is to be said of each row."""
        rows = []
        for number, (line, cells) in enumerate(batch):
            rows.append(self._row(line, cells))
            if number % 20 == 0:
                time.sleep(0)  # let other calls of this process go on
        self._compare([row for row in rows if row.outcome == "changed"])
        if self.kind == "providers":
            self._check_codes(rows)
        return rows

    def _row(self, line: int, cells: dict) -> Row:
        row, fields = Row(line), self.rules["fields"]
        data, notes = tables.fill(fields, cells, self.words)
        if self.kind == "offers":
            rules = self.rules["provider"]
            provider, _ = tables.fill(rules, cells, self.words)
            row.provider = self._loaded(row, self.provider_schema, provider, rules)
            data["provider_id"] = NOBODY
        row.data = self._loaded(row, self.schema, data, fields)
        if cells.get(ID):
            self._is_of(row, cells[ID])
        if row.outcome == "new":
            self._makes_sense(row, lambda: self._check_new(row))
        if row.outcome == "wrong":
            return row
        row.reasons += [self.columns.reason(line, column, slug) for _, column, slug in notes]
        row.reasons += self._suggested_category(line, cells)
        phone = row.data.get("contact_phone")
        if phone and row.outcome == "new":
            row.phone_digest = self.keyring.digest(private_data.normal_phone(phone), "phone")
        return row

    def _check_new(self, row: Row):
        """Raise what the rules have against something new; say what becomes of a minor's need."""
        now = datetime.now(STATION_TIME)
        if self.kind == "offers":
            offers.checked(_offer_of(row.data), now)
        elif self.kind == "providers":
            public, _ = private_data.split_private(row.data)
            row.data["credit_code"] = providers.join(NOBODY, public, "", now, by_staff=True).credit_code
        else:
            must_be_to_come(row.data["ends_at"], "ends_at", now)
            if clients.born(row.data["client_kind"], row.data["birth_date"], None, now.date())["minor"]:
                column = tables.column_of(self.rules["fields"], "birth_date")
                row.reasons.append(self.columns.reason(row.line, column, "guardian_consent_required"))

    def _check_codes(self, rows: list[Row]):
        """Refuse the codes of organisations that are there already, or stand further up."""
        rows = [row for row in rows if row.outcome in ("new", "changed") and row.data.get("credit_code")]
        known = self.store.providers_with_codes([row.data["credit_code"] for row in rows])
        for row in rows:
            code = row.data["credit_code"]
            owner = known.get(code) or self.codes.setdefault(code, row.line)
            if owner != (row.subject_id if code in known else row.line):
                self._wrong(row, tables.column_of(self.rules["fields"], "credit_code"), "credit_code_taken")

    def _suggested_category(self, line: int, cells: dict) -> list[dict]:
        """Say which category stands for somebody's own words, and how likely that is: a person decides."""
        column = tables.column_of(self.rules["fields"], "category")
        _, suggested = self.find_category(cells[column]) if cells.get(column) else (None, None)
        return [self.columns.reason(line, column, "category_suggested") | {"suggested": suggested}] if suggested else []

    def _is_of(self, row: Row, text: str):
        try:
            row.subject_id = str(uuid.UUID(text))
        except ValueError:
            self._wrong(row, ID, "not_an_id")
            return
        if row.outcome != "wrong":
            row.outcome = "changed"

    def _compare(self, rows: list[Row]):
        """Find the things that rows speak of, and what they change of them."""
        if not rows:
            return
        found = self.store.things(KINDS[self.kind], sorted({row.subject_id for row in rows}))
        of = {}
        if self.kind == "offers":
            of = self.store.things(Provider, sorted({offer.provider_id for offer in found.values()}))
        for row in rows:
            thing = found.get(row.subject_id)
            if thing is None or not self.caller.may_see(thing.community):
                row.subject_id = None
                self._wrong(row, ID, "unknown_number")
                continue
            if self.kind == "offers" and of[thing.provider_id].name != row.provider["name"]:
                self._wrong(row, tables.column_of(self.rules["provider"], "name"), "provider_cannot_change")
                continue
            if self.kind == "offers" and self.has_form and thing.form != row.data["form"]:
                self._wrong(row, tables.column_of(self.rules["fields"], "form"), "form_cannot_change")
                continue
            row.version = thing.version
            row.changes, row.before = differences(vars(thing), row.data, self.given)
            if row.changes and not self._makes_sense(
                row, lambda thing=thing, row=row: self._changed(thing, row.changes)
            ):
                continue
            row.outcome = "changed" if row.changes else "unchanged"
            for name in row.changes:
                column = tables.column_of(self.rules["fields"], name)
                row.reasons.append(self.columns.reason(row.line, column, "will_change"))

    def _changed(self, thing, changes):
        """Return a thing as it would be. Raises a Refusal."""
        now = datetime.now(STATION_TIME)
        if self.kind == "offers":
            return offers.change(thing, thing.version, changes, now)
        if self.kind == "providers":
            return providers.change(thing, thing.version, changes, now.date(), by_staff=True)
        return needs.change(thing, thing.version, changes, now)

    def _makes_sense(self, row: Row, decide) -> bool:
        """Tell whether the rules of the library take what a row says; where they do not, say so of the row."""
        try:
            decide()
        except Refusal as refusal:
            fields = self.rules["fields"]
            self._wrong(row, tables.column_of(fields, refusal.field) if refusal.field in fields else None, refusal.slug)
        return row.outcome != "wrong"

    def _loaded(self, row: Row, schema, data: dict, rules: dict) -> dict | None:
        """Return data as a call takes them; where they are not right, say so of the row."""
        problems, loaded = [], None
        try:
            loaded = schema.load(data)
        except ValidationError as error:
            for name, messages in error.normalized_messages().items():
                problems += [(name, message) for message in _messages(messages)]
        else:
            problems = list(self._mistakes(loaded))
        for name, slug in problems:
            if slug == "Not a valid list." and name in timetables.READERS:
                slug = "unclear_times"
            if slug == "code" and name in self.words:
                slug = "unknown_category" if name == "category" else "unknown_community"
            self._wrong(row, tables.column_of(rules, name) or name, slug)
        return loaded

    def _wrong(self, row: Row, column: str | None, slug: str):
        row.outcome = "wrong"
        reason = self.columns.reason(row.line, column, slug)
        if reason not in row.reasons:  # an offer and its provider may share a cell
            row.reasons.append(reason)

    def _mistakes(self, data: dict):
        if data["community"] not in self.communities:
            yield "community", "unknown_community"
        elif not self.caller.may_see(data["community"]):
            yield "community", "community_forbidden"
        for code in data.get("serves", ()):
            if code not in self.communities:
                yield "serves", "unknown_community"
        category = self.categories.get(data["category"]) if "category" in data else None
        if "category" in data and not (category and category["parent"]):
            yield "category", "unknown_category"
        for name in ("contact_phone", "guardian_phone"):
            if data.get(name):
                try:
                    private_data.normal_phone(data[name])
                except Invalid as refusal:
                    yield name, refusal.slug


def _offer_of(data: dict) -> Offer:
    return Offer(id=NOBODY, version=1, registered_by="", **{"quantity": 0, **data})


def _messages(messages) -> list[str]:
    """Return what a schema says of a field; of a list's elements, each thing once."""
    if isinstance(messages, dict):
        return sorted({text for inner in messages.values() for text in _messages(inner)})
    return messages
