"""A table of needs, offers or providers, as people keep it: the one request that may be large."""

import base64

from flask import current_app, g, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields
from werkzeug.exceptions import RequestEntityTooLarge

from contracts.calls.resource import lists
from contracts.fields import Paging, Text, one_of
from services.gateway import access
from services.gateway.api import request as incoming
from services.gateway.api.openapi import KEY, ROLES, document
from services.gateway.api.routes import act, blueprint, get
from services.gateway.errors import Unsupported
from services.gateway.sentences import message_of

MOST_BYTES = 8_000_000  # sealed, it must fit into one message of RabbitMQ 4: 16 MiB
SECONDS = 120

IMPORTS = Blueprint("imports", __name__, url_prefix="/api", description="导入表格")


def _in_chinese(row: dict) -> dict:
    slug, message = message_of(row["slug"], row.get("suggested"))
    return {**row, "slug": slug, "message": message}


def _why(answer: dict) -> dict:
    """Say in Chinese why an import failed."""
    return {**answer, "reason": _in_chinese(answer["reason"]) if answer.get("reason") else None}


IMPORT_WORK = blueprint(
    "resource",
    "import_work",
    "导入表格：预览、登记、撤回",
    get("/imports", "list_imports", "导入记录", takes=Paging, returns=lists.ImportPage),
    get("/imports/<uuid:id>", "get_import", "一次导入的进度与结果", returns=lists.ImportView, worded=_why),
    act(
        "/imports/<uuid:id>/apply",
        "apply_import",
        "登记预览过的行（全部登记或一行也不登记）",
        takes=lists.Application,
        returns=lists.ImportView,
        seconds=SECONDS,
    ),
    act(
        "/imports/<uuid:id>/undo",
        "undo_import",
        "撤回一次导入（七天之内）",
        returns=lists.ImportView,
        seconds=SECONDS,
    ),
    act("/imports/<uuid:id>/discard", "discard_import", "放弃一次导入", returns=lists.ImportView, seconds=SECONDS),
)


class Upload(Schema):
    """The parts of the form."""

    file = fields.String(required=True, metadata={"format": "binary", "description": "CSV or Excel, up to 8 MB"})
    kind = fields.String(validate=one_of(*lists.LIST_KINDS), metadata={"description": "what the rows are"})
    mapping = Text(
        most=20_000, metadata={"description": "which column is what, TOML; found by the headings where it is left out"}
    )


def _upload(summary, operation_id, answer):
    """Document a route that takes a file."""
    return document(
        summary=summary,
        operation_id=operation_id,
        parameters=[KEY],
        body={"multipart/form-data": {"schema": Upload}},
        responses={201: answer},
        problems=[400, 401, 403, 409, 413, 415, 422, 503],
        roles=ROLES[f"resource.{operation_id}"],
    )


@IMPORTS.route("/imports", methods=["POST"])
@_upload(
    "导入表格（CSV 或 Excel），不经预览直接登记",
    "import_file",
    {"description": "what became of each row", "content": {"application/json": {"schema": lists.ImportReport}}},
)
def import_file():
    answer = _call("import_file", lists.ImportReport)
    return {**answer, **{name: [_in_chinese(row) for row in answer[name]] for name in ("rejected", "notes")}}, 201


@IMPORTS.route("/imports/previews", methods=["POST"])
@_upload(
    "上传表格并预览（CSV 或 Excel）",
    "create_import",
    {
        "description": "it is being read",
        "content": {"application/json": {"schema": lists.ImportView}},
        "headers": {"Location": {"description": "where its progress is shown", "schema": {"type": "string"}}},
    },
)
def create_import():
    answer = _call("create_import", lists.ImportView)
    return answer, 201, {"Location": f"/api/imports/{answer['id']}"}


@IMPORTS.route("/imports/<uuid:id>/rows", methods=["GET"])
@document(
    summary="预览的各行与原因",
    operation_id="list_import_rows",
    parameters=[{"in": "query", "schema": lists.ImportRowFilter}],
    responses={200: {"description": "rows", "content": {"application/json": {"schema": lists.ImportRowPage}}}},
    problems=[400, 401, 403, 404, 422, 503],
    roles=ROLES["resource.list_import_rows"],
)
def list_import_rows(id):
    caller = access.caller()
    answer = current_app.extensions["calls"].call(
        "resource",
        "list_import_rows",
        {**incoming.query(lists.ImportRowFilter), "id": str(id)},
        takes=lists.ImportRowFilter,
        returns=lists.ImportRowPage,
        caller=caller,
        correlation_id=g.correlation_id,
    )
    rows = [{**row, "reasons": [_in_chinese(reason) for reason in row["reasons"]]} for row in answer["items"]]
    return {**answer, "items": rows}


def _call(method: str, returns) -> dict:
    """Pass on the file that came with the request."""
    caller = access.caller()
    incoming.query(None)
    if request.mimetype != "multipart/form-data":
        raise Unsupported
    unknown = (set(request.form) | set(request.files)) - {"file", "kind", "mapping"}
    if unknown:
        raise ValidationError({name: ["Unknown field."] for name in unknown})
    upload = request.files.get("file")
    if upload is None:
        raise ValidationError({"file": ["file_missing"]})
    content = upload.read()
    if len(content) > MOST_BYTES:
        raise RequestEntityTooLarge
    arguments = {
        "filename": upload.filename or "file",
        "content": base64.b64encode(content).decode(),
        **{name: request.form[name] for name in ("kind", "mapping") if name in request.form},
    }
    return current_app.extensions["calls"].call(
        "resource",
        method,
        arguments,
        takes=lists.NewImport,
        returns=returns,
        caller=caller,
        key=incoming.idempotency_key(),
        correlation_id=g.correlation_id,
        seconds=SECONDS,
    )
