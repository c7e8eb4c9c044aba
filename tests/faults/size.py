"""How long the fault tests take: a short way within ./test, the full one with JINLIN_FAULTS=full, which ./test faults sets."""

import os

FULL = os.environ.get("JINLIN_FAULTS") == "full"
EVENTS = 10_000 if FULL else 1_000


def lasting(full: float, short: float) -> float:
    """Return the seconds that a fault lasts."""
    return full if FULL else short
