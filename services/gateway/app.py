"""The Flask application: everything is handed in, so that tests can hand in something else."""

from flask import Flask, request

from services.gateway import access, errors, observe
from services.gateway.api import (
    claims,
    clients,
    duplicates,
    exports,
    flows,
    honours,
    identity,
    imports,
    live,
    matches,
    needs,
    offers,
    pairings,
    plans,
    providers,
    search,
    suggestions,
    words,
    work,
)
from services.gateway.api.openapi import make_api
from services.gateway.pages import PAGES

MOST_BYTES = 1024 * 1024

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(*, identity_of, calls, feed, secret_key: str) -> Flask:
    """Return the application on an Identity, Calls to the services and a Feed of events."""
    app = Flask("services.gateway", static_folder=None)
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        SESSION_COOKIE_NAME="jinlin_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_HEADERS_ENABLED=False,
    )
    app.json.ensure_ascii = False
    app.json.sort_keys = False
    app.extensions.update(identity=identity_of, calls=calls, feed=feed)
    observe.register(app)
    app.before_request(_allow_large_imports)
    access.csrf.init_app(app)
    access.limiter.init_app(app)
    api = make_api(app)
    errors.register(app)
    for blueprint in (
        identity.IDENTITY,
        providers.PROVIDERS,
        offers.OFFERS,
        clients.CLIENTS,
        clients.REVEALS,
        duplicates.DUPLICATES,
        needs.NEEDS,
        needs.LOOKUPS,
        words.WORDS,
        search.SEARCH,
        imports.IMPORTS,
        imports.IMPORT_WORK,
        exports.EXPORTS,
        matches.MATCHES,
        claims.CLAIMS,
        honours.HONOURS,
        pairings.PAIRINGS,
        pairings.VISITS,
        suggestions.SUGGESTIONS,
        plans.PLANS,
        flows.FLOWS,
        *work.BLUEPRINTS,
        live.EVENTS,
    ):
        api.register_blueprint(blueprint)
    app.register_blueprint(PAGES)
    app.after_request(_secure)
    return app


def _allow_large_imports():
    if request.endpoint in ("imports.import_file", "imports.create_import"):
        request.max_content_length = imports.MOST_BYTES + MOST_BYTES


def _secure(response):
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response
