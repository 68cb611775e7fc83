"""Photos of matters: drawn anew without what the phone wrote into them, then kept whole."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from PIL import Image

from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.files import write_whole
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.viewer import Actor
from worklogs import redraw
from worklogs.enums import AttachmentKind
from worklogs.likeness import likeness
from worklogs.models import Attachment, Matter, ServiceLog, advisor_lock

MAX_BYTES = 20 * 1024 * 1024
MAX_PHOTOS = 20
SMALL_SIDE = 160
#: More than any honest photo takes, seconds.
_PATIENCE = 20
#: Seconds in which whoever stores a photo has committed its row.
_YOUNG = 3600
MEDIA_TYPE = "image/jpeg"
SUFFIXES = {MEDIA_TYPE: ".jpg", "image/png": ".png"}

_SENTENCES = {
    "format": "这不是照片，或格式不受支持；请上传 JPEG、PNG 或 WebP 格式的照片。",
    "heif": "这是 HEIC 格式的照片，服务器不能读取；请在手机相机设置中选择“兼容性最佳”（JPEG）"
    "后重拍，或截图后上传截图。",
    "pixels": f"照片超过{redraw.MAX_PIXELS // 10_000}万像素，请缩小后再上传。",
    "damaged": "照片不完整或已损坏，无法打开，请重新拍摄或重新选择。",
}


def store_photo(*, by: Actor, matter: Matter, file: BinaryIO, now: datetime) -> Attachment:
    """Keep one photo of a matter; the same photo again is the one that is there.

    ``file`` is read to ``MAX_BYTES`` at most. What is stored is a JPEG of at most
    1600 pixels a side, upright, without EXIF, XMP, comments or place. Raises
    DomainError, with a sentence, for what is no whole photo of a known format,
    is too large, or is one too many. Row, audit and file come together.
    """
    content = _clean(file)
    checksum = hashlib.sha256(content).hexdigest()
    try:
        with transaction.atomic():
            hold(_lock_of(checksum), advisor_lock(matter.log.advisor_id))
            return _kept(by, matter, content, checksum, now)
    except BaseException:
        drop_unused(checksum)
        raise


@transaction.atomic
def remove_photo(*, by: Actor, photo: Attachment) -> None:
    """Take a photo off its matter, with its file unless another matter has the same.

    ``photo`` comes with its matter, log and appointment's township; one that is gone is gone.
    Whether its record may still be changed, is for the caller to say.
    """
    log = photo.matter.log
    hold(advisor_lock(log.advisor_id))
    if not Attachment.objects.filter(pk=photo.pk).exists():
        return
    audit.record(
        by=by,
        verb="photo.remove",
        subject=photo,
        bureau_id=log.appointment.village.township.bureau_id,
        before={"matter": photo.matter_id, "size": photo.size},
    )
    checksum = photo.checksum
    Attachment.objects.filter(pk=photo.pk).delete()
    ServiceLog.objects.filter(pk=log.pk).update(change_no=0)  # the trigger counts it
    transaction.on_commit(lambda: drop_unused(checksum))


def small(photo: Attachment) -> bytes:
    """A JPEG of at most ``SMALL_SIDE`` pixels a side, for lists. Only of what ``redraw`` made, so
    that it may be read here. Raises OSError where the file is gone or damaged."""
    kept = io.BytesIO()
    with Image.open(path_of(photo), formats=("JPEG",)) as picture:
        picture.draft("RGB", (SMALL_SIDE, SMALL_SIDE))
        picture.thumbnail((SMALL_SIDE, SMALL_SIDE))
        picture.save(kept, "JPEG", quality=70)
    return kept.getvalue()


def path_of(attachment: Attachment) -> Path:
    """Below the media folder, named by the checksum of its bytes."""
    return _path(attachment.checksum, attachment.media_type)


@transaction.atomic
def drop_unused(checksum: str) -> None:
    """Delete the files of this checksum unless a row names them; who stores it now is awaited."""
    hold(_lock_of(checksum))
    if not Attachment.objects.filter(checksum=checksum).exists():
        for media_type in SUFFIXES:
            _path(checksum, media_type).unlink(missing_ok=True)


def sweep() -> int:
    """Delete files that no row names: of an upload that was undone, a deletion that was cut short.

    Young ones are left alone, for their row may be about to be committed.
    """
    named = set(Attachment.objects.exclude(media_type="").values_list("checksum", flat=True))
    old = time.time() - _YOUNG
    strays = [
        path
        for path in (Path(settings.MEDIA_ROOT) / "photos").glob("*/*")
        if path.stem not in named
        and path.suffix in SUFFIXES.values()
        and path.stat().st_mtime < old
    ]
    for path in strays:
        drop_unused(path.stem)
    return len(strays)


def look_at_old(most: int = 500) -> int:
    """Note what photos look like that were kept before anybody asked; returns how many.

    Of one that says nothing, or whose file is gone, nothing is noted, and it is looked at again.
    """
    seen = 0
    waiting = Attachment.objects.filter(likeness=None, kind=AttachmentKind.PHOTO)
    for photo in waiting.order_by("-pk")[:most]:
        try:
            photo.likeness = likeness(path_of(photo).read_bytes())
        except OSError:
            continue
        if photo.likeness is not None:
            photo.save(update_fields=("likeness",))
            seen += 1
    return seen


def _path(checksum: str, media_type: str) -> Path:
    folder = Path(settings.MEDIA_ROOT) / "photos" / checksum[:2]
    return folder / f"{checksum}{SUFFIXES[media_type]}"


def _lock_of(checksum: str) -> str:
    return f"photo:{checksum}"


def _clean(file: BinaryIO) -> bytes:
    content = file.read(MAX_BYTES + 1)
    if not content:
        raise DomainError("文件是空的，请重新选择照片。", field="file")
    if len(content) > MAX_BYTES:
        raise DomainError(f"照片超过{MAX_BYTES // 1024 // 1024}兆，请缩小后再上传。", field="file")
    try:
        done = subprocess.run(
            [sys.executable, "-I", redraw.__file__],
            input=content,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise DomainError(_SENTENCES["damaged"], field="file") from None
    if done.returncode != 0:
        why = done.stderr.decode() if done.returncode == redraw.REFUSED else "damaged"
        raise DomainError(_SENTENCES[why], field="file")
    return done.stdout


def _kept(by: Actor, matter: Matter, content: bytes, checksum: str, now: datetime) -> Attachment:
    photos = Attachment.objects.filter(matter=matter, kind=AttachmentKind.PHOTO)
    known = photos.filter(checksum=checksum).first()
    if known is not None:
        return known
    if photos.count() >= MAX_PHOTOS:
        raise DomainError(f"每个事项最多{MAX_PHOTOS}张照片，请先删去不需要的。", field="file")
    photo = Attachment.objects.create(
        matter=matter,
        kind=AttachmentKind.PHOTO,
        checksum=checksum,
        size=len(content),
        media_type=MEDIA_TYPE,
        added_at=now,
        likeness=likeness(content),
    )
    audit.record(
        by=by,
        verb="photo.add",
        subject=photo,
        bureau_id=matter.log.appointment.village.township.bureau_id,
        after={"matter": matter.pk, "size": photo.size},
    )
    ServiceLog.objects.filter(pk=matter.log_id).update(change_no=0)  # the trigger counts it
    write_whole(path_of(photo), content)
    return photo
