"""Lists from outside and to outside."""

from marshmallow import fields, validate

from contracts.calls.resource.needs import NeedFilter
from contracts.calls.resource.offers import OfferFilter
from contracts.calls.resource.private import REVEAL_PURPOSES
from contracts.calls.resource.providers import ProviderFilter
from contracts.fields import Call, Id, Moment, Paging, Private, Text, Truth, View, one_of, page_of

LIST_KINDS = ("needs", "offers", "providers")
OUTCOMES = ("new", "changed", "unchanged", "duplicate", "wrong")
BECAME = ("created", "changed", "skipped", "undone", "left")
FORMATS = ("xlsx", "csv")


class NewImport(Call):
    """A table as people keep it: CSV (UTF-8 or GB18030) or an Excel workbook."""

    filename = Text(required=True, most=200)
    content = Private(required=True, least=0, most=11_000_000, metadata={"description": "the file, base64"})
    kind = fields.String(load_default=None, allow_none=True, validate=one_of(*LIST_KINDS))
    mapping = Text(load_default=None, allow_none=True, most=20_000, metadata={"description": "a mapping, TOML"})


class CategoryStandIn(View):
    """The category that is taken for somebody's own words; where it is wrong, the cell is to be corrected."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    confidence = fields.Integer(required=True, metadata={"description": "0 to 100; a person decides"})


class RowProblem(View):
    line = fields.Integer(required=True, metadata={"description": "line of the file, the heading is line 1"})
    column = fields.String(required=True, allow_none=True)
    slug = fields.String(required=True)
    message = fields.String(metadata={"description": "a Chinese sentence; the gateway adds it"})
    suggested = fields.Nested(CategoryStandIn, allow_none=True)


class ImportReport(View):
    """What became of a file that was taken in at once."""

    id = Id(required=True)
    kind = fields.String(required=True)
    mapping = fields.String(required=True, metadata={"description": "name of the mapping used"})
    rows = fields.Integer(required=True)
    created = fields.Integer(required=True)
    rejected = fields.List(fields.Nested(RowProblem), required=True)
    notes = fields.List(fields.Nested(RowProblem), required=True, metadata={"description": "taken, but worth a look"})


class Outcomes(View):
    """How many of the rows that were read so far there are of each outcome."""

    new = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    duplicate = fields.Integer(required=True)
    wrong = fields.Integer(required=True)


class Results(View):
    """What became of the rows, once they were applied."""

    created = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    undone = fields.Integer(required=True)
    left = fields.Integer(required=True, metadata={"description": "not undone, because they were touched since"})


class ImportReason(View):
    slug = fields.String(required=True)
    message = fields.String(metadata={"description": "a Chinese sentence; the gateway adds it"})


class ImportView(View):
    """An import: read (done of total), previewed, applied, undone, discarded, or failed with a reason."""

    id = Id(required=True)
    kind = fields.String(required=True)
    mapping = fields.String(required=True, metadata={"description": "name of the mapping used"})
    state = fields.String(
        required=True, metadata={"description": "reading, previewed, applied, undone, discarded or failed"}
    )
    reason = fields.Nested(
        ImportReason, required=True, allow_none=True, metadata={"description": "why it failed, null where it did not"}
    )
    done = fields.Integer(required=True, metadata={"description": "rows read so far"})
    total = fields.Integer(required=True, metadata={"description": "rows in the file"})
    outcomes = fields.Nested(Outcomes, required=True, allow_none=True, metadata={"description": "null after a week"})
    results = fields.Nested(
        Results, required=True, allow_none=True, metadata={"description": "null before it is applied"}
    )
    imported_by = fields.String(required=True)
    imported_at = Moment(required=True)
    applied_by = fields.String(required=True, allow_none=True)
    applied_at = Moment(required=True, allow_none=True)
    undone_by = fields.String(required=True, allow_none=True)
    undone_at = Moment(required=True, allow_none=True)


class ImportSummary(View):
    """An import in a list."""

    id = Id(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    total = fields.Integer(required=True)
    imported_by = fields.String(required=True)
    imported_at = Moment(required=True)
    applied_at = Moment(required=True, allow_none=True)


class Application(Call):
    """Which rows of a previewed import are taken; the new ones always are."""

    skip_wrong = Truth(load_default=False, metadata={"description": "leave out rows that are wrong"})
    include_duplicates = Truth(
        load_default=False, metadata={"description": "take what is there already as well"}
    )
    include_changes = Truth(load_default=False, metadata={"description": "change what has a number of ours"})


class ImportRowFilter(Call):
    outcome = fields.String(load_default=None, validate=one_of(*OUTCOMES))
    became = fields.String(load_default=None, validate=one_of(*BECAME))
    after = fields.Integer(
        load_default=None, strict=True, validate=validate.Range(min=0, max=2_000_000, error="range"),
        metadata={"description": "cursor: `next` of the page before"},
    )  # fmt: skip
    limit = fields.Integer(
        load_default=50, validate=validate.Range(min=1, max=200, error="range"),
        metadata={"description": "how many at most, 1 to 200"},
    )  # fmt: skip


class RowReason(View):
    column = fields.String(required=True, allow_none=True)
    cell = fields.String(required=True, allow_none=True, metadata={"description": "as Excel names it, such as C17"})
    slug = fields.String(required=True)
    message = fields.String(metadata={"description": "a Chinese sentence; the gateway adds it"})
    suggested = fields.Nested(CategoryStandIn, allow_none=True)


class ImportRowView(View):
    """A row of an import, without private data."""

    line = fields.Integer(required=True, metadata={"description": "line of the file, the heading is line 1"})
    outcome = fields.String(required=True, metadata={"description": ", ".join(OUTCOMES)})
    reasons = fields.List(fields.Nested(RowReason), required=True)
    title = fields.String(required=True, allow_none=True, metadata={"description": "null where the row is wrong"})
    subject_id = Id(required=True, allow_none=True, metadata={"description": "what it is about, or has become"})
    twin = fields.Integer(
        required=True, allow_none=True, metadata={"description": "the earlier line that says the same"}
    )
    became = fields.String(required=True, allow_none=True, metadata={"description": ", ".join(BECAME)})


ImportPage = page_of(ImportSummary)
ImportRowPage = page_of(ImportRowView)


class TemplateOf(Call):
    kind = fields.String(required=True, validate=one_of(*LIST_KINDS))


class FileView(View):
    """A file, whole."""

    filename = fields.String(required=True)
    content = Private(required=True, most=16_000_000, metadata={"description": "the file, base64"})
    rows = fields.Integer(required=True)


def _export_of(filter: type[Paging], name: str) -> tuple[type[Call], type[Call]]:
    """Return the schemas of an export of everything that a list's filter leaves: a plain one, and one with contacts."""
    shape = {"Meta": type("Meta", (Call.Meta,), {"exclude": ("after", "limit")})}
    shape["format"] = fields.String(
        load_default="xlsx", validate=one_of(*FORMATS), metadata={"description": "xlsx or csv"}
    )
    plain = type(f"{name}Export", (filter,), shape)
    purpose = fields.String(required=True, validate=one_of(*REVEAL_PURPOSES))
    return plain, type(f"{name}ExportWithContacts", (plain,), {"purpose": purpose, "Meta": shape["Meta"]})


NeedExport, NeedExportWithContacts = _export_of(NeedFilter, "Need")
OfferExport, _ = _export_of(OfferFilter, "Offer")
ProviderExport, ProviderExportWithContacts = _export_of(ProviderFilter, "Provider")
