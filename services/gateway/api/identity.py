"""Signing in and out, and the operators' list of users: the gateway's own data."""

from flask import current_app, request
from flask_smorest import Blueprint
from marshmallow import fields, validate

from contracts.fields import Call, Code, Id, Moment, Paging, Text, Truth, View, one_of, page_of
from services.gateway import access
from services.gateway.api import request as incoming
from services.gateway.api.openapi import KEY, document
from services.gateway.identity import STAFF
from services.gateway.identity import view as shown

ROLES = ("social_worker", "community_staff", "office", "partner", "operator")

IDENTITY = Blueprint("identity", __name__, url_prefix="/api", description="登录与用户")


class SignIn(Call):
    username = Text(required=True, most=64)
    password = Text(required=True, most=200)


class NewUser(Call):
    username = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z0-9_.-]{1,31}\Z", error="username"))
    password = Text(required=True, most=200, validate=validate.Length(10, 200, error="weak_password"))
    display_name = Text(required=True, most=50)
    roles = fields.List(fields.String(validate=one_of(*ROLES)), required=True)
    communities = fields.List(Code(), load_default=list, metadata={"description": "limited to these; empty for all"})


class UserChange(Call):
    """What is left out stays as it is."""

    password = Text(most=200, validate=validate.Length(10, 200, error="weak_password"))
    display_name = Text(most=50)
    roles = fields.List(fields.String(validate=one_of(*ROLES)))
    communities = fields.List(Code())
    active = Truth()


class UserView(View):
    id = Id(required=True)
    username = fields.String(required=True)
    display_name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    communities = fields.List(fields.String(), required=True)
    active = fields.Boolean(required=True)
    created_at = Moment(required=True)


class SessionView(View):
    expires_at = Moment(required=True)
    user = fields.Nested(UserView, required=True)


class NewSessionView(SessionView):
    token = fields.String(required=True)


class ColleagueView(View):
    """Somebody who works at the station, as colleagues see them."""

    id = Id(required=True, metadata={"description": "what a pairing takes as `worker` or `helper`"})
    display_name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    communities = fields.List(fields.String(), required=True)


UserPage = page_of(UserView)
ColleaguePage = page_of(ColleagueView)


def _json(schema) -> dict:
    return {"application/json": {"schema": schema}}


def _identity():
    return current_app.extensions["identity"]


@IDENTITY.route("/sessions", methods=["POST"])
@access.limit_attempts
@document(
    summary="登录，得到令牌",
    operation_id="sign_in",
    parameters=[KEY],
    body=_json(SignIn),
    responses={201: {"description": "signed in for twelve hours", "content": _json(NewSessionView)}},
    problems=[400, 401, 413, 415, 422, 429, 503],
    signed_in=False,
)
def sign_in():
    incoming.query(None)
    given = SignIn().load(incoming.json_body())
    answer = _identity().sign_in(given["username"], given["password"], incoming.key_or_new())
    return answer, 201, {"Location": request.path}


@IDENTITY.route("/sessions", methods=["GET"])
@document(
    summary="当前登录",
    operation_id="get_session",
    responses={200: {"description": "who is signed in", "content": _json(SessionView)}},
    problems=[401, 422, 503],
)
def get_session():
    user = access.require_user()
    incoming.query(None)
    return {"expires_at": user["expires_at"].isoformat(), "user": shown(user)}


@IDENTITY.route("/sessions", methods=["DELETE"])
@document(
    summary="退出登录",
    operation_id="sign_out",
    responses={204: {"description": "signed out"}},
    problems=[401, 403, 422, 503],
)
def sign_out():
    access.require_user()
    incoming.query(None)
    _identity().sign_out(access.token_of_request())
    return "", 204


@IDENTITY.route("/staff", methods=["GET"])
@document(
    summary="同事名单（社工、社区工作人员、街道办），例如移交结对时选人",
    operation_id="list_staff",
    parameters=[{"in": "query", "schema": Paging}],
    responses={200: {"description": "one page", "content": _json(ColleaguePage)}},
    problems=[401, 403, 422, 503],
    roles=STAFF,
)
def list_staff():
    access.require_role(*STAFF)
    return _identity().list_staff(**Paging().load(incoming.query(Paging)))


@IDENTITY.route("/users", methods=["GET"])
@document(
    summary="用户列表",
    operation_id="list_users",
    parameters=[{"in": "query", "schema": Paging}],
    responses={200: {"description": "one page", "content": _json(UserPage)}},
    problems=[401, 403, 422, 503],
    roles=["operator"],
)
def list_users():
    access.require_role("operator")
    return _identity().list_users(**Paging().load(incoming.query(Paging)))


@IDENTITY.route("/users", methods=["POST"])
@document(
    summary="增加用户",
    operation_id="create_user",
    parameters=[KEY],
    body=_json(NewUser),
    responses={201: {"description": "added", "content": _json(UserView)}},
    problems=[400, 401, 403, 409, 413, 415, 422, 503],
    roles=["operator"],
)
def create_user():
    access.require_role("operator")
    incoming.query(None)
    new = NewUser().load(incoming.json_body())
    user = _identity().create_user(new, incoming.key_or_new(), asked_by=access.caller().id)
    return user, 201, {"Location": f"{request.path}/{user['id']}"}


@IDENTITY.route("/users/<uuid:id>", methods=["GET"])
@document(
    summary="一位用户",
    operation_id="get_user",
    responses={200: {"description": "the user", "content": _json(UserView)}},
    problems=[401, 403, 404, 422, 503],
    roles=["operator"],
)
def get_user(id):
    access.require_role("operator")
    incoming.query(None)
    return _identity().get_user(str(id))


@IDENTITY.route("/users/<uuid:id>", methods=["PATCH"])
@document(
    summary="更改用户：角色、社区、停用、密码",
    operation_id="change_user",
    body=_json(UserChange),
    responses={200: {"description": "the changed user", "content": _json(UserView)}},
    problems=[400, 401, 403, 404, 409, 413, 415, 422, 503],
    roles=["operator"],
)
def change_user(id):
    access.require_role("operator")
    incoming.query(None)
    return _identity().change_user(str(id), UserChange().load(incoming.json_body()))
