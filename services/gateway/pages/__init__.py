"""The pages for people, in Chinese: sign in, the start page, what each page of `WAYS` is for, the API documentation.

They hold no data; what they show comes from the API.
"""

import hashlib
import uuid
from functools import cache
from importlib.resources import files
from pathlib import Path

from flask import (
    Blueprint,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)

from services.gateway import access
from services.gateway.errors import Unauthenticated
from services.gateway.identity import SESSION, WrongPassword
from services.gateway.pages import words

STATIC = Path(__file__).parent.parent / "static"
A_YEAR = 365 * 24 * 3600

PAGES = Blueprint("pages", __name__)


@PAGES.app_template_global()
def asset(name: str) -> str:
    """Return the address of a static file; it changes with the content, so that browsers may keep it."""
    return url_for("pages.static_file", version=_version(), name=name)


@cache
def _version() -> str:
    """Return one version of all static files, because the scripts refer to one another by relative address."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@PAGES.get("/static/<version>/<name>")
def static_file(version, name):
    kept = A_YEAR if version == _version() else 0
    return send_from_directory(STATIC, name, max_age=kept)


@PAGES.get("/")
def start():
    user = _signed_in()
    if user is None:
        return redirect(url_for("pages.sign_in"))
    roles = set(user["roles"])
    return _page(
        "start.html",
        **_bar(user),
        may_decide=bool(roles & words.MAY_DECIDE),
        may_register=bool(roles & words.MAY_REGISTER),
        columns=words.columns(roles),
        target_groups=words.TARGET_GROUPS,
        sources=words.SOURCES,
    )


@PAGES.get("/claims", defaults={"template": "claims.html"})
@PAGES.get("/pairings", defaults={"template": "pairings.html"})
@PAGES.get("/clients", defaults={"template": "clients.html"})
@PAGES.get("/library", defaults={"template": "library.html"})
@PAGES.get("/imports", defaults={"template": "imports.html"})
@PAGES.get("/reveals", defaults={"template": "reveals.html"})
@PAGES.get("/services", defaults={"template": "services.html"})
@PAGES.get("/results", defaults={"template": "results.html"})
@PAGES.get("/settings", defaults={"template": "settings.html"})
def beside(template):
    """A page beside the start page, for the roles that may do what it is for."""
    user = _signed_in()
    if user is None:
        return redirect(url_for("pages.sign_in"))
    roles = set(user["roles"])
    if request.path not in dict(words.ways(roles)):
        return redirect(url_for("pages.start"))
    return _page(template, **_bar(user), roles=roles, words=words)


@PAGES.get("/sign-in")
def sign_in():
    return _page("sign_in.html", mistake=None, username="")


@PAGES.post("/sign-in")
@access.limit_attempts
def sign_in_now():
    access.csrf.protect()
    username, password = request.form.get("username", "").strip(), request.form.get("password", "").strip()
    try:
        session = current_app.extensions["identity"].sign_in(username, password, str(uuid.uuid4()))
    except WrongPassword:
        response = _page("sign_in.html", mistake="用户名或密码不对，请再试一次。", username=username)
        response.status_code = 401
        return response
    response = redirect(url_for("pages.start"), code=303)
    response.set_cookie(
        access.COOKIE,
        session["token"],
        max_age=int(SESSION.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return response


@PAGES.post("/sign-out")
def sign_out():
    access.csrf.protect()
    token = request.cookies.get(access.COOKIE)
    if token:
        current_app.extensions["identity"].sign_out(token)
    g.user = None
    response = redirect(url_for("pages.sign_in"), code=303)
    response.delete_cookie(access.COOKIE, httponly=True, samesite="Strict", secure=request.is_secure)
    return response


@PAGES.get("/api/docs")
def docs():
    return _page("docs.html")


@PAGES.get("/api/docs/<path:name>")
def docs_file(name):
    return send_from_directory(str(files("flask_swagger_ui") / "dist"), name, max_age=3600)


@PAGES.get("/favicon.ico")
def favicon():
    return send_from_directory(STATIC, "icon.svg", max_age=3600)


def _signed_in() -> dict | None:
    try:
        return access.identify()
    except Unauthenticated:
        return None


def _bar(user: dict) -> dict:
    """Return what the bar of a page shows: who is signed in, the ways to the pages they may use, and which one this is."""
    role_names = [words.ROLES.get(role, role) for role in user["roles"]]
    return {"user": user, "role_names": role_names, "ways": words.ways(set(user["roles"])), "path": request.path}


def _page(template, **values):
    return make_response(render_template(template, **values))
