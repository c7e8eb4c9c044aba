"""Files that go out: templates to be filled in, and lists, without or (on record) with contacts."""

import base64
from urllib.parse import quote

from flask import Response, current_app, g
from flask_smorest import Blueprint

from contracts.calls.resource import lists
from services.gateway import access
from services.gateway.api import request as incoming
from services.gateway.api.openapi import KEY, ROLES, document

SECONDS = 120
TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}

EXPORTS = Blueprint("exports", __name__, url_prefix="/api", description="导出表格与下载登记表")


def _template(kind: str, about: str):
    @document(
        summary=f"下载{about}登记表（Excel，带下拉列表与说明）",
        operation_id=f"download_{kind}_template",
        responses={200: _file("xlsx")},
        problems=[400, 401, 403, 422, 503],
        roles=ROLES["resource.make_template"],
    )
    def view():
        caller = access.caller()
        incoming.query(None)
        return _answer("make_template", {"kind": kind}, lists.TemplateOf, caller)

    EXPORTS.add_url_rule(f"/templates/{kind}.xlsx", f"{kind}_template", view, methods=["GET"])


def _export(kind: str, about: str, takes):
    @document(
        summary=f"导出{about}（不含联系方式）",
        operation_id=f"export_{kind}",
        parameters=[{"in": "query", "schema": takes}],
        responses={200: _file("xlsx", "csv")},
        problems=[400, 401, 403, 422, 503],
        roles=ROLES[f"resource.export_{kind}"],
    )
    def view():
        caller = access.caller()
        return _answer(f"export_{kind}", incoming.query(takes), takes, caller)

    EXPORTS.add_url_rule(f"/exports/{kind}", f"export_{kind}", view, methods=["GET"])


def _export_with_contacts(kind: str, about: str, takes):
    @document(
        summary=f"导出{about}（含联系方式，逐项留下记录）",
        operation_id=f"export_{kind}_with_contacts",
        parameters=[KEY],
        body={"application/json": {"schema": takes}},
        responses={200: _file("xlsx", "csv")},
        problems=[400, 401, 403, 409, 413, 415, 422, 503],
        roles=ROLES[f"resource.export_{kind}_with_contacts"],
    )
    def view():
        caller = access.caller()
        arguments = incoming.json_body()
        incoming.query(None)
        key = incoming.idempotency_key()
        return _answer(f"export_{kind}_with_contacts", arguments, takes, caller, key)

    EXPORTS.add_url_rule(f"/exports/{kind}/with-contacts", f"export_{kind}_with_contacts", view, methods=["POST"])


def _answer(method: str, arguments: dict, takes, caller, key: str | None = None) -> Response:
    """Return the file that the resource service makes, as a download."""
    made = current_app.extensions["calls"].call(
        "resource",
        method,
        arguments,
        takes=takes,
        returns=lists.FileView,
        caller=caller,
        key=key,
        correlation_id=g.correlation_id,
        seconds=SECONDS,
    )
    content_type = TYPES[made["filename"].rpartition(".")[2]]
    response = Response(base64.b64decode(made["content"]), content_type=content_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made['filename'])}"
    response.headers["X-Row-Count"] = str(made["rows"])
    return response


def _file(*formats: str) -> dict:
    shape = {"schema": {"type": "string", "format": "binary"}}
    return {"description": "the file", "content": {TYPES[format]: shape for format in formats}}


for _kind, _about in (("needs", "需求"), ("offers", "资源"), ("providers", "提供方")):
    _template(_kind, _about)
_export("needs", "需求", lists.NeedExport)
_export("offers", "资源", lists.OfferExport)
_export("providers", "提供方", lists.ProviderExport)
_export_with_contacts("needs", "需求", lists.NeedExportWithContacts)
_export_with_contacts("providers", "提供方", lists.ProviderExportWithContacts)
