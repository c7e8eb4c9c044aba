"""Every slug that anything raises has a Chinese sentence, with the facts that it needs."""

import ast
import re
from pathlib import Path

import pytest

from services.gateway.sentences import FIELDS, SENTENCES, message_of, sentence

ROOT = Path(__file__).parents[2]
REFUSALS = {"Invalid", "NotFound", "Conflict", "Forbidden", "Late"}
OTHERS = {"ValidationError", "Unauthenticated", "Malformed", "problem"}
NO_FACTS = {"fields", "field", "errors", "headers"}


def raised():
    """Yield (file, line, slug, facts) of each refusal in the code, and of each validator's message."""
    for folder in ("services", "chassis", "contracts"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    yield from of_call(path.relative_to(ROOT), node)


def of_call(path, node):
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    words = {keyword.arg: keyword.value for keyword in node.keywords}
    slugs = []
    if name in REFUSALS | OTHERS:
        place = 1 if name == "problem" else 0
        slugs = strings(node.args[place]) if len(node.args) > place else []
    if "error" in words and name in ("Length", "Range", "Regexp", "OneOf", "Text", "PublicText"):
        slugs = strings(words["error"])
    for slug in slugs:
        if re.fullmatch(r"[a-z][a-z0-9_]*", slug):
            yield str(path), node.lineno, slug, set(words) - NO_FACTS - {None}


def strings(node):
    """Return the texts that an expression may be; one that is put together, such as f"unknown_{kind}", is left out."""
    if isinstance(node, ast.IfExp):
        return strings(node.body) + strings(node.orelse)
    if isinstance(node, (ast.List, ast.Dict)):
        return [text for part in (node.elts if isinstance(node, ast.List) else node.values) for text in strings(part)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


@pytest.mark.parametrize("path, line, slug, facts", list(raised()))
def test_a_slug_has_a_sentence_with_its_facts(path, line, slug, facts):
    text = SENTENCES.get(slug) or FIELDS.get(slug)

    assert text, f"{path}:{line} raises {slug!r}, which services/gateway/sentences.py does not know"
    assert re.search(r"[一-鿿]", text)
    wanted = set(re.findall(r"{(\w+)}", text))
    assert wanted <= facts or "error" in facts, f"{path}:{line}: the sentence for {slug!r} wants {wanted}"


@pytest.mark.parametrize("path", sorted((ROOT / "services").rglob("*.toml")), ids=lambda path: path.name)
def test_a_note_on_an_imported_row_has_a_sentence(path):
    for slug in re.findall(r'note = "(\w+)"', path.read_text()):
        assert slug in SENTENCES


@pytest.mark.parametrize(
    "slug", ["unknown_need", "unknown_offer", "unknown_provider", "unknown_community", "category_unclear"]
)
def test_slugs_that_are_put_together_have_a_sentence(slug):
    assert slug in SENTENCES


def test_a_missing_fact_or_sentence_still_makes_an_answer():
    assert sentence("fund_exhausted") == "基金余额不足，目前可用 … 元。"
    assert "no_such_slug" in sentence("no_such_slug")


def test_marshmallows_own_sentences_become_slugs():
    assert message_of("Missing data for required field.") == ("required", "必须填写")
    assert message_of("Something new from the library.") == ("invalid", "填写有误")
