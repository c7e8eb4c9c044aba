"""Where a platform on this machine keeps its things, and what the commands remember of it."""

import json
from pathlib import Path

from deploy.server import write_private

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".jinlin"
_STATE = HOME / "state.json"


class DeployError(RuntimeError):
    """Something cannot be done; the message says what and what to do about it."""


def remember(**facts) -> None:
    """Keep facts for later commands: mode (local or compose), address, health (name to URL)."""
    HOME.mkdir(exist_ok=True)
    write_private(_STATE, json.dumps(recall() | facts, indent=1))


def recall() -> dict:
    """Return what was remembered; empty where nothing was."""
    return json.loads(_STATE.read_text()) if _STATE.exists() else {}


def forget() -> None:
    """Remember nothing any more."""
    _STATE.unlink(missing_ok=True)
