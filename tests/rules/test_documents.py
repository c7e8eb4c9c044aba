"""What the documents name is there."""

import ast
import re

import pytest

from tests.station import ROOT

NAMED = sorted(set(re.findall(r"`(test_\w+\.py)::(test_\w+)`", (ROOT / "docs/guarantees.md").read_text())))


@pytest.mark.parametrize("file, name", NAMED, ids=lambda text: text)
def test_a_test_that_the_guarantees_name_exists(file, name):
    (path,) = (ROOT / "tests").rglob(file)

    tests = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    assert any(test.startswith(name) for test in tests)


def test_the_guarantees_name_their_tests():
    assert len(NAMED) >= 15
