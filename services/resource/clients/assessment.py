"""The assessment form: which answers there are and what they come to."""

import tomllib
from functools import cache
from pathlib import Path

from contracts.errors import Conflict, Invalid


@cache
def form() -> dict:
    """Return the form that is in use (see form.toml)."""
    return tomllib.loads(Path(__file__).with_name("form.toml").read_text())


def score(form: dict, version: int, answers: list[dict]) -> dict:
    """Return the points of each part, their total and the level.

    Raises Conflict for another version of the form than is in use, Invalid where an item is not answered
    exactly once or by an option that it does not have.
    """
    if version != form["version"]:
        raise Conflict("another_form", "form", current=form["version"])
    given = {answer["item"]: answer["option"] for answer in answers}
    items = {item["code"]: item for part in form["parts"] for item in part["items"]}
    if len(given) != len(answers) or set(given) != set(items):
        raise Invalid("answer_each_item_once", "answers")
    points = {}
    for code, option in given.items():
        options = {each["code"]: each["points"] for each in items[code]["options"]}
        if option not in options:
            raise Invalid("unknown_option", "answers")
        points[code] = options[option]
    parts = {part["code"]: sum(points[item["code"]] for item in part["items"]) for part in form["parts"]}
    total = sum(parts.values())
    return {**parts, "total": total, "level": level_of(form, total)}


def level_of(form: dict, total: int) -> str:
    return [level["code"] for level in form["levels"] if level["least"] <= total][-1]


def shown(form: dict, assessment: dict) -> dict:
    """Return an assessment with what its level means."""
    level = next(level for level in form["levels"] if level["code"] == assessment["level"])
    return {**assessment, "level_name": level["label"], "suggested_urgency": level["urgency"]}
