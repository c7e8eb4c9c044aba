"""Files that come in to be previewed, and files that go out."""

import base64
import io
import uuid

import pytest

ID = str(uuid.uuid4())


def test_an_upload_is_previewed_at_an_address_of_its_own(client, services, headers):
    form = {"file": (io.BytesIO("标题\n".encode()), "需求.csv"), "kind": "providers"}
    answer = client.post("/api/imports/previews", data=form, headers=headers(**{"Idempotency-Key": "preview-1"}))

    made = services.last("resource.create_import")
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/imports/{answer.json['id']}"
    assert (made["key"], made["arguments"]["kind"]) == ("preview-1", "providers")


def test_each_row_of_a_preview_says_why_in_chinese(client, services, headers):
    reason = {"column": "数量", "cell": "C17", "slug": "Not a valid integer."}
    row = {"line": 17, "outcome": "wrong", "reasons": [reason], "title": None, "subject_id": None, "twin": None}
    services.answer("list_import_rows", {"items": [{**row, "became": None}], "next": None})
    answer = client.get(f"/api/imports/{ID}/rows?outcome=wrong&after=3&limit=20", headers=headers()).json

    assert answer["items"][0]["reasons"] == [reason | {"slug": "not_an_integer", "message": "应当是整数"}]
    arguments = services.last("resource.list_import_rows")["arguments"]
    assert arguments == {"id": ID, "outcome": "wrong", "after": 3, "limit": 20}


def test_a_category_that_was_supposed_is_named_with_its_confidence(client, services, headers):
    suggested = {"code": "goods.aids", "name": "康复辅具", "confidence": 95}
    reason = {"column": "类别", "cell": "C2", "slug": "category_suggested", "suggested": suggested}
    row = {"line": 2, "outcome": "new", "reasons": [reason], "title": "轮椅", "subject_id": None, "twin": None}
    services.answer("list_import_rows", {"items": [{**row, "became": None}], "next": None})
    answer = client.get(f"/api/imports/{ID}/rows", headers=headers()).json

    assert "推荐为“康复辅具”（把握 95%）" in answer["items"][0]["reasons"][0]["message"]


def test_an_import_that_failed_says_why_in_chinese(client, services, headers):
    services.answer("get_import", {"id": ID, "state": "failed", "reason": {"slug": "import_failed"}})
    answer = client.get(f"/api/imports/{ID}", headers=headers()).json

    assert answer["reason"]["slug"] == "import_failed"
    assert "系统读取这份表格时多次出错" in answer["reason"]["message"]


def test_an_import_is_applied_with_time_to_do_it(client, services, headers):
    services.answer("apply_import", {"id": ID, "state": "applied"})
    answer = client.post(f"/api/imports/{ID}/apply", json={"skip_wrong": True}, headers=headers())

    assert (answer.status_code, answer.json["state"]) == (200, "applied")
    assert services.last("resource.apply_import")["timeout"] > 100


@pytest.mark.parametrize(
    "path, call",
    [
        ("/api/templates/needs.xlsx", "make_template"),
        ("/api/templates/offers.xlsx", "make_template"),
        ("/api/templates/providers.xlsx", "make_template"),
        ("/api/exports/needs?community=lvcuo&format=csv", "export_needs"),
        ("/api/exports/offers", "export_offers"),
        ("/api/exports/providers?kind=merchant", "export_providers"),
    ],
)
def test_a_file_is_a_download_under_its_chinese_name(client, services, headers, path, call):
    content = b"a workbook"
    services.answer(call, {"filename": "需求-20260301.xlsx", "content": base64.b64encode(content).decode(), "rows": 3})
    answer = client.get(path, headers=headers())

    assert (answer.status_code, answer.data, answer.headers["X-Row-Count"]) == (200, content, "3")
    assert answer.headers["Content-Disposition"].endswith("filename*=UTF-8''%E9%9C%80%E6%B1%82-20260301.xlsx")
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_wanted_with_contacts_and_why_stands_in_the_body_only(client, services, headers):
    services.answer("export_needs_with_contacts", {"filename": "需求.csv", "content": "", "rows": 0})
    body = {"purpose": "assessment", "format": "csv", "community": "lvcuo"}
    answer = client.post("/api/exports/needs/with-contacts", json=body, headers=headers())

    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert services.last("resource.export_needs_with_contacts")["arguments"] == body
    refused = client.post("/api/exports/needs/with-contacts?purpose=assessment", json={}, headers=headers())
    assert refused.status_code == 422
    assert client.get("/api/exports/needs?purpose=assessment", headers=headers()).status_code == 422
