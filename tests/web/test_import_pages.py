"""The pages of Excel files: every step from the upload to the undo, in scope."""

from __future__ import annotations

import io
from collections.abc import Sequence
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook

from lawadvisor.foundation import jobs
from lawadvisor.foundation.importing import batches, files
from lawadvisor.foundation.models import AuditEntry, BatchState, ImportBatch, Job
from tests import factories
from tests.conftest import County
from tests.importing.books import book_of
from tests.web.conftest import signed_in
from villages.models import Village

pytestmark = pytest.mark.django_db

HEAD = ("镇街", "村名", "区划代码")


@pytest.fixture
def client(county: County) -> Client:
    return signed_in(county.bureau_user)


def send(client: Client, *rows: Sequence[object], kind: str = "villages") -> HttpResponse:
    file = SimpleUploadedFile("名册.xlsx", book_of(HEAD, *rows))
    return client.post(f"/imports/upload/{kind}/", {"file": file}, follow=True)


def good(county: County) -> tuple[str, str, str]:
    return county.township.name, "新桥村", f"{county.township.code}777"


def said(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def test_from_the_file_to_the_undo(county: County, client: Client) -> None:
    page = send(client, good(county))
    batch = ImportBatch.objects.get()
    assert "没有发现问题。确认以前，没有写入任何内容。" in said(page)
    assert "确认导入1行" in said(page)
    assert not Village.objects.filter(name="新桥村").exists()

    address = f"/imports/{batch.pk}/"
    done = client.post(f"{address}confirm/", {"digest": batch.digest}, follow=True)
    assert "新增1行，更新0行，不变0行，结束0行" in said(done)
    assert Village.objects.filter(name="新桥村").exists()

    refused = client.post(f"{address}undo/", {"reason": ""}, follow=True)
    assert "请填写撤销事由" in said(refused)
    undone = client.post(f"{address}undo/", {"reason": "传错了"}, follow=True)
    assert "这次导入已撤销。事由：传错了" in said(undone)
    assert not Village.objects.filter(name="新桥村").exists()


def test_a_checked_batch_waits_on_the_list_until_somebody_comes_back(
    county: County, client: Client
) -> None:
    send(client, good(county))
    listed = said(signed_in(county.bureau_user).get("/imports/"))
    assert "名册.xlsx" in listed
    assert "待确认" in listed


def test_bad_cells_are_all_on_the_page_and_in_the_marked_file(
    county: County, client: Client
) -> None:
    rows = [("没有镇", None, f"12{n}") for n in range(150)]
    page = said(send(client, *rows))
    batch = ImportBatch.objects.get()
    assert "450个单元格有问题，下面全部列出" in page
    assert "第1页，共3页（450条）" in page
    assert "没有可以导入的行" in page
    last = said(client.get(f"/imports/{batch.pk}/?bad=3"))
    assert "C151" in last

    marked = client.get(f"/imports/{batch.pk}/marked.xlsx")
    assert "名册（已标注）.xlsx" in _name(marked)
    book = load_workbook(io.BytesIO(b"".join(marked.streaming_content)))
    assert book.active["A151"].comment is not None


def test_good_rows_go_in_only_with_a_tick(county: County, client: Client) -> None:
    send(client, good(county), ("没有镇", "坏村", "1"))
    batch = ImportBatch.objects.get()
    address = f"/imports/{batch.pk}/confirm/"
    sent = {"digest": batch.digest}
    assert "请勾选“只导入无误的行”" in said(client.post(address, sent, follow=True))
    done = said(client.post(address, {**sent, "partial": "on"}, follow=True))
    assert "有问题的1行没有导入" in done


def test_a_refused_file_says_why(client: Client) -> None:
    file = SimpleUploadedFile("名册.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    page = said(client.post("/imports/upload/villages/", {"file": file}, follow=True))
    assert "不能导入" in page
    assert "文件是旧的 .xls 格式" in page
    empty = said(client.post("/imports/upload/villages/", follow=True))
    assert "请先选择要上传的文件" in empty


@pytest.mark.usefixtures("bell")
def test_a_long_file_shows_how_far_it_is(
    county: County, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "CHECKED_AT_ONCE", 0)
    page = said(send(client, good(county)))
    batch = ImportBatch.objects.get()
    assert 'http-equiv="refresh"' in page
    assert "正在检查" in page
    files.note_progress(batch.pk, 500, 2000)
    assert "正在检查：500/2000 行" in said(client.get(f"/imports/{batch.pk}/"))

    job = Job.objects.get(group=batch.group)
    Job.objects.filter(pk=job.pk).update(
        state="failed", finished_at=batch.created_at, last_error="磁盘空间不足"
    )
    failed = said(client.get(f"/imports/{batch.pk}/"))
    assert "磁盘空间不足。没有写入任何内容。" in failed
    assert 'http-equiv="refresh"' not in failed
    client.post(f"/imports/{batch.pk}/retry/")
    assert jobs.run(job.pk)
    assert "确认导入1行" in said(client.get(f"/imports/{batch.pk}/"))


def test_other_spellings_are_taken_over_by_a_button(county: County, client: Client) -> None:
    county.village.name = "红湖社区居委会"
    county.village.save()
    page = said(send(client, (county.township.name, "红湖社区", None)))
    assert "1处名称只是写法不同，改用登记的写法" in page
    batch = ImportBatch.objects.get()
    after = said(client.post(f"/imports/{batch.pk}/accept/", follow=True))
    assert "文件内容与已登记的完全一致，不需要导入。" in after
    dropped = said(client.post(f"/imports/{batch.pk}/drop/", follow=True))
    assert "已放弃" in dropped


def test_an_export_is_written_down(county: County, client: Client) -> None:
    response = client.post("/imports/export/advisors/")
    assert f"{county.bureau.name}法律顾问" in _name(response)
    assert response.headers["Cache-Control"] == "private, no-store"
    (entry,) = AuditEntry.objects.filter(verb="advisors.export")
    assert (entry.actor_id, entry.after, entry.bureau_id) == (
        *(county.bureau_user.pk, {"rows": 2}, county.bureau.pk),
    )


def test_another_bureaus_batch_is_not_there(county: County, foreign: County) -> None:
    batch = factories.make_batch(bureau=county.bureau, marked=files.keep([b"marked"])[0])
    away = signed_in(foreign.bureau_user)
    assert away.get(f"/imports/{batch.pk}/").status_code == 404
    assert away.get(f"/imports/{batch.pk}/marked.xlsx").status_code == 404
    for verb in ("accept", "confirm", "drop", "undo", "retry"):
        assert away.post(f"/imports/{batch.pk}/{verb}/", {"reason": "x"}).status_code == 404
    batch.refresh_from_db()
    assert batch.state == BatchState.CHECKED
    assert "名册.xlsx" not in said(away.get("/imports/"))


def test_no_kind_that_is_not_there(client: Client) -> None:
    assert client.get("/imports/template/houses.xlsx").status_code == 404


def _name(response: HttpResponse) -> str:
    return unquote(response.headers["Content-Disposition"])
