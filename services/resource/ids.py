"""New ids."""

from datetime import datetime

import uuid_utils


def new_id() -> str:
    """Return an id that is later in order than those before it."""
    return str(uuid_utils.uuid7())


def first_id_at(moment: datetime) -> str:
    """Return what no id of a moment or later is before, so that a time can be looked for by id."""
    digits = f"{max(0, int(moment.timestamp() * 1000)):012x}"
    return f"{digits[:8]}-{digits[8:]}-0000-0000-000000000000"
