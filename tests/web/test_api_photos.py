"""Photos by the API: after the text, once, whole, and each refusal a sentence."""

from __future__ import annotations

import io
import json
import uuid
from hashlib import sha256
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from tests import factories
from tests.conftest import County
from tests.web.conftest import signed_in
from worklogs import photos
from worklogs.models import Attachment, ServiceLog


@pytest.fixture(autouse=True)
def _no_count(db: None) -> None:
    cache.clear()


def picture(colour: str = "red") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(kept, "JPEG")
    return kept.getvalue()


@pytest.fixture
def log(county: County) -> ServiceLog:
    log = factories.make_log(appointment=county.appointment)
    for kind in ("consultation", "lecture"):
        factories.make_matter(log=log, kind=kind)
    return log


@pytest.fixture
def phone(county: County) -> Client:
    return signed_in(county.advisor_user)


def send(phone: Client, number: object, content: bytes, **told: Any) -> HttpResponse:
    file = SimpleUploadedFile("照片.jpg", content, content_type="image/jpeg")
    sent = {"file": file, "sha256": sha256(content).hexdigest(), "matter": 1, **told}
    answer = phone.post(f"/api/v1/logs/{number}/photos/", sent)
    answer.told = json.loads(answer.content)
    return answer


def test_a_photo_is_kept_once_and_announced(phone: Client, log: ServiceLog) -> None:
    since = json.loads(phone.get("/api/v1/logs/").content)["cursor"]
    first, again = (send(phone, log.client_uuid, picture()) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    photo = Attachment.objects.get()
    assert photo.matter.kind == "lecture"
    assert first.told == again.told
    assert first.told == {
        "id": photo.pk,
        "matter": 1,
        "kind": "photo",
        "url": f"/attachments/{photo.pk}/",
    }
    assert b"".join(phone.get(first.told["url"]).streaming_content).startswith(b"\xff\xd8")
    (told,) = json.loads(phone.get(f"/api/v1/logs/?since={since}").content)["items"]
    assert told["photos"] == [first.told]


@pytest.mark.parametrize(
    ("content", "told", "field", "sentence"),
    [
        (picture()[:3000], {}, "file", "不完整"),
        (b"", {}, "file", "文件是空的"),
        (b"<html>", {}, "file", "格式不受支持"),
        (b"\0\0\0\x18ftypheic", {}, "file", "HEIC"),
        (picture(), {"sha256": "0" * 64}, "sha256", "没有完整送达"),
        (picture(), {"sha256": "x"}, "sha256", "输入值不匹配"),
        (picture(), {"matter": 2}, "matter", "没有这个事项"),
        (picture(), {"matter": -1}, "matter", "0"),
        (picture(), {"file": "no file"}, "file", "不是一个文件"),
    ],
)
def test_what_is_no_photo_of_it_gets_a_sentence(
    phone: Client, log: ServiceLog, content: bytes, told: dict, field: str, sentence: str
) -> None:
    answer = send(phone, log.client_uuid, content, **told)
    assert (answer.status_code, answer.told["code"]) == (400, "invalid")
    (error,) = answer.told["errors"]
    assert error["field"] == field
    assert sentence in error["message"]
    assert not Attachment.objects.exists()


def test_a_photo_that_is_too_large_is_not_read(
    phone: Client, log: ServiceLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = send(phone, log.client_uuid, b"x" * (photos.MAX_BYTES + 70_000))
    assert (answer.status_code, answer.told["code"]) == (413, "too_large")


def test_anothers_record_takes_no_photo(phone: Client, county: County) -> None:
    other = factories.make_log(appointment=county.sibling_appointment)
    assert send(phone, other.client_uuid, picture()).status_code == 404
    assert send(phone, uuid.uuid4(), picture()).status_code == 404


def test_a_form_that_is_broken_is_refused(phone: Client, log: ServiceLog) -> None:
    answer = phone.generic(
        "POST",
        f"/api/v1/logs/{log.client_uuid}/photos/",
        b"--x\r\nbroken",
        content_type="multipart/form-data; boundary=",
    )
    assert json.loads(answer.content)["code"] == "invalid"
