"""Who people are: records name users by their ids, and only the gateway knows what they are called."""

from flask import current_app


def with_names(page: dict) -> dict:
    """Return a page of records of who was shown private data, each with that user's display name."""
    names = current_app.extensions["identity"].names(sorted({record["revealed_by"] for record in page["items"]}))
    return {**page, "items": [{**record, "who": names.get(record["revealed_by"])} for record in page["items"]]}
