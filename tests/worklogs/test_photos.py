"""Photos: what the eye saw is kept, what the phone wrote is not; hostile files get a sentence."""

from __future__ import annotations

import io
import os
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import transaction
from PIL import Image, PngImagePlugin
from pytest_django.fixtures import Settings

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.models import AuditEntry
from tests.factories import DAY, at, make_matter, make_user
from worklogs import photos, redraw
from worklogs.models import Attachment, Matter
from worklogs.tasks import sweep_photos

NOW = at(DAY, "20:00")
SECRET = b"CANARY-GPS-39.9042-116.4074"
RED, BLUE = (200, 30, 30), (30, 30, 200)


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def picture(size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Red above blue."""
    image = Image.new("RGB", size, BLUE)
    image.paste(RED, (0, 0, size[0], size[1] // 2))
    return image


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    kept = io.BytesIO()
    image.save(kept, form, **options)
    return kept.getvalue()


def talkative_jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    told = {"exif": exif.tobytes(), "comment": SECRET, "xmp": b"<x>" + SECRET + b"</x>"}
    return saved(picture(), "JPEG", **told, icc_profile=SECRET) + b"<script>" + SECRET


def talkative_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return saved(picture(), "PNG", pnginfo=info, exif=b"Exif\0\0" + SECRET) + SECRET


def talkative_webp() -> bytes:
    return saved(picture(), "WEBP", xmp=SECRET, exif=b"Exif\0\0" + SECRET, lossless=True)


def store(content: bytes, matter: Matter | None = None) -> Attachment:
    by, file = make_user().as_actor(), io.BytesIO(content)
    return photos.store_photo(by=by, matter=matter or make_matter(), file=file, now=NOW)


def kept(photo: Attachment) -> Image.Image:
    image = Image.open(photos.path_of(photo))
    image.load()
    return image


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.django_db
@pytest.mark.parametrize("make", [talkative_jpeg, talkative_png, talkative_webp])
def test_nothing_but_the_picture_is_kept(make: Callable[[], bytes]):
    content = make()
    assert SECRET in content

    photo = store(content)
    raw, image = photos.path_of(photo).read_bytes(), kept(photo)
    assert b"CANARY" not in raw
    assert raw.endswith(b"\xff\xd9")
    assert (dict(image.getexif()), set(image.info) - {"jfif", "jfif_density"}) == (
        {},
        {"jfif_version", "jfif_unit"},
    )
    assert (photo.media_type, photo.size, image.format) == ("image/jpeg", len(raw), "JPEG")


@pytest.mark.django_db
def test_a_photo_is_one_row_one_file_and_one_line_of_the_audit(media: Path):
    photo = store(talkative_jpeg())

    assert files(media) == [f"{photo.checksum}.jpg"]
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject_id) == ("photo.add", photo.pk)
    assert entry.after == {"matter": photo.matter_id, "size": photo.size}


#: Where the red half stands once the picture is upright, by what the phone's sensor saw.
SIDES = {1: "top", 2: "top", 3: "bottom", 4: "bottom", 5: "left", 6: "right", 7: "right", 8: "left"}


@pytest.mark.parametrize(("orientation", "side"), SIDES.items())
def test_a_photo_stands_upright(orientation: int, side: str):
    exif = Image.Exif()
    exif[0x0112] = orientation
    shown = Image.open(
        io.BytesIO(redraw.redrawn(saved(picture((64, 64)), "JPEG", exif=exif, quality=95)))
    )

    spots = {"top": (32, 4), "bottom": (32, 60), "left": (4, 32), "right": (60, 32)}
    red = {name for name, spot in spots.items() if shown.getpixel(spot)[0] > 150}
    opposite = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}[side]
    assert side in red
    assert opposite not in red


def test_a_large_photo_is_made_smaller_and_a_small_one_left():
    large = redraw.redrawn(saved(picture((4000, 3000)), "JPEG"))
    small = redraw.redrawn(saved(picture((300, 200)), "JPEG"))

    assert Image.open(io.BytesIO(large)).size == (1600, 1200)
    assert Image.open(io.BytesIO(small)).size == (300, 200)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "1", "CMYK", "I;16"])
def test_every_kind_of_picture_is_drawn(mode: str):
    form = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new("I;16", (40, 20)) if mode == "I;16" else picture((40, 20)).convert(mode)

    assert Image.open(io.BytesIO(redraw.redrawn(saved(image, form)))).size == (40, 20)


def test_what_is_seen_through_becomes_white():
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    shown = Image.open(io.BytesIO(redraw.redrawn(saved(clear, "PNG"))))

    assert shown.getpixel((10, 10)) == (255, 255, 255)


# ── hostile files ───────────────────────────────────────────────────────────────────────────────


def png_of_size(width: int, height: int) -> bytes:
    """A whole PNG by its header; its data would fill the memory."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000))
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


JPEG = saved(picture((640, 480)), "JPEG")
HOSTILE = {
    "nothing": (b"", "文件是空的"),
    "text": (b"<html><script>alert(1)</script></html>", "格式不受支持"),
    "gif": (saved(picture(), "GIF"), "格式不受支持"),
    "bmp": (saved(picture(), "BMP"), "格式不受支持"),
    "tiff": (saved(picture(), "TIFF"), "格式不受支持"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64, "HEIC 格式的照片"),
    "pdf": (saved(picture(), "PDF"), "格式不受支持"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "格式不受支持"),
    "page before the picture": (b"<html></html>" + JPEG, "格式不受支持"),
    "header alone": (JPEG[:24], "格式不受支持"),
    "cut short": (JPEG[: len(JPEG) // 2], "不完整"),
    "png cut short": (saved(picture((640, 480)), "PNG")[:-40], "不完整"),
    "too many pixels": (png_of_size(20_000, 2_001), "4000万像素"),
    "bomb": (png_of_size(60_000, 60_000), "4000万像素"),
    "data for less than the header says": (png_of_size(6_000, 6_000), "不完整"),
    "too many bytes": (JPEG + b"\0" * photos.MAX_BYTES, "超过20兆"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_sentence_and_leaves_nothing(name: str, media: Path):
    content, sentence = HOSTILE[name]
    start = time.monotonic()
    with pytest.raises(DomainError, match=sentence) as refused:
        store(content)

    assert refused.value.field == "file"
    assert time.monotonic() - start < 10
    assert (Attachment.objects.count(), AuditEntry.objects.count(), files(media)) == (0, 0, [])


@pytest.mark.django_db
def test_a_picture_with_a_page_behind_it_keeps_the_picture_alone():
    """Refusing would refuse every motion photo, which carries a film there."""
    photo = store(JPEG + b"PK\x03\x04<html><script>alert(1)</script>")

    assert b"script" not in photos.path_of(photo).read_bytes()


@pytest.mark.django_db
def test_a_decoder_that_runs_wild_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    endless = tmp_path / "endless.py"
    endless.write_text("while True: pass")
    monkeypatch.setattr(redraw, "__file__", str(endless))
    monkeypatch.setattr(photos, "_PATIENCE", 0.5)

    with pytest.raises(DomainError, match="损坏"):
        store(JPEG)


@pytest.mark.django_db
def test_a_decoder_that_dies_is_a_damaged_photo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    dying = tmp_path / "dying.py"
    dying.write_text("import os; os.abort()")
    monkeypatch.setattr(redraw, "__file__", str(dying))

    with pytest.raises(DomainError, match="损坏"):
        store(JPEG)


# ── together or not at all ──────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_same_photo_again_is_the_one_that_is_there():
    matter = make_matter()
    first, again, elsewhere = store(JPEG, matter), store(JPEG, matter), store(JPEG)

    assert first == again != elsewhere
    assert photos.path_of(first) == photos.path_of(elsewhere)
    assert AuditEntry.objects.count() == 2


@pytest.mark.django_db
def test_a_matter_has_a_limited_number_of_photos(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(photos, "MAX_PHOTOS", 1)
    matter = make_matter()
    store(JPEG, matter)

    with pytest.raises(DomainError, match="每个事项最多"):
        store(talkative_png(), matter)
    assert Attachment.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("broken", ["audit.record", "write_whole"])
def test_a_fault_leaves_neither_row_nor_file(
    broken: str, media: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"worklogs.photos.{broken}", fail)
    with pytest.raises(OSError, match="No space"):
        store(JPEG)

    assert (Attachment.objects.count(), AuditEntry.objects.count(), files(media)) == (0, 0, [])


@pytest.mark.django_db
def test_what_no_row_names_is_swept_once_it_is_old(media: Path):
    kept, lost = store(JPEG), store(talkative_png())
    young = store(saved(picture((80, 32)), "JPEG"))
    for photo in (kept, lost):
        os.utime(photos.path_of(photo), (0, 0))
    for photo in (lost, young):
        photo.delete()

    assert sweep_photos() == 1
    assert files(media) == sorted(f"{photo.checksum}.jpg" for photo in (kept, young))


@pytest.mark.django_db
def test_a_file_that_another_row_names_is_not_dropped():
    photo = store(JPEG)
    photos.drop_unused(photo.checksum)
    assert photos.path_of(photo).exists()

    with transaction.atomic():
        photo.delete()
        photos.drop_unused(photo.checksum)
    assert not photos.path_of(photo).exists()


# ── what they look like ─────────────────────────────────────────────────────────────────────────


def test_a_photo_is_kept_with_what_it_looks_like_and_old_ones_are_looked_at(db: None) -> None:
    shaded = Image.linear_gradient("L").rotate(90).convert("RGB")
    file = io.BytesIO(saved(shaded, "JPEG"))
    by = make_user().as_actor()
    kept = photos.store_photo(by=by, matter=make_matter(), file=file, now=NOW)
    look = kept.likeness
    assert look is not None
    Attachment.objects.update(likeness=None)
    sweep_photos()
    kept.refresh_from_db()
    assert kept.likeness == look
    Attachment.objects.update(likeness=None)
    photos.path_of(kept).unlink()
    assert photos.look_at_old() == 0
