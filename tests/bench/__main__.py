"""How fast, and in how much memory: `./test bench NAME`.

Each bench starts servers and a station of its own, prints a table for people and, last, one line of JSON.
"""

import importlib
import sys

BENCHES = {
    "story": "bench.story", "import": "bench.import_file", "idle": "bench.idle", "pipeline": "bench.pipeline",
    "outbox": "bench.outbox", "growth": "bench.growth", "rebuild": "bench.rebuild", "search": "bench.search",
    "matching": "bench.matching", "plan": "bench.plan", "matching_one": "bench.matching_one", "confirm": "bench.confirm",
    "quality": "quality.__main__", "categories": "quality.categories", "wuhan2020": "quality.wuhan2020",
}  # fmt: skip

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHES:
        raise SystemExit(f"Which bench? {' '.join(BENCHES)}")
    importlib.import_module(f"tests.{BENCHES[sys.argv[1]]}").main()
