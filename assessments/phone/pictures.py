"""The photos of one's own record: chosen by an ordinary form, looked at, taken off again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.viewer import Actor, Viewer
from worklogs.enums import AttachmentKind
from worklogs.faces import may_open_file
from worklogs.models import Attachment, Matter, ServiceLog
from worklogs.photos import store_photo


@dataclass(frozen=True, slots=True)
class Album:
    """The photos of a matter or of a whole record: their ids, and how many only its page opens."""

    shown: tuple[int, ...]
    sealed: int

    def __len__(self) -> int:
        return len(self.shown) + self.sealed


@dataclass(frozen=True, slots=True)
class MatterAlbum:
    """One matter of a record; ``number`` counts from 0, in the order in which they were told."""

    number: int
    pk: int
    kind: str
    album: Album

    @property
    def field(self) -> str:
        """Its name in a form."""
        return f"m{self.number}-photo"


def album_of(matters: Iterable[Matter], viewer: Viewer) -> Album:
    """They come with their attachments."""
    shown, sealed = [], 0
    for matter in matters:
        for photo in matter.attachments.all():
            if photo.kind != AttachmentKind.PHOTO or not photo.size:  # else erased for a client
                continue
            if may_open_file(photo, viewer):
                shown.append(photo.pk)
            else:
                sealed += 1
    return Album(tuple(shown), sealed)


def albums_of(log: ServiceLog, viewer: Viewer) -> tuple[MatterAlbum, ...]:
    matters = _told(log)
    return tuple(
        MatterAlbum(n, matter.pk, matter.get_kind_display(), album_of([matter], viewer))
        for n, matter in enumerate(matters)
    )


def take(
    *, by: Actor, log: ServiceLog, number: int, files: Sequence[UploadedFile], now: datetime
) -> tuple[str, ...]:
    """Keep each file as a photo of the matter of that number; a sentence for each that is none.

    What is refused harms neither the record nor the other photos.
    """
    matters = _told(log)
    if number >= len(matters):
        return ("这条记录没有这个事项，照片没有收下。",) if files else ()
    refused = []
    for file in files:
        try:
            store_photo(by=by, matter=matters[number], file=cast("BinaryIO", file), now=now)
        except DomainError as refusal:
            refused.append(f"照片“{(file.name or '')[:40]}”没有收下：{refusal}")
    return tuple(refused)


def own_photo(log: ServiceLog, pk: int) -> Attachment | None:
    place = "matter__log__appointment__village__township"
    photos = Attachment.objects.filter(matter__log=log, kind=AttachmentKind.PHOTO, pk=pk)
    return photos.select_related(place).first()


def _told(log: ServiceLog) -> list[Matter]:
    return list(log.matters.prefetch_related("attachments").order_by("pk"))
