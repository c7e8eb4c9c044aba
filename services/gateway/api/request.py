"""What came in over HTTP, as the JSON-ready arguments of a call; refuses only what cannot be read."""

import json
import math
import re
import uuid

from flask import request
from marshmallow import ValidationError, fields

from contracts.errors import Invalid
from services.gateway.errors import Malformed, Unsupported

_KEY = re.compile(r"[!-~]{1,200}")
_INTEGER = re.compile(r"-?[0-9]{1,12}")


def json_body(*, optional: bool = False) -> dict:
    """Return the JSON object in the body; {} where it may be left out and is.

    Raises Unsupported, Malformed.
    """
    data = request.get_data()
    if not data and optional:
        return {}
    if not request.is_json:
        raise Unsupported
    try:
        body = json.loads(data.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
        # An escape can still make half of a surrogate pair, which no text has and no database takes.
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        raise Malformed("not_utf8") from error
    except (ValueError, RecursionError) as error:
        raise Malformed("malformed_json") from error
    if not isinstance(body, dict):
        raise Malformed("not_an_object")
    return body


def query(takes) -> dict:
    """Return the query parameters that were given, numbers and booleans as such.

    Raises ValidationError for a parameter that is not known, repeated, or no such number or boolean.
    The rest is for the service to check.
    """
    known = takes().fields if takes else {}
    values, mistakes = {}, {}
    for name, given in request.args.lists():
        if name not in known:
            mistakes[name] = ["Unknown field."]
        elif len(given) > 1:
            mistakes[name] = ["repeated"]
        else:
            try:
                values[name] = _convert(known[name], given[0])
            except ValueError as error:
                mistakes[name] = [str(error)]
    if mistakes:
        raise ValidationError(mistakes)
    return values


def with_path(arguments: dict, path: dict) -> dict:
    """Return the arguments together with the id in the path, which a body may not give as well."""
    both = set(arguments) & set(path)
    if both:
        raise ValidationError({name: ["Unknown field."] for name in both})
    return {**arguments, **path}


def idempotency_key() -> str | None:
    """Return the key under which the client may repeat this request. Raises Invalid."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise Invalid("idempotency_key", field="Idempotency-Key")
    return key


def key_or_new() -> str:
    """Return the client's key; without one, a key that nobody repeats."""
    return idempotency_key() or str(uuid.uuid4())


def _convert(field, text):
    if isinstance(field, fields.Integer):
        if not _INTEGER.fullmatch(text):
            raise ValueError("Not a valid integer.")
        return int(text)
    if isinstance(field, fields.Boolean):
        if text not in ("true", "false"):
            raise ValueError("Not a valid boolean.")
        return text == "true"
    return text


def _finite(text):
    number = float(text)
    if not math.isfinite(number):
        _refuse(text)
    # JSON does not tell 3.0 from 3.
    return int(number) if number.is_integer() else number


def _refuse(constant):
    raise ValueError(f"{constant} is not JSON")
