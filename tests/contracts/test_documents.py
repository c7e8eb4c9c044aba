"""What is written about the events is true, and what was published is kept."""

import copy
import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest

from contracts.__main__ import EVENTS, GOLDEN, ROOT, data_schema, documents
from contracts.base import enclose
from tests.contracts.test_events import NEED

PARSER = Path(__file__).parent / "asyncapi"


def breaks(golden: dict, current: dict, path: str = "") -> list[str]:
    """Return how the current schema would break a reader or the stored events of the golden one."""
    found = []
    if golden.get("type") != current.get("type") or golden.get("format") != current.get("format"):
        found.append(f"{path or 'data'} has another type")
    for name, field in golden.get("properties", {}).items():
        if name not in current.get("properties", {}):
            found.append(f"{path}{name} is gone")
        else:
            found += breaks(field, current["properties"][name], f"{path}{name}.")
    if "items" in golden:
        found += breaks(golden["items"], current.get("items", {}), f"{path}[].")
    before, now = set(golden.get("required", ())), set(current.get("required", ()))
    found += [f"{path}{name} is not promised any more" for name in sorted(before - now)]
    found += [f"{path}{name} is newly required, stored events lack it" for name in sorted(now - before)]
    return found


@pytest.mark.parametrize("path, text", [(str(p), t) for p, t in documents().items()], ids=lambda v: str(v)[:60])
def test_the_committed_documents_are_what_the_contracts_say(path, text):
    assert (ROOT / path).read_text() == text, "run `python -m contracts` and commit what it writes"


def test_no_document_describes_an_event_that_is_gone():
    assert {path.stem for path in (ROOT / "docs/events/schemas").glob("*.json")} == set(EVENTS)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_published_schema_keeps_its_promises(path):
    assert path.stem in EVENTS, f"{path.stem} was published and must stay readable"
    assert breaks(json.loads(path.read_text()), data_schema(EVENTS[path.stem])) == []


def test_every_published_event_has_a_golden_schema():
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(EVENTS), "run `python -m contracts`"


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda s: s["properties"].pop("title"), "title is gone"),
        (lambda s: s["properties"]["quantity"].update(type="string"), "quantity. has another type"),
        (lambda s: s["required"].remove("unit"), "unit is not promised any more"),
        (lambda s: s["required"].append("starts_at"), "starts_at is newly required, stored events lack it"),
    ],
)
def test_a_breaking_change_is_noticed(change, expected):
    golden = data_schema(EVENTS["need.created.v1"])
    changed = copy.deepcopy(golden)
    change(changed)

    assert expected in breaks(golden, changed)


def test_an_optional_field_may_be_added():
    golden = data_schema(EVENTS["need.created.v1"])
    changed = copy.deepcopy(golden)
    changed["properties"]["source"] = {"type": "string"}

    assert breaks(golden, changed) == []


def test_an_event_fits_its_published_schemas():
    document = json.loads(enclose(NEED).to_json())
    asyncapi = json.loads((ROOT / "docs/events/asyncapi.json").read_text())

    jsonschema.validate(document["data"], json.loads((ROOT / "docs/events/schemas/need.created.v1.json").read_text()))
    jsonschema.validate(document, asyncapi["components"]["messages"]["need.created.v1"]["payload"])


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on this machine, so AsyncAPI's parser is not either")
def test_the_asyncapi_document_passes_the_official_parser(tmp_path):
    for name in ("package.json", "package-lock.json", "validate.mjs"):
        shutil.copy(PARSER / name, tmp_path)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=tmp_path, check=True, timeout=300)
    done = subprocess.run(
        ["node", "validate.mjs", ROOT / "docs/events/asyncapi.json"], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {"messages": len(EVENTS), "problems": []}
