"""A table of needs is imported: rows a second, until the answer and until matching has heard of all, and the memory.

Another table is previewed, as a workbook too, applied, exported and undone; a preview of 20,000 rows is promised
in 10 s, and 300 MB at most of the service's process in all of it.

With JINLIN_REAL_LISTS naming the folder with wuhan2020's needs.csv and offers.csv, those 875 needs; and
20,000 generated ones, with contacts, over all communities and many categories; a third of them has offers.
"""

import csv
import io
import itertools
import os
import time
import urllib.request
from pathlib import Path

import xlsxwriter

from tests.bench import scene
from tests.flows.people import Person
from tests.station import eventually

GENERATED = 20_000
PREVIEW_SECONDS, MEGABYTES = 10, 300
THINGS = ("口罩", "防护服", "手套", "轮椅", "大米", "衣物", "送餐", "理发", "家电维修", "陪诊", "课业辅导", "法律咨询")
PLACES = ("江头社区", "吕厝社区", "吕岭社区", "园山社区", "金尚社区", "江村社区", "蔡塘社区", "后埔社区", "金泰社区")
GROUPS = ("普通居民", "低保", "残疾", "独居老人")


def generated(count: int, first: int = 0) -> bytes:
    """Return the station's own kind of list, with so many needs; what was in another one is a duplicate."""
    lines = ["标题,社区,类别,数量,单位,人群,联系人,电话,地址,说明"]
    for number, thing, place, group in zip(
        range(first, first + count), itertools.cycle(THINGS), itertools.cycle(PLACES), itertools.cycle(GROUPS)
    ):
        unit = "件" if thing in THINGS[:4] else "次"
        contact = f"居民{number},139{number:08d},江头路 {number} 号,请先打电话"
        lines.append(f"{thing}（第{number}户）,{place},{thing},1,{unit},{group},{contact}")
    return "\n".join(lines).encode()


def settled(station) -> None:
    """Wait until everything was heard, told and looked at."""
    eventually(lambda: not station.value("matching", "SELECT count(*) FROM stale") and station.is_quiet(), within=900, every=1)


def measured(station, worker, name: str, content: bytes) -> dict:
    """Import a file when nothing else is left to do; return its figures."""
    settled(station)
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


def workbook(table: bytes) -> bytes:
    """Return a CSV table as an Excel workbook."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(csv.reader(io.StringIO(table.decode()))):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
    return buffer.getvalue()


def previewed(station, worker, name: str, content: bytes) -> dict:
    """Preview a file when nothing else is left to do, asking for the progress as a page would."""
    settled(station)
    station.restart("resource")
    process = station.processes["resource"].pid
    before, seen, slowest = scene.megabytes(process, "VmRSS"), set(), 0.0
    began = time.monotonic()
    status, job, _ = worker.upload(name, content, path="/api/imports/previews")
    uploaded = time.monotonic() - began
    assert status == 201, job
    while job["state"] == "reading":
        asked = time.monotonic()
        job = worker.get(f"/api/imports/{job['id']}")
        slowest = max(slowest, time.monotonic() - asked)
        seen.add(job["done"])
        time.sleep(0.1)
    took, peak = time.monotonic() - began, scene.megabytes(process, "VmHWM")
    assert job["outcomes"]["new"] == job["total"], job
    return {
        "file": name, "rows": job["total"], "upload s": round(uploaded, 2), "preview s": round(took, 2),
        "steps of progress seen": len(seen), "slowest answer meanwhile s": round(slowest, 2),
        "MB before": round(before, 1), "MB peak": round(peak, 1), "of 10 s": round(took / PREVIEW_SECONDS, 2),
        "of 300 MB": round(peak / MEGABYTES, 2), "id": job["id"],
    }  # fmt: skip


def taken(station, worker, id: str) -> list[dict]:
    """Apply what was previewed, export the needs and undo it."""
    process, found = station.processes["resource"].pid, []
    for step in ("apply", "export", "undo"):
        began = time.monotonic()
        if step == "export":
            assert len(download(worker, "/api/exports/needs?state=open")) > 100_000
        else:
            status, done, _ = station.request("POST", f"/api/imports/{id}/{step}", {}, token=worker.token, timeout=150)
            assert (status, done["state"]) == (200, {"apply": "applied", "undo": "undone"}[step]), done
        seconds, peak = time.monotonic() - began, scene.megabytes(process, "VmHWM")
        found.append({"step": step, "s": round(seconds, 2), "MB peak": round(peak, 1), "of 300 MB": round(peak / MEGABYTES, 2)})
    return found


def download(worker, path: str) -> bytes:
    address = f"http://127.0.0.1:{worker.station.port('gateway')}{path}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {worker.token}"})
    with urllib.request.urlopen(request, timeout=150) as answer:
        return answer.read()


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
        table = generated(GENERATED, first=GENERATED)
        files = (("preview.csv", table), ("preview.xlsx", workbook(table)))
        previews = [previewed(station, worker, name, content) for name, content in files]
        steps = taken(station, worker, previews[0].pop("id"))
        del previews[1]["id"]
        rows.append(measured(station, worker, "generated.csv", generated(GENERATED)))
        matches = station.value("matching", suggestions)
    scene.show("import: a table of needs, at once", rows, suggestions_made=matches)
    scene.show("import: previewed", previews)
    scene.show("import: what was previewed, applied, exported, undone", steps)
