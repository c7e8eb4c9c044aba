"""A table of needs or offers, as people keep it: the one request that may be large."""

import base64

from flask import current_app, g, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields
from werkzeug.exceptions import RequestEntityTooLarge

from contracts.calls.resource import ImportView, NewImport
from contracts.fields import Text, one_of
from services.gateway import access
from services.gateway.api import request as incoming
from services.gateway.api.openapi import KEY, document
from services.gateway.errors import Unsupported
from services.gateway.sentences import message_of

MOST_BYTES = 8_000_000  # sealed, it must fit into one message of RabbitMQ 4: 16 MiB
SECONDS = 120

IMPORTS = Blueprint("imports", __name__, url_prefix="/api", description="导入表格")


class Upload(Schema):
    """The parts of the form."""

    file = fields.String(required=True, metadata={"format": "binary", "description": "CSV or Excel, up to 8 MB"})
    kind = fields.String(validate=one_of("needs", "offers"), metadata={"description": "what the rows are"})
    mapping = Text(
        most=20_000, metadata={"description": "which column is what, TOML; found by the headings where it is left out"}
    )


@IMPORTS.route("/imports", methods=["POST"])
@document(
    summary="导入表格（CSV 或 Excel）",
    operation_id="import_file",
    parameters=[KEY],
    body={"multipart/form-data": {"schema": Upload}},
    responses={
        201: {"description": "what became of each row", "content": {"application/json": {"schema": ImportView}}}
    },
    problems=[400, 401, 403, 409, 413, 415, 422, 503],
)
def import_file():
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
    answer = current_app.extensions["calls"].call(
        "resource",
        "import_file",
        arguments,
        takes=NewImport,
        returns=ImportView,
        caller=caller,
        key=incoming.idempotency_key(),
        correlation_id=g.correlation_id,
        seconds=SECONDS,
    )
    return {**answer, **{name: [_in_chinese(row) for row in answer[name]] for name in ("rejected", "notes")}}, 201


def _in_chinese(row: dict) -> dict:
    slug, message = message_of(row["slug"])
    return {**row, "slug": slug, "message": message}
