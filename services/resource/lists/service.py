"""Commands and queries about lists from outside and to outside."""

import base64
from datetime import UTC, datetime, timedelta

from chassis import metrics
from chassis.database import is_transient
from chassis.every import every
from chassis.logs import log
from chassis.rpc import command, query
from contracts.calls.resource import lists as calls
from contracts.errors import NotFound
from contracts.fields import STATION_TIME, Paging
from services.resource import access
from services.resource.lists import domain, imports
from services.resource.lists.exports import export
from services.resource.lists.sheets import SHEETS, Words
from services.resource.lists.templates import template

TRUSTED = ("social_worker", "office")


class Lists:
    """Lists from outside and to outside."""

    @command(takes=calls.NewImport, returns=calls.ImportReport, roles=access.STAFF)
    def import_file(self, store, filename, content, kind, mapping):
        """Take every row of a table that is right, in one transaction; report each row that is not."""
        job = imports.at_once(self, store, filename, content, kind, mapping)
        said = store.reasons_of(job["id"])
        wrong = [row for row in said if row["outcome"] == "wrong"]
        return {**job, "rejected": wrong, "notes": [row for row in said if row["outcome"] != "wrong"]}

    @command(takes=calls.NewImport, returns=calls.ImportView, roles=access.STAFF)
    def create_import(self, store, filename, content, kind, mapping):
        """Take in a table to be previewed; nothing becomes of its rows before they are applied."""
        return _view(store, imports.begin(store, self.keyring, filename, content, kind, mapping))

    @query(returns=calls.ImportView, roles=access.STAFF)
    def get_import(self, store, id):
        return _view(store, _known(store, id))

    @query(takes=Paging, returns=calls.ImportPage, roles=access.STAFF)
    def list_imports(self, store, **paging):
        """Return the caller's imports; to the office, everybody's."""
        page = store.imports_by(None if "office" in store.caller.roles else store.caller.id, **paging)
        return {**page, "items": [{**job, "total": job["rows"]} for job in page["items"]]}

    @query(takes=calls.ImportRowFilter, returns=calls.ImportRowPage, roles=access.STAFF)
    def list_import_rows(self, store, id, **filters):
        return store.page_of_rows(_known(store, id)["id"], **filters)

    @command(takes=calls.Application, returns=calls.ImportView, roles=access.STAFF)
    def apply_import(self, store, id, **choice):
        """Take what was previewed into the library: all of what was chosen, or nothing."""
        imports.apply(self, store, _known(store, id, lock=True), datetime.now(UTC), **choice)
        return _view(store, store.import_of(id))

    @command(returns=calls.ImportView, roles=access.STAFF)
    def undo_import(self, store, id):
        """Withdraw what an import registered and give back what it changed, but for what was touched since."""
        imports.undo(self, store, _known(store, id, lock=True), datetime.now(UTC))
        return _view(store, store.import_of(id))

    @command(returns=calls.ImportView, roles=access.STAFF)
    def discard_import(self, store, id):
        """Let an import go; nothing of its rows is kept."""
        imports.discard(store, _known(store, id, lock=True))
        return _view(store, store.import_of(id))

    @query(takes=calls.TemplateOf, returns=calls.FileView, roles=access.EVERYBODY)
    def make_template(self, store, kind):
        """Return the workbook to be filled in for a kind of list, with the words as they are now."""
        words = Words(store.communities(), store.categories())
        content = template(kind, words, datetime.now(STATION_TIME).date())
        return {"filename": f"{SHEETS[kind]}登记表.xlsx", "content": base64.b64encode(content).decode(), "rows": 0}

    @query(takes=calls.NeedExport, returns=calls.FileView, roles=access.STAFF)
    def export_needs(self, store, format, **filters):
        return export(self, store, "needs", format, filters)

    @query(takes=calls.OfferExport, returns=calls.FileView, roles=access.STAFF)
    def export_offers(self, store, format, **filters):
        return export(self, store, "offers", format, filters)

    @query(takes=calls.ProviderExport, returns=calls.FileView, roles=access.STAFF)
    def export_providers(self, store, format, **filters):
        return export(self, store, "providers", format, filters)

    @command(takes=calls.NeedExportWithContacts, returns=calls.FileView, roles=TRUSTED)
    def export_needs_with_contacts(self, store, format, purpose, **filters):
        """Return needs with their private data; that each was shown is on record."""
        return export(self, store, "needs", format, filters, purpose)

    @command(takes=calls.ProviderExportWithContacts, returns=calls.FileView, roles=TRUSTED)
    def export_providers_with_contacts(self, store, format, purpose, **filters):
        """Return providers with their private data; that each was shown is on record."""
        return export(self, store, "providers", format, filters, purpose)

    @every(600)
    def forget_exports(self, store, now):
        """Let go the files with private data that were kept for a repeated request."""
        store.forget_results_of_exports(now - timedelta(hours=1))

    @every(1)
    def read_imports(self, store, now):
        """Check the next rows of an import; one at which this fails again and again holds nobody up."""
        job = store.import_to_read()
        if job is None:
            return False
        try:
            with store.connection.begin_nested():
                imports.read_on(store, self.keyring, job, now)
        except Exception as error:
            if is_transient(error):
                raise
            metrics.duties_failed.labels("read_imports").inc()
            log().error("import_not_read", import_id=job["id"], attempt=job["attempts"] + 1, exc_info=error)
            imports.note_failure(store, job)
            return False
        return True

    @every(3600)
    def forget_imports(self, store, now):
        """Let go what is kept of imports after a week."""
        return imports.forget_old(store, now)


def _known(store, id: str, *, lock: bool = False) -> dict:
    """Return an import that the caller may know of. Raises NotFound, Forbidden."""
    job = store.import_of(id, lock=lock)
    if job is None:
        raise NotFound("unknown_import", "id")
    domain.may_decide(job, store.caller)
    return job


def _view(store, job: dict) -> dict:
    """Return an import as it is shown, with what was counted so far."""
    outcomes = store.outcomes(job["id"])
    if job["state"] in ("applied", "undone"):
        became = store.became(job["id"])
        results = {name: became.get(name, 0) for name in calls.BECAME}
        if not became:
            results["created"] = job["created"]
    else:
        results = None
    return {
        **job,
        "total": job["rows"],
        "reason": {"slug": "import_failed"} if job["state"] == "failed" else None,
        "outcomes": {name: outcomes.get(name, 0) for name in calls.OUTCOMES}
        if outcomes or job["state"] == "reading"
        else None,
        "results": results,
    }
