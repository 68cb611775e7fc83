"""Photos by ordinary forms: kept with the record, refused in words, and never in its way."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.web.conftest import signed_in
from tests.web.test_phone_pages import errors, sent, text
from worklogs.enums import LogState
from worklogs.models import Attachment, ServiceLog
from worklogs.photos import path_of


@pytest.fixture
def phone(county: County) -> Client:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "jc.toml", by=SYSTEM)
    return signed_in(county.advisor_user)


def picture(colour: str = "red", form: str = "JPEG") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(kept, form)
    return kept.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 30000 pixels square."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def file(content: bytes, name: str = "照片.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def lecture(county: County, *files: SimpleUploadedFile, **changed: Any) -> dict[str, Any]:
    told = {"m0-kind": "lecture", "m0-audience": "30", "m0-focus": "民法典", "place": "文化广场"}
    return sent(county, **{**told, "m0-photo": list(files), **changed})


def test_photos_come_with_an_ordinary_form(county: County, phone: Client) -> None:
    answer = phone.post("/mine/log/", lecture(county, file(picture()), file(picture("blue"))))
    assert answer.status_code == 302
    first, second = Attachment.objects.order_by("pk")
    assert first.matter.kind == "lecture"
    for address in (answer["Location"], "/mine/records/"):
        shown = text(phone, address)
        assert "照片 2 张" in shown
        assert f"/attachments/{second.pk}/small/" in shown
    small = phone.get(f"/attachments/{first.pk}/small/")
    image = Image.open(io.BytesIO(small.content))
    assert (image.size, small["Cache-Control"]) == ((160, 120), "private, no-store")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\0\0\0\x18ftypheic" + b"x" * 99, "HEIC 格式"),
        (picture()[:3000], "不完整或已损坏"),
        (bomb(), "超过4000万像素"),
        (b"<html><script>", "不是照片"),
        (b"", "文件是空的"),
    ],
)
def test_what_is_no_photo_is_told_and_harms_nothing(
    county: County, phone: Client, content: bytes, sentence: str
) -> None:
    """The record stands, and so does the good photo beside it."""
    files = (file(content, "坏的.heic"), file(picture() + b"<?php evil(); ?>"))
    page = phone.post("/mine/log/", lecture(county, *files), follow=True).content.decode()
    assert "已送达" in page
    assert "照片“坏的.heic”没有收下：" in page
    assert sentence in page
    assert b"php" not in path_of(Attachment.objects.get()).read_bytes()  # a polyglot is redrawn


def test_twice_sent_is_once_kept(county: County, phone: Client) -> None:
    form = lecture(county)
    for _ in range(2):
        phone.post("/mine/log/", {**form, "m0-photo": [file(picture())]})
    assert (ServiceLog.objects.count(), Attachment.objects.count()) == (1, 1)


def test_a_form_that_is_refused_asks_for_the_photo_again(county: County, phone: Client) -> None:
    answer = phone.post("/mine/log/", lecture(county, file(picture()), **{"m0-content": ""}))
    assert "照片请再选一次" in errors(answer)["m0-photo"]
    assert not Attachment.objects.exists()


def test_a_lecture_shows_what_makes_it_count_and_what_was_taught(
    county: County, phone: Client
) -> None:
    log = factories.make_log(appointment=county.appointment)
    factories.make_matter(log=log, kind="lecture", focus="劳动 法", content="讲解。")
    page = phone.post("/mine/log/", lecture(county, more="1")).content.decode()
    open_part = page[page.index('class="open"') : page.index('class="folded"')]
    for field in ("focus", "audience", "marks", "photo"):
        assert f'data-field="m0-{field}"' in open_part
    photo = open_part[open_part.index("m0-photo") :]
    assert '<span class="must wanted">没有则不计入' in photo
    assert "今年已讲：劳动 法（" in page
    assert "&quot;劳动法&quot;: &quot;“劳动 法”今年" in page
    assert page.index('id="place-field"') < page.index('id="more-of-visit"')


def test_a_policy_that_wants_another_focus_each_time_says_so_at_home(county: County) -> None:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    log = factories.make_log(appointment=county.appointment)
    factories.make_matter(log=log, kind="lecture", focus="民法典", content="讲解。")
    page = text(signed_in(county.advisor_user), "/mine/")
    assert "今年已讲：民法典（" in page
    assert "本地政策要求每次讲座的法律重点不同。" in page


# ── one record's photos ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def log(county: County) -> ServiceLog:
    log = factories.make_log(appointment=county.appointment)
    for kind in ("consultation", "mediation"):
        factories.make_matter(log=log, kind=kind)
    return log


def test_photos_are_added_later_each_to_its_matter(phone: Client, log: ServiceLog) -> None:
    address = f"/mine/log/{log.client_uuid}/photos/"
    assert f"{address}" in text(phone, f"/mine/records/?month={log.service_date:%Y-%m}")
    said = phone.post(
        address,
        {"m0-photo": [file(picture())], "m1-photo": [file(picture("blue")), file(b"x")]},
        follow=True,
    ).content.decode()
    assert "没有收下" in said
    kinds = Attachment.objects.order_by("pk").values_list("matter__kind", flat=True)
    assert list(kinds) == ["consultation", "mediation"]
    assert said.count("/small/") == 1  # that of the mediation is sealed
    assert "已封存 1 张" in said


def test_a_photo_is_taken_off_while_nobody_has_confirmed(
    phone: Client, log: ServiceLog, django_capture_on_commit_callbacks: Any
) -> None:
    address = f"/mine/log/{log.client_uuid}/photos/"
    phone.post(address, {"m0-photo": [file(picture())]})
    photo = Attachment.objects.get()
    path = path_of(photo)
    foreign = factories.make_attachment(matter=factories.make_matter())
    assert phone.post(address, {"remove": foreign.pk}).status_code == 404
    ServiceLog.objects.filter(pk=log.pk).update(state=LogState.CONFIRMED)
    assert (
        "照片不能再删除" in phone.post(address, {"remove": photo.pk}, follow=True).content.decode()
    )
    ServiceLog.objects.filter(pk=log.pk).update(state=LogState.SUBMITTED)
    with django_capture_on_commit_callbacks(execute=True):
        page = phone.post(address, {"remove": photo.pk}, follow=True).content.decode()
    assert "照片已删除" in page
    assert list(Attachment.objects.all()) == [foreign]
    assert AuditEntry.objects.filter(verb="photo.remove", subject_id=photo.pk).exists()
    assert not path.exists()


def test_a_withdrawn_record_takes_no_photo(phone: Client, log: ServiceLog) -> None:
    ServiceLog.objects.filter(pk=log.pk).update(state=LogState.WITHDRAWN)
    assert phone.get(f"/mine/log/{log.client_uuid}/photos/").status_code == 404
