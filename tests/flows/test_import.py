"""A table comes in over HTTP; every row becomes something or is reported; its events reach matching."""

import io
import os
from pathlib import Path

import pytest
import xlsxwriter

from tests.flows.people import unique
from tests.station import eventually

HEADING = ["标题", "社区", "类别", "数量", "单位", "联系人", "电话"]


def csv(*rows) -> bytes:
    return "\n".join(",".join(row) for row in [HEADING, *rows]).encode()


def xlsx(*rows) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADING, *rows]):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


@pytest.mark.parametrize("name, table", [("list.csv", csv), ("list.xlsx", xlsx)])
def test_rows_become_needs_that_are_matched_and_told_of(tap, worker, name, table):
    unit = f"部{unique()}"
    offer = worker.offer(unit)
    rows = [
        ["轮椅", "江头社区", "轮椅", "1", unit, "欧阳", "13912345678"],
        ["拐杖", "火星社区", "拐杖", "1", unit, "", ""],
    ]

    status, report, _ = worker.upload(name, table(*rows))

    assert status == 201, report
    assert (report["rows"], report["created"], report["kind"], report["mapping"]) == (2, 1, "needs", "needs")
    assert report["rejected"] == [
        {"line": 3, "column": "社区", "slug": "unknown_community", "message": "没有这个社区，请从社区列表中选择。",
         "suggested": None}
    ]
    (match,) = eventually(lambda: worker.get(f"/api/matches?offer_id={offer['id']}")["items"])
    assert match["need_title"] == "轮椅"
    (told,) = eventually(lambda: worker.told(match["need_id"]))
    assert told["kind"] == "need.matched.v1"


def test_a_file_that_cannot_be_read_is_refused_in_chinese(worker):
    status, problem, _ = worker.upload("list.xlsx", b"PK\x03\x04 broken")

    assert (status, problem["slug"], problem["field"]) == (422, "unreadable_file", "file")
    assert problem["detail"].startswith("文件无法读取")


def test_the_real_lists_are_taken_whole_and_find_each_other(station, tap, worker):
    if "JINLIN_REAL_LISTS" not in os.environ:
        pytest.skip("JINLIN_REAL_LISTS does not name the folder with the wuhan2020 lists")
    lists = Path(os.environ["JINLIN_REAL_LISTS"])
    before = station.value("matching", "SELECT count(*) FROM needs")

    (_, offers, headers), (_, needs, more) = (
        worker.upload(name, (lists / name).read_bytes()) for name in ("offers.csv", "needs.csv")
    )

    assert (needs["rows"], needs["created"], needs["rejected"]) == (875, 875, [])
    assert (offers["rows"], offers["created"], offers["rejected"]) == (24, 24, [])
    correlation = more["X-Correlation-Id"]
    eventually(lambda: len(tap.events(correlationid=correlation, type="need.created.v1")) == 875, within=60)
    published = tap.events(correlationid=headers["X-Correlation-Id"], type="offer.published.v1")
    assert len(published) == 24
    eventually(lambda: station.value("matching", "SELECT count(*) FROM needs") == before + 875, within=60)
    eventually(lambda: not station.value("matching", "SELECT count(*) FROM stale"), within=60)
    mine = "SELECT DISTINCT need_id::text AS id FROM matches WHERE need_id = ANY(CAST(:ids AS uuid[]))"
    created = [event["subject"] for event in tap.events(correlationid=correlation, type="need.created.v1")]
    matched = {row["id"] for row in station.rows("matching", mine, ids=created)}
    print(f"{len(matched)} of 875 needs have suggestions")
    assert len(matched) > 300
    eventually(
        lambda: (
            {event["subject"] for event in tap.events(correlationid=correlation, type="need.matched.v1")} == matched
        ),
        within=30,
    )
    told = "SELECT count(DISTINCT about) FROM messages WHERE about = ANY(:ids)"
    eventually(lambda: station.value("notify", told, ids=sorted(matched)) == len(matched), within=60)
