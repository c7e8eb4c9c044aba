"""The OpenAPI document is sound; that the API keeps to it is shown in tests/flows."""

import jsonschema
import pytest


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").json


def inside(node):
    """Yield every object inside a document."""
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from inside(part)


def test_it_is_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_every_schema_is_a_json_schema_and_every_reference_leads_somewhere(document):
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for node in inside(document):
        if "$ref" in node:
            kind, name = node["$ref"].removeprefix("#/components/").split("/")
            assert name in document["components"][kind]
        if "schema" in node and isinstance(node["schema"], dict):
            jsonschema.Draft202012Validator.check_schema(node["schema"])


def test_every_operation_has_a_name_of_its_own_and_a_chinese_summary(document):
    operations = [one for path in document["paths"].values() for one in path.values() if isinstance(one, dict)]

    assert len({one["operationId"] for one in operations}) == len(operations) > 60
    assert all(any("一" <= sign <= "鿿" for sign in one["summary"]) for one in operations)


def test_every_post_takes_an_idempotency_key(document):
    for path, operations in document["paths"].items():
        if "post" in operations:
            assert "Idempotency-Key" in [p["name"] for p in operations["post"]["parameters"]], path


def test_the_documentation_can_be_read_without_the_internet(client):
    page = client.get("/api/docs").text

    assert "http" not in page.replace("http-equiv", "")
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert client.get(f"/api/docs/{name}").status_code == 200
    assert client.get("/api/docs/../__init__.py").status_code == 404
