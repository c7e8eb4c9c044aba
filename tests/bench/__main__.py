"""How fast, and in how much memory: `./test bench NAME`.

Each bench starts servers and a station of its own, prints a table for people and, last, one line of JSON.
"""

import importlib
import sys

BENCHES = {
    "story": "story", "import": "import_file", "idle": "idle", "pipeline": "pipeline", "outbox": "outbox", "growth": "growth",
    "rebuild": "rebuild",
}  # fmt: skip

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHES:
        raise SystemExit(f"Which bench? {' '.join(BENCHES)}")
    importlib.import_module(f"tests.bench.{BENCHES[sys.argv[1]]}").main()
