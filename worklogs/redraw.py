"""An uploaded picture drawn anew: what was seen stays, all else that the file carried goes.

Runs as a process of its own with little memory and time, for it decodes what a stranger made
(``photos`` starts it by its path). Standard input is the file, standard output a JPEG; a refusal
ends with ``REFUSED`` and its one word on standard error. Knows nothing of the portal.
"""

from __future__ import annotations

import io
import resource
import sys

from PIL import Image, ImageFile, ImageOps

#: Closed: each further format is a further decoder for strangers to try.
FORMATS = ("JPEG", "PNG", "WEBP")
#: What an iPhone keeps its photos as. It hands browsers a JPEG, so one of these comes from
#: elsewhere, and is named rather than decoded.
_HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 1600
QUALITY = 85
REFUSED = 2
_MEMORY, _SECONDS = 768 * 1024 * 1024, 10


class RefusedError(Exception):
    """``str(error)`` is ``format``, ``heif``, ``pixels`` or ``damaged``."""


def redrawn(content: bytes) -> bytes:
    """A JPEG of at most ``LONGEST_SIDE``, upright, on a canvas that never held anything else.

    EXIF, XMP, colour profiles, comments, further frames and whatever was hung
    behind the picture (a page, an archive, the film of a motion photo) stay
    behind. RefusedError before anything is decoded where the header is of no
    known format or names too many pixels, and after where the data end early.
    """
    image = _opened(content)
    if image.width * image.height > MAX_PIXELS:
        raise RefusedError("pixels")
    try:
        return _on_fresh_canvas(image)
    except Exception as error:  # decoders raise whatever comes on bytes made to break them
        raise RefusedError("damaged") from error


def _opened(content: bytes) -> Image.Image:
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        raise RefusedError("heif")
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusedError("pixels") from error
    except Exception as error:  # the same of headers
        raise RefusedError("format") from error


def _on_fresh_canvas(image: Image.Image) -> bytes:
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # others of this process may have asked for it
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than needed
    see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    orientation, mode = _orientation(image), "RGBA" if see_through else "RGB"
    if image.mode != mode:  # else it would be copied
        image = image.convert(mode)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A") if see_through else None)
    canvas.getexif()[_ORIENTATION] = orientation
    canvas = ImageOps.exif_transpose(canvas)
    kept = io.BytesIO()
    Image.frombytes("RGB", canvas.size, canvas.tobytes()).save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()


_ORIENTATION = 0x0112


def _orientation(image: Image.Image) -> int:
    """1 to 8; 1, upright, where the file says none or nonsense."""
    try:
        told = image.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001 as broken as a stranger made it; the picture may be whole
        return 1
    return told if isinstance(told, int) and told in range(1, 9) else 1


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        picture = redrawn(sys.stdin.buffer.read())
    except RefusedError as refusal:
        sys.stderr.write(str(refusal))
        sys.exit(REFUSED)
    sys.stdout.buffer.write(picture)


if __name__ == "__main__":
    main()
