"""One more check for schemathesis: what fits the document is refused for its meaning only."""

from datetime import UTC, date, datetime

import schemathesis
from hypothesis import strategies

# Times that the API takes; a schema cannot say from when to when.
schemathesis.openapi.format(
    "date-time",
    strategies.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=strategies.just(UTC)).map(
        datetime.isoformat
    ),
)
schemathesis.openapi.format("date", strategies.dates(date(2000, 1, 1), date(2099, 12, 31)).map(date.isoformat))

UNREADABLE = {400, 413, 414, 415}

# What a schema can say: a request that keeps to the document is never refused for one of these.
FORM = {
    "clock",
    "code",
    "control_characters",
    "day",
    "invalid",
    "invalid_id",
    "length",
    "malformed_request",
    "money",
    "not_a_boolean",
    "not_a_day",
    "not_a_list",
    "not_a_moment",
    "not_a_number",
    "not_a_string",
    "not_an_id",
    "not_an_integer",
    "null",
    "one_of",
    "range",
    "repeated",
    "required",
    "unknown_field",
}


@schemathesis.hook
def filter_query(context, query) -> bool:
    """Leave out what the web server refuses before it is looked at: a request line over 4 KB."""
    return 3 * len(str(query).encode(errors="replace")) < 3600


@schemathesis.check
def what_fits_the_document_is_refused_for_its_meaning_only(ctx, response, case):
    """A request that the document allows is never called malformed."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code < 400:
        return
    if response.status_code in UNREADABLE:
        raise AssertionError(f"refused with {response.status_code}: {response.text}")
    if response.status_code == 422:
        problem = response.json()
        slugs = {error["slug"] for error in problem["errors"]} or {problem["slug"]}
        wrong = slugs & FORM
        if wrong:
            raise AssertionError(f"the document allows what was refused as {', '.join(sorted(wrong))}")
