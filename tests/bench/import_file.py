"""A table of needs is imported: rows a second, until the answer and until matching has heard of all, and the memory.

With JINLIN_REAL_LISTS naming the folder with wuhan2020's needs.csv and offers.csv, those 875 needs; and
20,000 generated ones, with contacts, over all communities and many categories; a third of them has offers.
"""

import itertools
import os
import time
from pathlib import Path

from tests.bench import scene
from tests.flows.people import Person
from tests.station import eventually

GENERATED = 20_000
THINGS = ("口罩", "防护服", "手套", "轮椅", "大米", "衣物", "送餐", "理发", "家电维修", "陪诊", "课业辅导", "法律咨询")
PLACES = ("江头社区", "吕厝社区", "吕岭社区", "园山社区", "金尚社区", "江村社区", "蔡塘社区", "后埔社区", "金泰社区")
GROUPS = ("普通居民", "低保", "残疾", "独居老人")


def generated(count: int) -> bytes:
    """Return the station's own kind of list, with so many needs."""
    lines = ["标题,社区,类别,数量,单位,人群,联系人,电话,地址,说明"]
    for number, thing, place, group in zip(
        range(count), itertools.cycle(THINGS), itertools.cycle(PLACES), itertools.cycle(GROUPS)
    ):
        unit = "件" if thing in THINGS[:4] else "次"
        contact = f"居民{number},139{number:08d},江头路 {number} 号,请先打电话"
        lines.append(f"{thing}（第{number}户）,{place},{thing},1,{unit},{group},{contact}")
    return "\n".join(lines).encode()


def measured(station, worker, name: str, content: bytes) -> dict:
    """Import a file; return its figures."""
    station.restart("resource")
    process = station.processes["resource"].pid
    before, heard = scene.megabytes(process, "VmHWM"), station.value("matching", "SELECT count(*) FROM needs")
    began = time.monotonic()
    status, report, _ = worker.upload(name, content)
    answered = time.monotonic() - began
    assert status == 201, report
    count = "SELECT count(*) FROM needs"
    eventually(lambda: station.value("matching", count) == heard + report["created"], within=900, every=0.25)
    all_heard = time.monotonic() - began
    eventually(station.is_quiet, within=900, every=1)
    all_told = time.monotonic() - began
    return {
        "file": name,
        "rows": report["rows"],
        "created": report["created"],
        "rejected": len({problem["line"] for problem in report["rejected"]}),
        "answer s": round(answered, 2),
        "rows/s": round(report["rows"] / answered, 1),
        "matching heard all s": round(all_heard, 2),
        "needs/s heard": round(report["created"] / all_heard, 1),
        "everybody told s": round(all_told, 1),
        "MB before": round(before, 1),
        "MB peak": round(scene.megabytes(process, "VmHWM"), 1),
    }


def main():
    with scene.station("import") as station:
        worker, rows, suggestions = Person(station, "social_worker"), [], "SELECT count(*) FROM matches"
        if "JINLIN_REAL_LISTS" in os.environ:
            lists = Path(os.environ["JINLIN_REAL_LISTS"])
            assert worker.upload("offers.csv", (lists / "offers.csv").read_bytes())[0] == 201
            rows.append(measured(station, worker, "needs.csv (real)", (lists / "needs.csv").read_bytes()))
        else:
            print("left out: the real lists, because JINLIN_REAL_LISTS does not name their folder")
        provider = worker.provider()["id"]
        for community in ("jiangtou", "lvcuo", "subdistrict"):
            worker.offer("件", community=community, quantity=1_000_000, provider_id=provider)
        rows.append(measured(station, worker, "generated.csv", generated(GENERATED)))
        matches = station.value("matching", suggestions)
    scene.show("import: a table of needs", rows, suggestions_made=matches)
