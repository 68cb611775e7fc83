"""The faces of a font file, the characters they draw, and cutting one to fewer."""

from __future__ import annotations

import ctypes
import os
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

_COLLECTIONS = {".ttc", ".otc"}
# Vertical writing and substitutions: no paper of ours uses them.
_USELESS_TABLES = ("BASE", "VORG", "vhea", "vmtx", "GSUB", "GPOS", "GDEF", "DSIG")


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file; ``index`` counts the faces of a collection."""

    path: Path
    index: int
    name: str
    keys: frozenset[str]


def faces_of(path: Path) -> list[Face]:
    """The faces of a file; those that cannot be read are passed over."""
    from fontTools.ttLib import TTLibError

    faces: list[Face] = []
    with path.open("rb") as file:
        while not faces or path.suffix.lower() in _COLLECTIONS:
            try:
                faces.append(_face(path, file, len(faces)))
            except (TTLibError, KeyError, UnicodeDecodeError, struct.error):
                break
    return faces


def _face(path: Path, file: BinaryIO, index: int) -> Face:
    from fontTools.ttLib import TTFont

    font = TTFont(file, fontNumber=index, lazy=True)
    # 1 family, 4 full name, 6 PostScript name, 16 typographic family.
    names = [n.toUnicode() for n in font["name"].names if n.nameID in (1, 4, 6, 16)]
    heavy = font["OS/2"].usWeightClass >= 600
    full = font["name"].getBestFullName() or path.stem
    return Face(path, index, full, frozenset(_keys(names, heavy=heavy)))


def _keys(names: list[str], *, heavy: bool) -> Iterator[str]:
    """Names in the form of STYLES; the family of a bold file does not name it alone."""
    for name in names:
        key = re.sub(r"[\s-]|regular", "", name.lower())
        if not heavy or re.search("bold|小标宋|xiaobiaosong|xbs|黑|hei", key):
            yield key


def characters_of(face: Face) -> frozenset[str]:
    """What a face can draw, by its own character map."""
    return _characters(face.path, face.index, face.path.stat().st_mtime_ns)


@lru_cache(maxsize=4)  # a style's font serves two styles, and every re-cut
def _characters(path: Path, index: int, _changed: int) -> frozenset[str]:
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap() or {}))


def characters_in(data: bytes) -> frozenset[str]:
    """What a font file in memory can draw."""
    from fontTools.ttLib import TTFont

    with TTFont(BytesIO(data), lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap() or {}))


def cut(face: Face, characters: set[str]) -> bytes:
    """A whole font file (TTF or OTF) of one face with these characters only.

    HarfBuzz takes a quarter second, fontTools half a minute.
    """
    data = _cut_with_harfbuzz(face, characters)
    return data or _cut_with_fonttools(face, characters)


class _HarfBuzz:
    """The libharfbuzz-subset that WeasyPrint needs anyway, bound by hand.

    Raises OSError when it is not installed, AttributeError when it is older than 4.
    """

    def __init__(self) -> None:
        self._base = ctypes.CDLL("libharfbuzz.so.0")
        self._subset = ctypes.CDLL("libharfbuzz-subset.so.0")
        p, uint = ctypes.c_void_p, ctypes.c_uint
        self.open_file = self._bind("blob_create_from_file", p, ctypes.c_char_p)
        self.open_face = self._bind("face_create", p, p, uint)
        self.add = self._bind("set_add", None, p, uint)
        self.clear = self._bind("set_clear", None, p)
        self.order = self._bind("subset_input_create_or_fail", p)
        self.characters = self._bind("subset_input_unicode_set", p, p)
        self.choice = self._bind("subset_input_set", p, p, uint)
        self.flags = self._bind("subset_input_set_flags", None, p, uint)
        self.subset = self._bind("subset_or_fail", p, p, p)
        self.blob_of = self._bind("face_reference_blob", p, p)
        self.data_of = self._bind("blob_get_data", p, p, ctypes.POINTER(uint))
        self.free_blob = self._bind("blob_destroy", None, p)
        self.free_face = self._bind("face_destroy", None, p)
        self.free_order = self._bind("subset_input_destroy", None, p)

    def _bind(self, name: str, result: object, *arguments: object) -> Callable[..., int]:
        library = self._subset if name.startswith("subset") else self._base
        function = getattr(library, f"hb_{name}")
        function.restype, function.argtypes = result, arguments
        return cast("Callable[..., int]", function)


@cache
def _harfbuzz() -> _HarfBuzz | None:
    try:
        return _HarfBuzz()
    except (OSError, AttributeError):
        return None


def _cut_with_harfbuzz(face: Face, characters: set[str]) -> bytes:
    """As ``cut``; empty when the library is absent or refuses this font."""
    hb = _harfbuzz()
    if hb is None:
        return b""
    blob = hb.open_file(os.fsencode(face.path))
    whole, order = hb.open_face(blob, face.index), hb.order()
    _fill(hb, order, characters)
    part = hb.subset(whole, order)
    data = b""
    if part:
        result, length = hb.blob_of(part), ctypes.c_uint()
        start = hb.data_of(result, ctypes.byref(length))
        data = ctypes.string_at(start, length.value)
        hb.free_blob(result)
        hb.free_face(part)
    hb.free_order(order)
    hb.free_face(whole)
    hb.free_blob(blob)
    return data


def _fill(hb: _HarfBuzz, order: int, characters: set[str]) -> None:
    """Say what to keep. The numbers are those of hb-subset.h."""
    for character in characters:
        hb.add(hb.characters(order), ord(character))
    hb.clear(hb.choice(order, 6))  # HB_SUBSET_SETS_LAYOUT_FEATURE_TAG: none is used
    for table in _USELESS_TABLES:
        hb.add(hb.choice(order, 3), int.from_bytes(table.encode(), "big"))  # ..._DROP_TABLE_TAG
    hb.flags(order, 0x01 | 0x40)  # NO_HINTING, NOTDEF_OUTLINE


def _cut_with_fonttools(face: Face, characters: set[str]) -> bytes:
    from fontTools import subset

    options = subset.Options(
        hinting=False, notdef_outline=True, layout_features=[], font_number=face.index,
        drop_tables=[*subset.Options().drop_tables, *_USELESS_TABLES],
    )  # fmt: skip
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=map(ord, characters))
    out = BytesIO()
    with subset.load_font(str(face.path), options) as font:
        subsetter.subset(font)
        font.save(out)
    return out.getvalue()
