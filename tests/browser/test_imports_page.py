"""A table that comes in, as people see it: its progress, its rows with their reasons, and what they decide."""

from contracts.errors import Conflict

BECAME = {"created": 1, "changed": 0, "skipped": 1, "undone": 0, "left": 0}
ROW = {"outcome": "new", "reasons": [], "title": "轮椅", "subject_id": None, "twin": None, "became": None}
WRONG = {"column": "数量", "cell": "D3", "slug": "Not a valid integer."}


def test_a_table_is_uploaded_previewed_and_registered(page, address, sign_in, station):
    reading = station.add_import()
    previewed, applied = reading | {"state": "previewed", "done": 2}, reading | {"state": "applied", "results": BECAME}
    station.answer("create_import", reading)
    station.answer("get_import", reading, reading, previewed, applied)
    rows = {"items": [ROW | {"line": 2}, ROW | {"line": 3, "outcome": "wrong", "reasons": [WRONG]}], "next": None}
    station.answer("list_import_rows", rows, rows)
    station.answer("apply_import", Conflict("import_has_wrong_rows", "skip_wrong", wrong=1), applied)
    sign_in()
    page.open(f"{address}/imports")
    page.wait("document.querySelector('#imports-list li')")
    page.run(
        "(() => { const given = new DataTransfer(); given.items.add(new File(['a,b'], '表.csv'));"
        " document.querySelector('#file').files = given.files; })()"
    )
    page.click("#upload button.primary")

    page.wait("document.querySelector('#import-progress').innerText === '已读 1 / 2 行'")
    assert page.run("document.querySelector('#progress').value / document.querySelector('#progress').max") == 0.5
    page.wait("document.querySelectorAll('#rows li').length === 2")
    assert all(part in page.text("#rows li:last-child") for part in ("第 3 行", "有误", "D3", "应当是整数"))
    assert "新增 1" in page.text("#import-counts") and "有误 1" in page.text("#import-counts")

    page.click("#apply")
    page.wait("!document.querySelector('#import-problem').hidden")
    assert "有 1 行有误" in page.text("#import-problem")
    page.click("#import-choice [name=skip_wrong]")
    page.click("#apply")
    page.wait("document.querySelector('#import-title').innerText === '需求：已登记'")
    assert "已登记 1" in page.text("#import-counts")
    assert station.last("resource.apply_import")["arguments"]["skip_wrong"] is True
    assert page.run("document.querySelector('#apply').hidden && !document.querySelector('#undo').hidden")
