"""Write what the events are, for people and machines: `python -m contracts`.

docs/events.md, docs/events/asyncapi.json (AsyncAPI 3.0) and docs/events/schemas/<type>.json (JSON
Schema 2020-12). For a type that is published for the first time, also tests/contracts/golden/<type>.json:
what readers may rely on from then on; it is never overwritten.
"""

import json
from pathlib import Path

from apispec.ext.marshmallow.openapi import OpenAPIConverter

import contracts.grants
import contracts.matching
import contracts.notify
import contracts.resource
import contracts.venue  # noqa: F401  (importing them fills the registry)
from contracts.base import CONTENT_TYPE, REGISTRY, SOURCE, schema_of

ROOT = Path(__file__).parent.parent
EVENTS = {type: kind for type, kind in sorted(REGISTRY.items()) if kind.__module__.startswith("contracts.")}
GOLDEN = ROOT / "tests" / "contracts" / "golden"


def documents() -> dict[Path, str]:
    """Return the text of each generated file by its path from the root."""
    schemas = {type: data_schema(kind) for type, kind in EVENTS.items()}
    files = {Path("docs/events.md"): _markdown(schemas), Path("docs/events/asyncapi.json"): _json(asyncapi(schemas))}
    for type, schema in schemas.items():
        head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": type}
        files[Path(f"docs/events/schemas/{type}.json")] = _json({**head, **schema})
    return files


def data_schema(kind) -> dict:
    """Return the JSON Schema of an event's data."""
    converter = OpenAPIConverter("3.1.0", schema_name_resolver=lambda schema: None, spec=None)
    schema = converter.schema2jsonschema(schema_of(kind))
    return {"description": kind.__doc__, **schema, "additionalProperties": True}


def asyncapi(schemas: dict) -> dict:
    """Return the AsyncAPI 3.0 document: a channel, a message and an operation for each event."""
    channels, operations, messages = {}, {}, {}
    for type, kind in EVENTS.items():
        channels[type] = {
            "address": type,
            "description": kind.__doc__,
            "messages": {type: {"$ref": f"#/components/messages/{_pointer(type)}"}},
            "bindings": {
                "amqp": {
                    "is": "routingKey",
                    "exchange": {
                        "name": "jinlin.public" if kind.public else "jinlin.events",
                        "type": "topic",
                        "durable": True,
                        "autoDelete": False,
                    },
                }
            },
        }
        operations[f"{kind.publisher}.{type}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{_pointer(type)}"},
            "summary": kind.__doc__,
        }
        messages[type] = {
            "name": type,
            "title": kind.__name__,
            "summary": kind.__doc__,
            "contentType": CONTENT_TYPE,
            "payload": _cloud_event(kind, schemas[type]),
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Jinlin events",
            "version": "1.0.0",
            "description": "Events of a neighbourhood social-work station, as structured CloudEvents 1.0 JSON.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def _cloud_event(kind, data: dict) -> dict:
    text = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "subject", "sequence", "correlationid", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {**text, "format": "uuid", "description": "the event's own id; the same when it comes again"},
            "source": {"const": SOURCE + kind.publisher},
            "type": {"const": kind.type},
            "time": {**text, "format": "date-time"},
            "subject": {**text, "description": f"data.{kind.subject_field}"},
            "datacontenttype": {"const": "application/json"},
            "sequence": {**text, "description": "data.version as text"},
            "correlationid": {**text, "description": "what began the chain that this event is part of"},
            "causationid": {**text, "description": "id of the event that caused this one, if one did"},
            "data": data,
        },
    }


def _markdown(schemas) -> str:
    lines = [
        "# Events",
        "",
        "Written by `python -m contracts`; do not edit. Each event is structured CloudEvents 1.0 JSON on the topic",
        "exchange `jinlin.events`, its type the routing key; what is public is on `jinlin.public` too. No event",
        "carries a name, a phone number, an address or an identity number.",
        "",
        "| type | said by | what it says | public |",
        "|---|---|---|---|",
    ]
    for type, kind in EVENTS.items():
        lines.append(
            f"| [{type}](#{type.replace('.', '')}) | {kind.publisher} | {kind.__doc__} | {'yes' if kind.public else 'no'} |"
        )
    for type, schema in schemas.items():
        kind = REGISTRY[type]
        lines += ["", f"## {type}", "", kind.__doc__, "", f"Subject: `{kind.subject_field}`.", ""]
        lines += ["| field | type | required | what it is |", "|---|---|---|---|"]
        for name, field in schema["properties"].items():
            required = "yes" if name in schema.get("required", ()) else "no"
            lines.append(f"| {name} | {_type(field)} | {required} | {field.get('description', '')} |")
    return "\n".join(lines) + "\n"


def _type(field) -> str:
    types = field["type"] if isinstance(field["type"], list) else [field["type"]]
    words = " or ".join(types)
    if "array" in types:
        words = f"list of {_type(field['items'])}"
    if "object" in types and "properties" in field:
        words = "{" + ", ".join(field["properties"]) + "}"
    return words + (f" ({field['format']})" if "format" in field else "")


def _pointer(type: str) -> str:
    return type.replace("~", "~0").replace("/", "~1")


def _json(document) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write every file that differs, and say which."""
    for path, text in documents().items():
        target = ROOT / path
        if not target.exists() or target.read_text() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            print(f"wrote {path}")
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for type, kind in EVENTS.items():
        golden = GOLDEN / f"{type}.json"
        if not golden.exists():
            golden.write_text(_json(data_schema(kind)))
            print(f"wrote {golden.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
