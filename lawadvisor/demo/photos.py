"""Pictures of lectures and trainings: drawn, small, and the same for the same seed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from datetime import timedelta
from random import Random

from PIL import Image, ImageDraw

from lawadvisor.demo.flaws import Flaws
from worklogs.enums import AttachmentKind, MatterKind
from worklogs.models import Attachment, Matter
from worklogs.photos import path_of

SHOWN = (MatterKind.LECTURE, MatterKind.TRAINING)
SIZE = (320, 200)
MEDIA_TYPE = "image/png"
WALLS = ("#e8e2d4", "#dfe6ea", "#ece7e7", "#e3eadf")
BANNERS = ("#a8322d", "#b5482f", "#8f2d2a")
CLOTHES = ("#34495e", "#5d6d7e", "#7b5141", "#4a6741", "#6b4a6e", "#8a6d3b")
SKIN = "#d9b08c"


def photos_of(matters: Iterable[Matter], rng: Random, rates: Flaws) -> Iterator[Attachment]:
    """Write the files and give their unsaved rows; a few matters have no picture."""
    for matter in matters:
        if matter.kind in SHOWN and rng.random() >= rates.missing_photo:
            yield _photo(matter, draw(rng))


def draw(rng: Random) -> bytes:
    """A room with a banner, somebody who speaks, and rows of listeners, as a PNG."""
    picture = Image.new("RGB", SIZE, rng.choice(WALLS))
    pen = ImageDraw.Draw(picture)
    width, height = SIZE
    pen.rectangle((20, 14, width - 20, 40), fill=rng.choice(BANNERS))
    for left in range(34, width - 40, 22):
        pen.rectangle((left, 21, left + 13, 33), outline="#f3d9a4")
    _person(pen, rng.randint(60, width - 60), 66, 12, rng)
    for row in range(rng.randint(2, 3)):
        for seat in range(rng.randint(5, 9)):
            shift = rng.randint(-4, 4)
            _person(pen, 30 + seat * 32 + shift, height - 84 + row * 34, 9, rng)
    kept = io.BytesIO()
    picture.quantize(32).save(kept, "PNG", optimize=False)
    return kept.getvalue()


def _person(pen: ImageDraw.ImageDraw, x: int, y: int, size: int, rng: Random) -> None:
    pen.rounded_rectangle(
        (x - size, y + size, x + size, y + 4 * size), radius=size // 2, fill=rng.choice(CLOTHES)
    )
    pen.ellipse((x - size + 2, y - size + 2, x + size - 2, y + size), fill=SKIN)


def _photo(matter: Matter, content: bytes) -> Attachment:
    photo = Attachment(
        matter=matter,
        kind=AttachmentKind.PHOTO,
        checksum=hashlib.sha256(content).hexdigest(),
        size=len(content),
        media_type=MEDIA_TYPE,
        added_at=matter.log.entered_at + timedelta(minutes=2),
    )
    path = path_of(photo)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return photo
