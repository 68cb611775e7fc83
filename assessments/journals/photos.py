"""Photos on papers: only of lectures and trainings, only for whoever may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lawadvisor.foundation.viewer import Viewer
from worklogs.enums import AttachmentKind, MatterKind
from worklogs.faces import may_see_files
from worklogs.models import Attachment, Matter
from worklogs.photos import path_of

#: What a text asks pictures of (JC-50); what else was photographed stays on its page.
TAUGHT = (MatterKind.LECTURE, MatterKind.TRAINING)


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture with the line below it; ``asset`` is its name on paper."""

    row: Attachment
    caption: str

    @property
    def pk(self) -> int:
        return self.row.pk

    @property
    def asset(self) -> str:
        return f"photo-{self.row.pk}"


def photos_of(matter: Matter, viewer: Viewer) -> tuple[Photo, ...]:
    """Of a lecture or training, in the order of their upload; () for whoever sees no clients."""
    if matter.kind not in TAUGHT or not may_see_files(matter, viewer):
        return ()
    rows = [row for row in matter.attachments.all() if row.kind == AttachmentKind.PHOTO]
    about = f"《{matter.focus}》" if matter.focus else str(matter.get_kind_display())
    return tuple(Photo(row, f"{about}照片{number}") for number, row in enumerate(rows, start=1))


def assets(photos: Iterable[Photo]) -> dict[str, bytes]:
    """The bytes by name; a picture whose file is gone is left out."""
    found = {}
    for photo in photos:
        path = path_of(photo.row)
        if path.is_file():
            found[photo.asset] = path.read_bytes()
    return found
