"""Who may import whom; docs/architecture.md says why."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"contracts", "chassis", "services", "deploy", "tests"}
SERVICES = ("resource", "venue", "matching", "grants", "notify")
FILES = sorted(
    path.relative_to(ROOT) for folder in ("contracts", "chassis", "services") for path in (ROOT / folder).rglob("*.py")
)


def imported(path: Path) -> set[str]:
    """Return every module that a file imports, by its full name."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def allowed(path: Path) -> tuple[str, ...]:
    """Return the beginnings of our own modules that a file may import."""
    top, name = path.parts[0], path.name
    if top == "contracts":
        return ("contracts",)
    if top == "chassis":
        return ("chassis", "contracts")
    own = f"services.{path.parts[1]}" if len(path.parts) > 2 else "services"
    domains, stores = _layer(own, "domain.py"), _layer(own, "store.py")
    if name == "domain.py":
        return ("contracts", *domains)
    if path.parts[1] in SERVICES and name in ("store.py", "library.py"):
        return ("contracts", "chassis", *domains, *stores, f"{own}.library")
    return ("contracts", "chassis", own)


def _layer(own: str, name: str) -> tuple[str, ...]:
    """Return the modules of one service that have this name, by their full names."""
    home = Path(*own.split("."))
    return tuple(".".join(path.with_suffix("").parts) for path in FILES if path.name == name and home in path.parents)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_imports_only_what_its_layer_may(path):
    ours = {module for module in imported(path) if module.split(".")[0] in OURS}

    assert [module for module in sorted(ours) if not module.startswith(allowed(path))] == []


@pytest.mark.parametrize("path", [f for f in FILES if f.parts[0] == "contracts" and f.name != "__main__.py"], ids=str)
def test_the_contracts_need_no_more_than_schemas_and_ids(path):
    known = {"contracts", "marshmallow", "msgspec", "uuid_utils"}
    standard = __import__("sys").stdlib_module_names

    assert [m for m in sorted(imported(path)) if m.split(".")[0] not in known | set(standard)] == []


@pytest.mark.parametrize("path", [f for f in FILES if f.name == "domain.py"], ids=str)
def test_the_rules_of_the_domain_do_no_io(path):
    forbidden = {"sqlalchemy", "psycopg2", "nameko", "kombu", "amqp", "pika", "eventlet", "requests", "socket", "os"}

    assert [m for m in sorted(imported(path)) if m.split(".")[0] in forbidden] == []


def test_the_chassis_knows_no_word_of_the_domain():
    # broker.py reads the registry of all events, __main__.py the list of services; nothing else names one.
    words = ("need", "offer", "match", "grant", "booking")
    for path in (ROOT / "chassis").glob("*.py"):
        names = {
            node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else node.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, (ast.Name, ast.Attribute, ast.FunctionDef, ast.ClassDef))
        }
        assert [n for n in names for w in words if n.lower().startswith(w + "_") or n.lower().endswith("_" + w)] == []
