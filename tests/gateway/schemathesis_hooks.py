"""One more check for schemathesis: what fits the document is refused for its meaning only."""

from datetime import UTC, datetime

import schemathesis
from hypothesis import strategies

# Times that the API takes; a schema cannot say from when to when.
schemathesis.openapi.format(
    "date-time",
    strategies.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=strategies.just(UTC)).map(
        datetime.isoformat
    ),
)

UNREADABLE = {400, 413, 414, 415}

# What no schema can say.
MEANING = {
    "bad_mapping",
    "booking_too_long",
    "channel_not_allowed",
    "channel_option_not_allowed",
    "empty_file",
    "ends_before_it_starts",
    "idempotency_key_reused",
    "invalid_phone",
    "no_mapping_fits",
    "private_data_in_public_text",
    "starts_in_the_past",
    "too_many_rows",
    "unreadable_file",
}


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
        wrong = {slug for slug in slugs - MEANING if not slug.startswith("unknown_") or slug == "unknown_field"}
        if wrong:
            raise AssertionError(f"the document allows what was refused as {', '.join(sorted(wrong))}")
