"""The resident memory of the whole platform when nobody uses it.

RSS counts what processes share in each of them; PSS divides it among them, so that its sum is what
the machine really gives.
"""

import time

from tests.bench import scene

IDLE_SECONDS, LIMIT = 30, 900


def main():
    with scene.station("idle") as station:
        time.sleep(IDLE_SECONDS)
        rows = []
        for name, pids in scene.parts(station).items():
            rows.append(
                {
                    "part": name,
                    "processes": len(pids),
                    "RSS MB": round(sum(scene.megabytes(one, "VmRSS") for one in pids), 1),
                    "PSS MB": round(sum(scene.megabytes(one, "Pss", "smaps_rollup") for one in pids), 1),
                }
            )
    total = {name: round(sum(row[name] for row in rows), 1) for name in ("processes", "RSS MB", "PSS MB")}
    rows.append({"part": "all", **total})
    scene.show(
        f"idle: the whole platform after {IDLE_SECONDS} s",
        rows,
        limit_mb=LIMIT,
        ratio_pss=round(total["PSS MB"] / LIMIT, 2),
        ratio_rss=round(total["RSS MB"] / LIMIT, 2),
    )
