"""Every POST of the API with what it takes, and what it adds to which tables."""

from tests.flows.posts import matching, resource, work


class Things(matching.MatchingThings, work.WorkThings):
    """Who posts, and things to post about."""


CASES = {**work.CASES, **resource.CASES, **matching.CASES}
