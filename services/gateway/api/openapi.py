"""The OpenAPI 3.1 document: what the calls' schemas say, in the words of JSON Schema."""

import json
from pathlib import Path

from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields

from contracts.fields import Id, Moment, Text, View, Yuan
from services.gateway.pages import words

# Which roles may make each call, as the services say: `python -m chassis roles`.
ROLES = json.loads((Path(__file__).parent.parent / "roles.json").read_text())
_CONTROL = r"\u0000-\u0008\u000b-\u001f\u007f"
_MONEY = r"[0-9]{1,10}(\.[0-9]{1,2})?$"

KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "repeat a request under the same key and it is carried out once; the answer is the same again",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}

PROBLEMS = {
    400: "malformed: broken JSON, or not UTF-8",
    401: "nobody is signed in, or not any more",
    403: "the caller may not do this",
    404: "not there, or not there for this caller",
    409: "not in the state that things are in",
    413: "too large",
    415: "not the type of content that is taken here",
    422: "the values make no sense; `errors` says where",
    429: "too many tries",
    503: "a service is away; Retry-After says when to try again",
}


class Mistake(Schema):
    """What is wrong with one field."""

    field = fields.String(required=True, metadata={"description": "path of the field, parts joined by dots"})
    slug = fields.String(required=True)
    message = fields.String(required=True, metadata={"description": "a Chinese sentence"})


class Problem(Schema):
    """Why a request was not carried out (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True, metadata={"description": "Chinese, a few words"})
    status = fields.Integer(required=True)
    slug = fields.String(required=True, metadata={"description": "stable, for programs"})
    detail = fields.String(required=True, metadata={"description": "a Chinese sentence, for people"})
    field = fields.String(required=True, allow_none=True, metadata={"description": "the first field to look at"})
    errors = fields.List(fields.Nested(Mistake), required=True)
    correlation_id = fields.String(required=True, allow_none=True)


def make_api(app) -> Api:
    """Return the API, which serves its document at /api/openapi.json."""
    app.config.update(
        API_TITLE="近邻 Jinlin",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = Api(app, spec_kwargs={"info": {"description": "社工站的资源、需求、匹配、场地、基金与消息。"}})
    api.DEFAULT_ERROR_RESPONSE_NAME = None
    api.register_field(Yuan, "string", "decimal")
    api.ma_plugin.converter.add_attribute_function(_of_our_fields)
    api.ma_plugin.converter.add_parameter_attribute_function(_never_null)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    return api


def describe(route, service):
    """Document a route of the table, with the roles that may use it."""
    roles = ROLES[f"{service}.{route.call}"]
    statuses = [400, 401, 403, 422, 503]
    asked = route.takes if route.method == "GET" else None
    names_one = asked and any(isinstance(field, Id) and field.required for field in asked().fields.values())
    statuses += [404] if "<" in route.path or names_one else []
    statuses += [404, 409, 413, 415] if route.has_body else []
    parameters = [{"in": "query", "schema": asked}] if asked else []
    parameters += [KEY] if route.method == "POST" else []
    answer = {"description": "carried out"}
    if route.returns:
        answer["content"] = {"application/json": {"schema": route.returns}}
    if route.located:
        answer["headers"] = {"Location": {"description": "where the new thing is", "schema": {"type": "string"}}}
    return document(
        summary=route.about,
        operation_id=route.operation,
        parameters=parameters,
        body={"application/json": {"schema": route.takes or NOTHING}} if route.has_body else None,
        body_required=route.needs_body,
        responses={route.status: answer},
        problems=statuses,
        roles=roles,
    )


NOTHING = {"type": "object", "additionalProperties": False}


def document(
    *, summary, operation_id, responses, problems, parameters=(), body=None, body_required=True, signed_in=True, roles=None
):
    """Document one operation in OpenAPI's own words."""
    doc = {
        "summary": summary,
        "operationId": operation_id,
        "responses": {str(status): answer for status, answer in responses.items()}
        | {str(status): _problem(status) for status in sorted(set(problems))},
        "security": [{"token": []}] if signed_in else [],
    }
    if roles is not None:
        names = "、".join(words.ROLES[role] for role in roles) if roles else "登录的人"
        doc |= {"description": f"可用：{names}。", "x-roles": roles}
    if parameters:
        doc["parameters"] = list(parameters)
    if body:
        doc["requestBody"] = {"content": body, "required": body_required}
    return Blueprint.doc(**doc)


def _problem(status):
    answer = {"description": PROBLEMS[status], "content": {"application/problem+json": {"schema": Problem}}}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status in (429, 503):
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}}}
    return answer


def _of_our_fields(self, field, ret, **_):
    """Say what marshmallow's description cannot: what text may hold, how money and times are written."""
    ret.pop("x-minimum", None), ret.pop("x-maximum", None)
    taken = not isinstance(field.parent, View)
    if isinstance(field, Yuan):
        return {"pattern": (r"^(?!0+(\.0+)?$)" if taken else "^") + _MONEY}
    if isinstance(field, Text) and ret.get("minLength", 1) == 0:
        return {"pattern": rf"^[^{_CONTROL}]*$"}
    if isinstance(field, Text) and ret.get("minLength", 0) > 0:
        # At least one character that is not white space, because text is trimmed before it is measured.
        return {"pattern": rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"}
    if isinstance(field, Moment):
        return {"format": "date-time"}
    if "pattern" in ret:
        # Python matches from the beginning and ends with \Z; a JSON Schema pattern says both.
        return {"pattern": "^" + ret["pattern"].removeprefix("^").removesuffix(r"\Z") + "$"}
    return {}


def _never_null(self, field, ret, **_):
    """A query parameter is there or is not; it is never null."""
    schema = ret["schema"]
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if schema.get("default", 0) is None:
        del schema["default"]
    return {}
