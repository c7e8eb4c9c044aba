"""A command about something that is not there is refused with its field, whatever else it says."""

import pytest

from tests.flows import posts
from tests.flows.test_bad_input import NOBODY, is_problem


@pytest.mark.parametrize("path", [path for path in posts.CASES if "{id}" in path])
def test_every_post_about_what_is_not_there_says_so(station, worker, office, partner, operator, path):
    who, _, _, prepare = posts.CASES[path]
    things = posts.Things(station, worker, office, partner, operator)
    _, body = prepare(things)

    answer = getattr(things, who).ask("POST", path.replace("{id}", NOBODY), body)

    slug = answer[1]["slug"]
    is_problem(answer, 404, slug, ("id", slug))
    assert slug.startswith("unknown_")
